"""What a scale is: a rising function from original units to the position on an axis.

A cut in original units and the same cut on the scale take the same events. All
scales compute in float64: float32 input is widened first. NaN stays NaN, both
infinities go to the ends of the scale, and ``-0.0`` is read as 0.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import GatingError

Floats = NDArray[np.float64]

LN10 = math.log(10.0)

SMALLEST, LARGEST = 1e-200, 1e200
"""Between which the numbers of a scale must lie, so that its steps stay numbers too."""


class Scale(Protocol):
    """A rising function from original units to the position on an axis."""

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value on the scale."""
        ...

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position on the scale."""
        ...

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Positions on the scale, and their labels in original units, from low to high."""
        ...

    @property
    def words(self) -> str:
        """The scale with its parameters, for a caption."""
        ...


def numbers(x: ArrayLike) -> Floats:
    """The values as float64, with one zero."""
    # Adding 0 turns -0.0 into 0.0, so that both zeros land on one place.
    return np.asarray(np.asarray(x, dtype=np.float64) + 0.0)


def demand(holds: bool, message: str) -> None:
    """Refuse parameters that give no scale.

    Raises
    ------
    GatingError
        When the condition does not hold.
    """
    if not holds:
        raise GatingError(message, hint="See Gating-ML 2.0, section 6, for the allowed values.")
