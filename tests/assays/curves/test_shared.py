"""Several plates in one fit, some parameters in common."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.curves.four_pl import MODEL as FOUR_PL
from assays.errors import CurveFitError

X = np.repeat([0.0, 3.125, 6.25, 12.5, 25.0, 50.0, 100.0, 200.0], 2)


def plates(slopes: list[float], seed: int = 1, cv: float = 0.03) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    found = []
    for i, slope in enumerate(slopes):
        mean = FOUR_PL.forward(X, np.array([0.05 + 0.01 * i, slope, 60 + 10 * i, 2.5 + 0.3 * i]))
        found.append(mean * (1 + cv * rng.normal(size=len(X))))
    return found


def test_a_shared_slope_is_known_better_than_any_plates_own() -> None:
    found = curves.fit_shared([X] * 4, plates([1.2] * 4), shared=("B",))
    assert found.shared["B"] == pytest.approx(1.2, abs=0.04)
    assert not found.apart
    for together, alone in zip(found.curves, found.own, strict=True):
        assert together.params["B"] == found.shared["B"]
        assert together.standard_errors["B"] == found.shared_errors["B"]
        assert together.standard_errors["B"] < alone.standard_errors["B"]
        assert together.df == found.df_shared == 4 * 16 - 13
    alone_errors = [curve.standard_errors["B"] for curve in found.own]
    assert found.shared_errors["B"] < 0.6 * np.mean(alone_errors)
    assert found.rss_shared >= found.rss_own


def test_plates_with_slopes_of_their_own_are_told_apart() -> None:
    found = curves.fit_shared([X] * 3, plates([1.0, 1.2, 1.5]), shared=("B",))
    assert found.apart and found.p_value < 1e-4


def test_the_f_test_says_apart_no_more_often_than_chance() -> None:
    told = 0
    for seed in range(60):
        found = curves.fit_shared([X] * 3, plates([1.2] * 3, 100 + seed), weighting="1/yhat^2")
        told += found.apart
    assert told <= 8


def test_samples_are_read_back_with_the_common_noise() -> None:
    found = curves.fit_shared([X] * 3, plates([1.2] * 3), names=("Mon", "Tue", "Wed"))
    assert found.names == ("Mon", "Tue", "Wed")
    for i, curve in enumerate(found.curves):
        y = FOUR_PL.forward(
            np.array(40.0), np.array([0.05 + 0.01 * i, 1.2, 60 + 10 * i, 2.5 + 0.3 * i])
        )
        back = curve.inverse(y, wells=2)
        assert float(back.lower) < 40 < float(back.upper)
        alone = found.own[i].inverse(y, wells=2)
        assert float(back.upper - back.lower) < 1.5 * float(alone.upper - alone.lower)


def test_everything_shared_is_one_curve_through_all_wells() -> None:
    y = plates([1.2])[0], plates([1.2], seed=9)[0]
    found = curves.fit_shared([X, X], y, shared=("A", "B", "C", "D"), weighting="none")
    pooled = curves.fit(np.concatenate([X, X]), np.concatenate(y), weighting="none")
    assert found.rss_shared == pytest.approx(pooled.rss, rel=1e-9)
    assert dict(found.shared) == pytest.approx(dict(pooled.params), rel=1e-5)
    assert dict(found.shared_errors) == pytest.approx(pooled.standard_errors, rel=1e-5)


def test_exact_plates_give_the_truth_and_no_test() -> None:
    found = curves.fit_shared([X, X], plates([1.2, 1.2], cv=0.0), weighting="none")
    assert found.shared["B"] == pytest.approx(1.2, rel=1e-6)
    assert found.rss_shared < 1e-12


def test_a_sample_diluted_alongside_has_its_potency() -> None:
    rng = np.random.default_rng(3)
    truth = np.array([0.05, 1.2, 60.0, 2.5])
    standard = FOUR_PL.forward(X, truth) * (1 + 0.02 * rng.normal(size=len(X)))
    share = np.repeat([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64], 2)
    sample = FOUR_PL.forward(share * 300.0, truth) * (1 + 0.02 * rng.normal(size=len(share)))
    found = curves.fit_shared([X, share], [standard, sample], ("A", "B", "D"), names=("S", "T"))
    (potency,) = found.potencies("S")
    assert potency.sample == "T"
    assert potency.interval[0] < 300 < potency.interval[1]
    assert potency.value == pytest.approx(300, rel=0.05)
    with pytest.raises(CurveFitError, match="no series is called 'U' among S, T"):
        found.potencies("U")


@pytest.mark.parametrize("model", ["3pl", "5pl", "linear", "quadratic", "loglog"])
def test_other_models_share_too(model: str) -> None:
    x = X[X > 0]
    shared = "b" if model not in ("3pl", "5pl") else "B"
    rng = np.random.default_rng(4)
    y = [k * (0.05 * x**0.9) * (1 + 0.02 * rng.normal(size=len(x))) for k in (1.0, 1.1)]
    names = curves.choose(model).names
    shared = shared if shared in names else names[1]
    found = curves.fit_shared([x, x], y, (shared,), model=model, weighting="none")
    assert found.rss_shared >= found.rss_own * (1 - 1e-6)
    assert found.curves[0].params[shared] == found.curves[1].params[shared]


def test_what_cannot_be_shared_is_refused_by_name() -> None:
    y = plates([1.2, 1.2])
    with pytest.raises(CurveFitError, match="G cannot be shared between curves of 4pl"):
        curves.fit_shared([X, X], y, shared=("B", "G"))
    with pytest.raises(CurveFitError, match="A is given in 3pl"):
        curves.fit_shared([X, X], y, shared=("A",), model="3pl")
    with pytest.raises(CurveFitError, match="2 to 200 plates"):
        curves.fit_shared([X], y[:1])
    with pytest.raises(CurveFitError) as refused:
        curves.fit_shared([X, X], [y[0], np.full(len(X), 0.1)], names=("good", "flat"))
    assert refused.value.where == "plate flat"
    with pytest.raises(CurveFitError, match="x1 cannot be shared"):
        curves.fit_shared([X, X], y, shared=("x1",), model="spline")
