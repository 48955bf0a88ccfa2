"""Rounding for people: significant digits, and halves up.

Python rounds halves to even and binary fractions as they are stored: 3.125 would be
3.12 in one place and 3.13 in Excel. Every number that a person reads is rounded here.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def decimals_of(value: float, digits: int) -> int:
    """Decimals that show a value with so many significant digits; negative before the point."""
    if value == 0 or not math.isfinite(value):
        return 0
    return digits - 1 - int(f"{abs(value):.{digits - 1}e}".partition("e")[2])


def half_up(value: float, decimals: int) -> float:
    """Round as a bench scientist does: 3.125 to two decimals is 3.13."""
    if not math.isfinite(value):
        return value
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP))


def to_significant(value: float, digits: int = 3) -> float:
    """A value rounded to so many significant digits.

    Examples
    --------
    >>> to_significant(3.125), to_significant(2999.7)
    (3.13, 3000.0)
    """
    return half_up(value, decimals_of(value, digits))
