"""Dose responses of a stimulus with and without an inhibitor, and the Schild plot beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis
from assays.reports.figures.conditions import Colours
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.schild_plot import (
    SCHILD_MM,
    constants_in_words,
    draw_schild,
    has_schild,
)
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import response_quantity, some
from assays.reports.words import units_in_words, with_interval
from assays.results.flow import FlowRun
from assays.results.shift import DoseShift, Moved
from plates.draw import WIDTH_MM
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_MM, PLOT_MM, BOTTOM_MM = 57.0, 40.0, 11.0
LEFT_MM, ZERO_MM, GAP_MM, MAIN_MM = 15.0, 6.0, 2.0, 64.0
SCHILD_LEFT_MM = 140.0
ROWS = 3
"""Series of one donor and readout each, on a sheet, so that it stays small enough."""
MOST_NAMED = 6
"""Curves that are named beside a panel."""


def shift_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """Pictures by readout, a row per donor and inhibitor."""
    for readout in dict.fromkeys(each.readout for each in run.shifts):
        found = [each for each in run.shifts if each.readout == readout and each.doses.size]
        sheets = [found[at : at + ROWS] for at in range(0, len(found), ROWS)]
        for rank, sheet in enumerate(sheets, start=1):
            name = f"shift-{slug(readout)}" + (f"-{rank}" if len(sheets) > 1 else "")
            yield partial(_picture, sheet, palette, name)


def _picture(sheet: Sequence[DoseShift], palette: Colours, name: str) -> Picture:
    caption, alt = words_of_shifts(sheet)
    return vector_picture(draw_shifts(sheet, palette), name, "dose", "", caption, alt)


def draw_shifts(series: Sequence[DoseShift], palette: Colours) -> Figure:
    """A row per donor: all curves on one axis, their EC50s at half height, the ratios by name.

    Tubes without stimulus stand left of the axis break. Where the inhibitor had three doses or
    more, its Schild plot stands at the right.
    """
    wide = any(has_schild(each) for each in series)
    with style.house_style():
        figure = style.new_figure(len(series) * ROW_MM, WIDTH_MM if wide else 130.0)
        for rank, each in enumerate(series):
            bottom = (len(series) - 1 - rank) * ROW_MM + BOTTOM_MM
            inks = inks_of(each, palette)
            _curves(figure, each, inks, bottom)
            if has_schild(each):
                axes = style.place(figure, SCHILD_LEFT_MM, bottom, SCHILD_MM, PLOT_MM)
                draw_schild(axes, each, inks)
    return figure


def inks_of(each: DoseShift, palette: Colours) -> dict[float, str]:
    """Vermilion for the stimulus alone; the inhibitor's own colour, lighter for lower doses."""
    doses = sorted({float(dose) for dose in each.inhibitor_doses if dose > 0})
    pale, full = palette.ends.get(each.inhibitor, (style.NOTE, style.NOTE))
    found = {0.0: style.STIMULATED}
    for rank, dose in enumerate(doses):
        share = rank / (len(doses) - 1) if len(doses) > 1 else 1.0
        found[dose] = style.between(pale, full, share)
    return found


def response_at(each: DoseShift, x: np.ndarray, ec50: float) -> np.ndarray:
    """The fitted curve: U + (T - U) / (1 + (EC50 / x) ** n)."""
    rise = 1.0 / (1.0 + (ec50 / x) ** each.slope)
    return np.asarray(each.bottom + (each.top - each.bottom) * rise)


def _curves(figure: Figure, each: DoseShift, inks: dict[float, str], bottom: float) -> None:
    zero = style.place(figure, LEFT_MM, bottom, ZERO_MM, PLOT_MM)
    main = style.place(figure, LEFT_MM + ZERO_MM + GAP_MM, bottom, MAIN_MM, PLOT_MM, sharey=zero)
    positive = each.doses[each.doses > 0]
    low, high = (float(positive.min()), float(positive.max())) if positive.size else (1.0, 10.0)
    pad = max((high / low) ** 0.05, 1.3)
    low, high = low / pad, high * pad
    main.set_xscale("log")
    main.set_xlim(low, high)
    concentration_axis(main, low, high, room_mm=MAIN_MM)
    main.spines["left"].set_visible(False)
    main.tick_params(axis="y", which="both", left=False, labelleft=False)
    zero.set_xlim(-1, 1)
    zero.set_xticks([0], ["0"])
    _break(zero, main)
    curve = np.geomspace(low, high, 160)
    half = each.bottom + (each.top - each.bottom) / 2
    for dose, ink in inks.items():
        own = each.inhibitor_doses == dose
        stimulated = own & (each.doses > 0)
        look: dict[str, Any] = {"ls": "none", "marker": "o", "ms": 3.6, "mec": "white", "mew": 0.4}
        look["zorder"] = 5
        main.plot(each.doses[stimulated], each.responses[stimulated], color=ink, **look)
        calm = own & (each.doses == 0)
        shade = style.UNSTIMULATED if dose == 0 else ink
        zero.plot(np.zeros(int(calm.sum())), each.responses[calm], color=shade, **look)
        ec50, interval = _ec50_of(each, dose)
        if not math.isfinite(ec50):
            continue
        main.plot(curve, response_at(each, curve, ec50), color=ink, lw=1.2, zorder=3)
        ends = [min(max(end, low), high) for end in interval if not math.isnan(end)]
        if len(ends) == 2:
            main.plot(ends, [half, half], color=ink, lw=2.6, solid_capstyle="butt", zorder=6)
        if low <= ec50 <= high:
            main.plot([ec50], [half], "D", ms=3.6, mfc="white", mec=ink, mew=0.9, zorder=7)
    main.set_xlabel(f"{printable(each.stimulus, 20)} ({printable(units_in_words(each.unit), 10)})")
    zero.set_ylabel(printable(response_quantity(each.readout, each.scale), 36))
    zero.set_title(printable(f"{each.donor}", 30), weight="bold", pad=4.0)
    _names(main, each, inks)


