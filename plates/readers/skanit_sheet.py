"""The sheet of one SkanIt step: grids by wavelength and plate, tables of readings, lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_cell, parse_number, read_block, row_of
from plates.plateread import PrintedResult
from plates.table import Row, Table, cell, is_blank
from plates.well import Well, is_well_name
from plates.wellcells import WellCells, parse_duration, put_block, well_and_text, wells_in

_MEASURED = (
    ("absorbance", re.compile(r"absorb|photometr", re.I)),
    ("fluorescence", re.compile(r"fluor|trf|time.resolved|fret", re.I)),
    ("luminescence", re.compile(r"lumin|alpha", re.I)),
)
_CORNERS = {"abs": "absorbance", "od": "absorbance", "rfu": "fluorescence", "rlu": "luminescence"}
_NM = re.compile(r"(\d{3,4}(?:\.\d+)?)\s*(?:/\s*\d+\s*)?nm", re.I)
_WAVE = re.compile(r"wavelength|excitation|emission|filter", re.I)
_PLATE = re.compile(r"plate\b.*", re.I)
_VAGUE = ("value", "signal", "result")
MOST_CELLS = 5_000_000
"""Most cells that reads with a time for each well may fill; else a cycle has one time."""


@dataclass(slots=True)
class Block:
    """A grid, a table of readings or a list of one plate at one wavelength."""

    plate: str
    title: str
    """Title of the step: ``Absorbance 1``."""
    corner: str
    mode: str
    wave: str
    where: str
    series: list[WellCells]
    rows: int
    columns: int
    is_grid: bool = True
    lines: int = 0
    """Rows that a grid really has."""
    own_times: bool = False
    """Whether every well has its own time, so that a read holds some wells only."""
    counted: bool = False
    """Whether readings are only counted, without a time."""
    notes: list[str] = field(default_factory=list)

    @property
    def is_names(self) -> bool:
        """Whether the grid names the samples."""
        return self.corner.lower() == "sample"

    @property
    def raw(self) -> bool:
        """Whether the step measured; a calculation has another title or another corner."""
        measured = any(words.match(self.title) for _, words in _MEASURED)
        plain = self.corner.lower() in _CORNERS
        return plain or (measured and (not self.is_grid or self.corner.lower() in ("", "raw")))

    def printed(self, plate: int, mark: str) -> Iterator[PrintedResult]:
        """The cells as results of SkanIt; a course over time has no place there."""
        vague = self.corner.lower() in _VAGUE
        name = f"{self.title}: {self.corner}" if vague else self.corner
        for well, text in self.series[0].cells.items() if len(self.series) == 1 else ():
            yield PrintedResult(plate, well, name, *parse_cell(text, mark))


def read_step(table: Table) -> list[Block]:
    """Read the blocks of a sheet that begins ``Measurement results``.

    Raises
    ------
    ReaderError
        When a row or a well stands twice in a block.
    """
    blocks: list[Block] = []
    title = plate = ""
    waves: list[str] = []
    fresh = False
    index = 1
    while index < len(table.rows):
        row = table.rows[index]
        block = None if is_blank(row) else read_block(table, index)
        if block is not None:
            letters = [line.letter for line in block.lines]
            corner = block.corner
            own = Block(
                plate, title, corner, _mode(title, corner), ":".join(waves[:2]), table.at(index),
                [put_block(block, "skanit", table)], max(letters) + 1, block.columns,
                lines=len(set(letters)),
            )  # fmt: skip
            blocks.append(own)
            index, fresh = block.end, False
            continue
        if wells_in(row, 1) and not is_well_name(cell(row, 0)):
            found, index = _readings(table, index, title, plate, ":".join(waves[:2]))
            blocks += [found] if found.series else []
            fresh = False
            continue
        first = cell(row, 0)
        if (
            row_of(first) is not None
            and sum(parse_number(text) is not None for text in row[1:]) > 1
        ):
            raise ReaderError(
                f"skanit: expected column numbers over row {first}, found none",
                table.at(index),
                "Was a line deleted? Export the session again.",
            )
        # What people type to the right of a sheet does not belong to its lines.
        if first and not any(row[1:4]):
            if _WAVE.search(first) and ":" in first:
                waves = [*waves, *_nm(first)] if fresh else _nm(first)
                fresh = True
            elif _PLATE.fullmatch(first) and index > 3:
                plate = first
            elif index > 2 and not title and not first.startswith("Autoloading"):
                title = first
        index += 1
    return blocks


def _nm(text: str) -> list[str]:
    """Wavelengths of a line; ``0 nm`` stands for none."""
    return [f"{float(wave):g}" for wave in _NM.findall(text) if 180 <= float(wave) <= 1400]


def _mode(title: str, corner: str) -> str:
    known = _CORNERS.get(corner.lower(), "")
    return known or next((mode for mode, words in _MEASURED if words.match(title)), "absorbance")


def _readings(table: Table, header: int, title: str, plate: str, wave: str) -> tuple[Block, int]:
    """``Reading, [time], A01, A02 …``: a row per reading, or per wavelength of a spectrum."""
    names = table.rows[header]
    wells = wells_in(names, 1)
    spectrum = "wavelength" in names[0].lower()
    before = range(min(wells))
    time = next((i for i in before if "time" in names[i].lower()), -1)
    warm = next((i for i in before if "temp" in names[i].lower()), -1)
    series: list[WellCells] = []
    index = header + 1
    while index < len(table.rows) and parse_number(cell(table.rows[index], 0)) is not None:
        row = table.rows[index]
        own = WellCells(dict(well_and_text(row, wells)))
        if spectrum:
            own.wave = row[0]
        elif time >= 0 and cell(row, time):
            own.time_s = parse_duration(cell(row, time), names[time])
        own.temperature_c = _number(row, warm)
        if own.cells:
            series.append(own)
        index += 1
    title = title or cell(table.rows[0], 0).partition("results")[2].strip()
    if not any(words.match(title) for _, words in _MEASURED):
        # The Multiskan Sky names the sheet after what it measured, not the step.
        title = table.sheet or title
    block = Block(
        plate, title, "", _mode(title, ""), wave, table.at(header), series,
        max(well.row for well in wells.values()) + 1,
        max(well.column for well in wells.values()) + 1,
        is_grid=False, counted=not spectrum and time < 0,
    )  # fmt: skip
    return block, index


def _number(row: Row, column: int) -> float:
    number = parse_number(cell(row, column)) if column >= 0 else None
    return math.nan if number is None else number


def read_raw_list(table: Table) -> Block | None:
    """Read a sheet ``Raw data``: one line per well and reading; None when it is none.

    Each well has its own time, so a read holds the wells of one time.

    Raises
    ------
    ReaderError
        When a line names no well.
    """
    if not table.rows or not cell(table.rows[0], 0).startswith("Raw data"):
        return None
    header = next((i for i, row in enumerate(table.rows[:10]) if cell(row, 0) == "Well"), None)
    if header is None:
        return None
    names = [text.lower() for text in table.rows[header]]
    value = next((i for i, text in enumerate(names) if text.startswith("raw")), -1)
    wave = next((i for i, text in enumerate(names) if "wavelength" in text), -1)
    time = next((i for i, text in enumerate(names) if "time" in text), -1)
    if value < 0:
        return None
    lines: list[tuple[Well, str, float, str]] = []
    for index in range(header + 1, len(table.rows)):
        row = table.rows[index]
        if is_blank(row):
            continue
        if not is_well_name(cell(row, 0)):
            raise ReaderError(
                f"skanit: expected a well such as 'A 2', found {cell(row, 0)[:40]!r}",
                table.at(index, 0),
            )
        seconds = parse_duration(cell(row, time), names[time]) if time >= 0 else math.nan
        lines.append((Well.parse(row[0]), cell(row, wave), seconds, cell(row, value)))
    rows = max((well.row for well, *_ in lines), default=0) + 1
    columns = max((well.column for well, *_ in lines), default=0) + 1
    mode = next((mode for mode, words in _MEASURED if words.search(names[value])), "absorbance")
    block = Block(
        "", table.sheet or "", "", mode, "", table.at(header), [], rows, columns, is_grid=False
    )
    _group(block, lines, rows * columns)
    return block if block.series else None


def _group(block: Block, lines: list[tuple[Well, str, float, str]], size: int) -> None:
    """Put lines of one wavelength and time together; of one cycle where times are too many."""
    single = len({seconds for _, _, seconds, _ in lines if not math.isnan(seconds)}) <= 1
    exact = len({(wave, seconds) for _, wave, seconds, _ in lines}) * size <= MOST_CELLS
    cycles: dict[tuple[Well, str], int] = {}
    found: dict[tuple[str, str], WellCells] = {}
    for well, wave, seconds, text in lines:
        cycle = cycles[well, wave] = cycles.get((well, wave), -1) + 1
        moment = math.nan if single else seconds
        key = (wave, str(moment) if exact else f"cycle {cycle}")
        own = found.setdefault(key, WellCells(time_s=moment, wave=wave))
        own.put(well, text, block.where)
    block.series = list(found.values())
    if not exact:
        block.notes.append("A cycle has the time of its first well; the file has one per well.")
    elif len(block.series) > 1 and not single:
        block.own_times = True
        block.notes.append("Every well has its own time: wells of one time make one read.")
