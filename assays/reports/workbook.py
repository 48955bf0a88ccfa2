"""`results.xlsx`: a summary, every table on a sheet of its own, and curves that Excel recomputes.

Text is written as text: no name becomes a formula or a link. The date inside is
fixed, so that the same run gives the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assays.reports.book import INK, MUTED, RULE, SEVERITY, Book, cell_text
from assays.reports.curve_sheet import add_curve_sheets
from assays.reports.inhibition_sheet import add_inhibition_sheet
from assays.reports.paper import LINE, lines_of, print_sheet
from assays.reports.prism import add_prism_sheets
from assays.reports.sheet_parts import parts_of
from assays.reports.summary_sheet import add_summary
from assays.reports.words import count, plate_in_words
from assays.results.run import Run
from assays.results.table import Column, Table
from plates.digits import decimals_of

LISTS = ("control", "threshold_control")
"""Columns that list tubes, beside those that end in ``_tubes``."""
CREATED = datetime(2000, 1, 1)
"""A fixed day, not a moment: the same run gives the same bytes."""
WIDEST, WIDEST_LIST = 48, 32
"""Characters in a line of text, and of a list of tubes."""

MOST_PLAIN = 1e9
"""Larger numbers are written with a power of ten."""


def render(run: Run, tables: Mapping[str, Table]) -> bytes:
    """Write the workbook of a run."""
    import xlsxwriter

    out = io.BytesIO()
    file = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    file.set_properties(
        {
            "title": cell_text(run.title or run.name)[:255],
            "comments": f"run {run.provenance.run_id}",
            "created": CREATED,
        }
    )
    book = Book(file)
    summary = book.sheet("summary")
    sheets = {}
    for part in (part for table in tables.values() for part in parts_of(table)):
        told = f"{part.table.title}: {count(len(part.table.rows), 'row')}"
        sheets[add_table(book, part.table, part.named)] = (
            f"{told}; {part.holds}" if part.holds else told
        )
    if run.elisa is not None:
        for plate, name in add_curve_sheets(book, run).items():
            sheets[name] = (
                f"{plate_in_words(plate)}: each concentration recomputed from the parameters"
            )
        for plate, name in add_prism_sheets(book, run.elisa).items():
            sheets[name] = f"{plate_in_words(plate)}: to paste into a Prism XY table"
    if run.flow is not None and (live := add_inhibition_sheet(book, run.flow, tables)):
        sheets[live] = "each percent inhibition recomputed from the medians of its tubes"
    add_summary(book, summary, run, sheets)
    file.close()
    return out.getvalue()


def add_table(book: Book, table: Table, named: int = 1) -> str:
    """Write a table on a sheet of its own; returns the sheet's name.

    Parameters
    ----------
    book : Book
    table : Table
    named : int
        Leading columns that say which row it is.
    """
    sheet = book.sheet(table.name)
    lines = [1] * (len(table.rows) + 1)
    widths = [
        _write_column(book, sheet, place, column, [row[place] for row in table.rows], lines)
        for place, column in enumerate(table.columns)
    ]
    for line, high in enumerate(lines):
        if high > 1:
            # A workbook carries the height of its rows; not every program works it out again.
            sheet.set_row(line, LINE * high)
    last = max(len(table.rows), 1)
    sheet.autofilter(0, 0, last, max(len(table.columns) - 1, 0))
    sheet.freeze_panes(1, 1)
    sheet.hide_gridlines(2)
    print_sheet(sheet, widths, named)
    return str(sheet.get_name())


def _write_column(
    book: Book, sheet: Any, place: int, column: Column, values: list[object], lines: list[int]
) -> float:
    """Write a column; returns its width, and raises `lines` of the rows where its text wraps."""
    numeric = column.kind in ("number", "percent", "count", "p")
    head = book.format(
        bold=True, bottom=1, bottom_color=RULE, valign="bottom", indent=0 if numeric else 1,
        align="right" if numeric else "left",
    )  # fmt: skip
    sheet.write_string(0, place, cell_text(column.key), head)
    most = max((_decimals(v, column) for v in values if isinstance(v, float)), default=0)
    width = len(column.key) + 3
    shown = [
        write_value(book, sheet, line, place, value, column, most)
        for line, value in enumerate(values, start=1)
    ]
    width = max([width, *(len(each) + 2 for each in shown)])
    most_wide = 2 * WIDEST if column.key == "message" else WIDEST
    if column.key in LISTS or column.key.endswith("_tubes"):
        most_wide = WIDEST_LIST
    width = min(max(width, 8), most_wide)
    sheet.set_column(place, place, width)
    for line, text in enumerate(shown, start=1):
        lines[line] = max(lines[line], lines_of(text, width - 2))
    return float(width)


def write_value(
    book: Book, sheet: Any, line: int, place: int, value: object, column: Column, most: int
) -> str:
    """Write one value by its type; returns roughly what is seen of it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(line, place, None, book.format())
        return ""
    if isinstance(value, bool):
        sheet.write_string(
            line, place, "yes" if value else "no", book.format(indent=1, valign="vcenter")
        )
        return "yes"
    if isinstance(value, float) and math.isinf(value):
        shown = "inf" if value > 0 else "-inf"
        sheet.write_string(
            line, place, shown, book.format(align="right", valign="vcenter", font_color=MUTED)
        )
        return shown
    if isinstance(value, int | float):
        decimals = _decimals(value, column)
        # A percentage has one decimal however small: a CV of 1E-14 is 0.0.
        percentage = column.kind == "percent" and abs(value) < MOST_PLAIN
        form = "0.0" if percentage else number_format(value, decimals, most)
        look = book.format(num_format=form, valign="vcenter")
        sheet.write_number(line, place, value, look)
        return f"{value:.{max(most, 0)}f}" if abs(value) < MOST_PLAIN else "0.00E+00"
    text = cell_text(str(value))
    color = SEVERITY.get(text, INK) if column.key == "severity" else INK
    wrapped = {"text_wrap": True} if len(text) > WIDEST_LIST - 2 else {}
    sheet.write_string(
        line, place, text, book.format(font_color=color, indent=1, valign="vcenter", **wrapped)
    )
    return text


def _decimals(value: float, column: Column) -> int:
    if column.kind == "count" or math.isnan(value) or math.isinf(value):
        return 0
    if column.kind == "percent":
        return 1
    if column.key == "dilution_factor" and value == int(value):
        return 0
    return min(max(decimals_of(value, 3), 0), 6)


def number_format(value: float, decimals: int, most: int) -> str:
    """Three significant digits, padded by blanks so that a column stands on its points."""
    if value != 0 and not 1e-4 <= abs(value) < MOST_PLAIN:
        return "0.00E+00"
    if most <= 0:
        return "0"
    pad = "_0" * (most - decimals)
    return f"0.{'0' * decimals}{pad}" if decimals > 0 else f"0_.{pad}"
