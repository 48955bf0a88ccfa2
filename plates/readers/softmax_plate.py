"""The ``Plate:`` section of a SoftMax Pro export: a header line by position, then values.

The header's positions follow three keywords: the format (``PlateFormat``: one
line per plate row; ``TimeFormat``: one column per well), the kind of read and
``Raw``, ``Reduced`` or ``Both``; versions differ in what stands between them.
Raw values come first, one group of lines per time, wavelength or both; several
wavelengths stand side by side or below one another. A repeated header line
opens the reduced values, which are results and not reads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plates.errors import ReaderError
from plates.grid import parse_cell, parse_number, parse_time
from plates.plateread import PlateRead, PrintedResult
from plates.readers.softmax_header import Spec, read_spec
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name, row_letters

Run = tuple[tuple[int, Well], ...]
"""Columns of one wavelength: index in the line, and the well (row 0 in PlateFormat)."""


@dataclass(slots=True)
class Group:
    """The lines of one time or wavelength: a plate, or several side by side."""

    table_row: int
    key: str
    """What stands in the first cell: a time or a wavelength."""
    degrees: float
    lines: dict[int, Row]
    """By plate row; row 0 holds all wells in TimeFormat."""


@dataclass(slots=True)
class Section:
    """One plate section."""

    name: str
    spec: Spec
    table: Table
    mark: str
    runs: list[Run] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    reduced: Group | None = None

    @property
    def has_values(self) -> bool:
        """Whether anything was read."""
        return bool(self.groups)

    def fill(self, group: Group, run: Run) -> tuple[NDArray[np.float64], dict[Well, str]]:
        """Values and flags of one wavelength of a group."""
        values = np.full((self.spec.format.rows, self.spec.format.columns), np.nan)
        flags: dict[Well, str] = {}
        for plate_row, line in group.lines.items():
            for index, place in run:
                value, flag = parse_cell(cell(line, index), self.mark)
                well = Well(place.row + plate_row, place.column)
                values[well.row, well.column] = value
                if flag:
                    flags[well] = flag
        return values, flags

    def printed(self, number: int) -> Iterator[PrintedResult]:
        """The reduced values, where raw ones are there as well."""
        if self.reduced is None or self.spec.reduced_only:
            return
        values, flags = self.fill(self.reduced, self.runs[0])
        for well in self.spec.format.wells():
            value = float(values[well.row, well.column])
            if well in flags or not math.isnan(value):
                yield PrintedResult(number, well, "reduced", value, flags.get(well, ""))


def read_section(table: Table, start: int, end: int, mark: str) -> Section:
    """Read the section between its ``Plate:`` line and its end.

    Raises
    ------
    ReaderError
        When lines, wells or reads are missing.
    """
    spec = read_spec(table, start)
    section = Section(spec.name, spec, table, mark)
    header = start + 1
    while header < end and is_blank(table.rows[header]):
        header += 1
    section.runs = _runs(table, header, end, spec)
    at = header + 1
    last = max(index for run in section.runs for index, place in run if _declared(place, spec))
    while at < end:
        row = table.rows[at]
        if is_blank(row) and not _unread_row(row, table.rows[header], table, end):
            at += 1
        elif _is_header(row, table.rows[header], section.runs[0]):
            section.reduced = _reduced(table, at, end, spec)
            break
        else:
            group, at = _group(section, at, end, last)
            if any(
                cell(line, i) for line in group.lines.values() for r in section.runs for i, _ in r
            ):
                section.groups.append(group)
    _check_count(section, table, end)
    return section


def _runs(table: Table, header: int, end: int, spec: Spec) -> list[Run]:
    """Columns of each wavelength, from the line that names them."""
    runs: list[Run] = []
    current: list[tuple[int, Well]] = []
    row = table.rows[header] if header < end else ()
    for index, text in enumerate((*row[2:], ""), 2):
        if spec.by_time and is_well_name(text):
            well = Well.parse(text)
        elif not spec.by_time and text.isdecimal() and int(text) > 0:
            well = Well(0, int(text) - 1)
        else:
            runs += [tuple(current)] if current else []
            current = []
            continue
        if well not in spec.format:
            raise ReaderError(
                f"softmax: {text!r} leaves a {spec.format.size}-well plate", table.at(header)
            )
        if current and well.column <= current[-1][1].column and not spec.by_time:
            runs.append(tuple(current))
            current = []
        current.append((index, well))
    if not runs or not any(_declared(place, spec) for run in runs for _, place in run):
        raise ReaderError(
            "softmax: expected a line with the columns of the plate, found none",
            table.at(min(header, len(table.rows) - 1)),
            "Was the export cut short?",
        )
    return runs


def _declared(place: Well, spec: Spec) -> bool:
    columns = spec.first_column <= place.column < spec.first_column + spec.columns
    rows = spec.first_row <= place.row < spec.first_row + spec.rows
    return columns and (rows or not spec.by_time)


def _is_header(row: Row, header: Row, run: Run) -> bool:
    return all(cell(row, index) == header[index] for index, _ in run[:12])


def _unread_row(row: Row, header: Row, table: Table, end: int) -> bool:
    """Whether a blank line is a plate row that was not read, written as tabs only.

    Files that went through a spreadsheet have every line padded with tabs, so
    there nothing can be told; the closing ``~End`` shows the padding.
    """
    padded = end < len(table.rows) and len(table.rows[end]) > 2
    return not padded and len(row) >= len([text for text in header if text]) > 3


def _group(section: Section, at: int, end: int, last: int) -> tuple[Group, int]:
    """Read the lines of one group; returns it and the row after it."""
    spec, table = section.spec, section.table
    header_row = table.rows[at]
    lines: dict[int, Row] = {}
    first = at
    if spec.by_time:
        lines[0] = _whole(table, at, last, "")
        at += 1
    else:
        blanks = 0
        while at < end and is_blank(table.rows[at]):
            blanks += 1
            at += 1
        if at == end:
            return Group(first, "", math.nan, {}), at
        top = blanks or spec.first_row
        bottom = max(spec.first_row + spec.rows, top + 1) if top == spec.first_row else 0
        for plate_row in range(top, bottom or spec.format.rows):
            row = table.rows[at] if at < end else ()
            if is_blank(row) and len(row) <= 3:
                if not bottom or not any(any(line[2:]) for line in lines.values()):
                    break
                raise ReaderError(
                    f"softmax: row {row_letters(plate_row)} of plate {spec.name!r} is missing",
                    table.at(min(at, len(table.rows) - 1)),
                    "Was the export cut short?",
                )
            lines[plate_row] = _whole(table, at, last, row_letters(plate_row))
            at += 1
        while at < end and is_blank(table.rows[at]) and len(table.rows[at]) > 3:
            at += 1
        header_row = next(iter(lines.values()), header_row)
    keyed = [row for row in (table.rows[first], header_row) if cell(row, 0) or cell(row, 1)]
    key, degrees = (cell(keyed[0], 0), cell(keyed[0], 1)) if keyed else ("", "")
    number = parse_number(degrees, section.mark)
    return Group(first, key, math.nan if number is None else number, lines), at


def _whole(table: Table, at: int, last: int, letter: str) -> Row:
    row = table.rows[at]
    if len(row) <= last:
        place = f"row {letter}" if letter else "the line"
        raise ReaderError(
            f"softmax: {place} holds {max(len(row) - 2, 0)} readings, expected {last - 1}",
            table.at(at),
            "Was the export cut short?",
        )
    return row


def _reduced(table: Table, header: int, end: int, spec: Spec) -> Group:
    lines: dict[int, Row] = {}
    for plate_row in range(1 if spec.by_time else spec.format.rows):
        row = table.rows[header + 1 + plate_row] if header + 1 + plate_row < end else ()
        if len(row) < 3:
            break
        lines[plate_row] = row
    return Group(header, "", math.nan, lines)


def _check_count(section: Section, table: Table, end: int) -> None:
    """As many times and wavelengths must be there as the header announces."""
    spec, found = section.spec, len(section.groups)
    side_by_side = len(section.runs)
    expected = float(spec.points)
    if spec.kind != "spectrum":
        expected = spec.points * max(len(spec.waves), 1) / side_by_side
    if not found or spec.reduced_only or spec.kind == "well scan" or found == expected:
        return
    what = "wavelengths" if spec.kind in ("spectrum", "endpoint") else "reads"
    raise ReaderError(
        f"softmax: plate {spec.name!r} announces {expected:g} {what}, found {found}",
        table.at(min(end, len(table.rows) - 1)),
        "Was the export cut short?",
    )


def build_reads(section: Section, label: str, number: int) -> list[PlateRead]:
    """Turn the groups of a section into reads, numbered by wavelength."""
    spec = section.spec
    reads: list[PlateRead] = []
    for count, group in enumerate(section.groups):
        for side, run in enumerate(section.runs):
            order = side if len(section.runs) > 1 else count % max(len(spec.waves), 1)
            wave = spec.waves[order] if order < len(spec.waves) else ""
            name, seconds = str(order + 1), math.nan
            if spec.reduced_only:
                name, wave = "reduced", ""
            elif spec.kind == "spectrum":
                name, wave = "1", _spectral(group, spec, section)
            elif spec.kind == "kinetic":
                seconds = _seconds(group, section)
            elif spec.kind == "well scan":
                name = f"{order + 1}:p{count // max(len(spec.waves), 1) + 1}"
            values, flags = section.fill(group, run)
            place = (spec.format, spec.mode, wave, values, flags, seconds, group.degrees)
            reads.append(PlateRead(label, number, name, *place))
    return reads


def _spectral(group: Group, spec: Spec, section: Section) -> str:
    number = parse_number(group.key, section.mark)
    if number is None:
        raise ReaderError(
            f"softmax: expected a wavelength, found {group.key!r}",
            section.table.at(group.table_row),
        )
    return f"{spec.fixed}{number:g}"


def _seconds(group: Group, section: Section) -> float:
    seconds = parse_time(group.key)
    number = parse_number(group.key, section.mark)
    if math.isnan(seconds) and number is None:
        raise ReaderError(
            f"softmax: expected a time, found {group.key!r}", section.table.at(group.table_row)
        )
    return seconds if number is None else number
