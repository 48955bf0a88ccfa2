"""Dose responses of one inhibitor and readout, a panel per donor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis
from assays.reports.words import units_in_words, with_interval
from assays.results.inhibition import DoseResponse
from plates.draw import WIDTH_MM
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3
PITCH_MM, SIDE_MM = 56.0, 43.0
ROW_MM, PLOT_MM, BOTTOM_MM = 55.0, 36.0, 12.0
LEFT_MM = 15.0
LETTERS = 28
"""That fit above a panel."""
PAGE_ROWS = 4
"""Rows of panels that print on A4."""
PER_SHEET = ACROSS * PAGE_ROWS


def draw_dose_responses(series: Sequence[DoseResponse], quantity: str, colour: str) -> Figure:
    """Responses against dose, not percentages, with the bands of both controls.

    The IC50 and its interval stand on the dose axis; when the doses do not bracket it, the
    words stand at the edge it lies beyond.

    Parameters
    ----------
    series : sequence of DoseResponse
        Of one inhibitor and readout; at most `PER_SHEET` donors.
    quantity : str
        Name and unit of the responses: ``pSTAT3, median (a.u.)``.
    colour : str
        Of the inhibitor.
    """
    columns = min(ACROSS, max(len(series), 1))
    rows = max(-(-len(series) // ACROSS), 1)
    width = min(LEFT_MM + columns * PITCH_MM - (PITCH_MM - SIDE_MM) + 14.0, WIDTH_MM)
    x_limits, y_limits = _dose_span(series), _response_span(series)
    with style.house_style():
        figure = style.new_figure(rows * ROW_MM, width)
        for index, own in enumerate(series):
            left = LEFT_MM + (index % ACROSS) * PITCH_MM
            bottom = (rows - 1 - index // ACROSS) * ROW_MM + BOTTOM_MM
            axes = style.place(figure, left, bottom, SIDE_MM, PLOT_MM)
            axes.set_xscale("log")
            axes.set_xlim(*x_limits)
            axes.set_ylim(*y_limits)
            concentration_axis(axes, *x_limits, room_mm=SIDE_MM)
            _controls(axes, own)
            _points(axes, own, colour)
            _ic50(axes, own, colour)
            room = LETTERS - len(verdict(own))
            axes.set_title(printable(own.donor, max(room, 4)), weight="bold", pad=4.0)
            axes.set_title(verdict(own), loc="right", pad=4.0)
            unit = printable(units_in_words(own.unit), 10)
            axes.set_xlabel(f"{printable(own.inhibitor, 20)} ({unit})")
            if index % ACROSS == 0:
                axes.set_ylabel(printable(quantity, 34))
        if not series:
            figure.text(0.5, 0.5, "no dose series", ha="center", color=style.QUIET)
    return figure


def _dose_span(series: Sequence[DoseResponse]) -> tuple[float, float]:
    """Shared by all panels: the doses and a margin for what lies beyond."""
    doses = [float(d) for own in series for d in own.doses if math.isfinite(d) and d > 0]
    if not doses:
        return 1.0, 10.0
    low, high = min(doses), max(doses)
    pad = max((high / low) ** 0.09, 1.6)
    return low / pad, high * pad


def _response_span(series: Sequence[DoseResponse]) -> tuple[float, float]:
    """Shared by all panels, since donors differ in how much they respond."""
    shown = [float(value) for own in series for value in own.responses]
    for own in series:
        shown += [own.stimulated, own.unstimulated]
        # A band from two tubes can be wider than the picture; it is cut at twice the window.
        reach = abs(own.stimulated - own.unstimulated)
        middle = (own.stimulated + own.unstimulated) / 2
        ends = (*own.stimulated_band, *own.unstimulated_band)
        shown += [
            min(max(end, middle - reach), middle + reach) for end in ends if not math.isnan(end)
        ]
    finite = [value for value in shown if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    pad = 0.08 * (high - low) or abs(high) * 0.1 or 1.0
    return low - 1.5 * pad, high + 1.5 * pad


def _controls(axes: Axes, own: DoseResponse) -> None:
    falls = own.unstimulated > own.stimulated
    for value, band, colour, word, above in (
        (own.stimulated, own.stimulated_band, style.STIMULATED, "stimulated", not falls),
        (own.unstimulated, own.unstimulated_band, style.UNSTIMULATED, "unstim.", falls),
    ):
        if not any(math.isnan(end) for end in band):
            low, high = axes.get_ylim()
            ends = (max(min(band), low), min(max(band), high))
            axes.axhspan(*ends, color=style.tint(colour, 0.25), lw=0, zorder=0)
        if math.isfinite(value):
            axes.axhline(value, color=colour, lw=0.9, zorder=1)
            axes.annotate(
                word,
                (1.0, value),
                (-2, 2 if above else -2),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="bottom" if above else "top",
                zorder=2,
            )


def _points(axes: Axes, own: DoseResponse, colour: str) -> None:
    known = np.isfinite(own.doses) & np.isfinite(own.responses) & (own.doses > 0)
    if own.x.size and own.x.size == own.y.size:
        dashes = "-" if math.isfinite(own.ic50) else (0, (3, 2))
        axes.plot(own.x, own.y, color=colour, lw=1.3, ls=dashes, zorder=3)
    axes.plot(
        own.doses[known],
        own.responses[known],
        ls="none",
        marker="o",
        ms=4.0,
        mfc=style.tint(colour, 0.6),
        mec=colour,
        mew=0.8,
        zorder=5,
    )


def verdict(own: DoseResponse) -> str:
    """The IC50 with its interval, or why there is none, in a few words."""
    if math.isfinite(own.ic50):
        # The digits of the table beside it.
        shown, ends = with_interval(own.ic50, own.ic50_interval)
        return f"IC50 {shown} ({ends})" if ends else f"IC50 {shown}"
    if own.status == "> highest dose":
        return f"IC50 {own.status} ▸"
    if own.status == "< lowest dose":
        return f"◂ IC50 {own.status}"
    if own.status == "not bracketed":
        return f"IC50 {own.status}"
    if own.status == "window too weak":
        return f"{own.status} for an IC50"
    return "" if own.status == "ok" else own.status.partition(":")[0]


def _ic50(axes: Axes, own: DoseResponse, colour: str) -> None:
    """The IC50 as a mark on the dose axis with its interval, or an arrowhead at its end."""
    low, high = axes.get_xlim()
    floor = axes.get_ylim()[0]
    begin, end = own.ic50_interval
    look: dict[str, Any] = {"color": colour, "clip_on": False, "zorder": 9}
    if not math.isnan(begin) and not math.isnan(end) and end > low and begin < high:
        ends = [max(begin, low), min(end, high)]
        axes.plot(ends, [floor, floor], lw=3.2, solid_capstyle="butt", **look)
        for place, marker, out in ((low, "<", begin < low), (high, ">", end > high)):
            if out:
                axes.plot([place], [floor], marker=marker, ms=5, **look)
    if math.isfinite(own.ic50) and own.ic50 > 0:
        place = min(max(own.ic50, low), high)
        axes.plot([place], [floor], marker="^", ms=6, mfc="white", **look)
    elif own.status in ("> highest dose", "< lowest dose"):
        right = own.status.startswith(">")
        place, marker = (high, ">") if right else (low, "<")
        axes.plot([place], [floor], marker=marker, ms=6, mfc="white", **look)
    elif ":" in own.status:
        axes.text(
            0.03,
            0.5,
            printable(own.status.partition(":")[2], 40),
            transform=axes.transAxes,
            va="center",
            color=style.STOP,
            bbox=style.ground(),
            zorder=8,
        )
