"""How wells are weighed: the two-component variance, robust fits, and a power shared by plates."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0])
TRUTH = np.array([0.06, 1.15, 120.0, 3.1])


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(
        np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    )


def plate(name: str, wells: int = 2, cv: float = 0.04, added: float = 0.0, theta: float = 1.0):
    rng, x = generator(name), np.repeat(LEVELS, wells)
    mean = FOUR_PL.forward(x, TRUTH)
    sd = np.hypot(added, cv * mean**theta)
    return x, mean + sd * rng.normal(size=len(x))


def test_many_wells_tell_the_constant_part_of_the_noise() -> None:
    x, y = plate("constant part", wells=300, cv=0.05, added=0.02)
    curve = curves.fit(x, y, weighting="two-component")
    assert curve.constant == pytest.approx(0.02 / 0.05, rel=0.1)
    assert curve.residual_sd == pytest.approx(0.05, rel=0.05)


def test_a_plate_tells_the_constant_part_little_and_it_stays_near_the_usual() -> None:
    x, y = plate("usual")
    curve = curves.fit(x, y, weighting="two-component")
    assert 0.005 < curve.constant / np.ptp(y) < 0.5
    assert curve.converged
    np.testing.assert_allclose(
        curve.weights, 1 / (curve.forward(curve.x) ** 2 + curve.constant**2), rtol=1e-9
    )


def test_readings_without_any_noise_keep_their_curve() -> None:
    x = np.repeat(LEVELS, 2)
    curve = curves.fit(x, FOUR_PL.forward(x, TRUTH), weighting="two-component")
    assert list(curve.params.values()) == pytest.approx(TRUTH.tolist(), rel=1e-5)


def test_blank_corrected_plates_need_no_floor() -> None:
    x, y = plate("corrected", added=0.004)
    curve = curves.fit(x, y - 0.06, weighting="two-component")
    assert curve.converged
    assert "weights-floored" not in {finding.rule for finding in curve.findings}


def test_a_bad_well_moves_a_robust_curve_less() -> None:
    x, y = plate("bad well")
    bad = y.copy()
    bad[11] *= 0.4
    clean = curves.fit(x, y, weighting="two-component").read_back(1.0)
    moved = abs(curves.fit(x, bad, weighting="two-component").read_back(1.0) / clean - 1)
    held = abs(curves.fit(x, bad, weighting="robust").read_back(1.0) / clean - 1)
    assert held < 0.6 * moved


def test_a_given_power_is_used_as_it_is() -> None:
    x, y = plate("given power")
    curve = curves.fit(x, y, weighting="power", power=0.75)
    assert curve.theta == 0.75
    np.testing.assert_allclose(curve.weights, curve.forward(curve.x) ** -1.5, rtol=1e-9)
    with pytest.raises(CurveFitError, match="does not go with weighting"):
        curves.fit(x, y, weighting="1/y", power=0.75)


@pytest.mark.parametrize("theta", [0.5, 1.0, 1.4])
def test_plates_together_find_the_power_that_each_knows_badly(theta: float) -> None:
    found = [plate(f"pooled {theta} {i}", theta=theta) for i in range(40)]
    together = curves.fit_pooled([x for x, _ in found], [y for _, y in found])
    assert len({curve.theta for curve in together}) == 1
    assert together[0].theta == pytest.approx(theta, abs=0.12)
    with pytest.raises(CurveFitError, match="needs 5 plates"):
        curves.fit_pooled([found[0][0]], [found[0][1]])


@pytest.mark.parametrize("weighting", ["none", "1/yhat^2", "power", "two-component", "robust"])
@pytest.mark.parametrize("model", ["4pl", "3pl", "loglogit"])
def test_curves_fitted_together_are_those_fitted_alone(weighting: str, model: str) -> None:
    found = [plate(f"together {i}", wells=2 + i % 2) for i in range(12)]
    x, y = [pair[0] for pair in found], [pair[1] for pair in found]
    for pair, curve in zip(found, curves.fit_many(x, y, model, weighting), strict=True):
        alone = curves.fit(*pair, model, weighting)
        np.testing.assert_allclose(curve.forward(LEVELS), alone.forward(LEVELS), rtol=1e-8)
        assert curve.rss == pytest.approx(alone.rss, rel=1e-7)
        assert [one.rule for one in curve.findings] == [one.rule for one in alone.findings]


def test_a_refused_curve_among_many_is_named() -> None:
    x, y = plate("named")
    with pytest.raises(CurveFitError, match=r"no response.*curve 1"):
        curves.fit_many([x, x], [y, np.full_like(y, 0.06)])


def test_a_log_logit_line_keeps_its_given_ends() -> None:
    x = np.repeat(LEVELS, 2)
    y = FOUR_PL.forward(x, np.array([2.0, 1.1, 30.0, 0.0]))
    curve = curves.fit(x, y, "loglogit", "none")
    assert curve.params["A"] == pytest.approx(2.0)
    assert curve.params["D"] < 0.1
    assert curve.params["B"] == pytest.approx(1.1, rel=0.1)
    assert curve.params["C"] == pytest.approx(30.0, rel=0.1)
    assert curve.standard_errors["A"] == 0
