"""The grids, time tables, spectra and area scans of one Gen5 plate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plates.errors import ReaderError
from plates.grid import (
    Block,
    Line,
    fill,
    parse_cell,
    parse_number,
    parse_time,
    read_block,
    well_columns,
)
from plates.plateread import PlateRead, PrintedResult
from plates.readers.gen5_procedure import Raw, Step, read_label
from plates.table import Row, Table, cell, is_blank
from plates.well import PlateFormat, Well, row_letters

_TITLES_OF_GRIDS = ("Results", "Layout")
_LINES_OF_LAYOUT = ("Well ID", "Conc/Dil", "Name")


@dataclass(slots=True)
class GridRead:
    """Lines of one label in one grid."""

    label: str
    raw: Raw | None
    lines: list[Line]
    temperature_c: float


@dataclass(slots=True)
class WellTable:
    """A table with one column per well: kinetic, spectrum or area scan."""

    title: str
    raw: Raw
    wells: dict[int, Well]
    rows: list[tuple[str, float, float, Row]]
    """What tells a row apart (wavelength, ``x2y3`` or nothing), seconds, degrees, cells."""


@dataclass(slots=True)
class Found:
    """Everything under the procedure of one plate."""

    grids: list[GridRead] = field(default_factory=list)
    tables: list[WellTable] = field(default_factory=list)
    layout: Block | None = None
    rows: int = 1
    columns: int = 1
    notes: list[str] = field(default_factory=list)

    def cells(self) -> Iterator[str]:
        """Every cell that should hold a number."""
        for grid in self.grids:
            for line in grid.lines:
                yield from line.cells
        for table in self.tables:
            for *_, row in table.rows:
                yield from row[1:]

    def reads(self, plate: str, number: int, layout: PlateFormat, mark: str) -> Iterator[PlateRead]:
        """Number the raw reads in the order of the procedure, and build them."""
        raws: list[GridRead | WellTable] = [grid for grid in self.grids if grid.raw is not None]
        raws += self.tables
        # Python's sort is stable: what the procedure cannot tell apart keeps its order.
        raws.sort(key=lambda each: each.raw.order if each.raw else (0, 0))
        for count, each in enumerate(raws, 1):
            assert each.raw is not None
            if isinstance(each, GridRead):
                values, flags = fill(each.lines, layout, mark)
                yield PlateRead(
                    plate, number, str(count), layout, each.raw.mode, each.raw.wave, values, flags,
                    temperature_c=each.temperature_c,
                )  # fmt: skip
                continue
            for key, seconds, degrees, row in each.rows:
                values, flags = _fill_row(row, each.wells, layout, mark)
                scan = key.startswith("x")
                yield PlateRead(
                    plate, number, f"{count}:{key}" if scan else str(count), layout,
                    each.raw.mode, key if key and not scan else each.raw.wave, values, flags,
                    seconds, degrees,
                )  # fmt: skip

    def printed(self, number: int, mark: str) -> Iterator[PrintedResult]:
        """Results that Gen5 calculated, by well."""
        for grid in self.grids:
            if grid.raw is not None:
                continue
            for line in grid.lines:
                for column, text in enumerate(line.cells):
                    if text:
                        well = Well(line.letter, column)
                        yield PrintedResult(number, well, grid.label, *parse_cell(text, mark))


def read_results(table: Table, start: int, end: int, steps: Sequence[Step]) -> Found:
    """Find every grid and table of one plate.

    Raises
    ------
    ReaderError
        When a grid or table has fewer readings than its header or the layout announces.
    """
    found = Found()
    title = ""
    degrees: list[float] = []
    index = start
    while index < end:
        row = table.rows[index]
        if kind := _table_kind(row):
            last = _well_table(found, table, index, end, kind, title, steps)
            index, degrees = last, []
        elif block := read_block(table, index) if not cell(row, 0) else None:
            _grid(found, table, block, title, steps, degrees)
            index, degrees = block.end, []
        else:
            texts = [text for text in row if text]
            if cell(row, 0).startswith("Actual Temperature"):
                degrees.append(parse_number(cell(row, 1)) or math.nan)
            elif len(texts) == 1:
                title = texts[0]
            index += 1
    _check_rows(found, table, end, steps)
    return found


def _table_kind(row: Row) -> int:
    """Columns before the wells in the header of a well table; 0 when it is none."""
    for column in (0, 1):
        text = cell(row, column)
        if text in ("Time", "Wavelength") or text.startswith("X Read"):
            names = well_columns(row, column + 1)
            return min(names) if names else 0
    return 0


def _well_table(
    found: Found,
    table: Table,
    header: int,
    end: int,
    first: int,
    title: str,
    steps: Sequence[Step],
) -> int:
    """Read the table under a header; returns the index of the row after it."""
    names = table.rows[header]
    key = next(i for i, text in enumerate(names) if text)
    wells = {i: Well.parse(name) for i, name in well_columns(names, first).items()}
    kind = names[key]
    raw = read_label(title, steps)
    rows: list[tuple[str, float, float, Row]] = []
    index = header + 1
    widths: dict[int, int] = {}
    while index < end and not is_blank(table.rows[index]):
        row = table.rows[index]
        if any(cell(row, i) for i in wells):
            widths.setdefault(len(row), index)
            rows.append(_table_row(table, index, row, key, first, kind, raw))
        index += 1
    if len(widths) > 1 and table.sheet is None:
        short = min(widths)
        raise ReaderError(
            f"gen5: a row of {title!r} has {short - first} readings, others have "
            f"{max(widths) - first}",
            table.at(widths[short]),
            "Was the export cut short?",
        )
    if raw is None:
        found.notes.append(f"The table {title!r} was calculated by Gen5 and left out.")
    elif rows:
        found.tables.append(WellTable(title, raw, wells, rows))
        points = raw.step.points if raw.step else 1
        if len(rows) < points:
            found.notes.append(
                f"The procedure announces {points} reads, the table {title!r} holds {len(rows)}."
            )
        found.rows = max(found.rows, *(well.row + 1 for well in wells.values()))
        found.columns = max(found.columns, *(well.column + 1 for well in wells.values()))
    return index


def _table_row(
    table: Table, index: int, row: Row, key: int, first: int, kind: str, raw: Raw | None
) -> tuple[str, float, float, Row]:
    text = cell(row, key)
    if kind == "Time":
        seconds = parse_time(text)
        if math.isnan(seconds):
            raise ReaderError(
                f"gen5: expected a time such as 0:02:30, found {text!r}", table.at(index, key)
            )
        degrees = parse_number(cell(row, key + 1)) if first == key + 2 else None
        return "", seconds, math.nan if degrees is None else degrees, row
    if parse_number(text) is None:
        raise ReaderError(f"gen5: expected a number, found {text!r}", table.at(index, key))
    if kind == "Wavelength":
        fixed = raw.step.fixed if raw and raw.step else {}
        wave = f"{text}:{fixed['emission']}" if "emission" in fixed else text
        wave = f"{fixed['excitation']}:{text}" if "excitation" in fixed else wave
        return wave, math.nan, math.nan, row
    return f"x{text}y{cell(row, key + 1)}", math.nan, math.nan, row


def _grid(
    found: Found,
    table: Table,
    block: Block,
    title: str,
    steps: Sequence[Step],
    degrees: list[float],
) -> None:
    if title == "Layout" or any(line.label in _LINES_OF_LAYOUT for line in block.lines):
        found.layout = block
        return
    by_label: dict[str, list[Line]] = {}
    count = 0
    waves = [(step, wave) for step in steps for wave in step.waves]
    for position, line in enumerate(block.lines):
        if line.given < block.columns and table.sheet is None:
            raise ReaderError(
                f"gen5: row {row_letters(line.letter)} has {line.given} readings, "
                f"expected {block.columns}",
                table.at(line.table_row),
                "Was the export cut short?",
            )
        same = position and block.lines[position - 1].letter == line.letter
        count = count + 1 if same else 0
        label = line.label or (title if title not in _TITLES_OF_GRIDS else "")
        if not label:
            label = waves[count][1] if count < len(waves) else ""
        if not label or (not line.label and any(other.label for other in block.lines)):
            raise ReaderError(
                f"gen5: nothing tells what the line of row {row_letters(line.letter)} holds",
                table.at(line.table_row),
                "Was the export cut short? Its last column names the read.",
            )
        by_label.setdefault(label, []).append(line)
    letters = list(dict.fromkeys(line.letter for line in block.lines))
    for label, lines in by_label.items():
        own = [line.letter for line in lines]
        if own != letters:
            odd = next((letter for letter in letters if own.count(letter) != 1), letters[0])
            raise ReaderError(
                f"gen5: row {row_letters(odd)} has {own.count(odd)} lines {label!r}, expected one",
                table.at(block.end - 1),
                "Was the export cut short or edited?",
            )
        found.grids.append(GridRead(label, read_label(label, steps), lines, _one(degrees)))
    found.rows = max(found.rows, max(letters) + 1)
    found.columns = max(found.columns, block.columns)


def _one(degrees: list[float]) -> float:
    return degrees[0] if len(set(degrees)) == 1 else math.nan


def _check_rows(found: Found, table: Table, end: int, steps: Sequence[Step]) -> None:
    """Every plate row that the layout fills must have been read."""
    if found.layout is None:
        return
    filled = {line.letter for line in found.layout.lines if any(line.cells)}
    for grid in found.grids:
        missing = filled - {line.letter for line in grid.lines}
        if grid.raw is not None and missing:
            raise ReaderError(
                f"gen5: the layout fills row {row_letters(min(missing))}, but "
                f"{grid.label!r} has no readings of it",
                table.at(grid.lines[-1].table_row),
                "Was the export cut short?",
            )


def _fill_row(
    row: Row, wells: dict[int, Well], layout: PlateFormat, mark: str
) -> tuple[NDArray[np.float64], dict[Well, str]]:
    values = np.full((layout.rows, layout.columns), np.nan)
    flags: dict[Well, str] = {}
    for index, well in wells.items():
        value, flag = parse_cell(cell(row, index), mark)
        values[well.row, well.column] = value
        if flag:
            flags[well] = flag
    return values, flags
