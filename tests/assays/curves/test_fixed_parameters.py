"""Curves with an end or a slope that is given instead of fitted."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assays import curves
from assays.curves.five_pl import MODEL as FIVE_PL
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
X = np.repeat(LEVELS, 2)
TRUTH = {"A": 2.4, "B": 1.15, "C": 30.0, "D": 0.1}
WEIGHTINGS = ("none", "1/y^2", "1/yhat^2", "power", "two-component", "robust")


def plate(name: str) -> np.ndarray:
    seed = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    noise = np.random.default_rng(seed).normal(size=len(X))
    return FOUR_PL.forward(X, np.array(list(TRUTH.values()))) * (1 + 0.04 * noise)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("names", ["A", "D", "B", "C", "AD", "AB", "BC", "ADB", "ABC", "BCD"])
def test_what_is_given_stays_and_the_rest_is_at_its_minimum(names: str, weighting: str) -> None:
    fix = {name: TRUTH[name] for name in names}
    curve = curves.fit(X, plate("given"), weighting=weighting, fix=fix)
    assert {name: curve.params[name] for name in fix} == fix
    assert curve.converged and curve.df == len(X) - 4 + len(fix)
    free = [i for i, name in enumerate(curve.model.names) if name not in fix]
    gradient = FOUR_PL.gradient(curve.x, curve.vector)[:, free]
    rest = curve.weights * (curve.y - curve.forward(curve.x))
    assert np.all(np.abs(gradient.T @ rest) <= 1e-6 * (np.abs(gradient).T @ np.abs(rest)))


def test_errors_and_intervals_count_the_fitted_parameters_only() -> None:
    curve = curves.fit(X, plate("errors"), weighting="none", fix={"A": 2.4, "D": 0.1})
    jacobian = FOUR_PL.gradient(curve.x, curve.vector)[:, 1:3]
    own = curve.rss / (len(X) - 2) * np.linalg.inv(jacobian.T @ jacobian)
    np.testing.assert_allclose(curve.covariance[1:3, 1:3], own, rtol=1e-9)
    assert curve.standard_errors["A"] == curve.standard_errors["D"] == 0
    assert curve.fixed == {"A": 2.4, "D": 0.1}
    back = curve.inverse(1.0, wells=2)
    x = float(back.value)
    g = FOUR_PL.gradient(np.array(x), curve.vector)[1:3]
    spread = g @ own @ g + curve.residual_sd**2 / 2
    slope = abs(float(FOUR_PL.slope(np.array(x), curve.vector)))
    assert float(back.standard_error) == pytest.approx(np.sqrt(spread) / slope)
    assert float(back.lower) < x < float(back.upper)


def test_the_slope_of_five_parameters_can_be_given() -> None:
    truth = np.array([0.05, 1.4, 80.0, 2.9, 0.6])
    curve = curves.fit(X, FIVE_PL.forward(X, truth), "5pl", "none", fix={"B": 1.4, "A": 0.05})
    np.testing.assert_allclose(list(curve.params.values()), truth, rtol=1e-6)
    assert curve.df == len(X) - 3


def test_an_exponent_of_one_makes_five_parameters_four() -> None:
    four = curves.fit(X, plate("five"))
    five = curves.fit(X, plate("five"), "5pl", fix={"G": 1.0})
    for name, value in four.params.items():
        assert five.params[name] == pytest.approx(value, rel=1e-7)
        assert five.standard_errors[name] == pytest.approx(four.standard_errors[name], rel=1e-6)


def test_three_parameters_take_another_lower_end() -> None:
    curve = curves.fit(X, plate("lower end"), "3pl", "none", fix={"D": 0.1})
    four = curves.fit(X, plate("lower end"), "4pl", "none", fix={"D": 0.1})
    assert dict(curve.params) == pytest.approx(dict(four.params), rel=1e-8)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_many_with_given_parameters_are_the_same_as_one_by_one(weighting: str) -> None:
    plates = [plate(f"many {i}") for i in range(6)]
    fix = {"A": 2.4, "B": 1.0}
    for curve, y in zip(
        curves.fit_many([X] * 6, plates, weighting=weighting, fix=fix), plates, strict=True
    ):
        alone = curves.fit(X, y, weighting=weighting, fix=fix)
        np.testing.assert_allclose(curve.vector, alone.vector, rtol=1e-8, atol=1e-8)
        assert curve.df == alone.df == len(X) - 2


@pytest.mark.parametrize(
    ("model", "fix", "said"),
    [
        ("4pl", {"E": 1.0}, "no parameter 'E'"),
        ("4pl", {"a": 1.0}, "Did you mean 'A'"),
        ("4pl", {"A": np.nan}, "finite number"),
        ("4pl", {"D": np.inf}, "finite number"),
        ("4pl", {"D": "high"}, "finite number"),
        ("4pl", {"B": 0.0}, "above zero"),
        ("4pl", {"B": -1.0}, "above zero"),
        ("4pl", TRUTH, "nothing is left"),
        ("4pl", {"A": 1.0, "D": 1.0}, "no response is left"),
        ("linear", {"slope": 1.0}, "cannot be fixed"),
        ("3pl", {"G": 1.0}, "no parameter 'G'"),
        ("3pl", {"A": 1.0, "B": 1.0, "C": 30.0}, "nothing is left"),
    ],
)
def test_what_cannot_be_given_is_refused(model: str, fix: dict[str, float], said: str) -> None:
    with pytest.raises(CurveFitError) as refused:
        curves.fit(X, plate("refused"), model, fix=fix)
    assert said in str(refused.value)


def test_what_was_given_stays_even_where_no_curve_can_follow() -> None:
    for fix in ({"C": 1e200}, {"C": 1e-200}, {"B": 1e6}, {"A": 1e300}, {"A": -5.0, "D": -4.0}):
        curve = curves.fit(X, plate("beyond"), fix=fix)
        assert {name: curve.params[name] for name in fix} == fix
        told = "not-converged" in [finding.rule for finding in curve.findings]
        assert told is not curve.converged
