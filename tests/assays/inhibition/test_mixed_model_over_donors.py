"""The mixed model over donors: R's numbers, and never more sure than the donors allow."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.inhibition.mixed_model import Donor, mixed_effect
from assays.inhibition.signed_rank import paired_t

# R 4.2.2, lmerTest 3.1-3 and pbkrtest 0.5.2: lmer(y ~ treated + (1 | donor) + (1 | donor:treated)),
# REML; summary() for Satterthwaite's degrees of freedom, summary(ddf = "Kenward-Roger").
UNBALANCED = (
    Donor((3.10, 3.18, 3.02), (2.01, 2.15)),
    Donor((2.61, 2.75), (1.92, 1.80)),
    Donor((3.55, 3.41, 3.49), (2.95, 3.06, 2.88)),
    Donor((2.20, 2.31), (1.71, 1.62)),
    Donor((2.98, 3.07), (1.55, 1.49, 1.66)),
    Donor((3.31, 3.20), (2.60, 2.47)),
    Donor((2.70,), (1.95, 2.11)),
)
BALANCED = (
    Donor((3.0, 3.1), (2.2, 2.1)),
    Donor((2.7, 2.8), (1.5, 1.7)),
    Donor((3.4, 3.3), (2.0, 2.2)),
    Donor((2.5, 2.6), (2.1, 2.0)),
    Donor((3.1, 3.3), (1.9, 1.8)),
    Donor((2.9, 2.8), (2.4, 2.3)),
)
ALIKE = (
    Donor((3.0, 3.2), (2.1, 2.3)),
    Donor((2.7, 2.9), (1.9, 1.8)),
    Donor((3.4, 3.2), (2.5, 2.3)),
    Donor((2.5, 2.7), (1.6, 1.8)),
    Donor((3.1, 3.3), (2.3, 2.2)),
    Donor((2.9, 2.7), (1.8, 2.0)),
)


def test_unbalanced_tubes_as_lmertest_has_them() -> None:
    found = mixed_effect(UNBALANCED)
    assert found is not None
    assert found.estimate == pytest.approx(-0.829734619731, rel=1e-5)
    assert found.standard_error == pytest.approx(0.122800914320, rel=1e-4)
    # Satterthwaite 6.096, Kenward-Roger 5.998; never above donors less one.
    assert found.df == 6.0
    assert found.sd_donors**2 == pytest.approx(0.155944768, rel=1e-3)
    assert found.sd_responses**2 / 2 == pytest.approx(0.0492985611, rel=1e-3)
    assert found.sd_tubes**2 == pytest.approx(0.0071646566562, rel=1e-3)
    assert found.p == pytest.approx(5.139e-4, rel=0.01)


def test_balanced_tubes_are_the_paired_t_test() -> None:
    found = mixed_effect(BALANCED)
    assert found is not None
    differences = [np.mean(each.treated) - np.mean(each.control) for each in BALANCED]
    mean, p = paired_t(differences)
    assert found.estimate == pytest.approx(mean.estimate, rel=1e-6)
    assert found.interval == pytest.approx(mean.interval, rel=1e-4)
    # lmerTest: df 5.000, p 0.001619650.
    assert found.df == pytest.approx(5.0, abs=1e-3)
    assert found.p == pytest.approx(p, rel=1e-3)
    assert found.p == pytest.approx(1.61964925e-3, rel=1e-3)


def test_donors_that_respond_alike_are_still_the_replicates() -> None:
    found = mixed_effect(ALIKE)
    assert found is not None
    # lmerTest: a singular fit with Satterthwaite's 17 degrees of freedom; Kenward-Roger 5.
    assert found.sd_responses == pytest.approx(0.0, abs=1e-4)
    assert found.standard_error == pytest.approx(0.0457329612, rel=1e-4)
    assert found.df == 5.0
    assert found.p == pytest.approx(5.71321e-6, rel=0.01)


def test_few_donors_or_no_replicates_have_no_mixed_model() -> None:
    assert mixed_effect(BALANCED[:5]) is None
    single = tuple(Donor(each.control[:1], each.treated[:1]) for each in BALANCED)
    assert mixed_effect(single) is None
    assert mixed_effect(tuple(Donor((1.0, 1.0), (1.0, 1.0)) for _ in range(7))) is None
    assert mixed_effect((*BALANCED, Donor((1.0,), ()))) is None
    same = tuple(Donor((float(at), float(at)), (at - 1.0, at - 1.0)) for at in range(7))
    assert mixed_effect(same) is None


def test_the_interval_holds_what_it_says() -> None:
    rng = np.random.default_rng(np.frombuffer(b"mixed model", dtype=np.uint8))
    inside = []
    for _ in range(400):
        between = rng.choice([0.0, 0.3])
        donors = []
        for _ in range(6):
            base, gain = rng.normal(3, 0.5), -1.0 + between * rng.normal()
            tubes = rng.normal(0, 0.1, 5)
            donors.append(Donor(tuple(base + tubes[:2]), tuple(base + gain + tubes[2:])))
        found = mixed_effect(donors)
        assert found is not None
        inside.append(found.interval[0] <= -1.0 <= found.interval[1])
        assert math.isfinite(found.p)
    assert 0.93 <= np.mean(inside) <= 0.985
