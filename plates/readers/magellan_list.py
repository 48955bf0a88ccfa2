"""The list of a Magellan export: one line per well, one column per label, a footer of settings."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_cell, parse_number
from plates.plateread import PrintedResult
from plates.readers.tecan_measurement import Measurement
from plates.table import Row, Table, cell
from plates.well import Well, is_well_name
from plates.wellcells import parse_duration

_HEADING = "Well positions"
_RAW = re.compile(r"label\s*\d*|raw\s*data.*|meas(?:urement)?\s*\d+", re.I)
_NAMES = re.compile(r"layout|identifier|sample\s*id.*|samples?|replicate info.*", re.I)
_DEGREES = re.compile(r"([\d.,]+)\s*°\s*C")
_DATE = re.compile(r"Date:\s*(\S+?),?\s+Time:\s*(.+)", re.I)
_LABEL_TEMPERATURE = re.compile(r"Meas\. temperature:\s*([^:]+):\s*([\d.,]+)", re.I)


@dataclass(slots=True)
class Column:
    """One column of the list."""

    label: str
    raw: bool
    names: bool
    """Whether it says what is in the wells instead of what was read."""
    cells: dict[Well, str] = field(default_factory=dict)
    read: int = 1
    time_s: float = math.nan
    temperature_c: float = math.nan
    mode: str = ""
    wave: str = ""

    def printed(self, mark: str) -> Iterator[PrintedResult]:
        """The column as results of Magellan; names are no results."""
        for well, text in {} if self.names else self.cells.items():
            yield PrintedResult(1, well, self.label, *parse_cell(text, mark))


@dataclass(slots=True)
class Listed:
    """The list and its footer."""

    columns: list[Column]
    facts: dict[str, str]


def read_list(table: Table) -> Listed | None:
    """Read the list of a sheet; None when the sheet has none.

    Raises
    ------
    ReaderError
        When no column is raw data, a well stands twice, or the footer does not describe
        every label.
    """
    header = next((i for i, row in enumerate(table.rows[:10]) if _HEADING in row), None)
    if header is None:
        return None
    names = table.rows[header]
    at = names.index(_HEADING)
    columns = {
        i: Column(text, bool(_RAW.fullmatch(text)), bool(_NAMES.fullmatch(text)))
        for i, text in enumerate(names)
        if text and i != at
    }
    seen: set[Well] = set()
    index = header + 1
    while index < len(table.rows):
        row = table.rows[index]
        name = cell(row, at)
        if is_well_name(name):
            well = Well.parse(name)
            if well in seen:
                raise ReaderError(f"magellan: {well} stands twice in the list", table.at(index, at))
            seen.add(well)
            for i, column in columns.items():
                if cell(row, i):
                    column.cells[well] = row[i]
        elif seen and any(row):
            break
        elif not seen:
            _take_times(columns, row)
        index += 1
    found = [column for column in columns.values() if column.cells]
    if not any(column.raw for column in found):
        raise ReaderError(
            f"magellan: expected a column 'Label1' or 'Raw data' beside {_HEADING!r}",
            table.at(header, at),
            "Add the raw data to the export.",
        )
    footer = [text for row in table.rows[index:] for text in row if text]
    _number(found, footer, table.at(index - 1))
    return Listed(found, _facts(footer))


def _take_times(columns: dict[int, Column], row: Row) -> None:
    for i, column in columns.items():
        text = cell(row, i)
        if degrees := _DEGREES.fullmatch(text):
            column.temperature_c = parse_number(degrees[1], "," if "," in degrees[1] else ".") or (
                math.nan
            )
        elif text:
            column.time_s = parse_duration(text)


def _number(columns: list[Column], footer: list[str], where: str) -> None:
    """Number the reads by label, and give each its settings from the footer."""
    labels = list(dict.fromkeys(column.label for column in columns if column.raw))
    numbers = {label: number for number, label in enumerate(labels, 1)}
    counts = Counter(column.label for column in columns)
    settings = _measurements(footer)
    if len(settings) != len(labels):
        raise ReaderError(
            f"magellan: the list has {len(labels)} labels ({', '.join(labels)}), the footer "
            f"describes {len(settings)} measurements",
            where,
            "Was the export cut short? Add the measurement parameters to the export.",
        )
    for column in columns:
        if not column.raw:
            continue
        column.read = numbers[column.label]
        if counts[column.label] == 1:
            # One time for a label is the moment of an endpoint read, not a course.
            column.time_s = math.nan
        own = settings[column.read - 1]
        column.mode, column.wave = own.mode, own.wave
        if not own.wave and own.mode in ("absorbance", "fluorescence"):
            raise ReaderError(
                f"magellan: the footer gives no wavelength for {column.label!r} ({own.mode})",
                where,
                "Was the export cut short? Add the measurement parameters to the export.",
            )


def _measurements(footer: list[str]) -> list[Measurement]:
    """Settings in the order of the footer; each begins with its mode."""
    found: list[Measurement] = []
    for text in footer:
        name, _, value = text.partition(":")
        key, value = name.strip().lower(), value.strip()
        if key == "measurement mode":
            found.append(Measurement("", {"mode": value}))
        elif found and "wavelength" in key and value:
            found[-1].facts.setdefault(key, value.removesuffix("nm").strip())
    return found


def _facts(footer: list[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for text in footer:
        name, _, value = text.partition(":")
        value = value.strip()
        if date := _DATE.fullmatch(text):
            facts.setdefault("read_at", f"{date[1]} {date[2]}")
        elif name == "Plate definition file":
            facts.setdefault("plate_type", value)
        elif name == "Instrument serial number":
            facts.setdefault("serial_number", value)
        elif text.endswith((".wsp", ".mth")) and "\\" not in text:
            facts.setdefault("workspace", text)
    return facts
