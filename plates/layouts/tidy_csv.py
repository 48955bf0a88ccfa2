"""Tidy csv: a row per well under the columns plate, well, role, sample, nominal, unit …

Only the well and one thing more are needed; common other names of the columns are
known, the order is free, any further column becomes a label. Separators may be
commas, semicolons or tabs.
"""

from __future__ import annotations

from plates.layout import Layout
from plates.layouts.content import build_layout
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.delimited import best_sheet
from plates.layouts.remarks import Remarks
from plates.layouts.tidy import known_columns, read_tidy
from plates.source import Source


def recognise(source: Source) -> bool:
    """Whether the text has a header that names wells and at least one thing more."""
    return best_sheet(source, known_columns) is not None


def read(source: Source, choices: Choices) -> Layout:
    """Read the rows of a text."""
    sheet = best_sheet(source, known_columns)
    assert sheet is not None
    remarks = Remarks()
    return build_layout(
        read_tidy(sheet, "", remarks),
        source.name,
        plate_format=choices.plate_format,
        fractions=choices.fractions,
        remarks=remarks,
    )


FORMAT = LayoutFormat("tidy-csv", "a table with a row per well", recognise, read)
