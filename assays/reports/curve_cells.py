"""A curve sheet being written: its blocks, its cells, and how a response is read back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from assays.reports.book import Book, cell_text
from assays.reports.closed_forms import ClosedForm, read_back, read_back_formula
from assays.results.elisa import (
    CurveRecord,
    PlateResult,
)
from plates.digits import decimals_of

TOP = 24
"""First row of the tables, under parameters and chart; from 0."""
SAMPLES, STANDARDS, WELLS, DRAWN = 0, 12, 19, 30
"""First column of each block."""
WHO = "excluded: who, when, why"
WORDS = ("parameter", "sample", "wells", "well", "standard", "role", "status", WHO)
"""Heads of columns of text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One curve sheet being written."""

    book: Book
    page: Any
    plate: PlateResult
    curve: CurveRecord
    form: ClosedForm | None
    unit: str
    mean_of_inverses: bool

    def head(self, line: int, column: int, names: tuple[str, ...]) -> None:
        """Heads of a block."""
        for place, name in enumerate(names):
            side = "left" if name in WORDS else "right"
            look = self.book.format(
                bold=True, bottom=1, text_wrap=True, valign="bottom", align=side,
            )  # fmt: skip
            self.page.write_string(line, column + place, name, look)

    def text(self, line: int, column: int, value: str, **look: object) -> None:
        """Text as text."""
        style = self.book.format(**({} if "align" in look or not column else {"indent": 1}), **look)
        self.page.write_string(line, column, cell_text(value), style)

    def number(self, line: int, column: int, value: float, **look: object) -> None:
        """A number, or nothing when it cannot be known."""
        if math.isfinite(value):
            decimals = min(max(decimals_of(value, 4), 0), 6)
            shape = f"0.{'0' * decimals}" if decimals else "0"
            if value and not 1e-4 <= abs(value) < 1e9:
                shape = "0.000E+00"
            look = {"num_format": shape, **look}
            self.page.write_number(line, column, value, self.book.format(**look))

    def formula(
        self, line: int, column: int, text: str, value: float | str, **look: object
    ) -> None:
        """A live formula with the value it gives."""
        if isinstance(value, float):
            decimals = min(max(decimals_of(value, 4), 0), 6)
            look = {"num_format": f"0.{'0' * decimals}" if decimals else "0", **look}
            value = value if math.isfinite(value) else ""
        style = self.book.format(align="right", **look)
        self.page.write_formula(line, column, text, style, value)


def cell(line: int, column: int) -> str:
    """``A1`` of a row and column from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line + 1}"


def write_in_well(
    sheet: Sheet, line: int, column: int, signal: float, source: str, ours: float
) -> float | str:
    """Concentration in the well by formula; our own number where the model has no closed form."""
    if sheet.form is None:
        sheet.number(line, column, ours)
        return ours if math.isfinite(ours) else "not known"
    value = read_back(sheet.form, signal, sheet.curve.params)
    sheet.formula(line, column, read_back_formula(sheet.form, source), value)
    return value
