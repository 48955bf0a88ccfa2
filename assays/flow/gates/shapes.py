"""Concrete boundaries in one to several dimensions: box, polygon, ellipse.

A shape lives either in original units or on the channels' scales; it does not
know which. An event with NaN on one of the channels is in no shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assays.flow.gates.inside import in_polygon

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Shape(Protocol):
    """A boundary."""

    def contains(self, points: Floats) -> Mask:
        """Which events are inside; points have shape (n, dimensions)."""
        ...

    def outline(self) -> Floats:
        """Closed outline of the first two dimensions, shape (k, 2); infinite ends stay so."""
        ...

    def bounds(self) -> Floats:
        """Lowest and highest value per dimension, shape (2, dimensions); may be infinite."""
        ...

    def words(self, channels: tuple[str, ...]) -> str:
        """The boundary in words and numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """Low and high per dimension: low is inside, high is outside.

    Gating-ML 2.0, section 5.1: ``min <= x < max``. An absent end is infinite, and
    then even infinite values are inside.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

    def contains(self, points: Floats) -> Mask:
        """Which events are inside."""
        inside = np.ones(len(points), dtype=bool)
        for column, low, high in zip(points.T, self.low, self.high, strict=True):
            inside &= (column >= low) & ((column < high) if high < math.inf else (column <= high))
        return inside

    def outline(self) -> Floats:
        """Corners of the first two dimensions, the first one repeated; cuts in one dimension."""
        if len(self.low) == 1:
            return np.array([[end] for end in (self.low[0], self.high[0]) if math.isfinite(end)])
        (left, bottom), (right, top) = self.low[:2], self.high[:2]
        return np.array(
            [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
        )

    def bounds(self) -> Floats:
        """Low and high per dimension."""
        return np.array([self.low, self.high])

    def words(self, channels: tuple[str, ...]) -> str:
        """The ends in words."""
        return " and ".join(
            _ends(*ends) for ends in zip(channels, self.low, self.high, strict=True)
        )


def _ends(channel: str, low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return f"any {channel}"
    if math.isinf(high):
        return f"{channel} ≥ {low:,.6g}"
    if math.isinf(low):
        return f"{channel} < {high:,.6g}"
    return f"{low:,.6g} ≤ {channel} < {high:,.6g}"


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """A closed polygon; its edge is inside. Where it crosses itself, even-odd decides."""

    vertices: Floats
    """shape (k, 2), k >= 3, not repeating the first."""

    def contains(self, points: Floats) -> Mask:
        """Which events are inside or exactly on an edge."""
        return in_polygon(self.vertices, points)

    def outline(self) -> Floats:
        """Vertices, the first one repeated."""
        return np.vstack([self.vertices, self.vertices[:1]])

    def bounds(self) -> Floats:
        """Extent of the vertices."""
        return np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    def words(self, channels: tuple[str, ...]) -> str:
        """The vertices in words."""
        shown = [f"({x:,.6g}; {y:,.6g})" for x, y in self.vertices[:12]]
        if len(self.vertices) > 12:
            shown.append(f"… {len(self.vertices)} in all")
        return f"{channels[0]} × {channels[1]} polygon " + " ".join(shown)


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """Events within a Mahalanobis distance of a centre; the edge is inside.

    Gating-ML 2.0, section 5.4: ``(x - center)' C⁻¹ (x - center) <= distance²``.
    """

    center: Floats
    """shape (d,)."""
    covariance: Floats
    """shape (d, d), symmetric, positive definite."""
    distance_squared: float

    def contains(self, points: Floats) -> Mask:
        """Which events are inside or on the edge."""
        inverse = np.linalg.inv(self.covariance)
        away = points - self.center
        # An event at infinity gives NaN here, which is outside.
        with np.errstate(invalid="ignore", over="ignore"):
            distance = np.einsum("ni,ij,nj->n", away, inverse, away)
            return np.asarray(distance <= self.distance_squared)

    def outline(self) -> Floats:
        """160 points around the first two dimensions, the first one repeated."""
        sizes, axes = np.linalg.eigh(self.covariance[:2, :2])
        angle = np.linspace(0.0, 2 * math.pi, 161)
        circle = np.stack([np.cos(angle), np.sin(angle)])
        reach = np.sqrt(np.maximum(sizes, 0.0) * self.distance_squared)
        return np.asarray(self.center[:2] + (axes @ (reach[:, None] * circle)).T)

    def bounds(self) -> Floats:
        """Extent per dimension."""
        reach = np.sqrt(np.diag(self.covariance) * self.distance_squared)
        return np.array([self.center - reach, self.center + reach])

    def words(self, channels: tuple[str, ...]) -> str:
        """Centre and half-widths in words."""
        low, high = self.bounds()
        parts = [
            f"{name} {middle:,.6g} ± {(top - bottom) / 2:,.4g}"
            for name, middle, bottom, top in zip(channels, self.center, low, high, strict=True)
        ]
        return "ellipse around " + ", ".join(parts)
