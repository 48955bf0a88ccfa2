"""What Tecan's programs print: facts of a measurement, then its data, in four shapes.

A grid headed ``<>`` (perhaps of a part of the plate: C3-F6), cycles across with
a row per well, wells across with a row per cycle, and spectra (``Wavel.``) in
both directions. People type sums beside a grid and tables under it: only cells
under a column number and beside a row letter or a well name are taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from plates.errors import ReaderError
from plates.grid import parse_number, row_of
from plates.readers.tecan_measurement import Measurement
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name
from plates.wellcells import WellCells, parse_duration, well_and_text, wells_in

_TEMPERATURE = re.compile(r"Temperature:?\s*(?:\[°C\])?\s*([\d.,]+)?", re.I)
_CALCULATED = re.compile(
    r"blank|reduc|polari|anisotrop|ratio|mean|average|st\.?\s*dev|correct|result", re.I
)

MOST_CYCLES = 100_000
"""A higher number of a cycle is a typing error."""


@dataclass(slots=True)
class Sheet:
    """One run of the program: the facts of its head, its layout, its measurements."""

    table: Table
    start: int
    end: int
    head: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    ended: bool = False
    """Whether the program printed the end of the last measurement."""
    names: WellCells | None = None
    """Sample names, where a grid of them stands before the first measurement."""

    @property
    def data(self) -> list[Measurement]:
        """The measurements that have data."""
        return [each for each in self.measurements if each.series]


def read_sheet(table: Table, start: int, end: int, program: str) -> Sheet:
    """Read the facts and the data between two rows.

    Raises
    ------
    ReaderError
        When a grid breaks off, or a well stands twice.
    """
    sheet = Sheet(table, start, end)
    degrees = math.nan
    title = ""
    index = start
    while index < end:
        row = table.rows[index]
        shape = _shape(row)
        if shape:
            found, stop = _read_data(table, index, end, shape, program)
            if shape == "grid" and len(found) == 1 and math.isnan(found[0].temperature_c):
                found[0].temperature_c = degrees
            _keep(sheet, found, title, index)
            index, degrees, title = stop, math.nan, ""
            continue
        texts = [text for text in row if text]
        warm = next((m for text in texts[:2] if (m := _TEMPERATURE.match(text))), None)
        if warm and sheet.measurements:
            number = parse_number(warm[1] or (texts[1] if len(texts) > 1 else ""))
            degrees = math.nan if number is None else number
        elif len(texts) == 1 and not texts[0].startswith("Label:"):
            title = texts[0]
        _take_fact(sheet, row, texts)
        index += 1
    return sheet


def _take_fact(sheet: Sheet, row: Row, texts: Sequence[str]) -> None:
    """A line ``name … value`` belongs to the last measurement, or to the head."""
    if not texts or not cell(row, 0):
        return
    name, _, inside = texts[0].partition(":")
    key = re.sub(r"\s*[\[(][^\])]*[\])]$", "", name).strip().lower()
    value = inside.strip() or (texts[1] if len(texts) > 1 else "")
    if key == "label":
        sheet.measurements.append(Measurement(value))
        return
    newest = sheet.measurements[-1] if sheet.measurements else None
    # SparkControl announces a measurement by its mode; a time course is no measurement itself.
    if key == "mode" and (newest is None or "mode" in newest.facts or newest.series):
        newest = Measurement()
        sheet.measurements.append(newest)
    if newest is None:
        sheet.head.setdefault(key, value)
        return
    if any(each.series for each in sheet.measurements):
        sheet.ended = sheet.ended or key == "end time"
    if newest.series:
        return
    if key == "name" and not newest.label:
        newest.label = value
    newest.facts.setdefault(key, value)


def _keep(sheet: Sheet, found: list[WellCells], title: str, index: int) -> None:
    """Give the data to the measurement that the title names, else to the newest."""
    texts = [text for series in found for text in series.cells.values()]
    if not texts:
        return
    if not sheet.measurements and all(parse_number(text) is None for text in texts):
        sheet.names = found[0]
        return
    if not sheet.measurements:
        sheet.measurements.append(Measurement())
    named = next((each for each in sheet.measurements if title and each.label == title), None)
    owner = named or sheet.measurements[-1]
    if owner.series:
        # A second block without facts of its own belongs to the same settings.
        owner = Measurement(title or owner.label, dict(owner.facts))
        owner.calculated = bool(_CALCULATED.search(title))
        sheet.measurements.append(owner)
    owner.row = index
    owner.notes += _gaps(sheet.table, index)
    for series in found:
        if series.wave:
            series.wave = owner.wave_at(series.wave)
    owner.series = found
    sheet.ended = False


def _gaps(table: Table, header: int) -> list[str]:
    """A note where the numbers of the cycles, across or down, do not count up."""
    names = table.rows[header]
    if not cell(names, 0).startswith("Cycle"):
        return []
    if wells_in(names, 1):
        down = (cell(row, 0) for row in table.rows[header + 1 :])
        numbers = [int(text) for text in takewhile(str.isdecimal, down)]
    else:
        numbers = [int(text) for text in names[1:] if text.isdecimal()]
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if not missing or max(numbers) > MOST_CYCLES:
        return []
    return [f"{len(missing)} cycles are missing, the first is {missing[0]}."]


def _shape(row: Row) -> str:
    """Kind of data that a header begins: a grid, cycles or wavelengths, across or down."""
    first = cell(row, 0)
    if "<>" in row[:3]:
        return "grid" if _columns(row) else ""
    if first.startswith(("Cycle Nr", "Wavel.")):
        return "down" if wells_in(row, 1) else "across"
    return ""


def _columns(row: Row) -> dict[int, int]:
    """Plate columns (from 0) under a ``<>`` header, by table column; they may begin late."""
    corner = row.index("<>")
    columns: dict[int, int] = {}
    for i in range(corner + 1, len(row)):
        text = row[i]
        if not text.isdecimal() or len(text) > 2 or not 1 <= int(text) <= 48:
            break
        if columns and int(text) - 1 != columns[i - 1] + 1:
            break
        columns[i] = int(text) - 1
    return columns


def _read_data(
    table: Table, header: int, end: int, shape: str, program: str
) -> tuple[list[WellCells], int]:
    if shape == "grid":
        return _grid(table, header, end, program)
    return (_wells_across if shape == "down" else _wells_down)(table, header, end)


def _grid(table: Table, header: int, end: int, program: str) -> tuple[list[WellCells], int]:
    columns = _columns(table.rows[header])
    corner = table.rows[header].index("<>")
    found = WellCells()
    seen: set[int] = set()
    index = header + 1
    while index < end and (letter := row_of(cell(table.rows[index], corner))) is not None:
        row = table.rows[index]
        if letter in seen:
            raise ReaderError(
                f"{program}: row {row[corner]} stands twice in one grid", table.at(index, corner)
            )
        if table.sheet is None and len(row) <= max(columns) and any(row[corner + 1 :]):
            raise ReaderError(
                f"{program}: row {row[corner]} has {len(row) - corner - 1} readings, "
                f"expected {len(columns)}",
                table.at(index),
                "Was the export cut short?",
            )
        seen.add(letter)
        for i, column in columns.items():
            if cell(row, i):
                found.put(Well(letter, column), row[i], table.at(index, i))
        index += 1
    return [found], index


def _wells_across(table: Table, header: int, end: int) -> tuple[list[WellCells], int]:
    """A row per cycle or wavelength; times and temperatures in the columns before the wells."""
    names = table.rows[header]
    wells = wells_in(names, 1)
    spectrum = names[0].startswith("Wavel")
    before = range(1, min(wells))
    time = next((i for i in before if names[i].lower().startswith("time")), -1)
    warm = next((i for i in before if names[i].lower().startswith("temp")), -1)
    found: list[WellCells] = []
    index = header + 1
    while index < end and not is_blank(table.rows[index]):
        row = table.rows[index]
        if parse_number(cell(row, 0)) is None:
            break
        series = WellCells(dict(well_and_text(row, wells)))
        if spectrum:
            series.wave = row[0]
        if cell(row, time) and time > 0:
            series.time_s = parse_duration(cell(row, time), names[time])
        series.temperature_c = _degrees(row, warm)
        if series.cells:
            found.append(series)
        index += 1
    return found, index


def _degrees(row: Row, column: int) -> float:
    number = parse_number(cell(row, column)) if column > 0 else None
    return math.nan if number is None else number


def _wells_down(table: Table, header: int, end: int) -> tuple[list[WellCells], int]:
    """A row per well; cycles or wavelengths, and under them times and temperatures, across."""
    names = table.rows[header]
    spectrum = names[0].startswith("Wavel")
    series = {i: WellCells() for i in range(1, len(names)) if names[i]}
    index = header + 1
    while index < end and not is_blank(table.rows[index]):
        row = table.rows[index]
        key = row[0].lower()
        if is_well_name(row[0]):
            well = Well.parse(row[0])
            for i, own in series.items():
                if cell(row, i):
                    own.put(well, row[i], table.at(index, i))
        elif key.startswith("time"):
            for i, own in series.items():
                own.time_s = parse_duration(cell(row, i), row[0]) if cell(row, i) else math.nan
        elif key.startswith("temp"):
            for i, own in series.items():
                own.temperature_c = _degrees(row, i)
        else:
            break
        index += 1
    if spectrum:
        for i, own in series.items():
            own.wave = names[i]
    return [own for own in series.values() if own.cells], index
