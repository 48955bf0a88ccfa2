"""Read concentrations back from a curve, with the confidence set by inversion.

A concentration x belongs to the set when the mean of m wells y could have come from it:

    (y - f(x))² <= t² (g'Vg + s² v(y) / m)

with g the curve's gradient by its parameters at x, V their covariance, s the residual standard
deviation, v the variance function of the weighting and t the Student quantile of the residual
degrees of freedom. The interval is the hull of that set on [0, inf]. Unlike x ± t SE it knows
plateaus: where y could lie on one, the interval is open at that end.

Where the standards never saw a plateau, its height is all but unknown, and the set may have a
second part at infinity: "or else this is the plateau". The hull includes it and is open; the part
that holds the estimate ends long before. Both are given.

References
----------
Huet et al. (2004), Statistical Tools for Nonlinear Regression, 2nd ed., section 5.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.contract import Floats, Inversion, Place
from assays.curves.weights import variance
from assays.errors import CurveFitError

if TYPE_CHECKING:
    from assays.curves.standard_curve import StandardCurve

GRID = 361
"""Concentrations looked at for the ends of the set, over 24 decades and both limits."""
NEAR_ZERO, NEAR_INFINITY = 1e-290, 1e290
HALVINGS = 90
CHUNK = 256
"""Responses worked on together, so that memory stays small."""


def invert(
    curve: StandardCurve, y: ArrayLike, wells: ArrayLike = 1, level: float = 0.95
) -> Inversion:
    """Concentrations of mean responses.

    Parameters
    ----------
    y : array_like
        Mean responses, any shape.
    wells : array_like
        Wells behind each mean; broadcasts against y.
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    Inversion
        Value NaN where the curve never reaches y; limits NaN without degrees of freedom, and
        where no concentration at all agrees with y.

    Raises
    ------
    CurveFitError
        When the level is no confidence, or a mean rests on less than one well.
    """
    if not 0 < level < 1:
        raise CurveFitError(f"the confidence level {level:g} does not lie between 0 and 1")
    y, m = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(wells, dtype=float))
    if np.any(m < 1):
        raise CurveFitError("a mean response rests on at least one well")
    flat, count = y.ravel(), m.ravel()
    value = read_back(curve, flat)
    noise = _noise(curve, flat, count)
    error = _standard_error(curve, value, noise)
    limits = np.full((4, len(flat)), np.nan)
    if np.isfinite(curve.root).all() and curve.df > 0:
        t = _quantile(curve.df, level)
        for i in range(0, len(flat), CHUNK):
            part = slice(i, i + CHUNK)
            limits[:, part] = _ends(curve, flat[part], value[part], noise[part], t)
    status = _places(curve, flat, value)
    shape = y.shape
    lower, upper, near_lower, near_upper = (limit.reshape(shape) for limit in limits)
    return Inversion(
        value.reshape(shape),
        lower,
        upper,
        near_lower,
        near_upper,
        error.reshape(shape),
        status.reshape(shape),
        level,
    )


def read_back(curve: StandardCurve, y: Floats) -> Floats:
    """Concentrations of responses; NaN where the curve never comes, or is not defined."""
    value = curve.model.inverse(y, curve.vector)
    low, high = curve.model.domain(curve.vector)
    return np.where((value >= low) & (value <= high), value, np.nan)


def band(curve: StandardCurve, x: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Confidence limits of the curve itself at x; NaN without degrees of freedom."""
    x = np.asarray(x, dtype=np.float64)
    fitted = curve.forward(x)
    if curve.df <= 0:
        return np.full_like(fitted, np.nan), np.full_like(fitted, np.nan)
    half = _quantile(curve.df, level) * np.sqrt(_curve_variance(curve, x))
    if curve.model.log_response:
        return fitted * np.exp(-half / fitted), fitted * np.exp(half / fitted)
    return fitted - half, fitted + half


