"""Which events lie in a polygon: exactly, and quickly where there are many.

For many events the polygon is first laid over a fine grid. A cell that no edge
comes near is wholly inside or wholly outside, and so are its events; the others, a few
in a hundred, are looked at edge by edge (`edges`). The answer is the same.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assays.flow.gates.edges import by_edges

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
    vertices = np.asarray(vertices, dtype=np.float64)
    low, scale = _laid(vertices)
    if len(points) * len(vertices) >= MANY and ((scale > 0) & np.isfinite(scale)).all():
        return _by_grid(vertices, points, low, scale)
    high = vertices.max(axis=0)
    inside = np.zeros(len(points), dtype=bool)
    x, y = points[:, 0], points[:, 1]
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    inside[near] = by_edges(vertices, x[near], y[near])
    return inside


def _by_grid(vertices: Floats, points: Floats, low: Floats, scale: Floats) -> Mask:
    cells = _cells(np.ascontiguousarray(vertices).tobytes())
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


@lru_cache(maxsize=64)
def _cells(corners: bytes) -> NDArray[np.uint8]:
    """What each cell is, row after row upwards; kept, for a gate is asked tube after tube."""
    vertices = np.frombuffer(corners, dtype=np.float64).reshape(-1, 2)
    low, scale = _laid(vertices)
    cells = np.zeros((WIDTH, WIDTH), dtype=np.uint8)
    places = (vertices - low) * scale + 2.0
    for start, end in zip(places, np.roll(places, -1, axis=0), strict=True):
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
    return cells.reshape(-1)


def _laid(vertices: Floats) -> tuple[Floats, Floats]:
    """Lowest corner, and cells per unit along each axis; 0 or infinite where no grid fits."""
    low = vertices.min(axis=0)
    with np.errstate(over="ignore", divide="ignore"):
        return low, CELLS / (vertices.max(axis=0) - low)


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
