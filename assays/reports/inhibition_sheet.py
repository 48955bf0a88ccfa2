"""A sheet where Excel works every percent inhibition out again, from the medians of the tubes.

Each mean is a formula over the cells of the sheet `readings` that hold the medians of its tubes,
and the percentage a formula over these means; beside it stands what the program found. To change
a median there changes the percentage here. On the arcsinh scale the cells are transformed with
the cofactor that stands beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assays.reports.book import MUTED, RULE, Book, cell_text
from assays.reports.dose_order import by_dose
from assays.reports.paper import LINE, lines_of, print_sheet
from assays.reports.sheet_parts import parts_of
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition
from assays.results.table import Table

NAME = "inhibition_live"
NAMED = 5
"""Leading columns that are repeated on paper."""
WORDS = ("donor", "readout", "stimulus", "inhibitor", "dose", "vehicle", "plate", "time_min")
MEANS = ("treated", "stimulated", "unstimulated", "inhibitor_alone")
NUMBERS = (
    *MEANS,
    "percent_inhibition",
    "as_reported",
    "difference",
    "own_floor",
    "own_floor_reported",
)
HEADS = (*WORDS, *NUMBERS, "status")
NARROW, BROAD = 8.0, 26.0
"""Least and greatest width of a column of words, in characters."""


def add_inhibition_sheet(book: Book, run: FlowRun, tables: Mapping[str, Table]) -> str:
    """Write the sheet; returns its name, or nothing when the run has no inhibition.

    Parameters
    ----------
    book : Book
    run : FlowRun
    tables : mapping
        Its `readings` stand on a sheet of that name, in the order of `run.readings`.
    """
    readings = tables.get("readings")
    if not run.inhibition or readings is None:
        return ""
    keys = [column.key for column in parts_of(readings)[0].table.columns]
    median, cofactor = (_letters(keys.index(key)) for key in ("median", "cofactor"))
    lines = {
        (r.file, r.readout): line
        for line, r in enumerate(run.readings, start=2)
        if math.isfinite(r.median)
    }
    shares = {r.readout for r in run.readings if r.kind == "fraction"}
    sheet = book.sheet(NAME)
    rows = by_dose(run.inhibition)
    widths = _head(book, sheet, rows)
    for line, row in enumerate(rows, start=2):
        _words(book, sheet, line, row)
        for place, (files, value) in enumerate(_arms(row)):
            cells = [lines[file, row.readout] for file in files if (file, row.readout) in lines]
            scale = "linear" if row.readout in shares else run.inhibition_scale
            formula = _mean(cells, median, cofactor, scale)
            _formula(book, sheet, line, len(WORDS) + place, formula, value)
        _percents(book, sheet, line, row)
        status = cell_text(row.status)
        look = book.format(indent=1, text_wrap=True, valign="vcenter")
        sheet.write_string(line - 1, len(WORDS) + len(NUMBERS), status, look)
        high = max(lines_of(text, int(BROAD) - 2) for text in (*_told(row), status))
        if high > 1:
            sheet.set_row(line - 1, LINE * high)
    sheet.freeze_panes(1, 1)
    sheet.hide_gridlines(2)
    print_sheet(sheet, widths, NAMED)
    return str(sheet.get_name())


def _arms(row: Inhibition) -> tuple[tuple[tuple[str, ...], float], ...]:
    return (
        (row.treated_files, row.treated),
        (row.stimulated_files, row.stimulated),
        (row.unstimulated_files, row.unstimulated),
        (row.alone_files, row.alone),
    )


def _head(book: Book, sheet: Any, rows: Sequence[Inhibition]) -> list[float]:
    """Write the head and set the columns; returns their widths. Nothing given needs no room."""
    told = list(zip(*(_told(row) for row in rows), strict=True))
    widths = [len(key) + 3.0 for key in HEADS]
    for place, texts in enumerate(told):
        longest = max(len(text) for text in texts)
        widths[place] = min(max(longest + 2.0, NARROW), BROAD) if longest else NARROW
    widths[len(told)] = NARROW + 2.0
    widths[-1] = BROAD
    for place, (key, width) in enumerate(zip(HEADS, widths, strict=True)):
        right = key in NUMBERS or key == "time_min"
        look = book.format(
            bold=True, bottom=1, bottom_color=RULE, align="right" if right else "left"
        )
        sheet.write_string(0, place, key, look)
        sheet.set_column(place, place, width)
    return widths


def _told(row: Inhibition) -> tuple[str, ...]:
    found = (row.donor, row.readout, row.stimulus, row.inhibitor, row.dose, row.vehicle, row.plate)
    return tuple(cell_text(text) for text in found)


def _words(book: Book, sheet: Any, line: int, row: Inhibition) -> None:
    told = _told(row)
    look = book.format(text_wrap=True, valign="vcenter")
    for place, text in enumerate(told):
        sheet.write_string(line - 1, place, text, look)
    if row.time_min is not None:
        sheet.write_number(line - 1, len(told), row.time_min, book.format(valign="vcenter"))


def _mean(lines: Sequence[int], median: str, cofactor: str, scale: str) -> str:
    """Mean of the tubes' medians, on the scale of inhibition."""
    cells = [f"readings!{median}{line}" for line in lines]
    if scale == "arcsinh":
        cells = [
            f"ASINH({one}/readings!{cofactor}{n})" for one, n in zip(cells, lines, strict=True)
        ]
    return f"=AVERAGE({','.join(cells)})" if cells else ""


def _percents(book: Book, sheet: Any, line: int, row: Inhibition) -> None:
    """The percentage and the own floor worked out from the means, beside what was reported."""
    treated, stimulated, unstimulated, alone = (
        f"{_letters(len(WORDS) + place)}{line}" for place in range(len(MEANS))
    )
    at = len(WORDS) + len(MEANS)
    window = f"({stimulated}-{unstimulated})"
    if math.isnan(row.percent):
        # A percentage that was refused is not offered as a formula either.
        return
    percent = f"=100*({stimulated}-{treated})/{window}"
    _formula(book, sheet, line, at, percent, row.percent)
    sheet.write_number(
        line - 1, at + 1, row.percent, book.format(num_format="0.0", valign="vcenter")
    )
    gap = f"={_letters(at)}{line}-{_letters(at + 1)}{line}"
    _formula(book, sheet, line, at + 2, gap, 0.0, "0.0E+00")
    if not math.isnan(row.percent_own_floor):
        floor = f"=100*(1-({treated}-{alone})/{window})"
        _formula(book, sheet, line, at + 3, floor, row.percent_own_floor)
        look = book.format(num_format="0.0", valign="vcenter")
        sheet.write_number(line - 1, at + 4, row.percent_own_floor, look)


def _formula(
    book: Book, sheet: Any, line: int, place: int, formula: str, value: float, form: str = "0.00"
) -> None:
    """A formula with the value that it will have, for readers that do not recompute."""
    if not formula or math.isnan(value):
        sheet.write_blank(line - 1, place, None, book.format(font_color=MUTED))
        return
    sheet.write_formula(
        line - 1, place, formula, book.format(num_format=form, valign="vcenter"), value
    )


def _letters(place: int) -> str:
    """Excel's letters of a column counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
