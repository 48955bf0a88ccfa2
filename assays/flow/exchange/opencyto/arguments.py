"""Arguments of an openCyto row: ``gate_range = c(1, 3), adjust = 1.5``."""

from __future__ import annotations

import math
import re

from assays.errors import GatingError

MOST_LETTERS = 4000
_NAME = re.compile(r"\s*([A-Za-z_.][\w.]*)\s*=\s*")
_LIST = re.compile(r"c\(([^()]*)\)\s*")
_WORD = re.compile(r"""("[^"]*"|'[^']*'|[^,()]+)\s*""")

Value = tuple[float, ...] | str


def arguments_of(text: str, where: str) -> dict[str, Value]:
    """Arguments by name; numbers as a tuple, everything else as its text.

    Nothing is evaluated: what is neither a number, a vector of numbers, a word nor a
    quoted text is refused.

    Raises
    ------
    GatingError
        With the line, for what cannot be understood.
    """
    if len(text) > MOST_LETTERS:
        raise GatingError("the arguments are too long", where)
    found: dict[str, Value] = {}
    at = 0
    while text[at:].strip():
        name = _NAME.match(text, at)
        if name is None:
            raise GatingError(
                f"expected arguments such as 'K = 2', found {text[at:].strip()[:40]!r}", where
            )
        value = _LIST.match(text, name.end()) or _WORD.match(text, name.end())
        if value is None:
            raise GatingError(f"argument {name[1]!r} has no value that can be understood", where)
        if name[1] in found:
            raise GatingError(f"argument {name[1]!r} is given twice", where)
        found[name[1]] = _value(value[1], listed=value.re is _LIST)
        at = value.end()
        if at < len(text):
            if text[at] != ",":
                raise GatingError(f"expected a comma before {text[at:][:40]!r}", where)
            at += 1
    return found


def _value(text: str, *, listed: bool) -> Value:
    parts = text.split(",") if listed else [text]
    numbers = []
    for part in parts:
        try:
            numbers.append(float(part.strip().rstrip("L")))
        except ValueError:
            return text.strip().strip("\"'")
    return tuple(numbers) if all(not math.isnan(number) for number in numbers) else text.strip()
