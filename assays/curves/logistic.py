"""What the logistic curves share: stable pieces, and starting values from the data.

With ``u = B log(x / C)`` the share of the lower end is ``h = 1 / (1 + exp(u))`` and
of the upper end ``q = 1 - h``. Worked out from u, neither overflows, and x = 0 and
x = inf give exactly (1, 0) and (0, 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLOPES = np.geomspace(0.2, 12.0, 13)
"""Slopes B tried for a start: immunoassays have 0.5 to 3, a step at one level has more."""


def shares(x: Floats, slope: Floats | float, middle: Floats | float) -> tuple[Floats, Floats]:
    """(h, q) at concentrations x; arrays broadcast."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        u = slope * (np.log(x) - np.log(middle))
        z = np.exp(-np.abs(u))
        small, large = z / (1.0 + z), 1.0 / (1.0 + z)
    rising = u > 0
    return np.where(rising, small, large), np.where(rising, large, small)


def log_share(x: Floats, slope: float, middle: float) -> Floats:
    """log h, exact where h itself is too small for a float."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        u = slope * (np.log(x) - np.log(middle))
        return np.asarray(-np.logaddexp(0.0, u), dtype=np.float64)


def log_ratio(x: Floats, middle: float) -> Floats:
    """log(x / C) where it is finite; 0 at x = 0 and inf, where its factor is 0 anyway."""
    with np.errstate(divide="ignore"):
        ratio = np.log(x) - np.log(middle)
    return np.where(np.isfinite(ratio), ratio, 0.0)


def middles(x: Floats) -> Floats:
    """Concentrations C tried for a start, from well below to far above the standards."""
    positive = x[x > 0]
    return np.geomspace(positive.min() / 10, positive.max() * 1000, 34)


FAINTEST = 1e-5
"""Smallest share of the far end that the standards reach, or miss, in a fit.

Where the plateau was never seen the best C lies at infinity; beyond this point C and D only run
on together and the curve over the standards stays as it is.
"""
STEEPEST, FLATTEST = 200.0, 0.01


def reach(slope: float, x: Floats) -> tuple[float, float]:
    """Lowest and highest C that a curve of this slope lets the standards tell apart."""
    positive = x[x > 0]
    span = -np.log(FAINTEST) / slope
    low, high = np.log(positive.min()) - span, np.log(positive.max()) + span
    return float(np.exp(max(low, -300.0))), float(np.exp(min(high, 300.0)))


def best_ends(
    low: Floats, y: Floats, weights: Floats, fixed: tuple[float | None, float | None]
) -> tuple[Floats, Floats, Floats]:
    """Ends A, D that fit best when the share of the lower end is known.

    Parameters
    ----------
    low : ndarray, shape (s, n)
        Share of A in each response, one row per trial.
    y, weights : ndarray, shape (n,)
    fixed : (A, D)
        A number where the end is given.

    Returns
    -------
    tuple of ndarray, shape (s,)
        A, D and the weighted residual sum of squares.
    """
    high = 1.0 - low
    a, d = fixed
    given = a if a is not None else d
    if given is None:
        ll, hh = (low * low) @ weights, (high * high) @ weights
        lh, ly, hy = (low * high) @ weights, low @ (weights * y), high @ (weights * y)
        det = ll * hh - lh * lh
        det = np.where(det > 1e-13 * ll * hh, det, np.nan)
        first, last = (ly * hh - hy * lh) / det, (hy * ll - ly * lh) / det
    else:
        free, kept = (high, low) if a is not None else (low, high)
        rest = y - kept * given
        size = (free * free) @ weights
        end = np.einsum("sn,sn,n->s", free, rest, weights) / np.where(size > 0, size, np.nan)
        first = np.full_like(end, a) if a is not None else end
        last = end if a is not None else np.full_like(end, d)
    misfit = ((y - first[:, None] * low - last[:, None] * high) ** 2) @ weights
    return first, last, np.where(np.isfinite(misfit), misfit, np.inf)


def best_of(misfit: Floats, count: int) -> NDArray[np.intp]:
    """Flat indices of the lowest local minima of a grid of misfits, `count` at most.

    A grid has as many axes as there are shape parameters; a point is a local minimum when no
    neighbour along an axis is lower. At least three points are returned.
    """
    lowest = np.isfinite(misfit)
    for axis in range(misfit.ndim):
        padded = np.moveaxis(misfit, axis, 0)
        edge = np.full((1, *padded.shape[1:]), np.inf)
        before = np.concatenate([edge, padded[:-1]])
        after = np.concatenate([padded[1:], edge])
        lowest &= np.moveaxis((padded <= before) & (padded <= after), 0, axis)
    order = np.argsort(misfit, axis=None, kind="stable")
    minima = [i for i in order if lowest.flat[i]][:count]
    extra = [i for i in order[: count + 3] if i not in minima]
    return np.array((minima + extra)[: max(3, len(minima))], dtype=np.intp)


def four_bounds(params: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Bounds of B and C; the ends have none."""
    nearest, farthest = reach(float(np.clip(params[1], FLATTEST, STEEPEST)), x)
    return (
        np.array([-np.inf, FLATTEST, nearest, -np.inf]),
        np.array([np.inf, STEEPEST, farthest, np.inf]),
    )


def four_forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    return np.asarray(a * low + d * high)


def four_gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by A, B, C, D; shape (\\*x.shape, 4)."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    bend = (a - d) * low * high
    return np.stack([low, -bend * log_ratio(x, c), bend * b / c, high], axis=-1)


def four_slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x; at x = 0 it is 0, finite or infinite as B > 1, = 1, < 1."""
    a, b, c, d = params
    x = np.asarray(x, dtype=np.float64)
    low, high = shares(x, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (d - a) * low * high * b / x
    at_zero = 0.0 if b > 1 else (d - a) / c if b == 1 else np.sign(d - a) * np.inf
    return np.where(x == 0, at_zero, np.where(np.isinf(x), 0.0, inside))


def four_inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN at D and wherever the curve never comes."""
    a, b, c, d = params
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        ratio = (a - y) / (y - d)
        x = c * np.power(np.where(ratio >= 0, ratio, np.nan), 1.0 / b)
    return np.where(np.isfinite(x) & (y != d), x, np.nan)
