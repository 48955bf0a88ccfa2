"""How a sheet of the workbook is printed: A4 on its side, in letters that can be read."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

ROOM = 240.0
"""Width of columns, in characters, that fill a page of A4 on its side in letters of 7 points."""
LINE = 15.0
"""Height of a line, points."""
MARGIN = 0.4
"""Inches."""


def print_sheet(sheet: Any, widths: Sequence[float], named: int = 1) -> None:
    """Set a sheet up for paper: the head on every page, its name and the page below.

    Parameters
    ----------
    sheet : worksheet
    widths : sequence of float
        Of its columns, in characters. Too wide a sheet is printed over several pages side by
        side rather than in letters that nobody can read.
    named : int
        Leading columns that say which row it is: repeated on each of these pages.
    """
    pages = pages_across(widths, named)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=MARGIN, right=MARGIN, top=MARGIN, bottom=0.6)
    sheet.set_footer("&L&8&A&R&8&P / &N")
    sheet.repeat_rows(0)
    if pages > 1:
        sheet.repeat_columns(0, named - 1)
    sheet.fit_to_pages(pages, 0)


def pages_across(widths: Sequence[float], named: int = 1) -> int:
    """Pages side by side that a sheet needs; the naming columns stand on each."""
    if sum(widths) <= ROOM:
        return 1
    again = min(sum(widths[:named]), ROOM / 2)
    pages, used = 1, again
    for width in widths[named:]:
        if used + width > ROOM and used > again:
            pages, used = pages + 1, again
        used += width
    return pages


def lines_of(text: str, width: int) -> int:
    """Lines that a text takes when it is wrapped between its words."""
    if len(text) <= width:
        return 1
    return max(1, len(textwrap.wrap(text, width)))
