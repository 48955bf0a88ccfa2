"""A richer model has to earn its place."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from assays import curves
from assays.curves.five_pl import MODEL as FIVE_PL
from assays.errors import CurveFitError

X = np.repeat([0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0], 3)


def plate(name: str, exponent: float) -> np.ndarray:
    rng = np.random.default_rng(
        np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    )
    mean = FIVE_PL.forward(X, np.array([0.06, 1.3, 60.0, 3.1, exponent]))
    return np.asarray(mean * (1 + 0.02 * rng.normal(size=len(X))))


def reason(curve: curves.StandardCurve) -> str:
    return next(f.message for f in curve.findings if f.rule == "model-choice")


def test_an_asymmetric_plate_gets_five_parameters_and_the_reason() -> None:
    curve = curves.select(X, plate("asymmetric", 0.35))
    assert curve.model.name == "5pl"
    assert reason(curve).startswith("5pl was chosen")


def test_symmetric_plates_keep_four_parameters() -> None:
    kept = [curves.select(X, plate(f"symmetric {i}", 1.0)).model.name for i in range(20)]
    assert kept.count("4pl") >= 17


def test_a_model_that_the_standards_do_not_pin_down_is_refused() -> None:
    x = np.repeat([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], 2)
    y = 0.01 * x * (1 + 0.02 * np.random.default_rng(8).normal(size=12))
    curve = curves.select(x, y)
    assert curve.model.name == "4pl"
    assert "not identified" in reason(curve)


def test_the_comparison_is_the_extra_sum_of_squares_test() -> None:
    y = plate("by hand", 0.5)
    four, five = curves.fit(X, y, weighting="none"), curves.fit(X, y, "5pl", "none")
    found = curves.compare(four, "5pl")
    assert found.f_ratio == pytest.approx((four.rss - five.rss) / (five.rss / five.df), rel=1e-6)
    assert found.aicc_gain == pytest.approx(four.aicc - five.aicc, rel=1e-6)
    with pytest.raises(CurveFitError, match="no more parameters"):
        curves.compare(five, "4pl")
