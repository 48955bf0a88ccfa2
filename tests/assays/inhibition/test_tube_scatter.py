"""Where the scatter between tubes comes from, and what may be said without it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.inhibition.interval import Arm, inhibition_interval
from assays.inhibition.over_tubes import (
    dose_responses,
    inhibition_findings,
    inhibitions,
    spread_findings,
)
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
DOSES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


def protocol(tube_cv_percent: float | None = None) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(tube_cv_percent=tube_cv_percent),
    )


def reading(
    median: float, dose: float = 0.0, *, stimulus: Agent | None = IL6, se: float = 1.0, n: int = 1
) -> Reading:
    inhibitors = (Agent("ruxolitinib", dose, "nM"),) if dose else ()
    role = TubeRole.UNSTIMULATED if stimulus is None else TubeRole.STIMULATED
    role = TubeRole.TREATED if inhibitors else role
    tube = Tube(f"{role}-{dose:g}-{n}.fcs", "D1", role, stimulus, inhibitors, "DMSO", n)
    return Reading(
        tube.file, "D1", tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, se, 150.0,
        math.nan, math.nan, math.nan, "", "ok",
    )  # fmt: skip


SINGLE = [reading(1000), reading(200, stimulus=None), reading(400, 100.0)]


def test_single_tubes_are_never_testable_however_far_apart_they_lie() -> None:
    (row,) = inhibitions(SINGLE, protocol=protocol())
    assert row.status == "not testable"
    assert row.interval_kind == "events only (technical)"
    assert row.percent == pytest.approx(75.0)
    close = [reading(1000), reading(999, stimulus=None), reading(400, 100.0)]
    (row,) = inhibitions(close, protocol=protocol())
    assert row.status == "not testable"
    assert math.isnan(row.percent)


def test_what_is_not_testable_is_told_with_what_to_do() -> None:
    (finding,) = inhibition_findings(inhibitions(SINGLE, protocol=protocol()), ())
    assert finding.rule == "technical-interval"
    assert "not testable" in finding.message and "tube_cv_percent" in finding.message


def test_a_declared_cv_makes_single_tubes_testable() -> None:
    (row,) = inhibitions(SINGLE, protocol=protocol(8.0))
    assert (row.status, row.interval_kind) == ("ok", "declared tube CV (Fieller)")
    assert math.isinf(row.df)
    arms = [
        Arm(median, (0.08 * math.hypot(median, 150.0)) ** 2, 1) for median in (400.0, 1000.0, 200.0)
    ]
    assert row.interval == pytest.approx(inhibition_interval(*arms))
    wide = inhibitions(SINGLE, protocol=protocol(90.0))[0]
    assert wide.status.startswith("no activation")


def test_a_declared_cv_is_used_as_it_stands_and_replicates_are_held_against_it() -> None:
    pairs = [
        reading(1300), reading(800, n=2), reading(200, stimulus=None),
        reading(320, stimulus=None, n=2), reading(400, 100.0),
    ]  # fmt: skip
    (row,) = inhibitions(pairs, protocol=protocol(5.0))
    assert row.interval_kind == "declared tube CV (Fieller)"
    (finding,) = spread_findings(pairs, protocol(5.0))
    assert finding.rule == "tube-cv-exceeded"
    assert finding.observed is not None and finding.observed > 20
    assert spread_findings(pairs, protocol(40.0)) == ()
    assert spread_findings(pairs, protocol()) == ()
    assert spread_findings(SINGLE, protocol(5.0)) == ()


def series(level: float) -> list[Reading]:
    noise = (1.04, 0.97, 1.02, 0.99, 1.05, 0.96, 1.01)
    return [
        reading((level + (1000 - level) / (1 + dose / 40.0)) * off, dose)
        for dose, off in zip(DOSES, noise, strict=True)
    ]


def test_a_dose_series_of_single_tubes_is_judged_by_its_own_scatter() -> None:
    tubes = [reading(1000), reading(200, stimulus=None), *series(200)]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert curve.status == "ok"
    assert curve.ic50 == pytest.approx(40.0, rel=0.2)
    assert curve.scatter_from == "residuals of this series"
    assert "scatter from the residuals of this series" in curve.note
    # A single percentage of the same tubes has no such scatter.
    assert {row.status for row in inhibitions(tubes, protocol=protocol())} == {"not testable"}
    low, high = curve.stimulated_band
    assert high - low > 50  # the events alone would say 4


def test_a_window_within_the_scatter_of_its_series_has_no_ic50() -> None:
    rng = np.random.default_rng(np.frombuffer(b"scatter of a series", dtype=np.uint8))
    tubes = [reading(1040), reading(1000, stimulus=None)]
    tubes += [reading(1000 * math.exp(0.1 * rng.standard_normal()), dose) for dose in DOSES]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert curve.status == "no activation: inhibition undefined"
    assert curve.scatter_from == "residuals of this series"


def test_a_series_beside_replicates_or_a_declared_cv_says_so() -> None:
    tubes = [reading(1000), reading(200, stimulus=None), *series(200)]
    (declared,) = dose_responses(tubes, protocol=protocol(5.0))
    assert (declared.scatter_from, declared.note) == ("declared tube CV", "")
    (pooled,) = dose_responses([*tubes, reading(1060)], protocol=protocol())
    assert (pooled.scatter_from, pooled.note) == ("replicate tubes", "")


def test_too_few_doses_of_single_tubes_leave_the_window_untestable() -> None:
    tubes = [reading(1000), reading(200, stimulus=None), *series(200)[2:5]]
    (curve,) = dose_responses(tubes, protocol=protocol())
    assert (curve.status, curve.scatter_from) == ("not testable", "")
