"""Outlines of a gate as they can be drawn: whole, finite, and inside the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.reports.figures.gate_panels import limits_of
from assays.results.flow import GatePicture

Floats = NDArray[np.float64]


def drawable(gate: GatePicture) -> list[Floats]:
    """Outlines inside the picture, on the scale.

    Open ends stop at the edge, corners that are NaN are left out. An outline that leaves the
    picture is cut along its edge: moving its corners there would bend every slanted side.

    Returns
    -------
    list of ndarray, shape (k, 2), closed; or shape (k, 1), cut positions of one dimension
        Outlines wholly outside the picture are left out.
    """
    ends = [limits_of(axis) for axis in (gate.x, gate.y) if axis is not None]
    low = np.array([end[0] for end in ends])
    high = np.array([end[1] for end in ends])
    kept = []
    for outline in gate.outlines:
        points = np.asarray(outline, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != len(ends):
            continue
        points = points[~np.isnan(points).any(axis=1)]
        points = np.where(np.isinf(points), np.clip(points, low, high), points)
        points = _cut(points, low, high) if len(ends) == 2 else np.clip(points, low, high)
        if len(points):
            kept.append(points)
    return kept


def _cut(points: Floats, low: Floats, high: Floats) -> Floats:
    """Closed outline cut by a rectangle, edge by edge (Sutherland & Hodgman 1974, CACM 17(1))."""
    if ((points >= low) & (points <= high)).all():
        return points
    corners = list(points[:-1] if len(points) > 1 and (points[0] == points[-1]).all() else points)
    for axis, edge, sign in ((0, low[0], 1), (0, high[0], -1), (1, low[1], 1), (1, high[1], -1)):
        kept: list[Floats] = []
        for before, corner in zip(corners[-1:] + corners[:-1], corners, strict=True):
            was_in = sign * (before[axis] - edge) >= 0
            is_in = sign * (corner[axis] - edge) >= 0
            if was_in != is_in:
                share = (edge - before[axis]) / (corner[axis] - before[axis])
                crossing = before + share * (corner - before)
                crossing[axis] = edge
                kept.append(crossing)
            if is_in:
                kept.append(corner)
        corners = kept
    return np.array([*corners, corners[0]]) if corners else np.empty((0, 2))
