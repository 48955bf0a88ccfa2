"""Two inhibitors at once: what their members let expect, and how sure the excess is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.inhibition import loewe
from assays.inhibition.over_tubes import dose_responses, inhibitions, with_loewe
from assays.inhibition.pairs.combination import SingleCurve
from assays.inhibition.pairs.remarks import pair_findings
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition as Row
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
A, B = Agent("ruxolitinib", 100.0, "nM"), Agent("tocilizumab", 10.0, "ug/mL")


def protocol() -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(tube_cv_percent=5.0),
        molar_mass_g_per_mol={"tocilizumab": 148_000.0},
    )


def reading(
    median: float, *inhibitors: Agent, stimulus: Agent | None = IL6, vehicle: str = "", n: int = 1
) -> Reading:
    if inhibitors:
        role = TubeRole.TREATED
    else:
        role = TubeRole.STIMULATED if stimulus else TubeRole.UNSTIMULATED
    name = "_".join([str(stimulus), *map(str, inhibitors), vehicle, str(n)])
    tube = Tube(f"{name}.fcs", "D1", role, stimulus, tuple(inhibitors), vehicle, n)
    return Reading(
        tube.file, "D1", tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 1.0, 150.0,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def tubes(noise: np.ndarray | None = None) -> list[Reading]:
    """Controls in both vehicles; the pair is held against those that carry both."""
    levels: list[tuple[float, tuple[Agent, ...], Agent | None, str]] = [
        (2000, (), IL6, "DMSO"), (400, (), None, "DMSO"), (1200, (A,), IL6, "DMSO"),
        (2000, (), IL6, "IgG1"), (400, (), None, "IgG1"), (1000, (B,), IL6, "IgG1"),
        (2000, (), IL6, "DMSO + IgG1"), (400, (), None, "DMSO + IgG1"),
        (700, (A, B), IL6, "DMSO + IgG1"),
    ]  # fmt: skip
    factors = np.zeros(len(levels)) if noise is None else noise
    return [
        reading(150 * math.sinh(math.asinh(median / 150) + shift), *given, stimulus=s, vehicle=v)
        for (median, given, s, v), shift in zip(levels, factors, strict=True)
    ]


def test_a_pair_is_held_against_the_controls_with_both_vehicles() -> None:
    pair = inhibitions(tubes(), protocol=protocol())[-1]
    assert pair.control_vehicle == "DMSO + IgG1"
    assert pair.singles == pytest.approx((50.0, 62.5))
    assert pair.percent == pytest.approx(81.25)
    assert pair.expected_bliss == pytest.approx(81.25)
    assert pair.excess_bliss == pytest.approx(0.0, abs=1e-9)
    assert pair.excess_hsa == pytest.approx(18.75)
    assert pair.excess_bliss_interval[0] < 0 < pair.excess_bliss_interval[1]


def test_the_excess_covers_as_often_as_it_claims() -> None:
    rng = np.random.default_rng(np.frombuffer(b"coverage of the excess", dtype=np.uint8))
    inside = np.zeros(2)
    for _ in range(800):
        pair = inhibitions(tubes(rng.normal(0.0, 0.05, 9)), protocol=protocol())[-1]
        inside += [
            pair.excess_bliss_interval[0] <= 0.0 <= pair.excess_bliss_interval[1],
            pair.excess_hsa_interval[0] <= 18.75 <= pair.excess_hsa_interval[1],
        ]
    assert inside / 800 == pytest.approx([0.95, 0.95], abs=0.025)


def test_shared_controls_do_not_count_twice() -> None:
    shared = [
        reading(2000), reading(400, stimulus=None), reading(1200, A), reading(1000, B),
        reading(700, A, B),
    ]  # fmt: skip
    pair = inhibitions(shared, protocol=protocol())[-1]
    width = pair.excess_bliss_interval[1] - pair.excess_bliss_interval[0]
    e_a, e_b, e = 0.5, 0.625, 0.8125
    slopes = [
        (700, 1), (1200, -(1 - e_b)), (1000, -(1 - e_a)),
        (2000, -((1 - e) - (1 - e_b) * (1 - e_a) - (1 - e_a) * (1 - e_b))),
        (400, -(e - (1 - e_b) * e_a - (1 - e_a) * e_b)),
    ]  # fmt: skip
    variance = sum((s / 1600 * 0.05 * math.hypot(m, 150)) ** 2 for m, s in slopes)
    assert width == pytest.approx(2 * 100 * 1.959964 * math.sqrt(variance), rel=1e-6)


BOTH = "DMSO + IgG1"


def levels_with(
    *arms: tuple[float, Agent, str], both: tuple[float, float] | None = (1600, 400)
) -> list[Reading]:
    """DMSO takes a fifth of the signal away; by default the pair's controls carry both vehicles."""
    found = [
        reading(1600, vehicle="DMSO"), reading(400, stimulus=None, vehicle="DMSO"),
        reading(2000, vehicle="IgG1"), reading(400, stimulus=None, vehicle="IgG1"),
        *(reading(level, agent, vehicle=vehicle) for level, agent, vehicle in arms),
        reading(640, A, B, vehicle=BOTH),
    ]  # fmt: skip
    if both is not None:
        found += [reading(both[0], vehicle=BOTH), reading(both[1], stimulus=None, vehicle=BOTH)]
    return found


