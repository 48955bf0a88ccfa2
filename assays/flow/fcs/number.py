"""Numbers as keywords write them."""

from __future__ import annotations

import math
import re

_WHOLE = re.compile(r"[+-]?\d{1,1000}(?:\.0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


def whole(text: str) -> int | None:
    """Read a whole number of at most 1000 digits; None for anything else."""
    text = text.strip(" \0")
    if len(text) < 19 and text.isascii() and text.isdigit():
        return int(text)
    return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None


def number(text: str) -> float:
    """Read a number, with a decimal point or comma; NaN for anything else."""
    text = text.strip(" \0")
    if text.isascii() and text.isdigit() and len(text) < 1000:
        return float(text)
    if len(text) > 1000 or not _NUMBER.fullmatch(text):
        return math.nan
    return float(text.replace(",", "."))
