"""What every workbook to fill in shares: its look, its dates, its explaining sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook

INK = "#1A1A1A"
ACCENT = "#0072B2"
PALE = "#F3F6F9"
RULE = "#C9D1D9"
FONT = "Calibri"
HOW_TO = "How to fill"
"""Name of the explaining sheet."""


def open_form(stream: IO[bytes] | BytesIO, title: str) -> Workbook:
    """A new workbook that is byte for byte the same each time it is written.

    What users type is never a formula or a link: names such as ``=1+1`` stay text.
    """
    from xlsxwriter import Workbook

    book = Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title, "created": dt.datetime(2020, 1, 1)})
    book.set_size(24000, 15000)
    return book


def look(book: Workbook, **more: Any) -> Any:
    """A cell format in the house's type and ink."""
    return book.add_format({"font_name": FONT, "font_size": 11, "font_color": INK, **more})


def add_how_to(
    book: Workbook,
    title: str,
    steps: Sequence[str],
    words: Sequence[tuple[str, str]],
    colours: Mapping[str, str] | None = None,
) -> None:
    """Add the sheet that explains the form: steps, then a table of words and their meaning.

    Parameters
    ----------
    steps : sentences, one line each, in the order in which they are done
    words : (word, meaning); a word alone is the heading of what follows
    colours : fill by word, so that the table is the legend of the colours too
    """
    sheet = book.add_worksheet(HOW_TO)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 3)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 92)
    heading = look(book, bold=True, font_size=18, font_color=ACCENT)
    section = look(book, bold=True, font_size=12, bottom=1, bottom_color=RULE)
    line = look(book, text_wrap=True, valign="top")
    number = look(book, bold=True, font_color=ACCENT, valign="top", align="right")
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, title, heading)
    row = 2
    for i, step in enumerate(steps, 1):
        sheet.write_number(row, 0, i, number)
        sheet.merge_range(row, 1, row, 2, step, line)
        sheet.set_row(row, 16 * (1 + len(step) // 118))
        row += 1
    row += 1
    for word, meaning in words:
        if not meaning:
            row += 1
            sheet.write_string(row, 1, word, section)
            sheet.write_blank(row, 2, None, section)
        else:
            fill = (colours or {}).get(word)
            more = {"bg_color": fill} if fill else {}
            sheet.write_string(row, 1, word, look(book, bold=True, valign="top", **more))
            sheet.write_string(row, 2, meaning, line)
            sheet.set_row(row, 16 * (1 + len(meaning) // 96))
        row += 1
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
