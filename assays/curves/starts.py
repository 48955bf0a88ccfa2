"""Where a search begins: the best points of a grid over the curved parameters.

For a response between two ends, each point of the grid has its own best ends A and D, by linear
least squares. A parameter that is given is not tried: its axis of the grid is that one value.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]

STARTS = 4
"""Starts that a search begins from."""
NEIGHBOUR = 1.2
"""Steps of the grid within which a point of it is beside a solution."""
TOGETHER = 256
"""Curves whose grids are held in memory at a time."""


def starts_of(
    model: CurveModel, x: Floats, y: Floats, weights: Floats, fixed: Floats, most: int = STARTS
) -> Floats:
    """Parameter vectors to start from, shape (b, s, k).

    Parameters
    ----------
    x, y, weights : ndarray, shape (b, n)
    fixed : ndarray, shape (b, k)
        Values of parameters that are given; NaN where they are fitted. The same ones for all.
    most : int
        Starts for each curve, the best first.
    """
    if model.axes is not None:
        return _best_of_grid(model, x, y, weights, fixed, most)
    if model.starts is not None:
        found = np.asarray(model.starts(x, y, weights))[:, :most]
        return np.where(np.isnan(fixed)[:, None], found, fixed[:, None])
    return np.where(np.isnan(fixed), 0.0, fixed)[:, None, :]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Trials of one design, and what their best ends are worked out from; g trials, n points."""

    shape: tuple[int, ...]
    """Trials along each parameter that is no end."""
    curved: Floats
    """shape (g, p), the parameters"""
    low: Floats
    """shape (g, n), share of A in each response"""
    high: Floats
    """shape (g, n), share of D"""
    squares: tuple[Floats, Floats, Floats]
    """shape (g, n) each: low², high², low times high"""


def _best_of_grid(
    model: CurveModel, x: Floats, y: Floats, weights: Floats, fixed: Floats, most: int
) -> Floats:
    linear = np.array(model.linear)
    (first, last), curved = np.flatnonzero(linear), np.flatnonzero(~linear)
    designs: dict[tuple[bytes, bytes], list[int]] = {}
    for i, row in enumerate(x):
        designs.setdefault((row.tobytes(), fixed[i, curved].tobytes()), []).append(i)
    found = np.empty((len(x), 0, len(linear)))
    for key, rows in designs.items():
        grid = _grid(model, *key)
        if not found.shape[1]:
            found = np.empty((len(x), min(most, len(grid.curved)), len(linear)))
        for begin in range(0, len(rows), TOGETHER):
            part = np.array(rows[begin : begin + TOGETHER])
            a, d, misfit = best_ends(grid, y[part], weights[part], fixed[part][:, [first, last]])
            chosen = best_of(misfit.reshape(len(part), *grid.shape), most)
            found[np.ix_(part, np.arange(found.shape[1]), curved)] = grid.curved[chosen]
            found[part, :, first] = np.take_along_axis(a, chosen, axis=1)
            found[part, :, last] = np.take_along_axis(d, chosen, axis=1)
    return found


@lru_cache(maxsize=8)
def _grid(model: CurveModel, concentrations: bytes, given: bytes) -> Grid:
    """Every combination of the values tried; plates of one assay share their design."""
    assert model.axes is not None
    x, values = np.frombuffer(concentrations), np.frombuffer(given)
    axes = [
        np.array([value]) if np.isfinite(value) else axis
        for axis, value in zip(model.axes(x), values, strict=True)
    ]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    linear, flat = np.array(model.linear), mesh.reshape(-1, mesh.shape[-1])
    trial = np.zeros((len(linear), len(flat), 1))
    trial[linear.argmax()], trial[~linear] = 1.0, flat.T[:, :, None]
    low = model.forward(x, trial)
    high = 1.0 - low
    return Grid(mesh.shape[:-1], flat, low, high, (low * low, high * high, low * high))


def best_ends(
    grid: Grid, y: Floats, weights: Floats, given: Floats
) -> tuple[Floats, Floats, Floats]:
    """Ends A, D that fit best when the share of the lower end is known.

    Parameters
    ----------
    y, weights : ndarray, shape (b, n)
    given : ndarray, shape (b, 2)
        A and D where they are given, NaN where not; the same ones for all.

    Returns
    -------
    tuple of ndarray, shape (b, g)
        A, D and the weighted residual sum of squares.
    """
    low, high = grid.low, grid.high
    of_low, of_high, of_both = grid.squares

    def total(columns: Floats, values: Floats) -> Floats:
        return np.asarray(np.matmul(columns, values[:, :, None])[:, :, 0])

    a, d = given[:, :1], given[:, 1:]
    has_a, has_d = bool(np.isfinite(a).all()), bool(np.isfinite(d).all())
    weighted = weights * y
    whole = (weighted * y).sum(axis=1)[:, None]
    with np.errstate(all="ignore"):
        if not has_a and not has_d:
            ll, hh, lh = (total(square, weights) for square in grid.squares)
            ly, hy = total(low, weighted), total(high, weighted)
            det = ll * hh - lh * lh
            det = np.where(det > 1e-13 * ll * hh, det, np.nan)
            first, last = (ly * hh - hy * lh) / det, (hy * ll - ly * lh) / det
            misfit = whole - first * ly - last * hy
        elif has_a and has_d:
            rest = y[:, None, :] - a[:, :, None] * low - d[:, :, None] * high
            misfit = np.vecdot(rest * rest, weights[:, None, :])
            first, last = np.broadcast_to(a, misfit.shape), np.broadcast_to(d, misfit.shape)
        else:
            known = a if has_a else d
            free, kept = (high, low) if has_a else (low, high)
            size = total(of_high if has_a else of_low, weights)
            alone = total(of_low if has_a else of_high, weights)
            own, both, beside = (
                total(free, weighted),
                total(of_both, weights),
                total(kept, weighted),
            )
            end = (own - known * both) / np.where(size > 0, size, np.nan)
            first, last = (known + 0 * end, end) if has_a else (end, known + 0 * end)
            # Normal equation: free'W(y - known kept - end free) = 0.
            misfit = whole - end * (own - known * both) - 2 * known * beside
            misfit = misfit + known * known * alone
    return first, last, np.where(np.isfinite(misfit), misfit, np.inf)


def best_of(misfit: Floats, most: int = STARTS) -> NDArray[np.intp]:
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
    return np.lexsort((flat, rank), axis=-1)[:, :most]


def beside(model: CurveModel, x: Floats, starts: Floats, params: Floats) -> NDArray[np.bool_]:
    """Whether starts lie within a step of the grid from parameters: they lead there.

    Parameters
    ----------
    x : ndarray, shape (b, n)
    starts : ndarray, shape (b, s, k)
    params : ndarray, shape (b, k)

    Returns
    -------
    ndarray, shape (b, s)
    """
    near = np.zeros(starts.shape[:2], dtype=bool)
    if model.axes is None:
        return near
    curved = np.flatnonzero(~np.array(model.linear))
    ratios: dict[bytes, list[float]] = {}
    for row in x:
        if row.tobytes() not in ratios:
            ratios[row.tobytes()] = [axis[1] / axis[0] for axis in model.axes(row)]
    steps = np.log(np.array([ratios[row.tobytes()] for row in x]))[:, None]
    with np.errstate(all="ignore"):
        apart = np.abs(np.log(starts[:, :, curved] / params[:, None, curved]))
    return np.asarray((apart <= NEIGHBOUR * steps).all(axis=2))
