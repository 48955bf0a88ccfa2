"""Redrawn means: as wide as Fieller's interval, honest with two tubes, the same every time."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from assays.inhibition.bootstrap import bootstrap_interval
from assays.inhibition.interval import Arm, inhibition_interval, own_floor_interval


def test_it_agrees_with_fiellers_interval_where_the_window_is_wide() -> None:
    arms = (Arm(420.0, 300.0, 1), Arm(1000.0, 900.0, 2), Arm(150.0, 90.0, 2))
    for df in (4.0, 14.0, math.inf):
        exact = inhibition_interval(*arms, df=df)
        drawn = bootstrap_interval(*arms, df=df, name="wide")
        assert drawn == pytest.approx(exact, abs=0.04 * (exact[1] - exact[0]))


def test_from_the_drugs_own_floor_it_agrees_with_fiellers_too() -> None:
    i, s, u, b = (Arm(420, 300, 1), Arm(1000, 900, 2), Arm(150, 90, 2), Arm(90, 200, 1))
    exact = own_floor_interval(i, b, s, u, df=14.0)
    drawn = bootstrap_interval(i, s, u, df=14.0, name="wide", alone=b)
    assert drawn == pytest.approx(exact, abs=0.04 * (exact[1] - exact[0]))


def test_it_is_the_same_every_time_and_another_by_another_name() -> None:
    arms = (Arm(420.0, 300.0, 1), Arm(1000.0, 900.0, 2), Arm(150.0, 90.0, 2))
    assert bootstrap_interval(*arms, name="a") == bootstrap_interval(*arms, name="a")
    assert bootstrap_interval(*arms, name="a") != bootstrap_interval(*arms, name="b")


def test_without_a_window_or_a_variance_there_is_no_interval() -> None:
    level = Arm(100.0, 25.0, 2)
    assert all(math.isnan(x) for x in bootstrap_interval(Arm(99, 25, 2), level, Arm(98, 25, 2)))
    assert all(math.isnan(x) for x in bootstrap_interval(Arm(9, math.nan, 1), level, Arm(1, 1, 1)))


def test_two_tubes_an_arm_cover_the_truth_as_often_as_they_say() -> None:
    """Pairs of tubes over eight conditions: pooled scatter with eight degrees of freedom."""
    digest = hashlib.sha256(b"bootstrap coverage").digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    held, trials = 0, 1500
    for number in range(trials):
        tubes = rng.normal([1000.0, 300.0, 440.0, *[500.0] * 5], 60.0, (2, 8))
        variance = float(tubes.var(axis=0, ddof=1).mean()) / 2
        s, u, i = (Arm(float(mean), variance, 2) for mean in tubes.mean(axis=0)[:3])
        low, high = bootstrap_interval(i, s, u, df=8.0, name=str(number))
        held += low <= 80.0 <= high
    # 1500 trials at 95 %: the count is within 1.7 percent points of it, 3 standard errors.
    assert abs(100 * held / trials - 95.0) < 1.7
