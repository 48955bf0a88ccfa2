"""Words and numbers as a picture can print them."""

from __future__ import annotations

import math
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from plates.digits import half_up

MM = 1 / 25.4
"""Inches in a millimetre."""
POINTS = 7.0
"""Size of text at the printed size."""


def printable(text: str, most: int = 0) -> str:
    """A text as a picture can print it: one line, no control characters, `most` characters.

    Characters that the font lacks become a white square; what does not fit is
    replaced by an ellipsis in the middle, since names differ at their ends.
    """
    line = "".join(
        " " if unicodedata.category(c) in ("Zl", "Zp", "Zs") or c in "\t\r\n" else c
        for c in unicodedata.normalize("NFC", text)
    )
    known = _glyphs()
    kept = [
        c if ord(c) in known else "\u25a1"
        for c in line
        if not unicodedata.category(c).startswith("C")
    ]
    line = " ".join("".join(kept).split())
    if not most or len(line) <= most:
        return line
    head = most // 2
    return (
        f"{line[:head].rstrip()}…{line[len(line) - (most - 1 - head) :].lstrip()}"
        if most > 1
        else "…"
    )


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, with a real minus sign; ``–`` for NaN.

    >>> number(-0.01234), number(123456.0), number(3.0)
    ('−0.0123', '123000', '3.00')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    rounded = half_up(value, digits - 1 - power)
    if abs(rounded) >= 10.0 ** (power + 1):
        power += 1
    if power >= 7 or power < -4:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "\u2212")
    return f"{rounded:.{max(digits - 1 - power, 0)}f}".replace("-", "\u2212")


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def readable_on(colour: NDArray[np.float64]) -> str:
    """Black or white, whichever stands out more; at least 4.5 : 1 on any fill (WCAG 2.2)."""
    linear = np.where(
        colour[:3] <= 0.04045, colour[:3] / 12.92, ((colour[:3] + 0.055) / 1.055) ** 2.4
    )
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"
