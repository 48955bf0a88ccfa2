"""The inverse hyperbolic sine, plain or as Gating-ML's ``fasinh``."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import LN10, Floats, demand, numbers
from assays.flow.ticks import decades


@dataclass(frozen=True, slots=True, init=False)
class Arcsinh:
    """Inverse hyperbolic sine: linear around zero, logarithmic far from it.

    ``Arcsinh(cofactor=150)`` is the plain ``asinh(x / cofactor)``: 150 for
    fluorescence, 5 for mass cytometry. ``Arcsinh(T=…, M=…, A=…)`` is the form of
    Gating-ML 2.0, ``(asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10)``,
    which is 1 at T.
    """

    cofactor: float
    shift: float
    span: float

    def __init__(
        self,
        cofactor: float | None = None,
        *,
        T: float | None = None,
        M: float = 4.5,
        A: float = 0.0,
    ) -> None:
        if T is not None:
            demand(cofactor is None, "arcsinh scale: give a cofactor or T, M and A, not both")
            demand(
                0 < T < math.inf and 0 < M < 100 and 0 <= A <= M,
                f"arcsinh scale: T and M must be > 0 and 0 <= A <= M; "
                f"found T {T:g}, M {M:g}, A {A:g}",
            )
            cofactor, shift, span = T / math.sinh(M * LN10), A * LN10, (M + A) * LN10
        else:
            cofactor, shift, span = 150.0 if cofactor is None else cofactor, 0.0, 1.0
        demand(0 < cofactor < math.inf, f"arcsinh scale: cofactor must be > 0; found {cofactor:g}")
        object.__setattr__(self, "cofactor", float(cofactor))
        object.__setattr__(self, "shift", shift)
        object.__setattr__(self, "span", span)

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value."""
        values = numbers(x)
        with np.errstate(over="ignore"):
            turned = np.asarray(np.arcsinh(values / self.cofactor))
        if self.cofactor < 1:
            # So large that the quotient is no number any more: there asinh z = ln 2z.
            lost = np.isinf(turned) & np.isfinite(values)
            large = np.log(np.abs(values, where=lost, out=np.ones_like(values)))
            turned = np.where(
                lost, np.copysign(large + math.log(2.0) - math.log(self.cofactor), values), turned
            )
        return np.asarray((turned + self.shift) / self.span)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        with np.errstate(over="ignore"):
            return np.asarray(self.cofactor * np.sinh(numbers(y) * self.span - self.shift))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Zero and whole decades on both sides, where they do not crowd."""
        return decades(self.forward, low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"arcsinh (cofactor {self.cofactor:g})"
