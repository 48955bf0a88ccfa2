"""Between which concentrations a plate may be believed.

Limits declared for the method come from its validation. One plate can narrow them, when its
standards near the ends do not read back; it can never widen them. Without declared limits the
plate's own are used and called provisional.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assays.curves import StandardCurve
from assays.elisa.rule_set import RuleSet
from assays.protocol import Limits
from assays.results.elisa import QuantRange, StandardLevel, WellReading
from plates.layout import Role
from plates.qc.tokens import is_beyond

CEILING_WELLS = 2
ROUNDING = 0.01
"""A declared 3.13 and a standard of 3.125 are the same limit."""


def find_limits(
    plate: str,
    curve: StandardCurve | None,
    levels: Sequence[StandardLevel],
    declared: Limits,
    saturated: Sequence[float],
    rules: RuleSet,
) -> QuantRange:
    """Limits of quantitation of one plate, in the run's unit.

    The plate's own are the lowest and the highest standard that read back within what
    the rules allow at the ends of the range; levels at the reader's limit do not count.

    Parameters
    ----------
    saturated : sequence of float
        Nominal concentrations that read at the reader's limit.
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
    lod, lod_source = _detection(curve, declared)
    return QuantRange(
        plate,
        lod,
        lod_source,
        lloq,
        uloq,
        lloq_source,
        uloq_source,
        declared.lloq is None or declared.uloq is None,
    )


def saturated_levels(wells: Sequence[WellReading]) -> tuple[float, ...]:
    """Nominal concentrations whose every well reads exactly the plate's highest number.

    Two or more wells with one highest number are a detector's ceiling, not a coincidence.
    """
    raw = np.array([well.raw for well in wells])
    if not np.isfinite(raw).any():
        return ()
    top = np.nanmax(raw)
    if int(np.sum(raw == top)) < CEILING_WELLS:
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


def _detection(curve: StandardCurve | None, declared: Limits) -> tuple[float, str]:
    """Lowest concentration whose response stands out from that of a zero standard.

    The minimum detectable concentration: where the curve leaves the 95 % prediction limits of a
    single well's response at zero (O'Connell, Belanger & Haaland 1993, Chemom. Intell. Lab. Syst.
    20, 97). Known only when zero standards were measured and fitted.
    """
    if declared.lod is not None:
        return declared.lod, "declared"
    if curve is None or curve.x.min() > 0 or curve.df <= 0:
        return math.nan, ""
    low, high = curve.prediction_band(0.0, level=0.95)
    edge = high if curve.rising else low
    found = float(curve.model.inverse(np.asarray(edge), curve.vector))
    return (found, "from the curve") if math.isfinite(found) else (math.nan, "")
