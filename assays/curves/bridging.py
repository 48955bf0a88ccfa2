"""The same samples on two plates, lots or days: does the second give what the first gave?

Concentrations of one assay differ by a factor rather than by an amount, so the verdict rests on
the mean ratio: the geometric mean of second over first with Student's interval on logs, and whether
that lies within limits set beforehand (0.80 to 1.25). Beside it, what other reports print: Bland
and Altman's differences, in the unit and in percent of the pair's mean; a Deming line (both plates
err alike) and a Passing–Bablok line (no assumption on errors, few outliers do no harm); Pearson's r
and Lin's concordance. A high r says that samples differ, not that plates agree.

References
----------
Bland & Altman (1986), Lancet 327, 307.
Deming (1943), Statistical Adjustment of Data; Linnet (1990), Stat. Med. 9, 1463: jackknife limits.
Passing & Bablok (1983), J. Clin. Chem. Clin. Biochem. 21, 709.
Lin (1989), Biometrics 45, 255. CLSI EP26-A (2013): lot-to-lot comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError

Floats = NDArray[np.float64]
Interval = tuple[float, float]

FEWEST_PAIRS = 3
MOST_PAIRS = 2000
"""All pairs of pairs are looked at; beyond this they take too much memory."""
ALIKE = (0.80, 1.25)
"""Limits of the mean ratio in common use; a laboratory sets its own."""
AGREEMENT_SD = 1.96
"""As Bland and Altman write it."""


@dataclass(frozen=True, slots=True)
class Line:
    """second = intercept + slope × first, with 95 % intervals (or the level asked for)."""

    slope: float
    slope_interval: Interval
    intercept: float
    intercept_interval: Interval


@dataclass(frozen=True, slots=True)
class Bridge:
    """Paired results of two plates; everything is second against first."""

    n: int
    """Pairs compared."""
    left_out: int
    """Pairs without two numbers above 0."""
    ratio: float
    """Geometric mean of second / first."""
    ratio_interval: Interval
    limits: Interval
    """Within which the plates count as alike."""
    mean_difference: float
    """Of second - first, in their unit."""
    limits_of_agreement: Interval
    """Mean ± 1.96 SD of the differences."""
    mean_percent: float
    """Of 100 (second - first) / mean of both."""
    limits_of_agreement_percent: Interval
    deming: Line
    """Errors of both plates alike."""
    passing_bablok: Line
    """NaN intervals with fewer than five pairs."""
    pearson: float
    """NaN where one plate's results do not vary."""
    concordance: float
    """Lin's coefficient."""
    level: float

    @property
    def equivalent(self) -> bool:
        """Whether the interval of the mean ratio lies within the limits."""
        low, high = self.ratio_interval
        return bool(self.limits[0] <= low and high <= self.limits[1])


def bridge(
    first: ArrayLike,
    second: ArrayLike,
    limits: tuple[float, float] = ALIKE,
    level: float = 0.95,
) -> Bridge:
    """Hold paired concentrations of two plates against one another.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Concentrations of the same samples in the same order, in one unit. A pair with NaN, zero
        or a negative number has no ratio: it is left out and counted.
    limits : (float, float)
        Of the mean ratio, for `Bridge.equivalent`.
    level : float
        Confidence of the intervals.

    Raises
    ------
    CurveFitError
        When lengths differ, fewer than three pairs are left, or limits or level make no sense.

    Examples
    --------
    >>> found = bridge([10.0, 20.0, 40.0, 80.0], [11.0, 21.0, 44.0, 86.0])
    >>> round(found.ratio, 3), found.equivalent
    (1.081, True)
    """
    if not 0 < level < 1:
        raise CurveFitError(f"the confidence level {level:g} does not lie between 0 and 1")
    if not 0 < limits[0] < limits[1] < np.inf:
        raise CurveFitError(f"a ratio cannot lie between {limits[0]:g} and {limits[1]:g}")
    x = np.asarray(first, dtype=np.float64).ravel()
    y = np.asarray(second, dtype=np.float64).ravel()
    if x.shape != y.shape:
        raise CurveFitError(f"{len(x)} results of one plate stand beside {len(y)} of the other")
    with np.errstate(invalid="ignore"):
        kept = (x > 0) & (y > 0) & np.isfinite(x) & np.isfinite(y)
    left_out = int((~kept).sum())
    x, y = x[kept], y[kept]
    if not FEWEST_PAIRS <= len(x) <= MOST_PAIRS:
        raise CurveFitError(
            f"a bridge needs {FEWEST_PAIRS} to {MOST_PAIRS} samples measured on both plates, "
            f"{len(x)} found",
            hint="Repeat samples or controls over the whole range on both plates.",
        )
    # Numbers near the end of what a float holds have no spread: inf or NaN, and no warning.
    with np.errstate(all="ignore"):
        return _held(x, y, left_out, limits, level)


