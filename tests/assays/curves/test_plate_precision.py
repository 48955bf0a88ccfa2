"""Controls over plates: intra- and inter-assay spread."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.errors import CurveFitError


def test_a_control_over_plates_is_taken_apart_by_analysis_of_variance() -> None:
    # Means 10, 12, 11 on three plates; every duplicate one apart from its mean by 0.5.
    found = curves.precision({"1": [9.5, 10.5], "2": [11.5, 12.5], "3": [10.5, 11.5]})
    within, between_means = 0.5, 2 * 1.0
    assert found.sd_within**2 == pytest.approx(within)
    assert found.sd_between**2 == pytest.approx((between_means - within) / 2)
    assert found.sd_total**2 == pytest.approx(within + (between_means - within) / 2)
    assert found.within_cv_percent == pytest.approx(100 * np.sqrt(0.5) / 11)
    assert (found.plates, found.results, found.df_within) == (3, 6, 3)
    assert not found.enough


def test_unequal_numbers_of_wells_follow_the_anova_of_r() -> None:
    # R 4.2.2, anova(lm(y ~ plate)): mean squares 1.739111 and 0.098611; n0 = 2.333.
    runs = {"1": [9.8, 10.3], "2": [11.2, 11.0, 11.5], "3": [10.1], "4": [9.6, 9.1, 9.4, 9.9]}
    found = curves.precision(runs)
    assert found.sd_within**2 == pytest.approx(0.09861111111)
    assert found.sd_between == pytest.approx(0.8384935471)


def test_intervals_hold_the_true_spread_as_often_as_they_say() -> None:
    rng = np.random.default_rng(12)
    within, between, mean = 0.4, 0.7, 10.0
    true = [100 * one / mean for one in (within, between, np.hypot(within, between))]
    held = np.zeros(3)
    rounds = 800
    for _ in range(rounds):
        plates = mean + between * rng.normal(size=(8, 1)) + within * rng.normal(size=(8, 2))
        found = curves.precision({str(i): row for i, row in enumerate(plates)})
        # The mean counts as known: here it is.
        scale = found.mean / mean
        ends = (found.within_cv_interval, found.between_cv_interval, found.total_cv_interval)
        held += [
            low * scale <= t <= high * scale for (low, high), t in zip(ends, true, strict=True)
        ]
    assert np.all(held / rounds >= 0.93)
    assert np.all(held / rounds <= 0.98)


def test_single_wells_tell_only_of_the_total_and_one_plate_only_of_within() -> None:
    alone = curves.precision({"1": [10.0], "2": [11.0], "3": [12.0]})
    assert np.isnan(alone.within_cv_percent) and np.isnan(alone.between_cv_percent)
    assert alone.sd_total == pytest.approx(1.0)
    one = curves.precision({"1": [10.0, 11.0, np.nan]})
    assert one.results == 2 and one.sd_within == pytest.approx(np.sqrt(0.5))
    assert np.isnan(one.total_cv_percent)


def test_no_spread_between_plates_is_zero_and_a_negative_mean_has_no_cv() -> None:
    same = curves.precision({"1": [9.0, 11.0], "2": [11.0, 9.0]})
    assert same.sd_between == 0.0 and same.sd_total == same.sd_within
    below = curves.precision({"1": [-1.0, -2.0], "2": [-1.0, -1.5]})
    assert np.isnan(below.total_cv_percent) and np.isfinite(below.sd_total)


def test_results_that_never_differ_have_no_spread() -> None:
    found = curves.precision({"1": [5.0, 5.0], "2": [5.0, 5.0]})
    assert found.total_cv_percent == 0.0 == found.within_cv_percent


def test_a_single_result_is_no_precision() -> None:
    with pytest.raises(CurveFitError, match="two results of a control or more, 1 found"):
        curves.precision({"1": [10.0], "2": [np.nan]})
    with pytest.raises(CurveFitError, match="confidence level 1 "):
        curves.precision({"1": [10.0, 11.0]}, level=1.0)
