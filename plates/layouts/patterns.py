"""Patterns of wells, rows and columns: ``A1,A3,...,C7`` shows a step and where it ends."""

from __future__ import annotations

from plates.errors import LayoutError
from plates.well import FORMATS, Well, is_well_name, row_letters, row_number

LARGEST = FORMATS[1536]
"""Patterns are read before anybody knows the plate."""


def corners(key: str, width: int, height: int, where: str) -> list[Well]:
    """Upper left wells of ``A1``, ``A1,C1``, ``A1-C7`` or ``A1,A3,...,C7``.

    Parameters
    ----------
    width, height : int
        Size of a block, the step of a pattern that shows none.

    Raises
    ------
    LayoutError
        When a name is no well, or the pattern misses its end.
    """
    parts = [part.strip() for part in key.split(",")]
    if "..." not in parts:
        if len(parts) == 1 and "-" in key:
            # A1-C7 steps by the size of the block.
            start, _, end = key.partition("-")
            parts = [start.strip(), "...", end.strip()]
        else:
            return [_well(part, where) for part in parts]
    dots = parts.index("...")
    shown, last = [_well(part, where) for part in parts[:dots]], _well(parts[-1], where)
    if not 1 <= len(shown) <= 3 or dots != len(parts) - 2:
        raise LayoutError(f"{key!r} shows no pattern of wells", where, "Write A1,A3,...,C7.")
    down = next((w.row - shown[0].row for w in shown[1:] if w.row != shown[0].row), height)
    right = next(
        (w.column - shown[0].column for w in shown[1:] if w.column != shown[0].column), width
    )
    rows, columns = last.row - shown[0].row, last.column - shown[0].column
    if min(down, right) < 1 or min(rows, columns) < 0 or rows % down or columns % right:
        raise LayoutError(f"the pattern {key!r} does not end at {last}", where)
    return [
        Well(shown[0].row + r, shown[0].column + c)
        for r in range(0, rows + 1, down)
        for c in range(0, columns + 1, right)
    ]


def lines(key: str, letters: bool, where: str) -> list[int]:
    """Numbers, from 0, of rows (``A,C``, ``A-D``, ``A,C,...,G``) or columns (``1,3,...,11``).

    Raises
    ------
    LayoutError
        When a name is no row or column, or the pattern misses its end.
    """
    parts = [part.strip() for part in key.split(",")]
    if "..." in parts:
        dots = parts.index("...")
        shown = [_number(part, letters, where) for part in parts[:dots]]
        last = _number(parts[-1], letters, where)
        step = shown[1] - shown[0] if len(shown) > 1 else 1
        if not shown or dots != len(parts) - 2 or step < 1 or (last - shown[0]) % step:
            raise LayoutError(f"{key!r} shows no pattern", where, "Write A,C,...,G.")
        return list(range(shown[0], last + 1, step))
    found: list[int] = []
    for part in parts:
        first, dash, last_text = part.partition("-")
        start = _number(first, letters, where)
        end = _number(last_text, letters, where) if dash else start
        found += range(start, end + 1)
    return found


def _number(text: str, letters: bool, where: str) -> int:
    text = text.strip()
    plain = text.isascii() and len(text) <= 2
    if letters and plain and text.isalpha():
        number = row_number(text) if len(text) == 1 or text[0] in "Aa" else LARGEST.rows
        if number < LARGEST.rows:
            return number
    elif not letters and plain and text.isdecimal() and 1 <= int(text) <= LARGEST.columns:
        return int(text) - 1
    what = f"a row from A to {row_letters(LARGEST.rows - 1)}" if letters else "a column from 1"
    raise LayoutError(f"expected {what}, found {text[:40]!r}", where)


def _well(text: str, where: str) -> Well:
    well = Well.parse(text) if is_well_name(text) else None
    if well is None or well not in LARGEST:
        raise LayoutError(f"{text[:40]!r} is not the name of a well", where, "Write A1 … H12.")
    return well
