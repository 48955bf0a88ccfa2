"""The sections of an EnVision or EnSpire export: facts of a plate, then its data."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_number, read_block
from plates.table import Row, Table, cell, is_blank
from plates.well import FORMATS, PlateFormat, Well, is_well_name
from plates.wellcells import WellCells, parse_duration, put_block

_HEAD = "Plate information"
_TITLE = re.compile(
    r"(Calculated results|Results for|Signal for|Saturated for|Measurement time)\s*:?\s*(.*)"
)
_RAW = ("Results for", "Signal for")
_COLUMN = re.compile(r"(.+?):(Result|Signal|Wavelength\w*|Time)", re.I)

LARGEST = FORMATS[1536]


@dataclass(slots=True)
class Data:
    """One table of a section."""

    title: str
    """The line over it; empty over bare rows and lists."""
    series: list[WellCells]
    raw: bool = True
    read: str = ""
    """Name of the measurement in a list; a grid is counted instead."""

    @property
    def label(self) -> str:
        """``Results for A450(1) - channel 1 (A)`` is about ``A450(1)``."""
        found = _TITLE.match(self.title)
        return found[2].split(" - ")[0].strip() if found else self.read

    @property
    def quantity(self) -> str:
        """``Calculated results: Calc 1: General = …`` printed ``Calc 1: General``."""
        found = _TITLE.match(self.title)
        return found[2].split(" = ")[0].strip() if found else self.title

    def texts(self) -> Iterator[str]:
        """Every cell."""
        return (text for series in self.series for text in series.cells.values())

    def wells(self) -> Iterator[Well]:
        """The well of every cell."""
        return (well for series in self.series for well in series.cells)


@dataclass(slots=True)
class Section:
    """One ``Plate information`` and what follows it."""

    facts: dict[str, str] = field(default_factory=dict)
    """The line of facts by the words of its header."""
    data: list[Data] = field(default_factory=list)
    delimited: bool = False
    """Whether a delimiter ends the lines, so that rows have an empty cell too many."""
    saturated: dict[Well, str] = field(default_factory=dict)
    """Token of the wells that EnSpire calls saturated; their numbers stand."""

    @property
    def temperature(self) -> str:
        """Temperature at the start, as printed."""
        names = ("Chamber temperature at start", "Inside temperature at start")
        return next((self.facts[name] for name in names if self.facts.get(name)), "")


def read_sections(table: Table, end: int, plate: PlateFormat | None) -> list[Section]:
    """Read every section above a row.

    Raises
    ------
    ReaderError
        When a plate's line of facts has no ``Plate information`` over it, a title no
        table under it, or bare rows do not fill the plate.
    """
    sections: list[Section] = []
    title, announced = "", False
    index = 0
    while index < end:
        row = table.rows[index]
        first = cell(row, 0)
        if first == _HEAD:
            _nothing_pending(table, index, title)
            sections.append(Section())
            announced, title = True, ""
        elif row[:2] == ("Plate", "Repeat"):
            if not announced:
                raise ReaderError(
                    f"envision: expected {_HEAD!r} over the facts of a plate, found none",
                    table.at(index),
                    "Was the file edited? Export it again.",
                )
            announced = False
            values = table.rows[index + 1] if index + 1 < end else ()
            facts = zip(row, values, strict=False)
            sections[-1].facts = {key: text for key, text in facts if key}
            sections[-1].delimited = not row[-1]
            index += 1
        elif _TITLE.match(first):
            _nothing_pending(table, index, title)
            title = first
        elif first == "Background information":
            index = _skip(table, index, end)
            continue
        elif sections and not announced and (not is_blank(row) or _begins_bare(table, index, end)):
            stop = _take(table, index, end, sections[-1], title, plate)
            title = "" if stop > index else title
            index = max(stop, index + 1)
            continue
        index += 1
    _nothing_pending(table, end - 1, title)
    return sections


def _begins_bare(table: Table, index: int, end: int) -> bool:
    """Whether an empty row with separators begins bare rows: their first wells were not read."""
    for row in table.rows[index : min(end, index + LARGEST.rows)]:
        if not _may_be_bare(row):
            return False
        if any(row):
            return True
    return False


def _nothing_pending(table: Table, index: int, title: str) -> None:
    if title:
        raise ReaderError(
            f"envision: expected a table under {title[:60]!r}, found none",
            table.at(max(index, 0)),
            "Was the export cut short?",
        )


def _skip(table: Table, index: int, end: int) -> int:
    while index < end and not is_blank(table.rows[index]):
        index += 1
    return index


def _take(
    table: Table, index: int, end: int, section: Section, title: str, plate: PlateFormat | None
) -> int:
    """Take the grid, list or bare rows that begin here; returns where they end, or ``index``."""
    row = table.rows[index]
    block = read_block(table, index)
    if block is not None:
        if plate is not None and block.columns != plate.columns:
            raise ReaderError(
                f"envision: the table has {block.columns} columns, its plate {plate.columns}",
                table.at(index),
                "Was a column deleted? Export the file again.",
            )
        _keep(section, title, put_block(block, "envision", table))
        return block.end
    if cell(row, 0) == "Well":
        return _list(table, index, end, section)
    if _may_be_bare(row):
        stop = index
        while stop < end and _may_be_bare(table.rows[stop]):
            stop += 1
        _keep(section, title, _bare(table, index, stop, plate, section.delimited))
        return stop
    return index


def _keep(section: Section, title: str, cells: WellCells) -> None:
    """Raw data are what a title calls results or signal, and what has no title."""
    if title.startswith("Saturated"):
        marked = {well: text for well, text in cells.cells.items() if text != "-"}
        section.saturated.update(marked)
    elif not title.startswith("Measurement time"):
        data = Data(title, [cells], title.startswith(_RAW) or not title)
        # EnSpire prints the signal and, worked out from it, the result of the same label.
        signal = next((each for each in section.data if each.title.startswith("Signal")), None)
        if signal and title.startswith("Results") and signal.label == data.label:
            data.raw = False
        section.data.append(data)


def _may_be_bare(row: Row) -> bool:
    """Numbers and empty cells, and nothing else; a line without separators is no row."""
    return len(row) > 2 and all(map(_is_value, row))


def _is_value(text: str) -> bool:
    return not text or parse_number(text) is not None or parse_number(text, ",") is not None


def _bare(
    table: Table, start: int, stop: int, plate: PlateFormat | None, delimited: bool
) -> WellCells:
    """Rows without heads stand for all rows of the plate; only its type tells how many."""
    rows = plate.rows if plate else 0
    if stop - start > rows:
        # A file that Excel saved again has separators in its empty lines too.
        while stop > start and is_blank(table.rows[stop - 1]):
            stop -= 1
        while start < stop and is_blank(table.rows[start]):
            start += 1
    if plate is None or stop - start != rows:
        wanted = str(rows) if plate else "the number of rows under 'Plate type'"
        raise ReaderError(
            f"envision: found {stop - start} rows without letters, expected {wanted}",
            table.at(min(start, len(table.rows) - 1)),
            "Nothing else tells which wells these are. Was the export cut short?",
        )
    found = WellCells()
    for letter, index in enumerate(range(start, stop)):
        row = table.rows[index]
        if len(row) < plate.columns + delimited or any(row[plate.columns :]):
            raise ReaderError(
                f"envision: a row without a letter has {len(row)} cells, expected "
                f"{plate.columns + delimited}",
                table.at(index),
                "Was the export cut short or edited?",
            )
        for column, text in enumerate(row[: plate.columns]):
            if text:
                found.cells[Well(letter, column)] = text
    return found


def _list(table: Table, header: int, end: int, section: Section) -> int:
    """``Well, Sample, MeasB:WavelengthExc, MeasB:Result``: a line per well and wavelength."""
    names = table.rows[header]
    fields: dict[str, dict[str, int]] = {}
    for i, name in enumerate(names):
        if found := _COLUMN.fullmatch(name):
            fields.setdefault(found[1], {})[found[2].lower()] = i
    reads: dict[str, dict[tuple[str, str], WellCells]] = {name: {} for name in fields}
    index = header + 1
    while index < end and is_well_name(cell(table.rows[index], 0)):
        row = table.rows[index]
        well = Well.parse(row[0])
        for name, own in fields.items():
            value = own.get("result", own.get("signal", -1))
            if not cell(row, value):
                continue
            wave, time = _wave(row, own), cell(row, own.get("time", -1))
            series = reads[name].setdefault(
                (wave, time),
                WellCells(wave=wave, time_s=parse_duration(time) if time else math.nan),
            )
            series.put(well, row[value], table.at(index, value))
        index += 1
    section.data += [
        Data("", list(found.values()), read=name) for name, found in reads.items() if found
    ]
    return index


def _wave(row: Row, fields: dict[str, int]) -> str:
    excitation = cell(row, fields.get("wavelengthexc", -1))
    emission = cell(row, fields.get("wavelengthems", -1))
    if excitation or emission:
        return f"{excitation}:{emission}"
    return cell(row, fields.get("wavelength", -1))
