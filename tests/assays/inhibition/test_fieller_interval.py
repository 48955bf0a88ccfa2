"""The interval of percent inhibition: it covers what it claims."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from assays.inhibition.interval import (
    Arm,
    inhibition_interval,
    own_floor_interval,
    quantile,
    window_interval,
)


def generator(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def test_both_ends_solve_the_equation_of_fieller() -> None:
    i, s, u = Arm(420.0, 300.0, 1), Arm(1000.0, 900.0, 2), Arm(150.0, 90.0, 2)
    t = quantile(0.95, 14.0)
    for end in inhibition_interval(i, s, u, df=14.0):
        r = end / 100.0
        miss = (s.mean - i.mean) - r * (s.mean - u.mean)
        spread = i.variance + (1 - r) ** 2 * s.variance + r**2 * u.variance
        assert miss**2 == pytest.approx(t**2 * spread)


def test_both_ends_of_the_own_floor_solve_its_equation() -> None:
    i, b, s, u = Arm(420, 300, 1), Arm(90, 200, 1), Arm(1000, 900, 2), Arm(150, 90, 2)
    t = quantile(0.95, 14.0)
    low, high = own_floor_interval(i, b, s, u, df=14.0)
    assert low < 100 * (1 - 330 / 850) < high
    for end in (low, high):
        r = 1 - end / 100.0
        miss = (i.mean - b.mean) - r * (s.mean - u.mean)
        spread = i.variance + b.variance + r**2 * (s.variance + u.variance)
        assert miss**2 == pytest.approx(t**2 * spread)


def test_an_own_floor_that_nobody_measured_has_no_interval() -> None:
    nothing = Arm(math.nan, math.nan, 0)
    known = Arm(420, 300, 1), Arm(1000, 900, 2), Arm(150, 90, 2)
    found = own_floor_interval(known[0], nothing, *known[1:], df=14.0)
    assert all(math.isnan(end) for end in found)


def test_student_is_wider_than_normal_and_needs_a_degree_of_freedom() -> None:
    assert quantile(0.95, math.inf) == pytest.approx(1.959964)
    assert quantile(0.95, 1.0) == pytest.approx(12.7062, rel=1e-5)
    assert math.isnan(quantile(0.95, 0.0))


def test_there_is_an_interval_exactly_when_the_window_can_be_told_from_zero() -> None:
    i, s = Arm(90.0, 25.0, 1), Arm(100.0, 25.0, 1)
    for unstimulated in np.linspace(60.0, 140.0, 81):
        u = Arm(float(unstimulated), 25.0, 1)
        low, high = window_interval(s, u, df=8.0)
        found = inhibition_interval(i, s, u, df=8.0)
        assert math.isfinite(found[0]) == (low > 0 or high < 0)


def test_unknown_variance_gives_no_interval() -> None:
    known, unknown = Arm(10.0, 1.0, 2), Arm(50.0, math.nan, 1)
    assert all(math.isnan(end) for end in inhibition_interval(unknown, known, Arm(1, 1, 1)))
    assert all(math.isnan(end) for end in window_interval(unknown, known))


def test_variance_of_nothing_is_an_interval_of_no_width() -> None:
    arms = (Arm(40.0, 0.0, 1), Arm(100.0, 0.0, 1), Arm(20.0, 0.0, 1))
    assert inhibition_interval(*arms) == pytest.approx((75.0, 75.0))


def test_a_falling_signal_has_the_same_interval_as_its_mirror_image() -> None:
    up = inhibition_interval(Arm(4, 0.3, 1), Arm(10, 0.2, 2), Arm(2, 0.1, 2), df=6.0)
    down = inhibition_interval(Arm(-4, 0.3, 1), Arm(-10, 0.2, 2), Arm(-2, 0.1, 2), df=6.0)
    assert down == pytest.approx(up)


@pytest.mark.parametrize("level", [0.90, 0.95])
def test_intervals_cover_as_often_as_they_claim(level: float) -> None:
    rng = generator(f"coverage of Fieller at {level}")
    means, tubes, sd, df, runs = (40.0, 100.0, 20.0), (1, 2, 2), 9.0, 12, 4000
    truth, inside, told = 75.0, 0, 0
    for _ in range(runs):
        variance = sd**2 * rng.chisquare(df) / df
        i, s, u = (
            Arm(mean + sd / math.sqrt(n) * rng.standard_normal(), variance / n, n)
            for mean, n in zip(means, tubes, strict=True)
        )
        low, high = inhibition_interval(i, s, u, level=level, df=float(df))
        told += math.isfinite(low)
        inside += low <= truth <= high
    assert told == runs
    # Three standard errors of a share out of 4000.
    assert inside / runs == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / runs))


def test_a_donor_without_activation_is_called_active_once_in_forty() -> None:
    rng = generator("no activation at all")
    runs, called = 4000, 0
    for _ in range(runs):
        variance = 25.0 * rng.chisquare(8) / 8
        s, u = (Arm(100 + 5 * rng.standard_normal(), variance, 1) for _ in range(2))
        called += window_interval(s, u, df=8.0)[0] > 0
    assert called / runs == pytest.approx(0.025, abs=0.0075)
