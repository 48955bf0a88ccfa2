"""What the logistic curves share: stable pieces, and starting values from the data.

With ``u = B log(x / C)`` the share of the lower end is ``h = 1 / (1 + exp(u))`` and
of the upper end ``q = 1 - h``. Worked out from u, neither overflows, and x = 0 and
x = inf give exactly (1, 0) and (0, 1).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ends = Callable[[Floats, Floats], tuple[float | None, ...]]
"""Parameters that the standards give, and None for those that are fitted."""

SLOPES = np.geomspace(0.2, 12.0, 13)
"""Slopes B tried for a start: immunoassays have 0.5 to 3, a step at one level has more."""
MIDDLES = 26
"""Concentrations C tried, from well below to far above the standards."""
STARTS = 4
"""Starts that a search begins from."""


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


FAINTEST = 1e-7
"""Smallest share of the far end that the standards reach, or miss, in a fit.

Where the plateau was never seen the best C lies at infinity; beyond this point C and D only run
on together and the curve over the standards stays as it is.
"""
STEEPEST, FLATTEST = 200.0, 0.01
LOG_FAINTEST, LOG_STEEPEST, LOG_FLATTEST = np.log([FAINTEST, STEEPEST, FLATTEST]).tolist()


def middles(x: Floats) -> Floats:
    """Concentrations C tried for a start; x of one curve."""
    positive = x[x > 0]
    return np.geomspace(positive.min() / 10, positive.max() * 1000, MIDDLES)


def reach(slope: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest log C that curves of these slopes let the standards tell apart."""
    span = -LOG_FAINTEST / np.minimum(np.maximum(slope, FLATTEST), STEEPEST)
    return np.maximum(extent[0] - span, -300.0), np.minimum(extent[1] + span, 300.0)


