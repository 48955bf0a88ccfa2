"""Spearman's rank correlation where some values are known only to lie below a limit.

A value below one plate's limit may be above another's, so all values under the highest limit
are equally unknown: they are tied lowest under that one common limit, detected ones included
(Helsel 2012, Statistics for Censored Environmental Data, ch. 12). Substituting half of each limit
would rank the plates, not the donors.

The interval is Bonett & Wright's (2000, Psychometrika 65:23): Fisher's z with variance
(1 + r² / 2) / (n - 3). p is exact up to eight donors, counted over all orders with their ties,
and Student's approximation above.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.inhibition.magnitude import computable
from assays.results.correlation import UNKNOWN, Association

Floats = NDArray[np.float64]

FEWEST = 5
"""Fewer donors give no coefficient: with four the interval is nearly all of -1 to 1."""
MOST_EXACT = 8
METHOD = "Spearman"


def spearman(
    x: ArrayLike, y: ArrayLike, *, qualifiers: Sequence[str] = (), level: float = 0.95
) -> Association:
    """Rank correlation of two values of each donor.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        NaN leaves the donor out.
    qualifiers : sequence of str
        For each `x`: ``<`` (below the limit that stands there), ``>`` (above it) or empty.
    level : float
        Of the interval.

    Examples
    --------
    >>> found = spearman([3.1, 3.1, 4, 9, 20, 55], [1, 2, 2, 4, 3, 6], qualifiers=["<"] * 2)
    >>> round(found.coefficient, 3), found.below
    (0.897, 2)
    """
    a, b, marks = paired(x, y, qualifiers)
    n, below = a.size, int(np.count_nonzero(marks == "<"))
    nothing = Association(METHOD, math.nan, UNKNOWN, math.nan, n, below, level, "too few donors")
    if n < FEWEST:
        return nothing
    ranks = [mid_ranks(tied(a, marks)), mid_ranks(b)]
    if any(np.ptp(one) == 0 for one in ranks):
        return Association(METHOD, math.nan, UNKNOWN, math.nan, n, below, level, "no spread")
    r = float(np.clip(np.corrcoef(ranks[0], ranks[1])[0, 1], -1.0, 1.0))
    return Association(
        METHOD, r, _interval(r, n, level), _p(r, ranks, n), n, below, level, "ok",
        smallest_p=_smallest_p(ranks, n),
    )  # fmt: skip


def paired(
    x: ArrayLike, y: ArrayLike, qualifiers: Sequence[str]
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Donors with both values, and their qualifiers."""
    a, b = computable(x), computable(y)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"x and y differ in shape: {a.shape} and {b.shape}")
    marks = np.array([*qualifiers, *[""] * (a.size - len(qualifiers))], dtype=np.str_)
    kept = np.isfinite(a) & np.isfinite(b)
    return a[kept], b[kept], marks[kept]


def tied(x: Floats, marks: NDArray[np.str_]) -> Floats:
    """Values below the highest limit made one, those above the lowest upper limit another."""
    out = x.copy()
    under, over = marks == "<", marks == ">"
    if under.any():
        limit = float(x[under].max())
        out[under | (x < limit)] = -math.inf
    if over.any():
        limit = float(x[over].min())
        out[over | (x > limit)] = math.inf
    return out


def mid_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[place], dtype=np.float64)


def _interval(r: float, n: int, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    side = math.copysign(1.0, r) if abs(r) >= 1.0 else 0.0
    if side:
        # Fisher's z is infinite: all that is known is that order is kept.
        r = math.copysign(1.0 - 1.0 / (n * (n + 1)), r)
    half = float(ndtri((1.0 + level) / 2.0)) * math.sqrt((1.0 + r * r / 2.0) / (n - 3))
    z = math.atanh(r)
    low, high = math.tanh(z - half), math.tanh(z + half)
    return (-1.0 if side < 0 else low, 1.0 if side > 0 else high)


def _p(r: float, ranks: Sequence[Floats], n: int) -> float:
    from scipy.special import stdtr

    if n <= MOST_EXACT:
        a, b = (one - one.mean() for one in ranks)
        orders = np.array(list(itertools.permutations(range(n))))
        sums = a[orders] @ b
        # Equal sums differ in the last bits.
        return float(np.mean(np.abs(sums) >= abs(float(a @ b)) - 1e-9))
    if abs(r) >= 1.0:
        return 0.0
    t = r * math.sqrt((n - 2) / (1.0 - r * r))
    return 2.0 * float(stdtr(n - 2, -abs(t)))


def _smallest_p(ranks: Sequence[Floats], n: int) -> float:
    """What p would be had the same ranks, ties and all, stood in the best of orders."""
    a, b = (np.sort(one) for one in ranks)
    found = []
    for best in (b, b[::-1]):
        r = float(np.clip(np.corrcoef(a, best)[0, 1], -1.0, 1.0))
        found.append(_p(r, (a, best), n))
    return min(found)
