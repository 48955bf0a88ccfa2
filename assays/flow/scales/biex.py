"""FlowJo's biexponential scale.

FlowJo lays 4096 channels over two exponentials, as the logicle does: ``width``
(-10^decades) sets the linear part, ``pos`` and ``neg`` the decades above and below
zero. It differs from a logicle in three small things, which are kept here: zero is
put on a whole channel, which changes the decades a little; channels are counted in
4097ths; and the bottom of the scale is fixed from the top before the exponentials
are subtracted, so that the last channel is a little below ``top``. FlowJo itself
looks channels up in a table and draws straight lines between them; this is the
curve through that table, with its exact inverse.

Checked against a look-up table that FlowJo wrote (width -7.94, one negative decade,
4.4185 positive decades).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from assays.flow.scales.contract import LARGEST, LN10, SMALLEST, Floats, demand
from assays.flow.scales.exponentials import falling_rate, position, value
from assays.flow.scales.logicle import Logicle
from assays.flow.ticks import decades

CHANNELS = 4096


@dataclass(frozen=True, slots=True, init=False)
class Biex:
    """FlowJo's biex: linear around zero, logarithmic far from it.

    Parameters
    ----------
    top : float
        Largest value of the scale (``maxRange``).
    pos, neg : float
        Decades above zero, and extra decades below it.
    width : float
        Width basis, negative: -10 is one decade of linear range, -1000 three.
        Outside -3.16 … -1000 FlowJo takes half a decade.
    """

    top: float
    pos: float
    neg: float
    width: float
    zero: float
    """Position of the value 0."""
    b: float
    d: float
    p: float
    q: float

    def __init__(
        self, top: float = 262144.0, pos: float = 4.418539922, neg: float = 0.0, width: float = -100
    ) -> None:
        demand(
            0 < top < math.inf and 0 < pos < 50 and -math.inf < neg < 50 and -math.inf < width < 0,
            f"biex scale: maxRange and pos must be > 0 and width < 0; "
            f"found maxRange {top:g}, pos {pos:g}, neg {neg:g}, width {width:g}",
        )
        linear = math.log10(-width)
        if not 0.5 <= linear <= 3:
            linear = 0.5
        extra = max(neg, 0.0) + linear / 2
        above = pos - linear / 2
        demand(above > 0, f"biex scale: pos {pos:g} leaves no room above a width of {width:g}")
        zero = min(int(extra * CHANNELS / (extra + above)), CHANNELS // 2)
        demand(zero > 0, f"biex scale: pos {pos:g} leaves no room below zero")
        whole = extra * CHANNELS / zero
        share, w = CHANNELS / (CHANNELS + 1), linear / (2 * whole)
        rise = whole * LN10
        fall = falling_rate(rise, w)
        p = top * math.exp(rise * (zero / (CHANNELS + 1) - 1))
        q = p * math.exp((rise + fall) * (w + zero / CHANNELS - zero / (CHANNELS + 1)))
        demand(
            p > SMALLEST and q < LARGEST,
            "biex scale: its numbers leave what a computer's number can hold",
        )
        numbers = (top, pos, neg, width, zero / CHANNELS, rise * share, fall * share, p, q)
        for name, number in zip(self.__slots__, numbers, strict=True):
            object.__setattr__(self, name, float(number))

    @property
    def nearest_logicle(self) -> Logicle:
        """The logicle that differs least: by about a thousandth of the linear part's width."""
        share = CHANNELS / (CHANNELS + 1)
        whole = self.b / LN10
        linear = math.log10(-self.width)
        half = (linear if 0.5 <= linear <= 3 else 0.5) / 2 * share
        lowest = max(self.neg, 0.0) * share
        decades_above = max(whole - lowest, 2 * half + lowest)
        unit = Logicle(1.0, half, decades_above, lowest)
        return Logicle(self.p / unit.p, half, decades_above, lowest)

    def forward(self, x: ArrayLike) -> Floats:
        """Position of a value: 0 to 1 over FlowJo's channels."""
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
        return (
            f"biex (top {self.top:g}, pos {self.pos:.4g}, neg {self.neg:g}, width {self.width:.4g})"
        )
