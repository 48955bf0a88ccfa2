"""Samples read back from the curve, each at each of its dilutions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assays.curves import Place, StandardCurve
from assays.elisa.groups import Group
from assays.elisa.per_cells import cell_factor
from assays.elisa.replicates import cv_percent, mean
from assays.elisa.spikes import spiked_with
from assays.elisa.standards import usable
from assays.protocol import Elisa
from assays.results.elisa import QuantRange, RangeStatus, SampleConcentration
from plates.qc.tokens import is_beyond

UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Reading:
    """One group read back: in the well, before dilution."""

    signal: float
    value: float
    """NaN where the curve has no answer."""
    interval: tuple[float, float]
    concentrations: tuple[float, ...]
    """Of each used well."""
    place: Place


def read_groups(
    groups: Sequence[Group], curve: StandardCurve, protocol: Elisa, with_excluded: bool = False
) -> tuple[Reading, ...]:
    """Concentration of every group by the choice of the protocol.

    ``mean response`` reads the mean signal back; ``mean of inverses`` averages the concentrations
    of the wells that have one, as SoftMax Pro does. The interval is that of the mean signal: the
    part of the confidence set around the estimate, since a second part at infinity (an unseen
    plateau) lies above the ULOQ in any case.
    """
    signals = [
        np.array([well.signal for well in group.wells if usable(well, with_excluded)])
        for group in groups
    ]
    means = np.array([mean(each) for each in signals])
    counts = np.array([max(len(each), 1) for each in signals])
    choice = protocol.curve
    found = curve.inverse(means, wells=counts, level=choice.level, interval=choice.interval)
    readings = []
    for i, each in enumerate(signals):
        wells = curve.read_back(each)
        averaged = protocol.curve.inverse == "mean of inverses"
        value = mean(wells) if averaged else float(found.value[i])
        interval = (float(found.near_lower[i]), float(found.near_upper[i]))
        place = Place(str(found.status[i]))
        readings.append(Reading(float(means[i]), value, interval, tuple(map(float, wells)), place))
    return tuple(readings)


def quantify(
    groups: Sequence[Group],
    curve: StandardCurve | None,
    limits: QuantRange,
    protocol: Elisa,
    without: StandardCurve | None = None,
) -> tuple[SampleConcentration, ...]:
    """Concentration of every group, in the undiluted sample.

    Parameters
    ----------
    curve : StandardCurve or None
        None when the curve was refused: then no sample has a concentration.
    limits : QuantRange
        In the run's unit, as in the well.
    without : StandardCurve, optional
        The curve had nothing been excluded; with it every sample carries the value it would have.
    """
    nothing: tuple[Reading | None, ...] = (None,) * len(groups)
    readings = read_groups(groups, curve, protocol) if curve is not None else nothing
    others = read_groups(groups, without, protocol, True) if without is not None else nothing
    return tuple(
        _sample(group, curve, reading, other, limits, protocol)
        for group, reading, other in zip(groups, readings, others, strict=True)
    )


def _sample(
    group: Group,
    curve: StandardCurve | None,
    reading: Reading | None,
    other: Reading | None,
    limits: QuantRange,
    protocol: Elisa,
) -> SampleConcentration:
    used = [well for well in group.wells if usable(well, with_excluded=False)]
    signals = [well.signal for well in used]
    status = _status(group, reading, limits, protocol, curve)
    known = status in (RangeStatus.OK, RangeStatus.HIGH_CV)
    factor = group.dilution_factor
    value = reading.value * factor if reading is not None else math.nan
    interval = _times(reading.interval, factor) if reading is not None else UNKNOWN
    qualifier, limit = _limit(status, limits, factor)
    concentration = value if known else math.nan
    # Replicates that disagree beyond the limit scatter more than the curve says they may:
    # its noise cannot give them an interval.
    interval = interval if status is RangeStatus.OK else UNKNOWN
    cells = cell_factor(group.labels, protocol)
    sample = SampleConcentration(
        group.wells[0].plate,
        group.sample,
        tuple(well.well for well in used),
        tuple(well.well for well in group.wells if well.excluded_why),
        factor,
        mean(signals),
        cv_percent(signals),
        concentration,
        interval,
        protocol.unit,
        cv_percent(reading.concentrations) if reading is not None else math.nan,
        status,
        qualifier,
        limit,
        math.nan if known else value,
        concentration_with_excluded=_with_excluded(other, limits, factor),
        labels=dict(group.labels),
        role=group.role,
        spike=spiked_with(group.labels, protocol.unit, group.wells[0].plate),
    )
    if cells is None:
        return sample
    return replace(
        sample,
        per_cells=concentration * cells.factor,
        per_cells_interval=_times(interval, cells.factor),
        per_cells_unit=cells.unit,
        per_cells_factor=cells.factor,
        per_cells_origin=cells.origin,
        per_cells_limit=limit * cells.factor,
    )


def _status(
    group: Group,
    reading: Reading | None,
    limits: QuantRange,
    protocol: Elisa,
    curve: StandardCurve | None,
) -> RangeStatus:
    kept = [well for well in group.wells if not well.excluded_why]
    if not kept:
        return RangeStatus.EXCLUDED
    over = [well for well in kept if is_beyond(well.flag)]
    if curve is None or reading is None or math.isnan(limits.lloq) or math.isnan(limits.uloq):
        return RangeStatus.REJECTED
    if over:
        # What is left of the replicates is the low half of them.
        return RangeStatus.ABOVE_ULOQ if curve.rising else RangeStatus.BELOW_LLOQ
    if math.isnan(reading.signal):
        return RangeStatus.NO_SIGNAL
    value = reading.value
    if math.isnan(value):
        below = reading.place == Place.BELOW
        value = -math.inf if below else math.inf
    # A limit of detection that nobody declared is shown but decides nothing.
    if limits.lod_source == "declared" and value < limits.lod < limits.lloq:
        return RangeStatus.BELOW_LOD
    if value < limits.lloq:
        return RangeStatus.BELOW_LLOQ
    if value > limits.uloq:
        return RangeStatus.ABOVE_ULOQ
    cv = cv_percent(reading.concentrations)
    high = cv > protocol.replicates.cv_concentration_percent
    return RangeStatus.HIGH_CV if high else RangeStatus.OK


def _limit(status: RangeStatus, limits: QuantRange, factor: float) -> tuple[str, float]:
    """Qualifier and limit in the reported unit: the plate's limit times the dilution."""
    by_status = {
        RangeStatus.BELOW_LOD: ("<", limits.lod),
        RangeStatus.BELOW_LLOQ: ("<", limits.lloq),
        RangeStatus.ABOVE_ULOQ: (">", limits.uloq),
    }
    qualifier, limit = by_status.get(status, ("", math.nan))
    return qualifier, limit * factor


def _times(interval: tuple[float, float], factor: float) -> tuple[float, float]:
    return interval[0] * factor, interval[1] * factor


def _with_excluded(reading: Reading | None, limits: QuantRange, factor: float) -> float:
    """The value had nothing been excluded anywhere; NaN when nothing was, and out of range."""
    if reading is None or not limits.lloq <= reading.value <= limits.uloq:
        return math.nan
    return reading.value * factor
