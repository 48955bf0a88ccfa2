"""Whatever numbers come in: a result, a status or a named error; no made-up 0, 100 or infinity."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from assays.cohort.censored_pearson import censored_pearson
from assays.cohort.spearman import spearman
from assays.inhibition import bliss, fit_dose_response, hsa, loewe, percent_inhibition
from assays.inhibition.bootstrap import bootstrap_interval
from assays.inhibition.donors.heterogeneity import heterogeneity
from assays.inhibition.donors.mixed_model import Matched, mixed_effect
from assays.inhibition.donors.signed_rank import hodges_lehmann, paired_t, signed_rank_p
from assays.inhibition.interval import (
    Arm,
    inhibition_interval,
    own_floor_interval,
    window_interval,
)
from assays.inhibition.pairs.combination import SingleCurve
from assays.inhibition.percent import percent_inhibition_own_floor
from assays.inhibition.protection import percent_protection, protection_interval
from assays.inhibition.shift.gaddum import fit_shift
from plates.errors import LabError

UGLY = (
    0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 5e-324, 1e-308, 1e308, -1e308, 1e-160, 1e160,
    1e15, 100.0,
)  # fmt: skip
Floats = NDArray[np.float64]


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))


def ugly(rng: np.random.Generator, n: int) -> Floats:
    kind = int(rng.integers(0, 6))
    found = rng.lognormal(3.0, 0.5, n)
    if kind == 0:
        return rng.choice(UGLY, n)
    if kind == 1:
        return np.full(n, rng.choice(UGLY))
    if kind == 2:
        return np.asarray(rng.normal(size=n) * 10.0 ** rng.uniform(-200, 200))
    if kind == 3:
        return np.asarray(np.round(3.0 * rng.normal(size=n)))
    if kind == 4 and n:
        found[rng.integers(0, n)] = rng.choice(UGLY)
    return found


def doses(rng: np.random.Generator, n: int) -> Floats:
    if rng.random() < 0.2:
        return ugly(rng, n)
    found = 10.0 ** (rng.integers(0, 8, n) * rng.uniform(0.1, 2) - 3.0)
    found[: n // 8] = 0.0
    return np.asarray(found)


def arm(rng: np.random.Generator) -> Arm:
    mean, variance = ugly(rng, 2)
    return Arm(float(mean), abs(float(variance)), int(rng.integers(0, 4)))


@pytest.mark.parametrize("treated", UGLY)
def test_a_percentage_is_a_number_or_none(treated: float) -> None:
    for s, u in itertools.product(UGLY, UGLY):
        found = float(percent_inhibition(treated, s, u))
        assert not math.isinf(found)
        if s == u or not all(map(math.isfinite, (treated, s, u))):
            assert math.isnan(found)
        assert not math.isinf(float(percent_inhibition_own_floor(treated, s, u, 1.0)))
        assert not math.isinf(percent_protection(treated, s))
        for joint in (bliss(treated, s), hsa(treated, s)):
            assert not np.isinf(joint)


def test_intervals_are_numbers_or_none() -> None:
    rng = generator("intervals")
    for _ in range(1500):
        i, b, s, u = (arm(rng) for _ in range(4))
        df = float(rng.choice([0.0, 1.0, 5.0, math.inf]))
        found = [
            inhibition_interval(i, s, u, df=df),
            own_floor_interval(i, b, s, u, df=df),
            protection_interval(i, s, df=df),
            window_interval(s, u, df=df),
        ]
        found += [bootstrap_interval(i, s, u, df=5.0, name="ugly")] if rng.random() < 0.1 else []
        for low, high in found:
            assert math.isnan(low) == math.isnan(high)
            assert math.isnan(low) or (math.isfinite(low) and low <= high)


def test_a_pair_of_ugly_curves_has_an_expectation_or_none() -> None:
    rng = generator("loewe")
    for _ in range(500):
        curves = [SingleCurve(*map(float, ugly(rng, 3))) for _ in range(2)]
        first, second = map(float, ugly(rng, 2))
        assert not math.isinf(loewe(first, second, curves[0], curves[1]))


def test_an_ugly_dose_series_has_a_status_or_a_named_error() -> None:
    rng = generator("dose series")
    for _ in range(120):
        n = int(rng.integers(0, 25))
        floor = ugly(rng, int(rng.integers(1, 4))) if rng.random() < 0.5 else None
        cofactor = float(ugly(rng, 1)[0]) if rng.random() < 0.5 else None
        try:
            fit = fit_dose_response(
                doses(rng, n), ugly(rng, n), unstimulated=floor, cofactor=cofactor
            )
        except LabError:
            continue
        assert (fit.status == "ok") == math.isfinite(fit.ic50)
        assert all(map(math.isfinite, fit.params.values()))
        if fit.status == "ok":
            low, high = fit.interval
            assert low <= fit.ic50 * (1 + 1e-9) and fit.ic50 * (1 - 1e-9) <= high


def test_ugly_shifts_have_a_status_or_a_named_error() -> None:
    rng = generator("shifts")
    for _ in range(60):
        n = int(rng.integers(0, 30))
        given = rng.choice([0.0, 1.0, 10.0], n) if rng.random() < 0.8 else ugly(rng, n)
        try:
            fit = fit_shift(doses(rng, n), given, ugly(rng, n), cofactor=150.0)
        except LabError:
            continue
        assert (fit.status == "ok") == math.isfinite(fit.ec50)


def test_weak_shifts_of_every_kind_come_to_a_status() -> None:
    """Where the profile is flat or jumps, its ends are still found, or told to be open."""
    rng = generator("weak shifts")
    x = np.tile([0.0, 0.1, 1.0, 10.0, 100.0, 1000.0], 3)
    b = np.repeat([0.0, 1.0, 10.0], 6)
    for gain, cv in itertools.product((0.0, 0.02, 0.1, 0.5), (0.0, 0.02, 0.1, 0.5)):
        y = (100 + 100 * gain * x / (x + 3 * (1 + b))) * (1 + cv * rng.normal(size=x.size))
        fit = fit_shift(x, b, y)
        assert fit.status in ("ok", "no response", "< lowest dose", "> highest dose")
        if fit.status == "ok":
            assert fit.ec50_interval[0] <= fit.ec50 <= fit.ec50_interval[1]


def test_ugly_donors_are_compared_or_left() -> None:
    rng = generator("donors")
    for turn in range(250):
        values = ugly(rng, int(rng.integers(0, 14)))
        p = signed_rank_p(values)
        assert math.isnan(p) or 0 < p <= 1
        for found in (hodges_lehmann(values), paired_t(values)[0]):
            low, high = found.interval
            assert not math.isinf(found.estimate)
            assert math.isnan(low) or low <= found.estimate <= high
        spread = heterogeneity(list(values), list(ugly(rng, len(values))), 6.0)
        assert math.isnan(spread.sd) or spread.sd >= 0
        matched = [
            Matched(f"D{at}", tuple(ugly(rng, 2)), tuple(ugly(rng, int(rng.integers(1, 3)))))
            for at in range(int(rng.integers(0, 9)) if turn % 5 else 8)
        ]
        effect = mixed_effect(matched)
        if effect.status.startswith("ok"):
            assert effect.interval[0] <= effect.estimate <= effect.interval[1]
        else:
            assert math.isnan(effect.estimate) and math.isnan(effect.p)


def test_ugly_cohorts_correlate_or_say_why_not() -> None:
    rng = generator("cohort")
    for _ in range(120):
        n = int(rng.integers(0, 14))
        x, y = ugly(rng, n), ugly(rng, n)
        marks = [str(mark) for mark in rng.choice(["", "", "<", ">"], n)]
        for method in (spearman, censored_pearson):
            found = method(x, y, qualifiers=marks)
            if found.status != "ok":
                assert math.isnan(found.coefficient)
                continue
            assert -1 <= found.interval[0] <= found.coefficient + 1e-9
            assert found.coefficient - 1e-9 <= found.interval[1] <= 1
            assert 0 <= found.p <= 1
