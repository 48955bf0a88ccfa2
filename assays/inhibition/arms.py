"""Which tubes belong together: replicates of one condition, and the controls that match it.

A control belongs to the same donor, plate and time point (see `pairing`) and has the same vehicle;
the stimulated one also the same stimulus at the same dose. When no control has the vehicle, the
donor's other controls serve, both from one vehicle where that is possible, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assays.inhibition.doses import on_footing
from assays.inhibition.pairing import baselines, of_plate, of_time, pairing_key
from assays.inhibition.vehicles import vehicle_key as vehicle_key  # other files take it from here
from assays.results.flow import Reading
from assays.samples import Agent, TubeRole

AgentKey = tuple[str, float | None, str]


@dataclass(frozen=True, slots=True)
class Controls:
    """The two anchors of one treated condition."""

    stimulated: tuple[Reading, ...]
    unstimulated: tuple[Reading, ...]
    vehicle: str
    """Of the controls used."""
    note: str = ""
    """What was assumed of the vehicle; empty when stimulus and vehicle match."""
    pairing_note: str = ""
    """What was assumed of plate or time; empty when both match."""


def agent_key(agent: Agent | None, molar_mass: Mapping[str, float]) -> AgentKey | None:
    """What makes two agents the same: name, and dose after conversion of units."""
    if agent is None:
        return None
    dose, unit = on_footing(agent, molar_mass)
    # 0.1 µM and 100 nM differ in the last bits.
    return (agent.name.strip().casefold(), None if math.isnan(dose) else float(f"{dose:.9g}"), unit)


def agents_key(agents: Iterable[Agent], molar_mass: Mapping[str, float]) -> tuple[AgentKey, ...]:
    """The same for one or several agents, whatever their order."""
    keys = (agent_key(agent, molar_mass) for agent in agents)
    return tuple(sorted((key for key in keys if key), key=str))


def replicates(
    readings: Sequence[Reading], molar_mass: Mapping[str, float]
) -> dict[tuple[object, ...], tuple[Reading, ...]]:
    """Readings of one readout by condition: donor, role, contents, vehicle, plate, time."""
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in readings:
        tube = reading.tube
        key = (
            reading.donor,
            tube.role,
            agent_key(tube.stimulus, molar_mass),
            agents_key(tube.inhibitors, molar_mass),
            vehicle_key(tube.vehicle),
            pairing_key(tube),
        )
        groups.setdefault(key, []).append(reading)
    return {key: tuple(group) for key, group in groups.items()}


def find_controls(
    treated: Reading, readings: Sequence[Reading], molar_mass: Mapping[str, float]
) -> Controls:
    """Controls for a treated tube among the readings of one readout.

    Either side is empty when the donor has no such tube at all.
    """
    own = [r for r in readings if r.donor == treated.donor]
    below, notes = baselines(treated.tube, [r for r in own if r.tube.role == TubeRole.UNSTIMULATED])
    stimulus = agent_key(treated.tube.stimulus, molar_mass)
    driven = [
        r
        for r in own
        if r.tube.role == TubeRole.STIMULATED
        and stimulus is not None
        and agent_key(r.tube.stimulus, molar_mass) == stimulus
    ]
    at_time, of_clock = of_time(treated.tube, driven)
    above, of_rack = of_plate(treated.tube, at_time)
    more = [note for note in (of_rack, of_clock) if note]
    found = _of_vehicle(treated, _by_vehicle(above), _by_vehicle(below))
    return replace(found, pairing_note="; ".join(dict.fromkeys((*more, *notes))))


def _of_vehicle(
    treated: Reading,
    high: Mapping[str, tuple[Reading, ...]],
    low: Mapping[str, tuple[Reading, ...]],
) -> Controls:
    """The treated tube's controls among those of its plate and time, by vehicle."""
    wanted = vehicle_key(treated.tube.vehicle)
    if wanted in high and wanted in low:
        return Controls(high[wanted], low[wanted], treated.tube.vehicle)
    both = _best(wanted, {name: high[name] + low[name] for name in high if name in low})
    above = both if both is not None else _best(wanted, high)
    below = both if both is not None else _best(wanted, low)
    if above is None or below is None:
        return Controls(
            high.get(above or "", ()) if above is not None else (),
            low.get(below or "", ()) if below is not None else (),
            "",
        )
    used = [group[0].tube.vehicle or "no vehicle" for group in (high[above], low[below])]
    named = " and ".join(dict.fromkeys(used))
    if wanted:
        note = f"no controls with {treated.tube.vehicle}; those with {named} were used"
    else:
        note = f"the vehicle of the treated tube is not given; controls with {named} were used"
    return Controls(high[above], low[below], high[above][0].tube.vehicle, note)


def _by_vehicle(readings: Iterable[Reading]) -> dict[str, tuple[Reading, ...]]:
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        groups.setdefault(vehicle_key(reading.tube.vehicle), []).append(reading)
    return {key: tuple(group) for key, group in groups.items()}


def _best(wanted: str, groups: Mapping[str, Sequence[Reading]]) -> str | None:
    """The vehicle nearest to the wanted one.

    The same, then one that is part of it (``DMSO`` of ``DMSO + IgG1``), then the one with
    most tubes; ties by name, so that the answer never depends on the sheet's order.
    """
    if not groups:
        return None
    return min(
        groups,
        key=lambda name: (name != wanted, not (name and name in wanted), -len(groups[name]), name),
    )
