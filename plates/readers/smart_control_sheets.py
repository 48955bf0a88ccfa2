"""The sheets of a SMART Control workbook: grids under titles, or one table, to one fact."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_number, read_block, well_columns
from plates.plateread import MODES
from plates.table import Table, cell
from plates.well import Well

_TITLE = re.compile(r"\d+\.\s+(\S.*)")
RAW = re.compile(r"Raw Data\s*\((.*)\)")

Texts = dict[Well, str]


@dataclass(slots=True)
class Test:
    """One plate: what its sheets say, by title and time."""

    where: str
    facts: dict[str, str] = field(default_factory=dict)
    mode: str = ""
    hints: list[str] = field(default_factory=list)
    columns: dict[tuple[str, float], Texts] = field(default_factory=dict)

    def put(self, name: str, time_s: float, texts: Texts, where: str) -> None:
        """Keep the numbers of a title; the second sheet must agree with the first."""
        known = self.columns.setdefault((name, time_s), texts)
        other = [well for well, text in texts.items() if known.get(well, text) != text]
        if other and RAW.fullmatch(name):
            raise ReaderError(
                f"smart_control: {name!r} of {other[0]} is {known[other[0]]} on one sheet and "
                f"{texts[other[0]]} on another",
                where,
                "Was the workbook edited?",
            )
        known.update(texts)


def read_sheet(table: Table, tests: dict[str, Test]) -> None:
    """Add one sheet to the test that its head names."""
    facts: dict[str, str] = {}
    mode = ""
    for row in table.rows[:20]:
        key, colon, rest = cell(row, 0).partition(":")
        if colon and not any(row[1:]):
            facts.setdefault(key, rest.strip())
        mode = mode or next((m for m in MODES if cell(row, 0).lower().startswith(m)), "")
    if "Test ID" not in facts:
        return
    test = tests.setdefault(facts["Test ID"], Test(table.at(0), facts))
    test.mode = test.mode or mode
    index = 0
    while index < len(table.rows):
        row = table.rows[index]
        index += 1
        title = _TITLE.fullmatch(next((text for text in row if text), ""))
        if title and index < len(table.rows):
            index = _grid(table, index, title[1], test)
        elif cell(row, 0) == "Well" and well_columns(row, 1):
            _table(table, index - 1, test)
            return
        elif cell(row, 0) == "Microplate name:":
            test.hints.append(cell(row, 1))


def _grid(table: Table, index: int, title: str, test: Test) -> int:
    """Read the grid under a title; returns the row after it."""
    block = read_block(table, index)
    if block is None:
        return index
    test.hints += [text for text in table.rows[index] if text.startswith("Plate:")]
    texts = {
        Well(line.letter, column): text
        for line in block.lines
        for column, text in enumerate(line.cells)
        if text
    }
    test.put("Content" if title == "Layout" else title, math.nan, texts, table.at(index))
    return block.end


def _table(table: Table, index: int, test: Test) -> None:
    """Read the lines under ``Well``; a kinetic table has a column of times."""
    wells = {i: Well.parse(text) for i, text in well_columns(table.rows[index], 1).items()}
    first = min(wells)
    below = table.rows[index + 1 : index + 4]
    timed = any(cell(row, first - 1).startswith("Time") for row in below if first > 1)
    for at in range(index + 1, len(table.rows)):
        row = table.rows[at]
        name = cell(row, 0)
        texts = {well: cell(row, column) for column, well in wells.items() if cell(row, column)}
        if not name or not texts:
            continue
        time_s = parse_number(cell(row, first - 1)) if timed else None
        test.put(name, math.nan if time_s is None else time_s, texts, table.at(at))
