"""Every interval that the example runs print, held against the truth they were simulated from.

The count of intervals that hold the truth is compared with the binomial distribution: with a
coverage of 95 % fewer than `least` of n would be seen in one run of a thousand. Intervals of one
donor share their controls, and those of one readout the scatter that was pooled from its
replicates, so that they move together and their count scatters more than that; one interval from
each donor and readout shares no tube with another.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assays.inhibition import bliss

LEVEL = 0.95


class Interval(NamedTuple):
    """One printed interval and what it should hold."""

    kind: str
    block: tuple[str, ...]
    """What it shares tubes with others by."""
    low: float
    high: float
    truth: float

    @property
    def holds(self) -> bool:
        return self.low <= self.truth <= self.high


def least(n: int) -> int:
    """Fewest of n that a coverage of 95 % gives, but for one case in a thousand."""
    from scipy.stats import binom

    return int(binom.ppf(0.001, n, LEVEL))


def true_mean(example: Any, files: tuple[str, ...], readout: str) -> float:
    found = [example.truth["tubes"][file]["medians"][readout] for file in files]
    return math.fsum(found) / len(found)


def true_arms(example: Any, row: Any, readout: str) -> tuple[float, float, float]:
    """Treated, stimulated, unstimulated, without the scatter of tubes."""
    files = (row.treated_files, row.stimulated_files, row.unstimulated_files)
    treated, high, low = (true_mean(example, each, readout) for each in files)
    return treated, high, low


def true_percent(example: Any, row: Any, readout: str) -> float:
    """NaN, which no interval holds, where there was nothing to inhibit.

    Of an inhibition, or of one arm of a pair.
    """
    treated, high, low = true_arms(example, row, readout)
    return 100.0 * (high - treated) / (high - low) if high != low else math.nan


def of_inhibition(name: str, example: Any) -> Iterator[Interval]:
    """Percent inhibition, also against the inhibitor's own floor, windows, excess over Bliss."""
    windows = set()
    for row in example.run.inhibition:
        block = (name, row.donor, row.readout)
        treated, high, low = true_arms(example, row, row.readout)
        window = (*block, row.stimulated_files, row.unstimulated_files)
        if window not in windows:
            windows.add(window)
            yield Interval("window", block, *row.window_interval, high - low)
        if row.status != "ok":
            continue
        yield Interval("inhibition", block, *row.interval, true_percent(example, row, row.readout))
        if math.isfinite(row.percent_own_floor):
            alone = true_mean(example, row.alone_files, row.readout)
            own = 100.0 * (1.0 - (treated - alone) / (high - low)) if high != low else math.nan
            yield Interval("own floor", block, *row.own_floor_interval, own)
        if len(row.inhibitors) == 2:
            singles = [true_percent(example, arm, row.readout) / 100.0 for arm in row.members]
            together = true_percent(example, row, row.readout)
            for kind, expected, interval in (
                ("Bliss", bliss(*singles), row.excess_bliss_interval),
                ("HSA", max(singles), row.excess_hsa_interval),
            ):
                excess = together - 100.0 * float(expected)
                yield Interval(f"excess over {kind}", block, *interval, excess)


def of_curves(name: str, example: Any) -> Iterator[Interval]:
    """IC50s, also of those that are told as a bound."""
    found = {(r.donor, r.inhibitor, r.readout): r for r in example.run.dose_responses}
    for true in example.truth["ic50"]:
        row = found[true["donor"], true["inhibitor"], true["readout"]]
        block = (name, row.donor, row.inhibitor, row.readout)
        yield Interval("IC50", block, *row.ic50_interval, true["ic50"])


def of_courses(name: str, example: Any) -> Iterator[Interval]:
    """Areas, and peaks where the time of the peak is the true one."""
    courses = {(row.donor, row.readout): row for row in example.run.kinetics}
    for true in example.truth["courses"]:
        row = courses[true["donor"], true["readout"]]
        block = (name, row.donor, row.readout)
        yield Interval("area", block, *row.area_interval, true["area"])
        if row.peak_time_min == true["peak_time_min"]:
            yield Interval("peak", block, *row.peak_interval, true["peak"])


