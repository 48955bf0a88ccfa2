"""The cells of one worksheet, collected while its XML is walked through.

What a cell means depends on its type and on its number format: a number under
a date or a time format is a date or a time. Rows, columns and cells are counted
as they come, so that a sheet that asks for too much is given up early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plates.errors import SourceError

ROW_LIMIT = 400_000
COLUMN_LIMIT = 8192
CELL_LIMIT = 2_000_000
GAP_LIMIT = 20_000
"""Most empty rows between two filled ones."""
MERGED_LIMIT = 10_000
"""Most merged areas that are remembered."""

Cell = str | float | datetime | timedelta | None
"""Text, number, date, time of day or duration, or nothing."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name and its cells."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    """Row ``i`` is row ``i + 1`` of the sheet; rows end at their last filled cell."""
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    """Rows, counted from 0, that a person or a filter has hidden."""
    struck: frozenset[tuple[int, int]] = frozenset()
    """Filled cells (row, column) that are struck out."""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged areas: first row, first column, last row, last column, counted from 0. Only the first
    cell of each holds a value."""


_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
# Number formats 14–22 and 45–47 are Excel's own dates and times (ECMA-376, 18.8.30).
BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22), "date"),
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time"),
}


def _place(reference: re.Match[str]) -> tuple[int, int]:
    """Row and column, from 0, of a cell such as ``B7``."""
    column = 0
    for letter in reference[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(reference[2]) - 1, column - 1


def column_name(column: int) -> str:
    """Name a column: 0 is ``A``, 26 ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def kind_of(code: str) -> str:
    """Meaning of a number format: quoted text, colours and escapes say nothing."""
    plain = re.sub(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', "", code.lower())
    if re.search(r"[yd]|m{3,}", plain):
        return "date"
    return "time" if re.search(r"[hs]", plain) else ""


def date_of(number: float, epoch: datetime, time: bool = False) -> Cell:
    """Turn a number of days under a date or a time format into a date or a duration."""
    # Excel ends at the year 9999, day 2958465.
    if not 0 <= number < 2958466:
        return number
    length = timedelta(milliseconds=round(number * 86_400_000))
    # Nobody dates a plate in 1900: a small number is a duration, whatever its format.
    return length if time or number < 367 else epoch + length


@dataclass(slots=True)
class Grid:
    """Cells of the sheet that is being walked through."""

    where: str
    strings: Sequence[str]
    kinds: Sequence[str]
    epoch: datetime
    cells_left: int
    rows: list[list[Cell]] = field(default_factory=list)
    count: int = 0
    row: int = -1
    column: int = -1
    kind: str = ""
    style: str = ""
    pieces: list[str] = field(default_factory=list)
    inside: bool = False
    formula: bool = False
    elements: int = 0
    strikes: frozenset[str] = frozenset()
    """Cell styles that strike out."""
    hidden_rows: set[int] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens: a row, a cell, or the text of one."""
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self.inside = True
        elif tag == "f":
            self.formula = True
        elif tag == "mergeCell" and len(self.merged) < MERGED_LIMIT:
            self._merge(attributes.get("ref", ""))
        elif tag == "row":
            self.elements += 1
            if self.elements > ROW_LIMIT:
                raise SourceError(f"the sheet has more than {ROW_LIMIT:,} rows", self.where)
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self.row)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self.count += 1
        if self.count > self.cells_left:
            raise SourceError(f"the workbook has more than {CELL_LIMIT:,} cells", self.where)
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.pieces.clear()
        self.formula = False
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found is None:
            self.column += 1
            return
        self.row, self.column = _place(found)

    def _merge(self, area: str) -> None:
        ends = [_REFERENCE.fullmatch(end) for end in area.split(":")]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            self.merged.append((*_place(ends[0]), *_place(ends[1])))

    def text(self, piece: str) -> None:
        """Text between two elements."""
        if self.inside:
            self.pieces.append(piece)

    def end(self, tag: str) -> None:
        """An element closes; a cell that held something is put in its place."""
        if tag in ("v", "t"):
            self.inside = False
        elif tag == "c" and self.pieces:
            self._place(self._value("".join(self.pieces)))
            if self.style in self.strikes:
                self.struck.add((self.row, self.column))
        elif tag == "c" and self.formula and self.kind != "str":
            # A program that cannot calculate wrote the formula and no result: taken as
            # empty, the well would be lost without a word. (A text formula may be empty.)
            raise SourceError(
                "the cell holds a formula whose result was never worked out",
                f"{self.where}!{column_name(self.column)}{self.row + 1}",
                "Open the workbook in Excel and save it, or type the value.",
            )

    def _place(self, value: Cell) -> None:
        if value is None or value == "":
            return
        far = self.column >= COLUMN_LIMIT or self.row >= ROW_LIMIT
        if far or self.row - len(self.rows) > GAP_LIMIT or self.row < 0:
            raise SourceError(
                f"the cell {column_name(self.column)}{self.row + 1} stands far from all others",
                self.where,
                "Delete the rows and columns that nobody needs, and save the workbook again.",
            )
        while len(self.rows) <= self.row:
            self.rows.append([])
        row = self.rows[self.row]
        # The empty cells before a filled one take room too: a sheet of one cell far to the
        # right in each row would fill the memory.
        self.count += max(0, self.column - len(row))
        if self.count > self.cells_left:
            raise SourceError(f"the workbook has more than {CELL_LIMIT:,} cells", self.where)
        row.extend([None] * (self.column + 1 - len(row)))
        row[self.column] = value

    def _value(self, text: str) -> Cell:
        if self.kind == "s":
            return self.strings[int(text)]
        if self.kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self.kind != "n":
            return text
        number = float(text)
        style = int(self.style) if self.style else 0
        meaning = self.kinds[style] if 0 <= style < len(self.kinds) else ""
        return date_of(number, self.epoch, meaning == "time") if meaning else number
