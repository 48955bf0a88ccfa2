"""Few donors, exact tests: what they allow, and never more than that."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from assays.inhibition.donors.comparisons import _amount
from assays.inhibition.donors.signed_rank import (
    hodges_lehmann,
    holm,
    paired_t,
    signed_rank_p,
    smallest_p,
)
from assays.inhibition.over_tubes import donor_comparisons, donor_findings, inhibitions
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
C = 150.0

# Depression scores of nine patients before and after a first therapy with a tranquiliser:
# Hollander & Wolfe (1973), Nonparametric Statistical Methods, 29 f.; R's example in
# ?wilcox.test (V = 40, two-sided p 0.03906).
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))


def test_hollander_and_wolfes_depression_scores() -> None:
    assert signed_rank_p(BEFORE - AFTER) == pytest.approx(0.0390625, abs=1e-15)
    found = hodges_lehmann(BEFORE - AFTER)
    assert found.estimate == pytest.approx(0.46)
    assert found.interval == pytest.approx((0.010, 0.786))
    assert found.confidence == pytest.approx(0.961, abs=5e-4)


@pytest.mark.parametrize(("n", "confidence"), [(3, 0.75), (4, 0.875), (5, 0.9375), (6, 0.96875)])
def test_few_donors_attain_less_confidence_than_is_wished(n: int, confidence: float) -> None:
    values = seeded("few donors").normal(1.0, 0.4, n)
    found = hodges_lehmann(values)
    assert found.confidence == confidence
    assert found.interval == (values.min(), values.max())


def test_one_or_two_donors_have_no_interval() -> None:
    assert hodges_lehmann([1.0, 2.0]).estimate == 1.5
    assert math.isnan(hodges_lehmann([1.0, 2.0]).confidence)
    assert math.isnan(hodges_lehmann([]).estimate)
    assert math.isnan(paired_t([1.0])[1])


@pytest.mark.parametrize("n", [4, 7, 12, 30])
def test_the_signed_ranks_are_those_of_scipy(n: int) -> None:
    values = seeded(f"signed ranks {n}").normal(0.3, 1.0, n)
    expected = stats.wilcoxon(values, method="exact").pvalue
    assert signed_rank_p(values) == pytest.approx(expected, rel=1e-12)
    center, p = paired_t(values)
    theirs = stats.ttest_1samp(values, 0.0)
    assert p == pytest.approx(theirs.pvalue, rel=1e-12)
    assert center.interval == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-12)


def test_ties_are_counted_out_over_all_signs() -> None:
    values = np.array([1.0, 1.0, -1.0, 2.0, 2.0, 0.0])
    ranks = np.array([2.0, 2.0, 2.0, 4.5, 4.5])
    sums = [float(np.dot(ranks, signs)) for signs in itertools.product((0, 1), repeat=5)]
    seen = 13.0
    upper = np.mean([total >= seen for total in sums])
    assert signed_rank_p(values) == pytest.approx(2 * upper)
    assert math.isnan(signed_rank_p([0.0, 0.0]))


def test_no_test_beats_the_smallest_p_that_its_donors_allow() -> None:
    for n in range(1, 12):
        assert signed_rank_p(np.arange(1, n + 1)) == pytest.approx(smallest_p(n))


@pytest.mark.parametrize("n", [5, 6, 8, 12])
def test_the_attained_confidence_is_how_often_the_interval_covers(n: int) -> None:
    samples = seeded(f"coverage {n}").standard_t(4, (3000, n)) + 0.7
    found = [hodges_lehmann(sample) for sample in samples]
    inside = np.mean([one.interval[0] <= 0.7 <= one.interval[1] for one in found])
    assert inside == pytest.approx(found[0].confidence, abs=0.014)


def test_holm_never_lets_a_larger_p_pass_a_smaller_one() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, math.nan, 0.8])[0] == 1.0
    assert math.isnan(holm([0.9, math.nan])[1])


def reading(
    median: float, donor: str, *inhibitors: Agent, stimulus: Agent | None = IL6, n: int = 1
) -> Reading:
    if inhibitors:
        role = TubeRole.TREATED
    else:
        role = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    name = "_".join([donor, str(stimulus), *map(str, inhibitors), str(n)])
    tube = Tube(f"{name}.fcs", donor, role, stimulus, tuple(inhibitors), "DMSO", n)
    return Reading(
        tube.file, donor, tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 4.0, C,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def protocol(across: str = "arcsinh") -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(across_donors=across),  # type: ignore[arg-type]
    )


def drug(dose: float, name: str = "ruxolitinib") -> Agent:
    return Agent(name, dose, "nM")


def compared(tubes: list[Reading], across: str = "arcsinh") -> tuple[DonorComparison, ...]:
    flow = protocol(across)
    return donor_comparisons(tubes, inhibitions(tubes, protocol=flow), protocol=flow)


def donors(n: int) -> list[Reading]:
    tubes = []
    for number in range(n):
        name, size = f"D{number}", 1.0 + 0.2 * number
        tubes += [reading(900 * size, name), reading(1100 * size, name, n=2)]
        tubes += [reading(200 * size, name, stimulus=None)]
        tubes += [reading(400 * size, name, drug(100)), reading(300 * size, name, drug(1000))]
        tubes += [reading(600 * size, name, drug(50, "tofacitinib"))]
    return tubes


def test_every_donor_gives_one_difference_to_its_own_controls() -> None:
    rows = compared(donors(6))
    row = next(one for one in rows if one.dose == "100 nM")
    top = [
        (np.arcsinh(900 * s / C) + np.arcsinh(1100 * s / C)) / 2 for s in 1.0 + 0.2 * np.arange(6)
    ]
    expected = np.arcsinh(400 * (1.0 + 0.2 * np.arange(6)) / C) - top
    assert row.differences == pytest.approx(expected)
    assert (row.n, row.against, row.kind) == (6, "IL-6 10 ng/mL", "inhibition")
    assert row.mean == pytest.approx(expected.mean())
    activation = rows[0]
    assert (activation.kind, activation.against) == ("activation", "unstimulated")
    assert min(activation.differences) > 0


def test_a_logarithm_of_the_ratio_is_compared_where_that_is_declared() -> None:
    rows = compared(donors(4), "log2 fold")
    row = next(one for one in rows if one.dose == "100 nM")
    assert row.differences == pytest.approx([math.log2(400) - math.log2(900 * 1100) / 2] * 4)
    tubes = [*donors(4), reading(-3.0, "D9", drug(100)), reading(900, "D9")]
    row = next(one for one in compared(tubes, "log2 fold") if one.dose == "100 nM")
    assert row.n == 4
    assert "left out, without a number for both: D9" in row.note


def test_a_donor_whose_stimulus_has_another_unit_is_named_as_left_out() -> None:
    units = Agent("IL-6", 10.0, "IU/mL")
    odd = [
        dataclasses.replace(one, donor="D9", tube=dataclasses.replace(
            one.tube, donor="D9", stimulus=one.tube.stimulus and units
        ))
        for one in donors(1)
    ]  # fmt: skip
    rows = compared([*donors(3), *odd])
    assert len(rows) == len(compared(donors(3)))
    for row in rows:
        assert row.n == 3
        assert "cannot be turned into this one: D9 (IL-6 10 IU/mL)" in row.note
    assert all("turned" not in row.note for row in compared(donors(3)))


def test_holm_counts_inhibitors_and_each_with_the_dose_that_most_donors_have() -> None:
    rows = [one for one in compared(donors(6)) if one.kind == "inhibition"]
    tested = {one.dose: one for one in rows if one.family}
    assert set(tested) == {"1000 nM", "50 nM"}
    assert tested["1000 nM"].family == 2
    assert tested["1000 nM"].wilcoxon_p == 0.03125
    assert tested["1000 nM"].wilcoxon_holm == 0.0625
    assert tested["1000 nM"].smallest_holm == 0.0625
    other = next(one for one in rows if one.dose == "100 nM")
    assert math.isnan(other.wilcoxon_holm) and other.wilcoxon_p == 0.03125
    few = [one for one in donors(6) if one.tube.dose != "1000 nM" or one.donor < "D3"]
    assert {one.dose for one in compared(few) if one.family and one.kind == "inhibition"} == {
        "100 nM", "50 nM",
    }  # fmt: skip


def test_the_smallest_p_of_few_donors_heeds_that_others_have_more() -> None:
    tubes = [
        tube
        for tube in donors(8)
        if not tube.tube.inhibitors
        or tube.tube.inhibitors[0].name == "ruxolitinib"
        or tube.donor < "D5"
    ]
    rows = {one.member: one for one in compared(tubes) if one.kind == "inhibition" and one.family}
    # Eight donors: 2 x 2 / 2^8. Five come second in Holm's order, so their 2 / 2^5 stands.
    assert rows["ruxolitinib"].smallest_holm == rows["ruxolitinib"].wilcoxon_holm == 2 / 128
    assert rows["tofacitinib"].smallest_holm == rows["tofacitinib"].wilcoxon_holm == 1 / 16


def test_the_highest_dose_is_the_highest_whatever_its_unit() -> None:
    low, high = Agent("sarilumab", 300.0, "ng/mL"), Agent("sarilumab", 1.0, "µg/mL")
    assert _amount([low], {}) < _amount([high], {})
    assert _amount([low], {"sarilumab": 144_000.0}) < _amount([high], {"sarilumab": 144_000.0})


def test_five_donors_cannot_reach_a_twentieth_and_that_is_told() -> None:
    (finding,) = donor_findings(compared(donors(5)))
    assert finding.rule == "too-few-donors"
    assert "with 5 donors and 2 compared together" in finding.message
    assert "below 0.125" in finding.message
    assert not donor_findings(compared(donors(8)))


def test_two_donors_are_too_few_and_one_is_no_comparison() -> None:
    rows = compared(donors(2))
    assert {one.status for one in rows} == {"too few donors"}
    assert all(one.family == 0 and math.isnan(one.confidence) for one in rows)
    assert compared(donors(1)) == ()


def test_a_donor_without_activation_stays_in_and_is_named() -> None:
    flat = [
        reading(500, "D9"), reading(520, "D9", n=2), reading(510, "D9", stimulus=None),
        reading(505, "D9", drug(100)),
    ]  # fmt: skip
    row = next(one for one in compared([*donors(5), *flat]) if one.dose == "100 nM")
    assert row.n == 6
    assert "no activation: D9" in row.note
