"""Gating-ML's ``flog``, which has no value below zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales import Floats, Log
from assays.flow.scales.contract import numbers


@dataclass(frozen=True, slots=True)
class Flog:
    """A logarithm as other readers of the standard compute it.

    Zero goes to minus infinity; a negative value has no place (NaN), so its event is in
    no gate on this axis, one without a lower end included. A ``boundMin`` says where
    what has no logarithm is to lie, and then `Log` takes the place of this.
    """

    log: Log

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value; NaN below zero."""
        values = numbers(x)
        return np.asarray(np.where(values < 0, np.nan, self.log.forward(values)))

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        return self.log.inverse(y)

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Ticks of the logarithm."""
        return self.log.ticks(low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return self.log.words
