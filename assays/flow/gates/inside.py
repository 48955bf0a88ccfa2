"""Which events lie in a polygon: exactly, and quickly where there are many.

A ray to the right crosses edges an odd number of times from inside (even-odd). Sides
are told by the sign of one cross product, so that an event on an edge gives exactly
zero wherever the coordinates are small integers or the edge is upright or level.

For many events the polygon is first laid over a fine grid. A cell that no edge
comes near is wholly inside or wholly outside, and so are its events; the others, a few
in a hundred, are looked at edge by edge as above. The answer is the same.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MANY = 100_000
"""Events times edges from which a grid pays."""
CELLS = 256
"""Along each side of the polygon's extent; two more rows of cells lie around it."""
WIDTH = CELLS + 4
NEAR = 0.01
"""Of a cell: how near an edge may come before the cell is an edge's."""
OUT, IN, EDGE = 0, 1, 2
BLOCK = 16384


def in_polygon(vertices: Floats, points: Floats) -> Mask:
    """Which points lie inside or exactly on an edge.

    Parameters
    ----------
    vertices : ndarray, shape (k, 2)
        Finite, not repeating the first.
    points : ndarray, shape (n, 2)
        A point with NaN or an infinity is outside.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    if len(points) * len(vertices) >= MANY:
        with np.errstate(over="ignore", divide="ignore"):
            scale = CELLS / (high - low)
        if np.isfinite(scale).all() and (scale > 0).all():
            return _by_grid(vertices, points, low, scale)
    inside = np.zeros(len(points), dtype=bool)
    x, y = points[:, 0], points[:, 1]
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    inside[near] = by_edges(vertices, x[near], y[near])
    return inside


def by_edges(vertices: Floats, x: Floats, y: Floats) -> Mask:
    """Edge by edge; x and y have shape (n,) and are finite."""
    odd = np.zeros(len(x), dtype=bool)
    on_edge = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        with np.errstate(over="ignore", invalid="ignore"):
            side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        # Half-open in y: a ray through a vertex counts one of its two edges.
        if y0 <= y1:
            odd ^= (y0 <= y) & (y < y1) & (side > 0)
        else:
            odd ^= (y1 <= y) & (y < y0) & (side < 0)
        level = side == 0
        if level.any():
            on_edge |= (
                level
                & (min(x0, x1) <= x) & (x <= max(x0, x1))
                & (min(y0, y1) <= y) & (y <= max(y0, y1))
            )  # fmt: skip
    return odd | on_edge


def _by_grid(vertices: Floats, points: Floats, low: Floats, scale: Floats) -> Mask:
    cells = _cells(vertices, low, scale).reshape(-1)
    inside = np.empty(len(points), dtype=bool)
    size = min(BLOCK, len(points))
    across, up = np.empty(size), np.empty(size)
    index, kind = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.uint8)
    doubtful = []
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK]
        n = len(block)
        # A NaN becomes some whole number, and that is clipped to the outermost cells.
        with np.errstate(over="ignore", invalid="ignore"):
            for axis, at in enumerate((across[:n], up[:n])):
                np.subtract(block[:, axis], low[axis], out=at)
                at *= scale[axis]
                at += 2.0
                np.minimum(at, WIDTH - 1, out=at)
                np.maximum(at, 0.0, out=at)
            np.floor(up[:n], out=up[:n])
            up[:n] *= WIDTH
            up[:n] += across[:n]
            np.copyto(index[:n], up[:n], casting="unsafe")
        found = cells.take(index[:n], out=kind[:n], mode="clip")
        made = inside[start : start + BLOCK]
        np.equal(found, IN, out=made)
        doubtful.append(np.flatnonzero(found == EDGE) + start)
    rest = np.concatenate(doubtful)
    inside[rest] = by_edges(vertices, points[rest, 0], points[rest, 1])
    return inside


def _cells(vertices: Floats, low: Floats, scale: Floats) -> NDArray[np.uint8]:
    """What each cell is, shape (rows, columns): y runs along the first axis."""
    cells = np.zeros((WIDTH, WIDTH), dtype=np.uint8)
    corners = (vertices - low) * scale + 2.0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        _mark(cells, start, end)
    rows, columns = np.nonzero(cells != EDGE)
    # Cells side by side that no edge parts are alike: the first of each run is asked.
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 1)
    asked = np.flatnonzero(first)
    with np.errstate(over="ignore"):
        middles = (np.stack([columns, rows], axis=1)[asked] - 1.5) / scale + low
    answers = by_edges(vertices, middles[:, 0], middles[:, 1])
    cells[rows, columns] = answers[np.cumsum(first) - 1]
    return cells


def _mark(cells: NDArray[np.uint8], start: Floats, end: Floats) -> None:
    """Give the cells that an edge comes near to the edge."""
    (x0, y0), (x1, y1) = (start, end) if start[1] <= end[1] else (end, start)
    rows = np.arange(math.floor(y0 - NEAR), math.floor(y1 + NEAR) + 1)
    if y1 - y0 < NEAR:
        across = np.array([[x0], [x1]]).repeat(len(rows), axis=1)
    else:
        # Where the edge enters each row of cells, and where it leaves it.
        ends = np.stack([rows - NEAR, rows + 1 + NEAR])
        across = x0 + np.clip((ends - y0) / (y1 - y0), 0.0, 1.0) * (x1 - x0)
    left = np.floor(across.min(axis=0) - NEAR).astype(np.intp)
    right = np.floor(across.max(axis=0) + NEAR).astype(np.intp)
    for row, first, last in zip(rows.tolist(), left.tolist(), right.tolist(), strict=True):
        cells[row, first : last + 1] = EDGE
