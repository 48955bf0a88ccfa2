"""The mixed model over donors: R's numbers, and never more sure than the donors allow."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.inhibition.donors.mixed_fit import Fitted, fit_tubes
from assays.inhibition.donors.mixed_model import (
    ALIKE,
    FEW,
    MANY,
    OK,
    SAME,
    Effect,
    Matched,
    design_of,
    mixed_effect,
)
from assays.inhibition.donors.satterthwaite import degrees_of_freedom
from assays.inhibition.donors.signed_rank import paired_t

Tubes = tuple[float, ...]


def studied(*donors: tuple[Tubes, Tubes]) -> tuple[Matched, ...]:
    return tuple(Matched(f"D{at}", *each) for at, each in enumerate(donors))


# R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2: lmer(y ~ treated + (1 | donor) +
# (1 | donor:treated)), REML by bobyqa to 1e-12; summary() for estimate, standard error and
# Satterthwaite's degrees of freedom, summary(ddf = "Kenward-Roger"), VarCorr(), isSingular().
UNBALANCED = studied(
    ((3.10, 3.18, 3.02), (2.01, 2.15)),
    ((2.61, 2.75), (1.92, 1.80)),
    ((3.55, 3.41, 3.49), (2.95, 3.06, 2.88)),
    ((2.20, 2.31), (1.71, 1.62)),
    ((2.98, 3.07), (1.55, 1.49, 1.66)),
    ((3.31, 3.20), (2.60, 2.47)),
    ((2.70,), (1.95, 2.11)),
)
BALANCED = studied(
    ((3.0, 3.1), (2.2, 2.1)),
    ((2.7, 2.8), (1.5, 1.7)),
    ((3.4, 3.3), (2.0, 2.2)),
    ((2.5, 2.6), (2.1, 2.0)),
    ((3.1, 3.3), (1.9, 1.8)),
    ((2.9, 2.8), (2.4, 2.3)),
)
ALIKE_DONORS = studied(
    ((3.0, 3.2), (2.1, 2.3)),
    ((2.7, 2.9), (1.9, 1.8)),
    ((3.4, 3.2), (2.5, 2.3)),
    ((2.5, 2.7), (1.6, 1.8)),
    ((3.1, 3.3), (2.3, 2.2)),
    ((2.9, 2.7), (1.8, 2.0)),
)
TWELVE = studied(
    ((2.13, 2.31, 2.20), (1.02, 1.20)),
    ((1.74, 1.90), (0.95, 0.71, 0.88)),
    ((2.66,), (1.71, 1.52)),
    ((3.02, 2.84, 2.95), (1.61,)),
    ((2.40, 2.28), (1.33, 1.49, 1.41)),
    ((1.95, 2.16, 2.04), (0.82, 1.01, 0.93)),
    ((2.75, 2.61), (1.80,)),
    ((2.22, 2.05), (1.25, 1.06)),
    ((3.31, 3.19, 3.10), (2.11, 2.24, 2.02)),
    ((1.58, 1.71), (0.51, 0.69)),
    ((2.49, 2.63), (1.19, 1.36)),
    ((2.91,), (1.90, 2.05, 1.83)),
)
ONLY_TUBES = studied(
    ((1.02, 0.95), (0.31, 0.42)),
    ((0.93, 1.05), (0.40, 0.29)),
    ((1.08, 0.97), (0.36, 0.33)),
    ((0.99, 1.01), (0.30, 0.44)),
    ((1.04, 0.92), (0.41, 0.32)),
    ((0.96, 1.03), (0.35, 0.38)),
)
MANY_LOST = studied(
    ((2.10, 2.45, 2.20, 2.31, 2.28, 2.14), (1.35,)),
    ((1.82,), (1.20, 0.96, 1.05, 1.17, 1.22, 1.02)),
    ((2.61,), (1.90,)),
    ((2.05, 2.36), (1.11,)),
    ((2.72,), (1.58, 1.86)),
    ((1.93, 2.18), (1.40, 1.21)),
    ((2.44, 2.16), (1.63,)),
    ((2.02, 1.83), (1.30,)),
)
SAME_LEVEL = studied(
    ((1.01, 0.99), (0.45, 0.52)),
    ((0.98, 1.03), (0.71, 0.64)),
    ((1.02, 1.00), (0.30, 0.36)),
    ((0.97, 1.01), (0.58, 0.49)),
    ((1.03, 0.98), (0.22, 0.29)),
    ((1.00, 1.02), (0.66, 0.60)),
    ((0.99, 0.97), (0.41, 0.47)),
)
# Two vehicles in five of seven donors: + (1 | donor:vehicle) in the formula.
TWO_VEHICLES = (
    Matched("1", (3.05, 3.17), (2.02, 2.11)),
    Matched("1", (3.32, 3.24), (2.37, 2.29)),
    Matched("2", (2.61, 2.72), (1.81, 1.72)),
    Matched("2", (2.95, 2.84), (2.20,)),
    Matched("3", (3.50, 3.43), (2.93, 3.02)),
    Matched("4", (2.23, 2.30), (1.62, 1.75)),
    Matched("4", (2.49, 2.60), (1.78, 1.90)),
    Matched("5", (2.97, 3.08), (1.58, 1.47)),
    Matched("5", (3.15, 3.29), (1.87, 1.72)),
    Matched("6", (3.20, 3.33), (2.58, 2.44)),
    Matched("7", (2.71, 2.80), (1.94, 2.10)),
    Matched("7", (2.90,), (2.33, 2.19)),
)
# Estimate, standard error, Satterthwaite's df, variances of donor, donor:treated, tubes.
R = {
    "unbalanced": (
        UNBALANCED, -0.829734620137, 0.122800902539, 6.0964893,
        (0.1559447466, 0.04929855058, 0.007164657509),
    ),
    "balanced": (
        BALANCED, -0.941666666667, 0.152433955687, 5.0000003,
        (0.008333334737, 0.06533333256, 0.008749999957),
    ),
    "alike": (ALIKE_DONORS, -0.916666666667, 0.0457329561, 17.0, (0.07102941107, 0, 0.01254901964)),
    "twelve, tubes lost": (
        TWELVE, -1.06487638121, 0.0352422412072, 8.4250171,
        (0.2164151208, 0.001648738409, 0.01184132316),
    ),
    "only tubes": (ONLY_TUBES, -0.636666666667, 0.0206308340387, math.nan, (0, 0, 0.002553787879)),
    "many lost": (
        MANY_LOST, -0.808406282079, 0.0585160021081, 23.670619, (0.06851760593, 0, 0.0204781009),
    ),
    "same level": (
        SAME_LEVEL, -0.521428571429, 0.0574944526355, 5.9999892,
        (1.666686466e-05, 0.0108232137, 0.001492857183),
    ),
    "two vehicles": (
        TWO_VEHICLES, -0.839758012713, 0.120244736336, 6.0471368,
        (0.09041696079, 0.04840532717, 0.006586351867),
    ),
}  # fmt: skip


def fitted(matched: tuple[Matched, ...]) -> Fitted:
    found = fit_tubes(design_of(matched))
    assert found is not None
    return found


@pytest.mark.parametrize("study", R)
def test_estimates_errors_and_variances_are_those_of_lme4(study: str) -> None:
    matched, estimate, error, _, (donors, responses, tubes) = R[study]
    found = mixed_effect(matched)
    assert found.estimate == pytest.approx(estimate, rel=1e-6)
    assert found.standard_error == pytest.approx(error, rel=1e-5)
    assert found.sd_donors**2 == pytest.approx(donors, rel=1e-3)
    assert found.sd_responses**2 / 2 == pytest.approx(responses, rel=1e-4)
    assert found.sd_tubes**2 == pytest.approx(tubes, rel=1e-4)


@pytest.mark.parametrize("study", [name for name, row in R.items() if not math.isnan(row[3])])
def test_degrees_of_freedom_are_those_of_lmertest_before_donors_bound_them(study: str) -> None:
    matched, _, _, df, _ = R[study]
    assert degrees_of_freedom(fitted(matched)) == pytest.approx(df, rel=1e-4)
    donors = len({each.donor for each in matched})
    assert mixed_effect(matched).df == pytest.approx(min(df, donors - 1), rel=1e-4)


def test_p_of_lost_tubes_is_that_of_lmertest() -> None:
    found = mixed_effect(TWELVE)
    assert found.status == OK
    assert found.p == pytest.approx(6.903473692e-10, rel=1e-3)
    # Here Kenward & Roger have 10.4 degrees of freedom: Satterthwaite's 8.4 is the more careful.
    assert found.df == pytest.approx(8.425, abs=1e-3)


def test_the_level_of_pairs_is_apart_from_that_of_donors() -> None:
    unit = fitted(TWO_VEHICLES)
    share = unit.variances["pair"] / unit.scale
    assert share == pytest.approx(0.02803240544 / 0.006586351867, rel=1e-4)


def test_balanced_tubes_are_the_paired_t_test() -> None:
    found = mixed_effect(BALANCED)
    differences = [np.mean(each.treated) - np.mean(each.control) for each in BALANCED]
    mean, p = paired_t(differences)
    assert found.estimate == pytest.approx(mean.estimate, rel=1e-6)
    assert found.interval == pytest.approx(mean.interval, rel=1e-5)
    assert found.p == pytest.approx(p, rel=1e-4)
    assert found.p == pytest.approx(1.619649952e-3, rel=1e-4)


@pytest.mark.parametrize("matched", [ALIKE_DONORS, ONLY_TUBES, MANY_LOST])
def test_donors_that_respond_alike_are_still_the_replicates(matched: tuple[Matched, ...]) -> None:
    found = mixed_effect(matched)
    assert found.status == ALIKE
    assert found.sd_responses == 0.0
    # lmerTest counts tubes in these singular fits (17, 22, 23.7); Kenward & Roger have 5, 5, 6.6.
    assert found.df == len(matched) - 1


def test_donors_far_apart_beside_tubes_that_agree_are_fitted_too() -> None:
    # Donors 3,000 tube SDs apart, balanced: once more the paired t test.
    rng = np.random.default_rng(np.frombuffer(b"far apart", dtype=np.uint8))
    donors = []
    for _ in range(8):
        level, gain, tubes = 10 * rng.normal(), -1 + 0.02 * rng.normal(), 0.003 * rng.normal(size=4)
        donors.append((tuple(level + tubes[:2]), tuple(level + gain + tubes[2:])))
    differences = [np.mean(treated) - np.mean(control) for control, treated in donors]
    mean, _ = paired_t(differences)
    found = mixed_effect(studied(*donors))
    assert found.interval == pytest.approx(mean.interval, rel=1e-4)


def test_few_donors_or_no_replicates_have_no_mixed_model() -> None:
    single = tuple(Matched(each.donor, each.control[:1], each.treated[:1]) for each in BALANCED)
    same = studied(*(((float(at), float(at)), (at - 1.0, at - 1.0)) for at in range(7)))
    flat = studied(*(((1.0, 1.0), (1.0, 1.0)) for _ in range(7)))
    crowd = studied(*(((1.0, 2.0), (float(at), 1.0)) for at in range(301)))
    for matched, status in (
        (BALANCED[:5], FEW), (single, FEW), (same, SAME), (flat, SAME), (crowd, MANY), ((), FEW),
    ):  # fmt: skip
        found = mixed_effect(matched)
        assert found.status == status
        assert math.isnan(found.estimate) and math.isnan(found.p) and math.isnan(found.interval[0])


def test_a_donor_without_one_condition_takes_no_part() -> None:
    assert mixed_effect((*BALANCED, Matched("lost", (1.0,), ()))) == mixed_effect(BALANCED)
    # Two vehicles of one donor are one donor.
    five = (*BALANCED[:5], Matched("D0", (3.2, 3.3), (2.3, 2.4)))
    assert mixed_effect(five).status == FEW


def test_the_interval_holds_what_it_says() -> None:
    rng = np.random.default_rng(np.frombuffer(b"mixed model", dtype=np.uint8))

    def study(between: float) -> Effect:
        donors = []
        for _ in range(6):
            base, gain = rng.normal(3, 0.5), -1.0 + between * rng.normal()
            tubes = rng.normal(0, 0.1, 5)
            donors.append((tuple(base + tubes[:2]), tuple(base + gain + tubes[2:])))
        return mixed_effect(studied(*donors))

    found = [study(between) for between in (0.0, 0.3) * 20]
    inside = [each.interval[0] <= -1.0 <= each.interval[1] for each in found]
    assert all(0 < each.p < 1 for each in found)
    # Of 40 at 95 %, 34 or fewer would be seen once in 200 times.
    assert sum(inside) >= 35
