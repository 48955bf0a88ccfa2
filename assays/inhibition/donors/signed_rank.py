"""Paired differences of a few donors: Wilcoxon's signed ranks, Hodges-Lehmann, t, Holm.

The plan. With three to twelve donors nothing may be taken from large-sample theory. The
distribution of the signed-rank sum is therefore counted out, over all 2^n ways to set the
signs, with the mid-ranks that ties give: it is exact with and without ties. A difference of
zero has no sign and leaves the test (Wilcoxon 1945, Biometrics Bull. 1:80).

The Hodges-Lehmann estimate is the median of the means of all pairs of differences, each
with itself included (Ann. Math. Stat. 1963, 34:598). Its interval runs between two of those
means and holds with one of a few confidences only (Hollander & Wolfe, Nonparametric
Statistical Methods, ch. 3): 75, 87.5 and 93.75 % are the most that 3, 4 and 5 donors allow.
The one attained is returned, never the one wished for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.inhibition.magnitude import computable

Floats = NDArray[np.float64]

MOST_EXACT = 300
"""More differences than this are tested by the normal approximation."""
FEWEST = 3
"""Fewer differences give no Hodges-Lehmann interval: 2 would hold with 50 %."""
TIE = 1e-12
"""Relative distance below which two differences are one: rounding of the last bits."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where paired differences lie."""

    estimate: float
    """NaN without a difference."""
    interval: tuple[float, float]
    """NaN where none can be given."""
    confidence: float
    """That the interval attains; NaN without one."""


def signed_rank_p(differences: ArrayLike) -> float:
    """Two-sided p of Wilcoxon's signed-rank test.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        One per donor; NaN and zeros are left out.

    Returns
    -------
    float
        Exact up to 300 differences, twice the smaller tail; NaN without a difference that is
        not zero.

    Examples
    --------
    >>> signed_rank_p([0.3, 0.5, 1.1, 0.2, 0.9])
    0.0625
    """
    known = _known(differences)
    known = known[known != 0]
    n = known.size
    if not n:
        return math.nan
    ranks = _midranks(np.abs(known))
    # Mid-ranks are halves at most: doubled, all sums are whole numbers.
    doubled = np.rint(2 * ranks).astype(np.int64)
    seen = int(doubled[known > 0].sum())
    total = int(doubled.sum())
    if n > MOST_EXACT:
        spread = math.sqrt(float((ranks**2).sum()) / 4)
        # Half a rank of continuity, towards the middle.
        off = max(abs(seen - total / 2) / 2 - 0.5, 0.0)
        return math.erfc(off / spread / math.sqrt(2))
    chance = _chances(doubled)
    low, high = float(chance[: seen + 1].sum()), float(chance[seen:].sum())
    return min(1.0, 2 * min(low, high))


def smallest_p(n: int) -> float:
    """The smallest two-sided p that n differences can give: all of one sign.

    Examples
    --------
    >>> [smallest_p(n) for n in (3, 4, 5, 6)]
    [0.25, 0.125, 0.0625, 0.03125]
    """
    return 2.0 ** (1 - n) if n > 0 else math.nan


def hodges_lehmann(differences: ArrayLike, level: float = 0.95) -> Location:
    """Median of the means of all pairs, with the interval that the signed ranks give.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        One per donor; NaN is left out.
    level : float
        Wished for. Where n allows no such confidence, the widest interval is given with the
        confidence that it has.

    Returns
    -------
    Location

    Examples
    --------
    >>> hodges_lehmann([1.0, 2.0, 4.0])
    Location(estimate=2.25, interval=(1.0, 4.0), confidence=0.75)
    """
    known = _known(differences)
    n = known.size
    nothing = (math.nan, math.nan)
    if not n:
        return Location(math.nan, nothing, math.nan)
    i, j = np.triu_indices(n)
    means = np.sort((known[i] + known[j]) / 2)
    estimate = float(np.median(means))
    if n < FEWEST:
        return Location(estimate, nothing, math.nan)
    if n > MOST_EXACT:
        from scipy.special import ndtri

        spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        wished = n * (n + 1) / 4 - float(ndtri((1 + level) / 2)) * spread
        k, confidence = max(int(wished), 1), level
    else:
        below = np.cumsum(_chances(np.arange(1, n + 1)))
        # The k-th mean from either end leaves 2 P(V <= k - 1) outside.
        k = max(int(np.searchsorted(below, (1 - level) / 2 * (1 + TIE), side="right")), 1)
        confidence = 1 - 2 * float(below[k - 1])
    return Location(estimate, (float(means[k - 1]), float(means[-k])), confidence)


def paired_t(differences: ArrayLike, level: float = 0.95) -> tuple[Location, float]:
    """Mean of the differences with Student's interval, and the two-sided p of the paired t test.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        One per donor; NaN is left out.
    level : float

    Returns
    -------
    tuple of Location and float
        Interval and p are NaN for fewer than two differences, and p where all are the same.
    """
    from scipy.special import stdtr, stdtrit

    known = _known(differences)
    n = known.size
    nothing = (math.nan, math.nan)
    if n < 2:
        return Location(float(known[0]) if n else math.nan, nothing, math.nan), math.nan
    mean = float(known.mean())
    error = float(known.std(ddof=1)) / math.sqrt(n)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    size = float(np.abs(known).max())
    p = 2 * float(stdtr(n - 1, -abs(mean) / error)) if error > TIE * size else math.nan
    return Location(mean, (mean - half, mean + half), level), p


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p values of one family for their number (Holm 1979, Scand. J. Stat. 6:65).

    Parameters
    ----------
    p_values : sequence of float
        NaN takes no part and stays NaN.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    order = sorted((p, at) for at, p in enumerate(p_values) if not math.isnan(p))
    found = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, at) in enumerate(order):
        highest = max(highest, min(1.0, p * (len(order) - rank)))
        found[at] = highest
    return tuple(found)


def _known(values: ArrayLike) -> Floats:
    array = computable(values)
    return array[np.isfinite(array)]


def _midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.r_[True, np.diff(ordered) > TIE * ordered[1:]]
    group = np.cumsum(new) - 1
    last = np.cumsum(np.bincount(group))
    middle = last - (np.bincount(group) - 1) / 2
    ranks = np.empty(len(values))
    ranks[order] = middle[group]
    return ranks


def _chances(ranks: NDArray[np.int64]) -> Floats:
    """Chance of each sum of ranks from 0 on when every sign is as likely as the other."""
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1.0
    reach = 0
    for rank in sorted(int(rank) for rank in ranks):
        before = chance[: reach + 1].copy()
        chance[: reach + 1] *= 0.5
        chance[rank : rank + reach + 1] += 0.5 * before
        reach += rank
    return chance
