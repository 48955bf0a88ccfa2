"""How much the response differs between donors, and what a run tells of it."""

from __future__ import annotations

import doctest
import itertools
import math

import numpy as np
import pytest
from scipy.stats import rankdata

from assays.inhibition.donors import heterogeneity as module
from assays.inhibition.donors.heterogeneity import heterogeneity
from assays.inhibition.donors.signed_rank import hodges_lehmann, paired_t, signed_rank_p
from assays.inhibition.over_tubes import donor_comparisons
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison
from assays.samples import Agent, Tube, TubeRole

IL6, C = Agent("IL-6", 10.0, "ng/mL"), 150.0

# R 4.2.2: wilcox.test(x[1:n], conf.int = TRUE), which prints the confidence to two digits, and
# t.test(x[1:n]).
X = (0.31, 0.52, 1.13, 0.24, 0.97, 0.66, -0.12, 0.45, 0.83, 1.40, -0.35, 0.07)


@pytest.mark.parametrize(
    ("n", "p", "estimate", "low", "high", "confidence", "t_p"),
    [
        (3, 0.25, 0.62, 0.31, 1.13, 0.75, 0.1172783),
        (4, 0.125, 0.4675, 0.24, 1.13, 0.875, 0.07260932),
        (5, 0.0625, 0.64, 0.24, 1.13, 0.9375, 0.0234556),
        (6, 0.03125, 0.64, 0.24, 1.13, 0.96875, 0.00705104),
        (12, 0.009277344, 0.5125, 0.155, 0.855, 0.95751953125, 0.005925437),
    ],
)
def test_few_donors_as_r_has_them(
    n: int, p: float, estimate: float, low: float, high: float, confidence: float, t_p: float
) -> None:
    assert signed_rank_p(X[:n]) == pytest.approx(p)
    found = hodges_lehmann(X[:n])
    assert found.estimate == pytest.approx(estimate)
    assert found.interval == pytest.approx((low, high))
    assert found.confidence == pytest.approx(confidence)
    assert paired_t(X[:n])[1] == pytest.approx(t_p, rel=1e-6)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 12])
def test_ties_and_zeros_are_counted_out_over_all_signs(n: int) -> None:
    rng = np.random.default_rng(np.frombuffer(f"ties and zeros {n}".encode(), dtype=np.uint8))
    signs = np.array(list(itertools.product((0, 1), repeat=n)))
    for _ in range(12):
        values = np.round(2 * rng.normal(0.5, 1.0, n)) / 2
        signed = values[values != 0]
        if not signed.size:
            assert math.isnan(signed_rank_p(values))
            continue
        ranks = rankdata(np.abs(signed))
        sums = signs[:, : signed.size] @ ranks
        seen = ranks[signed > 0].sum()
        tails = [float(np.mean(sums <= seen + 1e-9)), float(np.mean(sums >= seen - 1e-9))]
        assert signed_rank_p(values) == pytest.approx(min(1.0, 2 * min(tails)))


def test_the_example_in_the_docstring_holds() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("between", [0.0, 0.3])
def test_the_spread_between_donors_is_recovered(between: float) -> None:
    rng = np.random.default_rng(np.frombuffer(f"spread {between}".encode(), dtype=np.uint8))
    inside, told, next_one = [], [], []
    for _ in range(1500):
        true = rng.normal(-1, between, 8)
        tubes = rng.normal(0, 0.08, (8, 2, 2))
        d = true + tubes[:, 0].mean(1) - tubes[:, 1].mean(1)
        scatter = float((tubes - tubes.mean(2, keepdims=True))[:7].__pow__(2).sum()) / 14
        found = heterogeneity(d[:7].tolist(), [scatter] * 7, 14)
        inside.append(found.interval[0] <= between <= found.interval[1])
        told.append(found.p < 0.05)
        next_one.append(found.prediction[0] <= d[7] <= found.prediction[1])
    assert 0.94 <= np.mean(inside) <= 0.985
    assert 0.93 <= np.mean(next_one) <= 0.97
    assert np.mean(told) > 0.9 if between else np.mean(told) < 0.07


def test_too_few_donors_or_tubes_say_nothing() -> None:
    assert math.isnan(heterogeneity([1.0, 2.0], [0.1, 0.1], 4).prediction[0])
    single = heterogeneity([1.0, 2.0, 3.0], [math.nan] * 3, 0)
    assert math.isnan(single.sd) and math.isnan(single.p)
    assert single.prediction[0] < 2.0 < single.prediction[1]


def reading(median: float, donor: str, role: TubeRole, n: int) -> Reading:
    stimulus = None if role is TubeRole.UNSTIMULATED else IL6
    drug = (Agent("ruxolitinib", 500.0, "nM"),) if role is TubeRole.TREATED else ()
    tube = Tube(f"{donor} {role} {n}.fcs", donor, role, stimulus, drug, "DMSO", n)
    return Reading(
        tube.file, donor, tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 4.0, C,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def compared(donors: int, tubes: int, kind: str = "signal") -> DonorComparison:
    rng = np.random.default_rng(np.frombuffer(b"tubes of donors", dtype=np.uint8))
    readings = []
    for at in range(donors):
        left, bright = float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.5, 2.0))
        for role, level in (
            (TubeRole.UNSTIMULATED, 200.0),
            (TubeRole.STIMULATED, 1500.0),
            (TubeRole.TREATED, 1500.0 * left),
        ):
            readings += [
                reading(
                    bright * level * float(np.exp(0.06 * rng.standard_normal())), f"D{at}", role, n
                )
                for n in range(tubes)
            ]
    options = {"populations": ("dead",)} if kind == "fraction" else {"channel": "pSTAT3"}
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", population="CLL", kind=kind, **options),),  # type: ignore[arg-type]
    )
    return next(
        row for row in donor_comparisons(readings, (), protocol=flow) if row.kind == "inhibition"
    )


def test_six_donors_with_replicates_have_a_mixed_model_beside_the_t_test() -> None:
    row = compared(6, 2)
    assert row.mixed == pytest.approx(row.mean, rel=1e-6)
    assert row.mixed_df == pytest.approx(5.0, abs=1e-3)
    assert row.mixed_p == pytest.approx(row.t_p, rel=1e-2)
    assert 0.0 < row.sd_response < row.sd
    assert row.sd_response_interval[0] < row.sd_response < row.sd_response_interval[1]
    assert row.heterogeneity_p < 0.01


def test_five_donors_or_single_tubes_have_none() -> None:
    assert math.isnan(compared(5, 2).mixed)
    single = compared(8, 1)
    assert math.isnan(single.mixed) and math.isnan(single.sd_response)
    assert single.prediction[0] < single.mean < single.prediction[1]


def test_fractions_of_cells_are_compared_in_percent_points() -> None:
    row = compared(4, 2, "fraction")
    assert row.scale == "percent points"
    assert -1800 < row.mean < -700