def prediction_band(
    curve: StandardCurve, x: ArrayLike, wells: float = 1, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Limits of the mean response of new wells at x; NaN without degrees of freedom."""
    x = np.asarray(x, dtype=np.float64)
    fitted = curve.forward(x)
    if curve.df <= 0:
        return np.full_like(fitted, np.nan), np.full_like(fitted, np.nan)
    noise = _noise(curve, fitted, np.asarray(wells, dtype=np.float64))
    half = _quantile(curve.df, level) * np.sqrt(_curve_variance(curve, x) + noise)
    return fitted - half, fitted + half


def _quantile(df: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2))


def _curve_variance(curve: StandardCurve, x: Floats) -> Floats:
    """g'Vg at concentrations x."""
    with np.errstate(all="ignore"):
        g = curve.model.gradient(x, curve.vector)
        return np.asarray(np.sum((g @ curve.root) ** 2, axis=-1))


def _noise(curve: StandardCurve, y: Floats, wells: Floats) -> Floats:
    """Variance of the mean of `wells` wells at response y."""
    if curve.df <= 0:
        return np.full_like(y, np.nan)
    with np.errstate(all="ignore"):
        logs = curve.model.log_response
        spread = y**2 if logs else variance(y, curve.theta, curve.floor, curve.constant)
    # A point of a fit on means already averages several wells: one well varies more.
    return np.asarray(curve.residual_sd**2 * spread * curve.wells_per_point / wells)


def _standard_error(curve: StandardCurve, value: Floats, noise: Floats) -> Floats:
    with np.errstate(all="ignore"):
        slope = np.abs(curve.model.slope(value, curve.vector))
        error = np.sqrt(_curve_variance(curve, value) + noise) / slope
    return np.where(np.isfinite(value), error, np.nan)


def _ends(curve: StandardCurve, y: Floats, value: Floats, noise: Floats, t: float) -> Floats:
    """Ends of the hull and of the part around the estimate, shape (4, n)."""
    low, high = curve.model.domain(curve.vector)
    seen = curve.x[curve.x > 0]
    inner = np.geomspace(seen.min() * 1e-12, seen.max() * 1e12, GRID)
    ends = [0.0, NEAR_ZERO, *inner, NEAR_INFINITY, np.inf]
    grid = np.unique(np.clip(ends, low, high))
    common = np.broadcast_to(grid, (len(y), len(grid)))
    known = np.isfinite(value)[:, None]
    own = np.where(known, value[:, None], grid[0])
    x = np.sort(np.concatenate([common, own], axis=1), axis=1)

    def excess(x: Floats, rows: NDArray[np.intp]) -> Floats:
        """Below or at 0 inside the set."""
        shape = (len(rows),) + (1,) * (x.ndim - 1)
        with np.errstate(all="ignore"):
            apart = (y[rows].reshape(shape) - curve.forward(x)) ** 2
            allowed = t * t * (_curve_variance(curve, x) + noise[rows].reshape(shape))
            out = apart - allowed
        # The estimate itself belongs to the set, whatever rounding says.
        here = known[rows].reshape(shape) & (x == own[rows].reshape(shape))
        return np.where(here, np.minimum(out, 0.0), out)

    rows = np.arange(len(y))
    inside = (excess(x, rows) <= 0) & np.isfinite(y)[:, None]
    inside |= known & (x == own)
    some = inside.any(axis=1)
    first = inside.argmax(axis=1)
    last = x.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    at = np.where(known, x == own, False).argmax(axis=1)
    place = np.arange(x.shape[1])
    gap_below = np.where(~inside & (place < at[:, None]), place, -1).max(axis=1)
    gap_above = np.where(~inside & (place > at[:, None]), place, x.shape[1]).min(axis=1)
    below, above = _edge(x, first, -1, rows, excess), _edge(x, last, +1, rows, excess)
    near_below, near_above = below.copy(), above.copy()
    for edge, at, outer, way in (
        (near_below, gap_below + 1, first, -1),
        (near_above, gap_above - 1, last, +1),
    ):
        apart = np.flatnonzero((at != outer) & known[:, 0])
        if apart.size:
            edge[apart] = _edge(x[apart], at[apart], way, apart, excess)
    found = np.stack([below, above, near_below, near_above])
    return np.where(np.stack([some, some, known[:, 0], known[:, 0]]), found, np.nan)


def _edge(
    x: Floats,
    at: NDArray[np.intp],
    way: int,
    rows: NDArray[np.intp],
    excess: Callable[[Floats, NDArray[np.intp]], Floats],
) -> Floats:
    """Where the set ends between its outermost grid point and the next one outwards."""
    beside = np.clip(at + way, 0, x.shape[1] - 1)
    line = np.arange(len(x))
    inside, outside = x[line, at].copy(), x[line, beside].copy()
    open_end = beside == at
    if way > 0:
        open_end |= inside >= NEAR_INFINITY
        inside = np.where(inside >= NEAR_INFINITY, np.inf, inside)
    else:
        open_end |= inside <= NEAR_ZERO
        inside = np.where(inside <= NEAR_ZERO, 0.0, inside)
    work = np.flatnonzero(~open_end)
    a = np.log(np.clip(inside[work], NEAR_ZERO, NEAR_INFINITY))
    b = np.log(np.clip(outside[work], NEAR_ZERO, NEAR_INFINITY))
    for _ in range(HALVINGS if work.size else 0):
        middle = (a + b) / 2
        within = excess(np.exp(middle), rows[work]) <= 0
        a, b = np.where(within, middle, a), np.where(within, b, middle)
        if np.all(np.abs(a - b) <= 1e-14 * np.maximum(1.0, np.abs(a))):
            break
    moved = np.exp(a)
    start = inside[work]
    # Keep an estimate that is its own edge (no noise at all) exactly.
    with np.errstate(divide="ignore", invalid="ignore"):
        same = np.abs(moved / start - 1) < 1e-13
    inside[work] = np.where(same, start, moved)
    return inside


def _places(curve: StandardCurve, y: Floats, value: Floats) -> NDArray[np.str_]:
    rising = curve.rising
    lowest, highest = curve.x.min(), curve.x.max()
    start = curve.forward(curve.model.domain(curve.vector)[0])
    nearer = (y <= start) if rising else (y >= start)
    tolerance = 1e-9
    seen = (value >= lowest * (1 - tolerance)) & (value <= highest * (1 + tolerance))
    found = np.where(
        np.isfinite(value),
        np.where(seen, Place.OK, Place.EXTRAPOLATED),
        np.where(nearer, Place.BELOW, Place.ABOVE),
    )
    return np.where(np.isfinite(y), found, Place.UNKNOWN).astype(str)
