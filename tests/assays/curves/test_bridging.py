"""The same samples on two plates."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.errors import CurveFitError

FIRST = np.geomspace(5.0, 200.0, 24)


def noisy(factor: float, seed: int = 2) -> np.ndarray:
    return factor * FIRST * np.exp(0.05 * np.random.default_rng(seed).normal(size=len(FIRST)))


def test_a_lot_that_reads_ten_percent_high_is_told_and_still_equivalent() -> None:
    found = curves.bridge(FIRST, noisy(1.1))
    assert found.ratio == pytest.approx(1.1, rel=0.03)
    low, high = found.ratio_interval
    assert low < found.ratio < high
    assert found.equivalent
    assert not curves.bridge(FIRST, noisy(1.1), limits=(0.95, 1.05)).equivalent
    assert not curves.bridge(FIRST, noisy(1.4)).equivalent
    assert found.mean_percent == pytest.approx(100 * (1.1 - 1) / 1.05, abs=3)


def test_both_lines_find_slope_and_offset() -> None:
    second = 3.0 + 1.2 * FIRST + 0.2 * np.random.default_rng(7).normal(size=len(FIRST))
    found = curves.bridge(FIRST, second)
    for line in (found.deming, found.passing_bablok):
        assert line.slope_interval[0] < line.slope < line.slope_interval[1]
        assert line.slope == pytest.approx(1.2, rel=0.02)
        assert line.intercept == pytest.approx(3.0, abs=0.4)
        assert line.intercept_interval[0] < 3.0 < line.intercept_interval[1]


def test_one_bad_sample_moves_deming_and_not_passing_bablok() -> None:
    second = noisy(1.0)
    spoiled = second.copy()
    spoiled[-1] *= 3
    before, after = curves.bridge(FIRST, second), curves.bridge(FIRST, spoiled)
    assert abs(after.deming.slope - before.deming.slope) > 0.3
    assert abs(after.passing_bablok.slope - before.passing_bablok.slope) < 0.02


def test_exchanging_the_plates_turns_the_ratio_over() -> None:
    found, turned = curves.bridge(FIRST, noisy(1.1)), curves.bridge(noisy(1.1), FIRST)
    assert turned.ratio == pytest.approx(1 / found.ratio)
    assert turned.deming.slope == pytest.approx(1 / found.deming.slope)
    assert turned.passing_bablok.slope == pytest.approx(1 / found.passing_bablok.slope, rel=0.005)


def test_identical_plates_agree_exactly() -> None:
    found = curves.bridge(FIRST, FIRST)
    assert found.ratio == pytest.approx(1.0)
    assert found.ratio_interval == pytest.approx((1.0, 1.0))
    assert found.deming.slope == pytest.approx(1.0)
    assert found.passing_bablok.slope == 1.0 and found.passing_bablok.intercept == 0.0
    assert found.concordance == pytest.approx(1.0)


def test_pairs_without_two_numbers_above_zero_are_left_out_and_counted() -> None:
    second = noisy(1.0)
    second[[0, 3]] = [np.nan, 0.0]
    found = curves.bridge(FIRST, second)
    assert (found.n, found.left_out) == (len(FIRST) - 2, 2)


def test_few_or_mismatched_samples_and_nonsense_limits_are_refused() -> None:
    with pytest.raises(CurveFitError, match="3 to 2000 samples measured on both plates, 2 found"):
        curves.bridge([1.0, 2.0, np.nan], [1.0, 2.0, 3.0])
    with pytest.raises(CurveFitError, match="2 results of one plate stand beside 3"):
        curves.bridge([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(CurveFitError, match="cannot lie between"):
        curves.bridge(FIRST, FIRST, limits=(1.2, 0.8))
    four = curves.bridge(FIRST[:4], noisy(1.0)[:4])
    assert np.isnan(four.passing_bablok.slope_interval).all()


def test_results_that_do_not_vary_have_no_line_and_raise_no_warning() -> None:
    found = curves.bridge([5.0, 5.0, 5.0, 5.0, 5.0], [5.0, 5.0, 5.0, 5.0, 5.0])
    assert np.isnan(found.pearson) and np.isnan(found.deming.slope)
    assert np.isnan(found.passing_bablok.slope)
    upright = curves.bridge([5.0, 5.0, 5.0, 5.0], [4.0, 5.0, 6.0, 7.0])
    assert np.isnan(upright.deming.slope)


def test_numbers_at_the_end_of_a_float_raise_no_warning() -> None:
    found = curves.bridge([1e-300, 1.0, 1e300, 1e305], [1e-300, 2.0, 3e300, 1e308])
    assert np.isfinite(found.ratio)
    huge = curves.precision({"a": [1e300, 1e305], "b": [1e200, 1e308]})
    assert not np.isfinite(huge.sd_within)
    assert np.isinf(curves.dilution_series([1, 2, 1e308], [1e308, 1e308, 1e308]).mean)
    same = curves.detection_capability([[0, 0]], [[0, 0]])
    assert same.detection == 0.0 and np.isnan(same.quantitation)
