"""Plates of a run held together: controls over plates, a bridge between plates, one range.

Every plate keeps its own curve and its own results. What they say together is about the assay: how
far a control's results lie apart, whether a sample gives the same number on two plates, and which
limits of quantitation the standards of all plates support.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays import curves
from assays.elisa.standards import usable
from assays.errors import CurveFitError
from assays.results.elisa import PlateResult, RangeStatus, SampleConcentration
from assays.results.plates_together import (
    BridgePair,
    BridgeResult,
    ControlPrecision,
    LevelOverPlates,
    RangeOverPlates,
)
from plates.layout import Role

ALIKE = (0.80, 1.25)
"""Mean ratio of two plates that count as alike, as in bioequivalence; a laboratory may set its own
from history."""
MEASURED_LABELS = ("cell_density", "cell_density_unit")
MOST_PAIRS_SHOWN = 5000
NOTHING = (math.nan, math.nan)


def control_precision(plates: Sequence[PlateResult], unit: str) -> tuple[ControlPrecision, ...]:
    """Every control that stands on two plates or more, by sample and target.

    Each used well is a result, in the undiluted control; a well that the curve has no answer for is
    left out.
    """
    runs: dict[tuple[str, float], dict[str, list[float]]] = {}
    for plate in plates:
        for well in plate.wells:
            counts = well.role in (Role.QC, Role.CONTROL) and usable(well, with_excluded=False)
            if counts and math.isfinite(well.concentration):
                key = (well.sample, -1.0 if math.isnan(well.nominal) else well.nominal)
                by_plate = runs.setdefault(key, {})
                value = well.concentration * well.dilution_factor
                by_plate.setdefault(plate.plate, []).append(value)
    return tuple(
        _precision(name, nominal, found, unit)
        for (name, nominal), found in sorted(runs.items(), key=lambda one: (one[0][1], one[0][0]))
        if len(found) > 1
    )


def _precision(
    name: str, nominal: float, runs: dict[str, list[float]], unit: str
) -> ControlPrecision:
    found = curves.precision(runs)
    target = nominal if nominal > 0 else math.nan
    return ControlPrecision(
        name,
        target,
        unit,
        found.mean,
        100 * found.mean / target,
        found.results,
        found.plates,
        found.within_cv_percent,
        found.within_cv_interval,
        found.total_cv_percent,
        found.total_cv_interval,
        found.between_cv_percent,
        found.between_cv_interval,
        found.enough,
    )


def bridges(plates: Sequence[PlateResult], unit: str) -> tuple[BridgeResult, ...]:
    """Each plate against the first, by the samples and controls that both measured.

    Of a sample at several dilutions the least diluted one within the limits counts. Plates without
    anything in common are left out.
    """
    if len(plates) < 2:
        return ()
    first, *others = plates
    reference = _measured(first)
    return tuple(
        result for other in others if (result := _bridge(first, other, reference, unit)) is not None
    )


def _measured(plate: PlateResult) -> dict[tuple[object, ...], SampleConcentration]:
    """What a plate says of each sample: its least diluted row within the limits."""
    found: dict[tuple[object, ...], SampleConcentration] = {}
    for sample in sorted(plate.samples, key=lambda one: one.dilution_factor):
        if sample.role == Role.MEDIUM or sample.status != RangeStatus.OK:
            continue
        # A culture counted twice is the same sample still.
        labels = {n: t for n, t in (sample.labels or {}).items() if n not in MEASURED_LABELS}
        found.setdefault((sample.sample, sample.role, tuple(sorted(labels.items()))), sample)
    return found


def _bridge(
    first: PlateResult,
    second: PlateResult,
    reference: dict[tuple[object, ...], SampleConcentration],
    unit: str,
) -> BridgeResult | None:
    own = _measured(second)
    common = [key for key in reference if key in own][:MOST_PAIRS_SHOWN]
    if not common:
        return None
    pairs = tuple(
        BridgePair(reference[key].sample, reference[key].concentration, own[key].concentration)
        for key in common
    )
    try:
        found = curves.bridge([p.first for p in pairs], [p.second for p in pairs], ALIKE)
    except CurveFitError:
        # Too few pairs to say more than what they are.
        return BridgeResult(
            first.plate, second.plate, unit, pairs, math.nan, NOTHING, ALIKE, None, math.nan,
            NOTHING, math.nan, NOTHING, math.nan, NOTHING, math.nan,
        )  # fmt: skip
    return BridgeResult(
        first.plate,
        second.plate,
        unit,
        pairs,
        found.ratio,
        found.ratio_interval,
        ALIKE,
        found.equivalent,
        found.mean_percent,
        found.limits_of_agreement_percent,
        found.deming.slope,
        found.deming.slope_interval,
        found.deming.intercept,
        found.deming.intercept_interval,
        found.concordance,
    )


def range_over_plates(plates: Sequence[PlateResult], unit: str) -> RangeOverPlates | None:
    """Limits of quantitation that the standards of three plates or more support; else None.

    Every used well of a standard above zero is a result. A well at a level that a plate's own curve
    cannot read back makes that level fail.
    """
    fitted = [plate for plate in plates if plate.curve is not None]
    if len(fitted) < curves.RangeRules().fewest_plates:
        return None
    levels: dict[float, list[list[float]]] = {}
    for plate in fitted:
        for level in plate.standards:
            if level.nominal > 0 and level.in_fit:
                own = dict.fromkeys(level.wells)
                read = [well.concentration for well in plate.wells if well.well in own]
                levels.setdefault(level.nominal, []).append(read)
    found = curves.assess_range(levels)
    return RangeOverPlates(
        unit,
        found.lloq,
        found.uloq,
        found.plates,
        found.enough,
        f"{found.source}; document not seen",
        tuple(
            LevelOverPlates(
                level.nominal,
                level.plates,
                level.results,
                level.recovery_percent,
                level.cv_percent,
                level.within_plate_cv_percent,
                level.between_plates_cv_percent,
                level.total_error_percent,
                level.inside,
                level.inside_as_end,
                level.why,
            )
            for level in found.levels
        ),
    )
