"""Cells of a table, wherever it was stored: a value and the place a person would look for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from plates.errors import LayoutError
from plates.workbook import column_name

LONGEST = 1000
"""Characters of the longest text in a cell."""
EXCEL_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)
"""What stands in a cell whose formula failed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell."""

    value: object
    """Text, number, truth value, date or time: what the file holds."""
    where: str
    """``layout.xlsx: Plate!B4`` or ``layout.csv:7``."""
    unit: str = ""
    """Unit that the column's or block's title declares."""

    @property
    def text(self) -> str:
        """The value in words; a whole number has no decimals, a date is an ISO date."""
        return text_of(self.value)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rectangle of cells: one sheet of a workbook, or a csv file."""

    file: str
    name: str
    """Name of the sheet; empty for a csv file."""
    rows: tuple[tuple[object, ...], ...]
    lines: tuple[int, ...] = ()
    """Line of the file that each row starts on, from 1, for a csv file."""
    hidden_rows: frozenset[int] = frozenset()
    """Rows, counted from 0, that a person or a filter has hidden: read like the others."""
    struck: frozenset[tuple[int, int]] = frozenset()
    """Filled cells (row, column) that are struck out: read like the others."""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged areas: first row, first column, last row, last column, counted from 0."""

    def value(self, row: int, column: int) -> object:
        """Value at a place counted from 0; None outside or when nothing is written there."""
        if not (0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])):
            return None
        value = self.rows[row][column]
        return None if isinstance(value, str) and not clean(value) else value

    def text(self, row: int, column: int) -> str:
        """The value in words; empty when there is none."""
        return text_of(self.value(row, column))

    def where(self, row: int, column: int = 0) -> str:
        """Place for a message."""
        if self.lines:
            return f"{self.file}:{self.lines[row]}"
        return f"{self.file}: {self.name}!{column_name(column)}{row + 1}"

    def cell(self, row: int, column: int, unit: str = "") -> Cell | None:
        """The filled cell at a place; None when nothing is written there.

        Raises
        ------
        LayoutError
            When a cell holds far more text than a name or a note.
        """
        value = self.value(row, column)
        if isinstance(value, str) and len(value) > LONGEST:
            raise LayoutError(
                f"the cell holds {len(value):,} characters, at most {LONGEST} are understood",
                self.where(row, column),
            )
        return None if value is None else Cell(value, self.where(row, column), unit)


def clean(text: str) -> str:
    """Drop outer white space and turn the no-break spaces of office programs into plain ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\ufeff", "").strip()


def text_of(value: object) -> str:
    """A cell's value in words."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return str(value)
