"""Beads of known brightness: the line from intensity to molecules, and how its peaks read back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from assays.reports.figures import style
from assays.reports.figures.axes import concentration_axis, ratio_axis
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import counted
from assays.reports.words import fixed, percent, significant
from assays.results.activation import BeadPeak, Calibration
from assays.results.flow import FlowRun
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM, HEIGHT_MM = 92.0, 84.0
LEFT_MM, PLOT_MM = 17.0, 70.0
LEAST_REACH, MOST_REACH = 10.0, 60.0
"""Of the panel of recoveries, percent around 100."""


def calibration_work(run: FlowRun) -> Iterator[Callable[[], Picture]]:
    """A picture per channel whose beads were found."""
    for line in run.calibrations:
        if any(_shown(peak) for peak in line.peaks):
            yield partial(_picture, line)


def _picture(line: Calibration) -> Picture:
    caption, alt = words_of_calibration(line)
    figure = draw_calibration(line)
    name = f"calibration-{slug(line.channel)}"
    return vector_picture(figure, name, "calibration", "", caption, alt)


def _shown(peak: BeadPeak) -> bool:
    """Whether it has a place on logarithmic axes."""
    return peak.assigned > 0 and peak.median > 0


def draw_calibration(line: Calibration) -> Figure:
    """Assigned molecules against median intensity, both logarithmic; recoveries under it.

    Peaks that the line did not use are hollow. Grey is beyond the beads: there a reading is
    extrapolated.
    """
    peaks = [peak for peak in line.peaks if _shown(peak)]
    x = [peak.median for peak in peaks]
    y = [peak.assigned for peak in peaks]
    low, high = min(x) / 2.2, max(x) * 2.2
    floor, ceiling = min(y) / 2.2, max(y) * 2.2
    with style.house_style():
        figure = style.new_figure(HEIGHT_MM, WIDTH_MM)
        main = style.place(figure, LEFT_MM, 34.0, PLOT_MM, 44.0)
        under = style.place(figure, LEFT_MM, 11.0, PLOT_MM, 18.0)
        for axes in (main, under):
            axes.set_xscale("log")
            axes.set_xlim(low, high)
            concentration_axis(axes, low, high, labelled=axes is under, room_mm=PLOT_MM)
            for begin, end in ((low, line.low), (line.high, high)):
                if math.isfinite(begin) and math.isfinite(end) and line.status == "ok":
                    axes.axvspan(begin, end, color=style.MARGIN, lw=0, zorder=0)
        main.set_yscale("log")
        main.set_ylim(floor, ceiling)
        ratio_axis(main, floor, ceiling, room_mm=44.0)
        _line(main, line, (low, high))
        for peak in peaks:
            main.plot([peak.median], [peak.assigned], "o", ms=4.2, mew=0.9, mec=style.STANDARD,
                      mfc=style.STANDARD if peak.used else "white", zorder=5)  # fmt: skip
        main.set_ylabel(f"{line.unit}, assigned")
        main.set_title(_title(line), pad=4.0)
        _recoveries(under, [peak for peak in peaks if math.isfinite(peak.recovery_percent)])
        under.set_xlabel(f"{printable(line.channel, 30)}, median of the beads (a.u.)")
    return figure


def _title(line: Calibration) -> str:
    if line.status != "ok":
        return printable(f"no line: {line.status}", 60)
    return f"slope {fixed(line.slope, 3)}, R² {fixed(line.r_squared, 4)} ({line.fit})"


def _line(axes: Axes, line: Calibration, reach: tuple[float, float]) -> None:
    if line.status != "ok":
        return
    x = np.geomspace(*reach, 120)
    with np.errstate(invalid="ignore"):
        y = (
            10.0 ** (line.intercept + line.slope * np.log10(x))
            if line.fit == "log-log"
            else line.intercept + line.slope * x
        )
    inside = (x >= line.low) & (x <= line.high)
    drawn = np.where(y > 0, y, np.nan)
    axes.plot(x, drawn, color=style.STANDARD, lw=0.9, ls=(0, (3, 2)), zorder=2)
    axes.plot(x[inside], drawn[inside], color=style.STANDARD, lw=1.3, zorder=3)


def _recoveries(axes: Axes, peaks: list[BeadPeak]) -> None:
    """What the line makes of each peak, percent of what the maker assigned."""
    far = max((abs(peak.recovery_percent - 100) for peak in peaks), default=0.0)
    reach = min(max(1.2 * far, LEAST_REACH), MOST_REACH)
    axes.set_ylim(100 - reach, 100 + reach)
    axes.axhline(100, color=style.QUIET, lw=style.HAIR, zorder=1)
    axes.set_ylabel("Recovery (%)")
    for peak in peaks:
        place = min(max(peak.recovery_percent, 100 - reach), 100 + reach)
        axes.plot([peak.median] * 2, [100, place], color=style.STANDARD, lw=0.8, zorder=3)
        axes.plot([peak.median], [place], "o", ms=3.6, mec=style.STANDARD, clip_on=False,
                  mfc=style.STANDARD if peak.used else "white", zorder=4)  # fmt: skip


def words_of_calibration(line: Calibration) -> tuple[str, str]:
    """Caption and alternative text."""
    caption = (
        f"Beads on {line.channel}: {line.unit} that their maker assigned against the median of "
        "each peak. Points are peaks, hollow ones were not used, the line is the fit; grey is "
        "beyond the beads, where it is dashed and a reading is extrapolated. Below: what the line "
        "makes of each peak, percent of the assigned value; all should lie near 100."
    )
    used = [peak for peak in line.peaks if peak.used]
    told = f"{counted(len(used), 'peak')} of {len(line.peaks)} used"
    if line.status != "ok":
        return caption, f"{line.unit} on {line.channel}: no line, {line.status}; {told}."
    known = [peak.recovery_percent for peak in used if math.isfinite(peak.recovery_percent)]
    alt = f"{line.unit} on {line.channel}: {_title(line)}, {told}, from {significant(line.low)} "
    alt += f"to {significant(line.high)} a.u."
    if known:
        alt += f" Recovery {percent(min(known))} to {percent(max(known))} %."
    return caption, alt
