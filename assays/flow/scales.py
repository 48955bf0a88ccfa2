"""How a channel is drawn and gated: linear, log, arcsinh, logicle.

Every scale is a rising function of the original value, so that a cut in
original units and the same cut on the scale take the same events. All compute
in float64: float32 input is widened first. NaN stays NaN, both infinities go to
the ends of the scale, and ``-0.0`` is read as 0.

References
----------
Gating-ML 2.0 (ISAC, 2013), section 6: flin, flog, fasinh, logicle.
Moore & Parks (2012), Cytometry A 81A:273, for the logicle.
Parks, Roederer & Moore (2006), Cytometry A 69A:541, for the choice of W.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import GatingError
from assays.flow.ticks import decades, round_numbers, thousands

Floats = NDArray[np.float64]

LN10 = math.log(10.0)


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


def _numbers(x: ArrayLike) -> Floats:
    # Adding 0 turns -0.0 into 0.0, so that both zeros land on one place.
    return np.asarray(np.asarray(x, dtype=np.float64) + 0.0)


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise GatingError(message, hint="See Gating-ML 2.0, section 6, for the allowed values.")


@dataclass(frozen=True, slots=True)
class Linear:
    """The value itself, or with `T` the Gating-ML form ``(x + A) / (T + A)``."""

    T: float | None = None
    A: float = 0.0

    def __post_init__(self) -> None:
        if self.T is not None:
            _demand(
                math.isfinite(self.T) and self.T > 0 and 0 <= self.A <= self.T,
                f"linear scale: T must be > 0 and 0 <= A <= T; found T {self.T:g}, A {self.A:g}",
            )

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value."""
        values = _numbers(x)
        return values if self.T is None else (values + self.A) / (self.T + self.A)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        places = _numbers(y)
        return places if self.T is None else places * (self.T + self.A) - self.A

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Round numbers, about five, between two values in original units."""
        values = round_numbers(low, high)
        return self.forward(values), tuple(thousands(value) for value in values)

    @property
    def words(self) -> str:
        """The scale in words."""
        return "linear"


@dataclass(frozen=True, slots=True)
class Log:
    """Decades: ``log10(x / T) / M + 1``; T is the top of the scale, M its decades.

    Zero and negative values have no logarithm: they go to minus infinity, below every cut.
    """

    T: float = 262144.0
    M: float = 4.5

    def __post_init__(self) -> None:
        _demand(
            0 < self.T < math.inf and 0 < self.M < 100,
            f"log scale: T and M must be > 0; found T {self.T:g}, M {self.M:g}",
        )

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value; 1 at T, 0 at M decades below it."""
        values = np.maximum(_numbers(x), 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(values / self.T) / self.M + 1.0)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        with np.errstate(over="ignore"):
            return np.asarray(self.T * 10.0 ** ((_numbers(y) - 1.0) * self.M))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Whole decades between two values in original units."""
        return decades(self.forward, max(low, self.T * 10.0**-self.M), high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"log (T {self.T:g}, M {self.M:g})"


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
            _demand(cofactor is None, "arcsinh scale: give a cofactor or T, M and A, not both")
            _demand(
                0 < T < math.inf and 0 < M < 100 and 0 <= A <= M,
                f"arcsinh scale: T and M must be > 0 and 0 <= A <= M; "
                f"found T {T:g}, M {M:g}, A {A:g}",
            )
            cofactor, shift, span = T / math.sinh(M * LN10), A * LN10, (M + A) * LN10
        else:
            cofactor, shift, span = 150.0 if cofactor is None else cofactor, 0.0, 1.0
        _demand(0 < cofactor < math.inf, f"arcsinh scale: cofactor must be > 0; found {cofactor:g}")
        object.__setattr__(self, "cofactor", float(cofactor))
        object.__setattr__(self, "shift", shift)
        object.__setattr__(self, "span", span)

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value."""
        return np.asarray((np.arcsinh(_numbers(x) / self.cofactor) + self.shift) / self.span)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        with np.errstate(over="ignore"):
            return np.asarray(self.cofactor * np.sinh(_numbers(y) * self.span - self.shift))

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Zero and whole decades on both sides, where they do not crowd."""
        return decades(self.forward, low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"arcsinh (cofactor {self.cofactor:g})"


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
        _demand(
            0 < T < math.inf and 0 < M < 100 and 0 <= W <= M / 2 and -W <= A <= M - 2 * W,
            f"logicle scale: T and M must be > 0, 0 <= W <= M/2 and -W <= A <= M - 2W; "
            f"found T {T:g}, W {W:g}, M {M:g}, A {A:g}",
        )
        b = (M + A) * LN10
        w = W / (M + A)
        zero = A / (M + A) + w
        d = _solve_d(b, w)
        top = math.expm1(b * (1 - zero)) - (b / d) ** 2 * math.expm1(-d * (1 - zero))
        p = T / top
        for name, value in zip(
            self.__slots__, (T, W, M, A, zero, b, d, p, p * (b / d) ** 2), strict=True
        ):
            object.__setattr__(self, name, float(value))

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value: 0 to 1 over the scale, beyond it outside."""
        values = _numbers(x)
        size = np.abs(values)
        finite = np.isfinite(size)
        target = np.where(finite, size, 0.0)
        u = self._start(target)
        # Halley's method converges cubically and the table's guess is within 1e-4,
        # so two steps reach the last bits; above the table the guess is coarser.
        for _ in range(2 if not np.any(target > self.T) else 5):
            up, down = np.expm1(self.b * u), np.expm1(-self.d * u)
            miss = self.p * up - self.q * down - target
            slope = self.b * self.p * (up + 1) + self.d * self.q * (down + 1)
            bend = self.b**2 * self.p * (up + 1) - self.d**2 * self.q * (down + 1)
            u = np.maximum(u - 2 * miss * slope / (2 * slope * slope - miss * bend), 0.0)
        return np.asarray(self.zero + np.copysign(np.where(finite, u, size), values))

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        u = _numbers(y) - self.zero
        size = np.abs(u)
        with np.errstate(over="ignore"):
            value = self.p * np.expm1(self.b * size) - self.q * np.expm1(-self.d * size)
        return np.asarray(np.copysign(value, u))

    def _start(self, size: Floats) -> Floats:
        """First guess of the distance from zero: a table on the scale, a log above it."""
        places = np.linspace(0.0, max(1.0 - self.zero, 1e-9), 2049)
        table = self.p * np.expm1(self.b * places) - self.q * np.expm1(-self.d * places)
        guess = np.asarray(np.interp(size, table, places))
        beyond = size > table[-1]
        if beyond.any():
            rest = self.p - self.q + self.q * math.exp(-self.d * float(places[-1]))
            above = np.log((np.maximum(size, table[-1]) + rest) / self.p) / self.b
            guess = np.where(beyond, above, guess)
        return guess

    def ticks(self, low: float, high: float) -> tuple[Floats, tuple[str, ...]]:
        """Zero and whole decades on both sides, where they do not crowd."""
        return decades(self.forward, low, high)

    @property
    def words(self) -> str:
        """The scale in words."""
        return f"logicle (T {self.T:g}, W {self.W:.3g}, M {self.M:g}, A {self.A:g})"


