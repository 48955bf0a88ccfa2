"""One page about one FCS file: who measured what, how, and a first picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.reports.cells import Head, PageTable, figure, table, words
from assays.reports.figures.gate_panels import axis_name
from assays.reports.figures.scatter import draw_scatter
from assays.reports.figures.svg import vector_picture
from assays.reports.html import albums, environment, policy, style_sheet
from assays.reports.page_findings import finding_lines
from assays.reports.words import MINUS, MISSING, count, fixed
from assays.results.scatter import Scatter
from plates.findings import Finding

if TYPE_CHECKING:
    from assays.reports.figures.picture import Picture

SMALL_SHARE = 0.05
"""Percent below which a spillover is greyed: it reads 0.0 or 0.1."""
FIGURES = ("volts", "gain", "mW", "range", "min", "median", "max")
"""Columns of the channel table that hold numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class FcsPage:
    """What the page shows."""

    facts: tuple[tuple[str, str], ...]
    """Name and value of everything that was understood, in words; the file's name first."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """One per channel, under `columns`."""
    spillover_channels: tuple[str, ...] = ()
    spillover: NDArray[np.float64] | None = None
    """shape (n, n), row: fluorochrome, column: detector; None without one."""
    scatter: Scatter | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def render(page: FcsPage) -> bytes:
    """Write the page; the same file gives the same bytes."""
    style = style_sheet()
    pictures = [_picture(page.scatter)] if page.scatter is not None else []
    text = (
        environment()
        .get_template("fcs.html")
        .render(
            title=dict(page.facts).get("file", "FCS file"),
            facts=page.facts[1:],
            findings=finding_lines(page.findings),
            notes=page.notes,
            albums=albums(pictures),
            channels=_channels(page.columns, page.rows),
            spillover=_spillover(page),
            style=style,
            policy=policy(style),
        )
    )
    return text.encode("utf-8", errors="replace")


def _picture(scatter: Scatter) -> Picture:
    x, y = axis_name(scatter.x), axis_name(scatter.y)
    caption = f"{count(scatter.events, 'event')} on {x} and {y}."
    if not scatter.light:
        caption += " The file has no forward and side scatter; these are the nearest to it."
    return vector_picture(
        draw_scatter(scatter),
        "scatter",
        "gates",
        "",
        f"{caption} Events beyond the axes lie on their edge.",
        f"Density of {caption}",
    )


def _channels(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> PageTable:
    numbers = [column in FIGURES for column in columns]
    return table(
        "channels",
        "Channels",
        [Head(name, number) for name, number in zip(columns, numbers, strict=True)],
        [
            [
                figure(cell.replace("-", MINUS) or MISSING) if number else words(cell)
                for cell, number in zip(row, numbers, strict=True)
            ]
            for row in rows
        ],
        note="As read: logarithms linearised, gain divided out, nothing compensated.",
    )


def _spillover(page: FcsPage) -> PageTable | None:
    """The matrix in percent, as cytometrists write it; a blank diagonal stands for 100."""
    if page.spillover is None:
        return None
    names = page.spillover_channels
    rows = []
    for i, (name, shares) in enumerate(zip(names, 100 * page.spillover, strict=True)):
        cells = [
            words("")
            if i == j and share == 100
            else figure(fixed(share, 1), look="muted" if abs(share) < SMALL_SHARE else "")
            for j, share in enumerate(shares)
        ]
        rows.append([words(name), *cells])
    return table(
        "spillover",
        "Spillover",
        [Head(""), *(Head(name, number=True) for name in names)],
        rows,
        note="Percent of the fluorochrome in each row that is seen in the detector of each "
        "column. The file records it; it was not taken out here.",
        folded=len(names) > 8,
        small=True,
    )
