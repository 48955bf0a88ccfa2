"""Plain grids: column numbers over row letters, in csv, tab text or a workbook.

A grid without these headings is taken when it is exactly a plate, and told.

Such a file says nothing about the instrument, so it is taken only when it
holds grids of numbers and nothing else but a title above each: a wavelength, a
mode or the name of the plate. A grid titled as a layout (``role``, ``conc``)
is not a measurement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plates.bare_block import read_bare_block
from plates.errors import LabError, LayoutError, ReaderError
from plates.grid import Block, decimal_mark, fill, format_for, guess_mode, read_block
from plates.plateread import Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.source import Source
from plates.table import Table, is_blank
from plates.well import row_letters

_WAVE = re.compile(
    r"(?:.*?[^\d])?(\d{3})(?:\s*[:/,]\s*(\d{3}))?\s*(?:nm)?", re.IGNORECASE | re.DOTALL
)
_MODES = (("absorbance", r"abs|^od|^a\d{3}|^\d{3}\s*(nm)?$"), ("luminescence", r"lum|rlu"),
          ("fluorescence", r"fluo|rfu|\d{3}\s*[:/,]\s*\d{3}"))  # fmt: skip
_LAYOUT = re.compile(
    r"role|type|content|sample|name|nominal|conc|dose|unit|dilut|repl|treat|donor|stimul|inhib"
    r"|vehicle|density|label|group",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Grid:
    table: Table
    title: str
    block: Block
    bare: bool = False
    """Without column numbers or row letters: its shape alone says which well is which."""


def recognise(source: Source) -> Recognition:
    """Look for grids of numbers and nothing else."""
    try:
        found = _grids(source)
    except LabError as error:
        return Recognition(False, f"plain grids and nothing else, but {error.message}")
    return Recognition(True, f"it holds {len(found)} plain grids of numbers and nothing else")


def read(source: Source) -> Export:
    """Read every grid: a sheet is a plate, further grids of a sheet are further reads.

    Raises
    ------
    ReaderError
        When the file holds something else, or a row has too few readings.
    """
    grids = _grids(source)
    mark = decimal_mark(
        (text for grid in grids for line in grid.block.lines for text in line.cells), source.name
    )
    reads: list[PlateRead] = []
    notes: list[str] = []
    numbers: dict[str, int] = {}
    counts: dict[str, int] = {}
    for grid in grids:
        plate = _plate(grid)
        number = numbers.setdefault(plate, len(numbers) + 1)
        counts[plate] = counts.get(plate, 0) + 1
        reads.append(_read(grid, plate, number, counts[plate], mark, notes))
    return Export(
        software="plain grid",
        reader="plain_grid",
        reads=tuple(reads),
        notes=tuple(dict.fromkeys(notes)),
    )


def _grids(source: Source) -> list[_Grid]:
    """All grids of the file, or an error at the first line that is something else."""
    found: list[_Grid] = []
    for table in source.tables:
        title = ""
        index = 0
        while index < len(table.rows):
            row = table.rows[index]
            block = None if is_blank(row) else read_block(table, index)
            if block is not None:
                found.append(_checked(_Grid(table, title, block)))
                title, index = "", block.end
                continue
            texts = [text for text in row if text]
            bare = read_bare_block(table, index) if len(texts) > 1 else None
            if bare is not None:
                found.append(_checked(_Grid(table, title, bare, bare=True)))
                title, index = "", bare.end
                continue
            if texts and (title or len(texts) > 1 or len(texts[0]) > 80):
                raise ReaderError(
                    f"{' '.join(texts)[:60]!r} is neither a grid nor its title", table.at(index)
                )
            title = texts[0] if texts else title
            index += 1
        if title and found:
            raise ReaderError(f"{title[:60]!r} stands below the grids", table.at(index - 1))
    if not found:
        raise ReaderError("no grid was found", source.name)
    return found


def _checked(grid: _Grid) -> _Grid:
    block, where = grid.block, grid.table.at(grid.block.header)
    for name in (grid.title, block.corner):
        if _LAYOUT.search(name):
            raise ReaderError(f"the grid {name!r} is a layout, not a measurement", where)
    texts = [text for line in block.lines for text in line.cells if text]
    numbers = sum(bool(re.match(r"[-+−.,]?\d", text)) for text in texts)
    if not texts or numbers * 2 < len(texts):
        raise ReaderError("the grid holds names, not numbers", where)
    letters = [line.letter for line in block.lines]
    if len(set(letters)) < len(letters) or any(line.label for line in block.lines):
        raise ReaderError("the grid has several lines or labels in a row", where)
    for line in block.lines:
        if line.given < block.columns and grid.table.sheet is None:
            raise ReaderError(
                f"row {row_letters(line.letter)} has {line.given} readings, expected "
                f"{block.columns}",
                grid.table.at(line.table_row),
                "Was the file cut short?",
            )
    return grid


def _plate(grid: _Grid) -> str:
    named = next((t for t in (grid.title, grid.block.corner) if t.lower().startswith("plate")), "")
    return named or grid.table.sheet or ""


def _read(
    grid: _Grid, plate: str, number: int, count: int, mark: str, notes: list[str]
) -> PlateRead:
    block = grid.block
    letters = [line.letter for line in block.lines]
    try:
        layout = format_for(max(letters) + 1, block.columns)
    except LayoutError as error:
        raise ReaderError(error.message, grid.table.at(block.header)) from error
    if len(letters) < layout.rows:
        rows = ", ".join(row_letters(letter) for letter in letters)
        notes.append(f"{plate or 'The grid'} has the rows {rows} of a {layout.size}-well plate.")
    if grid.bare:
        notes.append(
            f"{plate or 'The grid'} lacks column numbers or row letters; it has the shape of a "
            f"{layout.size}-well plate, and its first number was taken for well A1."
        )
    values, flags = fill(block.lines, layout, mark)
    titles = [grid.title, block.corner, grid.table.sheet or ""]
    wave = next((found for text in titles if (found := _wave(text))), "")
    mode = next((found for text in titles if (found := _mode(text))), "")
    if not mode:
        mode = guess_mode(values)
        notes.append(f"The file does not say what was measured; taken as {mode}.")
    return PlateRead(plate, number, str(count), layout, mode, wave, values, flags)


def _wave(text: str) -> str:
    found = _WAVE.fullmatch(text.strip())
    if not found or not 190 <= int(found[1]) <= 999:
        return ""
    return f"{found[1]}:{found[2]}" if found[2] else found[1]


def _mode(text: str) -> str:
    lower = text.strip().lower()
    return next((mode for mode, words in _MODES if re.search(words, lower)), "")


READER = PlateReader(
    name="plain_grid",
    software="plain grid of numbers (csv, text, xlsx, xls, ods)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods"),
    vendor=False,
    tested_on=(
        "1 real workbook of several plates; grids of 6 to 1536 wells with and without "
        "headings, in every encoding and decimal mark"
    ),
)
