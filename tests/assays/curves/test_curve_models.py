"""Every curve model keeps the contract, and recovers what it was made from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays import curves
from assays.curves import CurveModel
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
X = np.repeat(LEVELS, 2)

TRUTHS = {
    "4pl": [0.06, 1.15, 120.0, 3.1],
    "5pl": [0.05, 1.4, 80.0, 2.9, 0.6],
    "3pl": [0.0, 1.2, 60.0, 2.5],
    "linear": [0.08, 0.012],
    "quadratic": [0.05, 0.02, -3e-5],
    "loglog": [-1.8, 0.9],
}


def model_of(name: str) -> CurveModel:
    return curves.choose(name)


def truth_of(name: str) -> tuple[CurveModel, np.ndarray]:
    if name != "spline":
        return model_of(name), np.array(TRUTHS[name])
    four, params = truth_of("4pl")
    levels = np.unique(X)
    return model_of("spline"), np.concatenate([levels, four.forward(levels, params)])


@pytest.mark.parametrize("name", [*TRUTHS, "spline"])
def test_the_inverse_undoes_the_curve(name: str) -> None:
    model, params = truth_of(name)
    x = np.geomspace(4.0, 190.0, 40)
    np.testing.assert_allclose(model.inverse(model.forward(x, params), params), x, rtol=1e-9)


@pytest.mark.parametrize("name", [*TRUTHS, "spline"])
def test_gradient_and_slope_are_the_derivatives(name: str) -> None:
    model, params = truth_of(name)
    x = np.array([5.0, 17.0, 60.0, 150.0])
    gradient = model.gradient(x, params)
    first = len(params) // 2 if name == "spline" else 0
    for i in range(first, len(params)):
        step = 1e-6 * max(abs(params[i]), 0.01)
        up, down = params.copy(), params.copy()
        up[i] += step
        down[i] -= step
        numeric = (model.forward(x, up) - model.forward(x, down)) / (2 * step)
        np.testing.assert_allclose(gradient[:, i], numeric, rtol=1e-5, atol=1e-9)
    h = 1e-5 * x
    numeric = (model.forward(x + h, params) - model.forward(x - h, params)) / (2 * h)
    np.testing.assert_allclose(model.slope(x, params), numeric, rtol=1e-5)


@pytest.mark.parametrize("name", [*TRUTHS, "spline"])
@pytest.mark.parametrize("weighting", ["none", "1/y^2", "1/yhat^2"])
def test_noise_free_standards_give_the_truth_back(name: str, weighting: str) -> None:
    model, params = truth_of(name)
    x = X[X > 0] if name == "loglog" else X
    y = model.forward(x, params)
    curve = curves.fit(x, y, model=name, weighting=weighting)
    np.testing.assert_allclose(curve.forward(x), y, rtol=1e-9, atol=1e-12)
    assert curve.converged
    if name not in ("spline",):
        np.testing.assert_allclose(list(curve.params.values()), params, rtol=1e-5, atol=1e-9)
    back = curve.inverse(model.forward(np.array(40.0), params), wells=2)
    assert float(back.value) == pytest.approx(40.0, rel=1e-6)
    assert float(back.lower) == pytest.approx(40.0, rel=1e-6)
    assert float(back.upper) == pytest.approx(40.0, rel=1e-6)


def test_zero_concentration_is_used_as_it_is() -> None:
    model, params = truth_of("4pl")
    assert model.forward(np.array(0.0), params) == params[0]
    assert model.forward(np.array(np.inf), params) == params[3]
    np.testing.assert_array_equal(model.gradient(np.array([0.0]), params), [[1.0, 0, 0, 0]])


@given(
    a=st.floats(-0.1, 0.5), d=st.floats(1.0, 5.0), b=st.floats(0.5, 3.0), c=st.floats(5.0, 200.0),
    falling=st.booleans(),
)  # fmt: skip
def test_four_parameters_come_back_rising_and_falling(
    a: float, d: float, b: float, c: float, falling: bool
) -> None:
    params = np.array([d, b, c, a] if falling else [a, b, c, d])
    y = model_of("4pl").forward(X, params)
    curve = curves.fit(X, y, weighting="none")
    assert curve.params["B"] > 0
    assert curve.rising is not falling
    np.testing.assert_allclose(list(curve.params.values()), params, rtol=1e-5, atol=1e-6)


def test_the_unit_of_the_standards_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    model, params = truth_of("4pl")
    y = model.forward(X, params) * (1 + 0.04 * rng.normal(size=len(X)))
    picograms, nanograms = curves.fit(X, y), curves.fit(X / 1000, y)
    assert nanograms.params["C"] * 1000 == pytest.approx(picograms.params["C"], rel=1e-7)
    a, b = picograms.inverse(0.8, wells=2), nanograms.inverse(0.8, wells=2)
    for ours, theirs in ((a.value, b.value), (a.lower, b.lower), (a.upper, b.upper)):
        assert float(theirs) * 1000 == pytest.approx(float(ours), rel=1e-7)


def test_five_parameters_with_an_exponent_of_one_are_four() -> None:
    four, params = truth_of("4pl")
    five = model_of("5pl")
    np.testing.assert_allclose(
        five.forward(X, np.append(params, 1.0)), four.forward(X, params), rtol=1e-13
    )


def test_a_parabola_is_read_back_on_the_side_of_the_standards() -> None:
    model, params = truth_of("quadratic")
    turn = -params[1] / (2 * params[2])
    assert float(model.inverse(model.forward(np.array(turn + 50), params), params)) == (
        pytest.approx(turn - 50)
    )
    assert np.isnan(model.inverse(np.array(1e3), params))


def test_a_spline_gives_no_concentration_where_it_turns_back() -> None:
    y = np.array([0.1, 0.3, 0.6, 1.0, 1.6, 2.2, 2.8, 2.0])
    curve = curves.fit(LEVELS, y, model="spline", weighting="none")
    assert np.isnan(curve.inverse(2.4).value)
    assert not np.isnan(curve.inverse(0.8).value)


def test_a_log_log_line_says_what_has_no_logarithm() -> None:
    y = model_of("loglog").forward(X, np.array(TRUTHS["loglog"]))
    curve = curves.fit(X, y, model="loglog", weighting="none")
    assert curve.n == len(X) - 2
    assert "no-logarithm" in [finding.rule for finding in curve.findings]


def test_an_unknown_model_or_weighting_is_named() -> None:
    with pytest.raises(CurveFitError, match=r"6pl.*pl"):
        curves.fit(X, X + 1, model="6pl")
    with pytest.raises(CurveFitError, match=r"1/x.*Known: "):
        curves.fit(X, X + 1, weighting="1/x")
