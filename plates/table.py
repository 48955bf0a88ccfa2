"""A file as rows of text cells: one table per sheet of a workbook, one for a text file.

Readers that understand a layout of cells need not know whether it came as tab
text, as csv or as a workbook.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta

from plates.errors import SourceError
from plates.workbook import Sheet
from plates.worksheet import Cell, column_name

Row = tuple[str, ...]

CELL_LIMIT = 4_000_000
"""Most cells of a text file; 1536 wells read 1000 times are 1.5 million."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text cells, and where they stand."""

    file: str
    rows: tuple[Row, ...]
    """Cells without quotes and outer spaces; rows may differ in length."""
    sheet: str | None = None
    """Name of the worksheet; None for a text file."""
    first_line: int = 1
    hidden: bool = False

    def at(self, row: int, column: int | None = None) -> str:
        """Place of a row (from 0) for a message: ``file:line`` or ``file: sheet!cell``."""
        if self.sheet is None:
            return f"{self.file}:{row + self.first_line}"
        letters = column_name(column) if column is not None else "A"
        return f"{self.file}: {self.sheet}!{letters}{row + self.first_line}"


def cell(row: Row, column: int) -> str:
    """Text of a cell; empty beyond the end of the row."""
    return row[column] if 0 <= column < len(row) else ""


def is_blank(row: Row) -> bool:
    """Whether no cell of a row holds anything."""
    return not any(row)


def from_sheet(file: str, sheet: Sheet) -> Table:
    """Turn a worksheet into text cells."""
    rows = tuple(tuple(map(text_of, row)) for row in sheet.rows)
    return Table(file, rows, sheet.name, hidden=sheet.hidden)


def text_of(value: Cell) -> str:
    """Print a cell so that the number can be read back to the last digit.

    A duration prints as ``h:mm:ss`` with hours beyond 24, a date in ISO form.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, timedelta):
        milliseconds = round(value.total_seconds() * 1000)
        seconds, rest = divmod(milliseconds, 1000)
        text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{text}.{rest:03d}" if rest else text
    return _date(value)


def _date(value: datetime) -> str:
    midnight = value.hour == value.minute == value.second == value.microsecond == 0
    return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")


def from_lines(file: str, lines: tuple[str, ...], delimiter: str = "") -> Table:
    """Split the lines of a text file, at the delimiter it uses unless one is given."""
    delimiter = delimiter or find_delimiter(lines)
    if sum(line.count(delimiter) + 1 for line in lines) > CELL_LIMIT:
        raise SourceError(f"the file has more than {CELL_LIMIT:,} cells", file)
    if delimiter == "\t":
        return Table(file, tuple(_split_tabs(line) for line in lines))
    rows: list[Row] = []
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for fields in reader:
            # A quoted cell may run over several lines; the rows keep their line numbers.
            rows += [()] * (reader.line_num - len(rows) - 1)
            rows.append(tuple(field.strip() for field in fields))
    except csv.Error as error:
        raise SourceError(
            f"the line cannot be split into cells: {error}", f"{file}:{reader.line_num}"
        ) from error
    return Table(file, tuple(rows))


def _split_tabs(line: str) -> Row:
    if '"' not in line:
        return tuple(part.strip() for part in line.split("\t"))
    return tuple(_unquote(part.strip()) for part in line.split("\t"))


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"').strip()
    return text


def find_delimiter(lines: tuple[str, ...]) -> str:
    """Tab, semicolon or comma, whichever the file uses to separate cells.

    A tab or a semicolon wins over a comma, which may be a decimal mark, when it
    stands in a tenth of the first filled lines.
    """
    filled = [line for line in lines[:1000] if line.strip()][:100]
    for delimiter in ("\t", ";"):
        if sum(delimiter in line for line in filled) * 10 >= max(len(filled), 1):
            return delimiter
    return "," if any("," in line for line in filled) else "\t"
