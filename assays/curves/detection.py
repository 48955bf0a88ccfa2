"""How little can be told from nothing: limits from the curve, from zeros, and by CLSI EP17.

From the curve: the minimum detectable concentration is the lowest one whose expected response
leaves the limits of a response at zero; the reliable detection limit is the lowest one whose own
lower limit does. The precision profile is the CV of a concentration read back, and the lowest
concentration at which it is good enough is a limit of quantitation.

References
----------
O'Connell, Belanger & Haaland (1993), Chemom. Intell. Lab. Syst. 20, 97: MDC, RDL, LOQ.
CLSI EP17-A2 (2012), section 5: limits of blank and detection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.standard_curve import StandardCurve
from assays.errors import CurveFitError

Floats = NDArray[np.float64]

FEWEST_ZEROS = 10
"""Zero wells that a limit of detection may be taken from; fewer know their SD too badly."""
QUANTILE = 1.645
"""Normal quantile of 95 %, one-sided."""
STEPS = 2001


def minimum_detectable(curve: StandardCurve, wells: float = 1, level: float = 0.95) -> float:
    """Lowest concentration whose expected response leaves the limits of zero's.

    Parameters
    ----------
    wells : float
        Wells averaged, at zero.
    level : float
        Of the two-sided prediction limits.

    Returns
    -------
    float
        NaN where no zero standard was fitted, there are no degrees of freedom, or the curve never
        leaves the limits.
    """
    edge = _edge_of_zero(curve, wells, level)
    return float(curve.model.inverse(np.asarray(edge), curve.vector)) if edge == edge else np.nan


def reliable_detection(curve: StandardCurve, wells: float = 1, level: float = 0.95) -> float:
    """Lowest concentration whose lower prediction limit leaves the limits of zero's response.

    Parameters and NaN as `minimum_detectable`.
    """
    edge = _edge_of_zero(curve, wells, level)
    if edge != edge:
        return np.nan
    start = minimum_detectable(curve, wells, level)
    if not start > 0:
        return np.nan

    def clear(x: Floats) -> NDArray[np.bool_]:
        low, high = curve.prediction_band(x, wells, level)
        return np.asarray(low > edge if curve.rising else high < edge)

    x = np.geomspace(start, max(float(curve.x.max()), start) * 10, STEPS)
    found = clear(x)
    if not found.any():
        return np.nan
    first = int(found.argmax())
    below, above = x[max(first - 1, 0)], x[first]
    for _ in range(60):
        middle = (below + above) / 2
        below, above = (below, middle) if clear(np.array([middle]))[0] else (middle, above)
    return float(above)


def _edge_of_zero(curve: StandardCurve, wells: float, level: float) -> float:
    if curve.x.min() > 0 or curve.df <= 0:
        return np.nan
    low, high = curve.prediction_band(0.0, wells, level)
    return float(high if curve.rising else low)


def precision_profile(curve: StandardCurve, x: ArrayLike, wells: int = 2) -> Floats:
    """CV, %, of a concentration read back from the mean of so many wells, at concentrations x.

    The standard error of the delta method, from the wells' own noise and the curve's, over x. NaN
    at 0 and without degrees of freedom.
    """
    at = np.asarray(x, dtype=np.float64)
    error = curve.inverse(curve.forward(at), wells=wells, interval="wald").standard_error
    with np.errstate(all="ignore"):
        return np.asarray(np.where(at > 0, 100 * error / at, np.nan))


def working_range(
    curve: StandardCurve, cv_percent: float = 20.0, wells: int = 2
) -> tuple[float, float]:
    """Lowest and highest concentration between which the precision profile stays within a CV.

    The stretch around the lowest CV, within the standards; NaN where the CV is never that low.
    """
    positive = curve.x[curve.x > 0]
    x = np.geomspace(positive.min(), positive.max(), STEPS)
    profile = precision_profile(curve, x, wells)
    good = profile <= cv_percent
    if not good.any():
        return np.nan, np.nan
    best = int(np.nanargmin(profile))
    below, above = np.flatnonzero(~good[:best]), np.flatnonzero(~good[best:])
    first = int(below[-1]) + 1 if below.size else 0
    last = best + int(above[0]) - 1 if above.size else len(x) - 1
    return float(x[first]), float(x[last])


def quantitation_limit(curve: StandardCurve, cv_percent: float = 20.0, wells: int = 2) -> float:
    """Lowest concentration that is read back with a CV within the goal.

    The lower end of the precision profile (O'Connell, Belanger & Haaland 1993), which the standards
    need not reach down to: below them it extrapolates, as its name in a report should say. NaN
    without degrees of freedom, or where no concentration up to the top standard meets the goal.
    """
    positive = curve.x[curve.x > 0]
    x = np.geomspace(positive.min() / 1000, positive.max(), STEPS)
    good = precision_profile(curve, x, wells) <= cv_percent
    if not good.any():
        return np.nan
    first = int(good.argmax())
    if first == 0:
        return float(x[0])
    below, above = x[first - 1], x[first]
    for _ in range(50):
        middle = (below + above) / 2
        met = precision_profile(curve, np.array([middle]), wells)[0] <= cv_percent
        below, above = (below, middle) if met else (middle, above)
    return float(above)


@dataclass(frozen=True, slots=True)
class Detection:
    """A limit of detection, and how it was found."""

    value: float
    """NaN where there is none."""
    source: str


def detection_limit(curve: StandardCurve, zeros: ArrayLike, multiple: float = 2.0) -> Detection:
    """Limit of detection: from the zero wells when there are enough of them, else the curve's.

    Parameters
    ----------
    zeros : array_like
        Responses of single zero-standard wells; NaN are left out.
    multiple : float
        SDs away from the zeros' mean: kit inserts take 2 or 3.

    Returns
    -------
    Detection
        With fewer than 10 zeros the minimum detectable concentration of a single well.
    """
    known = np.asarray(zeros, dtype=np.float64).ravel()
    known = known[np.isfinite(known)]
    if len(known) < FEWEST_ZEROS:
        why = f"from the curve: {len(known)} zero wells, {FEWEST_ZEROS} needed for their own SD"
        return Detection(minimum_detectable(curve), why)
    way = 1 if curve.rising else -1
    edge = float(known.mean() + way * multiple * known.std(ddof=1))
    found = float(curve.model.inverse(np.asarray(edge), curve.vector))
    return Detection(found, f"mean {'+' if way > 0 else '−'} {multiple:g} SD of {len(known)} zeros")


@dataclass(frozen=True, slots=True)
class DetectionCapability:
    """Limits by CLSI EP17-A2, in the unit of the results."""

    blank: float
    """Limit of blank (LoB)."""
    detection: float
    """Limit of detection (LoD)."""
    quantitation: float
    """Limit of quantitation (LoQ): the lowest low sample from which on the CV goal is met; NaN
    where none meets it."""
    blank_by_rank: float
    """LoB without assuming a normal distribution."""
    detection_by_rank: float
    pooled_sd_low: float
    enough: bool
    """Whether blanks and low samples number 60 each, as establishing a claim needs."""


def detection_capability(
    blanks: Sequence[ArrayLike], lows: Sequence[ArrayLike], cv_goal_percent: float = 20.0
) -> DetectionCapability:
    """LoB, LoD and LoQ of a dedicated experiment.

    LoB = mean + c SD of the blanks and LoD = LoB + c SD_low, each c = 1.645 / (1 - 1/(4 f)) with f
    the results less the samples they come from; SD_low is pooled over the low samples.

    Parameters
    ----------
    blanks, lows : sequence of array_like
        Results in concentration, one array for every blank and every low sample.

    Raises
    ------
    CurveFitError
        When there are fewer than two results for a blank or a low sample.

    Examples
    --------
    >>> low = [[1.0, 1.2, 0.8, 1.1, 0.9]]
    >>> found = detection_capability([[0.0, 0.1, 0.2, 0.1, 0.1]], low)
    >>> round(found.blank, 4), round(found.detection, 4)
    (0.2241, 0.5015)
    """
    blank, low = _known(blanks, "blank"), _known(lows, "low sample")
    with np.errstate(all="ignore"):
        return _capability(blank, low, cv_goal_percent)


def _capability(
    blank: list[Floats], low: list[Floats], cv_goal_percent: float
) -> DetectionCapability:
    every = np.concatenate(blank)
    b = len(every)
    limit = float(every.mean() + _factor(b - len(blank)) * every.std(ddof=1))
    freedom = sum(len(one) - 1 for one in low)
    pooled = float(np.sqrt(sum((len(one) - 1) * one.var(ddof=1) for one in low) / freedom))
    added = _factor(freedom) * pooled
    ranked, rank = np.sort(every), 0.5 + 0.95 * b
    by_rank = float(np.interp(rank, np.arange(1, b + 1), ranked))
    ordered = sorted(low, key=lambda one: float(one.mean()))
    met = [100 * one.std(ddof=1) / one.mean() <= cv_goal_percent for one in ordered]
    misses = [i for i, good in enumerate(met) if not good]
    first = misses[-1] + 1 if misses else 0
    goal = max(float(ordered[first].mean()), limit + added) if first < len(ordered) else np.nan
    enough = min(b, sum(len(one) for one in low)) >= 60
    return DetectionCapability(
        limit, limit + added, float(goal), by_rank, by_rank + added, pooled, enough
    )


def _known(samples: Sequence[ArrayLike], name: str) -> list[Floats]:
    found = [np.asarray(one, dtype=np.float64).ravel() for one in samples]
    found = [one[np.isfinite(one)] for one in found]
    if not found or min(len(one) for one in found) < 2:
        raise CurveFitError(f"each {name} needs two or more results", hint="EP17 asks for 60.")
    return found


def _factor(freedom: int) -> float:
    return QUANTILE / (1 - 1 / (4 * freedom))