def the_pair(readings: list[Reading]) -> Row:
    (found,) = (
        row for row in inhibitions(readings, protocol=protocol()) if len(row.inhibitors) == 2
    )
    return found


def test_arms_that_carry_both_vehicles_are_taken_and_held_against_the_same_controls() -> None:
    own = [(1000, A, "DMSO"), (1200, B, "IgG1")]
    for arms in ([*own, (940, A, BOTH), (1000, B, "IgG1 + DMSO")],
                 [(940, A, BOTH), (1000, B, "IgG1 + DMSO"), *own]):  # fmt: skip
        pair = the_pair(levels_with(*arms))
        first, second = pair.members
        assert (first.treated, second.treated) == (940, 1000)
        assert pair.singles == pytest.approx((55.0, 50.0))
        assert first.stimulated_files == second.stimulated_files == pair.stimulated_files
        assert first.unstimulated_files == second.unstimulated_files == pair.unstimulated_files
        assert (first.note, second.note) == ("", "")
        assert pair.expected_bliss == pytest.approx(77.5)
        assert pair.expected_bliss_own == pytest.approx(77.5)
        assert pair.excess_bliss == pytest.approx(80.0 - 77.5)


def test_an_arm_with_its_own_vehicle_is_held_against_the_controls_with_both() -> None:
    pair = the_pair(levels_with((940, A, "DMSO"), (1200, B, "IgG1")))
    first, second = pair.members
    # IgG1 does nothing here, DMSO takes 400 of 2000 away.
    assert (first.percent, first.own_percent) == pytest.approx((55.0, 55.0))
    assert (second.percent, second.own_percent) == pytest.approx((100 / 3, 50.0))
    assert (second.stimulated, second.own_stimulated) == pytest.approx((1600, 2000))
    assert second.own_off == pytest.approx(100 / 3 - 50)
    assert second.note == "carries IgG1 alone: held against controls with DMSO + IgG1"
    assert pair.expected_bliss == pytest.approx(100 * (1 - 0.45 * 2 / 3))
    assert pair.expected_bliss_own == pytest.approx(77.5)


def test_each_share_can_be_worked_out_again_from_the_values_beside_it() -> None:
    pair = the_pair(levels_with((940, A, "DMSO"), (1200, B, "IgG1")))
    for each in (*pair.members, pair):
        window = each.stimulated - each.unstimulated
        assert each.percent == pytest.approx(100 * (each.stimulated - each.treated) / window)


def test_without_a_control_that_carries_both_each_arm_has_its_own() -> None:
    pair = the_pair(levels_with((940, A, "DMSO"), (1200, B, "IgG1"), both=None))
    assert pair.control_vehicle == "DMSO"
    assert pair.singles == pytest.approx((55.0, 50.0))
    assert pair.members[0].note == ""
    assert pair.members[1].note == "no control carries DMSO + IgG1: held against IgG1"


def test_an_arm_with_a_vehicle_that_the_pair_lacks_has_its_own_controls() -> None:
    pair = the_pair(
        [
            *levels_with((940, A, "DMSO"), (1000, B, "ethanol")),
            reading(1800, vehicle="ethanol"), reading(200, stimulus=None, vehicle="ethanol"),
        ]
    )  # fmt: skip
    assert pair.singles == pytest.approx((55.0, 50.0))
    assert "carries ethanol, which the pair does not" in pair.members[1].note


