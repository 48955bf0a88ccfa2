"""Which tubes belong together: replicates of one condition, and the controls that match it.

A control belongs to the same donor, plate and time point (see `pairing`) and has the same vehicle;
the stimulated one also the same stimulus at the same dose. When no control has the vehicle, the
donor's other controls serve, both from one vehicle where that is possible, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from assays.inhibition.doses import on_footing
from assays.inhibition.pairing import OfTube, baselines, of_plate, of_time, pairing_key
from assays.inhibition.vehicles import vehicle_key as vehicle_key  # other files take it from here
from assays.results.flow import Reading
from assays.samples import Agent, TubeRole

AgentKey = tuple[str, float | None, str]
T = TypeVar("T", bound=OfTube)


@dataclass(frozen=True, slots=True)
class Anchors(Generic[T]):
    """The two anchors of one treated condition: readings in a run, rows of a sheet in a check."""

    stimulated: tuple[T, ...]
    unstimulated: tuple[T, ...]
    vehicle: str
    """Of the controls used."""
    note: str = ""
    """What was assumed of the vehicle; empty when stimulus and vehicle match."""
    pairing_notes: tuple[str, ...] = ()
    """What was assumed of plate or time, a sentence each; empty when both match."""
    lacking: tuple[TubeRole, ...] = ()
    """Which of the two has no tube with the treated tube's vehicle, where others had to serve."""

    @property
    def pairing_note(self) -> str:
        """The assumptions in one line."""
        return "; ".join(self.pairing_notes)


Controls = Anchors[Reading]


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
    readings: Sequence[T], molar_mass: Mapping[str, float]
) -> dict[tuple[object, ...], tuple[T, ...]]:
    """Readings of one readout by condition: donor, role, contents, vehicle, plate, time."""
    groups: dict[tuple[object, ...], list[T]] = {}
    for reading in readings:
        tube = reading.tube
        key = (
            tube.donor,
            tube.role,
            agent_key(tube.stimulus, molar_mass),
            agents_key(tube.inhibitors, molar_mass),
            vehicle_key(tube.vehicle),
            pairing_key(tube),
        )
        groups.setdefault(key, []).append(reading)
    return {key: tuple(group) for key, group in groups.items()}


def find_controls(treated: T, readings: Sequence[T], molar_mass: Mapping[str, float]) -> Anchors[T]:
    """Controls for a treated tube among the readings of one readout.

    Either side is empty when the donor has no such tube at all. A check of the sample sheet asks
    the same with its rows, so that it tells what the run will do.
    """
    tube = treated.tube
    own = [r for r in readings if r.tube.donor == tube.donor]
    below, notes = baselines(tube, [r for r in own if r.tube.role == TubeRole.UNSTIMULATED])
    stimulus = agent_key(tube.stimulus, molar_mass)
    driven = [
        r
        for r in own
        if r.tube.role == TubeRole.STIMULATED
        and stimulus is not None
        and agent_key(r.tube.stimulus, molar_mass) == stimulus
    ]
    at_time, of_clock = of_time(tube, driven)
    above, of_rack = of_plate(tube, at_time, "stimulated tube")
    more = [note for note in (of_rack, of_clock) if note]
    found = _of_vehicle(tube.vehicle, _by_vehicle(above), _by_vehicle(below))
    return replace(found, pairing_notes=tuple(dict.fromkeys((*more, *notes))))


def find_alone(
    treated: T, readings: Sequence[T], molar_mass: Mapping[str, float]
) -> tuple[tuple[T, ...], str]:
    """The own floor of a treated tube: the same inhibitors at the same doses, without stimulus.

    Returns
    -------
    tuple
        The readings, of the same vehicle if any; none where the inhibitor was given alone at other
        doses only. And what had to be assumed of plate, time or vehicle, a sentence.
    """
    tube, wanted = treated.tube, agents_key(treated.tube.inhibitors, molar_mass)
    found = [
        reading
        for reading in readings
        if reading.tube.donor == tube.donor
        and reading.tube.role == TubeRole.INHIBITOR_ALONE
        and agents_key(reading.tube.inhibitors, molar_mass) == wanted
    ]
    paired, notes = baselines(tube, found, "tube with the inhibitor alone")
    vehicles = _by_vehicle(paired)
    same = vehicles.get(vehicle_key(tube.vehicle), ())
    if paired and not same:
        others = " and ".join(group[0].tube.vehicle or "no vehicle" for group in vehicles.values())
        notes.append(f"no such tube with {tube.vehicle or 'no vehicle'}; those with {others} serve")
    return same or paired, "; ".join(notes)


def _of_vehicle(
    vehicle: str,
    high: Mapping[str, tuple[T, ...]],
    low: Mapping[str, tuple[T, ...]],
) -> Anchors[T]:
    """The treated tube's controls among those of its plate and time, by vehicle."""
    wanted = vehicle_key(vehicle)
    if wanted in high and wanted in low:
        return Anchors(high[wanted], low[wanted], vehicle)
    both = _best(wanted, {name: high[name] + low[name] for name in high if name in low})
    above = both if both is not None else _best(wanted, high)
    below = both if both is not None else _best(wanted, low)
    if above is None or below is None:
        return Anchors(
            high.get(above or "", ()) if above is not None else (),
            low.get(below or "", ()) if below is not None else (),
            "",
        )
    sides = ((TubeRole.STIMULATED, high), (TubeRole.UNSTIMULATED, low))
    lacking = tuple(role for role, groups in sides if wanted not in groups)
    used = [group[0].tube.vehicle or "no vehicle" for group in (high[above], low[below])]
    named = " and ".join(dict.fromkeys(used))
    if wanted:
        roles = " and no ".join(lacking)
        note = f"no {roles} tube with {vehicle}; those with {named} were used"
    else:
        note = f"the vehicle of the treated tube is not given; controls with {named} were used"
    return Anchors(high[above], low[below], high[above][0].tube.vehicle, note, lacking=lacking)


def _by_vehicle(readings: Iterable[T]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for reading in readings:
        groups.setdefault(vehicle_key(reading.tube.vehicle), []).append(reading)
    return {key: tuple(group) for key, group in groups.items()}


def _best(wanted: str, groups: Mapping[str, Sequence[T]]) -> str | None:
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