def _held(x: Floats, y: Floats, left_out: int, limits: Interval, level: float) -> Bridge:
    log_mean, log_interval = _student(np.log(y) - np.log(x), level)
    apart, percent = y - x, 200 * (y - x) / (x + y)
    sx, sy = float(x.var(ddof=1)), float(y.var(ddof=1))
    covariance = float((x - x.mean()) @ (y - y.mean()) / (len(x) - 1))
    varies = sx > 0 and sy > 0
    return Bridge(
        len(x),
        left_out,
        float(np.exp(log_mean)),
        (float(np.exp(log_interval[0])), float(np.exp(log_interval[1]))),
        limits,
        float(apart.mean()),
        _agreement(apart),
        float(percent.mean()),
        _agreement(percent),
        _deming(x, y, level),
        _passing_bablok(x, y, level),
        float(covariance / np.sqrt(sx * sy)) if varies else np.nan,
        _concordance(x, y),
        level,
    )


def _student(values: Floats, level: float) -> tuple[float, Interval]:
    from scipy.special import stdtrit

    n = len(values)
    mean = float(values.mean())
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * float(values.std(ddof=1)) / np.sqrt(n)
    return mean, (mean - half, mean + half)


def _agreement(values: Floats) -> Interval:
    mean, wide = float(values.mean()), AGREEMENT_SD * float(values.std(ddof=1))
    return mean - wide, mean + wide


def _concordance(x: Floats, y: Floats) -> float:
    """Lin's coefficient, variances over n as he wrote them."""
    sx, sy = float(x.var()), float(y.var())
    both = float((x - x.mean()) @ (y - y.mean()) / len(x))
    whole = sx + sy + float(np.square(x.mean() - y.mean()))
    return 2 * both / whole if whole > 0 else np.nan


def _deming(x: Floats, y: Floats, level: float) -> Line:
    """Orthogonal line; intervals by the jackknife over pairs."""
    from scipy.special import stdtrit

    n = len(x)
    whole = np.array(_orthogonal(x, y))
    kept = ~np.eye(n, dtype=bool)
    every = np.broadcast_to(np.arange(n), (n, n))
    left = np.array([_orthogonal(x[every[i][kept[i]]], y[every[i][kept[i]]]) for i in range(n)])
    pseudo = n * whole - (n - 1) * left
    error = pseudo.std(axis=0, ddof=1) / np.sqrt(n)
    half = float(stdtrit(n - 2, 0.5 + level / 2)) * error
    low, high = whole - half, whole + half
    return Line(
        float(whole[0]),
        (float(low[0]), float(high[0])),
        float(whole[1]),
        (float(low[1]), float(high[1])),
    )


def _orthogonal(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and intercept; NaN where neither varies together with the other."""
    dx, dy = x - x.mean(), y - y.mean()
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    if sxy == 0:
        return np.nan, np.nan
    slope = (syy - sxx + float(np.hypot(syy - sxx, 2 * sxy))) / (2 * sxy)
    return slope, float(y.mean() - slope * x.mean())


def _passing_bablok(x: Floats, y: Floats, level: float) -> Line:
    """Shifted median of the slopes between all pairs of points."""
    from scipy.special import ndtri

    n = len(x)
    i, j = np.triu_indices(n, 1)
    dx, dy = x[j] - x[i], y[j] - y[i]
    differ = (dx != 0) | (dy != 0)
    with np.errstate(divide="ignore"):
        slopes = np.where(dx[differ] == 0, np.sign(dy[differ]) * np.inf, dy[differ] / dx[differ])
    slopes = np.sort(slopes[slopes != -1])
    if not len(slopes):
        return Line(np.nan, (np.nan, np.nan), np.nan, (np.nan, np.nan))
    count, shift = len(slopes), int((slopes < -1).sum())
    slope = _ranked(slopes, (count + 1) / 2 + shift)
    intercept = float(np.median(y - slope * x)) if np.isfinite(slope) else np.nan
    if n < 5:
        return Line(slope, (np.nan, np.nan), intercept, (np.nan, np.nan))
    wide = float(ndtri(0.5 + level / 2)) * np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    first = round((count - wide) / 2)
    last = count - first + 1
    if first < 1 or last + shift > count:
        return Line(slope, (np.nan, np.nan), intercept, (np.nan, np.nan))
    low, high = float(slopes[first + shift - 1]), float(slopes[last + shift - 1])
    ends = [float(np.median(y - end * x)) if np.isfinite(end) else np.nan for end in (high, low)]
    return Line(slope, (low, high), intercept, (ends[0], ends[1]))


def _ranked(ordered: Floats, rank: float) -> float:
    """Value at a rank counted from 1; half a rank lies between two. Within the values."""
    at = min(max(rank, 1.0), float(len(ordered)))
    low, high = ordered[int(np.floor(at)) - 1], ordered[int(np.ceil(at)) - 1]
    return float(low) if low == high else float((low + high) / 2)
