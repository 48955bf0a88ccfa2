"""Cells that belong to wells, however a file lays them out: one read at a time.

A table may have one column per well (times down), one row per well (cycles
across) or one line per well and read. All of them end as `WellCells`, and all
are filled into a plate in the same way; a well that is not printed stays NaN.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plates.errors import LayoutError, ReaderError
from plates.grid import Block, Line, format_for, header_at, parse_cell, parse_number, parse_time
from plates.plateread import PlateRead
from plates.table import Row, Table, cell
from plates.well import FORMATS, PlateFormat, Well, is_well_name, row_letters

_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "hours": 3600.0}
_UNIT = re.compile(r"[\[(]\s*(ms|sec|s|min|hours|h)\s*[\])]", re.I)
_PARTS = re.compile(r"(?:(\d+)\s*h\s*)?(?:(\d+)\s*min\s*)?(?:(\d+(?:[.,]\d+)?)\s*s(?:ec)?)?", re.I)

LARGEST = FORMATS[1536]
MOST_VALUES = 20_000_000
"""Most wells times reads of a file: 1536 wells read 13,000 times."""


@dataclass(slots=True)
class WellCells:
    """What stands in the wells of one read, as text."""

    cells: dict[Well, str] = field(default_factory=dict)
    time_s: float = math.nan
    temperature_c: float = math.nan
    wave: str = ""
    """Wavelength of a spectrum; empty where the read as a whole has one."""

    def put(self, well: Well, text: str, where: str) -> None:
        """Put a text into a well.

        Raises
        ------
        ReaderError
            When the well already has one.
        """
        if well in self.cells:
            raise ReaderError(f"{well} stands twice in one read", where, "Export the file again.")
        self.cells[well] = text


def put_block(block: Block, name: str, table: Table) -> WellCells:
    """Take the cells of a plate-shaped block.

    Raises
    ------
    ReaderError
        When a row stands twice, a column is skipped, or a text file breaks off in a row.
    """
    found = WellCells()
    seen: set[int] = set()
    header = header_at(table.rows[block.header])
    beside = header[0] - 1 if header else 0
    after = cell(table.rows[block.header], beside + 1 + block.columns)
    if after.isdecimal() and block.columns < int(after) <= LARGEST.columns:
        raise ReaderError(
            f"{name}: after column {block.columns} comes column {after}",
            table.at(block.header, beside + 1 + block.columns),
            "Was a column deleted? Export the file again.",
        )
    for line in block.lines:
        letters = row_letters(line.letter)
        if not cell(table.rows[line.table_row], beside) and not any(line.cells):
            # Somebody typed beside the grid: no line of it.
            continue
        if line.letter in seen:
            raise ReaderError(
                f"{name}: row {letters} stands twice in one grid", table.at(line.table_row)
            )
        seen.add(line.letter)
        check_width(line, block.columns, name, table)
        for column, text in enumerate(line.cells):
            if text:
                found.cells[Well(line.letter, column)] = text
    return found


def check_width(line: Line, columns: int, name: str, table: Table) -> None:
    """In a text file every row has a cell for each column, were it empty.

    Raises
    ------
    ReaderError
        When it has fewer. (A worksheet does not store the empty cells at the end of a row.)
    """
    if line.given < columns and table.sheet is None:
        raise ReaderError(
            f"{name}: row {row_letters(line.letter)} has {line.given} readings, expected {columns}",
            table.at(line.table_row),
            "Was the export cut short?",
        )


def wells_in(row: Row, start: int = 0) -> dict[int, Well]:
    """Wells that the cells of a header name, by column."""
    return {i: Well.parse(text) for i, text in enumerate(row) if i >= start and is_well_name(text)}


def fit_plate(
    wells: Iterable[Well], name: str, where: str, hints: Iterable[str] = ()
) -> PlateFormat:
    """The plate that holds the wells; a number of wells in a hint wins where it does.

    Raises
    ------
    ReaderError
        When no plate is large enough.
    """
    known = list(wells)
    rows = max((well.row for well in known), default=0) + 1
    columns = max((well.column for well in known), default=0) + 1
    try:
        return format_for(rows, columns, list(hints))
    except LayoutError as error:
        raise ReaderError(f"{name}: {error.message}", where) from error


def check_total(reads: int, plate: PlateFormat, name: str, where: str) -> None:
    """Refuse so many reads of a plate that they would not fit into memory.

    Raises
    ------
    ReaderError
        When reads times wells pass `MOST_VALUES`.
    """
    if reads * plate.size > MOST_VALUES:
        raise ReaderError(
            f"{name}: {reads:,} reads of a {plate.size}-well plate are too many",
            where,
            "Export the time course in parts, or the wells that were used alone.",
        )


def fill_wells(
    cells: Mapping[Well, str], plate: PlateFormat, mark: str
) -> tuple[NDArray[np.float64], dict[Well, str]]:
    """Values (rows × columns, NaN where there is no number) and flags of some wells."""
    values = np.full((plate.rows, plate.columns), np.nan)
    flags: dict[Well, str] = {}
    for well, text in cells.items():
        value, flag = parse_cell(text, mark)
        values[well.row, well.column] = value
        if flag:
            flags[well] = flag
    return values, flags


def build_read(
    found: WellCells,
    plate: PlateFormat,
    mark: str,
    *,
    name: str,
    number: int,
    read: str,
    mode: str,
    wave: str,
) -> PlateRead:
    """One read of one plate, named ``name``, the ``number``-th of its file."""
    values, flags = fill_wells(found.cells, plate, mark)
    return PlateRead(
        name, number, read, plate, mode, found.wave or wave, values, flags,
        found.time_s, found.temperature_c,
    )  # fmt: skip


def tell_missing(found: Mapping[Well, str], plate: PlateFormat, name: str) -> list[str]:
    """A note on the wells of a plate that have no reading; empty when all have one."""
    missing = [well for well in plate.wells() if well not in found]
    if not missing or not found:
        return []
    rows = {well.row for well in found}
    empty = [row_letters(row) for row in range(plate.rows) if row not in rows]
    first = f"rows {', '.join(empty)}" if empty else ", ".join(map(str, missing[:6]))
    more = " …" if not empty and len(missing) > 6 else ""
    return [
        f"{name or 'The plate'}: {plate.size - len(missing)} of {plate.size} wells have a "
        f"reading; without: {first}{more}."
    ]


def tell_uneven(series: Sequence[WellCells], name: str) -> list[str]:
    """A note where some times or wavelengths of a read have fewer wells than others."""
    sizes = [len(each.cells) for each in series]
    short = sum(size < max(sizes) for size in sizes) if sizes else 0
    if not short:
        return []
    return [
        f"{name}: {short} of {len(sizes)} times or wavelengths have fewer than {max(sizes)} wells."
    ]


def parse_duration(text: str, heading: str = "", mark: str = ".") -> float:
    """Read a time as seconds; NaN when it is none.

    Parameters
    ----------
    text : str
        ``65``, ``0:01:05``, ``1 min 5 s``.
    heading : str
        What stands over it: ``Time [min]`` says what a bare number means (else seconds).
    mark : str
        Decimal mark of the file.
    """
    number = parse_number(text, mark)
    if number is not None:
        unit = _UNIT.search(heading)
        return number * _UNITS[unit[1].lower()] if unit else number
    parts = _PARTS.fullmatch(text.strip())
    if parts and any(parts.groups()):
        hours, minutes, seconds = (
            float((each or "0").replace(",", ".")) for each in parts.groups()
        )
        return hours * 3600 + minutes * 60 + seconds
    return parse_time(text)


def well_and_text(row: Row, wells: Mapping[int, Well]) -> Iterable[tuple[Well, str]]:
    """Wells of a row that hold something, by the columns of its header."""
    return ((well, cell(row, i)) for i, well in wells.items() if cell(row, i))
