"""How far results of one control lie apart within a plate and between plates.

One-way analysis of variance over plates with n_i results each, N in all on k plates:

    V_within = MS_within
    V_between = (MS_between - MS_within) / n0, 0 where that is negative
    n0 = (N - sum(n_i²) / N) / (k - 1)
    V_total = V_within + V_between

The intra-assay CV is 100 sqrt(V_within) / mean. The inter-assay CV is 100 sqrt(V_total) / mean:
what two results on different plates differ by holds the differences within a plate too. The part
between plates alone is given beside it. Where plates have one result each, only the total is known.

Intervals: chi-square for within; chi-square at Satterthwaite's degrees of freedom for the total;
modified large-sample limits for between, which reach 0. The mean counts as known.

References
----------
CLSI EP05-A3 (2014) and EP15-A3 (2014): repeatability and within-laboratory precision.
Satterthwaite (1946), Biometrics Bulletin 2, 110.
Burdick & Graybill (1992), Confidence Intervals on Variance Components, section 3.2 (between).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError

Floats = NDArray[np.float64]
Interval = tuple[float, float]

UNKNOWN = (np.nan, np.nan)
ENOUGH_PLATES = 5
"""EP15-A3: five runs of five results; fewer plates know their spread very badly."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Spread of one control's results, apart by where it comes from; NaN is not known."""

    mean: float
    """Of all results, in their unit."""
    results: int
    plates: int
    sd_within: float
    """Within a plate (repeatability), in the results' unit."""
    sd_between: float
    """Between plates, without what differs within them; 0 where nothing is left."""
    sd_total: float
    """Of a single result on any plate (intermediate precision)."""
    within_cv_percent: float
    """Intra-assay CV; NaN where the mean is not above 0."""
    within_cv_interval: Interval
    between_cv_percent: float
    between_cv_interval: Interval
    total_cv_percent: float
    """Inter-assay CV: within and between together."""
    total_cv_interval: Interval
    df_within: int
    df_total: float
    """Satterthwaite's degrees of freedom of the total."""
    level: float
    """Confidence of the intervals."""

    @property
    def enough(self) -> bool:
        """Whether five plates or more tell of the spread between them."""
        return self.plates >= ENOUGH_PLATES


def precision(runs: Mapping[str, ArrayLike], level: float = 0.95) -> Precision:
    """Intra- and inter-assay precision of one control.

    Parameters
    ----------
    runs : mapping from plate to array_like
        Results of the control on each plate, in one unit; NaN are left out, and plates without a
        result with them. Numbers of results may differ.
    level : float
        Confidence of the intervals, between 0 and 1.

    Raises
    ------
    CurveFitError
        When fewer than two results are left, or the level is no confidence.

    Examples
    --------
    >>> found = precision({"1": [9.8, 10.2], "2": [10.9, 11.1], "3": [9.4, 9.6]})
    >>> round(found.within_cv_percent, 2), round(found.total_cv_percent, 2)
    (1.97, 7.64)
    """
    if not 0 < level < 1:
        raise CurveFitError(f"the confidence level {level:g} does not lie between 0 and 1")
    each = [np.asarray(one, dtype=np.float64).ravel() for one in runs.values()]
    each = [one[np.isfinite(one)] for one in each]
    each = [one for one in each if len(one)]
    n = sum(len(one) for one in each)
    if n < 2:
        raise CurveFitError(
            f"precision needs two results of a control or more, {n} found",
            hint="Run the control in duplicate, on several plates.",
        )
    # Numbers near the end of what a float holds have no spread: inf or NaN, and no warning.
    with np.errstate(all="ignore"):
        return _precision(each, level)


def _precision(each: list[Floats], level: float) -> Precision:
    n, k = sum(len(one) for one in each), len(each)
    mean = float(np.concatenate(each).mean())
    within, between, total = _variances(each, level)
    return Precision(
        mean,
        n,
        k,
        float(np.sqrt(within.value)),
        float(np.sqrt(between.value)),
        float(np.sqrt(total.value)),
        *_cv(within, mean),
        *_cv(between, mean),
        *_cv(total, mean),
        n - k,
        total.df,
        level,
    )


