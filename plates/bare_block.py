"""Plate-shaped blocks that somebody stripped of their headings.

Without row letters or column numbers only the shape can say what a rectangle
of numbers is. So it is taken for a plate when it has exactly the rows and
columns of one, and for nothing when a single row or column is missing.
"""

from __future__ import annotations

from plates.grid import Block, Line, header_at, row_of
from plates.table import Table, cell, is_blank
from plates.well import FORMATS, PlateFormat


def read_bare_block(table: Table, first: int) -> Block | None:
    """Read the rectangle that begins at a row; None when it is no whole plate.

    Column numbers alone, row letters alone, or neither may stand around it.

    Parameters
    ----------
    table : Table
    first : int
        Index of its first row: the column numbers where there are some.
    """
    header = header_at(table.rows[first])
    top = first if header is None else first + 1
    if header is not None and header[0] != 0:
        return None
    end = top
    while end < len(table.rows) and not is_blank(table.rows[end]):
        end += 1
    rows = [table.rows[at] for at in range(top, end)]
    if not rows:
        return None
    lettered = header is None and all(row_of(cell(row, 0)) == n for n, row in enumerate(rows))
    left = 1 if lettered else 0
    width = max(len(row) for row in rows) - left
    if header is not None and header[1] != width:
        return None
    plate = _plate_of(len(rows), width)
    if plate is None:
        return None
    lines = tuple(
        Line(
            top + letter,
            letter,
            row[left:] + ("",) * (width + left - len(row)),
            "",
            len(row) - left,
        )
        for letter, row in enumerate(rows)
    )
    filled = sum(bool(text) for line in lines for text in line.cells)
    return Block(first, "", width, lines, end) if filled * 2 > plate.size else None


def _plate_of(rows: int, columns: int) -> PlateFormat | None:
    shapes = {(plate.rows, plate.columns): plate for plate in FORMATS.values()}
    return shapes.get((rows, columns))
