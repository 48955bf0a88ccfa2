"""Tables as a reader meets them: cells of finished text, aligned on the decimal point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assays.reports.words import MISSING, units_in_words, with_interval

BROAD = 13
"""Columns from which on a table is printed across the long side of the paper."""

KEPT = {
    "readings": "tables/readings.csv",
    "populations": "tables/populations.csv",
    "inputs": "run.json",
    "defaults": "run.json",
    "inhibition": "tables/inhibition.csv",
    "signals": "tables/concentrations.csv",
    "spillover-pairs": "tables/spillover_pairs.csv",
}
"""Folded tables that would fill a paper, and the files that have them."""

_NUMBER = re.compile(r"[0-9](?:\.(?P<fraction>[0-9]+))?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; the template writes it as it stands."""

    text: str
    number: bool = False
    """Right-aligned on the decimal point."""
    pad: str = ""
    """Unseen figures that bring the decimal point into line."""
    look: str = ""
    """``muted``, ``struck``, ``stop``, ``look``, ``note`` or ``wide``; several by blanks."""
    below: str = ""
    """A second line, smaller: the interval in a matrix."""
    struck: str = ""
    """Text after the first that is struck through: what a person took out."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column, or of several that belong together."""

    text: str
    number: bool = False
    span: int = 1


@dataclass(frozen=True, slots=True)
class PageTable:
    """One table of the page."""

    key: str
    """Its anchor."""
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    """A sentence under the title."""
    folded: bool = False
    """Shown when asked for; on paper, too, unless a file beside the page holds its rows."""
    small: bool = False
    named: int = 1
    """Leading columns that tell which row it is: on a narrow screen all stand in the first."""

    @property
    def kept_in(self) -> str:
        """File beside the page that holds all rows of a folded table; empty when there is none."""
        return KEPT.get(self.key.rstrip("-0123456789"), "") if self.folded else ""

    @property
    def broad(self) -> bool:
        """Whether it needs a page of A4 on its side."""
        return sum(head.span for head in self.heads) >= BROAD


def words(text: object, look: str = "") -> Cell:
    """A cell of text."""
    return Cell(str(text), look=look)


def figure(text: str, look: str = "") -> Cell:
    """A cell with a number that is already text."""
    return Cell(text, number=True, look=look or ("muted" if text == MISSING else ""))


def value_and_interval(
    value: float,
    interval: tuple[float, float],
    *,
    digits: int = 3,
    decimals: int | None = None,
) -> tuple[Cell, Cell]:
    """Two neighbouring cells: ``12.4`` and ``(11.1–13.9)``."""
    shown, ends = with_interval(value, interval, digits=digits, decimals=decimals)
    return figure(shown), Cell(f"({ends})" if ends else "", look="interval")


def stacked(value: float, interval: tuple[float, float], decimals: int | None = None) -> Cell:
    """One cell with the interval under the value: half as wide as two."""
    shown, ends = with_interval(value, interval, decimals=decimals)
    return replace(figure(shown), below=f"({ends})" if ends else "")


def table(
    key: str,
    title: str,
    heads: Iterable[Head],
    rows: Iterable[Sequence[Cell]],
    *,
    note: str = "",
    folded: bool = False,
    small: bool = False,
    named: int = 1,
) -> PageTable:
    """A table whose numbers stand in line and whose units are printed as such.

    The first column names the row; names stay as they were given.
    """
    heads = [replace(head, text=units_in_words(head.text)) for head in heads]
    lines = [(*row[:1], *map(printed, row[1:])) for row in rows]
    columns = [aligned(column) for column in zip(*lines, strict=True)]
    return PageTable(
        key, title, tuple(heads), tuple(zip(*columns, strict=True)), note, folded, small, named
    )


def printed(cell: Cell) -> Cell:
    """A cell with its units and powers as they are printed; code stays as it is."""
    if "code" in cell.look:
        return cell
    return replace(cell, text=units_in_words(cell.text), below=units_in_words(cell.below))


def aligned(column: Sequence[Cell]) -> tuple[Cell, ...]:
    """Pad the numbers of a column so that their points stand under one another."""
    fractions = [_fraction(cell) for cell in column]
    longest = max((len(f) for f in fractions if f is not None), default=0)
    return tuple(
        cell if fraction is None else replace(cell, pad=_unseen(len(fraction), longest))
        for cell, fraction in zip(column, fractions, strict=True)
    )


def _fraction(cell: Cell) -> str | None:
    """Digits behind the point; None where a cell takes no part."""
    if not cell.number:
        return None
    found = _NUMBER.search(cell.text)
    return (found["fraction"] or "") if found else ""


def _unseen(has: int, longest: int) -> str:
    if longest == has:
        return ""
    return "0" * (longest - has) if has else "." + "0" * longest