def four_bounds(shape: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Bounds of log B and log C."""
    low, high = np.empty_like(shape), np.empty_like(shape)
    low[0], high[0] = LOG_FLATTEST, LOG_STEEPEST
    low[1], high[1] = reach(np.exp(shape[0]), extent)
    return low, high


def best_starts(
    shares_of: Callable[[Floats], tuple[Floats, Floats]],
    x: Floats,
    y: Floats,
    weights: Floats,
    fixed: tuple[float | None, float | None] = (None, None),
) -> Floats:
    """Best points of a grid over the curved parameters, each with its best ends A and D.

    Parameters
    ----------
    shares_of : callable
        Concentrations of one curve, shape (n,), to the grid (\\*axes, p) and the share of the lower
        end at each of its points (\\*axes, n). Curves of one design ask once.
    x, y, weights : ndarray, shape (b, n)
    fixed : (A, D)
        A number where the end is given.

    Returns
    -------
    ndarray, shape (b, s, p + 2)
        Curved parameters, then A and D.
    """
    found = np.empty((len(x), STARTS, 0))
    designs: dict[bytes, list[int]] = {}
    for i, row in enumerate(x):
        designs.setdefault(row.tobytes(), []).append(i)
    for rows in designs.values():
        grid, low = shares_of(x[rows[0]])
        axes, low = grid.shape[:-1], low.reshape(-1, x.shape[1])
        if not found.shape[2]:
            found = np.empty((len(x), STARTS, grid.shape[-1] + 2))
        # Some hundred curves at a time keep the memory small.
        for begin in range(0, len(rows), 256):
            part = rows[begin : begin + 256]
            a, d, misfit = best_ends(low, y[part], weights[part], fixed)
            chosen = best_of(misfit.reshape(len(part), *axes))
            found[part, :, :-2] = grid.reshape(-1, grid.shape[-1])[chosen]
            found[part, :, -2] = np.take_along_axis(a, chosen, axis=1)
            found[part, :, -1] = np.take_along_axis(d, chosen, axis=1)
    return found


def best_ends(
    low: Floats, y: Floats, weights: Floats, fixed: tuple[float | None, float | None]
) -> tuple[Floats, Floats, Floats]:
    """Ends A, D that fit best when the share of the lower end is known.

    Parameters
    ----------
    low : ndarray, shape (g, n)
        Share of A in each response, one row per trial.
    y, weights : ndarray, shape (b, n)
    fixed : (A, D)
        A number where the end is given.

    Returns
    -------
    tuple of ndarray, shape (b, g)
        A, D and the weighted residual sum of squares.
    """
    high = 1.0 - low

    def total(columns: Floats, values: Floats) -> Floats:
        return np.asarray(np.matmul(columns, values[:, :, None])[:, :, 0])

    a, d = fixed
    weighted = weights * y
    whole = (weighted * y).sum(axis=1)[:, None]
    with np.errstate(all="ignore"):
        if a is None and d is None:
            ll, hh, lh = (total(c, weights) for c in (low * low, high * high, low * high))
            ly, hy = total(low, weighted), total(high, weighted)
            det = ll * hh - lh * lh
            det = np.where(det > 1e-13 * ll * hh, det, np.nan)
            first, last = (ly * hh - hy * lh) / det, (hy * ll - ly * lh) / det
            misfit = whole - first * ly - last * hy
        elif a is not None and d is not None:
            rest = y[:, None, :] - a * low - d * high
            misfit = np.vecdot(rest * rest, weights[:, None, :])
            first, last = np.full_like(misfit, a), np.full_like(misfit, d)
        else:
            given = a if a is not None else float(d or 0.0)
            free, kept = (high, low) if a is not None else (low, high)
            size, own = total(free * free, weights), total(free, weighted)
            both = total(free * kept, weights)
            end = (own - given * both) / np.where(size > 0, size, np.nan)
            first = np.full_like(end, given) if a is not None else end
            last = end if a is not None else np.full_like(end, given)
            misfit = whole - end * own - given * total(kept, weighted)
    return first, last, np.where(np.isfinite(misfit), misfit, np.inf)


def best_of(misfit: Floats) -> NDArray[np.intp]:
    """Flat indices of the lowest local minima of each curve's grid of misfits, shape (b, s).

    A point is a local minimum when no neighbour along an axis is lower; where there are too few,
    the lowest other points follow.
    """
    known = np.isfinite(misfit)
    lowest = known.copy()
    for axis in range(1, misfit.ndim):
        padded = np.moveaxis(misfit, axis, 0)
        edge = np.full((1, *padded.shape[1:]), np.inf)
        lower = padded <= np.concatenate([edge, padded[:-1]])
        lower &= padded <= np.concatenate([padded[1:], edge])
        lowest &= np.moveaxis(lower, 0, axis)
    flat = misfit.reshape(len(misfit), -1)
    rank = np.where(known, np.where(lowest, 0, 1), 2).reshape(flat.shape)
    return np.lexsort((flat, rank), axis=-1)[:, :STARTS]


def four_trials(x: Floats) -> tuple[Floats, Floats]:
    """A grid over B and C, and the share of A at each of its points."""
    grid = np.stack(np.meshgrid(SLOPES, middles(x), indexing="ij"), axis=-1)
    low, _ = shares(x, grid[..., :1], grid[..., 1:])
    return grid, low


def starts_between(ends: Ends, x: Floats, y: Floats, weights: Floats) -> Floats:
    """Best points of a grid over B and C, where `ends` gives A, D or both of each curve."""
    given = [ends(*pair) for pair in zip(x, y, strict=True)]
    found = np.empty((len(x), STARTS, 4))
    for one in set(given):
        rows = [i for i, other in enumerate(given) if other == one]
        found[rows] = best_starts(four_trials, x[rows], y[rows], weights[rows], (one[0], one[3]))
    return found[..., [2, 0, 1, 3]]


def four_share(log_x: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of A and D, and the derivatives of the first by log B and log C."""
    slope = np.exp(shape[0])
    u = slope * (log_x - shape[1])
    z = np.exp(-np.abs(u))
    large = 1.0 / (1.0 + z)
    small = z * large
    rising = u > 0
    low, high = np.where(rising, small, large), np.where(rising, large, small)
    bend = small * large
    # x = 0 and x = inf are ends themselves: nothing bends there.
    slopes = np.empty((2, *u.shape))
    slopes[0] = np.where(bend > 0, -bend * u, 0.0)
    slopes[1] = bend * slope
    return low, high, slopes


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
