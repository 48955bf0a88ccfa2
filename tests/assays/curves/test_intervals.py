"""Intervals of a concentration: inversion, Wald, Wald on log x, bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

X = np.repeat([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0], 2)
TRUTH = np.array([0.06, 1.15, 120.0, 3.1])
T12 = 2.178812829663418
"""Student's t, 12 degrees of freedom, 0.975."""


@pytest.fixture(scope="module")
def curve() -> curves.StandardCurve:
    y = FOUR_PL.forward(X, TRUTH)
    noise = np.hypot(0.004, 0.04 * y) * np.random.default_rng(31).normal(size=len(X))
    return curves.fit(X, y + noise, weighting="two-component")


def test_wald_is_the_estimate_and_t_standard_errors(curve: curves.StandardCurve) -> None:
    back = curve.inverse([0.2, 1.0], wells=2, interval="wald")
    np.testing.assert_allclose(back.upper - back.value, T12 * back.standard_error, rtol=1e-9)
    np.testing.assert_allclose(back.value - back.lower, T12 * back.standard_error, rtol=1e-9)
    on_logs = curve.inverse([0.2, 1.0], wells=2, interval="wald-log")
    np.testing.assert_allclose(on_logs.lower * on_logs.upper, on_logs.value**2, rtol=1e-9)
    relative = back.standard_error / back.value
    np.testing.assert_allclose(np.log(on_logs.upper / on_logs.value), T12 * relative, rtol=1e-9)
    assert (back.interval, on_logs.interval) == ("wald", "wald-log")


def test_only_the_limits_depend_on_the_interval(curve: curves.StandardCurve) -> None:
    y = [0.01, 0.2, 1.0, 0.9 * curve.params["D"], np.nan]
    usual = curve.inverse(y, wells=2)
    for interval in curves.INTERVALS:
        other = curve.inverse(y, wells=2, interval=interval)
        np.testing.assert_array_equal(other.value, usual.value)
        np.testing.assert_array_equal(other.standard_error, usual.standard_error)
        np.testing.assert_array_equal(other.status, usual.status)
        assert np.isnan(other.lower[-1]) and np.isnan(other.upper[-1])
        inside = slice(1, 4)
        assert np.all(other.lower[inside] < usual.value[inside])
        assert np.all(other.upper[inside] > usual.value[inside])


def test_the_bootstrap_is_near_the_inversion_opens_and_repeats(
    curve: curves.StandardCurve,
) -> None:
    y = [0.2, 1.0, 0.99 * curve.params["D"], 9.0]
    usual = curve.inverse(y, wells=2)
    first, again = (curve.inverse(y, wells=2, interval="bootstrap") for _ in range(2))
    np.testing.assert_array_equal(first.lower, again.lower)
    np.testing.assert_array_equal(first.upper, again.upper)
    width = (usual.upper - usual.lower)[:2]
    assert np.all(np.abs(first.lower[:2] - usual.lower[:2]) < 0.1 * width)
    assert np.all(np.abs(first.upper[:2] - usual.upper[:2]) < 0.1 * width)
    assert first.upper[2] == usual.upper[2] == np.inf
    # Above every curve that could have been: nothing but infinity.
    assert np.isnan(first.value[3]) and np.isinf(first.lower[3])


@pytest.mark.parametrize(
    "name", ["3pl", "5pl", "linear", "quadratic", "loglog", "loglogit", "spline"]
)
def test_every_model_has_a_bootstrap_that_agrees_roughly(name: str) -> None:
    x = X[X > 0]
    rng = np.random.default_rng(5)
    if name in ("linear", "quadratic"):
        y = 0.05 + 0.012 * x
    elif name == "loglog":
        y = 0.02 * x**0.9
    elif name == "3pl":
        y = FOUR_PL.forward(x, np.array([0.0, 1.15, 120.0, 3.1]))
    else:
        y = FOUR_PL.forward(x, TRUTH)
    curve = curves.fit(
        x, y * (1 + 0.02 * rng.normal(size=len(x))), model=name, weighting="1/yhat^2"
    )
    at = float(curve.forward(40.0))
    usual, drawn = curve.inverse(at, wells=2), curve.inverse(at, wells=2, interval="bootstrap")
    assert float(drawn.lower) < 40.0 < float(drawn.upper)
    width = float(usual.near_upper - usual.near_lower)
    assert float(drawn.upper - drawn.lower) == pytest.approx(width, rel=0.3)


def test_a_falling_curve_opens_above_where_the_response_is_low() -> None:
    y = FOUR_PL.forward(X, np.array([2.4, 1.1, 30.0, 0.1]))
    noise = 0.03 * y * np.random.default_rng(8).normal(size=len(X))
    curve = curves.fit(X, y + noise, weighting="two-component")
    back = curve.inverse([0.05, 3.2], interval="bootstrap")
    assert np.isinf(back.upper[0]) and back.lower[1] == 0.0


def test_exact_standards_leave_no_width() -> None:
    curve = curves.fit(X, FOUR_PL.forward(X, TRUTH))
    at = FOUR_PL.forward(np.array([40.0]), TRUTH)
    for interval in curves.INTERVALS:
        back = curve.inverse(at, interval=interval)
        assert float(back.lower[0]) == pytest.approx(40.0, rel=1e-6)
        assert float(back.upper[0]) == pytest.approx(40.0, rel=1e-6)


def test_without_degrees_of_freedom_no_interval_is_known() -> None:
    levels = X[::2][::2]
    curve = curves.fit(levels, FOUR_PL.forward(levels, TRUTH) * [1, 1.02, 0.97, 1])
    for interval in curves.INTERVALS:
        assert np.isnan(curve.inverse(1.0, interval=interval).lower)


def test_what_is_not_an_interval_is_refused(curve: curves.StandardCurve) -> None:
    with pytest.raises(CurveFitError, match=r"no interval is called 'profile'"):
        curve.inverse(1.0, interval="profile")
    with pytest.raises(CurveFitError, match=r"1999 bootstrap draws cannot tell"):
        curve.inverse(1.0, level=0.9999, interval="bootstrap")
