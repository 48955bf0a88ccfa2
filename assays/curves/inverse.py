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

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.contract import Floats, Inversion, Place
from assays.curves.fitted_curve import FittedCurve
from assays.curves.intervals import INTERVALS, bootstrap, wald, wald_log
from assays.curves.weights import variance
from assays.errors import CurveFitError

GRID = 361
SPAN = float(np.log(1e12))
"""Concentrations looked at for the ends of the set, over 24 decades and both limits."""
NEAR_ZERO, NEAR_INFINITY = 1e-290, 1e290
HALVINGS = 90
CHUNK = 256
"""Responses worked on together, so that memory stays small."""


def invert(
    curve: FittedCurve,
    y: ArrayLike,
    wells: ArrayLike = 1,
    level: float = 0.95,
    interval: str = "inversion",
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
    interval : {"inversion", "wald", "wald-log", "bootstrap"}
        How the limits are found; the last three are told of in `assays.curves.intervals`.

    Returns
    -------
    Inversion
        Value NaN where the curve never reaches y; limits NaN without degrees of freedom, and
        where no concentration at all agrees with y. Wald limits are NaN where the value is.

    Raises
    ------
    CurveFitError
        When the level is no confidence, a mean rests on less than one well, or the interval is
        unknown.
    """
    if not 0 < level < 1:
        raise CurveFitError(f"the confidence level {level:g} does not lie between 0 and 1")
    if interval not in INTERVALS:
        raise CurveFitError(
            f"no interval is called {interval!r}", hint=f"Known: {', '.join(INTERVALS)}."
        )
    y, m = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(wells, dtype=float))
    if np.any(m < 1):
        raise CurveFitError("a mean response rests on at least one well")
    flat, count = y.ravel(), m.ravel()
    value = read_back(curve, flat)
    noise = _noise(curve, flat, count)
    error = _standard_error(curve, value, noise)
    limits = np.full((4, len(flat)), np.nan)
    if np.isfinite(curve.root).all() and curve.df > 0:
        limits = _limits(curve, flat, value, noise, error, level, interval)
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
        interval,
    )


def _limits(
    curve: FittedCurve,
    y: Floats,
    value: Floats,
    noise: Floats,
    error: Floats,
    level: float,
    interval: str,
) -> Floats:
    """Lower, upper, and the two ends of the part around the estimate, shape (4, n)."""
    t = _quantile(curve.df, level)
    if interval == "wald":
        return np.stack([*wald(value, error, t)] * 2)
    if interval == "wald-log":
        return np.stack([*wald_log(value, error, t)] * 2)
    if interval == "bootstrap":
        return np.stack([*bootstrap(curve, y, noise, level)] * 2)
    limits = np.full((4, len(y)), np.nan)
    for i in range(0, len(y), CHUNK):
        part = slice(i, i + CHUNK)
        limits[:, part] = _ends(curve, y[part], value[part], noise[part], t)
    return limits


def read_back(curve: FittedCurve, y: Floats) -> Floats:
    """Concentrations of responses; NaN where the curve never comes, or is not defined."""
    with np.errstate(all="ignore"):
        value = curve.model.inverse(y, curve.vector)
        low, high = curve.model.domain(curve.vector)
        return np.where((value >= low) & (value <= high), value, np.nan)


def band(curve: FittedCurve, x: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
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
    curve: FittedCurve, x: ArrayLike, wells: float = 1, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Limits of the mean response of new wells at x; NaN without degrees of freedom."""
    x = np.asarray(x, dtype=np.float64)
    fitted = curve.forward(x)
    if curve.df <= 0:
        return np.full_like(fitted, np.nan), np.full_like(fitted, np.nan)
    noise = _noise(curve, fitted, np.asarray(wells, dtype=np.float64))
    with np.errstate(all="ignore"):
        half = _quantile(curve.df, level) * np.sqrt(_curve_variance(curve, x) + noise)
        return fitted - half, fitted + half


def _quantile(df: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2))


