"""How long a tick of Time is, where the file says so and where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assays.flow import fcs
from assays.flow.events import Events

Make = Callable[..., Any]
ROWS = [(1.0, 2.0 * n) for n in range(151)]
CLOCK = {"$BTIM": "23:59:50", "$ETIM": "00:00:20"}


def tube(odd: Make, rows: object = ROWS, **words: str) -> Events:
    named = {f"${key}" if key != "TIMETICKS" else key: value for key, value in words.items()}
    return fcs.read(odd(rows=rows, words={"$P2N": "Time", **named}, begin=1024).source())


def test_the_time_step_goes_before_all_else(odd: Make) -> None:
    found = tube(odd, TIMESTEP="0.5", TIMETICKS="9", BTIM="10:00:00", ETIM="11:00:00")
    assert found.time_s is not None
    assert (found.time_s[-1], found.notes) == (150, ())


@pytest.mark.parametrize("blank", [{}, {"TIMESTEP": "xxxxxxxxx"}, {"TIMESTEP": "0"}])
def test_without_it_the_milliseconds_of_timeticks_are_taken_and_told(
    odd: Make, blank: dict[str, str]
) -> None:
    found = tube(odd, TIMETICKS="200", **blank)
    assert found.time_s is not None
    assert found.time_s[-1] == pytest.approx(60)
    assert "200 ms by TIMETICKS" in found.notes[0]


@pytest.mark.parametrize(
    ("begin", "end", "seconds"),
    [
        ("10:00:00", "10:00:30", 30),
        ("23:59:50", "00:00:20", 30),
        ("10:00:00.25", "10:00:30.75", 30.5),
        ("10:00:00:00", "10:00:30:30", 30.5),
    ],
)
def test_without_both_the_clock_gives_an_estimate(
    odd: Make, begin: str, end: str, seconds: float
) -> None:
    found = tube(odd, BTIM=begin, ETIM=end)
    assert found.time_s is not None
    assert found.time_s[-1] == pytest.approx(seconds)
    assert "estimated" in found.notes[0]


@pytest.mark.parametrize(
    ("rows", "begin", "end"),
    [
        (ROWS, "10:00:00", "10:00:09"),
        (ROWS, "10:00:00", " "),
        (ROWS, "ten", "eleven"),
        (ROWS, "25:00:00", "26:00:00"),
        (ROWS[:50], "10:00:00", "11:00:00"),
        (ROWS[::-1], "10:00:00", "11:00:00"),
        ([*ROWS, (1.0, 3.0), (1.0, 400.0)], "10:00:00", "11:00:00"),
        ([(1.0, 5.0)] * 200, "10:00:00", "11:00:00"),
        ([*ROWS, (1.0, float("nan"))], "10:00:00", "11:00:00"),
    ],
)
def test_what_cannot_be_estimated_is_left_open(
    odd: Make, rows: object, begin: str, end: str
) -> None:
    found = tube(odd, rows, BTIM=begin, ETIM=end)
    assert found.time_s is None
    assert found.notes == ()


def test_the_estimate_is_that_of_the_whole_file_whatever_is_read(odd: Make) -> None:
    source = odd(rows=ROWS, words={"$P2N": "Time", **CLOCK}, begin=1024).source()
    step = fcs.read(source).time_step_s
    assert step == pytest.approx(0.1)
    assert fcs.read(source, events=slice(5, 9)).time_step_s == step
    assert fcs.read(source, channels=["C1"]).time_step_s == step


def test_a_file_cut_short_gives_no_estimate(odd: Make) -> None:
    from plates.source import Source

    raw = odd(rows=ROWS, words={"$P2N": "Time", **CLOCK}, begin=1024).build()
    cut = Source.from_bytes("cut.fcs", raw[:-80])
    assert fcs.read(cut, salvage=True).time_step_s is None


def test_integers_beyond_double_precision_are_told(odd: Make) -> None:
    big = 2**53 + 1
    source = odd(rows=[(big, 1), (2**60, 2), (7, 3)], kind="I", bits="64", ranges=(2**64, 2**64))
    found = fcs.read(source.source())
    assert found.values[2].tolist() == [7, 3]
    assert found.notes == ("C1: 2 integers of 2^53 and more were rounded to the nearest double.",)
