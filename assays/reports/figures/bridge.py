"""Two plates held against one another: results side by side, and how far they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis, even_ticks, ratio_axis
from assays.reports.figures.picture import Picture
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import counted
from assays.reports.words import fixed, percent, plate_in_words, units_in_words
from assays.results.elisa import ElisaRun
from assays.results.plates_together import BridgePair, BridgeResult
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM, HEIGHT_MM = 160.0, 68.0
LEFT_MM, PLOT_MM, BOTTOM_MM, TALL_MM = 15.0, 50.0, 11.0, 48.0
SECOND_MM, WORDS_MM = 86.0, 18.0
MOST_NAMED = 6
"""Samples outside the limits of agreement that are named."""
LETTERS = 12
LEAST_REACH = 20.0
"""Percent, of the panel of differences: smaller ones would look larger than they are."""


def bridge_work(run: ElisaRun) -> Iterator[Callable[[], Picture]]:
    """A picture per pair of plates with at least three samples on both."""
    for number, found in enumerate(run.bridges, start=1):
        if math.isfinite(found.ratio) and drawable(found):
            yield partial(_picture, found, f"bridge-{number}", run.analyte)


def _picture(found: BridgeResult, name: str, analyte: str) -> Picture:
    caption, alt = words_of_bridge(found, analyte)
    return vector_picture(draw_bridge(found), name, "bridge", "", caption, alt)


def drawable(found: BridgeResult) -> list[BridgePair]:
    """Pairs with a place on logarithmic axes: those that the numbers come from."""
    return [
        pair for pair in found.pairs if 0 < pair.first < math.inf and 0 < pair.second < math.inf
    ]


def draw_bridge(found: BridgeResult) -> Figure:
    """Left: second against first plate with the Deming line. Right: Bland and Altman's plot."""
    pairs = drawable(found)
    with style.house_style():
        figure = style.new_figure(HEIGHT_MM, WIDTH_MM)
        left = style.place(figure, LEFT_MM, BOTTOM_MM, PLOT_MM, TALL_MM)
        right = style.place(figure, SECOND_MM, BOTTOM_MM, PLOT_MM, TALL_MM)
        _scatter(left, found, pairs)
        _differences(right, found, pairs)
    return figure


def percent_apart(pair: BridgePair) -> float:
    """Second less first, percent of the mean of both.

    >>> percent_apart(BridgePair("S1", 90.0, 110.0))
    20.0
    """
    return 200.0 * (pair.second - pair.first) / (pair.first + pair.second)


def _scatter(axes: Axes, found: BridgeResult, pairs: list[BridgePair]) -> None:
    values = [value for pair in pairs for value in (pair.first, pair.second)]
    low, high = min(values) / 1.5, max(values) * 1.5
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    concentration_axis(axes, low, high, room_mm=PLOT_MM)
    ratio_axis(axes, low, high, room_mm=TALL_MM)
    axes.plot([low, high], [low, high], color=style.QUIET, lw=style.HAIR, ls=(0, (4, 2)), zorder=1)
    if math.isfinite(found.slope) and math.isfinite(found.intercept):
        x = np.geomspace(min(pair.first for pair in pairs), max(pair.first for pair in pairs), 80)
        y = found.intercept + found.slope * x
        axes.plot(x[y > 0], y[y > 0], color=style.STANDARD, lw=1.2, zorder=3)
    axes.plot([pair.first for pair in pairs], [pair.second for pair in pairs], "o", ms=3.8,
              color=style.SAMPLE, mec="white", mew=0.4, zorder=4)  # fmt: skip
    unit = printable(units_in_words(found.unit), 12)
    axes.set_xlabel(f"{_plate(found.first)} ({unit})")
    axes.set_ylabel(f"{_plate(found.second)} ({unit})")
    axes.set_title(f"mean ratio {_ratio(found)}", pad=4.0)


def _plate(label: str) -> str:
    name = printable(plate_in_words(label), 26)
    return name[:1].upper() + name[1:]


def _ratio(found: BridgeResult) -> str:
    low, high = found.interval
    ends = f" ({fixed(low, 2)}–{fixed(high, 2)})" if math.isfinite(low + high) else ""
    return fixed(found.ratio, 2) + ends


def _differences(axes: Axes, found: BridgeResult, pairs: list[BridgePair]) -> None:
    middles = [(pair.first + pair.second) / 2 for pair in pairs]
    apart = [percent_apart(pair) for pair in pairs]
    low, high = min(middles) / 1.5, max(middles) * 1.5
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    concentration_axis(axes, low, high, room_mm=PLOT_MM)
    ends = [end for end in found.agreement_percent if math.isfinite(end)]
    reach = 1.15 * max([LEAST_REACH, *(abs(value) for value in (*apart, *ends))])
    axes.set_ylim(-reach, reach)
    axes.axhline(0, color=style.QUIET, lw=style.HAIR, ls=(0, (4, 2)), zorder=1)
    if len(ends) == 2:
        axes.axhspan(*ends, color=style.MARGIN, lw=0, zorder=0)
    for value, word in ((found.mean_percent, "mean"), *((end, "1.96 SD") for end in ends)):
        if math.isfinite(value):
            main = word == "mean"
            axes.axhline(value, color=style.STANDARD, lw=1.2 if main else style.HAIR, zorder=2)
            axes.annotate(f"{percent(value)} %\n{word}", (1.0, value), (4, 0), va="center",
                          xycoords=("axes fraction", "data"), textcoords="offset points",
                          linespacing=1.05, color=style.INK if main else style.QUIET,
                          annotation_clip=False)  # fmt: skip
    axes.plot(middles, apart, "o", ms=3.8, color=style.SAMPLE, mec="white", mew=0.4, zorder=4)
    _name_outside(axes, found, pairs)
    axes.set_xlabel(f"Mean of both ({printable(units_in_words(found.unit), 12)})")
    axes.set_ylabel("Difference (% of the mean)")
    even_ticks(axes)


def _name_outside(axes: Axes, found: BridgeResult, pairs: list[BridgePair]) -> None:
    low, high = found.agreement_percent
    far = sorted(pairs, key=lambda pair: -abs(percent_apart(pair) - found.mean_percent))
    for pair in far[:MOST_NAMED]:
        apart = percent_apart(pair)
        if low <= apart <= high:
            continue
        axes.annotate(printable(pair.sample, LETTERS), ((pair.first + pair.second) / 2, apart),
                      (4, 3), textcoords="offset points", bbox=style.ground(),
                      zorder=5)  # fmt: skip


def words_of_bridge(found: BridgeResult, analyte: str) -> tuple[str, str]:
    """Caption and alternative text."""
    first, second = plate_in_words(found.first), plate_in_words(found.second)
    caption = (
        f"{analyte} of the same samples on {first} and {second}. Left: each point is a sample, the "
        "line is Deming's (slope and intercept in the table), dashed is equality. Right: their "
        "difference in percent of the mean of both against that mean (Bland and Altman); lines "
        "are the mean difference and the limits of agreement, mean ± 1.96 SD."
    )
    low, high = found.agreement_percent
    judged = {True: "alike", False: "not shown to be alike", None: "not judged"}[found.alike]
    alt = (
        f"{counted(len(drawable(found)), 'sample')} on both: mean ratio {_ratio(found)}, {judged}; "
        f"mean difference {percent(found.mean_percent)} %, limits of agreement {percent(low)} to "
        f"{percent(high)} %; Deming slope {fixed(found.slope, 2)}."
    )
    return caption, alt
