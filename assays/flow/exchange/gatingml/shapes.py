"""Shapes of Gating-ML gates, the same in 1.5 and 2.0 but for their names of channels."""

from __future__ import annotations

import math

import numpy as np

from assays.flow.exchange.markup import Node, finite, real
from assays.flow.gates.shapes import Box, Ellipse, Polygon

MOST_DIMENSIONS = 64
MOST_VERTICES = 50_000


def box(node: Node, dimensions: list[Node], what: str) -> Box:
    """Rectangle: ``min`` is inside, ``max`` outside; either may be absent."""
    low, high = [], []
    for dimension in dimensions:
        ends = []
        for name, absent in (("min", -math.inf), ("max", math.inf)):
            text = dimension.attributes.get(name)
            ends.append(absent if text is None else real(text, f"{what}, {name}", dimension))
        if ends[0] > ends[1]:
            raise dimension.error(f"{what}: min {ends[0]:g} is above max {ends[1]:g}")
        low.append(ends[0])
        high.append(ends[1])
    return Box(tuple(low), tuple(high))


def polygon(node: Node, what: str) -> Polygon:
    """Polygon from its vertices; a vertex that repeats the one before is dropped."""
    corners = [coordinates(vertex, 2, what) for vertex in node.all("vertex")]
    return make_polygon(corners, node, what)


def make_polygon(corners: list[list[float]], node: Node, what: str) -> Polygon:
    """Polygon through corners; needs three different ones."""
    if len(corners) > MOST_VERTICES:
        raise node.error(f"{what}: {len(corners):,} vertices; {MOST_VERTICES:,} are the most")
    if len({tuple(corner) for corner in corners}) < 3:
        raise node.error(
            f"{what}: a polygon needs at least 3 different vertices, "
            f"found {len({tuple(corner) for corner in corners})}"
        )
    kept = [c for i, c in enumerate(corners) if c != corners[i - 1]]
    return Polygon(np.array(kept, dtype=np.float64))


def coordinates(node: Node, size: int, what: str) -> list[float]:
    """The numbers of a point."""
    found = [finite(c.word("value", what), what, c) for c in node.all("coordinate")]
    if len(found) != size:
        raise node.error(f"{what}: expected {size} coordinates, found {len(found)}")
    return found


def ellipsoid(node: Node, size: int, what: str) -> Ellipse:
    """Ellipsoid from mean, covariance and squared distance."""
    mean = coordinates(node.need(what, "mean"), size, what)
    rows = [
        [finite(entry.word("value", what), what, entry) for entry in row.all("entry")]
        for row in node.need(what, "covarianceMatrix").all("row")
    ]
    if len(rows) != size or any(len(row) != size for row in rows):
        raise node.error(f"{what}: the covariance must be {size} x {size}")
    square = finite(
        node.need(what, "distanceSquare").word("value", what), f"{what}, distanceSquare", node
    )
    return make_ellipsoid(np.array(mean), np.array(rows), square, node, what)


def make_ellipsoid(
    mean: np.ndarray, covariance: np.ndarray, square: float, node: Node, what: str
) -> Ellipse:
    """Ellipsoid, when it has a volume."""
    if not np.isfinite(mean).all():
        raise node.error(f"{what}: its centre has no place on its axes")
    largest = float(np.abs(covariance).max())
    if not 1e-200 < largest < 1e200 or not np.allclose(covariance, covariance.T, rtol=1e-6):
        raise node.error(f"{what}: the covariance is not symmetric, or out of range")
    # Axes of very different units are compared each in its own.
    spread = np.sqrt(np.abs(np.diag(covariance)))
    if (spread == 0).any() or (
        np.linalg.eigvalsh(covariance / np.outer(spread, spread)).min() <= 1e-12
    ):
        raise node.error(f"{what}: the covariance is not positive definite: no volume")
    if square <= 0:
        raise node.error(f"{what}: distanceSquare must be > 0, found {square:g}")
    return Ellipse(mean, (covariance + covariance.T) / 2, square)
