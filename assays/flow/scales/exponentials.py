"""Two exponentials of opposite sign, odd about the position of zero.

``p expm1(bu) - q expm1(-du)`` with u the distance from that position: the shape
of logicle and of FlowJo's biex. Both terms have one sign, so nothing cancels.
"""

from __future__ import annotations

import cmath
import math
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import Floats, numbers
from assays.flow.scales.pieces import Pieces, pieces_of


class Exponentials(Protocol):
    """Where zero stands, the rates b and d, and the sizes p and q."""

    @property
    def zero(self) -> float: ...  # noqa: D102
    @property
    def b(self) -> float: ...  # noqa: D102
    @property
    def d(self) -> float: ...  # noqa: D102
    @property
    def p(self) -> float: ...  # noqa: D102
    @property
    def q(self) -> float: ...  # noqa: D102
    def __hash__(self) -> int: ...


def position(x: ArrayLike, of: Exponentials) -> Floats:
    """Position of a value: 0 to 1 over the scale, beyond it outside."""
    return _pieces(of).place(x, of.zero)


@lru_cache(maxsize=256)
def _pieces(of: Exponentials) -> Pieces:
    """The undone curve of one set of parameters."""

    def curve(u: Floats) -> tuple[Floats, Floats, Floats]:
        up, down = np.expm1(of.b * u), np.expm1(-of.d * u)
        value = of.p * up - of.q * down
        slope = of.b * of.p * (up + 1) + of.d * of.q * (down + 1)
        bend = of.b**2 * of.p * (up + 1) - of.d**2 * of.q * (down + 1)
        return value, slope, bend

    reach = max(of.zero, 1.0 - of.zero)

    def beyond(size: Floats) -> Floats:
        rest = of.p - of.q + of.q * math.exp(-of.d * reach)
        # Not the logarithm of a quotient: the quotient may be no number any more.
        return np.asarray((np.log(size + rest) - math.log(of.p)) / of.b)

    # Where b p e^(bu) + d q e^(-du) = 0.
    at = complex(math.log(of.d * of.q / (of.b * of.p)), math.pi) / (of.b + of.d)
    bend = abs(of.p * (cmath.exp(of.b * at) - 1) - of.q * (cmath.exp(-of.d * at) - 1))
    return pieces_of(curve, reach, beyond, bend)


def value(y: ArrayLike, of: Exponentials) -> Floats:
    """Value at a position."""
    u = numbers(y) - of.zero
    size = np.abs(u)
    with np.errstate(over="ignore"):
        found = of.p * np.expm1(of.b * size) - of.q * np.expm1(-of.d * size)
    return np.asarray(np.copysign(found, u))


def falling_rate(b: float, w: float) -> float:
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
