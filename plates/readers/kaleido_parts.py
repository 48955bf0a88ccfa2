"""The parts of a Kaleido export: blocks of results, then what was done, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import Block, read_block
from plates.table import Row, Table, cell, is_blank

BLOCK = re.compile(r"Results? for (.+)")
_PAIR = re.compile(r"(Barcode|PlateRepeat|WellRepeat|Repeat|Loop\w*)\s*:\s*(.*)")
INFORMATION = ("Measurement Basic Information", "Measurement Information")
_WAVES = {
    "Excitation wavelength [nm]": "excitation",
    "Emission wavelength [nm]": "emission",
    "Exc. filter [nm]": "excitation",
    "Ems. filter [nm]": "emission",
}
WAVE = re.compile(r"\d{3,4}")


@dataclass(slots=True)
class Result:
    """One grid and what stands above it."""

    name: str
    table: Table
    grid: Block
    facts: dict[str, str]
    calculated: bool

    @property
    def barcode(self) -> str:
        """Label of the plate."""
        return self.facts.get("Barcode", "")

    @property
    def title(self) -> str:
        """Name of the measurement, with what was calculated from it."""
        parameter = self.facts.get("Analysis Parameter", "")
        return f"{self.name}: {parameter}" if parameter else self.name


@dataclass(slots=True)
class Parts:
    """The file, cut into its parts."""

    results: list[Result] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    waves: dict[str, dict[str, str]] = field(default_factory=dict)
    """Excitation and emission by name of the measurement."""
    plate_map: Block | None = None
    last: str = ""


def joined(table: Table) -> Table:
    """The table with plain spaces for no-break ones."""
    rows = tuple(tuple(" ".join(text.split()) for text in row) for row in table.rows)
    return Table(table.file, rows, table.sheet, table.first_line)


def walk(table: Table, found: Parts) -> None:
    """Add the blocks and the information of one sheet or text.

    Raises
    ------
    ReaderError
        When a block has no grid, or its heading does not say raw from calculated.
    """
    end = next(
        (i for i, row in enumerate(table.rows) if cell(row, 0) in INFORMATION), len(table.rows)
    )
    _results(table, end, found)
    operation: dict[int, str] = {}
    for index in range(end + 1, len(table.rows)):
        row = table.rows[index]
        if found.plate_map is None and not cell(row, 0) and _is_map(table, index):
            found.plate_map = read_block(table, index)
        else:
            operation = _fact(row, operation, found)
    last = next((row for row in reversed(table.rows) if any(row)), ())
    found.last = next((text for text in last if text), found.last)


def _results(table: Table, end: int, found: Parts) -> None:
    """Blocks up to the information; what follows ``Analysis Result`` was calculated."""
    name, opened = "", -1
    above: dict[str, str] = {}
    calculated = False
    index = 0
    while index < end:
        row = table.rows[index]
        first = cell(row, 0)
        opener = BLOCK.fullmatch(first)
        block = None if first or is_blank(row) else read_block(table, index)
        index = index + 1 if block is None else block.end
        if opener or first.startswith("Analysis Result"):
            _refuse_empty(table, name, opened)
            name, above, opened = (opener[1], {}, index - 1) if opener else ("", {}, -1)
            calculated = calculated or not opener
        elif block is not None:
            if not calculated and not (name and "Barcode" in above):
                raise ReaderError(
                    "kaleido: expected 'Result for' and a barcode above a grid, found none",
                    table.at(block.header),
                    "Was a line deleted?",
                )
            derived = calculated or bool(above.get("Analysis Parameter"))
            found.results.append(Result(name, table, block, dict(above), derived))
            opened = -1
        else:
            above |= _above(table, index - 1)
    _refuse_empty(table, name, opened)


def _refuse_empty(table: Table, name: str, opened: int) -> None:
    if opened >= 0:
        raise ReaderError(
            f"kaleido: expected a grid under 'Result for {name}', found none",
            table.at(opened),
            "Was the export cut short, or a line deleted?",
        )


def _is_map(table: Table, index: int) -> bool:
    """Whether a row is the header of the plate map."""
    titles = {cell(table.rows[at], 0) for at in range(max(index - 2, 0), index)}
    return "Platemap" in titles and read_block(table, index) is not None


def _above(table: Table, index: int) -> dict[str, str]:
    """Facts over a grid: ``Barcode: X`` in cells, or a header row over a row of values."""
    row = table.rows[index]
    pairs = {found[1]: found[2] for text in row if (found := _PAIR.fullmatch(text))}
    if pairs:
        return {key.removeprefix("Plate"): text for key, text in pairs.items()}
    if cell(row, 0) != "Barcode":
        return {}
    if "Analysis Parameter" not in row:
        raise ReaderError(
            "kaleido: expected a column 'Analysis Parameter', which tells raw from calculated",
            table.at(index),
            "Was a column deleted?",
        )
    below = table.rows[index + 1] if index + 1 < len(table.rows) else ()
    if below == row:
        return {}
    return {key: cell(below, i) for i, key in enumerate(row) if key}


def _fact(row: Row, operation: dict[int, str], found: Parts) -> dict[int, str]:
    """Keep one line of the information; returns the measurements it speaks of, by column."""
    key = cell(row, 0).rstrip(":")
    values = [text for text in row[1:] if text]
    if key in ("Operation", "Tech") and values:
        names = {column: text for column, text in enumerate(row) if column and text}
        for name in names.values():
            found.waves.setdefault(name, {})
        return names
    wave = next((ours for text, ours in _WAVES.items() if key.lower() == text.lower()), "")
    if wave and operation:
        for column, text in enumerate(row):
            if column in operation and (number := WAVE.search(text)):
                found.waves[operation[column]].setdefault(wave, number[0])
    elif key and values:
        found.facts.setdefault(key, values[0])
    return operation
