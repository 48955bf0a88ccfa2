"""Two conditions in every donor, joined by a line: the slopes behind a paired test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.axes import plain
from assays.reports.figures.conditions import cut
from assays.reports.figures.words import counted, some
from assays.reports.words import (
    POINTS_OF_PERCENT,
    decimals_of_scale,
    fixed,
    p_value,
    units_in_words,
    with_interval,
)
from assays.results.inhibition import DonorComparison
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT_MM, PANEL_MM, NAMES_MM, PLOT_MM, BOTTOM_MM, TOP_MM = 15.0, 24.0, 14.0, 52.0, 11.0, 15.0
MOST_NAMES, MOST_LETTERS, LETTERS_OF_TITLE = 20, 8, 22
ACROSS = int((WIDTH_MM - LEFT_MM) / (PANEL_MM + NAMES_MM))
"""Panels in a line."""


def shown(rows: Sequence[DonorComparison]) -> list[DonorComparison]:
    """Comparisons that p was adjusted for: one dose of each inhibitor, and each stimulus."""
    return [row for row in rows if row.family and len(row.controls) == row.n > 1]


def draw_paired(rows: Sequence[DonorComparison], cofactor: float, colours: Sequence[str]) -> Figure:
    """A panel per comparison, on one axis; `colours` are those of the compared conditions."""
    lines = [range(at, min(at + ACROSS, len(rows))) for at in range(0, len(rows), ACROSS)]
    tall = BOTTOM_MM + PLOT_MM + TOP_MM
    low, high = _reach(rows)
    timed = len({row.time_min for row in rows} - {None}) > 1
    with style.house_style():
        figure = style.new_figure(len(lines) * tall)
        for rank, line in enumerate(lines):
            bottom = (len(lines) - 1 - rank) * tall + BOTTOM_MM
            for place, index in enumerate(line):
                left = LEFT_MM + place * (PANEL_MM + NAMES_MM)
                axes = style.place(figure, left, bottom, PANEL_MM, PLOT_MM)
                axes.set_ylim(low, high)
                _frame(axes, rows[index], cofactor, first=place == 0, timed=timed)
                _donors(axes, rows[index], colours[index])
    return figure


def _reach(rows: Sequence[DonorComparison]) -> tuple[float, float]:
    ends = [level for row in rows for level in (*row.controls, *_reached(row))]
    room = 0.06 * max(max(ends) - min(ends), 1e-6)
    return min(ends) - room, max(ends) + room


def _reached(row: DonorComparison) -> list[float]:
    return [zero + step for zero, step in zip(row.controls, row.differences, strict=True)]


def given_in_words(row: DonorComparison, *, timed: bool = False) -> str:
    """What was given, as wide as a panel: the dose and a time that differs stay whole."""
    dose = units_in_words(row.dose)
    time = f", {row.time_min:g} min" if timed and row.time_min is not None else ""
    room = LETTERS_OF_TITLE - len(dose) - len(time) - 1
    return f"{cut(row.member, max(room, 3))} {dose}".rstrip() + time


def _frame(axes: Axes, row: DonorComparison, cofactor: float, *, first: bool, timed: bool) -> None:
    axes.set_xlim(-0.25, 1.25)
    # An inhibitor's panel starts from the stimulated cells, whose name would not fit beside it.
    start = "unstim." if row.kind == "activation" else "stim."
    end = "stim." if row.kind == "activation" else "+ inhibitor"
    axes.set_xticks((0, 1), (start, end))
    places, names = ticks(row.scale, cofactor, *axes.get_ylim())
    axes.set_yticks(places, names if first else [""] * len(names))
    if first:
        unit = "(% of cells)" if row.scale == POINTS_OF_PERCENT else "median (a.u.)"
        comma = "" if row.scale == POINTS_OF_PERCENT else ","
        axes.set_ylabel(f"{printable(row.readout, 24)}{comma} {unit}")
    given = given_in_words(row, timed=timed)
    decimals = decimals_of_scale(row.scale)
    middle, ends = with_interval(row.estimate, row.estimate_interval, decimals=decimals)
    p = p_value(row.wilcoxon_holm)
    told = [
        (given, "bold"),
        (f"{middle} ({ends})" if ends else middle, "normal"),
        (f"p {p if p.startswith('<') else f'= {p}'}, n = {row.n}", "normal"),
    ]
    for rank, (text, weight) in enumerate(told):
        axes.annotate(
            text, (0, 1), (0, 3 + (2 - rank) * POINTS * 1.3), xycoords="axes fraction",
            textcoords="offset points", weight=weight,
            color=style.INK if rank == 0 else style.QUIET,
        )  # fmt: skip


def _donors(axes: Axes, row: DonorComparison, colour: str) -> None:
    ends = _reached(row)
    start = style.UNSTIMULATED if row.kind == "activation" else style.STIMULATED
    for zero, end in zip(row.controls, ends, strict=True):
        axes.plot((0, 1), (zero, end), color="#9aa3ad", lw=0.7, zorder=2)
    for place, values, ink in ((0, row.controls, start), (1, ends, colour)):
        axes.plot([place] * len(values), values, "o", ms=3.6, color=ink, mec="white", mew=0.4)
    if row.n <= MOST_NAMES:
        _names(axes, row.donors, ends)


def _names(axes: Axes, donors: Sequence[str], ends: Sequence[float]) -> None:
    low, high = axes.get_ylim()
    gap = POINTS * 1.12 * (high - low) / (PLOT_MM / 25.4 * 72)
    for donor, end, place in zip(
        donors, ends, style.spread(list(ends), gap, low + gap / 2, high - gap / 2), strict=True
    ):
        axes.annotate(
            printable(donor, MOST_LETTERS), (1, end), (1.08, place), va="center",
            textcoords=("axes fraction", "data"),
            arrowprops={"arrowstyle": "-", "color": "#c3c9d0", "lw": 0.5, "shrinkA": 1,
                        "shrinkB": 3, "relpos": (0.0, 0.5)},
        )  # fmt: skip


def ticks(scale: str, cofactor: float, low: float, high: float) -> tuple[list[float], list[str]]:
    """Ticks in the unit of the medians, on an arcsinh or log2 axis; percent are linear.

    >>> ticks("arcsinh", 150, 0, 3)[1]
    ['0', '50', '100', '200', '500', '1000']
    >>> ticks("log2 fold", 150, 5, 8)[1]
    ['50', '100', '200']
    """
    if scale == POINTS_OF_PERCENT:
        steps = (1, 2, 5, 10, 20, 25, 50, 100)
        step = next((one for one in steps if (high - low) / one <= 8), 200)
        places = [float(one) for one in range(-1000, 1001, step) if low <= one <= high]
        return places, [f"{one:.0f}".replace("-", "−") for one in places]
    powers = [step * 10.0**power for power in range(-2, 9) for step in (1, 2, 5)]
    every = [-value for value in reversed(powers)] + [0.0] + powers
    if scale == "arcsinh":
        placed = [(math.asinh(value / cofactor), value) for value in every]
    else:
        placed = [(math.log2(value), value) for value in powers]
    kept: list[tuple[float, float]] = []
    # Zero first, then outwards: what stands too near to its neighbour is left out.
    for place, value in sorted(placed, key=lambda found: abs(found[1])):
        apart = all(abs(place - other) >= 0.09 * (high - low) for other, _ in kept)
        if low <= place <= high and apart:
            kept.append((place, value))
    kept.sort()
    return [place for place, _ in kept], [plain(value).replace("-", "−") for _, value in kept]


def words_of_paired(rows: Sequence[DonorComparison]) -> tuple[str, str]:
    """Caption and alternative text."""
    unit = {"arcsinh": "Δarcsinh"}.get(rows[0].scale, rows[0].scale)
    caption = (
        f"{rows[0].readout} in every donor, before and after: each line is a donor, each dot the "
        "mean of its tubes. Above: what was given, the Hodges–Lehmann estimate of the difference "
        f"({unit}) with its interval, which holds with the confidence in the table over donors, "
        "p of the signed-rank test, adjusted over what was compared (Holm), and n, the donors."
    )
    told = [
        f"{row.condition} against {row.against}: "
        f"{fixed(row.estimate, decimals_of_scale(row.scale))} {unit} in "
        f"{counted(row.n, 'donor')}, {sum(step < 0 for step in row.differences)} of them lower"
        for row in rows
    ]
    return caption, f"{rows[0].readout}. {some(told, 10)}."
