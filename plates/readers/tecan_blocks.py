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

from plates.errors import ReaderError
from plates.grid import parse_number, row_of
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name
from plates.wellcells import WellCells, parse_duration, well_and_text, wells_in

_TEMPERATURE = re.compile(r"Temperature:?\s*(?:\[°C\])?\s*([\d.,]+)?", re.I)
_MODES = (
    ("absorbance", re.compile(r"absorb", re.I)),
    ("fluorescence", re.compile(r"fluor|trf|fret", re.I)),
    ("luminescence", re.compile(r"lumin|alpha|bret", re.I)),
)
_CALCULATED = re.compile(
    r"blank|reduc|polari|anisotrop|ratio|mean|average|st\.?\s*dev|correct|result", re.I
)


@dataclass(slots=True)
class Measurement:
    """The facts of one measurement, and its data: once, or over time or wavelengths."""

    label: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """By lower-case name without its unit: ``measurement wavelength`` → ``600``."""
    series: list[WellCells] = field(default_factory=list)
    row: int = 0
    """Where the data begin, for messages."""
    calculated: bool = False

    @property
    def mode(self) -> str:
        """What was measured; empty when neither a word nor a wavelength tells."""
        named = f"{self.facts.get('mode', '')} {self.label}"
        for mode, words in _MODES:
            if words.search(self.facts.get("mode", "")):
                return mode
        if any(key.startswith(("excitation", "emission")) for key in self.facts):
            return "fluorescence"
        if "measurement wavelength" in self.facts or "wavelength" in self.facts:
            return "absorbance"
        if "wavelength start" in self.facts:
            return "absorbance"
        if "integration time" in self.facts:
            return "luminescence"
        return next((mode for mode, words in _MODES if words.search(named)), "")

    @property
    def wave(self) -> str:
        """``600``, ``485:535``, or the fixed side of a spectrum."""
        plain = self._nm("measurement wavelength") or self._nm("wavelength")
        excitation, emission = self._nm("excitation wavelength"), self._nm("emission wavelength")
        return f"{excitation}:{emission}" if excitation or emission else plain

    def wave_at(self, wavelength: str) -> str:
        """Wavelength of one row of a spectrum, with the side that stays fixed."""
        excitation, emission = self._nm("excitation wavelength"), self._nm("emission wavelength")
        if self.mode != "fluorescence":
            return wavelength
        return f"{wavelength}:{emission}" if emission and not excitation else (
            f"{excitation}:{wavelength}"
        )  # fmt: skip

    def _nm(self, key: str) -> str:
        number = parse_number(self.facts.get(key, "").removesuffix("nm"))
        return f"{number:g}" if number is not None and 180 <= number <= 1400 else ""


@dataclass(slots=True)
class Sheet:
    """One run of the program: the facts of its head, its layout, its measurements."""

    table: Table
    start: int
    end: int
    head: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
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
    for series in found:
        if series.wave:
            series.wave = owner.wave_at(series.wave)
    owner.series = found


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
