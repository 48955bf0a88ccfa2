"""Pearson's correlation of logarithms where some values are known only to lie below a limit.

Logarithm of the concentration x and activation y are taken as jointly normal. y is measured in
every donor; x given y is then a straight line with normal scatter, of which a donor below a limit
tells only that it lies there (Tobin 1958, Econometrica 26:24; Lyles, Williams & Chuachoowong 2001,
Biometrics 57:1238 for two such values). Nothing is substituted. The interval is that of the
profile likelihood: twice its drop, held against chi-square. In small samples that is too sure;
its drop is therefore counted (n - 3) / n, which without censoring makes the interval Fisher's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.cohort.spearman import paired
from assays.results.correlation import UNKNOWN, Association

Floats = NDArray[np.float64]

METHOD = "Pearson of logarithms, censored"
FEWEST, FEWEST_SEEN = 5, 5
"""Donors, and donors whose value is a number: fewer give no coefficient."""
LARGEST = math.atanh(1.0 - 1e-9)
"""Fisher's z up to which the likelihood is followed."""
LOOKS, CLOSE = 60, 1e-5
TIE = 1e-12
"""Of the largest value: a spread below it is rounding."""
SMALLEST = 1e-100


def censored_pearson(
    x: ArrayLike, y: ArrayLike, *, qualifiers: Sequence[str] = (), level: float = 0.95
) -> Association:
    """Correlation of log x and y when some x are only known to lie beyond a limit.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Above 0; the limit where a qualifier stands. NaN leaves the donor out, as does 0 or less.
    y : ndarray, shape (n,)
        On a scale where it may be normal, such as arcsinh. NaN leaves the donor out.
    qualifiers : sequence of str
        For each `x`: ``<``, ``>`` or empty.
    level : float
        Of the interval.

    Examples
    --------
    >>> found = censored_pearson([3.1, 3.1, 4, 9, 20, 55, 31], [1, 2, 2, 4, 3, 6, 5],
    ...                          qualifiers=["<", "<"])
    >>> round(found.coefficient, 2), [round(end, 2) for end in found.interval]
    (0.92, [0.43, 0.99])
    """
    a = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(a > 0, np.log(a), np.nan)
    u, v, marks = paired(logs, y, qualifiers)
    n, below = u.size, int(np.count_nonzero(marks == "<"))
    seen = marks == ""

    def without(status: str) -> Association:
        return Association(METHOD, math.nan, UNKNOWN, math.nan, n, below, level, status)

    if n < FEWEST:
        return without("too few donors")
    if np.count_nonzero(seen) < FEWEST_SEEN:
        return without("too few above the limit")
    # Both in units of their own; what differs by rounding alone does not differ.
    u, v = _scaled(u), _scaled(v)
    if np.ptp(v) < TIE or np.ptp(u[seen]) < TIE:
        return without("no spread")
    model = _Likelihood(u, v, marks)
    z = model.best()
    if abs(z) >= LARGEST:
        return without("perfect line")
    from scipy.special import chdtrc, chdtri

    allowed = float(chdtri(1, 1.0 - level)) * n / (n - 3)
    ends = [_end(model, z, side, allowed) for side in (-1.0, 1.0)]
    p = float(chdtrc(1, max(model.drop(0.0), 0.0) * (n - 3) / n))
    found = (math.tanh(ends[0]), math.tanh(ends[1]))
    return Association(METHOD, math.tanh(z), found, p, n, below, level, "ok")


def _scaled(values: Floats) -> Floats:
    largest = float(np.abs(values).max())
    return values / largest if largest > SMALLEST else np.zeros_like(values)


