"""The functions of Gating-ML 1.5, each of one value.

Names and parameters are the standard's (candidate recommendation 081030, section
4). Where a function has no value (a logarithm of nothing), the suite of the
standard has 0, and so it is here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales import Floats

LN10 = math.log(10.0)


@dataclass(frozen=True, slots=True)
class Quadratic:
    """``a x²``."""

    a: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return self.a * np.square(np.asarray(x, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class SquareRoot:
    """``√|x / a|``."""

    a: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return np.asarray(np.sqrt(np.abs(np.asarray(x, dtype=np.float64) / self.a)))


@dataclass(frozen=True, slots=True)
class NaturalLog:
    """``b ln(a x)``; 0 where ``a x`` is not positive."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        inner = self.a * np.asarray(x, dtype=np.float64)
        some = np.where(inner > 0, inner, 1.0)
        return np.asarray(np.where(np.isnan(inner), np.nan, self.b * np.log(some)))


@dataclass(frozen=True, slots=True)
class Exponential:
    """``e^(x / b) / a``."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return np.asarray(np.exp(np.asarray(x, dtype=np.float64) / self.b) / self.a)


@dataclass(frozen=True, slots=True)
class InverseSine:
    """``b asinh(a x)``."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return np.asarray(self.b * np.arcsinh(self.a * np.asarray(x, dtype=np.float64)))


@dataclass(frozen=True, slots=True)
class HyperbolicSine:
    """``sinh(x / b) / a``."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return np.asarray(np.sinh(np.asarray(x, dtype=np.float64) / self.b) / self.a)


@dataclass(frozen=True, slots=True)
class ExponentialLine:
    """EH: ``10^(y / a) + b y / a - 1``, odd about 0; the inverse of hyperlog."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        values = np.asarray(x, dtype=np.float64)
        size = np.abs(values) / self.a
        return np.asarray(np.copysign(np.expm1(LN10 * size) + self.b * size, values))


@dataclass(frozen=True, slots=True)
class HyperlogRoot:
    """Hyperlog: the y for which ``EH(y)`` is the value; a > 0, b > 0."""

    a: float
    b: float

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function, to the last bits."""
        values = np.asarray(x, dtype=np.float64)
        size = np.where(np.isfinite(values), np.abs(values), 0.0)
        # Below both of the bounds that one term alone would give; Newton on a curve
        # that rises and bends upwards comes down to the root from above.
        u = np.minimum(np.log1p(size) / LN10, size / self.b)
        for _ in range(60):
            rise = np.expm1(LN10 * u)
            step = (rise + self.b * u - size) / (LN10 * (rise + 1) + self.b)
            u = u - step
            if not (np.abs(step) > 1e-16 * np.maximum(u, 1e-300)).any():
                break
        found = np.copysign(self.a * u, values)
        return np.asarray(np.where(np.isfinite(values), found, values))


@dataclass(frozen=True, slots=True)
class SplitScale:
    """A line up to the transition channel, a logarithm above it.

    The two meet with one slope. With ``k = 2 r / transition``, the turn is at
    ``t = top e^-k``: below it ``transition (x / t + 1) / 2``, above it
    ``transition (ln(x / t) / 2 + 1)``, which is ``transition + r`` at ``top``.
    """

    r: float
    top: float
    transition: float

    @property
    def turn(self) -> float:
        """Value at which the line becomes a logarithm."""
        return self.top * math.exp(-2 * self.r / self.transition)

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        part = np.asarray(x, dtype=np.float64) / self.turn
        high = np.log(np.where(part > 1, part, 1.0)) / 2 + 1
        return np.asarray(self.transition * np.where(part > 1, high, (part + 1) / 2))

    def inverse(self, y: ArrayLike) -> Floats:
        """Value that the function takes to a place."""
        part = np.asarray(y, dtype=np.float64) / self.transition
        high = np.exp(2 * (np.where(part > 1, part, 1.0) - 1))
        return np.asarray(self.turn * np.where(part > 1, high, 2 * part - 1))


@dataclass(frozen=True, slots=True)
class InverseSplitScale:
    """The inverse of split-scale."""

    scale: SplitScale

    def forward(self, x: ArrayLike) -> Floats:
        """Value of the function."""
        return self.scale.inverse(x)
