"""Exports of Promega GloMax Discover, Explorer and Navigator (csv, xlsx).

``Protocol:`` and ``Result:`` stand above; each measurement begins with a line that
names its mode; under it keys stand in the second column and their values two columns
on. A grid begins in the line of ``Reading:``, right of it. Several readings under one
mode are cycles of a kinetic read; the file gives them numbers, no times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile

from plates.errors import LayoutError, ReaderError
from plates.grid import Block, decimal_mark, fill, format_for, header_at, read_block
from plates.plateread import Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.source import Source
from plates.table import Row, Table, cell, from_lines, is_blank
from plates.well import FORMATS, PlateFormat, row_letters

_MODES = (
    (re.compile(r"absorbance", re.I), "absorbance"),
    (re.compile(r"fluorescence|bret|fret|uv", re.I), "fluorescence"),
    (re.compile(r"luminescence|glo\b", re.I), "luminescence"),
)
_WHEN = re.compile(r"(\d{4}[./-]\d{2}[./-]\d{2}\s+\d{1,2}:\d{2}(?::\d{2})?)\s*$")
_WAVE = re.compile(r"(\d{3,4})(?:\s*-\s*(\d{3,4}))?")
MOST_ROWS = FORMATS[1536].rows


def recognise(source: Source) -> Recognition:
    """Look for ``Protocol:``, ``Result:`` and ``Reading:`` at the beginning of cells."""
    if source.is_workbook:
        tables: tuple[Table, ...] = source.tables
    elif "Reading:" in source.opening and "Protocol:" in source.opening:
        tables = (from_lines(source.name, tuple(source.opening.split("\n")[:60])),)
    else:
        tables = ()
    for table in tables:
        texts = [text for row in table.rows[:60] for text in row[:6] if text]
        begins = {text.partition(":")[0] for text in texts if ":" in text}
        if {"Protocol", "Result", "Reading"} <= begins:
            return Recognition(True, "it has the cells 'Protocol:', 'Result:' and 'Reading:'")
    return Recognition(False, "the cells 'Protocol:', 'Result:' and 'Reading:' of GloMax")


@dataclass(slots=True)
class _Measurement:
    """One mode with its settings and its grids."""

    name: str
    mode: str
    facts: dict[str, str] = field(default_factory=dict)
    grids: list[tuple[str, Table, Block]] = field(default_factory=list)
    """Number of the reading, and its grid in a table of its own."""
    readings: set[str] = field(default_factory=set)

    def wavelength(self) -> str:
        """``600``, ``475:500`` (excitation:emission), or empty."""
        waves = {key: _middle(text) for key, text in self.facts.items() if "Filter" in key}
        found = {key.split()[0].lower(): wave for key, wave in waves.items() if wave}
        if "excitation" in found or self.mode == "fluorescence":
            sides = found.get("excitation", ""), found.get("emission", "")
            return ":".join(sides) if any(sides) else ""
        return found.get("measurement") or found.get("emission") or ""


def read(source: Source) -> Export:
    """Read every measurement.

    Raises
    ------
    ReaderError
        When a measurement has no grid, or a grid has fewer wells than its plate.
    """
    facts: dict[str, str] = {}
    found = [each for table in source.tables for each in _measurements(table, facts)]
    if not found:
        raise ReaderError(
            "glomax: expected a line such as 'Absorbance' over a grid, found none", source.name
        )
    cells = (
        text for m in found for _, _, grid in m.grids for line in grid.lines for text in line.cells
    )
    mark = decimal_mark(cells, source.name)
    reads: list[PlateRead] = []
    notes: list[str] = []
    for number, measurement in enumerate(found, start=1):
        reads += _reads(measurement, number, mark)
        wave = measurement.wavelength()
        if measurement.mode != "luminescence" and (not wave or ":" in (wave[0], wave[-1])):
            notes.append(f"The file does not name every filter of {measurement.name}.")
        reference = _middle(measurement.facts.get("Reference Filter", ""))
        if reference:
            notes.append(
                f"{measurement.name} has a reference filter of {reference} nm; the file does "
                "not say whether it was subtracted."
            )
    result = facts.get("Result", "")
    when = _WHEN.search(result)
    return Export(
        software="Promega GloMax",
        reader="glomax",
        reads=tuple(reads),
        read_at=when[1] if when else "",
        notes=tuple(notes),
        metadata={key.lower(): text for key, text in facts.items() if text},
    )


def _middle(text: str) -> str:
    """Wavelength of a filter: ``450``, or the middle of a band such as ``500-550``."""
    found = _WAVE.search(text)
    if found is None:
        return ""
    low, high = float(found[1]), float(found[2] or found[1])
    return f"{(low + high) / 2:g}"


def _mode_of(row: Row) -> str:
    """The mode that a line in the first column names; a line with other cells names none."""
    if not row or not row[0] or any(row[1:]):
        return ""
    return next((mode for words, mode in _MODES if words.search(row[0])), "")


def _measurements(table: Table, facts: dict[str, str]) -> list[_Measurement]:
    found: list[_Measurement] = []
    index = 0
    while index < len(table.rows):
        row = table.rows[index]
        index += 1
        if is_blank(row):
            continue
        if mode := _mode_of(row):
            found.append(_Measurement(row[0], mode))
            continue
        filled = [(i, text) for i, text in enumerate(row[:5]) if text]
        key, colon, rest = filled[0][1].partition(":") if filled else ("", "", "")
        if not colon:
            continue
        value = rest.strip() or (filled[1][1] if len(filled) > 1 else "")
        if key == "Reading" and (not found or value in found[-1].readings):
            raise ReaderError(
                f"glomax: expected a line with the mode, such as 'Absorbance', above reading "
                f"{value!r}, found none",
                table.at(index - 1),
                "Was a line deleted?",
            )
        if not found:
            facts[key] = value
        elif key != "Reading":
            found[-1].facts[key] = value
        else:
            inner, grid = _grid(table, index - 1)
            found[-1].grids.append((value, inner, grid))
            found[-1].readings.add(value)
            index = inner.first_line - table.first_line + grid.end
    for measurement in found:
        if not measurement.grids:
            raise ReaderError(
                f"glomax: {measurement.name} has no grid",
                table.at(len(table.rows) - 1),
                "Was the export cut short?",
            )
    return found


def _no_reading(row: Row) -> bool:
    return not any(text.startswith("Reading:") for text in row[:5])


def _grid(table: Table, index: int) -> tuple[Table, Block]:
    """The grid whose header begins right of ``Reading:``, or in the next line."""
    for at in (index, index + 1):
        row = table.rows[at] if at < len(table.rows) else ()
        for left in range(1, min(len(row), 12)):
            if cell(row, left) or header_at(row[left:]) is None:
                continue
            # Only the cells of the grid, so that keys beside it do not end it.
            own = [row, *takewhile(_no_reading, table.rows[at + 1 : at + 1 + MOST_ROWS])]
            rows = tuple(each[left:] for each in own)
            inner = Table(table.file, rows, table.sheet, table.first_line + at)
            if block := read_block(inner, 0):
                return inner, block
    raise ReaderError(
        "glomax: expected column numbers and rows of values beside 'Reading:', found none",
        table.at(index),
        "Was the export cut short?",
    )


def _reads(measurement: _Measurement, number: int, mark: str) -> list[PlateRead]:
    reads: list[PlateRead] = []
    cycles = len(measurement.grids) > 1
    for reading, table, grid in measurement.grids:
        plate = _format(table, grid)
        reads.append(
            PlateRead(
                "",
                1,
                f"{number}:i{reading}" if cycles else str(number),
                plate,
                measurement.mode,
                measurement.wavelength(),
                *fill(grid.lines, plate, mark),
            )
        )
    return reads


def _format(table: Table, grid: Block) -> PlateFormat:
    """The plate of a grid, which must be full: the GloMax prints unread wells as empty cells."""
    try:
        plate = format_for(max(line.letter for line in grid.lines) + 1, grid.columns)
    except LayoutError as error:
        raise ReaderError(f"glomax: {error.message}", table.at(grid.header)) from error
    letters = [line.letter for line in grid.lines]
    if letters != list(range(plate.rows)) or grid.columns != plate.columns:
        raise ReaderError(
            f"glomax: the grid ends at row {row_letters(max(letters))} with {len(letters)} rows "
            f"and {grid.columns} columns, no whole plate",
            table.at(grid.lines[-1].table_row),
            "Was the export cut short?",
        )
    short = [line for line in grid.lines if line.given < grid.columns and table.sheet is None]
    if short:
        raise ReaderError(
            f"glomax: row {row_letters(short[0].letter)} has {short[0].given} readings, expected "
            f"{grid.columns}",
            table.at(short[0].table_row),
            "Was the export cut short?",
        )
    _refuse_half_number(table, grid)
    return plate


def _refuse_half_number(table: Table, grid: Block) -> None:
    """The last line has no line end: a number cut off there shows by its shape alone."""
    *others, last = (re.sub(r"\d", "0", text) for text in grid.lines[-1].cells)
    shapes = {shape.replace("-", "+") for shape in others}
    if table.sheet is not None or len(shapes) != 1 or not min(shapes).endswith("E+00"):
        return
    if last.startswith("0") and last.replace("-", "+") not in shapes:
        raise ReaderError(
            f"glomax: the last reading is {grid.lines[-1].cells[-1]!r}, unlike "
            f"{grid.lines[-1].cells[0]!r}",
            table.at(grid.lines[-1].table_row),
            "Was the export cut short?",
        )


READER = PlateReader(
    name="glomax",
    software="Promega GloMax (csv, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".xlsx"),
    tested_on="1 export of GloMax: 96 wells, endpoint",
)
