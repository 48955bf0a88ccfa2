"""The logicle scale.

References
----------
Moore & Parks (2012), Cytometry A 81A:273; Gating-ML 2.0 (ISAC, 2013), section 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from assays.flow.scales.contract import LARGEST, LN10, SMALLEST, Floats, demand
from assays.flow.scales.exponentials import falling_rate, position, value
from assays.flow.ticks import decades


@dataclass(frozen=True, slots=True, init=False)
class Logicle:
    """Biexponential scale whose middle is linear and smooth through zero.

    Parameters
    ----------
    T : float
        Top of the scale, in original units: the value at position 1.
    W : float
        Width of the linear part, in decades; 0 <= W <= M / 2.
    M : float
        Decades of the whole scale.
    A : float
        Extra decades of negative values; -W <= A <= M - 2 W.

    Notes
    -----
    Moore & Parks' ``B(y) = a e^(by) - c e^(-dy) - f`` holds above x1, the position
    of zero; below it the scale is the mirror image about x1. With ``u = y - x1``
    the same function is ``p expm1(bu) - q expm1(-du)`` with ``q = p (b / d)²``:
    both terms have one sign, so nothing cancels near zero.
    """

    T: float
    W: float
    M: float
    A: float
    zero: float
    """Position of the value 0 (x1)."""
    b: float
    d: float
    p: float
    q: float

    def __init__(self, T: float = 262144.0, W: float = 0.5, M: float = 4.5, A: float = 0.0) -> None:
        demand(
            0 < T < math.inf and 0 < M < 100 and 0 <= W <= M / 2 and -W <= A <= M - 2 * W,
            f"logicle scale: T and M must be > 0, 0 <= W <= M/2 and -W <= A <= M - 2W; "
            f"found T {T:g}, W {W:g}, M {M:g}, A {A:g}",
        )
        b = (M + A) * LN10
        w = W / (M + A)
        zero = A / (M + A) + w
        d = falling_rate(b, w)
        top = math.expm1(b * (1 - zero)) - (b / d) ** 2 * math.expm1(-d * (1 - zero))
        p = T / top
        demand(
            p > SMALLEST and p * (b / d) ** 2 < LARGEST,
            "logicle scale: its numbers leave what a computer's number can hold",
        )
        for name, number in zip(
            self.__slots__, (T, W, M, A, zero, b, d, p, p * (b / d) ** 2), strict=True
        ):
            object.__setattr__(self, name, float(number))

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value: 0 to 1 over the scale, beyond it outside."""
        return position(x, self)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        return value(y, self)

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Zero and whole decades on both sides, where they do not crowd."""
        return decades(self.forward, low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"logicle (T {self.T:g}, W {self.W:.3g}, M {self.M:g}, A {self.A:g})"
