"""Paired slopes: every donor's line, on the scale that was compared, ticked in its unit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports.figures.paired import (
    draw_paired,
    given_in_words,
    shown,
    ticks,
    words_of_paired,
)
from assays.results.inhibition import DonorComparison

ROW = DonorComparison(
    readout="pSTAT3 (Y705)",
    kind="inhibition",
    condition="IL-6 10 ng/mL + JAK2 inhibitor 100 nM",
    against="IL-6 10 ng/mL",
    member="JAK2 inhibitor",
    dose="100 nM",
    scale="arcsinh",
    donors=("D1", "D2", "D3"),
    differences=(-1.0, -0.5, 0.25),
    sd=0.6,
    mean=-0.4,
    mean_interval=(-1.9, 1.1),
    t_p=0.4,
    estimate=-0.4,
    estimate_interval=(-1.0, 0.25),
    confidence=0.75,
    wilcoxon_p=0.5,
    smallest_p=0.25,
    family=1,
    t_holm=0.4,
    wilcoxon_holm=0.5,
    smallest_holm=0.25,
    controls=(2.0, 1.8, 1.5),
)


def lines_of(axes):
    return [line.get_ydata().tolist() for line in axes.lines if len(line.get_xdata()) == 2
            and line.get_marker() == "None"]  # fmt: skip


def test_each_donor_is_a_line_from_its_control_to_its_treated_tubes() -> None:
    figure = draw_paired([ROW], 150, ["#0072B2"])
    assert lines_of(figure.axes[0]) == [[2.0, 1.0], [1.8, 1.3], [1.5, 1.75]]
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"D1", "D2", "D3", "JAK2 inhibitor 100 nM", "p = 0.50, n = 3"} <= set(words)


def test_panels_of_a_readout_share_their_axis_and_wrap_into_lines() -> None:
    figure = draw_paired([ROW, replace(ROW, controls=(4.0, 4.0, 4.0)), *[ROW] * 4], 150, ["k"] * 6)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert len({round(axes.get_position().y0, 3) for axes in figure.axes}) == 2


@pytest.mark.parametrize("change", [{"family": 0}, {"controls": ()}])
def test_only_what_was_compared_is_drawn(change) -> None:
    assert shown([ROW, replace(ROW, **change)]) == [ROW]


def test_ticks_are_medians_not_their_arcsinh() -> None:
    places, names = ticks("arcsinh", 150, -1, 3)
    values = [float(name.replace("−", "-")) for name in names]
    assert 0.0 in values
    assert min(values) < 0
    assert places == pytest.approx([math.asinh(value / 150) for value in values])


def test_the_words_count_who_went_down() -> None:
    caption, alt = words_of_paired([ROW])
    assert "each line is a donor" in caption
    assert "in 3 donors, 2 of them lower" in alt


def test_fractions_of_cells_stand_on_a_plain_axis_of_percent() -> None:
    row = replace(ROW, readout="dead cells", scale="percent points", controls=(43.0, 39.0, 52.0),
                  differences=(-20.0, -18.5, 0.5), estimate=-19.25)  # fmt: skip
    places, names = ticks("percent points", 150, 18.0, 55.0)
    assert places == [20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0]
    assert names[0] == "20"
    axes = draw_paired([row], 150, ["#0072B2"]).axes[0]
    assert axes.get_ylabel() == "dead cells (% of cells)"
    assert lines_of(axes) == [[43.0, 23.0], [39.0, 20.5], [52.0, 52.5]]
    assert "−19.3 percent points in 3 donors" in words_of_paired([row])[1]


def test_the_title_of_a_panel_keeps_the_dose_and_a_time_that_differs() -> None:
    row = replace(ROW, dose="1000 nM", time_min=15.0)
    assert given_in_words(row) == "JAK2 inhibitor 1000 nM"
    assert given_in_words(row, timed=True) == "JAK2… 1000 nM, 15 min"
    figure = draw_paired([row, replace(row, time_min=60.0)], 150, ["k"] * 2)
    titles = [axes.texts[0].get_text() for axes in figure.axes]
    assert [title.rsplit(", ")[-1] for title in titles] == ["15 min", "60 min"]
    figure.canvas.draw()
    first, second = (axes.texts[0].get_window_extent() for axes in figure.axes)
    assert first.x1 <= second.x0
