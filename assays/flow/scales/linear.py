"""The linear scale: the value itself, or Gating-ML's ``flin``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import Floats, demand, numbers
from assays.flow.ticks import round_numbers, thousands


@dataclass(frozen=True, slots=True)
class Linear:
    """The value itself, or with `T` the Gating-ML form ``(x + A) / (T + A)``."""

    T: float | None = None
    A: float = 0.0

    def __post_init__(self) -> None:
        if self.T is not None:
            demand(
                math.isfinite(self.T) and self.T > 0 and 0 <= self.A <= self.T,
                f"linear scale: T must be > 0 and 0 <= A <= T; found T {self.T:g}, A {self.A:g}",
            )

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value."""
        values = numbers(x)
        if self.T is None:
            return values
        with np.errstate(over="ignore"):
            return np.asarray((values + self.A) / (self.T + self.A))

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        places = numbers(y)
        if self.T is None:
            return places
        with np.errstate(over="ignore"):
            return np.asarray(places * (self.T + self.A) - self.A)

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Round numbers, about five, between two values in original units."""
        values = round_numbers(low, high)
        return self.forward(values), tuple(thousands(value) for value in values)

    @property
    def words(self) -> str:
        """The scale in words."""
        return "linear"
