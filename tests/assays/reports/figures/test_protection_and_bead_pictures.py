"""Shares of cells, protection from death, and the line of calibration beads."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports.figures.calibration import draw_calibration, words_of_calibration
from assays.reports.figures.conditions import colours_of
from assays.reports.figures.protection import (
    conditions_of,
    draw_protection,
    draw_shares,
    words_of_protection,
    words_of_shares,
)
from assays.reports.figures.style import UNSTIMULATED
from assays.results.activation import BeadPeak, Calibration, Protection
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

NAN = math.nan
IL6, BLOCK = Agent("IL-6", 10.0, "ng/mL"), Agent("anti-IL-6R", 1.0, "µg/mL")
PALETTE = colours_of([(BLOCK,)])


def share(donor, role, percent, inhibitors=(), replicate=1):
    stimulus = None if role is TubeRole.UNSTIMULATED else IL6
    file = f"{donor}_{role}_{replicate}_{percent}.fcs"
    tube = Tube(file, donor, role, stimulus, inhibitors, "DMSO", replicate=replicate)
    return Reading(file, donor, tube, "dead cells", "single cells", "", 3000, percent, 0.5, 5.0,
                   NAN, NAN, NAN, "", "ok", kind="fraction", unit="%")  # fmt: skip


SHARES = [
    share(donor, role, base * factor, inhibitors, replicate)
    for donor, base in (("D1", 40.0), ("D2", 20.0))
    for role, factor, inhibitors in (
        (TubeRole.TREATED, 0.9, (BLOCK,)),
        (TubeRole.UNSTIMULATED, 1.0, ()),
        (TubeRole.STIMULATED, 0.6, ()),
    )
    for replicate in (1, 2)
]
SAVED = Protection("D1", "dead cells", "IL-6 10 ng/mL", "", 40.0, (31.0, 48.0), 40.0, 24.0, 2, 2,
                   "ok")  # fmt: skip
BEADS = Calibration(
    "PE-A", "MESF", ("b.fcs",), "A1", "log-log", 1.0, 0.5, 0.999, 100.0, 10_000.0,
    (
        BeadPeak(0.0, 3.0, 500, NAN, False),
        BeadPeak(310.0, 100.0, 500, 316.2, True),
        BeadPeak(3200.0, 1000.0, 500, 3162.3, True),
        BeadPeak(31_000.0, 10_000.0, 500, 31_622.8, True),
        BeadPeak(300_000.0, 90_000.0, 500, 284_604.0, False, "at the end of the scale"),
    ),
)  # fmt: skip


def test_conditions_stand_in_dose_order_whatever_the_sheet_says() -> None:
    roles = [tube.role for tube in conditions_of(SHARES)]
    assert roles == [TubeRole.UNSTIMULATED, TubeRole.STIMULATED, TubeRole.TREATED]
    axes = draw_shares(SHARES, PALETTE).axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["unstim.", "IL-6", "anti-IL-6R 1 µg/mL"]
    assert axes.get_ylabel() == "dead cells, % of single cells"


def test_every_tube_is_a_point_and_every_donor_a_line_through_its_means() -> None:
    axes = draw_shares(SHARES, PALETTE).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == len(SHARES)
    assert dots[0].get_color() == UNSTIMULATED
    lines = [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "None"]
    assert lines == [pytest.approx([40.0, 24.0, 36.0]), pytest.approx([20.0, 12.0, 18.0])]
    assert "unstim. 20.0 to 40.0 %" in words_of_shares(SHARES)[1]


def test_protection_is_a_dot_with_its_interval_or_a_word() -> None:
    none = replace(SAVED, donor="D2", percent=NAN, interval=(NAN, NAN),
                   status="no death: protection undefined")  # fmt: skip
    axes = draw_protection([SAVED, none]).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in dots] == [(40.0, 0)]
    assert "no death" in [text.get_text() for text in axes.texts]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["D1", "D2"]
    assert "D1: 40.0 % (31.0–48.0)" in words_of_protection([SAVED, none])[1]


def test_an_interval_from_events_alone_leaves_the_dot_hollow() -> None:
    axes = draw_protection([replace(SAVED, status="not testable")]).axes[0]
    (dot,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert dot.get_markerfacecolor() == "white"


def test_peaks_that_the_line_did_not_use_are_hollow_and_zero_has_no_place() -> None:
    main, under = draw_calibration(BEADS).axes
    fills = [line.get_markerfacecolor() for line in main.lines if line.get_marker() == "o"]
    assert fills == ["#1a1a1a", "#1a1a1a", "#1a1a1a", "white"]
    drawn = [float(line.get_ydata()[0]) for line in under.lines if line.get_marker() == "o"]
    assert drawn[:3] == pytest.approx([102.0, 98.8, 102.0], abs=0.1)


def test_the_line_is_whole_among_the_beads_and_dashed_beyond() -> None:
    main = draw_calibration(BEADS).axes[0]
    (whole,) = [line for line in main.lines if line.get_linewidth() == 1.3]
    x, y = whole.get_xdata(), whole.get_ydata()
    assert min(x) >= BEADS.low and max(x) <= BEADS.high
    assert y == pytest.approx(10**0.5 * x)


def test_beads_without_a_line_say_why() -> None:
    none = replace(BEADS, status="3 peaks found, 8 expected", slope=NAN, intercept=NAN)
    main = draw_calibration(none).axes[0]
    assert not [line for line in main.lines if line.get_marker() == "None"]
    assert "3 peaks found" in main.get_title(loc="left")
    assert "no line, 3 peaks found" in words_of_calibration(none)[1]