def of_loewe(example: Any) -> Iterator[Interval]:
    pairs = {
        (row.donor, row.readout): row
        for row in example.run.inhibition
        if not math.isnan(row.expected_loewe)
    }
    for true in example.truth["loewe"]:
        row = pairs[true["donor"], true["readout"]]
        excess = true_percent(example, row, row.readout) - true["percent"]
        block = ("blockade", row.donor, row.readout)
        yield Interval("excess over Loewe", block, *row.excess_loewe_interval, excess)


def of_signalling(example: Any) -> Iterator[Interval]:
    truth = example.truth
    for shift in example.run.shifts:
        if shift.status != "ok":
            continue
        block = ("signalling", shift.donor, shift.readout)
        yield Interval("EC50", block, *shift.ec50_interval, truth["ec50_ng_ml"])
        for moved in shift.moved:
            ratio = truth["ratios"][f"{moved.dose:g}"]
            yield Interval("dose ratio", block, *moved.ratio_interval, ratio)
        slope = truth["schild_slope"]
        yield Interval("Schild slope", block, *shift.schild.slope_interval, slope)
        if math.isfinite(shift.schild.pkb):
            yield Interval("pKB", block, *shift.schild.pkb_interval, truth["pkb"])


def of_viability(example: Any) -> Iterator[Interval]:
    true = {(row["donor"], row["vehicle"]): row["percent"] for row in example.truth["protection"]}
    for row in example.run.protections:
        block = ("viability", row.donor, row.vehicle)
        yield Interval("protection", block, *row.interval, true[row.donor, row.vehicle])


@pytest.fixture(scope="module")
def intervals(blockade: Any, signalling: Any, viability: Any, nfkb: Any) -> list[Interval]:
    return [
        *of_inhibition("blockade", blockade),
        *of_inhibition("signalling", signalling),
        *of_inhibition("viability", viability),
        *of_inhibition("nfkb", nfkb),
        *of_curves("blockade", blockade),
        *of_curves("nfkb", nfkb),
        *of_courses("signalling", signalling),
        *of_courses("nfkb", nfkb),
        *of_loewe(blockade),
        *of_signalling(signalling),
        *of_viability(viability),
    ]


def test_every_kind_of_interval_is_there(intervals: list[Interval]) -> None:
    counted = Counter(each.kind for each in intervals)
    assert counted == {
        "window": 75,
        "inhibition": 148,
        "own floor": 34,
        "excess over Bliss": 4,
        "excess over HSA": 4,
        "excess over Loewe": 2,
        "IC50": 8,
        "EC50": 4,
        "dose ratio": 8,
        "Schild slope": 4,
        "pKB": 4,
        "area": 6,
        "peak": 6,
        "protection": 6,
    }
    assert all(each.low < each.high for each in intervals)


def test_intervals_of_all_runs_hold_the_truth_as_often_as_they_claim(
    intervals: list[Interval],
) -> None:
    held = sum(each.holds for each in intervals)
    assert held >= least(len(intervals)), (held, len(intervals))


@pytest.mark.parametrize(
    "kind",
    ["window", "inhibition", "own floor", "IC50", "dose ratio", "protection"],
)
def test_each_kind_holds_the_truth_as_often_as_it_claims(
    intervals: list[Interval], kind: str
) -> None:
    own = [each for each in intervals if each.kind == kind]
    held = sum(each.holds for each in own)
    assert held >= least(len(own)), (held, len(own))


def test_intervals_that_share_no_tube_hold_the_truth_as_often_as_they_claim(
    intervals: list[Interval],
) -> None:
    last = {each.block: each for each in intervals if each.kind == "inhibition"}
    held = sum(each.holds for each in last.values())
    assert held >= least(len(last)), (held, len(last))


@pytest.mark.parametrize("name", ["blockade", "signalling", "viability", "nfkb"])
def test_words_about_the_examples_count_their_tubes(
    name: str, request: pytest.FixtureRequest
) -> None:
    example = request.getfixturevalue(name)
    tubes = len(example.run.tubes)
    told = (example.folder / "assay.toml").read_text(encoding="utf-8")
    assert re.search(rf"\b{tubes} simulated\s+(#\s+)?tubes", told)
    page = Path(__file__).parents[2] / "docs" / "tutorials" / "the-examples.md"
    row = next(
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `il6_{name}` |")
    )
    assert row.endswith(f", {tubes} tubes |")
