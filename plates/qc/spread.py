"""How far replicates lie apart.

SD uses n - 1. For duplicates the pooled SD is sqrt(sum(d^2) / 2n) over the
differences d of n pairs (Dahlberg 1940), which is the root mean square of the
pairs' own SDs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAD_TO_SD = 1.4826
"""Makes the median absolute deviation estimate the SD of a normal distribution."""


def finite(values: ArrayLike) -> NDArray[np.float64]:
    """The numbers among values, flat; NaN and infinities are left out."""
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]


def cv_percent(values: ArrayLike) -> float:
    """Coefficient of variation, 100 s / mean, with n - 1.

    NaN for fewer than two numbers or a mean that is not above zero.
    """
    array = finite(values)
    if array.size < 2 or array.mean() <= 0:
        return math.nan
    return float(100 * array.std(ddof=1) / array.mean())


def mad(values: ArrayLike) -> float:
    """Median absolute deviation, scaled to the SD of a normal distribution; NaN for no numbers."""
    array = finite(values)
    if not array.size:
        return math.nan
    return float(MAD_TO_SD * np.median(np.abs(array - np.median(array))))


def robust_cv_percent(values: ArrayLike) -> float:
    """100 MAD / median; NaN when the median is not above zero."""
    array = finite(values)
    middle = float(np.median(array)) if array.size else math.nan
    return 100 * mad(array) / middle if middle > 0 else math.nan


def pooled_cv_percent(groups: Iterable[ArrayLike]) -> float:
    """Typical CV of replicate groups: root of the mean square, weighted by degrees of freedom.

    NaN when no group has two numbers and a mean above zero.
    """
    squares = weight = 0.0
    for group in groups:
        array, cv = finite(group), cv_percent(group)
        if not math.isnan(cv):
            squares += cv**2 * (array.size - 1)
            weight += array.size - 1
    return math.sqrt(squares / weight) if weight else math.nan


def duplicate_sd(first: ArrayLike, second: ArrayLike) -> float:
    """SD of a single measurement from pairs, sqrt(sum(d^2) / 2n); NaN without a whole pair.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The pairs; a pair with a missing number is left out.
    """
    gaps = finite(np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64))
    return math.sqrt(float(np.sum(gaps**2)) / (2 * gaps.size)) if gaps.size else math.nan
