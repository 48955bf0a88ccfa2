"""Bytes of a workbook or a delimited text become sheets of cells."""

from __future__ import annotations

import csv
import io

from plates.errors import LayoutError
from plates.layouts.cells import Sheet
from plates.source import Source

DELIMITERS = ("\t", ";", ",", "|")
MOST_BYTES = 8_000_000
"""Largest layout or sample sheet."""
MOST_CELLS = 1_000_000
"""Cells of the largest sheet; thirty 1536-well plates as a tidy table are half of it."""


def sheets_of_workbook(source: Source) -> tuple[Sheet, ...]:
    """Every visible sheet of a workbook, with the values that Excel last calculated.

    Raises
    ------
    SourceError
        When the file is no readable workbook, or passes the limits of `plates.workbook`.
    LayoutError
        When a sheet is far larger than a layout.
    """
    if source.size > MOST_BYTES:
        raise _too_large(source)
    visible = [sheet for sheet in source.sheets if not sheet.hidden]
    if sum(len(row) for sheet in visible for row in sheet.rows) > MOST_CELLS:
        raise _too_large(source)
    return tuple(
        Sheet(
            source.name,
            sheet.name,
            sheet.rows,
            hidden_rows=sheet.hidden_rows,
            struck=sheet.struck,
            merged=sheet.merged,
        )
        for sheet in visible
    )


def sheet_of_text(source: Source, delimiter: str) -> Sheet:
    """A delimited text as one sheet.

    Parameters
    ----------
    delimiter : str
        One of `DELIMITERS`. A first line ``sep=;`` as Excel writes it is passed over.

    Raises
    ------
    SourceError
        When the file is no text.
    LayoutError
        When the text cannot be split into cells, or is far larger than a layout.
    """
    if source.size > MOST_BYTES:
        raise _too_large(source)
    rows: list[tuple[object, ...]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter)
    start, cells = 1, 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LayoutError(f"the table breaks off: {error}", source.at(start)) from error
        if row is None:
            break
        cells += len(row)
        if cells > MOST_CELLS:
            raise _too_large(source)
        if not (start == 1 and row and row[0].lower().startswith("sep=")):
            rows.append(tuple(row))
            lines.append(start)
        start = reader.line_num + 1
    return Sheet(source.name, "", tuple(rows), tuple(lines))


def _too_large(source: Source) -> LayoutError:
    return LayoutError(
        f"the table is far larger than a layout or a sample sheet "
        f"(limits: {MOST_BYTES:,} bytes, {MOST_CELLS:,} cells)",
        source.name,
        "Delete what stands outside the table.",
    )
