"""Courses over time: tubes as points, unstimulated below, peak and area marked."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.reports.figures.conditions import colours_of
from assays.reports.figures.course import (
    draw_courses,
    panels_of,
    peak_in_words,
    tubes_of,
    words_of_courses,
)
from assays.results.activation import Kinetics
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6, BLOCK = Agent("IL-6", 10.0, "ng/mL"), Agent("anti-IL-6R", 1.0, "µg/mL")
COURSE = Kinetics(
    "D1", "pSTAT3", "IL-6 10 ng/mL", "DMSO", "", "a.u.", np.array([0.0, 15.0, 60.0]),
    np.array([200.0, 900.0, 300.0]), np.array([200.0, 200.0, 200.0]), (1, 2, 2),
    np.array([0.0, 20.0, 9.0]), 700.0, (660.0, 740.0), 15.0, (15.0, 60.0), 23_250.0,
    (21_000.0, 25_000.0), "ok",
)  # fmt: skip
NO_COLOURS = colours_of([(BLOCK,)])


def reading(role, time, median, inhibitors=(), **changes):
    stimulus = None if role is TubeRole.UNSTIMULATED else IL6
    tube = Tube(f"{role}{time}{median}.fcs", "D1", role, stimulus, inhibitors, "DMSO",
                time_min=time)  # fmt: skip
    found = Reading(tube.file, "D1", tube, "pSTAT3", "CLL", "BL1-A", 900, median, 5.0, 150.0, 0.5,
                    9.0, 400.0, "", "ok")  # fmt: skip
    return replace(found, **changes)


READINGS = (
    reading(TubeRole.UNSTIMULATED, None, 190.0),
    reading(TubeRole.UNSTIMULATED, None, 210.0),
    *(reading(TubeRole.STIMULATED, 15.0, value) for value in (880.0, 920.0)),
    reading(TubeRole.STIMULATED, 60.0, 300.0),
    reading(TubeRole.TREATED, 15.0, 400.0, (BLOCK,)),
)


def dots(axes):
    return [
        (float(x), float(y))
        for line in axes.lines
        if line.get_marker() == "o"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]


def test_tubes_of_the_condition_and_of_the_unstimulated_cells_are_points() -> None:
    figure = draw_courses([("D1", (COURSE,))], READINGS, NO_COLOURS)
    assert sorted(dots(figure.axes[0])) == [
        (0.0, 190.0), (0.0, 210.0), (15.0, 880.0), (15.0, 920.0), (60.0, 300.0),
    ]  # fmt: skip


def test_tubes_of_another_inhibitor_vehicle_or_donor_belong_to_no_course() -> None:
    blocked = replace(COURSE, condition="IL-6 10 ng/mL + anti-IL-6R 1 µg/mL")
    assert [each.median for each in tubes_of(blocked, READINGS)] == [400.0]
    assert not tubes_of(replace(COURSE, vehicle="IgG"), READINGS)
    assert not tubes_of(replace(COURSE, donor="D2"), READINGS)


def test_the_peak_stands_over_its_tubes_and_a_falling_one_under_them() -> None:
    axes = draw_courses([("D1", (COURSE,))], READINGS, NO_COLOURS).axes[0]
    (mark,) = [line for line in axes.lines if line.get_marker() == "v"]
    assert list(mark.get_xdata()) == [15.0]
    assert mark.get_ydata()[0] > 940.0
    fall = replace(COURSE, responses=np.array([200.0, 50.0, 150.0]), peak=-150.0,
                   peak_interval=(-170.0, -130.0))  # fmt: skip
    axes = draw_courses([("D1", (fall,))], READINGS[:2], NO_COLOURS).axes[0]
    (mark,) = [line for line in axes.lines if line.get_marker() == "^"]
    assert mark.get_ydata()[0] < 30.0


def test_no_activation_is_a_word_and_no_mark() -> None:
    none = replace(COURSE, status="no activation", peak_interval=(math.nan, math.nan))
    axes = draw_courses([("D1", (none,))], READINGS, NO_COLOURS).axes[0]
    assert not [line for line in axes.lines if line.get_marker() in "v^"]
    assert axes.get_title(loc="right") == "no activation"
    assert peak_in_words(COURSE) == "+700 at 15 min"


def test_a_donor_on_two_plates_has_two_panels() -> None:
    found = panels_of([replace(COURSE, plate="P1"), replace(COURSE, plate="P2"), COURSE])
    assert [title for title, _ in found] == ["D1, P1", "D1, P2", "D1"]
    assert [title for title, _ in panels_of([COURSE, COURSE])] == ["D1"]


@pytest.mark.parametrize("donors", [1, 2, 7])
def test_panels_share_their_axis_and_stay_inside_the_picture(donors) -> None:
    figure = draw_courses([(f"D{n}", (COURSE,)) for n in range(donors)], READINGS, NO_COLOURS)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert max(axes.get_position().x1 for axes in figure.axes) <= 1.0
    assert min(axes.get_position().y0 for axes in figure.axes) > 0.0


def test_the_words_say_peak_time_and_area() -> None:
    caption, alt = words_of_courses([("D1", (COURSE,))])
    assert "95 % interval" in caption
    assert "peak 700 (660–740) a.u. above unstimulated at 15 min" in alt
    assert "area 23\u202f300 a.u. · min" in alt
