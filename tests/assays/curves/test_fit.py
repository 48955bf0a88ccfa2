"""Fits of standards as they come off a plate."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
X = np.repeat(LEVELS, 2)
TRUTH = np.array([0.06, 1.15, 120.0, 3.1])


def plate(name: str, cv: float = 0.04) -> np.ndarray:
    seed = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    rng = np.random.default_rng(seed)
    return FOUR_PL.forward(X, TRUTH) * (1 + cv * rng.normal(size=len(X)))


def rules(curve: curves.StandardCurve) -> list[str]:
    return [finding.rule for finding in curve.findings]


def test_rows_may_stand_in_any_order() -> None:
    y = plate("order")
    shuffled = np.random.default_rng(3).permutation(len(X))
    first, second = curves.fit(X, y), curves.fit(X[shuffled], y[shuffled])
    assert dict(first.params) == dict(second.params)


def test_many_curves_at_once_are_the_same_as_one_by_one() -> None:
    plates = [plate(f"many {i}") for i in range(4)]
    together = curves.fit_many([X] * 4, plates, weighting="1/y^2")
    for curve, y in zip(together, plates, strict=True):
        alone = curves.fit(X, y, weighting="1/y^2")
        assert dict(curve.params) == dict(alone.params)
        assert curve.rss == alone.rss


def test_weights_of_the_fitted_response_stand_at_their_fixed_point() -> None:
    curve = curves.fit(X, plate("fixed point"))
    fitted = curve.forward(curve.x)
    np.testing.assert_allclose(curve.weights, fitted**-2.0, rtol=1e-9)
    gradient = FOUR_PL.gradient(curve.x, curve.vector)
    score = gradient.T @ (curve.weights * (curve.y - fitted))
    size = np.abs(gradient).T @ (curve.weights * np.abs(curve.y - fitted))
    assert np.all(np.abs(score) <= 1e-8 * size)


def test_no_start_nearby_finds_a_lower_misfit() -> None:
    curve = curves.fit(X, plate("global", 0.1), weighting="none")
    rng = np.random.default_rng(4)
    for _ in range(300):
        trial = curve.vector * np.exp(0.3 * rng.normal(size=4))
        assert np.sum((curve.y - FOUR_PL.forward(curve.x, trial)) ** 2) >= curve.rss


def test_means_count_every_level_once() -> None:
    y = plate("means")
    x_uneven, y_uneven = np.append(X, 200.0), np.append(y, y[-1])
    means = y.reshape(-1, 2).mean(axis=1)
    expected = curves.fit(LEVELS, means, weighting="none")
    found = curves.fit(X, y, weighting="none", on="means")
    assert found.n == len(LEVELS)
    assert dict(found.params) == pytest.approx(dict(expected.params), rel=1e-9)
    assert curves.fit(x_uneven, y_uneven, weighting="none", on="means").n == len(LEVELS)


def test_missing_wells_are_counted_and_told() -> None:
    y = plate("missing")
    y[[3, 8]] = np.nan
    curve = curves.fit(X, y)
    assert curve.n == len(X) - 2
    assert "missing-wells" in rules(curve)


def test_zeros_and_negatives_stay_in_the_fit() -> None:
    y = plate("blank-corrected") - 0.06
    y[:2] = [-0.004, 0.003]
    for weighting in ("none", "1/y", "1/y^2", "1/yhat^2"):
        curve = curves.fit(X, y, weighting=weighting)
        assert curve.n == len(X)
        assert curve.params["D"] == pytest.approx(3.0, rel=0.5)
    assert "weights-floored" in rules(curves.fit(X, y, weighting="1/y^2"))


def test_the_estimated_power_of_the_mean_is_near_the_truth() -> None:
    x = np.repeat(LEVELS, 12)
    rng = np.random.default_rng(11)
    mean = FOUR_PL.forward(x, TRUTH)
    for theta in (0.4, 1.0, 1.5):
        y = mean + 0.03 * mean**theta * rng.normal(size=len(x))
        assert curves.fit(x, y, weighting="power").theta == pytest.approx(theta, abs=0.25)


def test_a_flat_plate_is_refused_with_the_reason() -> None:
    rng = np.random.default_rng(5)
    with pytest.raises(CurveFitError, match="no response"):
        curves.fit(X, 0.06 + 0.003 * rng.normal(size=len(X)))
    with pytest.raises(CurveFitError, match="no response"):
        curves.fit(X, np.full(len(X), 0.06))


def test_three_levels_are_refused_and_five_are_told() -> None:
    y = FOUR_PL.forward(X, TRUTH)
    with pytest.raises(CurveFitError, match="needs 4 standard levels with a reading, 3 found"):
        curves.fit(X[:6], y[:6])
    assert "few-levels" in rules(curves.fit(X[:10], y[:10]))
    assert "few-levels" not in rules(curves.fit(X, y))


def test_standards_in_reverse_order_are_refused() -> None:
    y = FOUR_PL.forward(LEVELS, TRUTH)
    reverse = np.append(LEVELS[0], LEVELS[1:][::-1])
    with pytest.raises(CurveFitError, match="reversed"):
        curves.fit(reverse, y)
    with pytest.raises(CurveFitError, match=r"reversed.*falls"):
        curves.fit(LEVELS, y[::-1], direction="rising")


def test_a_competitive_assay_falls_and_is_fitted() -> None:
    y = FOUR_PL.forward(X, np.array([2.4, 1.1, 30.0, 0.1]))
    curve = curves.fit(X, y, direction="falling")
    assert curve.params == pytest.approx({"A": 2.4, "B": 1.1, "C": 30.0, "D": 0.1}, rel=1e-6)
    assert str(curve.inverse(3.0).status) == "below the curve"
    assert str(curve.inverse(0.05).status) == "above the curve"


def test_a_plateau_never_seen_is_told_and_concentrations_hold() -> None:
    x = np.repeat([4.7, 9.4, 18.8, 37.5, 75.0, 150.0, 300.0], 2)
    rng = np.random.default_rng(6)
    y = 0.02 * x**0.93 * (1 + 0.02 * rng.normal(size=len(x)))
    curve = curves.fit(x, y)
    assert "plateau-not-seen" in rules(curve)
    back = curve.inverse(0.02 * 40**0.93, wells=2)
    assert float(back.value) == pytest.approx(40, rel=0.05)
    assert float(back.near_lower) < 40 < float(back.near_upper) < 60


def test_a_hook_and_a_swapped_level_are_told() -> None:
    y = FOUR_PL.forward(LEVELS, TRUTH)
    hooked = np.append(y[:-1], y[-1] * 0.5)
    assert "hook" in rules(curves.fit(LEVELS, hooked))
    swapped = y.copy()
    swapped[[3, 4]] = y[[4, 3]]
    assert "non-monotonic" in rules(curves.fit(LEVELS, swapped))


def test_four_levels_in_single_wells_have_no_interval() -> None:
    y = FOUR_PL.forward(LEVELS[::2], TRUTH)
    curve = curves.fit(LEVELS[::2], y, weighting="none")
    back = curve.inverse(1.0)
    assert float(back.value) > 0
    assert np.isnan([back.lower, back.upper, back.standard_error]).all()
    assert np.isnan(list(curve.standard_errors.values())).all()


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2], [1], "2 concentrations stand beside 1"),
        ([-1, 1, 2, 3], [1, 2, 3, 4], "concentration -1"),
        ([np.inf, 1, 2, 3], [1, 2, 3, 4], "concentration inf"),
        ([], [], "0 found"),
    ],
)
def test_senseless_standards_are_refused(x: list[float], y: list[float], said: str) -> None:
    with pytest.raises(CurveFitError, match=said):
        curves.fit(x, y)


def test_wild_numbers_never_crash_a_fit() -> None:
    rng = np.random.default_rng(7)
    for _ in range(60):
        n = int(rng.integers(0, 20))
        x = np.abs(rng.normal(size=n)) * 10.0 ** rng.integers(-8, 8)
        y = rng.normal(size=n) * 10.0 ** rng.integers(-8, 8)
        try:
            curve = curves.fit(np.round(x, 3), y, weighting="1/yhat^2")
        except CurveFitError:
            continue
        back = curve.inverse(y)
        assert np.all(~(back.lower > back.upper))
