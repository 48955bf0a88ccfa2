"""Dilutions, spikes, and preparations held against a standard."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

DOSE = np.repeat([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0], 3)


def response(potency: float, slope: float, seed: int, top: float = 3.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mean = FOUR_PL.forward(DOSE * potency, np.array([0.1, slope, 60.0, top]))
    return np.asarray(mean * (1 + 0.02 * rng.normal(size=len(DOSE))))


def test_a_stronger_parallel_sample_gives_its_potency() -> None:
    found = curves.parallelism((DOSE, response(1.0, 1.2, 1)), (DOSE, response(2.0, 1.2, 2)))
    assert found.p_value > 0.01
    assert found.equivalent
    assert found.potency.value == pytest.approx(2.0, rel=0.05)
    assert found.potency.interval[0] < 2.0 < found.potency.interval[1]


def test_a_sample_with_another_slope_is_not_parallel() -> None:
    found = curves.parallelism((DOSE, response(1.0, 1.2, 3)), (DOSE, response(1.0, 0.8, 4)))
    assert found.p_value < 0.001
    assert not found.equivalent
    assert found.slope_ratio[0] == pytest.approx(0.8 / 1.2, rel=0.1)


def test_potency_intervals_of_parallel_samples_hold_the_truth() -> None:
    held = 0
    for i in range(60):
        pair = response(1.0, 1.1, 100 + i), response(0.7, 1.1, 300 + i)
        low, high = curves.parallelism((DOSE, pair[0]), (DOSE, pair[1])).potency.interval
        held += low <= 0.7 <= high
    assert 52 <= held <= 60


def test_parallel_lines_without_a_slope_have_no_limits() -> None:
    rng = np.random.default_rng(5)
    doses = {"S": DOSE, "T": DOSE}
    flat = {name: rng.normal(size=len(DOSE)) for name in doses}
    (potency,) = curves.parallel_lines(doses, flat, "S").potencies
    assert potency.interval == (0.0, np.inf)
    with pytest.raises(CurveFitError, match="standard 'R'"):
        curves.parallel_lines(doses, flat, "R")
    with pytest.raises(CurveFitError, match="no dose has replicates"):
        curves.parallel_lines({"S": [1, 2], "T": [1, 2]}, {"S": [1, 2], "T": [1, 2]}, "S")


def test_a_hook_shows_as_a_slope_over_dilutions() -> None:
    hooked = curves.dilution_series([1, 2, 4, 8, 16], [20.0, 18.0, 14.0, 10.0, 6.0])
    assert not hooked.linear
    assert hooked.slope_interval[0] > 0
    even = curves.dilution_series([8, 1, 2, 4], [12.4, 101.0, 49.0, 25.5])
    assert even.factor.tolist() == [1, 2, 4, 8]
    assert even.linear and even.parallel
    with pytest.raises(CurveFitError, match="factors of 1 or more"):
        curves.dilution_series([0.5, 1], [1.0, 2.0])


def test_no_spike_has_no_recovery() -> None:
    assert np.isnan(curves.spike_recovery_percent(5.0, 3.0, 0.0))


def test_a_sample_that_sees_one_end_only_has_open_limits_and_no_warning() -> None:
    rng = np.random.default_rng(14)
    low = np.repeat([0.02, 0.05, 0.1, 0.2, 0.4, 0.8], 2)
    mean = FOUR_PL.forward(low * 20, np.array([0.1, 1.2, 60.0, 3.0]))
    found = curves.parallelism(
        (DOSE, response(1.0, 1.2, 15)), (low, mean * (1 + 0.02 * rng.normal(size=len(low))))
    )
    assert found.range_ratio[1] < found.range_ratio[2]
    assert found.range_ratio[2] > 2 * found.range_ratio[1]
    assert not found.equivalent
