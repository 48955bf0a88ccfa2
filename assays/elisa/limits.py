"""Between which concentrations a plate may be believed.

Limits declared for the method come from its validation. One plate can narrow them, when its
standards near the ends do not read back; it can never widen them. Without declared limits the
plate's own are used and called provisional.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assays import curves
from assays.curves import StandardCurve
from assays.elisa.rule_set import RuleSet
from assays.protocol import Limits
from assays.results.elisa import QuantRange, StandardLevel, WellReading
from plates.layout import Role
from plates.qc.tokens import is_beyond

CEILING_WELLS = 3
"""Wells with one highest number that are no chance; two agree to three decimals now and then."""
CEILING_STEP, CEILING_LEAST = 0.5, 3.0
"""Where readers of absorbance end: 3, 3.5, 4, 6 OD. There two wells are enough."""
WORKING_CV_PERCENT = 20.0
"""CV that an immunoassay is usually allowed (ICH M10, 4.2, as generally quoted)."""
ROUNDING = 0.01
"""A declared 3.13 and a standard of 3.125 are the same limit."""


def find_limits(
    plate: str,
    curve: StandardCurve | None,
    levels: Sequence[StandardLevel],
    declared: Limits,
    saturated: Sequence[float],
    rules: RuleSet,
    zeros: Sequence[float] = (),
    wells: int = 2,
) -> QuantRange:
    """Limits of quantitation of one plate, in the run's unit.

    The plate's own are the lowest and the highest standard that read back within what
    the rules allow at the ends of the range; levels at the reader's limit do not count.

    Parameters
    ----------
    saturated : sequence of float
        Nominal concentrations that read at the reader's limit.
    zeros : sequence of float
        Signals of single wells of the zero standard.
    wells : int
        Wells of a sample, for the range in which the precision profile is good enough.
    """
    good = [
        level.nominal
        for level in levels
        if level.nominal > 0
        and level.in_fit
        and level.nominal not in saturated
        and abs(level.recovery_percent - 100) <= rules.ends_percent
    ]
    low, high = (min(good), max(good)) if len(good) > 1 else (math.nan, math.nan)
    lloq, lloq_source = _narrowed(declared.lloq, low, lowest=True)
    uloq, uloq_source = _narrowed(declared.uloq, high, lowest=False)
    lod, lod_source = _detection(curve, declared, zeros)
    return QuantRange(
        plate,
        lod,
        lod_source,
        lloq,
        uloq,
        lloq_source,
        uloq_source,
        declared.lloq is None or declared.uloq is None,
        *_from_curve(curve, wells),
    )


def _from_curve(
    curve: StandardCurve | None, wells: int
) -> tuple[float, float, tuple[float, float], float]:
    """MDC and RDL of a single well, and the range in which a CV of 20 % is kept."""
    if curve is None:
        return math.nan, math.nan, (math.nan, math.nan), WORKING_CV_PERCENT
    return (
        curves.minimum_detectable(curve),
        curves.reliable_detection(curve),
        curves.working_range(curve, WORKING_CV_PERCENT, wells),
        WORKING_CV_PERCENT,
    )


def saturated_levels(wells: Sequence[WellReading]) -> tuple[float, ...]:
    """Nominal concentrations whose every well reads exactly the plate's highest number.

    Three or more wells with one highest number are a detector's ceiling, not a coincidence; two
    are where readers are known to end.
    """
    raw = np.array([well.raw for well in wells])
    if not np.isfinite(raw).any():
        return ()
    top = np.nanmax(raw)
    known_end = top >= CEILING_LEAST and top % CEILING_STEP == 0
    if int(np.sum(raw == top)) < (2 if known_end else CEILING_WELLS):
        return ()
    levels: dict[float, list[bool]] = {}
    for well in wells:
        if well.role == Role.STANDARD and well.nominal > 0 and not well.excluded_why:
            levels.setdefault(well.nominal, []).append(well.raw == top or is_beyond(well.flag))
    return tuple(nominal for nominal, at_top in levels.items() if all(at_top))


def _narrowed(declared: float | None, own: float, *, lowest: bool) -> tuple[float, str]:
    if declared is None:
        return own, "provisional, this plate" if not math.isnan(own) else "no standard reads back"
    if math.isnan(own):
        return math.nan, "no standard reads back"
    tighter = own > declared * (1 + ROUNDING) if lowest else own < declared * (1 - ROUNDING)
    return (own, "declared, narrowed by this plate") if tighter else (declared, "declared")


def _detection(
    curve: StandardCurve | None, declared: Limits, zeros: Sequence[float]
) -> tuple[float, str]:
    """Limit of detection: declared; else from ten zeros and more; else the curve's.

    The curve's is the minimum detectable concentration of a single well: known only when zero
    standards were measured and fitted. See `assays.curves.detection`.
    """
    if declared.lod is not None:
        return declared.lod, "declared"
    if curve is None:
        return math.nan, ""
    found = curves.detection_limit(curve, zeros)
    return (found.value, found.source) if math.isfinite(found.value) else (math.nan, "")
