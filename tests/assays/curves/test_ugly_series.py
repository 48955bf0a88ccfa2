"""Ugly series end in a CurveFitError or in a curve; nothing unsettled goes without a word."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assays import curves
from assays.curves.weights import WEIGHTINGS
from assays.errors import CurveFitError

MODELS = ("4pl", "5pl", "3pl", "loglogit", "linear", "quadratic", "loglog", "spline")
LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
X = np.repeat(LEVELS, 2)


def attempt(x: object, y: object, model: str = "4pl", weighting: str = "1/yhat^2") -> None:
    """Fit and read back with every warning an error; what did not settle must be told."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            curve = curves.fit(x, y, model, weighting)  # type: ignore[arg-type]
        except CurveFitError:
            return
        told = "not-converged" in [finding.rule for finding in curve.findings]
        assert told is not curve.converged
        if curve.converged:
            assert np.isfinite(curve.vector).all()
            assert np.isfinite(curve.rss)
        back = curve.inverse(curve.y[:6], wells=2)
        assert np.all(~(back.lower > back.upper))


readings = st.one_of(
    st.floats(-5, 5),
    st.sampled_from([0.0, -0.0, 1.0, 0.05, 4.0, 1e-12, 1e-300, 5e-324, np.nan, np.inf]),
    st.floats(allow_nan=True, allow_infinity=True),
)
concentrations = st.one_of(
    st.sampled_from([0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e-300, 1e300]),
    st.floats(0, 1e6),
)


@settings(max_examples=100, deadline=None)
@given(
    points=st.lists(st.tuples(concentrations, readings), max_size=20),
    model=st.sampled_from(MODELS),
    weighting=st.sampled_from(sorted(WEIGHTINGS)),
)
def test_any_numbers_at_all(points: list[tuple[float, float]], model: str, weighting: str) -> None:
    attempt([x for x, _ in points], [y for _, y in points], model, weighting)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    x_scale=st.sampled_from([1e-300, 1e-95, 1e-9, 1.0, 1e9, 1e95, 1e297]),
    y_scale=st.sampled_from([1e-300, 1e-95, 1e-9, 1.0, 1e9, 1e95, 1e299]),
    noise=st.sampled_from([0.0, 0.05, 0.5]),
    model=st.sampled_from(MODELS),
    weighting=st.sampled_from(sorted(WEIGHTINGS)),
)
def test_any_unit(
    seed: int, x_scale: float, y_scale: float, noise: float, model: str, weighting: str
) -> None:
    rng = np.random.default_rng(seed)
    y = 0.06 + 3 / (1 + (100 / np.maximum(X, 1e-9)) ** 1.1)
    y = y * (1 + noise * rng.normal(size=len(X)))
    attempt(X * x_scale, y * y_scale, model, weighting)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("weighting", sorted(WEIGHTINGS))
def test_levels_that_are_constant_or_take_two_values(model: str, weighting: str) -> None:
    step = np.where(X > 20, 2.0, 0.1)
    for y in (np.repeat(LEVELS, 2), step, step[::-1], np.where(X == 200, 1.0, 0.0), -step):
        attempt(X, y, model, weighting)


@pytest.mark.parametrize("weighting", sorted(WEIGHTINGS))
def test_integers_lists_and_series_are_the_same_numbers(weighting: str) -> None:
    x = np.array([0, 0, 1, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 50])
    y = np.array([11, 12, 31, 28, 52, 57, 130, 119, 203, 215, 290, 301, 370, 362])
    first = curves.fit(x.astype(float), y.astype(float), weighting=weighting)
    for pair in (
        (x, y),
        (x.astype(np.uint8), y.astype(np.int16)),
        (x.tolist(), y.tolist()),
        (pd.Series(x, index=range(5, 19)), pd.Series(y)),
    ):
        assert dict(curves.fit(*pair, weighting=weighting).params) == dict(first.params)


@pytest.mark.parametrize("model", ["4pl", "5pl", "spline"])
def test_very_many_wells(model: str) -> None:
    rng = np.random.default_rng(8)
    x = np.repeat(LEVELS, 2500)
    y = (0.06 + 3 / (1 + (100 / np.maximum(x, 1e-9)) ** 1.1)) * (1 + 0.05 * rng.normal(size=len(x)))
    attempt(x, y, model)