def test_where_the_pairs_controls_show_no_window_nothing_is_expected() -> None:
    pair = the_pair(levels_with((940, A, "DMSO"), (1200, B, "IgG1"), both=(400, 400)))
    assert pair.status == "no activation: inhibition undefined"
    assert all(math.isnan(percent) for percent in pair.singles)
    assert math.isnan(pair.expected_bliss)
    assert pair.members[1].own_percent == pytest.approx(50.0)


def test_how_far_two_controls_put_an_arm_apart_holds_what_it_says() -> None:
    rng = np.random.default_rng(np.frombuffer(b"two controls of an arm", dtype=np.uint8))
    inside, runs = 0, 400
    for _ in range(runs):
        noise = [0.05 * rng.normal() for _ in range(9)]
        found = levels_with((940, A, "DMSO"), (1200, B, "IgG1"))
        noisy = [
            replace(r, median=150 * math.sinh(math.asinh(r.median / 150) + shift))
            for r, shift in zip(found, noise, strict=True)
        ]
        low, high = the_pair(noisy).members[1].own_off_interval
        inside += low <= 100 / 3 - 50 <= high
    assert inside / runs == pytest.approx(0.99, abs=0.015)


def test_controls_that_put_an_arm_apart_are_told_with_what_either_lets_expect() -> None:
    far = levels_with((940, A, "DMSO"), (1200, B, "IgG1"))
    (told,) = pair_findings([the_pair([*far, *_again(far)])])
    assert told.rule == "vehicle-moves-an-arm"
    assert "33.3 % against the controls with DMSO + IgG1 (stimulated 1600" in told.message
    assert "50.0 % against those with its own vehicle, IgG1 (2000, 400)" in told.message
    assert "Above Bliss the pair lies 10.0 points" in told.message
    assert "own vehicle 2.5 (" in told.message
    near = levels_with((940, A, "DMSO"), (1200, B, "IgG1"), both=(1950, 400))
    assert pair_findings([the_pair(near)]) == ()
    same = levels_with((940, A, BOTH), (1000, B, BOTH))
    assert pair_findings([the_pair([*same, *_again(same)])]) == ()


def _again(readings: list[Reading]) -> list[Reading]:
    """Two more replicates of each."""
    more = [(r, n) for r in readings for n in (2, 3)]
    return [
        replace(r, file=f"{n}{r.file}", tube=replace(r.tube, file=f"{n}{r.file}"))
        for r, n in more
    ]  # fmt: skip


def test_without_a_member_alone_nothing_is_expected() -> None:
    rows = inhibitions([r for r in tubes() if r.tube.inhibitors != (A,)], protocol=protocol())
    assert math.isnan(rows[-1].expected_bliss)
    assert math.isnan(rows[-1].excess_bliss_interval[0])
    assert rows[-1].percent == pytest.approx(81.25)


def test_whatever_was_read_an_excess_is_a_number_with_an_interval_or_nothing() -> None:
    rng = np.random.default_rng(np.frombuffer(b"ugly pairs", dtype=np.uint8))
    ugly = (0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 5e-324, 1e308, -1e160, 1e160, 400.0)
    base = levels_with((940, A, "DMSO"), (1200, B, "IgG1"), (950, A, BOTH))
    for _ in range(150):
        noisy = [
            replace(r, median=float(rng.choice(ugly)) if rng.random() < 0.3 else r.median)
            for r in base
        ]
        pair = the_pair(noisy)
        for excess, ends in (
            (pair.excess_bliss, pair.excess_bliss_interval),
            (pair.excess_bliss_own, pair.excess_bliss_own_interval),
            (pair.excess_hsa, pair.excess_hsa_interval),
        ):
            assert all(math.isnan(end) for end in ends) or ends[0] <= excess <= ends[1]
            assert not math.isinf(excess)
        assert not any(math.isinf(member.percent) for member in pair.members)


def test_a_drug_with_itself_is_loewe_additive_at_any_ratio() -> None:
    curve = SingleCurve(0.9, 30.0, 1.7)
    expected = 0.9 / (1 + (30 / 50) ** 1.7)
    for share in (0.01, 0.3, 0.5, 0.95):
        assert loewe(50 * share, 50 * (1 - share), curve, curve) == pytest.approx(expected)


