"""Dose series of a stimulus in a run to EC50s, dose ratios and Schild slopes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assays.inhibition.arms import vehicle_key
from assays.inhibition.doses import dose_nmol_l, in_unit, on_footing
from assays.inhibition.pairing import pairing_key
from assays.inhibition.shift.gaddum import MIN_DOSES, fit_shift
from assays.inhibition.shift.schild import ALPHA
from assays.inhibition.spread import response
from assays.inhibition.window import readings_of, scale_of
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.results.shift import DoseShift, Schild
from assays.samples import Agent, TubeRole

NANO = 9.0
"""-log10 of nmol/L in mol/L."""


@dataclass(frozen=True, slots=True)
class _Series:
    """Tubes of one donor in which one stimulus was given at several doses."""

    readings: tuple[Reading, ...]
    """Unstimulated, stimulated and treated."""
    inhibitor: str
    """Folded; empty without."""
    vehicle: str
    note: str = ""


def dose_shifts(readings: Sequence[Reading], *, protocol: Flow) -> tuple[DoseShift, ...]:
    """EC50 of every stimulus that a donor has at four doses or more, and how inhibitors move it.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout of the run.
    protocol : Flow
        Scale, level, readouts with their stimulus, molar masses.

    Returns
    -------
    tuple of DoseShift
        In the order of the readouts, then of the sample sheet: one for each inhibitor that was
        given with four doses of the stimulus, or one for the stimulus alone.
    """
    found: list[DoseShift] = []
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        for group in _by_stimulus(own).values():
            found += [_shift(one, readout, protocol) for one in _by_inhibitor(group, own)]
    return tuple(found)


def _by_stimulus(readings: Sequence[Reading]) -> dict[object, list[Reading]]:
    """Tubes with one stimulus of one donor, plate and time; only where it has several doses."""
    groups: dict[object, list[Reading]] = {}
    for reading in readings:
        stimulus = reading.tube.stimulus
        few = reading.tube.role not in (TubeRole.STIMULATED, TubeRole.TREATED)
        if few or stimulus is None or not _given(stimulus) or len(reading.tube.inhibitors) > 1:
            continue
        key = (reading.donor, stimulus.name.strip().casefold(), pairing_key(reading.tube))
        groups.setdefault(key, []).append(reading)
    return {
        key: group
        for key, group in groups.items()
        if _doses([r for r in group if r.tube.role == TubeRole.STIMULATED]) >= MIN_DOSES
    }


def _given(agent: Agent) -> bool:
    return math.isfinite(agent.dose) and agent.dose > 0


def _doses(readings: Sequence[Reading]) -> int:
    return len({_same(r.tube.stimulus) for r in readings if r.tube.stimulus})


def _same(agent: Agent) -> tuple[str, str]:
    """What equal doses have in common, whatever their units."""
    dose, unit = on_footing(agent, {})
    return f"{dose:.9g}", unit


def _by_inhibitor(group: Sequence[Reading], readings: Sequence[Reading]) -> list[_Series]:
    """The stimulus alone with each inhibitor that has a series of its own, or just alone."""
    alone = [r for r in group if r.tube.role == TubeRole.STIMULATED]
    treated: dict[str, dict[tuple[str, str], list[Reading]]] = {}
    for reading in group:
        for agent in reading.tube.inhibitors:
            if _given(agent):
                doses = treated.setdefault(agent.name.strip().casefold(), {})
                doses.setdefault(_same(agent), []).append(reading)
    found = []
    for name, doses in treated.items():
        kept = [r for tubes in doses.values() if _doses(tubes) >= MIN_DOSES for r in tubes]
        if not kept:
            continue
        wanted = vehicle_key(kept[0].tube.vehicle)
        same = [r for r in alone if vehicle_key(r.tube.vehicle) == wanted]
        matched = _doses(same) >= MIN_DOSES
        top = same if matched else alone
        floor = _floor(top, readings)
        note = "" if matched else f"no dose series with {kept[0].tube.vehicle or 'that vehicle'}"
        vehicle = top[0].tube.vehicle
        found.append(_Series((*floor, *top, *kept), name, vehicle, note))
    if not found:
        found.append(_Series((*_floor(alone, readings), *alone), "", alone[0].tube.vehicle))
    return found


def _floor(top: Sequence[Reading], readings: Sequence[Reading]) -> list[Reading]:
    """Unstimulated tubes of the same donor, plate and time, with a vehicle of the stimulated."""
    vehicles = {vehicle_key(r.tube.vehicle) for r in top}
    own = [
        r
        for r in readings
        if r.tube.role == TubeRole.UNSTIMULATED
        and r.donor == top[0].donor
        and pairing_key(r.tube) == pairing_key(top[0].tube)
    ]
    return [r for r in own if vehicle_key(r.tube.vehicle) in vehicles] or own


def _shift(series: _Series, readout: Readout, protocol: Flow) -> DoseShift:
    settings, masses = protocol.inhibition, protocol.molar_mass_g_per_mol
    own = [r for r in series.readings if math.isfinite(r.median)]
    stimuli = [r.tube.stimulus for r in series.readings if r.tube.stimulus]
    inhibitors = [agent for r in series.readings for agent in r.tube.inhibitors]
    unit, other = _unit(stimuli), _unit(inhibitors)
    x = [_dose(r.tube.stimulus, unit, masses) for r in own]
    b = [_dose(r.tube.inhibitors[0] if r.tube.inhibitors else None, other, masses)
         for r in own]  # fmt: skip
    scale = scale_of(readout, protocol)
    y = [response(r, scale) for r in own]
    cofactors = {r.cofactor for r in own} if scale == "linear" else set()
    fit = fit_shift(x, b, y, cofactor=max(cofactors) if cofactors else None, level=settings.level)
    schild, schild_unit, offset = _on_molar(fit.schild, inhibitors, other, masses)
    return DoseShift(
        donor=series.readings[0].donor,
        readout=readout.name,
        stimulus=stimuli[0].name,
        unit=unit,
        inhibitor=inhibitors[0].name if inhibitors else "",
        inhibitor_unit=other,
        vehicle=series.vehicle,
        doses=np.array(x),
        inhibitor_doses=np.array(b),
        responses=np.array(y),
        status=fit.status,
        ec50=fit.ec50,
        ec50_interval=fit.ec50_interval,
        slope=fit.slope,
        bottom=fit.bottom,
        top=fit.top,
        moved=fit.moved,
        schild=schild,
        schild_unit=schild_unit,
        tops_p=fit.tops_p,
        n=fit.n,
        level=settings.level,
        scale=scale,
        note="; ".join(part for part in (series.note, _doubt(fit.tops_p)) if part),
        schild_offset=offset,
    )


def _doubt(tops_p: float) -> str:
    if not tops_p < ALPHA:
        return ""
    return (
        f"the highest responses differ (p = {tops_p:.2g}): the inhibitor lowers what the stimulus "
        "can do, so it does not merely compete, and dose ratios are no measure of its affinity"
    )


def _unit(agents: Sequence[Agent]) -> str:
    """The unit that most tubes have their dose in; empty without agents."""
    units = [agent.unit.strip() for agent in agents]
    return max(units, key=units.count, default="")


def _dose(agent: Agent | None, unit: str, masses: Mapping[str, float]) -> float:
    """NaN leaves the tube out: its unit cannot be brought to that of the others."""
    return 0.0 if agent is None else in_unit(agent, unit, masses)


def _on_molar(
    schild: Schild, inhibitors: Sequence[Agent], unit: str, masses: Mapping[str, float]
) -> tuple[Schild, str, float]:
    """pA2 and pKB of mol/L where the inhibitor's unit allows it."""
    if not inhibitors:
        return schild, "", 0.0
    one = Agent(inhibitors[0].name, 1.0, unit)
    in_nmol = dose_nmol_l(one, masses)
    if math.isnan(in_nmol):
        return schild, unit, 0.0
    off = NANO - math.log10(in_nmol)
    low, high = schild.pa2_interval, schild.pkb_interval
    moved = dataclasses.replace(
        schild,
        pa2=schild.pa2 + off,
        pa2_interval=(low[0] + off, low[1] + off),
        pkb=schild.pkb + off,
        pkb_interval=(high[0] + off, high[1] + off),
    )
    return moved, "mol/L", off