def _solve_d(b: float, w: float) -> float:
    """Root of ``2 (ln d - ln b) + w (b + d) = 0``, 0 < d <= b (Moore & Parks, eq. 4).

    Solved for ``ln d``, in which the function is convex and rising: Newton from
    ``d = b`` comes down to the root without leaving the interval.
    """
    log_d = math.log(b)
    for _ in range(200):
        d = math.exp(log_d)
        step = (2 * (log_d - math.log(b)) + w * (b + d)) / (2 + w * d)
        log_d -= step
        if abs(step) <= 1e-16 * max(1.0, abs(log_d)):
            break
    return math.exp(log_d)


def estimate_width(negatives: ArrayLike, T: float, M: float = 4.5, A: float = 0.0) -> float:
    """Width W of a logicle scale from the negative values of a channel, in decades.

    Parameters
    ----------
    negatives : array_like, shape (n,)
        Values below zero after compensation, original units; others are passed over.
    T, M, A : float
        Of the scale.

    Returns
    -------
    float
        ``(M - log10(T / |r|)) / 2`` with r the 5th percentile of the negative
        values (Parks 2006), kept within what the scale allows. With fewer than 20
        negative values the data say nothing and the usual 0.5 is returned.
    """
    values = _numbers(negatives)
    values = values[np.isfinite(values) & (values < 0)]
    most = max(min(M / 2, (M - A) / 2), 0.0)
    least = max(-A, 0.0)
    if len(values) < 20:
        return min(max(0.5, least), most)
    reference = abs(float(np.percentile(values, 5)))
    width = (M - math.log10(T / reference)) / 2
    return min(max(width, least, 0.0), most)
