"""Controls that serve in the place of the right one, and what that costs.

Where no control has the treated tube's vehicle, plate or time, others of the donor serve (see
`arms` and `pairing`). Each of these is told, of the anchors, of the own floor, and of the baseline
that stimulated tubes and positive controls are held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assays.inhibition.arms import agent_key
from assays.inhibition.pairing import baselines, plate_key, plate_words
from assays.inhibition.sheet.rehearsal import (
    Condition,
    Rehearsed,
    Row,
    for_readouts,
    gathered,
    named,
    of_inhibitors,
)
from assays.inhibition.vehicles import vehicle_key
from assays.protocol import Flow
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

_BASED = (TubeRole.STIMULATED, TubeRole.POSITIVE)
"""Roles beside the treated tubes whose response is counted from unstimulated ones."""


def stand_ins(
    rehearsed: Sequence[Rehearsed], tubes: Sequence[Tube], protocol: Flow
) -> tuple[Finding, ...]:
    """Every control that another one stands in for.

    Parameters
    ----------
    rehearsed : sequence of Rehearsed
    tubes : sequence of Tube
        Rows of the sample sheet.
    protocol : Flow
    """
    return (
        *_vehicles(rehearsed, protocol),
        *_plates_and_times(rehearsed, tubes, protocol),
        *_own_floors(rehearsed, protocol),
    )


def _vehicles(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    masses = protocol.molar_mass_g_per_mol
    found = (
        (
            (of_inhibitors(one.tube), _lacking(one, each.rows, masses), _used(one)),
            name,
            one.tube.donor,
        )
        for each in rehearsed
        for one in each.conditions
        if one.controls.lacking and one.tube.vehicle.strip()
        for name in each.names
    )
    for (inhibitors, lacking, used), readouts, donors in gathered(found):
        yield Finding(
            "vehicle-control",
            Severity.LOOK,
            named(donors),
            f"No {lacking} for {inhibitors} in {named(donors)}: controls with {used} were used"
            f"{for_readouts(readouts, protocol)}, and an effect of the vehicle itself would be "
            "counted as inhibition.",
        )


def _lacking(one: Condition, rows: Sequence[Row], masses: Mapping[str, float]) -> str:
    """The controls that the vehicle lacks; with plate and time where it has them elsewhere."""
    tube, wanted = one.tube, vehicle_key(one.tube.vehicle)
    stimulus = agent_key(tube.stimulus, masses)
    elsewhere = [
        row.tube
        for row in rows
        if row.tube.donor == tube.donor
        and row.tube.role in one.controls.lacking
        and vehicle_key(row.tube.vehicle) == wanted
        and (row.tube.stimulus is None or agent_key(row.tube.stimulus, masses) == stimulus)
    ]
    told = f"{' and no '.join(one.controls.lacking)} tube with {tube.vehicle}"
    if tube.plate and any(plate_key(other.plate) != plate_key(tube.plate) for other in elsewhere):
        told += f" on {plate_words(tube.plate)}"
    times = {other.time_min for other in elsewhere} - {tube.time_min, None}
    if times and tube.time_min is not None:
        told += f" at {tube.time_min:g} min"
    return told


def _used(one: Condition) -> str:
    both = (one.controls.stimulated, one.controls.unstimulated)
    used = [side[0].tube.vehicle or "no vehicle" for side in both if side]
    return " and ".join(dict.fromkeys(used))


def _plates_and_times(
    rehearsed: Sequence[Rehearsed], tubes: Sequence[Tube], protocol: Flow
) -> Iterable[Finding]:
    found = (
        (note, name, one.tube.donor)
        for each in rehearsed
        for one in each.conditions
        for note in one.controls.pairing_notes
        for name in each.names
    )
    told: set[tuple[str, str]] = set()
    for note, readouts, donors in gathered(found):
        told |= {(note, donor) for donor in donors}
        yield _of_another_block(note, for_readouts(readouts, protocol), donors, "inhibition")
    if rehearsed:
        others = ((note, "", donor) for note, donor in _baselines(tubes))
        for note, _, donors in gathered(each for each in others if each[::2] not in told):
            yield _of_another_block(note, "", donors, "activation")


def _of_another_block(note: str, of: str, donors: Sequence[str], counted: str) -> Finding:
    return Finding(
        "control-of-another-plate-or-time",
        Severity.LOOK,
        named(donors),
        f"{_capital(named(donors))}{of}: {note}. What differs between plates or times is counted "
        f"as {counted}.",
    )


def _baselines(tubes: Sequence[Tube]) -> Iterator[tuple[str, str]]:
    """What is assumed of the baseline of stimulated tubes and positive controls, by donor."""
    for donor in dict.fromkeys(tube.donor for tube in tubes):
        own = [Row(tube) for tube in tubes if tube.donor == donor]
        calm = [row for row in own if row.tube.role == TubeRole.UNSTIMULATED]
        for row in own:
            if row.tube.role in _BASED:
                for note in baselines(row.tube, calm)[1]:
                    yield note, donor


def _own_floors(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    found = (
        ((of_inhibitors(one.tube), one.alone_note), name, one.tube.donor)
        for each in rehearsed
        for one in each.conditions
        if one.alone_note
        for name in each.names
    )
    for (inhibitors, note), readouts, donors in gathered(found):
        yield Finding(
            "own-floor-unmatched",
            Severity.NOTE,
            named(donors),
            f"The own floor of {inhibitors} in {named(donors)}{for_readouts(readouts, protocol)}: "
            f"{note}. What that changes by itself is counted as the inhibitor's own effect.",
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