def _curve_variance(curve: FittedCurve, x: Floats) -> Floats:
    """g'Vg at concentrations x."""
    with np.errstate(all="ignore"):
        g = curve.model.gradient(x, curve.vector)
        return np.asarray(np.sum((g @ curve.root) ** 2, axis=-1))


def _noise(curve: FittedCurve, y: Floats, wells: Floats) -> Floats:
    """Variance of the mean of `wells` wells at response y."""
    if curve.df <= 0:
        return np.full_like(y, np.nan)
    with np.errstate(all="ignore"):
        logs = curve.model.log_response
        spread = y**2 if logs else variance(y, curve.theta, curve.floor, curve.constant)
        # A point of a fit on means already averages several wells: one well varies more.
        return np.asarray(curve.residual_sd**2 * spread * curve.wells_per_point / wells)


def _standard_error(curve: FittedCurve, value: Floats, noise: Floats) -> Floats:
    with np.errstate(all="ignore"):
        slope = np.abs(curve.model.slope(value, curve.vector))
        error = np.sqrt(_curve_variance(curve, value) + noise) / slope
    return np.where(np.isfinite(value), error, np.nan)


def _ends(curve: FittedCurve, y: Floats, value: Floats, noise: Floats, t: float) -> Floats:
    """Ends of the hull and of the part around the estimate, shape (4, n)."""
    model, vector, root = curve.model, curve.vector, curve.root
    low, high = model.domain(vector)
    seen = curve.x[curve.x > 0]
    inner = np.exp(np.linspace(np.log(seen[0]) - SPAN, np.log(seen[-1]) + SPAN, GRID))
    grid = np.minimum(np.maximum([0.0, NEAR_ZERO, *inner, NEAR_INFINITY, np.inf], low), high)
    known = np.isfinite(value)
    own = np.where(known, value, grid[0])

    def excess(x: Floats, y: Floats, noise: Floats) -> Floats:
        """Below or at 0 inside the set."""
        spread = np.square(model.gradient(x, vector) @ root).sum(axis=-1)
        return np.asarray((y - model.forward(x, vector)) ** 2 - t * t * (spread + noise))

    with np.errstate(all="ignore"):
        common = (y[:, None] - model.forward(grid, vector)) ** 2
        common -= t * t * (np.square(model.gradient(grid, vector) @ root).sum(axis=-1))
        common -= t * t * noise[:, None]
        # The estimate itself belongs to the set, whatever rounding says.
        mine = np.where(known, np.minimum(excess(own, y, noise), 0.0), common[:, 0])
        place = np.searchsorted(grid, own)
        column = np.arange(len(grid) + 1)
        # Column `place` is the estimate's own, between the grid's.
        source = column - (column > place[:, None])
        x, f = grid[source], np.take_along_axis(common, source, axis=1)
        lines = np.arange(len(y))
        x[lines, place], f[lines, place] = own, mine
        inside = (f <= 0) & np.isfinite(y)[:, None]
        inside[lines, place] |= known
        some, last = np.asarray(inside.any(axis=1)), len(grid)
        first, final = inside.argmax(axis=1), last - inside[:, ::-1].argmax(axis=1)
        outside_below = ~inside & (column < place[:, None])
        outside_above = ~inside & (column > place[:, None])
        near_first = np.where(outside_below, column, -1).max(axis=1) + 1
        near_final = np.where(outside_above, column, last + 1).min(axis=1) - 1
        edges = [(first, -1, some), (final, +1, some)]
        edges += [(near_first, -1, known), (near_final, +1, known)]
        return _edges(x, f, edges, y, noise, excess)


