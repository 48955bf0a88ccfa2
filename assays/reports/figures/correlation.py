"""What cells secrete against how active they are, a point per donor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.axes import LETTER_MM, concentration_axis, even_ticks
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.svg import vector_picture
from assays.reports.words import fixed, p_value, significant, units_in_words
from assays.results.correlation import Association, Correlated
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS, PAGE_ROWS = 3, 3
LEFT_MM, PITCH_MM, SIDE_MM = 14.0, 58.0, 42.0
ROW_MM, PLOT_MM, BOTTOM_MM = 64.0, 42.0, 11.0
MOST_NAMED = 14
"""More donors than this are not named beside their points."""
LETTERS = 8
QUANTITY = {
    "arcsinh": "arcsinh",
    "log2 fold": "log2 fold",
    "percent points": "% of cells",
}


def correlation_work(found: Sequence[Correlated]) -> Iterator[Callable[[], Picture]]:
    """A picture per readout: constitutive and induced activation side by side."""
    for readout in dict.fromkeys(each.readout for each in found):
        own = [each for each in found if each.readout == readout and each.donors]
        per_sheet = ACROSS * PAGE_ROWS
        sheets = [own[at : at + per_sheet] for at in range(0, len(own), per_sheet)]
        for rank, sheet in enumerate(sheets, start=1):
            name = f"correlation-{slug(readout)}" + (f"-{rank}" if len(sheets) > 1 else "")
            yield partial(_picture, sheet, name)


def _picture(sheet: Sequence[Correlated], name: str) -> Picture:
    caption, alt = words_of_correlations(sheet)
    return vector_picture(draw_correlations(sheet), name, "correlation", "", caption, alt)


def draw_correlations(found: Sequence[Correlated]) -> Figure:
    """Panels on one concentration axis.

    A donor below a limit is a hollow arrowhead at that limit, pointing to where its value lies;
    one above a limit points the other way. The dotted line is the highest lower limit.
    """
    rows = -(-len(found) // ACROSS)
    columns = min(len(found), ACROSS)
    low, high = _span(found)
    with style.house_style():
        width = min(LEFT_MM + columns * PITCH_MM, WIDTH_MM) if columns > 1 else 80.0
        figure = style.new_figure(rows * ROW_MM, width)
        for index, each in enumerate(found):
            left = LEFT_MM + (index % ACROSS) * PITCH_MM
            bottom = (rows - 1 - index // ACROSS) * ROW_MM + BOTTOM_MM
            axes = style.place(figure, left, bottom, SIDE_MM, PLOT_MM)
            axes.set_xscale("log")
            axes.set_xlim(low, high)
            concentration_axis(axes, low, high, room_mm=SIDE_MM)
            _donors(axes, each)
            _limit(axes, each)
            _words(axes, each)
    return figure


def _span(found: Sequence[Correlated]) -> tuple[float, float]:
    values = [value for each in found for value in each.concentrations if value > 0]
    if not values:
        return 1.0, 10.0
    pad = max((max(values) / min(values)) ** 0.08, 1.5)
    return min(values) / pad, max(values) * pad


def mark(qualifier: str) -> dict[str, object]:
    """A filled dot for a number, a hollow arrowhead for a limit."""
    hollow: dict[str, object] = {"mfc": "white", "mec": style.SAMPLE, "mew": 0.9, "ms": 4.6}
    if qualifier == "<":
        return {"marker": "<", **hollow}
    if qualifier == ">":
        return {"marker": ">", **hollow}
    return {"marker": "o", "mfc": style.SAMPLE, "mec": "white", "mew": 0.4, "ms": 4.0}


def _donors(axes: Axes, each: Correlated) -> None:
    points = list(
        zip(each.donors, each.concentrations, each.qualifiers, each.activation, strict=True)
    )
    levels = [level for *_, level in points if math.isfinite(level)] or [0.0]
    room = (max(levels) - min(levels)) or 1.0
    axes.set_ylim(min(levels) - 0.1 * room, max(levels) + 0.12 * room)
    for _, concentration, qualifier, level in points:
        axes.plot([concentration], [level], ls="none", zorder=4, **mark(qualifier))  # type: ignore[arg-type]
    if len(points) <= MOST_NAMED:
        _names(axes, points)
    even_ticks(axes)


def _names(axes: Axes, points: Sequence[tuple[str, float, str, float]]) -> None:
    """Donors beside their marks: on the side where no other mark or name stands."""
    (low, high), (floor, ceiling) = axes.get_xlim(), axes.get_ylim()
    across, up = SIDE_MM / math.log(high / low), PLOT_MM / (ceiling - floor)
    places = [(across * math.log(x / low), up * (y - floor)) for _, x, _, y in points]
    taken = [(x - 0.9, y - 0.9, x + 0.9, y + 0.9) for x, y in places]
    for (donor, concentration, _, level), (x, y) in zip(points, places, strict=True):
        name = printable(donor, LETTERS)
        wide = len(name) * LETTER_MM
        best = min(SIDES, key=lambda side: (_met(_box(x, y, wide, side), taken), SIDES.index(side)))
        taken.append(_box(x, y, wide, best))
        axes.annotate(
            name,
            (concentration, level),
            (4 * best[0], 2.5 * best[1]),
            textcoords="offset points",
            ha="left" if best[0] > 0 else "right",
            va="bottom" if best[1] > 0 else "top",
            color=style.QUIET,
            zorder=3,
        )


SIDES = ((1, 1), (1, -1), (-1, 1), (-1, -1))
"""Right or left of a mark, above or below it, in the order of liking."""
Box = tuple[float, float, float, float]


def _box(x: float, y: float, wide: float, side: tuple[int, int]) -> Box:
    """Millimetres that a name takes on one side of its mark."""
    left = x + 1.4 if side[0] > 0 else x - 1.4 - wide
    bottom = y + 0.9 if side[1] > 0 else y - 0.9 - POINTS / 72 * 25.4
    return left, bottom, left + wide, bottom + POINTS / 72 * 25.4


def _met(box: Box, taken: Sequence[Box]) -> int:
    """How many others a box touches; the frame counts as one."""
    out = box[0] < 0 or box[2] > SIDE_MM + 12.0 or box[1] < 0 or box[3] > PLOT_MM
    return int(out) + sum(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )


def _limit(axes: Axes, each: Correlated) -> None:
    """The highest limit that values lie below: left of it nothing is told apart."""
    limits = [value for value, mark in zip(each.concentrations, each.qualifiers, strict=True)
              if mark == "<"]  # fmt: skip
    if not limits:
        return
    axes.axvspan(axes.get_xlim()[0], max(limits), color=style.MARGIN, lw=0, zorder=0)
    axes.axvline(max(limits), color=style.QUIET, lw=style.HAIR, ls=(0, (1, 1.5)), zorder=1)


def _words(axes: Axes, each: Correlated) -> None:
    unit = printable(units_in_words(each.unit), 18)
    axes.set_xlabel(f"{printable(each.analyte, 12)} ({unit})")
    change = "Δ" if each.question == "induced" and each.scale != "log2 fold" else ""
    quantity = QUANTITY.get(each.scale, each.scale)
    axes.set_ylabel(f"{printable(each.readout, 18)}, {change}{quantity}")
    stimulus = f", {each.stimulus.partition(', ')[0]}" if each.stimulus else ""
    title = f"{printable(f'{each.question}{stimulus}', 28)}, n = {len(each.donors)}"
    axes.set_title(title, weight="bold", pad=13.0)
    axes.annotate(coefficient(each.spearman, "Spearman"), (0, 1), (0, 4),
                  xycoords="axes fraction", textcoords="offset points")  # fmt: skip


def coefficient(found: Association, name: str) -> str:
    """``Spearman 0.62 (0.11–0.87), p = 0.021``, or why there is none."""
    if not math.isfinite(found.coefficient):
        return f"{name}: {found.status}"
    low, high = found.interval
    dash = " to " if low < 0 else "–"
    ends = f" ({fixed(low, 2)}{dash}{fixed(high, 2)})" if math.isfinite(low + high) else ""
    p = p_value(found.p)
    return f"{name} {fixed(found.coefficient, 2)}{ends}, p {p if p[0] == '<' else f'= {p}'}"


def words_of_correlations(found: Sequence[Correlated]) -> tuple[str, str]:
    """Caption and alternative text."""
    first = found[0]
    caption = (
        f"{first.analyte} that each donor's cells released against their {first.readout}: level of "
        "the unstimulated cells (constitutive), and what the stimulus adds (induced). Each mark is "
        "a donor."
    )
    marks = {mark for each in found for mark in each.qualifiers}
    if "<" in marks:
        limits = [value for each in found
                  for value, mark in zip(each.concentrations, each.qualifiers, strict=True)
                  if mark == "<"]  # fmt: skip
        caption += (
            " Hollow arrowheads lie somewhere below the limit they stand at; left of the dotted "
            f"line, {significant(max(limits))} {units_in_words(first.unit)}, Spearman ranks all "
            "donors equal."
        )
    if ">" in marks:
        caption += " Those that point right lie above their limit."
    told = []
    for each in found:
        stimulus = f" by {each.stimulus}" if each.stimulus else ""
        told.append(
            f"{each.question}{stimulus}, {len(each.donors)} donors, {each.spearman.below} of them "
            f"below a limit: {coefficient(each.spearman, 'Spearman')}; "
            f"{coefficient(each.pearson, 'Pearson of logarithms')}"
        )
    return caption, f"{first.analyte} against {first.readout}. {'. '.join(told)}."
