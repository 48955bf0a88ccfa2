"""Curves of a stimulus with and without inhibitor on one axis, and the Schild plot."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.inhibition.shift.gaddum import fit_shift
from assays.reports.figures.conditions import colours_of
from assays.reports.figures.schild_plot import constants_in_words
from assays.reports.figures.shift import (
    draw_shifts,
    inks_of,
    lines_of,
    response_at,
    words_of_shifts,
)
from assays.reports.figures.style import STIMULATED
from assays.results.shift import DoseShift
from assays.samples import Agent

IL6 = np.array([0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
PALETTE = colours_of([(Agent("anti-IL-6R", dose, "µg/mL"),) for dose in (1.0, 3.0, 10.0)])


def shift_of(*antibody: float, kb: float = 1.0) -> DoseShift:
    given = np.array([0.0, *antibody])
    x, b = np.tile(IL6, given.size), np.repeat(given, IL6.size)
    rng = np.random.default_rng(7)
    y = (200.0 + 1800.0 * x / (x + 2.0 * (1.0 + b / kb))) * np.exp(0.03 * rng.normal(size=x.size))
    fit = fit_shift(x, b, y, cofactor=150.0)
    return DoseShift(
        "D1", "pSTAT3", "IL-6", "ng/mL", "anti-IL-6R" if antibody else "", "ug/mL", "IgG1", x, b,
        y, fit.status, fit.ec50, fit.ec50_interval, fit.slope, fit.bottom, fit.top, fit.moved,
        fit.schild, "ug/mL", fit.tops_p, fit.n,
    )  # fmt: skip


def marks(axes, marker):
    return [line for line in axes.lines if line.get_marker() == marker]


def test_every_curve_stands_on_one_axis_with_its_ec50_at_half_height() -> None:
    each = shift_of(1.0, 3.0)
    _, main = draw_shifts([each], PALETTE).axes
    ec50s = [float(mark.get_xdata()[0]) for mark in marks(main, "D")]
    assert ec50s == pytest.approx([each.ec50, *(moved.ec50 for moved in each.moved)])
    (half,) = {float(mark.get_ydata()[0]) for mark in marks(main, "D")}
    for ec50 in ec50s:
        assert response_at(each, np.array([ec50]), ec50)[0] == pytest.approx(half)


def test_tubes_without_stimulus_stand_left_of_the_break() -> None:
    zero, main = draw_shifts([shift_of(1.0)], PALETTE).axes
    drawn = [sum(len(line.get_xdata()) for line in marks(axes, "o")) for axes in (zero, main)]
    assert drawn == [2, 14]


def test_a_schild_plot_needs_three_doses_of_the_inhibitor() -> None:
    assert len(draw_shifts([shift_of(1.0, 3.0)], PALETTE).axes) == 2
    each = shift_of(1.0, 3.0, 10.0)
    schild = draw_shifts([each], PALETTE).axes[2]
    drawn = [float(mark.get_ydata()[0]) for mark in marks(schild, "o")]
    assert drawn == pytest.approx([moved.ratio - 1 for moved in each.moved])
    assert "Schild slope" in schild.get_title(loc="left")


def test_the_line_of_the_schild_plot_crosses_one_at_the_dose_that_doubles_the_ec50() -> None:
    plain = shift_of(1.0, 3.0, 10.0)
    molar = replace(
        plain,
        schild=replace(plain.schild, pa2=plain.schild.pa2 + 9, pkb=plain.schild.pkb + 9),
        schild_offset=9.0,
    )
    for each in (plain, molar):
        axes = draw_shifts([each], PALETTE).axes[2]
        (line,) = [line for line in axes.lines if line.get_linewidth() == 1.2]
        x, y = np.log10(line.get_xdata()), np.log10(line.get_ydata())
        slope = (y[1] - y[0]) / (x[1] - x[0])
        assert slope == pytest.approx(plain.schild.slope)
        assert x[0] - y[0] / slope == pytest.approx(-plain.schild.pa2)


def test_each_curve_is_named_with_what_the_inhibitor_does_to_the_ec50() -> None:
    each = shift_of(1.0)
    beyond = replace(each.moved[0], ec50=math.nan, ratio=math.nan, status="> highest dose")
    (_, alone, first), (dose, given, moved) = lines_of(each)
    assert (alone, dose, given) == ("alone", 1.0, "+ 1 µg/mL")
    assert first.startswith("EC50 2.") and first.endswith("ng/mL")
    assert moved.startswith("EC50 × ")
    assert lines_of(replace(each, moved=(beyond,)))[1][2] == "EC50 > highest dose"
    caption, alt = words_of_shifts([each])
    assert "the distance between diamonds is the shift" in caption
    assert "+ 1 µg/mL: EC50 × " in alt


def test_no_fit_draws_the_tubes_and_says_why() -> None:
    each = replace(shift_of(), status="no response", ec50=math.nan, ec50_interval=(math.nan,) * 2)
    _, main = draw_shifts([each], PALETTE).axes
    assert not marks(main, "D")
    assert any("no response" in text.get_text() for text in main.texts)


def test_the_stimulus_alone_is_vermilion_and_lower_doses_are_lighter() -> None:
    inks = inks_of(shift_of(1.0, 3.0, 10.0), PALETTE)
    assert inks[0.0] == STIMULATED
    light = [sum(int(inks[dose][at : at + 2], 16) for at in (1, 3, 5)) for dose in (1.0, 3.0, 10.0)]
    assert light == sorted(light, reverse=True)


def test_pa2_is_told_only_where_there_is_no_pkb() -> None:
    each = shift_of(1.0, 3.0, 10.0)
    assert [line.split()[0] for line in constants_in_words(each)] == ["Schild", "pKB"]
    steep = replace(each, schild=replace(each.schild, pkb=math.nan))
    assert [line.split()[0] for line in constants_in_words(steep)] == ["Schild", "pA2"]