@dataclass(frozen=True, slots=True)
class _Variance:
    value: float
    interval: Interval = UNKNOWN
    df: float = np.nan


def _cv(found: _Variance, mean: float) -> tuple[float, Interval]:
    """CV and its interval, %."""
    if not mean > 0:
        return np.nan, UNKNOWN
    low, high = (100 * float(np.sqrt(end)) / mean for end in found.interval)
    return 100 * float(np.sqrt(found.value)) / mean, (low, high)


def _variances(each: list[Floats], level: float) -> tuple[_Variance, _Variance, _Variance]:
    """Variance within, between, and of both."""
    k = len(each)
    sizes = np.array([len(one) for one in each], dtype=np.float64)
    n = float(sizes.sum())
    means = np.array([one.mean() for one in each])
    df_between, df_within = k - 1, int(n) - k
    grand = float(sizes @ means / n)
    if df_within:
        inside = sum(float(np.sum((one - one.mean()) ** 2)) for one in each) / df_within
        within = _Variance(inside, _chi(inside, df_within, level), df_within)
    else:
        within = _Variance(np.nan)
    if not df_between:
        return within, _Variance(np.nan), _Variance(np.nan)
    outside = float(sizes @ (means - grand) ** 2) / df_between
    if not df_within:
        return (
            within,
            _Variance(np.nan),
            _Variance(outside, _chi(outside, df_between, level), k - 1),
        )
    n0 = (n - float(sizes @ sizes) / n) / df_between
    value = max((outside - inside) / n0, 0.0)
    between = _Variance(value, _between(outside, inside, df_between, df_within, n0, level))
    both = inside + value
    if value > 0:
        parts = outside / n0, (1 - 1 / n0) * inside
        spread = parts[0] * parts[0] / df_between + parts[1] * parts[1] / df_within
        df = both * both / spread if spread > 0 else float(n - 1)
    else:
        df = float(df_within)
    return within, between, _Variance(both, _chi(both, df, level), df)


def _chi(value: float, df: float, level: float) -> Interval:
    """Limits of a variance with so many degrees of freedom."""
    from scipy.special import gammaincinv

    low, high = (2 * float(gammaincinv(df / 2, p)) for p in ((1 - level) / 2, (1 + level) / 2))
    return value * df / high, value * df / low if low > 0 else np.inf


def _between(ms1: float, ms2: float, f1: int, f2: int, n0: float, level: float) -> Interval:
    """Modified large-sample limits of (MS_between - MS_within) / n0, cut at 0."""
    from scipy.special import fdtri, gammaincinv

    p = (1 - level) / 2

    def to_infinity(df: int, share: float) -> float:
        return 2 * float(gammaincinv(df / 2, share)) / df

    g1, h2 = 1 - 1 / to_infinity(f1, 1 - p), 1 / to_infinity(f2, p) - 1
    h1, g2 = 1 / to_infinity(f1, p) - 1, 1 - 1 / to_infinity(f2, 1 - p)
    upper_f, lower_f = float(fdtri(f1, f2, 1 - p)), float(fdtri(f1, f2, p))
    g12 = ((upper_f - 1) ** 2 - g1**2 * upper_f**2 - h2**2) / upper_f
    h12 = ((1 - lower_f) ** 2 - h1**2 * lower_f**2 - g2**2) / lower_f
    one, two, both = ms1 * ms1, ms2 * ms2, ms1 * ms2
    below = g1**2 * one + h2**2 * two + g12 * both
    above = h1**2 * one + g2**2 * two + h12 * both
    low = (ms1 - ms2 - np.sqrt(max(below, 0.0))) / n0
    high = (ms1 - ms2 + np.sqrt(max(above, 0.0))) / n0
    return max(float(low), 0.0), max(float(high), 0.0)
