"""Lack of fit, influential wells, and what a fit remarks about its standards."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL

LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
X = np.repeat(LEVELS, 2)
TRUTH = np.array([0.06, 1.15, 120.0, 3.1])


def plate(seed: int, cv: float = 0.03) -> np.ndarray:
    return FOUR_PL.forward(X, TRUTH) * (1 + cv * np.random.default_rng(seed).normal(size=len(X)))


def rules(curve: curves.StandardCurve) -> set[str]:
    return {finding.rule for finding in curve.findings}


def test_a_line_through_a_bent_series_lacks_fit_and_the_right_curve_does_not() -> None:
    y = plate(1)
    line = curves.fit(X, y, model="linear", weighting="none")
    tested = curves.lack_of_fit(line)
    assert (tested.df_lack, tested.df_pure) == (6, 8)
    assert tested.p_value < 1e-4
    assert "lack-of-fit" in rules(line)
    right = curves.fit(X, y)
    assert curves.lack_of_fit(right).p_value > 0.01
    assert "lack-of-fit" not in rules(right)


def test_the_f_ratio_is_the_textbook_arithmetic() -> None:
    x = np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0])
    y = np.array([1.1, 0.9, 2.3, 2.1, 2.8, 3.0, 4.4, 4.2])
    line = curves.fit(x, y, model="linear", weighting="none")
    means = np.repeat([1.0, 2.2, 2.9, 4.3], 2)
    pure = np.sum((y - means) ** 2)
    fitted = np.polyval(np.polyfit(x, y, 1), x)
    wanted = (np.sum((y - fitted) ** 2) - pure) / 2 / (pure / 4)
    assert curves.lack_of_fit(line).f_ratio == pytest.approx(wanted)


def test_without_replicates_fit_cannot_be_tested() -> None:
    assert np.isnan(curves.lack_of_fit(curves.fit(LEVELS, plate(2)[::2])).p_value)
    assert np.isnan(curves.lack_of_fit(curves.fit(X, plate(2), on="means")).p_value)
    exact = curves.fit(X, FOUR_PL.forward(X, TRUTH))
    assert np.isnan(curves.lack_of_fit(exact).p_value)


def test_leverages_add_up_to_the_parameters() -> None:
    for model, count in (("4pl", 4), ("linear", 2), ("3pl", 3)):
        told = curves.influence(curves.fit(X, plate(3), model=model))
        assert told.leverage.sum() == pytest.approx(count, rel=1e-6)
        assert np.all((told.leverage >= 0) & (told.leverage <= 1))


def test_cooks_distance_is_what_leaving_a_well_out_does_to_a_line() -> None:
    x, y = X[2:], plate(4)[2:]
    line = curves.fit(x, y, model="linear", weighting="none")
    told = curves.influence(line)
    i = 3
    others = np.arange(len(line.x)) != i
    without = curves.fit(line.x[others], line.y[others], model="linear", weighting="none")
    moved = np.sum((line.forward(line.x) - without.forward(line.x)) ** 2)
    assert told.cooks_distance[i] == pytest.approx(moved / (2 * line.residual_sd**2), rel=1e-9)
    left = line.y[i] - without.forward(line.x[i])
    spread = without.residual_sd / np.sqrt(1 - told.leverage[i])
    assert told.studentised[i] == pytest.approx(left / spread, rel=1e-9)


def test_a_bad_well_is_told_with_its_standard() -> None:
    y = plate(5)
    y[10] *= 0.4
    for weighting in ("1/yhat^2", "1/y^2", "two-component"):
        curve = curves.fit(X, y, weighting=weighting)
        told = [finding for finding in curve.findings if finding.rule == "outlier-well"]
        assert [finding.where for finding in told] == ["standard 50"], weighting
        i = int(curves.influence(curve).outlying[0])
        assert curve.y[i] == pytest.approx(y[10])


def test_clean_plates_are_rarely_blamed() -> None:
    blamed = {"outlier-well", "lack-of-fit", "hook", "non-monotonic", "saturated-standards"}
    for weighting in ("none", "1/yhat^2", "two-component"):
        plates = [plate(100 + i) for i in range(150)]
        told = [
            rules(one) & blamed for one in curves.fit_many([X] * 150, plates, weighting=weighting)
        ]
        assert sum(bool(one) for one in told) <= 8


def test_wells_at_the_end_of_the_reader_are_told_and_clean_tops_are_not() -> None:
    y = np.minimum(plate(6) * 3.5, 4.0)
    clipped = curves.fit(X, y)
    (told,) = [f for f in clipped.findings if f.rule == "saturated-standards"]
    assert "100, 200" in told.message and told.observed == 4.0
    only_top = curves.fit(X, np.round(np.minimum(plate(6) * 2.5, 4.0), 3))
    assert "saturated-standards" in rules(only_top)
    exact = curves.fit(X, FOUR_PL.forward(X, np.array([0.06, 6.0, 20.0, 3.0])))
    assert "saturated-standards" not in rules(exact)
    coarse = curves.fit(X, np.round(plate(6), 1))
    assert "saturated-standards" not in rules(coarse)


def test_a_top_that_turns_back_over_two_levels_is_a_hook() -> None:
    y = plate(7)
    y[12:14] *= 0.8
    y[14:16] *= 0.4
    assert "hook" in rules(curves.fit(X, y))
    middle = plate(7)
    middle[6:8], middle[8:10] = plate(7)[8:10], plate(7)[6:8]
    assert "non-monotonic" in rules(curves.fit(X, middle))


def test_a_noisy_plateau_is_no_hook() -> None:
    flat = np.array([0.06, 2.0, 12.0, 3.1])
    told = 0
    for seed in range(100):
        noise = 0.06 * np.random.default_rng(seed).normal(size=len(X))
        told += "hook" in rules(curves.fit(X, FOUR_PL.forward(X, flat) * (1 + noise)))
    assert told <= 4


def test_a_reading_past_the_end_of_the_reader_lies_above_the_curve() -> None:
    curve = curves.fit(X, plate(8))
    back = curve.inverse([np.inf, 1.0, np.nan])
    assert list(back.status) == ["above the curve", "ok", "no reading"]
    assert np.isnan(back.value[0])
    falling = curves.fit(X, plate(8)[::-1])
    assert str(falling.inverse(np.inf).status) == "below the curve"
