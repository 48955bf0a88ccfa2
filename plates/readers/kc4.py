"""Exports of BioTek KC4 and KCjunior (xls, xlsx, text): grids under ``[Plate: …]`` titles.

``[Plate: Template]`` is the layout (``STD1:100.00``, ``SPL3``, ``BLK``); ``[Plate: M#1 450]``
the first measurement, at 450 nm. Any other title, such as ``[Plate: Delta OD]``, was worked
out by KC4: it is kept as a printed result beside raw measurements, and as a read called
``reduced`` in a file that has nothing else. Sheets without such titles are other things.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from plates.errors import LayoutError, ReaderError
from plates.grid import (
    Block,
    decimal_mark,
    fill,
    format_for,
    guess_mode,
    parse_cell,
    parse_number,
    read_block,
)
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.roles import role_of
from plates.source import Source
from plates.table import Table
from plates.well import PlateFormat, Well, row_letters

_TITLE = re.compile(r"\[Plate:\s*([^\]]+?)\s*\](.*)")
_RAW = re.compile(r"M#\s*\d+\s*(.*)")
_WAVE = re.compile(r"\d{3,4}")
_CONTENT = re.compile(r"([A-Za-z]+\d*)(?::(.+))?")


def recognise(source: Source) -> Recognition:
    """Look for titles such as ``[Plate: Template]`` and ``[Plate: M#1 450]``."""
    if source.is_workbook:
        texts = [text for table in source.tables for row in table.rows[:400] for text in row[:3]]
    else:
        texts = source.opening.split("\n")
    names = [found[1] for text in texts if (found := _TITLE.match(text.strip('" \t,;')))]
    if names:
        return Recognition(True, f"it has the title '[Plate: {names[0]}]' of KC4")
    return Recognition(False, "titles such as '[Plate: Template]' of BioTek KC4")


@dataclass(slots=True)
class _Plate:
    """One plate: its layout and its grids by title."""

    label: str
    table: Table
    template: Block | None = None
    grids: list[tuple[str, str, Block]] = field(default_factory=list)
    """Title, the words beside it, and the grid."""
    notes: list[str] = field(default_factory=list)


def read(source: Source) -> Export:
    """Read every plate.

    Raises
    ------
    ReaderError
        When a title has no grid, a grid is not whole, or nothing was measured.
    """
    plates = [plate for table in source.tables for plate in _plates(table)]
    if not any(plate.grids for plate in plates):
        raise ReaderError(
            "kc4: expected a grid of readings under a title such as [Plate: M#1 450], found none",
            source.name,
            "Export the raw data of the measurement.",
        )
    blocks = [block for plate in plates for _, _, block in plate.grids]
    mark = decimal_mark(
        (text for b in blocks for line in b.lines for text in line.cells), source.name
    )
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    notes: list[str] = []
    formats: list[PlateFormat] = []
    for number, plate in enumerate(plates, start=1):
        formats.append(_format(plate))
        notes += plate.notes
        _add_grids(plate, number, formats[-1], mark, reads, printed, notes)
        contents |= {(plate.label, well): each for well, each in _contents(plate, mark).items()}
    return Export(
        software="BioTek KC4",
        reader="kc4",
        reads=tuple(reads),
        layout=Layout(max(formats, key=lambda each: each.size), contents, source.name)
        if contents
        else None,
        printed=tuple(printed),
        notes=tuple(notes),
    )


def _plates(table: Table) -> list[_Plate]:
    """Plates of one sheet; a second template begins a second plate."""
    found: list[_Plate] = []
    name = table.sheet or ""
    index = 0
    while index < len(table.rows):
        row = table.rows[index]
        title = _TITLE.match(next((text for text in row if text), ""))
        index += 1
        if title is None:
            stray = read_block(table, index - 1) if found and any(row) else None
            if stray is not None:
                index = stray.end
                found[-1].notes.append(
                    f"A grid without a [Plate: …] title was left out ({table.at(stray.header)})."
                )
            continue
        block = read_block(table, index) if index < len(table.rows) else None
        if block is None:
            raise ReaderError(
                f"kc4: expected a grid under the title [Plate: {title[1]}], found none",
                table.at(index - 1),
                "Was the export cut short?",
            )
        template = title[1].lower() == "template"
        if not found or (template and (found[-1].template or found[-1].grids)):
            label = f"{name} ({len(found) + 1})".strip() if found else name
            found.append(_Plate(label, table))
        if template:
            found[-1].template = block
        else:
            found[-1].grids.append((title[1], title[2].strip(), block))
        index = block.end
    return found


def _format(plate: _Plate) -> PlateFormat:
    """The plate that all grids fill; KC4 prints every row of it."""
    blocks = [block for _, _, block in plate.grids]
    blocks = [plate.template, *blocks] if plate.template else blocks
    rows = max(line.letter for block in blocks for line in block.lines) + 1
    columns = max(block.columns for block in blocks)
    try:
        found = format_for(rows, columns)
    except LayoutError as error:
        raise ReaderError(f"kc4: {error.message}", plate.table.at(blocks[0].header)) from error
    for block in blocks:
        letters = [line.letter for line in block.lines]
        short = [line for line in block.lines if line.given < block.columns]
        cut = bool(short) and plate.table.sheet is None
        if letters != list(range(found.rows)) or block.columns != found.columns or cut:
            bad = short[0] if cut else block.lines[-1]
            raise ReaderError(
                f"kc4: the grid is not whole at row {row_letters(bad.letter)}: expected "
                f"{found.rows} rows of {found.columns}",
                plate.table.at(bad.table_row),
                "Was the export cut short, or a row deleted?",
            )
    return found


def _add_grids(
    plate: _Plate,
    number: int,
    layout: PlateFormat,
    mark: str,
    reads: list[PlateRead],
    printed: list[PrintedResult],
    notes: list[str],
) -> None:
    """Raw grids become reads; others become printed results where there are raw ones."""
    raw = [(found[1], block) for title, _, block in plate.grids if (found := _RAW.match(title))]
    for count, (title, block) in enumerate(raw, start=1):
        values, flags = fill(block.lines, layout, mark)
        waves = _WAVE.findall(title)
        mode = "fluorescence" if len(waves) > 1 else guess_mode(values)
        wave = ":".join(waves[:2])
        reads.append(PlateRead(plate.label, number, str(count), layout, mode, wave, values, flags))
    for title, beside, block in plate.grids:
        if _RAW.match(title):
            continue
        if raw:
            printed += [
                PrintedResult(number, Well(line.letter, column), title, *parse_cell(text, mark))
                for line in block.lines
                for column, text in enumerate(line.cells)
                if text
            ]
            continue
        values, flags = fill(block.lines, layout, mark)
        earlier = sum(r.plate_number == number for r in reads)
        name = f"reduced {earlier + 1}" if earlier else "reduced"
        reads.append(
            PlateRead(plate.label, number, name, layout, guess_mode(values), "", values, flags)
        )
        what = f"{title} ({beside})" if beside else title
        notes.append(f"The file holds no raw reading, only {what}.")


def _contents(plate: _Plate, mark: str) -> dict[Well, WellContent]:
    """``STD1:100.00`` is a standard of 100, ``SPL3`` a sample."""
    contents: dict[Well, WellContent] = {}
    seen: Counter[str] = Counter()
    for line in plate.template.lines if plate.template else ():
        for column, text in enumerate(line.cells):
            found = _CONTENT.fullmatch(text)
            if found is None:
                continue
            role = role_of(found[1]) or Role.CONTROL
            number = parse_number(found[2] or "", mark)
            known = number is not None and role in (Role.STANDARD, Role.CONTROL)
            if known and role is Role.CONTROL:
                role = Role.QC
            seen[found[1]] += 1
            contents[Well(line.letter, column)] = WellContent(
                role,
                found[1],
                nominal=number if known and number is not None else math.nan,
                replicate=seen[found[1]],
                labels={} if known or not found[2] else {"noted": found[2]},
            )
    return contents


READER = PlateReader(
    name="kc4",
    software="BioTek KC4 (xls, xlsx, text)",
    recognise=recognise,
    read=read,
    suffixes=(".xls", ".xlsx", ".txt"),
    tested_on="2 exports of KC4: 96 wells, standard curves",
)
