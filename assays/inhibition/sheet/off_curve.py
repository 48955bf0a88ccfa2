"""Treated tubes that are on no dose curve although their inhibitor has one, and why.

A curve is made of the tubes of one donor with one inhibitor, one stimulus at one dose, one vehicle,
one plate and one time, whose doses can be turned into one another. A tube that differs in one of
these leaves the curve without changing its looks: seven doses become six. An arm of a pair of
inhibitors, which carries the vehicles of both, is meant to stand apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from assays.dose_units import concentration_unit
from assays.inhibition.arms import agent_key, vehicle_key
from assays.inhibition.doses import on_footing
from assays.inhibition.pairing import pairing_key, plate_key
from assays.inhibition.pairs.members import arms_with_all
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity
from plates.units import Kind

LEAST_DOSES = 3
"""Distinct doses that make a series."""
MOST_NAMED = 6
"""Files that one sentence names."""

RULE = "off-the-curve"


def off_curve(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Tubes with one inhibitor that are on no curve of their donor, by reason.

    Parameters
    ----------
    tubes : sequence of Tube
    masses : mapping
        Molar masses by name of the agent, g/mol.

    Returns
    -------
    iterable of Finding
        ``look`` where a dose cannot be turned into the unit of the others, since the sheet meant
        it to be on the curve; ``note`` where the tube may well be meant to stand apart.
    """
    groups: dict[tuple[str, str], dict[object, list[Tube]]] = {}
    meant = arms_with_all(tubes, masses)
    for tube in tubes:
        if tube.role == TubeRole.TREATED and len(tube.inhibitors) == 1:
            agent = tube.inhibitors[0]
            own = groups.setdefault((tube.donor, agent.name.strip().casefold()), {})
            own.setdefault(_series(tube, masses), []).append(tube)
    told: dict[tuple[str, str, Severity], list[Tube]] = {}
    for series in groups.values():
        largest = max(series.values(), key=lambda group: _distinct(group, masses))
        if _distinct([tube for group in series.values() for tube in group], masses) < LEAST_DOSES:
            continue
        for group in series.values():
            if group is largest or _distinct(group, masses) >= LEAST_DOSES:
                continue
            # Half a series in one unit and half in another make no curve at all.
            drawn = _distinct(largest, masses) >= LEAST_DOSES
            for tube in group:
                reason, severity = _reason(tube, largest[0], masses)
                if tube.file in meant and severity == Severity.NOTE:
                    continue
                if drawn or severity == Severity.LOOK:
                    key = (tube.inhibitors[0].name, reason, severity)
                    told.setdefault(key, []).append(tube)
    for (inhibitor, reason, severity), left in told.items():
        yield _finding(inhibitor, reason, severity, left)


def _series(tube: Tube, masses: Mapping[str, float]) -> object:
    footing = on_footing(tube.inhibitors[0], masses)[1]
    stimulus = agent_key(tube.stimulus, masses)
    return (footing, stimulus, vehicle_key(tube.vehicle), pairing_key(tube))


def _distinct(group: Sequence[Tube], masses: Mapping[str, float]) -> int:
    doses = [on_footing(tube.inhibitors[0], masses) for tube in group]
    return len({(f"{dose:.9g}", unit) for dose, unit in doses if math.isfinite(dose)})


def _reason(tube: Tube, other: Tube, masses: Mapping[str, float]) -> tuple[str, Severity]:
    """What keeps a tube off the curve that the other one is on."""
    agent, theirs = tube.inhibitors[0], other.inhibitors[0]
    if math.isnan(agent.dose):
        return "its dose is not given", Severity.LOOK
    if on_footing(agent, masses)[1] != on_footing(theirs, masses)[1]:
        said = f"its dose in {agent.unit} cannot be turned into {theirs.unit}"
        units = (concentration_unit(agent.unit), concentration_unit(theirs.unit))
        if {unit.kind for unit in units if unit} == {Kind.MASS, Kind.MOLAR}:
            said += (
                " without a molar mass. If the unit is right, write one under "
                "[flow.molar_mass_g_per_mol]"
            )
        return said, Severity.LOOK
    if agent_key(tube.stimulus, masses) != agent_key(other.stimulus, masses):
        return f"its stimulus is {tube.stimulus}, that of the curve {other.stimulus}", Severity.NOTE
    if vehicle_key(tube.vehicle) != vehicle_key(other.vehicle):
        return (
            f"its vehicle is {tube.vehicle or 'not given'}, that of the curve "
            f"{other.vehicle or 'not given'}",
            Severity.NOTE,
        )
    if plate_key(tube.plate) != plate_key(other.plate):
        return (
            f"its plate is {tube.plate or 'not given'}, that of the curve "
            f"{other.plate or 'not given'}",
            Severity.NOTE,
        )
    return f"its time is {_time(tube)}, that of the curve {_time(other)}", Severity.NOTE


def _time(tube: Tube) -> str:
    return "not given" if tube.time_min is None else f"{tube.time_min:g} min"


def _finding(inhibitor: str, reason: str, severity: Severity, left: Sequence[Tube]) -> Finding:
    files = [tube.file for tube in left]
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    verb = "is" if len(files) == 1 else f"({len(files)} tubes) are"
    return Finding(
        RULE,
        severity,
        files[0] if len(files) == 1 else "",
        f"{', '.join(files[:MOST_NAMED])}{more} {verb} on no dose curve of {inhibitor}: {reason}.",
    )
