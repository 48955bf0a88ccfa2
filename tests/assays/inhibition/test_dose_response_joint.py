"""Dose series fitted together with their controls, and parameters that are given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assays import curves
from assays.errors import CurveFitError
from assays.inhibition import fit_dose_response
from assays.inhibition.dose.response import DoseFit

Floats = NDArray[np.float64]

DOSES = np.repeat([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0], 2)
HIGH, LOW = np.array([1030.0, 960.0, 1015.0]), np.array([196.0, 209.0, 203.0])


def series(name: str, bottom: float = 200.0, c: float = 30.0, b: float = 1.0) -> Floats:
    rng = np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))
    level = bottom + (1000.0 - bottom) / (1.0 + (DOSES / c) ** b)
    return level * np.exp(0.05 * rng.standard_normal(DOSES.size))


def with_controls(y: Floats, **options: Any) -> DoseFit:
    doses, responses = np.r_[np.zeros(HIGH.size), DOSES], np.r_[HIGH, y]
    return fit_dose_response(doses, responses, unstimulated=LOW, **options)


def test_a_given_slope_is_kept_and_spares_a_degree_of_freedom() -> None:
    free, fixed = with_controls(series("slope")), with_controls(series("slope"), fix={"B": 1.0})
    assert fixed.params["B"] == 1.0
    assert fixed.df == free.df + 1
    assert fixed.rss >= free.rss
    assert fixed.fixed == ("B",)
    assert fixed.status == "ok"


def test_full_effect_may_be_the_unstimulated_level() -> None:
    fit = with_controls(series("bottom"), fix={"D": "unstimulated"})
    assert fit.params["D"] == fit.params["U"]
    # The unstimulated tubes are as good as tubes with an endless dose.
    far = fit_dose_response(
        np.r_[np.zeros(3), DOSES, np.full(3, 1e12)], np.r_[HIGH, series("bottom"), LOW]
    )
    assert fit.ic50 == pytest.approx(far.ic50, rel=1e-4)
    assert fit.rss == pytest.approx(far.rss, rel=1e-6)
    # Half of the window and half of the curve are then the same.
    assert fit.relative == fit.ic50


@pytest.mark.parametrize(
    "fix", [{}, {"B": 1.0}, {"A": 1000.0}, {"D": 200.0}, {"A": 1000.0, "D": 200.0}]
)
def test_the_curve_is_that_of_the_room_of_curves(fix: dict[str, float]) -> None:
    y = series("same curve")
    x, responses = np.r_[np.zeros(3), DOSES], np.r_[HIGH, y]
    mine = fit_dose_response(x, responses, fix=fix)
    theirs = curves.fit(x, responses, model="4pl", weighting="none", fix=fix)
    assert mine.params == pytest.approx(theirs.params, rel=1e-5)
    assert mine.rss == pytest.approx(theirs.rss, rel=1e-9)


def test_an_inhibitor_that_leaves_a_third_has_two_half_doses() -> None:
    fit = with_controls(series("partial", bottom=450.0), cofactor=150.0)
    assert fit.status == "ok"
    assert fit.relative == pytest.approx(30.0, rel=0.3)
    assert fit.relative_interval[0] < fit.relative < fit.relative_interval[1]
    # Half of the window asks for more than half of what this inhibitor can do.
    assert fit.ic50 > 1.5 * fit.relative


def test_without_the_far_plateau_there_is_no_relative_ic50() -> None:
    fit = with_controls(series("no plateau", c=3000.0))
    assert fit.status == "> highest dose"
    assert math.isnan(fit.relative)
    assert math.isnan(fit.relative_interval[0])


def test_controls_that_scatter_widen_the_interval() -> None:
    y = series("controls")
    doses = np.r_[np.zeros(3), DOSES]
    near = fit_dose_response(doses, np.r_[HIGH, y], unstimulated=LOW)
    apart = fit_dose_response(
        doses, np.r_[HIGH * [1.2, 0.8, 1.0], y], unstimulated=LOW * [1.3, 0.7, 1.0]
    )
    width = [math.log(fit.interval[1] / fit.interval[0]) for fit in (near, apart)]
    assert width[1] > 1.5 * width[0]


def test_weights_that_follow_the_curve_do_not_prefer_tubes_that_are_low_by_chance() -> None:
    y = series("weights")
    c = 150.0
    observed = with_controls(
        y, weights=1 / (np.r_[HIGH, y] ** 2 + c**2), unstimulated_weights=1 / (LOW**2 + c**2)
    )
    followed = with_controls(y, cofactor=c)
    assert followed.params["A"] > observed.params["A"]
    fitted = followed.forward(np.r_[np.zeros(3), DOSES])
    rss = np.sum((np.r_[HIGH, y] - fitted) ** 2 / (fitted**2 + c**2))
    rss += np.sum((LOW - LOW.mean()) ** 2 / (LOW.mean() ** 2 + c**2))
    assert followed.rss == pytest.approx(rss, rel=1e-4)


@pytest.mark.parametrize(
    ("fix", "message"),
    [
        ({"C": 10.0}, "no parameter 'C'"),
        ({"A": "unstimulated"}, "no number"),
        ({"D": "stimulated"}, "no number"),
        ({"B": math.nan}, "no number"),
        ({"B": True}, "no number"),
        ({"B": -1.0}, "slope"),
        ({"A": 1.0, "D": 1.0}, "no curve"),
    ],
)
def test_what_cannot_be_fixed_is_said(fix: dict[str, object], message: str) -> None:
    with pytest.raises(CurveFitError, match=message):
        with_controls(series("refused"), fix=fix)


@pytest.mark.parametrize(
    ("doses", "responses"),
    [
        (np.zeros(6), np.arange(6.0)),
        (np.full(6, 10.0), np.arange(6.0)),
        (DOSES, np.full(DOSES.shape, np.nan)),
        (np.full(6, np.nan), np.arange(6.0)),
    ],
)
def test_what_is_no_series_has_no_number(doses: Floats, responses: Floats) -> None:
    fit = fit_dose_response(doses, responses, unstimulated=LOW)
    assert fit.status == "too few doses"
    assert not fit.params
    assert math.isnan(fit.ic50) and math.isnan(fit.relative)
    assert all(math.isnan(end) for end in fit.interval)
