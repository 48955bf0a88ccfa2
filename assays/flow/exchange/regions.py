"""Regions that only Gating-ML 1.5 has: polytopes and decision trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assays.flow.gates.shapes import Floats, Mask

ROUNDING = 1e-14
"""Share of its terms by which a sum of products may be wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Polytope:
    """Where several half-spaces meet; their borders are inside.

    Gating-ML 1.5, section 5.4: ``a1 x1 + … + ad xd + b <= 0`` for every half-space.
    """

    normals: Floats
    """shape (half-spaces, dimensions)."""
    offsets: Floats
    """shape (half-spaces,)."""

    def contains(self, points: Floats) -> Mask:
        """Which events are inside or on a border."""
        inside = ~np.asarray(np.isnan(points).any(axis=1))
        with np.errstate(invalid="ignore", over="ignore"):
            for normal, offset in zip(self.normals, self.offsets, strict=True):
                terms = points * normal
                # A border event may miss 0 by the rounding of the products.
                rounding = ROUNDING * (np.abs(terms).sum(axis=1) + abs(offset))
                inside &= terms.sum(axis=1) + offset <= rounding
        return np.asarray(inside)

    def outline(self) -> Floats:
        """Half-spaces have no outline that could be drawn without limits."""
        return np.empty((0, 2))

    def bounds(self) -> Floats:
        """Unknown without solving for the corners: infinite."""
        size = self.normals.shape[1]
        return np.array([[-np.inf] * size, [np.inf] * size])

    def words(self, channels: tuple[str, ...]) -> str:
        """How many half-spaces, on which channels."""
        return f"{' × '.join(channels)} polytope of {len(self.normals)} half-spaces"


@dataclass(frozen=True, slots=True)
class Split:
    """One question of a decision tree: is the value below the threshold?"""

    dimension: int
    threshold: float
    below: int | bool
    """Number of the next split, or whether the events are inside."""
    above: int | bool
    """The same for events at or above the threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTree:
    """Thresholds asked one after the other; an event with NaN on the way is outside."""

    splits: tuple[Split, ...]
    """The first is the root; a split stands before those that it leads to."""

    def contains(self, points: Floats) -> Mask:
        """Which events end in a leaf that is inside."""
        inside = np.zeros(len(points), dtype=bool)
        waiting: dict[int, list[np.ndarray]] = {0: [np.arange(len(points))]}
        for number, split in enumerate(self.splits):
            rows = np.concatenate(waiting.pop(number, [np.empty(0, dtype=np.intp)]))
            values = points[rows, split.dimension]
            for leads, taken in (
                (split.below, values < split.threshold),
                (split.above, values >= split.threshold),
            ):
                if leads is True:
                    inside[rows[taken]] = True
                elif leads is not False:
                    waiting.setdefault(leads, []).append(rows[taken])
        return inside

    def outline(self) -> Floats:
        """A tree has no outline."""
        return np.empty((0, 2))

    def bounds(self) -> Floats:
        """Unknown: infinite."""
        size = 1 + max(split.dimension for split in self.splits)
        return np.array([[-np.inf] * size, [np.inf] * size])

    def words(self, channels: tuple[str, ...]) -> str:
        """How many thresholds, on which channels."""
        return f"decision tree of {len(self.splits)} thresholds on {', '.join(channels)}"
