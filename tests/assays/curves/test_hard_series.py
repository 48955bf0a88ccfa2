"""Series as they go wrong at the bench: each is refused, told, or solved."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.errors import CurveFitError

LEVELS = np.array([0.0, 4.6875, 9.375, 18.75, 37.5, 75.0, 150.0, 300.0])
X = np.repeat(LEVELS, 2)
SANDWICH = (0.06, 1.15, 220.0, 3.1)
SEEDS = range(1, 7)


def series(params: tuple[float, ...] = SANDWICH, seed: int = 1, cv: float = 0.03) -> np.ndarray:
    a, b, c, d = params
    mean = d + (a - d) / (1 + (X / c) ** b)
    noise = np.random.default_rng(seed).normal(size=len(X))
    return np.asarray(mean + np.hypot(0.003, cv * mean) * noise)


def rules(curve: curves.StandardCurve) -> set[str]:
    return {finding.rule for finding in curve.findings}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_top_standard_that_reads_low_is_told(seed: int) -> None:
    y = series(seed=seed)
    y[14:] *= 0.5
    assert "hook" in rules(curves.fit(X, y))


@pytest.mark.parametrize("seed", SEEDS)
def test_two_wells_exchanged_between_levels_are_told(seed: int) -> None:
    y = series(seed=seed)
    y[6:8], y[10:12] = y[10:12].copy(), y[6:8].copy()
    assert "non-monotonic" in rules(curves.fit(X, y))


@pytest.mark.parametrize("weighting", ["none", "1/y^2", "1/yhat^2", "two-component"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_well_that_was_missed_is_told_under_every_weighting(seed: int, weighting: str) -> None:
    y = series(seed=seed)
    y[9] = 0.02
    curve = curves.fit(X, y, weighting=weighting)
    told = [finding.where for finding in curve.findings if finding.rule == "outlier-well"]
    assert "standard 37.5" in told


@pytest.mark.parametrize("seed", SEEDS)
def test_standards_entered_backwards_are_refused(seed: int) -> None:
    y = series(seed=seed)
    backwards = np.concatenate([y[:2], y[2:][::-1]])
    with pytest.raises(CurveFitError, match="reversed"):
        curves.fit(X, backwards)
    with pytest.raises(CurveFitError, match=r"reversed.*falls"):
        curves.fit(X, y[::-1], direction="rising")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_is_finite_and_told(seed: int) -> None:
    curve = curves.fit(X, series((0.06, 40.0, 50.0, 3.1), seed=seed))
    assert np.isfinite(list(curve.params.values())).all()
    assert "step" in rules(curve)
    assert 37.5 <= float(curve.inverse(1.5).value) <= 75.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_blank_subtracted_series_keeps_its_zeros(seed: int) -> None:
    y = series(seed=seed)
    y = y - y[:2].mean()
    assert (y <= 0).any()
    for weighting in ("1/yhat^2", "1/y^2", "two-component"):
        curve = curves.fit(X, y, weighting=weighting)
        assert curve.n == len(X) and curve.converged
        assert float(curve.inverse(0.5, wells=2).value) == pytest.approx(53.5, rel=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_middle_of_a_curve_reads_back_and_hides_its_plateau(seed: int) -> None:
    curve = curves.fit(X[2:], series((0.06, 1.0, 2000.0, 20.0), seed=seed)[2:])
    assert "plateau-not-seen" in rules(curve)
    truth = 0.06 + 19.94 * 60 / 2060
    assert float(curve.inverse(truth, wells=2).value) == pytest.approx(60, rel=0.08)


@pytest.mark.parametrize("seed", range(60))
def test_hostile_numbers_end_in_an_error_of_ours_or_a_curve_and_never_in_a_warning(
    seed: int,
) -> None:
    rng = np.random.default_rng([seed, 77])
    several = int(rng.integers(2, 8))
    levels = np.sort(rng.choice([0, 1e-5, 1, 2, 8, 64, 1e6], size=several, replace=False))
    x = np.repeat(levels, int(rng.integers(1, 4)))
    y = rng.choice([np.exp(20 * rng.normal(size=len(x))), rng.normal(size=len(x)), x / (x + 3.0)])
    y[rng.integers(len(y))] = rng.choice([np.nan, np.inf, 0.0, 1e300, -5.0])
    model = str(rng.choice(["4pl", "3pl", "linear", "quadratic", "loglog", "loglogit"]))
    weighting = str(rng.choice(["none", "1/y^2", "1/yhat^2", "power", "two-component"]))
    try:
        curve = curves.fit(x, y, model=model, weighting=weighting)
    except CurveFitError:
        return
    unknown = [0.5, 1e300, -1.0, np.inf, np.nan]
    for interval in curves.INTERVALS:
        assert curve.inverse(unknown, wells=2, interval=interval).value.shape == (5,)
    curves.influence(curve)
    curves.working_range(curve)
    curves.quantitation_limit(curve)
    assert not curves.reliable_detection(curve) < curves.minimum_detectable(curve)


def test_clean_series_of_every_kind_are_not_blamed() -> None:
    blamed = {"hook", "non-monotonic", "outlier-well", "saturated-standards", "step"}
    for params in (SANDWICH, (2.4, 1.1, 30.0, 0.1), (0.06, 2.0, 40.0, 3.1), (0.06, 1.0, 2e3, 20.0)):
        told = [rules(curves.fit(X, series(params, seed))) & blamed for seed in range(25)]
        assert sum(bool(one) for one in told) <= 1
