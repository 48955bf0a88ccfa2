"""One table, told once: the csv, the workbook and the page are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "count", "number", "percent", "p", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    key: str
    """Name in csv and workbook: lower case with underscores, unit at the end."""
    title: str
    """Name on the page."""
    unit: str = ""
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under typed columns; missing numbers are NaN, missing things None."""

    name: str
    """Name of the csv file and of the workbook's sheet."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]

    def column(self, key: str) -> tuple[object, ...]:
        """One column's values."""
        index = [column.key for column in self.columns].index(key)
        return tuple(row[index] for row in self.rows)
