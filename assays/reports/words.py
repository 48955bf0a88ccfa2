"""Numbers and names as a reader meets them: digits, minus signs, intervals, harmless text.

Pages get U+2212 for minus and no more digits than the interval supports; files
for other programs (csv, workbook, json) keep full precision and never pass here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from plates.digits import decimals_of, half_up

MINUS = "\u2212"
MISSING = "\u2014"
"""Stands on pages where a number cannot be known."""
THIN = "\u202f"
POINTS_OF_PERCENT = "percent points"
"""Scale of differences between fractions of cells."""

_SUPERSCRIPT = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_UNSEEN = re.compile(
    # Control characters (ANSI escapes among them), surrogates, zero-width and
    # bidirectional controls, which can make one name look like another, and the
    # two code points that XML cannot hold.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """A name as it may be shown: each character that is not seen becomes U+FFFD."""
    return _UNSEEN.sub("\ufffd", text)


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, as pages show it.

    Above a million and below a ten-thousandth in powers of ten; five digits and
    more in groups of three.
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    rounded = half_up(value, decimals)
    size = abs(rounded)
    if size >= 1e6 or 0 < size < 1e-4:
        digits = max(decimals + int(f"{size:e}".partition("e")[2]), 0)
        mantissa, _, power = f"{size:.{digits}e}".partition("e")
        text = f"{mantissa} \u00d7 10{str(int(power)).translate(_SUPERSCRIPT)}"
    else:
        text = f"{size:,.{max(decimals, 0)}f}" if size >= 1e4 else f"{size:.{max(decimals, 0)}f}"
        text = text.replace(",", THIN)
    return f"{MINUS}{text}" if rounded < 0 else text


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: ``12.4``, ``0.0312``, ``12 400``."""
    return fixed(value, decimals_of(value, digits))


def percent(value: float) -> str:
    """A percentage with one decimal, without the sign."""
    return fixed(value, 1)


def percentile(quantile: float, *, below: bool) -> tuple[str, str]:
    """The side on which events are positive, and the percentile that is their threshold.

    >>> percentile(0.99, below=False), percentile(0.99, below=True)
    (('above', '99th'), ('below', '1st'))
    """
    if not below:
        return "above", f"{100 * quantile:g}th"
    rank = f"{100 * (1 - quantile):g}"
    return "below", f"{rank}st" if rank == "1" else f"{rank}th"


def decimals_of_scale(scale: str) -> int:
    """Of a difference over donors: one for percent points, two on arcsinh and log2."""
    return 1 if scale == POINTS_OF_PERCENT else 2


def p_value(value: float) -> str:
    """``0.032``, or ``< 0.001``; two significant digits, three decimals at most."""
    if math.isnan(value):
        return MISSING
    return "< 0.001" if value < 0.001 else fixed(value, min(decimals_of(value, 2), 3))


def supported(value: float, interval: tuple[float, float], decimals: int) -> int:
    """Decimals that an interval supports: to the second digit of its half-width.

    At least two significant digits of the value are kept, or a wide interval
    would hide the value altogether.
    """
    low, high = interval
    arms = [abs(end - value) for end in (low, high) if math.isfinite(end)]
    if not arms or max(arms) == 0:
        return decimals
    width = sum(arms) / len(arms)
    return min(decimals, max(decimals_of(width, 2), decimals_of(value, 2)))


def with_interval(
    value: float, interval: tuple[float, float], *, digits: int = 3, decimals: int | None = None
) -> tuple[str, str]:
    """A value and its interval, with digits that fit each other.

    Parameters
    ----------
    value : float
    interval : tuple of float
        An end that is open is infinite (or 0 below, for concentrations); NaN is unknown.
    digits : int
        Significant digits of the value.
    decimals : int, optional
        So many decimals whatever the interval, as percentages have: a column of them stands even.

    Returns
    -------
    tuple of str
        ``("12.4", "11.1–13.9")``; an open interval is ``≥ 11.1`` or ``≤ 13.9``,
        an unknown one is empty.
    """
    if math.isnan(value):
        return MISSING, ""
    shown = decimals
    if shown is None:
        shown = supported(value, interval, decimals_of(value, digits))
    low, high = interval
    if math.isnan(low) or math.isnan(high):
        return fixed(value, shown), ""
    ends = [_end(end, shown, digits if decimals is None else None) for end in interval]
    if math.isinf(low) and math.isinf(high):
        return fixed(value, shown), "unbounded"
    if math.isinf(high):
        return fixed(value, shown), f"\u2265 {ends[0]}"
    if math.isinf(low) or (low == 0 and decimals is None):
        return fixed(value, shown), f"\u2264 {ends[1]}"
    dash = " to " if low < 0 else "\u2013"
    return fixed(value, shown), f"{ends[0]}{dash}{ends[1]}"


