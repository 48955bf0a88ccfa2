"""The hyperlog scale of Gating-ML 2.0: an exponential plus a straight line.

References
----------
Bagwell (2005), Cytometry A 64A:34; Gating-ML 2.0 (ISAC, 2013), section 6.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import LARGEST, LN10, SMALLEST, Floats, demand, numbers
from assays.flow.scales.pieces import Pieces, pieces_of
from assays.flow.ticks import decades


@dataclass(frozen=True, slots=True, init=False)
class Hyperlog:
    """Linear around zero, logarithmic far from it; the negative side mirrors the positive.

    Parameters
    ----------
    T : float
        Top of the scale, in original units: the value at position 1.
    W : float
        Width of the nearly linear part, in decades; 0 < W <= M / 2.
    M : float
        Decades of the whole scale.
    A : float
        Extra decades of negative values; -W <= A <= M - 2 W.

    Notes
    -----
    The standard's ``a e^(by) + c y - f`` holds above x1, the position of zero.
    With ``u = y - x1`` it is ``g expm1(bu) + c u``: nothing cancels near zero.
    """

    T: float
    W: float
    M: float
    A: float
    zero: float
    """Position of the value 0 (x1)."""
    b: float
    g: float
    c: float

    def __init__(self, T: float = 262144.0, W: float = 0.5, M: float = 4.5, A: float = 0.0) -> None:
        demand(
            0 < T < math.inf and 0 < M < 100 and 0 < W <= M / 2 and -W <= A <= M - 2 * W,
            f"hyperlog scale: T and M must be > 0, 0 < W <= M/2 and -W <= A <= M - 2W; "
            f"found T {T:g}, W {W:g}, M {M:g}, A {A:g}",
        )
        b = (M + A) * LN10
        w = W / (M + A)
        zero = A / (M + A) + w
        # c / a = e^(b x0) / w with x0 = x1 + w, divided by e^(b x1) as g is below.
        line = math.exp(b * w) / w
        unit = math.expm1(b * (1 - zero)) + line * (1 - zero)
        g = T / unit
        demand(
            g > SMALLEST and g * line < LARGEST,
            "hyperlog scale: its numbers leave what a computer's number can hold",
        )
        for name, value in zip(self.__slots__, (T, W, M, A, zero, b, g, g * line), strict=True):
            object.__setattr__(self, name, float(value))

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value: 0 to 1 over the scale, beyond it outside."""
        return _pieces(self).place(x, self.zero)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        u = numbers(y) - self.zero
        size = np.abs(u)
        with np.errstate(over="ignore"):
            return np.asarray(np.copysign(self.g * np.expm1(self.b * size) + self.c * size, u))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Zero and whole decades on both sides, where they do not crowd."""
        return decades(self.forward, low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"hyperlog (T {self.T:g}, W {self.W:.3g}, M {self.M:g}, A {self.A:g})"


@lru_cache(maxsize=256)
def _pieces(of: Hyperlog) -> Pieces:
    """The undone curve of one set of parameters."""

    def curve(u: Floats) -> tuple[Floats, Floats, Floats]:
        rise = np.expm1(of.b * u)
        slope = of.b * of.g * (rise + 1)
        return of.g * rise + of.c * u, slope + of.c, of.b * slope

    def beyond(size: Floats) -> Floats:
        # The distance if one of both terms were all there is: the smaller is at most a
        # little too large. Not the logarithm of a quotient, which may be no number any more.
        by_rise = (np.log(of.g + size) - math.log(of.g)) / of.b
        return np.asarray(np.minimum(by_rise, size / (of.c + of.b * of.g)))

    # Where b g e^(bu) + c = 0.
    at = complex(math.log(of.c / (of.b * of.g)), math.pi) / of.b
    bend = abs(of.g * (cmath.exp(of.b * at) - 1) + of.c * at)
    return pieces_of(curve, max(of.zero, 1.0 - of.zero), beyond, bend)