def _edges(
    x: Floats,
    f: Floats,
    edges: list[tuple[NDArray[np.intp], int, NDArray[np.bool_]]],
    y: Floats,
    noise: Floats,
    excess: Callable[[Floats, Floats, Floats], Floats],
) -> Floats:
    """Where parts of the set end: between a grid point inside and the next one outwards."""
    lines, last = np.arange(len(y)), x.shape[1] - 1
    found = np.full((len(edges), len(y)), np.nan)
    work: list[tuple[NDArray[np.intp], ...]] = []
    for i, (at, way, wanted) in enumerate(edges):
        beside = np.clip(at + way, 0, last)
        edge = x[lines, at]
        if way > 0:
            open_end = (beside == at) | (edge >= NEAR_INFINITY)
            edge = np.where(edge >= NEAR_INFINITY, np.inf, edge)
        else:
            open_end = (beside == at) | (edge <= NEAR_ZERO)
            edge = np.where(edge <= NEAR_ZERO, 0.0, edge)
        found[i] = np.where(wanted, edge, np.nan)
        closed = wanted & ~open_end
        if i >= 2:
            same = closed & (at == edges[i - 2][0])
            closed &= ~same
        rows = np.flatnonzero(closed)
        work.append((np.full(len(rows), i), rows, at[rows], beside[rows]))
    which, row, at, beside = (np.concatenate(part) for part in zip(*work, strict=True))
    if row.size:
        start = x[row, at]
        a = np.log(np.clip(start, NEAR_ZERO, NEAR_INFINITY))
        b = np.log(np.clip(x[row, beside], NEAR_ZERO, NEAR_INFINITY))
        moved = np.exp(_crossing(a, b, f[row, at], f[row, beside], y[row], noise[row], excess))
        # Keep an estimate that is its own edge (no noise at all) exactly.
        found[which, row] = np.where(np.abs(moved / start - 1) < 1e-13, start, moved)
    for i, (at, _, wanted) in enumerate(edges[2:], start=2):
        same = wanted & (at == edges[i - 2][0])
        found[i, same] = found[i - 2, same]
    return found


def _crossing(
    inner: Floats,
    outer: Floats,
    f_inner: Floats,
    f_outer: Floats,
    y: Floats,
    noise: Floats,
    excess: Callable[[Floats, Floats, Floats], Floats],
) -> Floats:
    """Where the excess passes 0 between a log concentration inside and one outside.

    References
    ----------
    Chandrupatla (1997), Adv. Eng. Softw. 28, 145: inverse quadratic steps where they are safe,
    halving where not.
    """
    x1, f1, x2, f2 = outer, np.nan_to_num(f_outer, nan=np.inf, posinf=1e300), inner, f_inner
    f1 = np.where(f1 > 0, f1, 1e300)
    x3, f3 = x2, f2
    t = np.full_like(x1, 0.5)
    found = np.where(f2 == 0, x2, np.nan)
    for _ in range(HALVINGS):
        x = x1 + t * (x2 - x1)
        f = np.nan_to_num(excess(np.exp(x), y, noise), nan=1e300, posinf=1e300)
        same = (f > 0) == (f1 > 0)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        nearer = np.where(np.abs(f2) < np.abs(f1), x2, x1)
        least = 4e-15 * np.maximum(1.0, np.abs(nearer)) / np.abs(x2 - x1)
        done = (least > 0.5) | (f1 == 0)
        found = np.where(np.isnan(found) & done, nearer, found)
        if not np.isnan(found).any():
            return found
        xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
        safe = (phi * phi < xi) & ((1 - phi) * (1 - phi) < 1 - xi)
        step = f1 / (f2 - f1) * f3 / (f2 - f3)
        step += (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        least = np.minimum(least, 0.5)
        t = np.clip(np.where(safe & np.isfinite(step), step, 0.5), least, 1 - least)
    return np.where(np.isnan(found), x1, found)


def _places(curve: FittedCurve, y: Floats, value: Floats) -> NDArray[np.str_]:
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
    # A reading past the end of the reader (inf) lies above everything.
    return np.where(np.isnan(y), Place.UNKNOWN, found).astype(str)
