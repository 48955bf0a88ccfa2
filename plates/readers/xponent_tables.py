"""The tables of an xPONENT batch: cut apart, and checked to be whole."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.source import Source
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name

_LOCATION = re.compile(r"(\d+)\s*\(\s*(\d+)\s*,\s*([A-Za-z]{1,2}\s*\d{1,2})\s*\)")
_AFTER = ("Total Events", "Notes", "")
"""Headings that end the columns of analytes."""


@dataclass(slots=True)
class Part:
    """One table: its header row and the rows below, by index in the file."""

    name: str
    start: int
    header: Row = ()
    rows: list[tuple[int, Row]] = field(default_factory=list)

    @property
    def analytes(self) -> tuple[str, ...]:
        """Headings after the first one or two, up to the total of events."""
        first = 2 if cell(self.header, 1) == "Sample" else 1
        names: list[str] = []
        for text in self.header[first:]:
            if text in _AFTER:
                break
            names.append(text)
        return tuple(names)

    @property
    def located(self) -> bool:
        """Whether each row is one well."""
        return cell(self.header, 0) == "Location"


def read_parts(source: Source) -> tuple[Table, dict[str, Row], list[Part]]:
    """The header facts and the tables of the sheet (or text) that holds them."""
    for table in source.tables:
        starts = [i for i, row in enumerate(table.rows) if cell(row, 0) == "DataType:"]
        if not starts:
            continue
        stray = [i for i, row in enumerate(table.rows[: starts[0]]) if cell(row, 0) == "Location"]
        if stray:
            raise ReaderError(
                "xponent: expected a line 'DataType:' above the table, found none",
                table.at(stray[0]),
                "Was a line deleted?",
            )
        facts = {
            row[0].rstrip(":"): tuple(text for text in row[1:])
            for row in reversed(table.rows[: starts[0]])
            if row and row[0] and any(row[1:])
        }
        return table, facts, [_part(table, *span) for span in _spans(table, starts)]
    raise ReaderError("xponent: expected tables that begin with 'DataType:'", source.name)


def _spans(table: Table, starts: list[int]) -> list[tuple[int, int]]:
    ends = [i for i, row in enumerate(table.rows) if cell(row, 0).startswith("-- CRC")]
    last = ends[0] if ends else len(table.rows)
    return list(zip(starts, [*starts[1:], last], strict=False))


def _part(table: Table, start: int, end: int) -> Part:
    part = Part(cell(table.rows[start], 1), start)
    for index in range(start + 1, end):
        row = table.rows[index]
        if is_blank(row):
            continue
        if not part.header:
            part.header = row
        # Some files repeat the header; a repeated one says nothing new.
        elif row[0] != part.header[0] or not part.located:
            part.rows.append((index, row))
    return part


def check_whole(table: Table, facts: dict[str, Row], parts: list[Part], raw: Part) -> list[str]:
    """Check that lines are full, and that all tables list the same wells.

    Returns
    -------
    list of str
        Notes on what may be missing.

    Raises
    ------
    ReaderError
        When a line is cut off, tables disagree, or nothing shows that the file is whole.
    """
    notes: list[str] = []
    total = raw.header.index("Total Events") if "Total Events" in raw.header else 0
    for index, row in raw.rows:
        short = len(row) < 2 + len(raw.analytes) and table.sheet is None
        # The total of events stands under its heading, or the line is shifted.
        if short or (total and not cell(row, total).isdecimal()):
            raise ReaderError(
                f"xponent: expected {len(raw.header)} cells and the total of events under its "
                f"heading, found {len(row)} cells",
                table.at(index, total),
                "Was the export cut short, or a column deleted?",
            )
    named = [i for i, name in enumerate(raw.header) if name]
    gap = next((i for i in range(named[-1]) if not raw.header[i]), None)
    if gap is not None:
        raise ReaderError(
            f"xponent: column {gap + 1} of the table {raw.name!r} has no heading",
            table.at(raw.start + 1, gap),
            "Nothing tells which analyte it is. Was the file edited?",
        )
    own = [cell(row, 0) for _, row in raw.rows]
    others = [part for part in parts if part.located and part.name in ("Count", "Net MFI", "Mean")]
    for part in others:
        there = [cell(row, 0) for _, row in part.rows]
        both = set(own) & set(there)
        missing = [name for name in (*there, *own) if name not in both]
        if missing:
            raise ReaderError(
                f"xponent: the tables {raw.name!r} and {part.name!r} list different wells, "
                f"first {missing[0]!r}",
                table.at(part.start),
                "Was the export cut short, or a line deleted?",
            )
    if not any(cell(row, 0).startswith("-- CRC") for row in table.rows[parts[-1].start :]):
        if not [part for part in others if part is not raw]:
            raise ReaderError(
                "xponent: the file ends without its check sum, and without a table to compare with",
                table.at(len(table.rows) - 1),
                "Was the export cut short?",
            )
        notes.append("The file ends without its check sum line; its last tables may be missing.")
    declared = cell(facts.get("Samples", ()), 0)
    if declared.isdecimal() and int(declared) > len(own):
        notes.append(f"The header announces {declared} samples, the file has {len(own)} wells.")
    if raw.name != "Median":
        notes.append(f"The file has no medians; the table {raw.name!r} is taken as the signal.")
    return notes


def location_of(table: Table, index: int, row: Row) -> tuple[int, Well]:
    """Number of the plate and well of a location such as ``3(1,C1)``."""
    found = _LOCATION.fullmatch(cell(row, 0))
    if found is None or not is_well_name(found[3]):
        raise ReaderError(
            f"xponent: expected a location such as 1(1,A1), found {cell(row, 0)!r}",
            table.at(index),
        )
    return int(found[2]), Well.parse(found[3])


def distinct(analytes: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    """Names of analytes; a repeated one gets its place behind it."""
    counts = Counter(analytes)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        notes.append(f"The analyte {twice[0]!r} has more than one column; they are numbered.")
    seen: Counter[str] = Counter()
    names: list[str] = []
    for name in analytes:
        seen[name] += 1
        names.append(f"{name} [{seen[name]}]" if counts[name] > 1 else name)
    return tuple(names)
