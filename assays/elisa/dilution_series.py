"""Every sample that stands on a plate at several dilutions, as one series.

Linearity asks whether each dilution, corrected, agrees with the least diluted one; parallelism
whether the corrected concentrations scatter no more than they may. Both are the same question put
to the standard curve: a sample whose curve runs in parallel with the standard's gives one
concentration at every dilution. Where a series has enough dilutions to carry a curve of its own,
the two curves are compared as well (F-test, and equivalence of slope and range).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assays import curves
from assays.curves import StandardCurve
from assays.curves.dilution import CV_PERCENT, WITHIN_PERCENT
from assays.elisa.groups import Group
from assays.elisa.rule_set import QUOTED
from assays.elisa.standards import usable
from assays.errors import CurveFitError
from assays.protocol import Elisa
from assays.results.dilution import DilutionSeriesResult, DilutionStep
from assays.results.elisa import SampleConcentration
from plates.layout import Role

OWN_CURVE = 5
"""Dilutions from which on a series may carry a four-parameter curve of its own."""
UNTESTED = (math.nan, (math.nan, math.nan, math.nan), None)


def dilution_results(
    samples: Sequence[SampleConcentration],
    groups: Sequence[Group],
    curve: StandardCurve | None,
    protocol: Elisa,
) -> tuple[DilutionSeriesResult, ...]:
    """Each sample with two dilutions or more, in order of the plate.

    Parameters
    ----------
    samples, groups : sequence
        Of one plate, in the same order.
    """
    series: dict[tuple[object, ...], list[tuple[SampleConcentration, Group]]] = {}
    for sample, group in zip(samples, groups, strict=True):
        if sample.role in (Role.SAMPLE, Role.CONTROL, Role.QC):
            key = (sample.sample, sample.role, tuple(sorted((sample.labels or {}).items())))
            series.setdefault(key, []).append((sample, group))
    return tuple(
        _series(sorted(found, key=lambda pair: pair[0].dilution_factor), curve, protocol)
        for found in series.values()
        if len({sample.dilution_factor for sample, _ in found}) > 1
    )


def _series(
    found: Sequence[tuple[SampleConcentration, Group]],
    curve: StandardCurve | None,
    protocol: Elisa,
) -> DilutionSeriesResult:
    samples = [sample for sample, _ in found]
    known = [s for s in samples if math.isfinite(s.concentration)]
    first = samples[0]
    steps, before = [], math.nan
    for sample in samples:
        value = sample.concentration
        steps.append(
            DilutionStep(
                sample.dilution_factor,
                sample.wells,
                value,
                sample.interval,
                100 * value / known[0].concentration if known else math.nan,
                100 * value / before,
                sample.status,
            )
        )
        before = value if math.isfinite(value) else before
    mean, cv, slope, interval = math.nan, math.nan, math.nan, (math.nan, math.nan)
    linear: bool | None = None
    parallel: bool | None = None
    if known:
        factors = [one.dilution_factor for one in known]
        whole = curves.dilution_series(
            factors, [one.concentration / one.dilution_factor for one in known]
        )
        mean, cv, slope, interval = whole.mean, whole.cv_percent, whole.slope, whole.slope_interval
        if len(known) > 1:
            linear, parallel = whole.linear, whole.parallel
    p_value, ratio, equivalent = _beside_standard([group for _, group in found], curve, protocol)
    return DilutionSeriesResult(
        first.plate,
        first.sample,
        dict(first.labels or {}),
        first.unit,
        tuple(steps),
        len(known),
        mean,
        cv,
        slope,
        interval,
        linear,
        WITHIN_PERCENT,
        parallel,
        CV_PERCENT,
        QUOTED,
        p_value,
        ratio,
        equivalent,
    )


def _beside_standard(
    groups: Sequence[Group], curve: StandardCurve | None, protocol: Elisa
) -> tuple[float, tuple[float, float, float], bool | None]:
    """The curve of the dilutions held against the standard's, where they carry one."""
    if curve is None or curve.model.name != "4pl" or len(groups) < OWN_CURVE:
        return UNTESTED
    wells = [(1 / group.dilution_factor, well.signal)
             for group in groups for well in group.wells if usable(well, False)]  # fmt: skip
    dose, signal = (np.array(each) for each in zip(*wells, strict=True)) if wells else ((), ())
    above = curve.x > 0
    try:
        found = curves.parallelism(
            (curve.x[above], curve.y[above]), (dose, signal), protocol.curve.weighting
        )
    except CurveFitError:
        # Dilutions that see one end of the curve only carry none: the CV and the slope remain.
        return UNTESTED
    return found.p_value, found.slope_ratio, found.equivalent
