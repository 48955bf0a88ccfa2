"""A scale whose positions stop at bounds, Gating-ML's ``boundMin`` and ``boundMax``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import Floats, Scale, demand


@dataclass(frozen=True, slots=True)
class Bounded:
    """Positions below ``low`` are read as ``low``, those above ``high`` as ``high``."""

    scale: Scale
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        demand(
            self.low <= self.high,
            f"bounded scale: boundMin {self.low:g} is above boundMax {self.high:g}",
        )

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value, kept within the bounds."""
        return np.asarray(np.clip(self.scale.forward(x), self.low, self.high))

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position; at a bound, the value where the bound begins."""
        return self.scale.inverse(np.clip(np.asarray(y, dtype=np.float64), self.low, self.high))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Ticks of the scale."""
        places, labels = self.scale.ticks(low, high)
        kept = [i for i, place in enumerate(places) if self.low <= place <= self.high]
        return places[kept], tuple(labels[i] for i in kept)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"{self.scale.words}, from {self.low:g} to {self.high:g}"
