"""The logarithmic scale, Gating-ML's ``flog``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import Floats, demand, numbers
from assays.flow.ticks import decades


@dataclass(frozen=True, slots=True)
class Log:
    """Decades: ``log10(x / T) / M + 1``; T is the top of the scale, M its decades.

    Zero and negative values have no logarithm: they go to minus infinity, below every cut.
    """

    T: float = 262144.0
    M: float = 4.5

    def __post_init__(self) -> None:
        demand(
            0 < self.T < math.inf and 0 < self.M < 100,
            f"log scale: T and M must be > 0; found T {self.T:g}, M {self.M:g}",
        )

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value; 1 at T, 0 at M decades below it."""
        values = np.maximum(numbers(x), 0.0)
        with np.errstate(divide="ignore"):
            # Not of the quotient, which may leave what a number can hold.
            return np.asarray((np.log10(values) - math.log10(self.T)) / self.M + 1.0)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        with np.errstate(over="ignore"):
            return np.asarray(self.T * 10.0 ** ((numbers(y) - 1.0) * self.M))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Whole decades between two values in original units."""
        return decades(self.forward, max(low, self.T * 10.0**-self.M), high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"log (T {self.T:g}, M {self.M:g})"
