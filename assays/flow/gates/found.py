"""Shapes that automatic gates end in, beside those that a person draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assays.flow.gates.shapes import Box, Floats, Mask, Shape
from assays.flow.scales import Linear, Scale


def everything(dimensions: int) -> Box:
    """Every event that has a number on all channels."""
    return Box((-math.inf,) * dimensions, (math.inf,) * dimensions)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No event: what is left when the data show no gate and no fallback was declared."""

    dimensions: int

    def contains(self, points: Floats) -> Mask:
        """No event is inside."""
        return np.zeros(len(points), dtype=bool)

    def outline(self) -> Floats:
        """Nothing to draw."""
        return np.empty((0, self.dimensions))

    def bounds(self) -> Floats:
        """No ends."""
        return np.array([(-math.inf,) * self.dimensions, (math.inf,) * self.dimensions])

    def words(self, channels: tuple[str, ...]) -> str:
        """Say that nothing is taken."""
        return "no event: the data show no gate"


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Every event but those within some spans of the first channel: start inside, end outside."""

    starts: Floats
    """shape (k,), rising."""
    ends: Floats
    """shape (k,)."""
    dimensions: int = 1

    def contains(self, points: Floats) -> Mask:
        """Which events lie in no span."""
        where = points[:, 0]
        at = np.searchsorted(self.starts, where, side="right") - 1
        inside = at >= 0
        inside[inside] &= where[inside] < self.ends[at[inside]]
        return ~inside & ~np.isnan(points).any(axis=1)

    def outline(self) -> Floats:
        """Cuts in one dimension; nothing in two."""
        if self.dimensions > 1:
            return np.empty((0, 2))
        return np.sort(np.concatenate([self.starts, self.ends]))[:, None]

    def bounds(self) -> Floats:
        """No ends: both sides are open."""
        return np.array([(-math.inf,) * self.dimensions, (math.inf,) * self.dimensions])

    def words(self, channels: tuple[str, ...]) -> str:
        """The spans in words."""
        shown = [f"{a:,.6g} to {b:,.6g}" for a, b in zip(self.starts, self.ends, strict=True)]
        more = f" … {len(shown)} in all" if len(shown) > 6 else ""
        return f"{channels[0]} outside {', '.join(shown[:6])}{more}"


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A shape that lives on scales of its own, seen from original units.

    Whatever scale a page later draws a channel on, the boundary stays the same.
    """

    shape: Shape
    """On the scales."""
    scales: tuple[Scale, ...]

    def contains(self, points: Floats) -> Mask:
        """Which events are inside."""
        columns = [scale.forward(x) for scale, x in zip(self.scales, points.T, strict=True)]
        return self.shape.contains(np.stack(columns, axis=1))

    def outline(self) -> Floats:
        """Closed outline in original units."""
        return self._back(self.shape.outline())

    def bounds(self) -> Floats:
        """Lowest and highest value per dimension, original units."""
        return self._back(self.shape.bounds())

    def words(self, channels: tuple[str, ...]) -> str:
        """The boundary in words, its numbers on the scale."""
        on = ", ".join(dict.fromkeys(scale.words for scale in self.scales))
        return f"{self.shape.words(channels)} on {on}"

    def _back(self, places: Floats) -> Floats:
        columns = [s.inverse(x) for s, x in zip(self.scales, places.T, strict=True)]
        return np.stack(columns, axis=1)


def in_original_units(shape: Shape, scales: tuple[Scale, ...]) -> Shape:
    """The same boundary for events in original units.

    A box moves its ends back, since scales rise; on linear scales nothing changes.
    """
    if all(isinstance(scale, Linear) and scale.T is None for scale in scales):
        return shape
    if isinstance(shape, Box):
        low, high = (
            tuple(float(s.inverse(x)) for s, x in zip(scales, ends, strict=True))
            for ends in (shape.low, shape.high)
        )
        return Box(low, high)
    return Scaled(shape, scales)


def told(value: float) -> str:
    """A number to about four digits, without powers of ten up to a million."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}"
