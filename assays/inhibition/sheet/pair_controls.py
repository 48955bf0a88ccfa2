"""What the sample sheet of a pair of inhibitors lacks: single arms, and the vehicles of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assays.inhibition.pairs.members import Carries, carried, find_arms
from assays.inhibition.sheet.rehearsal import (
    Condition,
    Rehearsed,
    for_readouts,
    gathered,
    named,
    of_inhibitors,
)
from assays.inhibition.vehicles import parts
from assays.protocol import Flow
from plates.findings import Finding, Severity


def pair_controls(rehearsed: Sequence[Rehearsed], protocol: Flow) -> tuple[Finding, ...]:
    """Arms that are missing, or that another control than that with both vehicles is held against.

    Parameters
    ----------
    rehearsed : sequence of Rehearsed
    protocol : Flow
        Molar masses.
    """
    return (
        *_missing(rehearsed, protocol),
        *_no_control_with_both(rehearsed, protocol),
        *_one_vehicle_only(rehearsed, protocol),
    )


def _pairs(rehearsed: Sequence[Rehearsed]) -> Iterator[tuple[Rehearsed, Condition]]:
    for each in rehearsed:
        for one in each.conditions:
            if len(one.tube.inhibitors) == 2:
                yield each, one


def _missing(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """Members that were not given alone at their dose, with the same stimulus, plate and time."""
    masses = protocol.molar_mass_g_per_mol
    found = (
        (str(agent), name, one.tube.donor)
        for each, one in _pairs(rehearsed)
        for agent, arm in zip(
            one.tube.inhibitors, find_arms(one.tube, each.rows, masses), strict=True
        )
        if arm is None
        for name in each.names
    )
    for agent_words, readouts, donors in gathered(found):
        yield Finding(
            "single-agent-missing",
            Severity.NOTE,
            named(donors),
            f"{agent_words} is given in a pair but not singly in {named(donors)}"
            f"{for_readouts(readouts, protocol)}: what independent action (Bliss) or the better "
            "single agent (HSA) would do is not known.",
        )


def _no_control_with_both(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """Pairs whose arms have a control each, since none carries the vehicles of both."""
    masses = protocol.molar_mass_g_per_mol
    found = (
        ((of_inhibitors(one.tube), one.tube.vehicle, one.controls.vehicle), name, one.tube.donor)
        for each, one in _pairs(rehearsed)
        if one.controls.lacking and one.tube.vehicle.strip()
        if any(
            arm is not None and arm.carries is not Carries.ALL
            for arm in find_arms(one.tube, each.rows, masses)
        )
        for name in each.names
    )
    for (inhibitors, vehicle, used), readouts, donors in gathered(found):
        yield Finding(
            "pair-control-missing",
            Severity.LOOK,
            named(donors),
            f"No stimulated and unstimulated tube with {vehicle} for {inhibitors} in "
            f"{named(donors)}{for_readouts(readouts, protocol)}: the pair is held against controls "
            f"with {used or 'no vehicle'} and each inhibitor alone against its own vehicle's, so "
            "that what the vehicles do by themselves looks like synergy or its opposite.",
        )


def _one_vehicle_only(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """Arms that carry less than their pair, or something else."""
    masses = protocol.molar_mass_g_per_mol
    found = (
        ((arm.agent.name, arm.tubes[0].tube.vehicle, one.tube.vehicle), name, one.tube.donor)
        for each, one in _pairs(rehearsed)
        if not one.controls.note
        for arm in find_arms(one.tube, each.rows, masses)
        if arm is not None and arm.carries is not Carries.ALL
        for name in each.names
    )
    for (inhibitor, vehicle, whole), readouts, donors in gathered(found):
        who = f"{named(donors)}{for_readouts(readouts, protocol)}"
        if carried(vehicle, whole) is Carries.PART:
            lacking = " + ".join(part for part in whole.split(" + ") if not _in(part, vehicle))
            told = (
                f"it is held against the controls with {whole}, as the pair is, and what "
                f"{lacking or 'the rest'} does by itself is counted as its own. Give the tube with "
                "one inhibitor the vehicle of the other, too."
            )
        else:
            told = (
                "it is held against controls with that. Give it the vehicle of the pair, or its "
                "effect is not that of the same inhibitor in the pair."
            )
        yield Finding(
            "arm-lacks-a-vehicle",
            Severity.LOOK,
            named(donors),
            f"{inhibitor} alone carries {vehicle or 'no vehicle'}, its pair {whole} in {who}: "
            f"{told}",
        )


def _in(part: str, vehicle: str) -> bool:
    return bool(set(parts(part)) & set(parts(vehicle)))
