"""Courses over time, protection from death, and positive controls: numbers worked out by hand."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pytest

from assays.inhibition.interval import Arm, quantile
from assays.inhibition.over_tubes import (
    inhibition_findings,
    inhibitions,
    kinetics,
    positive_controls,
    positive_findings,
    protections,
)
from assays.inhibition.protection import percent_protection, protection_interval
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Severity

IL6, IL10 = Agent("IL-6", 10.0, "ng/mL"), Agent("IL-10", 10.0, "ng/mL")
DRUG = Agent("ruxolitinib", 100.0, "nM")


def flow(cv: float | None = 4.0, **readout: object) -> Flow:
    made: dict[str, object] = {"name": "p", "channel": "pSTAT3", "population": "CLL"}
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout.model_validate(made | readout),),
        inhibition=Inhibition(tube_cv_percent=cv),
    )


DEAD = {"kind": "fraction", "channel": "", "populations": ("late",), "protection": True,
        "activation": "down"}  # fmt: skip


def reading(
    median: float,
    stimulus: Agent | None = None,
    time: float | None = None,
    *,
    role: TubeRole | None = None,
    drugs: Sequence[Agent] = (),
    number: int = 1,
    donor: str = "D1",
    cofactor: float = 150.0,
) -> Reading:
    follows = (
        (TubeRole.TREATED if drugs else TubeRole.STIMULATED)
        if stimulus
        else (TubeRole.UNSTIMULATED)
    )
    tube = Tube(
        f"{donor}_{stimulus}_{time}_{len(drugs)}_{number}_{role}.fcs", donor, role or follows,
        stimulus, tuple(drugs), "DMSO", number, time_min=time,
    )  # fmt: skip
    return Reading(
        tube.file, donor, tube, "p", "CLL", "pSTAT3", 2000, median, 0.1, cofactor,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


def test_peak_its_time_and_the_area_are_those_of_trapezoids_above_the_baseline() -> None:
    course = [reading(200, time=0.0)]
    course += [reading(m, IL6, t) for t, m in ((15.0, 1000.0), (30.0, 800.0), (60.0, 400.0))]
    (row,) = kinetics(course, protocol=flow())
    assert (row.peak, row.peak_time_min) == (800.0, 15.0)
    assert row.area == pytest.approx(0.5 * 15 * 800 + 15 * 700 + 30 * 400)
    assert row.area_unit == "a.u. · min"
    assert list(row.times_min) == [0.0, 15.0, 30.0, 60.0]
    assert row.peak_times_min == (15.0, 15.0)
    assert row.status == "ok"


def test_the_interval_of_the_area_counts_a_shared_baseline_once_with_its_whole_weight() -> None:
    course = [reading(200, time=0.0), reading(1000, IL6, 10.0), reading(600, IL6, 20.0)]
    (row,) = kinetics(course, protocol=flow(cv=5.0))

    def variance(median: float) -> float:
        return (0.05 * math.hypot(median, 150.0)) ** 2

    # The start lies at the baseline: area = 10 (y10 - b) + 5 (y20 - b).
    error = math.sqrt(100 * variance(1000) + 25 * variance(600) + 225 * variance(200))
    half = quantile(0.95, math.inf) * error
    assert row.area == pytest.approx(10 * 800 + 5 * 400)
    assert row.area_interval == pytest.approx((row.area - half, row.area + half))


def test_times_that_cannot_be_told_from_the_peak_are_told() -> None:
    course = [reading(200, time=0.0)]
    course += [reading(m, IL6, t) for t, m in ((15.0, 990.0), (30.0, 1000.0), (60.0, 300.0))]
    (row,) = kinetics(course, protocol=flow())
    assert (row.peak_time_min, row.peak_times_min) == (30.0, (15.0, 30.0))


def test_each_time_is_held_against_the_unstimulated_tube_of_its_own_time() -> None:
    drifting = [reading(200.0 + 10 * t, time=t) for t in (0.0, 15.0, 30.0)]
    driven = [reading(700.0 + 10 * t, IL6, t) for t in (15.0, 30.0)]
    (row,) = kinetics([*drifting, *driven], protocol=flow())
    assert list(row.responses - row.baselines) == [0.0, 500.0, 500.0]


def test_a_readout_that_falls_has_its_peak_below() -> None:
    course = [reading(1000, time=0.0), reading(300, IL6, 15.0), reading(700, IL6, 30.0)]
    (row,) = kinetics(course, protocol=flow(activation="down"))
    assert (row.peak, row.peak_time_min, row.status) == (-700.0, 15.0, "ok")


def test_a_flat_course_is_no_activation_and_single_tubes_are_not_testable() -> None:
    flat = [reading(200, time=0.0), reading(202, IL6, 15.0), reading(199, IL6, 30.0)]
    assert kinetics(flat, protocol=flow())[0].status == "no activation"
    assert kinetics(flat, protocol=flow(cv=None))[0].status == "not testable"
    assert kinetics(flat[:2], protocol=flow()) == ()


def test_flat_courses_are_seldom_called_activated_however_many_times_there_are() -> None:
    digest = hashlib.sha256(b"flat courses").digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    called = 0
    for _ in range(400):
        medians = 500.0 * np.sinh(np.arcsinh(1.0) + rng.normal(0, 0.05, 9))
        course = [reading(medians[0], time=0.0, cofactor=500.0)]
        course += [
            reading(m, IL6, 5.0 * k, cofactor=500.0) for k, m in enumerate(medians[1:], start=1)
        ]
        (row,) = kinetics(course, protocol=flow(cv=5.0))
        called += row.status == "ok"
    assert called / 400 < 0.05


def test_protection_is_the_share_of_death_that_is_prevented() -> None:
    assert percent_protection(20.0, 50.0) == pytest.approx(60.0)
    assert percent_protection(60.0, 50.0) == pytest.approx(-20.0)
    assert math.isnan(percent_protection(0.0, 0.0))


def test_both_ends_of_protection_solve_fiellers_equation() -> None:
    saved, lost = Arm(20.0, 2.0, 2), Arm(50.0, 3.0, 2)
    t = quantile(0.95, 6.0)
    for end in protection_interval(saved, lost, df=6.0):
        r = 1 - end / 100
        assert (20 - r * 50) ** 2 == pytest.approx(t**2 * (2.0 + r**2 * 3.0))
    assert all(math.isnan(x) for x in protection_interval(saved, Arm(1.0, 3.0, 2), df=6.0))


def dead(*more: Reading) -> list[Reading]:
    made = [reading(m, number=n, cofactor=100.0) for n, m in enumerate((50.0, 52.0), 1)]
    made += [reading(m, IL6, number=n, cofactor=100.0) for n, m in enumerate((30.0, 32.0), 1)]
    return [*made, *more]


def test_protection_by_il6_and_its_loss_under_blockade() -> None:
    treated = reading(41.0, IL6, drugs=(DRUG,), cofactor=100.0)
    protocol = flow(cv=None, **DEAD)
    (row,) = protections(dead(treated), protocol=protocol)
    assert row.percent == pytest.approx(100 * (51 - 31) / 51)
    assert row.interval[0] < row.percent < row.interval[1]
    assert (row.status, row.n_with, row.n_without) == ("ok", 2, 2)
    (loss,) = inhibitions(dead(treated), protocol=protocol)
    assert loss.status == "ok"
    assert loss.percent == pytest.approx(50.0)


def test_protection_without_replicates_is_not_testable_and_without_death_undefined() -> None:
    alone = [reading(50.0, cofactor=100.0), reading(30.0, IL6, cofactor=100.0)]
    (row,) = protections(alone, protocol=flow(cv=None, **DEAD))
    assert row.status == "not testable"
    none = [reading(0.0, number=n, cofactor=100.0) for n in (1, 2)]
    none += [reading(0.0, IL6, number=n, cofactor=100.0) for n in (1, 2)]
    (row,) = protections(none, protocol=flow(cv=2.0, **DEAD))
    assert (row.status, math.isnan(row.percent)) == ("no death: protection undefined", True)


def able(level: float) -> list[Reading]:
    return [
        reading(200.0), reading(205.0, IL6), reading(204.0, IL6, drugs=(DRUG,)),
        reading(level, IL10, role=TubeRole.POSITIVE),
    ]  # fmt: skip


def test_a_positive_control_that_answers_shows_that_silence_is_the_cells_own() -> None:
    protocol = flow()
    (row,) = positive_controls(able(1500.0), protocol=protocol)
    assert (row.status, row.window, row.stimulus) == ("responds", 1300.0, "IL-10 10 ng/mL")
    silent = inhibitions(able(1500.0), protocol=protocol)
    assert positive_findings([row], silent) == ()
    (told,) = (f for f in inhibition_findings(silent, (), [row]) if f.rule == "no-activation")
    assert "The positive control IL-10 10 ng/mL does move it" in told.message


def test_a_positive_control_that_is_silent_condemns_the_donor() -> None:
    (row,) = positive_controls(able(203.0), protocol=flow())
    assert row.status == "does not respond"
    (told,) = positive_findings([row], ())
    assert told.rule == "positive-control-failed"
    assert "D1" in told.message and "IL-10 10 ng/mL" in told.message
    assert "can be trusted" in told.message
    lively = [reading(200.0), reading(1500.0, IL6), reading(600.0, IL6, drugs=(DRUG,))]
    (told,) = positive_findings([row], inhibitions(lively, protocol=flow()))
    assert "IL-6 10 ng/mL does move it" in told.message


def test_a_positive_control_that_goes_the_other_way_is_said_to() -> None:
    (row,) = positive_controls(able(120.0), protocol=flow())
    assert row.status == "does not respond" and row.window_interval[1] < 0
    (told,) = positive_findings([row], ())
    assert "IL-10 10 ng/mL lowers p in donor D1 instead of raising it: 120 against" in told.message
    assert "does not move" not in told.message
    silent = inhibitions(able(120.0), protocol=flow())
    (told,) = (f for f in inhibition_findings(silent, (), [row]) if f.rule == "no-activation")
    assert "goes the other way, so nothing tells whether they can respond" in told.message


def test_a_control_of_another_readout_condemns_nothing_where_one_answers() -> None:
    other = reading(203.0, Agent("CD40L", 200.0, "ng/mL"), role=TubeRole.POSITIVE)
    rows = positive_controls([*able(1500.0), other], protocol=flow())
    assert sorted(row.status for row in rows) == ["does not respond", "responds"]
    (told,) = positive_findings(rows, ())
    assert (told.rule, told.severity) == ("positive-control-failed", Severity.NOTE)
    assert "IL-10 10 ng/mL does" in told.message
    assert "positive_control under the readout 'p'" in told.message


def test_a_positive_control_is_held_to_the_readout_that_declares_it() -> None:
    assert positive_controls(able(1500.0), protocol=flow(positive_control="CpG")) == ()
    assert positive_controls(able(1500.0), protocol=flow(positive_control="il-10"))
    (row,) = positive_controls(able(1500.0), protocol=flow(cv=None))
    assert row.status == "not testable"
