"""Treated tubes against their controls: percent inhibition, donor by donor.

0 % is the stimulated and 100 % the unstimulated condition of the same donor with the same
vehicle, on the declared scale. Inhibition exists only where the window between them can be
told from zero in the direction in which the readout is activated; where nothing is known of the
scatter between tubes, it is not testable, and a percentage is shown as a mere estimate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.inhibition.arms import find_alone, find_controls, replicates
from assays.inhibition.doses import dose_nmol_l
from assays.inhibition.interval import Arm, window_interval
from assays.inhibition.pairs.expectations import Held, Measured, with_expectations
from assays.inhibition.pairs.tube_errors import Tubes
from assays.inhibition.percent import percent_inhibition, percent_inhibition_own_floor
from assays.inhibition.spread import Spread, arm, spread_of
from assays.inhibition.two_intervals import Intervals, both_intervals
from assays.inhibition.window import (
    CONTROL_MISSING,
    NO_ACTIVATION,
    NOT_TESTABLE,
    OK,
    is_active,
    readings_of,
    scale_of,
    unit_of,
    why_no_number,
)
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition
from assays.samples import TubeRole


def inhibitions(readings: Sequence[Reading], *, protocol: Flow) -> tuple[Inhibition, ...]:
    """Percent inhibition per donor, readout, inhibitor and dose.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout of the run.
    protocol : Flow
        Scale, level, readouts with their stimulus, molar masses.

    Returns
    -------
    tuple of Inhibition
        In the order of the readouts, then of the sample sheet. Replicate tubes of one treated
        condition make one row.
    """
    found: list[Inhibition] = []
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        spread = spread_of(own, protocol)
        treated = {
            key: group
            for key, group in replicates(own, protocol.molar_mass_g_per_mol).items()
            if group[0].tube.role == TubeRole.TREATED
        }
        rows = [_inhibition(group, own, spread, readout, protocol) for group in treated.values()]
        found += with_expectations(rows, protocol.molar_mass_g_per_mol)
    return tuple(found)


def _inhibition(
    group: Sequence[Reading],
    readings: Sequence[Reading],
    spread: Spread,
    readout: Readout,
    protocol: Flow,
) -> Measured:
    settings, masses = protocol.inhibition, protocol.molar_mass_g_per_mol
    tube, scale = group[0].tube, scale_of(readout, protocol)
    controls = find_controls(group[0], readings, masses)
    tubes = (group, controls.stimulated, controls.unstimulated)
    i, s, u = (arm(each, spread, scale) for each in tubes)
    window = window_interval(s, u, level=settings.level, df=spread.df)
    active = is_active(window, readout.activation)
    status = _status(tubes, (i, s, u), active, spread)
    percent, own, both, floored = math.nan, math.nan, Intervals(), Intervals()
    apart, _ = find_alone(group[0], readings, masses)
    alone = arm(apart, spread, scale)
    # The events alone call a window too sure, never too unsure: what they cannot
    # tell from zero has no percentage under any scatter of tubes.
    if status in (OK, NOT_TESTABLE) and active:
        percent = float(percent_inhibition(i.mean, s.mean, u.mean))
        name = _name(group[0])
        both = both_intervals((i, s, u), spread, settings.level, name)
        own = float(percent_inhibition_own_floor(i.mean, alone.mean, s.mean, u.mean))
        if alone.n:
            floored = both_intervals((i, s, u), spread, settings.level, name, alone)
    one = len(tube.inhibitors) == 1
    row = Inhibition(
        donor=group[0].donor,
        readout=readout.name,
        stimulus=str(tube.stimulus) if tube.stimulus else "",
        driver=tube.stimulus,
        inhibitors=tube.inhibitors,
        vehicle=tube.vehicle,
        percent=percent,
        interval=both.leading(settings),
        interval_kind=both.kind(spread, settings),
        fieller_interval=both.fieller,
        bootstrap_interval=both.bootstrap,
        bootstrap_status=both.bootstrap_status,
        percent_own_floor=own,
        own_floor_interval=floored.leading(settings),
        own_floor_fieller=floored.fieller,
        own_floor_bootstrap=floored.bootstrap,
        treated=i.mean,
        stimulated=s.mean,
        unstimulated=u.mean,
        window=s.mean - u.mean,
        window_interval=window,
        n_treated=i.n,
        n_stimulated=s.n,
        n_unstimulated=u.n,
        status=status,
        dose_nmol_l=dose_nmol_l(tube.inhibitors[0], masses) if one else math.nan,
        control_vehicle=controls.vehicle,
        note=controls.note,
        alone=alone.mean,
        treated_files=tuple(r.file for r in group),
        stimulated_files=tuple(r.file for r in controls.stimulated),
        unstimulated_files=tuple(r.file for r in controls.unstimulated),
        alone_files=tuple(r.file for r in apart),
        plate=tube.plate,
        time_min=tube.time_min,
        pairing_note=controls.pairing_note,
        level=settings.level,
        unit=unit_of(group[0], scale),
        df=spread.df,
        standard_errors=(math.sqrt(i.variance), math.sqrt(s.variance), math.sqrt(u.variance)),
    )
    arms = ((group, i), (controls.stimulated, s), (controls.unstimulated, u))
    held = Held(*(_tubes(tubes, each, spread) for tubes, each in arms))
    return Measured(row, tube, held)


def _tubes(readings: Sequence[Reading], mean: Arm, spread: Spread) -> Tubes:
    """The tubes that a mean is made of: those with a number."""
    files = tuple(r.file for r in readings if math.isfinite(r.median))
    return Tubes(files, mean, spread.df)


def _name(treated: Reading) -> str:
    """Of the comparison: seeds what is drawn for it."""
    tube = treated.tube
    return "|".join((treated.readout, treated.donor, tube.condition, tube.vehicle, tube.plate))


def _status(
    tubes: tuple[Sequence[Reading], ...], arms: tuple[Arm, ...], active: bool, spread: Spread
) -> str:
    if not all(tubes):
        return CONTROL_MISSING
    for readings, mean in zip(tubes, arms, strict=True):
        if not mean.n:
            return why_no_number(readings)
    if not spread.known:
        return NOT_TESTABLE
    return OK if active else NO_ACTIVATION
