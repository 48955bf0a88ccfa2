"""Numbers, tokens, times and plate-shaped blocks in rows of text cells.

A block is a header of column numbers 1, 2, 3 … over rows that begin with a row
letter. A cell holds a number, a token such as ``OVRFLW`` (no number), or a
masked number such as ``*0.356*``; nothing is ever turned into zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plates.errors import ReaderError
from plates.table import Row, Table, cell
from plates.well import FORMATS, PlateFormat, Well, is_well_name, row_number, smallest_format

_POINT = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_POINTS = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_ONE_POINT = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")
_SPACED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[\u00a0\u202f\u2009'’]\d{3})+(?:[.,]\d+)?")
"""Thousands apart as office programs write them in French (1 234,5) or Swiss (1'234.5)."""
_MASKED = re.compile(r"\*\s*(.+?)\s*\*|\(\s*(.+?)\s*\)|\[\s*(.+?)\s*\]")
_CLOCK = re.compile(r"(?:(\d+)[.\s]\s*)?(?:(\d+):)?(\d{1,4}):(\d{1,2}(?:[.,]\d+)?)")
_ROW_LETTERS = re.compile(r"[A-Za-z]|[Aa][A-Fa-f]")


def decimal_mark(cells: Iterable[str], where: str = "") -> str:
    """Which mark the numbers of a file use: ``.``, ``,``, or ``,.`` with points between thousands.

    A comma is a decimal mark only when the whole file agrees: no number has a
    decimal point, and some number cannot be read with commas between thousands
    (``0,066``, ``1.234,5``, ``1.234.567``).

    Raises
    ------
    ReaderError
        When every comma could be either, as in ``1,234``, or points and commas contradict.
    """
    commas = points = comma = grouped = ""
    for text in cells:
        if "." in text:
            if _ONE_POINT.fullmatch(text):
                points = points or text
            elif _POINT.fullmatch(text) or _THOUSANDS.fullmatch(text):
                return "."
            elif _GROUPED_POINTS.fullmatch(text):
                grouped = grouped or text
        elif "," in text:
            if _COMMA.fullmatch(text):
                if _THOUSANDS.fullmatch(text):
                    commas = commas or text
                else:
                    comma = comma or text
            elif _THOUSANDS.fullmatch(text):
                # 1,234,567 has no decimal comma.
                return "."
    if grouped:
        return ",."
    if comma and points:
        raise ReaderError(
            f"numbers with a decimal comma ({comma!r}) and with a point ({points!r}) stand in one "
            "file, and none tells whether the point is a decimal point",
            where,
            "Export the file again with one decimal mark.",
        )
    if comma:
        return ","
    if commas and not points:
        raise ReaderError(
            f"{commas!r} may be {commas.replace(',', '.')} or {commas.replace(',', '')}, "
            "and no other number of the file tells which",
            where,
            "Export the file again with a decimal point.",
        )
    return "."


def parse_number(text: str, mark: str = ".") -> float | None:
    """Read one number; None when the text is no number.

    Parameters
    ----------
    text : str
        ``0.385``, ``3E+06``, ``-0,066`` or ``1.234,5`` (mark ``,``), ``12,345.6`` (mark ``.``).
    mark : str
        What `decimal_mark` says of the file.
    """
    text = text.strip()
    if not text or text[0] not in "0123456789+-.,−":
        return None
    text = text.replace("−", "-")
    if _SPACED.fullmatch(text):
        text = re.sub(r"[\u00a0\u202f\u2009'’]", "", text)
    if mark[0] == ",":
        if "." in text:
            # One point alone may be a decimal point, unless the file groups its thousands.
            one = mark == "," and _ONE_POINT.fullmatch(text)
            if one or not _GROUPED_POINTS.fullmatch(text):
                return None
            text = text.replace(".", "")
        text = text.replace(",", ".")
    elif "," in text:
        if not _THOUSANDS.fullmatch(text):
            return None
        text = text.replace(",", "")
    if "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def parse_cell(text: str, mark: str = ".") -> tuple[float, str]:
    """Read a well: its number (NaN when it has none) and its flag.

    Returns
    -------
    tuple of float and str
        ``0.356`` gives (0.356, ""); ``*0.356*``, masked, gives (0.356, "*0.356*");
        ``OVRFLW`` gives (NaN, "OVRFLW"); an empty cell gives (NaN, "").
    """
    value = parse_number(text, mark)
    if value is not None:
        return value, ""
    text = text.strip()
    masked = _MASKED.fullmatch(text)
    if masked:
        inner = parse_number(next(part for part in masked.groups() if part), mark)
        if inner is not None:
            return inner, text
    return math.nan, text


def parse_time(text: str) -> float:
    """Read ``0:02:30``, ``2:30`` (m:ss) or ``1.02:03:04`` (days) as seconds; else NaN."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return math.nan
    days, hours, minutes, seconds = found.groups()
    total = float(seconds.replace(",", ".")) + 60 * int(minutes)
    return total + 3600 * int(hours or 0) + 86400 * int(days or 0)


def header_at(row: Row) -> tuple[int, int] | None:
    """Find a header of column numbers.

    Returns
    -------
    tuple of int, or None
        Column of the ``1`` and how many numbers follow one another, at least 2.
    """
    for first, text in enumerate(row[:8]):
        if text in ("1", "01"):
            break
        if text and first > 1:
            return None
    else:
        return None
    count = 1
    while cell(row, first + count) in (str(count + 1), f"{count + 1:02d}"):
        count += 1
    return (first, count) if count >= 2 and count <= 48 else None


def row_of(text: str) -> int | None:
    """Index of a row letter (``A``, ``h``, ``AF``); None when the text is none."""
    return row_number(text) if _ROW_LETTERS.fullmatch(text) else None


def _row_in(text: str, columns: int) -> int | None:
    """Row of a block; with more than 24 columns some software writes ``a`` for ``AA``."""
    row = row_of(text)
    return row + 26 if row is not None and columns > 24 and text in "abcdef" else row


@dataclass(frozen=True, slots=True)
class Line:
    """One row of cells inside a block."""

    table_row: int
    """Index in the table, for messages."""
    letter: int
    """Row of the plate, from 0."""
    cells: Row
    """One per column of the header; empty where the export has nothing."""
    label: str
    """First text to the right of the columns: what the line holds."""
    given: int
    """How many columns the line really has; fewer than the header when it was cut."""


@dataclass(frozen=True, slots=True)
class Block:
    """A plate-shaped block: lines under a header of column numbers."""

    header: int
    """Index of the header row in the table."""
    corner: str
    """What stands left of the ``1``."""
    columns: int
    lines: tuple[Line, ...]
    end: int
    """Index of the first table row after the block."""


def read_block(table: Table, header: int) -> Block | None:
    """Read the block under a header row; None when that row is no header of one.

    Rows without a letter belong to the letter above them (a second result of
    the same wells). The block ends at a blank row or at one that fits neither.
    """
    found = header_at(table.rows[header])
    if found is None or found[0] == 0:
        return None
    first, count = found
    lines: list[Line] = []
    letter: int | None = None
    at = header + 1
    while at < len(table.rows):
        row = table.rows[at]
        own = _row_in(cell(row, first - 1), count)
        if own is None and (letter is None or cell(row, first - 1) or not any(row[first:])):
            break
        letter = own if own is not None else letter
        assert letter is not None
        cells = tuple(row[first : first + count])
        label = next((text for text in row[first + count : first + count + 2] if text), "")
        padded = cells + ("",) * (count - len(cells))
        lines.append(Line(at, letter, padded, label, len(cells)))
        at += 1
    corner = next((text for text in reversed(table.rows[header][:first]) if text), "")
    return Block(header, corner, count, tuple(lines), at) if lines else None


def fill(
    lines: Iterable[Line], layout: PlateFormat, mark: str
) -> tuple[NDArray[np.float64], dict[Well, str]]:
    """Values (rows × columns, NaN where there is no number) and flags of some lines."""
    values = np.full((layout.rows, layout.columns), np.nan)
    flags: dict[Well, str] = {}
    for line in lines:
        for column, text in enumerate(line.cells):
            value, flag = parse_cell(text, mark)
            values[line.letter, column] = value
            if flag:
                flags[Well(line.letter, column)] = flag
    return values, flags


HIGHEST_OD = 10.0
"""No absorbance reader prints a higher number."""


def guess_mode(values: NDArray[np.float64]) -> str:
    """What a grid without any word of its mode holds: optical densities, or counts."""
    known = values[np.isfinite(values)]
    return "fluorescence" if known.size and known.max() > HIGHEST_OD else "absorbance"


def well_columns(row: Row, start: int = 0) -> dict[int, str]:
    """Columns of a header row that name wells, by column index."""
    return {i: text for i, text in enumerate(row) if i >= start and is_well_name(text)}


def format_for(rows: int, columns: int, hints: Iterator[str] | Sequence[str] = ()) -> PlateFormat:
    """The plate that holds so many rows and columns.

    A number of wells in ``hints`` (``384 well black``) wins when that plate
    holds them all; otherwise the smallest plate does.
    """
    for hint in hints:
        for number in re.findall(r"(?<!\d)(?:6|12|24|48|96|384|1536)(?!\d)", hint):
            plate = FORMATS[int(number)]
            if rows <= plate.rows and columns <= plate.columns:
                return plate
    return smallest_format(rows, columns)
