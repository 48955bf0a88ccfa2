"""The ratio of two channels, Gating-ML's ``fratio``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import Floats, demand, numbers
from assays.flow.ticks import round_numbers, thousands


@dataclass(frozen=True, slots=True)
class Ratio:
    """``A (x - B) / (y - C)``; the one scale that takes two values.

    Where ``y = C`` the ratio is infinite, and NaN when ``x = B`` too: such an event
    is in no closed gate.
    """

    A: float = 1.0
    B: float = 0.0
    C: float = 0.0

    def __post_init__(self) -> None:
        demand(
            all(map(math.isfinite, (self.A, self.B, self.C))) and self.A != 0,
            f"ratio scale: A must not be 0, B and C must be finite; "
            f"found A {self.A:g}, B {self.B:g}, C {self.C:g}",
        )

    def forward(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Ratio of two values."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.asarray(self.A * (numbers(x) - self.B) / (numbers(y) - self.C))

    def inverse(self, ratio: ArrayLike, y: ArrayLike) -> Floats:
        """The upper value, from the ratio and the lower one."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(numbers(ratio) * (numbers(y) - self.C) / self.A + self.B)

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Round numbers, about five, between two ratios."""
        values = round_numbers(low, high)
        return values, tuple(thousands(value) for value in values)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"ratio (A {self.A:g}, B {self.B:g}, C {self.C:g})"