class _Likelihood:
    """Twice the log-likelihood lost against the best, at each Fisher's z."""

    def __init__(self, x: Floats, y: Floats, marks: NDArray[np.str_]) -> None:
        # Standard units: the coefficient does not depend on them, the search does.
        seen = marks == ""
        self._x = (x - x[seen].mean()) / x[seen].std()
        self._y = (y - y.mean()) / y.std()
        self._seen = seen
        self._side = np.where(marks == "<", 1.0, -1.0)[~seen]
        self._start = np.zeros(4)
        self._lowest = math.inf

    def best(self) -> float:
        """Fisher's z of the most likely correlation."""
        from scipy.optimize import minimize_scalar

        guess = float(np.corrcoef(self._x, self._y)[0, 1])
        z = math.atanh(float(np.clip(guess, -0.99, 0.99)))
        bounds = (max(z - 3.0, -LARGEST), min(z + 3.0, LARGEST))
        found = minimize_scalar(
            self._cost, bounds=bounds, method="bounded", options={"xatol": 1e-8}
        )
        self._lowest = float(found.fun)
        at = float(found.x)
        # At the end of the search the likelihood still rises: the points lie on a line.
        return math.copysign(LARGEST, at) if min(abs(at - end) for end in bounds) < 1e-4 else at

    def drop(self, z: float) -> float:
        """Twice the log-likelihood lost at z."""
        return self._cost(z) - self._lowest

    def _cost(self, z: float) -> float:
        """-2 log-likelihood at its best over both means and both standard deviations."""
        from scipy.optimize import minimize

        # A step may lead where the likelihood is no number; the search comes back from there.
        with np.errstate(all="ignore"):
            found = minimize(
                self._minus, self._start, args=(math.tanh(z),), jac=True, method="BFGS"
            )
        self._start = np.asarray(found.x)
        return float(found.fun)

    def _minus(self, at: Floats, r: float) -> tuple[float, Floats]:
        """-2 log-likelihood and its gradient by mean and log SD of x, then of y."""
        from scipy.special import log_ndtr

        sx, sy = np.exp(np.clip(at[[1, 3]], -30.0, 30.0))
        v = (self._y - at[2]) / sy
        u = (self._x - at[0]) / sx
        root = math.sqrt(1.0 - r * r)
        # x given y, in units of its own scatter.
        w = (u - r * v) / root
        seen, side = self._seen, self._side
        edge = side * w[~seen]
        tail = log_ndtr(edge)
        total = float((v**2).sum()) + 2.0 * v.size * math.log(sy)
        total += float((w[seen] ** 2).sum()) + 2.0 * np.count_nonzero(seen) * math.log(sx * root)
        total -= 2.0 * float(tail.sum())
        # Derivative by w: that of the square where x is seen, of the tail where it is not.
        by_w = np.empty_like(w)
        by_w[seen] = 2.0 * w[seen]
        slope = np.exp(np.clip(-0.5 * edge**2 - 0.5 * math.log(2 * math.pi) - tail, -700, 700))
        by_w[~seen] = -2.0 * side * slope
        by_u, by_v = by_w / root, 2.0 * v - by_w * r / root
        gradient = np.array(
            [
                -by_u.sum() / sx,
                -(by_u * u).sum() + 2.0 * np.count_nonzero(seen),
                -by_v.sum() / sy,
                -(by_v * v).sum() + 2.0 * v.size,
            ]
        )
        return total, gradient


def _end(model: _Likelihood, z: float, side: float, allowed: float) -> float:
    """Fisher's z at which the likelihood has dropped by what is allowed.

    The root of the drop is nearly a straight line in z, so that a chord finds its place.
    """

    def height(away: float) -> float:
        return math.sqrt(max(model.drop(z + side * away), 0.0) / allowed)

    reach = LARGEST - side * z
    inside, low, outside, high = 0.0, 0.0, math.inf, math.inf
    away = min(0.5, reach)
    for _ in range(LOOKS):
        found = height(away)
        if abs(found - 1.0) < CLOSE:
            break
        if found < 1.0:
            if away >= reach:
                return math.copysign(math.inf, side)
            inside, low = away, found
        else:
            outside, high = away, found
        if math.isinf(outside):
            away = min(reach, away * min(max(1.02 / max(found, 1e-9), 1.2), 4.0))
        else:
            share = min(max((1.0 - low) / (high - low), 0.05), 0.95)
            away = inside + share * (outside - inside)
    return z + side * away
