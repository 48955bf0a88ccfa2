"""Plate-shaped csv: blocks stacked in one text file, the name of each in its corner.

    role,1,2,3
    A,standard,standard,blank
    B,sample,sample,

    unit,pg/mL
    concentration,1,2,3
    A,100,50,

The form is that of the R package plater (Hughes, J. Open Source Softw. 2016, 1(7), 106);
separators may be commas, semicolons or tabs.
"""

from __future__ import annotations

from plates.layout import Layout
from plates.layouts.blocks import Block, find_blocks, read_blocks
from plates.layouts.cells import Sheet
from plates.layouts.content import build_layout
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.delimited import best_sheet
from plates.layouts.remarks import Remarks
from plates.layouts.words import PROPERTIES, role_of, title_of
from plates.source import Source

_FIRST = {"role", "sample", "nominal"}


def recognise(source: Source) -> bool:
    """Whether the text has plate-shaped blocks, and one of them is named for a role or sample."""
    sheet = best_sheet(source, _wells)
    return sheet is not None and bool(
        _FIRST & {title_of(block.title)[0] for block in find_blocks(sheet)}
        or any(_has_words(sheet, block) for block in find_blocks(sheet) if not block.title)
    )


def _has_words(sheet: Sheet, block: Block) -> bool:
    """A block without a name is a layout's when roles stand in it, not readings."""
    return any(
        role_of(sheet.text(block.row + 1 + i, block.column + 1 + j))[0]
        for i in range(len(block.rows))
        for j in range(len(block.columns))
    )


def read(source: Source, choices: Choices) -> Layout:
    """Read the blocks of a text."""
    sheet = best_sheet(source, _wells)
    assert sheet is not None
    remarks = Remarks()
    raws, declared = read_blocks(sheet, "", remarks)
    return build_layout(
        raws,
        source.name,
        plate_format=choices.plate_format or declared,
        fractions=choices.fractions,
        remarks=remarks,
    )


def _wells(sheet: Sheet) -> int:
    return sum(
        len(block.rows) * len(block.columns) * (2 if title_of(block.title)[0] in PROPERTIES else 1)
        for block in find_blocks(sheet)
    )


FORMAT = LayoutFormat("plate-csv", "a csv of plate-shaped blocks", recognise, read)
