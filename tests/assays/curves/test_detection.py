"""How little can be told from nothing."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

X = np.repeat([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0], 2)
TRUTH = np.array([0.06, 1.15, 120.0, 3.1])


@pytest.fixture(scope="module")
def curve() -> curves.StandardCurve:
    y = FOUR_PL.forward(X, TRUTH) * (1 + 0.04 * np.random.default_rng(21).normal(size=len(X)))
    return curves.fit(X, y, weighting="two-component")


def test_reliable_detection_lies_above_the_minimum_and_more_wells_lower_both(
    curve: curves.StandardCurve,
) -> None:
    one, two = (curves.minimum_detectable(curve, wells) for wells in (1, 2))
    sure, surer = (curves.reliable_detection(curve, wells) for wells in (1, 2))
    assert 0 < two < one < sure
    assert two < surer < sure
    low, _ = curve.prediction_band(sure)
    _, high = curve.prediction_band(0.0)
    assert float(low) == pytest.approx(float(high), rel=1e-6)


def test_without_a_zero_standard_nothing_is_detected(curve: curves.StandardCurve) -> None:
    above = curves.fit(curve.x[curve.x > 0], curve.y[curve.x > 0])
    assert np.isnan(curves.minimum_detectable(above))
    assert np.isnan(curves.reliable_detection(above))


def test_the_precision_profile_is_the_cv_of_what_is_read_back(
    curve: curves.StandardCurve,
) -> None:
    at = np.array([0.0, 10.0, 60.0])
    profile = curves.precision_profile(curve, at, wells=2)
    error = curve.inverse(curve.forward(10.0), wells=2).standard_error
    assert np.isnan(profile[0])
    assert profile[1] == pytest.approx(100 * float(error) / 10.0)
    low, high = curves.working_range(curve, 20.0)
    assert 3.125 <= low < high <= 200
    assert np.all(curves.precision_profile(curve, np.linspace(low * 1.01, high * 0.99, 50)) <= 20)
    assert np.isnan(curves.working_range(curve, 0.1)).all()


def test_the_quantitation_limit_is_where_the_cv_reaches_its_goal(
    curve: curves.StandardCurve,
) -> None:
    found = curves.quantitation_limit(curve, 20.0)
    assert curves.precision_profile(curve, found)[()] == pytest.approx(20.0, rel=1e-6)
    assert np.all(
        curves.precision_profile(curve, np.geomspace(found / 100, found * 0.999, 30)) > 20
    )
    low, _ = curves.working_range(curve, 20.0)
    assert found <= low
    assert np.isnan(curves.quantitation_limit(curve, 0.1))


def test_ten_zeros_are_asked_for_and_else_the_curve_answers(curve: curves.StandardCurve) -> None:
    zeros = 0.06 + 0.002 * np.random.default_rng(3).normal(size=12)
    found = curves.detection_limit(curve, zeros)
    edge = zeros.mean() + 2 * zeros.std(ddof=1)
    assert found.value == pytest.approx(float(curve.inverse(edge).value))
    assert "12 zeros" in found.source
    few = curves.detection_limit(curve, zeros[:4])
    assert few.value == curves.minimum_detectable(curve)
    assert "4 zero wells, 10 needed" in few.source


def test_blanks_and_low_samples_give_the_limits_of_ep17() -> None:
    rng = np.random.default_rng(17)
    blanks = [rng.normal(0.1, 0.05, size=30) for _ in range(2)]
    lows = [rng.normal(level, 0.06, size=30) for level in (0.2, 0.5, 1.0)]
    found = curves.detection_capability(blanks, lows)
    every = np.concatenate(blanks)
    assert found.blank == pytest.approx(
        every.mean() + 1.645 / (1 - 1 / (4 * 58)) * every.std(ddof=1)
    )
    assert found.blank < found.detection <= found.quantitation
    assert found.quantitation == pytest.approx(0.5, abs=0.05)
    assert found.enough
    with pytest.raises(CurveFitError, match="each blank needs two"):
        curves.detection_capability([[0.1]], lows)
