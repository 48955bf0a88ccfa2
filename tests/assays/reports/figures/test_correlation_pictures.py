"""Secretion against activation: a mark per donor, values below a limit stand at the limit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports.figures.correlation import (
    coefficient,
    correlation_work,
    draw_correlations,
    words_of_correlations,
)
from assays.results.correlation import Association, Correlated

SPEARMAN = Association("Spearman", 0.62, (0.11, 0.87), 0.021, 6, 2, 0.95, "ok")
PEARSON = replace(SPEARMAN, method="Pearson", coefficient=-0.2, interval=(-0.8, 0.6), p=0.7)
FOUND = Correlated(
    "IL-6", "pg/mL", "pSTAT3", "constitutive", "", "arcsinh", tuple(f"D{n}" for n in range(1, 7)),
    (3.13, 6.25, 4.0, 20.0, 80.0, 400.0), ("<", "<", "", "", "", ">"),
    (0.5, 0.4, 0.7, 1.0, 0.9, 1.6), SPEARMAN, PEARSON,
)  # fmt: skip
INDUCED = replace(FOUND, question="induced", stimulus="IL-6 10 ng/mL, 15 min")


def marks(axes, marker):
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in axes.lines
        if line.get_marker() == marker
    ]


def test_values_below_a_limit_are_hollow_arrowheads_at_it_and_numbers_are_dots() -> None:
    axes = draw_correlations([FOUND]).axes[0]
    assert marks(axes, "<") == [(3.13, 0.5), (6.25, 0.4)]
    assert marks(axes, ">") == [(400.0, 1.6)]
    assert marks(axes, "o") == [(4.0, 0.7), (20.0, 1.0), (80.0, 0.9)]
    (dotted,) = [line for line in axes.lines if line.get_marker() == "None"]
    assert list(dotted.get_xdata()) == [6.25, 6.25]


def test_without_a_limit_there_is_no_line_and_no_word_of_it() -> None:
    whole = replace(FOUND, qualifiers=("",) * 6)
    assert not [line for line in draw_correlations([whole]).axes[0].lines
                if line.get_marker() == "None"]  # fmt: skip
    assert "below the limit" not in words_of_correlations([whole])[0]
    assert "6.25 pg/mL" in words_of_correlations([FOUND])[0]


def test_both_questions_stand_side_by_side_on_one_concentration_axis() -> None:
    first, second = draw_correlations([FOUND, INDUCED]).axes
    assert first.get_xlim() == second.get_xlim()
    assert second.get_title(loc="left") == "induced, IL-6 10 ng/mL, n = 6"
    assert first.get_ylabel() == "pSTAT3, arcsinh"
    assert second.get_ylabel() == "pSTAT3, Δarcsinh"


def test_the_words_give_both_coefficients_or_why_there_is_none() -> None:
    assert coefficient(SPEARMAN, "Spearman") == "Spearman 0.62 (0.11–0.87), p = 0.021"
    none = replace(SPEARMAN, coefficient=math.nan, status="too few donors")
    assert coefficient(none, "Spearman") == "Spearman: too few donors"
    assert "−0.20 (−0.80 to 0.60)" in words_of_correlations([FOUND])[1]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_every_readout_has_its_picture_and_stays_small(count) -> None:
    pictures = [draw() for draw in correlation_work([FOUND] * count)]
    assert len(pictures) == -(-count // 9)
    assert all(len(picture.data) < 300_000 for picture in pictures)


def test_names_of_near_donors_do_not_overlap() -> None:
    near = replace(FOUND, concentrations=(3.13, 10.0, 11.0, 12.0, 13.0, 40.0),
                   qualifiers=("<", "", "", "", "", ""),
                   activation=(0.0, 0.8, 0.81, 0.8, 0.4, 0.41))  # fmt: skip
    figure = draw_correlations([near, INDUCED])
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text() in near.donors]
    assert len(boxes) == 6
    for rank, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[rank + 1 :])
