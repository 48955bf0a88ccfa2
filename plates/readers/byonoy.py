"""Exports of the Byonoy Absorbance readers (csv): values, sample names, then what was checked.

The file begins with a grid of values; a second grid of the same shape names
the samples; ``Sample Wavelength (nm)`` and the verdicts of the software's own
checks follow.
"""

from __future__ import annotations

from plates.errors import LayoutError, ReaderError
from plates.grid import Block, decimal_mark, fill, format_for, read_block
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.source import Source
from plates.table import Table, cell, is_blank
from plates.well import Well, row_letters

_SIGNS = ("Sample Wavelength (nm)", "Plate Well Assignment")


def recognise(source: Source) -> Recognition:
    """Look for the lines of the footer below a grid."""
    if all(f"\n{sign}" in source.opening for sign in _SIGNS):
        return Recognition(True, f"it has the lines {_SIGNS[0]!r} and {_SIGNS[1]!r} of Byonoy")
    return Recognition(False, f"the lines {_SIGNS[0]!r} and {_SIGNS[1]!r} of Byonoy")


def read(source: Source) -> Export:
    """Read the values and the sample names.

    Raises
    ------
    ReaderError
        When the first grid is absent, or the two grids have different shapes.
    """
    table = source.tables[0]
    blocks = _blocks(table)
    if not blocks:
        raise ReaderError("byonoy: expected a grid of values, found none", table.at(0))
    values, *names = blocks
    for line in values.lines:
        if line.given < values.columns:
            raise ReaderError(
                f"byonoy: row {row_letters(line.letter)} has {line.given} readings, expected "
                f"{values.columns}",
                table.at(line.table_row),
                "Was the export cut short?",
            )
    for block in names:
        if [line.letter for line in block.lines] != [line.letter for line in values.lines]:
            raise ReaderError(
                f"byonoy: the grid of values has {len(values.lines)} rows, the grid of names "
                f"{len(block.lines)}",
                table.at(block.header),
                "Was the export cut short?",
            )
    try:
        plate = format_for(max(line.letter for line in values.lines) + 1, values.columns)
    except LayoutError as error:
        raise ReaderError(f"byonoy: {error.message}", table.at(values.header)) from error
    facts = {
        cell(row, 0).lower().replace(" ", "_"): cell(row, 1)
        for row in table.rows[blocks[-1].end :]
        if cell(row, 0) and cell(row, 1)
    }
    mark = decimal_mark((text for line in values.lines for text in line.cells), source.name)
    read = PlateRead("", 1, "1", plate, "absorbance", "", *fill(values.lines, plate, mark))
    contents = {
        ("", Well(line.letter, column)): WellContent(Role.SAMPLE, text)
        for block in names[:1]
        for line in block.lines
        for column, text in enumerate(line.cells)
        if text
    }
    wave = facts.get("sample_wavelength_(nm)", "")
    note = f"The footer gives {wave} nm as the sample wavelength of the whole run."
    return Export(
        software="Byonoy Absorbance",
        reader="byonoy",
        reads=(read,),
        layout=Layout(plate, contents, source.name) if contents else None,
        notes=(note,) if wave else (),
        metadata=facts,
    )


def _blocks(table: Table) -> list[Block]:
    found: list[Block] = []
    index = 0
    while index < len(table.rows):
        block = None if is_blank(table.rows[index]) else read_block(table, index)
        if block is not None:
            found.append(block)
        index = block.end if block is not None else index + 1
    return found


READER = PlateReader(
    name="byonoy",
    software="Byonoy Absorbance 96 (csv)",
    recognise=recognise,
    read=read,
    suffixes=(".csv",),
    tested_on="2 exports of Absorbance 96: 48 and 96 wells, endpoint",
)
