"""One pair of replicates that makes the scatter of the whole run is told with its tubes."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from assays.inhibition.odd_replicates import odd_groups, odd_replicates
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")


def flow(cv: float | None = None) -> Flow:
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(tube_cv_percent=cv),
    )


def pair(donor: str, role: TubeRole, medians: tuple[float, float]) -> list[Reading]:
    stimulus = None if role is TubeRole.UNSTIMULATED else IL6
    return [
        Reading(
            file, donor, Tube(file, donor, role, stimulus, (), "DMSO", n), "pSTAT3", "CLL",
            "pSTAT3", 2000, median, 0.1, 150.0, math.nan, math.nan, math.nan, "", "ok",
        )
        for n, median in enumerate(medians, 1)
        for file in [f"{donor} {role} {n}.fcs"]
    ]  # fmt: skip


def run(rng: np.random.Generator, donors: int = 6) -> list[Reading]:
    """Pairs of unstimulated and stimulated tubes with a CV of 5 %."""
    rows = []
    for at in range(donors):
        for role, level in ((TubeRole.UNSTIMULATED, 300.0), (TubeRole.STIMULATED, 2500.0)):
            low, high = (level * np.exp(0.05 * rng.standard_normal(2))).tolist()
            rows += pair(f"D{at}", role, (low, high))
    return rows


def seeded(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint32))


def test_a_control_that_was_not_stimulated_is_told_with_both_tubes() -> None:
    rows = [*run(seeded("odd")), *pair("D9", TubeRole.STIMULATED, (310.0, 2600.0))]
    (told,) = odd_replicates(rows, flow())
    assert (told.rule, told.where) == ("replicates-apart", "donor D9")
    assert "310 in D9 stimulated 1.fcs and 2,600 in D9 stimulated 2.fcs" in told.message
    assert told.observed > 5 * told.limit


def test_tubes_of_one_scatter_are_hardly_ever_told() -> None:
    rng = seeded("even")
    assert sum(bool(list(odd_replicates(run(rng), flow()))) for _ in range(300)) <= 2


def test_two_tubes_that_changed_places_do_not_hide_behind_each_other() -> None:
    swapped = [
        *pair("D9", TubeRole.STIMULATED, (310.0, 2600.0)),
        *pair("D9", TubeRole.UNSTIMULATED, (2500.0, 305.0)),
    ]
    found = list(odd_replicates([*run(seeded("swapped")), *swapped], flow()))
    assert {one.where for one in found} == {"donor D9"}
    assert {one.message.split(" and ")[1].split(" in ")[1][:4] for one in found} == {"D9 s", "D9 u"}
    for one in found:
        assert "With 1 other condition told here they make" in one.message
        assert "every interval of the run wider" in one.message
        assert one.observed > 5 * one.limit


def test_conditions_of_one_scatter_are_told_in_one_readout_of_a_thousand_at_most() -> None:
    # 3,000 clean readouts of 16 pairs: 3 expected at most; 9 or more by chance in 1 of 250.
    sums = seeded("clean").chisquare(1.0, (3000, 16)).tolist()
    assert sum(bool(odd_groups(each, [1] * 16)) for each in sums) <= 8


@pytest.mark.parametrize("donors", [0, 1])
def test_nothing_is_said_where_little_else_tells_the_usual_scatter(donors: int) -> None:
    rows = [*run(seeded("few"), donors), *pair("D9", TubeRole.STIMULATED, (2400.0, 2600.0))]
    assert not list(odd_replicates(rows, flow()))


def test_a_declared_scatter_is_not_pooled() -> None:
    rows = [*run(seeded("odd")), *pair("D9", TubeRole.STIMULATED, (310.0, 2600.0))]
    assert not list(odd_replicates(rows, flow(cv=5.0)))


def test_tubes_without_any_scatter_have_no_odd_pair() -> None:
    rows = [row for n in range(4) for row in pair(f"D{n}", TubeRole.STIMULATED, (500.0, 500.0))]
    assert not list(odd_replicates(rows, flow()))