def _break(left: Axes, right: Axes) -> None:
    for axes, place in ((left, 1.0), (right, 0.0)):
        axes.plot([place], [0], transform=axes.transAxes, marker=[(-0.4, -1), (0.4, 1)], ms=5,
                  color=style.INK, mew=style.HAIR, clip_on=False, zorder=9)  # fmt: skip


def _ec50_of(each: DoseShift, dose: float) -> tuple[float, tuple[float, float]]:
    if dose == 0:
        return each.ec50, each.ec50_interval
    found = next((moved for moved in each.moved if moved.dose == dose), None)
    return (found.ec50, found.ec50_interval) if found else (math.nan, (math.nan, math.nan))


def lines_of(each: DoseShift) -> list[tuple[float, str, str]]:
    """What stands beside the curves: dose of the inhibitor, what it is, what it does."""
    shown, ends = with_interval(each.ec50, each.ec50_interval)
    unit = units_in_words(each.unit)
    alone = f"EC50 {shown}{f' ({ends})' if ends else ''} {unit}"
    if not math.isfinite(each.ec50):
        alone = each.status if each.status[0] not in "<>" else f"EC50 {each.status}"
    return [
        (0.0, "alone", alone),
        *(
            (moved.dose, units_in_words(f"+ {moved.dose:g} {each.inhibitor_unit}"), _ratio(moved))
            for moved in each.moved
        ),
    ]


def _ratio(moved: Moved) -> str:
    if not math.isfinite(moved.ratio):
        return moved.status if moved.status[0] not in "<>" else f"EC50 {moved.status}"
    shown, ends = with_interval(moved.ratio, moved.ratio_interval)
    return f"EC50 × {shown}{f' ({ends})' if ends else ''}"


def _names(axes: Axes, each: DoseShift, inks: dict[float, str]) -> None:
    """Curves by name, right of the panel; the inhibitor once above its doses."""
    found = lines_of(each)
    step = POINTS * 1.25
    y = -1.0
    for rank, (dose, given, told) in enumerate(found[:MOST_NAMED]):
        if rank == 1:
            axes.annotate(f"with {printable(each.inhibitor, 26)}", (1.0, 1.0), (7, y),
                          xycoords="axes fraction", textcoords="offset points", va="top",
                          color=style.QUIET)  # fmt: skip
            y -= step
        axes.annotate("●", (1.0, 1.0), (7, y), xycoords="axes fraction", va="top",
                      textcoords="offset points", color=inks.get(dose, style.INK))  # fmt: skip
        axes.annotate(f"{given}\n{told}", (1.0, 1.0), (16, y), xycoords="axes fraction", va="top",
                      textcoords="offset points", linespacing=1.2)  # fmt: skip
        y -= 2 * step + 2.5
    left = len(found) - MOST_NAMED
    if left > 0:
        axes.annotate(f"and {left} more in the table", (1.0, 1.0), (7, y), va="top",
                      xycoords="axes fraction", textcoords="offset points",
                      color=style.QUIET)  # fmt: skip


def words_of_shifts(series: Sequence[DoseShift]) -> tuple[str, str]:
    """Caption and alternative text."""
    first = series[0]
    caption = (
        f"{first.readout} against the dose of {first.stimulus}, without inhibitor (vermilion) and "
        "with it (its colour, lighter for lower doses). Points are tubes, unstimulated ones left "
        "of the break; lines are fitted together with one slope and one highest response. A "
        f"diamond is the EC50, the bar through it its {100 * first.level:g} % interval: the "
        "distance between diamonds is the shift."
    )
    if any(has_schild(each) for each in series):
        units = " and ".join(dict.fromkeys(each.schild_unit for each in series if each.schild_unit))
        caption += (
            " Right: the Schild plot, dose ratio less 1 against the dose of the inhibitor; the "
            "line has the fitted slope, the dashed one a slope of 1, and both cross 1 where the "
            f"EC50 is doubled. pKB and pA2 are −log10 of {units}."
        )
    told = []
    for each in series:
        lines = [f"{given}: {said}" for _, given, said in lines_of(each)]
        beside = f", {each.inhibitor}" if each.inhibitor else ""
        text = f"{each.donor}{beside}: {some(lines, 8)}"
        told.append("; ".join([text, *constants_in_words(each)]))
    return caption, f"{first.readout} by dose of {first.stimulus}. {some(told)}."
