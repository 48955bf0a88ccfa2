"""IC50s from dose series: found, bounded or refused."""

from __future__ import annotations

import doctest
import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assays.errors import CurveFitError
from assays.inhibition import doses, fit_dose_response
from assays.inhibition.dose import response as dose_response

NOISE = np.array([3.0, -3.0, 2.0, -2.0, 1.0, 0.0, -1.0, 2.0, -2.0])
SERIES = np.array([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])


def generator(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def logistic(
    dose: NDArray[np.float64], top: float, bottom: float, c: float, b: float
) -> NDArray[np.float64]:
    return bottom + (top - bottom) / (1 + (dose / c) ** b)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(dose_response).failed == 0
    assert doctest.testmod(doses).failed == 0


@pytest.mark.parametrize("c", [4.0, 40.0, 250.0])
@pytest.mark.parametrize("b", [0.6, 1.0, 2.5])
@pytest.mark.parametrize(("top", "bottom"), [(1000.0, 100.0), (5.0, 80.0)])
def test_a_curve_without_error_is_found_exactly(
    c: float, b: float, top: float, bottom: float
) -> None:
    doses = np.concatenate([[0.0], SERIES, 1e4 * SERIES])
    fit = fit_dose_response(doses, logistic(doses, top, bottom, c, b))
    assert fit.status == "ok"
    assert fit.ic50 == pytest.approx(c, rel=1e-5)
    assert fit.params["B"] == pytest.approx(b, rel=1e-4)
    assert fit.params["A"] == pytest.approx(top, rel=1e-4)
    assert fit.params["D"] == pytest.approx(bottom, rel=1e-4)
    assert fit.forward(doses) == pytest.approx(logistic(doses, top, bottom, c, b), rel=1e-4)


def test_the_unit_of_doses_and_responses_does_not_matter() -> None:
    rng = generator("units")
    y = logistic(SERIES, 1.0, 0.0, 40.0, 1.0) + 0.03 * rng.standard_normal(7)
    one = fit_dose_response(SERIES, y, top=1, bottom=0)
    other = fit_dose_response(SERIES * 1e-9, 5e4 * y, top=5e4, bottom=0)
    assert other.ic50 == pytest.approx(1e-9 * one.ic50, rel=1e-5)
    assert other.interval == pytest.approx([1e-9 * end for end in one.interval], rel=1e-4)


def test_an_inhibitor_that_is_too_weak_gets_a_bound() -> None:
    y = [1.01, 0.98, 1.0, 0.99, 0.97, 0.93, 0.8]
    fit = fit_dose_response(SERIES, y, top=1, bottom=0)
    assert fit.status == "> highest dose"
    assert math.isnan(fit.ic50)
    assert fit.interval[0] > 1000


def test_one_that_works_at_every_dose_gets_a_bound_too() -> None:
    y = [0.2, 0.1, 0.04, 0.02, 0.0, 0.01, 0.0]
    fit = fit_dose_response(SERIES, y, top=1, bottom=0)
    assert fit.status == "< lowest dose"
    assert math.isnan(fit.ic50)
    assert fit.interval[1] < 1


def test_a_response_that_never_falls_has_an_ic50_above_every_dose() -> None:
    flat = fit_dose_response(SERIES, [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0], top=1, bottom=0)
    assert flat.status == "> highest dose"
    assert flat.interval[1] == math.inf


def test_without_controls_a_flat_series_is_no_response() -> None:
    fit = fit_dose_response(SERIES, [5.0, 5.2, 4.9, 5.1, 5.0, 4.8, 5.1])
    assert fit.status == "no response"
    assert not fit.params
    assert np.isnan(fit.forward([1.0, 2.0])).all()


def test_without_a_plateau_half_of_it_is_not_known() -> None:
    fit = fit_dose_response(SERIES, [100.0, 99, 97, 92, 80, 55, 10])
    assert fit.status == "plateau not reached"
    assert math.isnan(fit.ic50)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_three_doses_are_too_few(n: int) -> None:
    doses = np.repeat(SERIES[:n], 4)
    fit = fit_dose_response(doses, logistic(doses, 1, 0, 3, 1), top=1, bottom=0)
    assert fit.status == "too few doses"
    assert math.isnan(fit.ic50)


def test_four_tubes_cannot_carry_four_parameters() -> None:
    assert fit_dose_response(SERIES[:4], [9.0, 7.0, 3.0, 1.0]).status == "too few doses"


def test_half_of_the_window_counts_not_half_of_the_curve() -> None:
    # A partial inhibitor that takes away 40 % at most never removes half of the window.
    doses = np.concatenate([[0.0, 0.0], SERIES])
    y = logistic(doses, 1000.0, 640.0, 20.0, 1.2)
    fit = fit_dose_response(doses, y + NOISE, unstimulated=[100.0, 104.0])
    assert fit.status == "> highest dose"
    assert fit.interval[1] == math.inf
    assert fit.params["C"] == pytest.approx(20, rel=0.1)


def test_an_inhibitor_that_goes_below_unstimulated_is_held_against_the_window() -> None:
    doses = np.concatenate([[0.0, 0.0], SERIES])
    fit = fit_dose_response(
        doses, logistic(doses, 1000.0, -200.0, 50.0, 1.0), unstimulated=[100.0, 100.0]
    )
    # (1000 - 550) / (1000 + 200) of the curve is gone at half of the window.
    share = 450 / 1200
    assert fit.ic50 == pytest.approx(50 * share / (1 - share), rel=1e-4)


def test_tubes_without_a_number_are_left_out() -> None:
    y = logistic(SERIES, 1, 0, 30, 1) + 0.01 * np.array([1, -1, 1, -1, 1, -1, 1])
    y[2] = np.nan
    fit = fit_dose_response(SERIES, y, top=1, bottom=0)
    assert fit.n == 6
    assert fit.ic50 == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize(
    ("doses", "responses", "options", "message"),
    [
        ([1, 2, 3, 4], [1, 2, 3], {}, "differ in length"),
        ([-1, 0, 1, 2], [1, 2, 3, 4], {}, "negative"),
        ([1, 2, 3, np.inf], [1, 2, 3, 4], {}, "infinite"),
        (["a", 2, 3, 4], [1, 2, 3, 4], {}, "no number"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]], {}, "one dimension"),
        ([1, 2, 3, 4], [1, 2, 3, 4], {"level": 1.5}, "level"),
        ([1, 2, 3, 4], [1, 2, 3, 4], {"top": np.nan}, "top"),
        (np.ones(20_000), np.ones(20_000), {}, "at most"),
        ([1e-20, 1, 2, 1e20], [1, 2, 3, 4], {}, "decades"),
        ([1, 2, 3, 4], [1, 2, 3, 1e300], {}, "cannot be computed"),
    ],
)
def test_what_cannot_be_understood_is_said(
    doses: object, responses: object, options: dict[str, float], message: str
) -> None:
    with pytest.raises(CurveFitError, match=message):
        fit_dose_response(doses, responses, **options)  # type: ignore[arg-type]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e9, 1e9)), max_size=9),
    st.lists(st.floats(-1e9, 1e9), max_size=2),
)
def test_any_numbers_give_a_fit_or_a_status(
    tubes: list[tuple[float, float]], floor: list[float]
) -> None:
    # Warnings are errors here: nothing overflows or divides by zero on the way.
    try:
        fit = fit_dose_response(
            [dose for dose, _ in tubes], [y for _, y in tubes], unstimulated=floor
        )
    except CurveFitError as error:
        assert "decades" in error.message or "computed" in error.message
        return
    assert math.isfinite(fit.ic50) == (fit.status == "ok")
    if math.isfinite(fit.ic50):
        low, high = fit.interval
        assert low <= fit.ic50 * (1 + 1e-6) and fit.ic50 <= high * (1 + 1e-6)


@pytest.mark.parametrize("with_controls", [True, False])
def test_intervals_cover_as_often_as_they_claim(with_controls: bool) -> None:
    rng = generator(f"coverage of IC50, controls {with_controls}")
    runs, inside = 40, 0
    doses = np.concatenate([[0.0, 0.0], SERIES]) if with_controls else SERIES
    for _ in range(runs):
        if with_controls:
            y = logistic(doses, 1000.0, 150.0, 40.0, 1.1) + 40.0 * rng.standard_normal(9)
            fit = fit_dose_response(doses, y, unstimulated=150.0 + 40.0 * rng.standard_normal(2))
        else:
            y = logistic(doses, 1.0, 0.0, 40.0, 1.1) + 0.06 * rng.standard_normal(7)
            fit = fit_dose_response(doses, y, top=1, bottom=0)
        inside += fit.interval[0] <= 40.0 <= fit.interval[1]
    # 34 or fewer of 40 would come once in a hundred such tests.
    assert inside >= 35
