"""Dilutions of one sample: corrected values, hooks and spikes."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.errors import CurveFitError


def test_a_sample_that_reads_lower_undiluted_than_diluted_shows_a_hook() -> None:
    found = curves.hook_in_dilutions([100, 1, 10, 10, 1, 100], [1.2, 1.9, 2.8, 2.9, 2.0, 1.1])
    assert found is not None
    assert (found.factor, found.peak_factor) == (1.0, 10.0)
    assert found.fall_percent == pytest.approx(100 * (1 - 1.95 / 2.85))


def test_a_reading_past_the_reader_is_the_highest_and_a_missing_one_is_none() -> None:
    hooked = curves.hook_in_dilutions([1, 10, 100], [2.0, np.inf, 1.5])
    assert hooked is not None and hooked.fall_percent == 100.0
    assert curves.hook_in_dilutions([1, 10, 100], [np.inf, 3.5, 1.5]) is None
    assert curves.hook_in_dilutions([1, 10], [np.nan, 3.5]) is None


@pytest.mark.parametrize(
    ("response", "cv"),
    [([2.0, 1.1, 0.6], 0.0), ([2.7, 2.9, 1.0], 0.0), ([2.4, 2.9, 1.0], 10.0), ([0, 0, 0], 0.0)],
)
def test_no_hook_where_readings_fall_or_noise_explains_it(response: list[float], cv: float) -> None:
    assert curves.hook_in_dilutions([1, 2, 4], response, cv_percent=cv) is None


def test_a_competitive_assay_has_no_such_hook() -> None:
    assert curves.hook_in_dilutions([1, 2, 4], [0.5, 1.0, 1.8], rising=False) is None


def test_lengths_must_match() -> None:
    with pytest.raises(CurveFitError, match="2 dilutions stand beside 3 responses"):
        curves.hook_in_dilutions([1, 2], [1.0, 2.0, 3.0])


def test_a_thinning_matrix_shows_as_a_slope_above_zero() -> None:
    thinning = curves.dilution_series([1, 2, 4, 8], [100.0, 60.0, 35.0, 21.0])
    assert thinning.slope > 0 and thinning.slope_interval[0] > 0
    assert not thinning.linear
    steady = curves.dilution_series([1, 2, 4, 8], [100.0, 51.0, 24.5, 12.6])
    assert steady.linear and steady.parallel
    assert steady.slope_interval[0] < 0 < steady.slope_interval[1]