def _end(value: float, shown: int, digits: int | None) -> str:
    if digits is None:
        return fixed(value, shown)
    return fixed(value, min(decimals_of(value, digits), max(shown, decimals_of(value, 2))))


def limited(qualifier: str, limit: float) -> str:
    """A result that is a limit: ``< 3.13``."""
    return f"{qualifier} {significant(limit)}" if not math.isnan(limit) else qualifier


def count(n: int, one: str, many: str = "") -> str:
    """``1 sample``, ``2 samples``, ``no samples``; nouns only."""
    noun = one if n == 1 else many or f"{one}s"
    return f"{n or 'no'} {noun}"


def whole(n: int) -> str:
    """A count, with groups of three from five digits on."""
    return f"{n:,}".replace(",", THIN) if abs(n) >= 10_000 else str(n)


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names in a row: ``A1, A2 and 5 more``."""
    unique = list(dict.fromkeys(names))
    if len(unique) <= most:
        return ", ".join(unique)
    return f"{', '.join(unique[:most])} and {len(unique) - most} more"


def units_in_words(text: str) -> str:
    """Units and powers as they are printed: ``ug/mL`` as µg/mL, ``2e+06`` as 2 × 10⁶.

    For doses, conditions, heads and sentences; names of files and samples stay as given.
    """
    text = _MICRO.sub("\u00b5", text)
    return _MILLIONS.sub(_tidy_millions, _POWER.sub(_tidy_power, text))


_MICRO = re.compile(r"(?<![\w.-])u(?=(?:g|mol|M|L|l)\b(?!\.))")
_POWER = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)[eE]\+?(-?\d{1,3})(?![\w.])")
_MILLIONS = re.compile(r"(?<![\w.-])\d{1,3}(?:\d{3}){2,}(?=$| cells| ?/)")


def _tidy_power(found: re.Match[str]) -> str:
    return f"{found[1]} \u00d7 10{str(int(found[2])).translate(_SUPERSCRIPT)}"


def _tidy_millions(found: re.Match[str]) -> str:
    digits = found[0].rstrip("0")
    if len(digits) > 3 or len(found[0]) - len(digits) > 12 or not digits:
        return found[0]
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    return f"{mantissa} \u00d7 10{str(len(found[0]) - 1).translate(_SUPERSCRIPT)}"


def plate_in_words(label: str) -> str:
    """``plate P1``; a label that says so itself stays as it is: ``Plate 1``."""
    return label if label.lower().startswith("plate") else f"plate {label}"


def grouped(text: str) -> str:
    """A boundary in words as pages write numbers: ``36,000`` grouped by a thin blank, ``4,000`` not
    at all, and a real minus sign.
    """
    text = _THOUSANDS.sub(lambda m: _regrouped(m[0]), text)
    return _NEGATIVE.sub(MINUS, text)


_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_NEGATIVE = re.compile(r"(?<![\w.)-])-(?=\d)")


def _regrouped(number: str) -> str:
    plain = number.replace(",", "")
    return number.replace(",", THIN) if len(plain) >= 5 else plain


def bytes_in_words(size: int) -> str:
    """A file's size: ``4.2 kB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{significant(size / factor, 2)} {unit}"
    return f"{size} B"


def slug(text: str) -> str:
    """A name as a key: lower case, ASCII letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text.replace("\u00b5", "u").replace("\u03bc", "u"))
    plain = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "x"
