"""Tidy tables: one line per well and read, with a column of well names.

Such a file says nothing about the instrument, so it is taken only when every
column is known: wells, values, and what tells values apart or describes the
well. The table that ``assays read --csv`` writes is one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plates.errors import LabError, LayoutError, ReaderError
from plates.grid import decimal_mark, format_for, guess_mode, parse_cell, parse_number, parse_time
from plates.layout import Layout, Role, WellContent
from plates.plateread import MODES, Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.roles import role_of
from plates.source import Source
from plates.table import Row, Table, cell, is_blank
from plates.well import PlateFormat, Well, is_well_name
from plates.wellwise import one_nominal

_COLUMNS = {
    "plate": ("plate", "plate name", "plate id", "barcode"),
    "well": ("well", "wells", "well id", "well name", "well position", "position"),
    "mode": ("mode", "detection mode", "read mode"),
    "wavelength": ("wavelength nm", "wavelength", "wavelength (nm)"),
    "time": ("time s", "time", "time (s)", "seconds"),
    "flag": ("flag", "flags"),
    "read": ("read", "read number"),
    "analyte": ("analyte", "assay", "target"),
    "sample": ("sample", "sample name", "sample id", "name"),
    "role": ("role", "type", "content", "well type"),
    "nominal": ("nominal", "conc", "concentration", "nominal concentration"),
    "unit": ("unit", "units", "concentration unit"),
    "dilution": ("dilution factor", "dilution"),
    "replicate": ("replicate", "rep"),
}
_VALUES = {
    "value": "", "values": "", "signal": "", "reading": "", "response": "", "measurement": "",
    "od": "absorbance", "abs": "absorbance", "absorbance": "absorbance",
    "rfu": "fluorescence", "fluorescence": "fluorescence", "fi": "fluorescence",
    "rlu": "luminescence", "luminescence": "luminescence",
}  # fmt: skip
_WAVE = re.compile(r"(?:(od|a|abs|absorbance)[ _-]?)?(\d{3})(?: ?nm)?")


@dataclass(frozen=True, slots=True)
class _Heads:
    """Where the columns of one table stand."""

    table: Table
    row: int
    known: dict[str, int]
    values: tuple[tuple[int, str, str], ...]
    """Column, mode, wavelength of each column of values."""


@dataclass(slots=True)
class _Cells:
    """Values of one read while they are collected."""

    number: int
    analyte: str = ""
    values: dict[Well, tuple[float, str]] = field(default_factory=dict)


Key = tuple[str, str, str, str, float]
"""Plate, read, mode, wavelength, seconds."""


def recognise(source: Source) -> Recognition:
    """Look for a header with a well column, a value column and no unknown one."""
    try:
        heads = [_heads(table) for table in source.tables if any(map(any, table.rows))]
    except LabError as error:
        return Recognition(False, f"a tidy table of wells, but {error.message}")
    if not heads:
        return Recognition(False, "a tidy table of wells, but the file is blank")
    names = ", ".join(cell(heads[0].table.rows[heads[0].row], i) for i, *_ in heads[0].values)
    return Recognition(True, f"it is a table with a well column and the values {names}")


def read(source: Source) -> Export:
    """Read every line of the table.

    Raises
    ------
    ReaderError
        When a line is cut short, names no well, or repeats one.
    """
    reads: list[PlateRead] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    notes: list[str] = []
    layout: PlateFormat | None = None
    for table in source.tables:
        if not any(map(any, table.rows)):
            continue
        heads = _heads(table)
        columns = [index for index, *_ in heads.values]
        mark = decimal_mark(
            (cell(row, i) for row in table.rows[heads.row + 1 :] for i in columns), source.name
        )
        found = _collect(heads, mark)
        wells = {well for cells in found.values() for well in cells.values}
        if not wells:
            raise ReaderError("the table has no line with a well", table.at(heads.row))
        wells |= {well for plate, well in _contents(heads, mark, contents)}
        layout = _format(wells, table)
        reads += [_build(key, cells, layout) for key, cells in found.items()]
        for key, read in zip(found, reads[-len(found) :], strict=True):
            if not key[2]:
                notes.append(f"The file does not say what was measured; taken as {read.mode}.")
    return Export(
        software="tidy table",
        reader="plain_tidy",
        reads=tuple(reads),
        layout=Layout(layout, contents, source.name) if contents and layout else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _heads(table: Table) -> _Heads:
    at = next(index for index, row in enumerate(table.rows) if any(row))
    known: dict[str, int] = {}
    values: list[tuple[int, str, str]] = []
    for index, text in enumerate(table.rows[at]):
        plain = re.sub(r"[_\s]+", " ", text.lower()).strip()
        name = next((key for key, words in _COLUMNS.items() if plain in words), "")
        wave = _WAVE.fullmatch(plain)
        if name and name not in known:
            known[name] = index
        elif wave:
            values.append((index, "absorbance" if wave[1] else "", wave[2]))
        elif plain in _VALUES:
            values.append((index, _VALUES[plain], ""))
        elif plain:
            raise ReaderError(f"the column {text!r} is none it knows", table.at(at, index))
    if "well" not in known or not values:
        missing = "well" if "well" not in known else "value"
        raise ReaderError(f"it has no column {missing!r}", table.at(at))
    return _Heads(table, at, known, tuple(values))


def _collect(heads: _Heads, mark: str) -> dict[Key, _Cells]:
    """Values by read, in order of appearance; plates are counted as they come."""
    found: dict[Key, _Cells] = {}
    plates: dict[str, int] = {}
    width = max(index for index, *_ in heads.values) + 1
    for at, row in _lines(heads):
        if len(row) < min(width, heads.known["well"] + 1):
            raise ReaderError("the line is cut short", heads.table.at(at))
        plate = _get(row, heads, "plate")
        number = plates.setdefault(plate, len(plates) + 1)
        well = _well(row, heads, at)
        for count, (index, mode, wave) in enumerate(heads.values, 1):
            value, flag = parse_cell(cell(row, index), mark)
            flag = _get(row, heads, "flag") or flag
            analyte = _get(row, heads, "analyte")
            key = (
                plate,
                _get(row, heads, "read") or analyte or str(count),
                _mode(row, heads, at) or mode,
                _get(row, heads, "wavelength") or wave,
                _seconds(row, heads, at, mark),
            )
            cells = found.setdefault(key, _Cells(number, analyte))
            if cells.analyte != analyte:
                raise ReaderError(
                    f"the read {key[1]!r} has two analytes, {cells.analyte!r} and {analyte!r}",
                    heads.table.at(at),
                )
            if well in cells.values:
                raise ReaderError(
                    f"well {well} stands twice in one read",
                    heads.table.at(at),
                    "A column 'read', 'time_s' or 'plate' must tell the lines apart.",
                )
            cells.values[well] = (value, flag)
    return found


def _lines(heads: _Heads) -> list[tuple[int, Row]]:
    rows: Sequence[Row] = heads.table.rows
    return [(at, rows[at]) for at in range(heads.row + 1, len(rows)) if not is_blank(rows[at])]


def _get(row: Row, heads: _Heads, name: str) -> str:
    return cell(row, heads.known[name]) if name in heads.known else ""


def _well(row: Row, heads: _Heads, at: int) -> Well:
    text = _get(row, heads, "well")
    if not is_well_name(text):
        raise ReaderError(
            f"expected a well such as A1, found {text[:40]!r}",
            heads.table.at(at, heads.known["well"]),
        )
    return Well.parse(text)


def _mode(row: Row, heads: _Heads, at: int) -> str:
    text = _get(row, heads, "mode").lower()
    if text and text not in MODES:
        raise ReaderError(
            f"{text[:40]!r} is no mode", heads.table.at(at), f"Modes are {', '.join(MODES)}."
        )
    return text


def _seconds(row: Row, heads: _Heads, at: int, mark: str) -> float:
    text = _get(row, heads, "time")
    if not text:
        return math.nan
    seconds = parse_time(text)
    number = parse_number(text, mark)
    if number is None and math.isnan(seconds):
        raise ReaderError(
            f"expected a time in seconds or h:mm:ss, found {text[:40]!r}",
            heads.table.at(at, heads.known["time"]),
        )
    return seconds if number is None else number


def _contents(
    heads: _Heads, mark: str, contents: dict[tuple[str, Well], WellContent]
) -> list[tuple[str, Well]]:
    """Add what the table says about its wells; returns the places that it describes."""
    if "role" not in heads.known and "sample" not in heads.known:
        return []
    for at, row in _lines(heads):
        place = (_get(row, heads, "plate"), _well(row, heads, at))
        if place in contents and "analyte" not in heads.known:
            continue
        role = role_of(_get(row, heads, "role")) or role_of(_get(row, heads, "sample"))
        nominal = parse_number(_get(row, heads, "nominal"), mark)
        dilution = parse_number(_get(row, heads, "dilution"), mark)
        replicate = _get(row, heads, "replicate")
        own, unit = math.nan if nominal is None else nominal, _get(row, heads, "unit")
        nominals = dict(contents[place].nominals) if place in contents else {}
        if "analyte" in heads.known and nominal is not None:
            nominals[_get(row, heads, "analyte")] = (own, unit)
        own, unit = one_nominal(nominals) if nominals else (own, unit)
        contents[place] = WellContent(
            role or Role.SAMPLE,
            _get(row, heads, "sample"),
            nominal=own,
            unit=unit,
            nominals=nominals,
            dilution_factor=dilution if dilution is not None and dilution >= 1 else 1.0,
            replicate=int(replicate) if replicate.isdecimal() and len(replicate) < 6 else None,
        )
    return list(contents)


def _format(wells: set[Well], table: Table) -> PlateFormat:
    try:
        return format_for(
            max(well.row for well in wells) + 1, max(well.column for well in wells) + 1
        )
    except LayoutError as error:
        raise ReaderError(error.message, table.at(0)) from error


def _build(key: Key, cells: _Cells, layout: PlateFormat) -> PlateRead:
    plate, name, mode, wave, seconds = key
    values: NDArray[np.float64] = np.full((layout.rows, layout.columns), np.nan)
    for well, (value, _) in cells.values.items():
        values[well.row, well.column] = value
    flags = {well: flag for well, (_, flag) in cells.values.items() if flag}
    mode = mode or guess_mode(values)
    return PlateRead(
        plate, cells.number, name, layout, mode, wave, values, flags, seconds,
        analyte=cells.analyte,
    )  # fmt: skip


READER = PlateReader(
    name="plain_tidy",
    software="tidy table, one line per well (csv, text, xlsx, xls, ods)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods"),
    vendor=False,
    tested_on="the tables that `assays read --csv` writes of every sample above",
)
