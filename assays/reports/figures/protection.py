"""Shares of cells, such as dead ones, by condition; how much of the death a stimulus prevents."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.conditions import Colours, plain_condition, tube_key
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.responses import labels_of
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import counted, some
from assays.reports.words import percent, with_interval
from assays.results.activation import Protection
from assays.results.flow import FlowRun, Reading
from assays.samples import STAINING, Tube
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT_MM, PLOT_MM, NAMES_MM = 14.0, 52.0, 20.0
LETTER_MM = 1.43
"""Mean width of a letter of 7 points."""
SLOT_MM, NARROWEST_MM = 13.0, 3.6
MOST_CONDITIONS = 40
MOST_NAMES, MOST_LETTERS = 20, 10
LINE_MM = 5.5
LEAST, MOST = -60.0, 130.0
"""The axis of protection never reaches further."""


def protection_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """Each share of cells by condition, then the protection from it."""
    shares = [each for each in run.readings if each.kind == "fraction"]
    for readout in dict.fromkeys(each.readout for each in shares):
        own = [each for each in shares if each.readout == readout]
        if len(conditions_of(own)) > 1:
            yield partial(_shares, own, palette)
        saved = [each for each in run.protections if each.readout == readout]
        if saved:
            yield partial(_saved, saved)


def _shares(readings: Sequence[Reading], palette: Colours) -> Picture:
    caption, alt = words_of_shares(readings)
    name = f"shares-{slug(readings[0].readout)}"
    figure = draw_shares(readings, palette)
    return vector_picture(figure, name, "protection", "", caption, alt)


def _saved(rows: Sequence[Protection]) -> Picture:
    caption, alt = words_of_protection(rows)
    name = f"protection-{slug(rows[0].readout)}"
    return vector_picture(draw_protection(rows), name, "protection", "", caption, alt)


def conditions_of(readings: Sequence[Reading]) -> dict[Tube, dict[str, list[float]]]:
    """Percentages by condition in dose order, then by donor."""
    found: dict[Tube, dict[str, list[float]]] = {}
    for each in readings:
        if math.isfinite(each.median) and each.tube.role not in STAINING:
            own = found.setdefault(plain_condition(each.tube), {})
            own.setdefault(each.donor, []).append(each.median)
    return {tube: found[tube] for tube in sorted(found, key=tube_key)}


def draw_shares(readings: Sequence[Reading], palette: Colours) -> Figure:
    """Tubes as points, a thin line through the means of each donor."""
    found = dict(list(conditions_of(readings).items())[:MOST_CONDITIONS])
    labels = labels_of(list(found))
    bottom = 5.0 + LETTER_MM * max(len(label) for label in labels)
    room = WIDTH_MM - LEFT_MM - NAMES_MM
    slot = max(min(SLOT_MM, room / len(found)), NARROWEST_MM)
    width = slot * len(found)
    with style.house_style():
        figure = style.new_figure(bottom + PLOT_MM + 4.0, LEFT_MM + width + NAMES_MM)
        axes = style.place(figure, LEFT_MM, bottom, width, PLOT_MM)
        axes.set_xlim(-0.5, len(found) - 0.5)
        highest = max(value for own in found.values() for tubes in own.values() for value in tubes)
        axes.set_ylim(0, min(1.15 * highest, 102.0) if highest > 0 else 1.0)
        axes.set_xticks(range(len(labels)), labels, rotation=90)
        first = readings[0]
        axes.set_ylabel(printable(f"{first.readout}, % of {first.population}", 44))
        ends: dict[str, float] = {}
        for donor in dict.fromkeys(each.donor for each in readings):
            places = [rank for rank, own in enumerate(found.values()) if donor in own]
            means = [math.fsum(own[donor]) / len(own[donor]) for own in found.values()
                     if donor in own]  # fmt: skip
            if means:
                axes.plot(places, means, color="#9aa3ad", lw=0.7, zorder=2)
                ends[donor] = means[-1]
        for rank, (tube, own) in enumerate(found.items()):
            values = [value for tubes in own.values() for value in tubes]
            axes.plot([rank] * len(values), values, "o", ms=3.8, mec="white", mew=0.4,
                      color=palette.of_tube(tube), zorder=4)  # fmt: skip
        if len(ends) <= MOST_NAMES:
            _names(axes, ends, len(found) - 1)
    return figure


def _names(axes: Axes, ends: dict[str, float], last: int) -> None:
    low, high = axes.get_ylim()
    gap = POINTS * 1.12 * (high - low) / (PLOT_MM / 25.4 * 72)
    places = style.spread(list(ends.values()), gap, low + gap / 2, high - gap / 2)
    for (donor, end), place in zip(ends.items(), places, strict=True):
        axes.annotate(
            printable(donor, MOST_LETTERS), (last, end), (last + 0.7, place), va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "#c3c9d0", "lw": 0.5, "shrinkA": 1,
                        "shrinkB": 3, "relpos": (0.0, 0.5)},
        )  # fmt: skip


def draw_protection(rows: Sequence[Protection]) -> Figure:
    """A line per donor and stimulus: the dot is the protection, the bar its interval."""
    names = [_name(row, rows) for row in rows]
    left = 4.0 + LETTER_MM * max(len(name) for name in names)
    ends = [end for row in rows for end in (row.percent, *row.interval) if math.isfinite(end)]
    low = max(min([-8.0, *(end - 4 for end in ends)]), LEAST)
    high = min(max([104.0, *(end + 4 for end in ends)]), MOST)
    tall = LINE_MM * len(rows)
    with style.house_style():
        figure = style.new_figure(tall + 16.0, left + 90.0)
        axes = style.place(figure, left, 11.0, 84.0, tall)
        axes.set_xlim(low, high)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), names)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        for place in (0.0, 100.0):
            axes.axvline(place, color=style.QUIET, lw=style.HAIR, zorder=1)
        places = [place for place in range(-50, 151, 25) if low <= place <= high]
        axes.set_xticks(places, [str(place).replace("-", "\u2212") for place in places])
        axes.set_xlabel("Protection (% of the death without stimulus)")
        for rank, row in enumerate(rows):
            _line(axes, row, rank)
    return figure


def _name(row: Protection, rows: Sequence[Protection]) -> str:
    """The donor, with what else tells its line from the others."""
    parts = [printable(row.donor, 14)]
    for part in ("stimulus", "vehicle", "plate", "time_min"):
        value = getattr(row, part)
        if len({getattr(each, part) for each in rows}) > 1 and value not in ("", None):
            parts.append(f"{value:g} min" if part == "time_min" else printable(value, 20))
    return ", ".join(parts)


def _line(axes: Axes, row: Protection, rank: int) -> None:
    low, high = axes.get_xlim()
    if not math.isfinite(row.percent):
        axes.annotate(row.status.partition(":")[0], (0.0, rank), (4, 0), va="center",
                      textcoords="offset points", color=style.QUIET)  # fmt: skip
        return
    ink = style.STIMULATED
    begin, end = row.interval
    if math.isfinite(begin) and math.isfinite(end):
        axes.plot([max(begin, low), min(end, high)], [rank, rank], color=ink, lw=1.1, zorder=3)
        for place, marker, out in ((low, "<", begin < low), (high, ">", end > high)):
            if out:
                axes.plot([place], [rank], marker=marker, ms=4, color=ink, clip_on=False)
    sure = row.status == "ok"
    axes.plot([min(max(row.percent, low), high)], [rank], "o", ms=4.6, mec=ink, mew=0.9, zorder=5,
              mfc=ink if sure else "white", clip_on=False)  # fmt: skip


def words_of_shares(readings: Sequence[Reading]) -> tuple[str, str]:
    """Caption and alternative text."""
    first = readings[0]
    found = conditions_of(readings)
    caption = (
        f"{first.readout}, percent of {first.population}, by condition in dose order. Points are "
        "tubes; thin lines join the means of each donor. Grey-blue is unstimulated, vermilion "
        "stimulated, other colours are inhibitors, lighter for lower doses."
    )
    left = len(found) - MOST_CONDITIONS
    if left > 0:
        caption += f" {counted(left, 'further condition')} in the tables."
    told = []
    for label, own in zip(labels_of(list(found)), found.values(), strict=True):
        means = sorted(math.fsum(tubes) / len(tubes) for tubes in own.values())
        ends = percent(means[0])
        ends += f" to {percent(means[-1])}" if len(means) > 1 else ""
        told.append(f"{label} {ends} %")
    return caption, f"{first.readout}, lowest to highest donor: {some(told, 14)}."


def words_of_protection(rows: Sequence[Protection]) -> tuple[str, str]:
    """Caption and alternative text."""
    stimuli = " or ".join(dict.fromkeys(row.stimulus for row in rows))
    caption = (
        f"Specific protection by {stimuli}: the share of the death without it ({rows[0].readout} "
        "of the unstimulated tubes) that it prevents. Dots are donors, bars their "
        f"{100 * rows[0].level:g} % intervals; at 0 % it saves no cell, at 100 % every one."
    )
    if any(row.status == "not testable" for row in rows):
        caption += " Hollow dots: without replicate tubes the bar holds the scatter of events only."
    told = []
    for row in rows:
        shown, ends = with_interval(row.percent, row.interval, decimals=1)
        known = math.isfinite(row.percent)
        value = f"{shown} %{f' ({ends})' if ends else ''}" if known else row.status
        told.append(f"{_name(row, rows)}: {value}")
    return caption, f"Protection from {rows[0].readout}. {some(told, 14)}."