def test_beyond_the_weaker_one_only_the_stronger_counts() -> None:
    weak, strong = SingleCurve(0.3, 10.0, 1.0), SingleCurve(1.0, 10.0, 1.0)
    assert loewe(1e6, 90.0, weak, strong) == pytest.approx(0.9)
    flat = SingleCurve(1.0, 1.0, 0.05)
    assert 0.0 < loewe(1e-9, 1e-9, flat, flat) < 1.0
    assert math.isnan(loewe(math.nan, 1.0, weak, strong))
    assert math.isnan(loewe(1.0, 1.0, SingleCurve(-0.2, 10.0, 1.0), strong))


def test_loewe_is_expected_where_both_members_have_a_fitted_series() -> None:
    doses = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
    noise = (1.01, 0.99, 1.005, 0.995, 1.01, 0.99, 1.0)
    series = [
        reading((200 + 800 / (1 + dose / half)) * off, Agent(name, dose, "nM"))
        for name, half in (("ruxolitinib", 30.0), ("fedratinib", 90.0))
        for dose, off in zip(doses, noise, strict=True)
    ]
    pair = reading(400, Agent("ruxolitinib", 30.0, "nM"), Agent("fedratinib", 0.09, "µM"))
    found = [reading(1000), reading(200, stimulus=None), *series, pair]
    curves = dose_responses(found, protocol=protocol())
    rows = with_loewe(inhibitions(found, protocol=protocol()), curves, protocol=protocol())
    # 30 of 30 and 90 of 90: twice the half-way dose of either.
    assert rows[-1].expected_loewe == pytest.approx(100 * 2 / 3, abs=2)
    assert all(math.isnan(row.expected_loewe) for row in rows[:-1])
    none = with_loewe(rows, curves[:1], protocol=protocol())
    assert none[0] == rows[0]


def test_the_interval_of_the_excess_over_loewe_holds_what_it_says() -> None:
    rng = np.random.default_rng(np.frombuffer(b"excess over loewe", dtype=np.uint8))
    il6, doses = Agent("IL-6", 10.0, "ng/mL"), (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
    )
    inside = []
    for _ in range(12):
        readings = _pair_with_both_series(rng, il6, doses)
        curves = dose_responses(readings, protocol=flow)
        rows = with_loewe(inhibitions(readings, protocol=flow), curves, protocol=flow)
        (pair,) = (row for row in rows if len(row.inhibitors) == 2)
        low, high = pair.excess_loewe_interval
        assert low < pair.excess_loewe < high
        assert high - low < 40.0
        inside.append(low <= 0.0 <= high)
    assert sum(inside) >= 10


def _pair_with_both_series(
    rng: np.random.Generator, il6: Agent, doses: tuple[float, ...]
) -> list[Reading]:
    """Tubes with a CV of 6 %; alone, both inhibitors have a slope of 1 and remove all."""
    readings: list[Reading] = []

    def add(role: TubeRole, share: float, drugs: tuple[Agent, ...], n: int) -> None:
        level = (200.0 + 1800.0 * share) * float(np.exp(0.06 * rng.standard_normal()))
        stimulus = None if role is TubeRole.UNSTIMULATED else il6
        name = f"{len(readings)}.fcs"
        tube = Tube(name, "P1", role, stimulus, drugs, "DMSO", n)
        readings.append(
            Reading(
                name, "P1", tube, "pSTAT3", "CLL", "pSTAT3", 5000, level, 5.0, 150.0,
                math.nan, math.nan, math.nan, "", "ok",
            )
        )  # fmt: skip

    for n in range(2):
        add(TubeRole.UNSTIMULATED, 0.0, (), n)
        add(TubeRole.STIMULATED, 1.0, (), n)
        for dose in doses:
            add(TubeRole.TREATED, 1.0 / (1.0 + dose / 20.0), (Agent("ruxolitinib", dose, "nM"),), n)
            add(TubeRole.TREATED, 1.0 / (1.0 + dose / 40.0), (Agent("BAY", dose, "uM"),), n)
        both = (Agent("ruxolitinib", 10.0, "nM"), Agent("BAY", 30.0, "uM"))
        # With a slope of 1 their doses, each in its own IC50, add up.
        add(TubeRole.TREATED, 1.0 / (1.0 + 10.0 / 20.0 + 30.0 / 40.0), both, n)
    return readings
