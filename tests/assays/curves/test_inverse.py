"""Reading concentrations back, with intervals."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 4.6875, 9.375, 18.75, 37.5, 75.0, 150.0, 300.0])
X = np.repeat(LEVELS, 2)
TRUTH = np.array([0.06, 1.15, 220.0, 3.1])


def generator(name: str) -> np.random.Generator:
    seed = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    return np.random.default_rng(seed)


def one_curve() -> curves.StandardCurve:
    rng = generator("one curve")
    y = FOUR_PL.forward(X, TRUTH) * (1 + 0.04 * rng.normal(size=len(X)))
    return curves.fit(X, y)


def test_every_limit_solves_its_own_equation() -> None:
    curve = one_curve()
    y = np.array([0.1, 0.3, 1.0, 1.7])
    back = curve.inverse(y, wells=2)
    t = 2.178812829663418  # Student's t, 12 degrees of freedom, 0.975
    for end in (back.lower, back.upper):
        g = FOUR_PL.gradient(end, curve.vector)
        spread = np.einsum("ni,ij,nj->n", g, curve.covariance, g)
        noise = curve.residual_sd**2 * y**2 / 2
        np.testing.assert_allclose(
            (y - curve.forward(end)) ** 2, t * t * (spread + noise), rtol=1e-6
        )


def test_responses_beyond_the_plateaus_have_no_concentration() -> None:
    back = one_curve().inverse([0.01, 3.6, np.nan])
    assert np.isnan(back.value).all()
    assert list(back.status) == ["below the curve", "above the curve", "no reading"]


def test_a_response_near_a_plateau_has_an_open_interval() -> None:
    curve = one_curve()
    top = float(curve.forward(np.inf))
    back = curve.inverse([float(curve.forward(0.0)) * 1.01, top * 0.99])
    assert back.lower[0] == 0.0
    assert np.isinf(back.upper[1])
    assert list(back.status) == ["ok", "extrapolated"]


def test_more_wells_and_lower_confidence_narrow_the_interval() -> None:
    curve = one_curve()
    few, many = curve.inverse(1.0, wells=1), curve.inverse(1.0, wells=8)
    assert many.upper - many.lower < few.upper - few.lower
    loose = curve.inverse(1.0, wells=1, level=0.8)
    assert loose.upper - loose.lower < few.upper - few.lower
    assert few.lower < few.value < few.upper


def test_shapes_follow_the_responses() -> None:
    curve = one_curve()
    y = np.linspace(0.1, 2.0, 600).reshape(30, 20)
    back = curve.inverse(y, wells=2)
    assert back.value.shape == back.lower.shape == back.status.shape == (30, 20)
    one = curve.inverse(float(y[3, 4]), wells=2)
    assert one.value.shape == ()
    assert float(one.upper) == pytest.approx(back.upper[3, 4], rel=1e-12)


def test_senseless_questions_are_refused() -> None:
    with pytest.raises(CurveFitError, match="confidence"):
        one_curve().inverse(1.0, level=1.5)
    with pytest.raises(CurveFitError, match="at least one well"):
        one_curve().inverse(1.0, wells=0)


def test_ninety_five_percent_intervals_cover_the_truth_as_often() -> None:
    rng = generator("coverage of typical plates")
    hits = total = 0
    near = 0
    for _ in range(250):
        truth = np.array(
            [
                rng.uniform(0.04, 0.1),
                rng.uniform(0.9, 1.4),
                np.exp(rng.uniform(np.log(60), np.log(400))),
                rng.uniform(2.2, 3.8),
            ]
        )
        cv = rng.uniform(0.02, 0.06)
        y = FOUR_PL.forward(X, truth) * (1 + cv * rng.normal(size=len(X)))
        unknown = np.exp(rng.uniform(np.log(7), np.log(240), size=8))
        wells = FOUR_PL.forward(unknown, truth) * (1 + cv * rng.normal(size=(2, 8)))
        back = curves.fit(X, y).inverse(wells.mean(axis=0), wells=2)
        hits += int(np.sum((back.lower <= unknown) & (unknown <= back.upper)))
        near += int(np.sum((back.near_lower <= unknown) & (unknown <= back.near_upper)))
        total += len(unknown)
    assert 0.93 <= hits / total <= 0.97
    assert 0.93 <= near / total <= 0.97
