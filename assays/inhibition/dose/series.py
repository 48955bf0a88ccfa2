"""Dose series of a run to IC50s, one per donor, readout and inhibitor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from assays.inhibition.arms import Controls, agent_key, find_controls, vehicle_key
from assays.inhibition.dose.order import OUT_OF_ORDER, disorder
from assays.inhibition.dose.response import DoseFit, fit_dose_response
from assays.inhibition.dose.tubes import Influence, influence
from assays.inhibition.doses import in_unit, on_footing
from assays.inhibition.interval import Arm, quantile, window_interval
from assays.inhibition.pairing import pairing_key, plate_words
from assays.inhibition.spread import RESIDUALS, Spread, arm, response, spread_of
from assays.inhibition.window import (
    CONTROL_MISSING,
    NO_ACTIVATION,
    NOT_TESTABLE,
    is_active,
    readings_of,
    scale_of,
    why_no_number,
)
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DoseResponse
from assays.samples import TubeRole

MIN_SERIES = 3
"""Fewer distinct doses are single doses, not a series: no row is written for them."""
SAMPLED = 121
OWN_SCATTER = (
    "no replicate tubes and no declared tube CV: scatter from the residuals of this series"
)


def dose_responses(readings: Sequence[Reading], *, protocol: Flow) -> tuple[DoseResponse, ...]:
    """Dose-response curve of every inhibitor that a donor has at several doses.

    The IC50 is the dose that removes half of the window between the donor's stimulated and
    unstimulated tubes, on the declared scale. The stimulated tubes are the series' dose 0.

    Parameters
    ----------
    readings : sequence of Reading
    protocol : Flow

    Returns
    -------
    tuple of DoseResponse
        In the order of the readouts, then of the sample sheet. ``too few doses`` with three
        doses; inhibitors at one or two doses give no row.
    """
    found: list[DoseResponse] = []
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        spread = spread_of(own, protocol)
        found += [
            _dose_response(series, own, spread, readout, protocol)
            for series in _series(own, protocol.molar_mass_g_per_mol)
        ]
    return tuple(found)


def _series(
    readings: Sequence[Reading], masses: Mapping[str, float]
) -> list[tuple[tuple[Reading, ...], tuple[float, ...], str]]:
    """Treated tubes with one inhibitor, their doses, and the unit that most tubes of it have.

    One donor's slip into another unit then changes the unit of nobody's IC50.
    """
    groups: dict[tuple[tuple[str, str], tuple[object, ...]], list[Reading]] = {}
    units: dict[tuple[str, str], list[str]] = {}
    for reading in readings:
        tube = reading.tube
        if tube.role != TubeRole.TREATED or len(tube.inhibitors) != 1:
            continue
        agent = tube.inhibitors[0]
        if not (math.isfinite(agent.dose) and agent.dose > 0 and math.isfinite(reading.median)):
            continue
        # Doses that can be turned into one another make one series whatever their units.
        what = (agent.name.strip().casefold(), on_footing(agent, masses)[1])
        units.setdefault(what, []).append(agent.unit.strip())
        key = (
            reading.donor,
            agent_key(tube.stimulus, masses),
            vehicle_key(tube.vehicle),
            pairing_key(tube),
        )
        groups.setdefault((what, key), []).append(reading)
    found = []
    for (what, _), group in groups.items():
        unit = max(units[what], key=units[what].count)
        doses = tuple(in_unit(reading.tube.inhibitors[0], unit, masses) for reading in group)
        if len({f"{dose:.9g}" for dose in doses}) >= MIN_SERIES:
            found.append((tuple(group), doses, unit))
    return found


def _dose_response(
    series: tuple[tuple[Reading, ...], tuple[float, ...], str],
    readings: Sequence[Reading],
    spread: Spread,
    readout: Readout,
    protocol: Flow,
) -> DoseResponse:
    group, doses, unit = series
    settings = protocol.inhibition
    controls = find_controls(group[0], readings, protocol.molar_mass_g_per_mol)
    scale = scale_of(readout, protocol)
    spread, s, u = _controls_of(group, doses, controls, spread, scale, protocol)
    window = window_interval(s, u, level=settings.level, df=spread.df)
    x, y = np.array(doses), np.array([response(r, scale) for r in group])
    fit, status = None, CONTROL_MISSING
    if controls.stimulated and controls.unstimulated:
        status = NO_ACTIVATION if spread.known else NOT_TESTABLE
        for side, mean in ((controls.stimulated, s), (controls.unstimulated, u)):
            status = status if mean.n else why_no_number(side)
    if spread.known and is_active(window, readout.activation):
        fit = _fit(group, doses, controls, scale, protocol)
        status = fit.status
    turned = disorder(group, doses, controls.stimulated, controls.unstimulated, spread, scale)
    if turned and fit and fit.interval == (0.0, math.inf):
        # The window is wide: it is the series that lies far from any curve.
        status = OUT_OF_ORDER
    felt = _influence(fit, group, doses, controls, scale) if fit and fit.params else None
    drawn = np.geomspace(x.min() / 3, x.max() * 3, SAMPLED)
    has_curve = fit is not None and bool(fit.params)
    return DoseResponse(
        donor=group[0].donor,
        readout=readout.name,
        inhibitor=group[0].tube.inhibitors[0].name,
        unit=unit,
        doses=x,
        responses=y,
        stimulated=s.mean,
        unstimulated=u.mean,
        stimulated_band=_band(s, settings.level, spread.df),
        unstimulated_band=_band(u, settings.level, spread.df),
        ic50=fit.ic50 if fit else math.nan,
        ic50_interval=fit.interval if fit else (math.nan, math.nan),
        relative_ic50=fit.relative if fit else math.nan,
        relative_ic50_interval=fit.relative_interval if fit else (math.nan, math.nan),
        fixed=", ".join(f"{k} = {v}" for k, v in settings.dose.fix.given.items()),
        status=status,
        params=fit.params if fit else {},
        x=drawn if has_curve else np.empty(0),
        y=fit.forward(drawn) if fit and has_curve else np.empty(0),
        stimulus=str(group[0].tube.stimulus) if group[0].tube.stimulus else "",
        driver=group[0].tube.stimulus,
        vehicle=group[0].tube.vehicle,
        level=settings.level,
        scale=scale,
        n=fit.n if fit else 0,
        covariance=fit.covariance if fit else None,
        level_variance=fit.level_variance if fit else 0.0,
        df=fit.df if fit else 0,
        files=felt.files if felt else (),
        influence=felt.slopes if felt else np.empty((0, 5)),
        tube_variance=felt.variance if felt else np.empty(0),
        plate=group[0].tube.plate,
        time_min=group[0].tube.time_min,
        control_vehicle=controls.vehicle,
        scatter_from=spread.source.partition(" (")[0] if spread.known else "",
        note="; ".join(each for each in _notes(group[0], controls, spread) if each),
        disorder=turned if fit else None,
    )


def _notes(first: Reading, controls: Controls, spread: Spread) -> tuple[str, ...]:
    """Plate and time of the series, and what was assumed of its controls and scatter."""
    tube = first.tube
    plate = plate_words(tube.plate) if tube.plate else ""
    time = "" if tube.time_min is None else f"{tube.time_min:g} min"
    own = ", ".join(each for each in (plate, time) if each)
    return (own, controls.note, controls.pairing_note, _of_scatter(spread))


def _of_scatter(spread: Spread) -> str:
    return OWN_SCATTER if spread.source == RESIDUALS else ""


def _controls_of(
    group: Sequence[Reading],
    doses: Sequence[float],
    controls: Controls,
    spread: Spread,
    scale: str,
    protocol: Flow,
) -> tuple[Spread, Arm, Arm]:
    """Both anchors, and the scatter that they are judged with.

    Where nothing else tells how far tubes lie apart, the series does: its tubes scatter
    around the fitted curve. A curve of the wrong shape only widens that.
    """
    if not spread.known and controls.stimulated and controls.unstimulated:
        fit = _fit(group, doses, controls, scale, protocol)
        if math.isfinite(fit.residual_sd):
            # Weights are 1 / slope², so that a weight of 1 stands for the arcsinh scale.
            spread = Spread(fit.residual_sd, float(fit.df), 0, RESIDUALS)
    return (
        spread,
        arm(controls.stimulated, spread, scale),
        arm(controls.unstimulated, spread, scale),
    )


def _fit(
    treated: Sequence[Reading],
    doses: Sequence[float],
    controls: Controls,
    scale: str,
    protocol: Flow,
) -> DoseFit:
    """Fit with the weights that the scatter of medians asks for (see `spread`)."""
    settings = protocol.inhibition
    top, floor = _numbered(controls.stimulated), _numbered(controls.unstimulated)
    rows = [*top, *treated]
    return fit_dose_response(
        [0.0] * len(top) + list(doses),
        [response(r, scale) for r in rows],
        unstimulated=[response(r, scale) for r in floor],
        fix=settings.dose.fix.given,
        cofactor=_cofactor((*rows, *floor), scale),
        level=settings.level,
    )


def _influence(
    fit: DoseFit,
    treated: Sequence[Reading],
    doses: Sequence[float],
    controls: Controls,
    scale: str,
) -> Influence:
    """What each tube of the fit did to it."""
    top, floor = _numbered(controls.stimulated), _numbered(controls.unstimulated)
    return influence(
        fit,
        [0.0] * len(top) + list(doses),
        [reading.file for reading in (*top, *treated)],
        [reading.file for reading in floor],
        _cofactor((*top, *treated, *floor), scale),
    )


def _numbered(readings: Sequence[Reading]) -> list[Reading]:
    return [reading for reading in readings if math.isfinite(reading.median)]


def _cofactor(readings: Sequence[Reading], scale: str) -> float | None:
    """Medians scatter evenly on the arcsinh scale, in proportion to this on the linear one."""
    return max(reading.cofactor for reading in readings) if scale == "linear" else None


def _band(control: Arm, level: float, df: float) -> tuple[float, float]:
    """Interval of a control's mean."""
    half = quantile(level, df) * math.sqrt(control.variance)
    return (control.mean - half, control.mean + half)
