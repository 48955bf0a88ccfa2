"""Response over time, a panel per donor: tubes as points, the peak and the area marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from assays.reports.figures import style
from assays.reports.figures.axes import key_lines, keys
from assays.reports.figures.conditions import Colours
from assays.reports.figures.picture import Picture, slug
from assays.reports.figures.svg import vector_picture
from assays.reports.figures.words import some
from assays.reports.words import significant, units_in_words, with_interval
from assays.results.activation import Kinetics
from assays.results.flow import FlowRun, Reading
from assays.samples import TubeRole
from plates.draw import WIDTH_MM
from plates.lettering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS, PAGE_ROWS = 3, 4
PITCH_MM, SIDE_MM, LEFT_MM = 56.0, 43.0, 15.0
ROW_MM, PLOT_MM, BOTTOM_MM = 53.0, 36.0, 11.0
KEY_LINE_MM = 4.0
LETTERS = 30
"""That fit above a panel."""

Panel = tuple[str, tuple[Kinetics, ...]]
"""Donor (and plate), and its courses."""


def course_work(run: FlowRun, palette: Colours) -> Iterator[Callable[[], Picture]]:
    """A picture per readout that was followed over time."""
    for readout in dict.fromkeys(each.readout for each in run.kinetics):
        found = panels_of([each for each in run.kinetics if each.readout == readout])
        readings = [each for each in run.readings if each.readout == readout]
        per_sheet = ACROSS * PAGE_ROWS
        sheets = [found[at : at + per_sheet] for at in range(0, len(found), per_sheet)]
        for rank, sheet in enumerate(sheets, start=1):
            name = f"course-{slug(readout)}" + (f"-{rank}" if len(sheets) > 1 else "")
            yield partial(_picture, sheet, readings, palette, name)


def _picture(
    panels: Sequence[Panel], readings: Sequence[Reading], palette: Colours, name: str
) -> Picture:
    caption, alt = words_of_courses(panels)
    figure = draw_courses(panels, readings, palette)
    return vector_picture(figure, name, "course", "", caption, alt)


def panels_of(courses: Sequence[Kinetics]) -> list[Panel]:
    """Courses of one readout by donor, and by plate where a donor was on several."""
    plates: dict[str, set[str]] = {}
    for each in courses:
        plates.setdefault(each.donor, set()).add(each.plate)
    found: dict[str, list[Kinetics]] = {}
    for each in courses:
        apart = each.plate and len(plates[each.donor]) > 1
        title = f"{each.donor}, {each.plate}" if apart else each.donor
        found.setdefault(title, []).append(each)
    return [(title, tuple(own)) for title, own in found.items()]


def draw_courses(panels: Sequence[Panel], readings: Sequence[Reading], palette: Colours) -> Figure:
    """Responses, not differences: the unstimulated level is drawn with its own tubes.

    The line joins the means of the tubes, the tint between it and the unstimulated level is the
    area; the triangle is the peak, the bar through it its interval, and the line on the axis
    spans the times whose response cannot be told from it.

    Parameters
    ----------
    panels : sequence of Panel
        Of one readout, at most `ACROSS` times `PAGE_ROWS`.
    readings : sequence of Reading
        Of the same readout: the tubes behind the means.
    palette : Colours
        Colour of each condition.
    """
    rows = max(-(-len(panels) // ACROSS), 1)
    columns = min(ACROSS, len(panels))
    inks = {
        each.condition: palette.of_tube(own[0].tube) if own else style.STIMULATED
        for _, courses in panels
        for each in courses
        for own in [tubes_of(each, readings)]
    }
    looks = [("unstimulated", {"marker": "o", "ls": "-", "color": style.UNSTIMULATED,
                               "mfc": style.UNSTIMULATED})]  # fmt: skip
    looks += [
        (units_in_words(printable(condition, 44)), {"marker": "o", "ls": "-", "color": ink,
                                                    "mfc": ink})
        for condition, ink in inks.items()
    ]  # fmt: skip
    width = min(LEFT_MM + columns * PITCH_MM, WIDTH_MM) if columns > 1 else 100.0
    lines = key_lines(looks, width - LEFT_MM)
    head = KEY_LINE_MM * len(lines) + 1.0
    low, high = _span(panels, readings)
    first = panels[0][1][0]
    with style.house_style():
        figure = style.new_figure(rows * ROW_MM + head, width)
        for index, (title, courses) in enumerate(panels):
            left = LEFT_MM + (index % ACROSS) * PITCH_MM
            bottom = (rows - 1 - index // ACROSS) * ROW_MM + BOTTOM_MM
            axes = style.place(figure, left, bottom, SIDE_MM, PLOT_MM)
            axes.set_ylim(low, high)
            _times(axes, [time for each in courses for time in each.times_min.tolist()])
            for each in courses:
                _unstimulated(axes, each, readings)
            for each in courses:
                _course(axes, each, tubes_of(each, readings), inks[each.condition])
            axes.set_title(printable(title, LETTERS), weight="bold", pad=4.0)
            if len(courses) == 1:
                axes.set_title(peak_in_words(courses[0]), loc="right", pad=4.0)
            if index % ACROSS == 0:
                axes.set_ylabel(_quantity(first))
        keys(figure, lines, LEFT_MM, rows * ROW_MM + head - KEY_LINE_MM, KEY_LINE_MM)
    return figure


def peak_in_words(each: Kinetics) -> str:
    """``+3200 at 15 min``: what the peak adds to the unstimulated level, or why there is none."""
    if each.status != "ok":
        return each.status
    shown, _ = with_interval(each.peak, each.peak_interval)
    sign = "+" if each.peak > 0 else ""
    return f"{sign}{shown} at {each.peak_time_min:g} min"


def _quantity(each: Kinetics) -> str:
    name = printable(each.readout, 24)
    return f"{name}, median (a.u.)" if each.unit == "a.u." else f"{name} ({each.unit})"


def tubes_of(course: Kinetics, readings: Sequence[Reading]) -> list[Reading]:
    """Tubes of a course: same donor, plate, vehicle, stimulus and inhibitors, at any time."""
    return [
        each
        for each in readings
        if each.donor == course.donor
        and each.readout == course.readout
        and each.tube.role in (TubeRole.STIMULATED, TubeRole.TREATED)
        and each.tube.time_min is not None
        and math.isfinite(each.median)
        and (each.tube.plate, each.tube.vehicle) == (course.plate, course.vehicle)
        and " + ".join(str(a) for a in (each.tube.stimulus, *each.tube.inhibitors) if a)
        == course.condition
    ]


def _calm(course: Kinetics, readings: Sequence[Reading]) -> list[Reading]:
    """Unstimulated tubes of the donor that the course may be held against."""
    own = [
        each
        for each in readings
        if each.donor == course.donor
        and each.tube.role is TubeRole.UNSTIMULATED
        and math.isfinite(each.median)
        and each.tube.plate == course.plate
    ]
    return [each for each in own if each.tube.vehicle == course.vehicle] or own


def _span(panels: Sequence[Panel], readings: Sequence[Reading]) -> tuple[float, float]:
    """Shared by all panels; zero is always in sight."""
    shown = [0.0]
    for _, courses in panels:
        for each in courses:
            shown += [*each.responses.tolist(), *each.baselines.tolist()]
            shown += [one.median for one in (*tubes_of(each, readings), *_calm(each, readings))]
            at = _at_peak(each)
            shown += [each.baselines[at] + end for end in each.peak_interval]
    finite = [value for value in shown if math.isfinite(value)]
    low, high = min(finite), max(finite)
    room = (high - low) or 1.0
    return (low - 0.08 * room if low < 0 else 0.0), high + 0.12 * room


def _at_peak(each: Kinetics) -> int:
    return int(abs(each.times_min - each.peak_time_min).argmin())


def _times(axes: Axes, times: Sequence[float]) -> None:
    """Ticks at the measured times, as many as stand apart."""
    known = sorted(set(times))
    reach = (known[-1] - known[0]) or 1.0
    axes.set_xlim(known[0] - 0.06 * reach, known[-1] + 0.06 * reach)
    kept: list[float] = []
    for time in known:
        if not kept or time - kept[-1] >= 0.11 * reach:
            kept.append(time)
    axes.set_xticks(kept, [f"{time:g}" for time in kept])
    axes.set_xticks(known, minor=True)
    axes.set_xlabel("Time (min)")


def _unstimulated(axes: Axes, each: Kinetics, readings: Sequence[Reading]) -> None:
    axes.plot(each.times_min, each.baselines, color=style.UNSTIMULATED, lw=1.0, zorder=2)
    for one in _calm(each, readings):
        # Tubes without a time belong to the start.
        axes.plot([one.tube.time_min or 0.0], [one.median], "o", ms=3.2, mec="white", mew=0.4,
                  color=style.UNSTIMULATED, zorder=4)  # fmt: skip


def _course(axes: Axes, each: Kinetics, tubes: Sequence[Reading], ink: str) -> None:
    axes.fill_between(
        each.times_min, each.baselines, each.responses, color=style.tint(ink, 0.16), lw=0, zorder=0
    )
    axes.plot(each.times_min, each.responses, color=ink, lw=1.2, zorder=3)
    places = [one.tube.time_min or 0.0 for one in tubes]
    axes.plot(places, [one.median for one in tubes], "o", ms=3.6, color=ink, mec="white", mew=0.4,
              zorder=5)  # fmt: skip
    if each.status != "ok":
        return
    at = _at_peak(each)
    base, up = float(each.baselines[at]), each.peak >= 0
    ends = [base + end for end in each.peak_interval if math.isfinite(end)]
    if len(ends) == 2:
        axes.plot([each.peak_time_min] * 2, ends, color=ink, lw=0.9, zorder=4)
    here = [one.median for one in tubes if one.tube.time_min == each.peak_time_min]
    reached = [*ends, base + each.peak, *here]
    floor, ceiling = axes.get_ylim()
    away = 0.055 * (ceiling - floor)
    place = max(reached) + away if up else min(reached) - away
    axes.plot(
        [each.peak_time_min],
        [place],
        marker="v" if up else "^",
        ms=5,
        mfc="white",
        mec=ink,
        mew=1.0,
        clip_on=False,
        zorder=7,
    )
    first, last = each.peak_times_min
    if last > first:
        axes.plot([first, last], [floor, floor], color=ink, lw=3.0, solid_capstyle="butt",
                  clip_on=False, zorder=8)  # fmt: skip


def words_of_courses(panels: Sequence[Panel]) -> tuple[str, str]:
    """Caption and alternative text."""
    readout = panels[0][1][0].readout
    level = f"{100 * panels[0][1][0].level:g} %"
    caption = (
        f"{readout} over time, a panel per donor. Points are tubes, lines join their means, "
        "grey-blue is unstimulated; the tinted area is the one in the table. A hollow triangle "
        f"stands at the peak, the upright bar is its {level} interval, and a thick line on the "
        "axis spans the times whose response cannot be told from the peak."
    )
    told = []
    for title, courses in panels:
        for each in courses:
            peak, ends = with_interval(each.peak, each.peak_interval)
            text = f"{title}, {each.condition}: "
            if each.status == "ok":
                text += f"peak {peak}{f' ({ends})' if ends else ''} {each.unit} above "
                text += f"unstimulated at {each.peak_time_min:g} min, area "
                text += f"{significant(each.area)} {each.area_unit}"
            else:
                text += each.status
            told.append(text)
    return caption, f"{readout} over time. {some(told, 12)}."
