"""IC50 on simulated dose series: how often its interval covers the truth, and how bounds are told.

    python benchmarks/inhibition/ic50.py [SERIES] [SEED]

Each run has 3 to 12 donors with a series each: 6 to 9 doses half a decade apart, 1 to 3 tubes per
dose, 2 or 3 of either control, a CV between tubes of 3 to 15 %, 200 to 20,000 events, a tonic
level, a weak to strong response, a slope of 0.7 to 2 and an inhibitor that removes 75 to 105 % of
the response at full effect. In six of ten the true IC50 lies between the doses, in two three- to
thirtyfold above, in two as far below. Unconditional coverage asks every series, also those whose
window is not told from zero.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose.order import OUT_OF_ORDER
from assays.inhibition.dose.response import TOO_WEAK, fit_dose_response
from assays.inhibition.dose.series import dose_responses
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DoseResponse
from assays.samples import Agent, Tube, TubeRole

IL6, COFACTOR = Agent("IL-6", 10.0, "ng/mL"), 150.0
ABOVE, BELOW = "> highest dose", "< lowest dose"
STRENGTHS = (0.0, 4.0, 10.0, math.inf)
"""Bins of the true window in standard errors of its estimate."""
PROTOCOL = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=COFACTOR),),
)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """One donor's series with its truth."""

    donor: str
    readings: list[Reading]
    where: str
    """``within``, ``above`` or ``below`` the doses."""
    ic50: float
    strength: float
    """True window over the standard error of its estimate."""
    tubes: int


def simulate(rng: np.random.Generator) -> list[Simulated]:
    """The donors of one run: they share their doses, events, and the scatter between tubes."""
    tubes = int(rng.integers(1, 4))
    cv = float(rng.uniform(0.03, 0.15))
    events = math.exp(rng.uniform(math.log(200), math.log(20_000)))
    doses = np.asarray(10.0 ** (0.5 * np.arange(int(rng.integers(6, 10)))), dtype=np.float64)
    donors = int(rng.integers(3, 13))
    return [_donor(rng, f"D{at}", tubes, cv, events, doses) for at in range(donors)]


def _donor(
    rng: np.random.Generator, donor: str, tubes: int, cv: float, events: float, doses: Floats
) -> Simulated:
    controls = max(2, tubes)
    low = math.exp(rng.uniform(math.log(100), math.log(1500)))
    high = low * (1 + math.exp(rng.uniform(math.log(0.1), math.log(8))))
    slope, most = float(rng.uniform(0.7, 2)), float(rng.uniform(0.75, 1.05))
    where = str(rng.choice(["within", "above", "below"], p=[0.6, 0.2, 0.2]))
    away = math.exp(rng.uniform(math.log(3), math.log(30)))
    within = math.exp(rng.uniform(math.log(doses[0]), math.log(doses[-1])))
    ic50 = {"within": within, "above": doses[-1] * away, "below": doses[0] / away}[where]
    # Half of the window is where (x / C) ** slope = 1 / (2 most - 1).
    c = ic50 * (2 * most - 1) ** (1 / slope)
    error = 1.2533 * 0.7 / math.sqrt(events)

    def read(role: TubeRole, level: float, dose: float, number: int) -> Reading:
        median = level * (1 + rng.normal(0, cv)) * math.exp(rng.normal(0, error))
        stimulus = None if role is TubeRole.UNSTIMULATED else IL6
        drug = (Agent("JAK2 inhibitor", dose, "nM"),) if dose else ()
        tube = Tube(f"{donor}{role}{dose}{number}", donor, role, stimulus, drug, "DMSO")
        return Reading(
            tube.file, donor, tube, "pSTAT3", "CLL", "pSTAT3", int(events), median,
            error * median, COFACTOR, math.nan, math.nan, math.nan, "", "ok",
        )  # fmt: skip

    readings = [read(TubeRole.UNSTIMULATED, low, 0.0, n) for n in range(controls)]
    readings += [read(TubeRole.STIMULATED, high, 0.0, n) for n in range(controls)]
    for dose in doses.tolist():
        level = high - most * (high - low) / (1 + (c / dose) ** slope)
        readings += [read(TubeRole.TREATED, level, dose, n) for n in range(tubes)]
    spread = math.hypot(low, high) * math.hypot(cv, error)
    return Simulated(
        donor, readings, where, ic50, (high - low) / (spread / math.sqrt(controls)), tubes
    )


def ends_of_every_series(readings: list[Reading]) -> tuple[float, float]:
    """The interval that the tubes give, whether or not their window is told from zero."""
    by_role: dict[TubeRole, list[Reading]] = {}
    for each in readings:
        by_role.setdefault(each.tube.role, []).append(each)
    top, treated = by_role[TubeRole.STIMULATED], by_role[TubeRole.TREATED]
    return fit_dose_response(
        [0.0] * len(top) + [each.tube.inhibitors[0].dose for each in treated],
        [each.median for each in (*top, *treated)],
        unstimulated=[each.median for each in by_role[TubeRole.UNSTIMULATED]],
        cofactor=COFACTOR,
    ).interval


def main(series: int, seed: str) -> None:
    """Print the table."""
    rng = np.random.default_rng(np.frombuffer(seed.encode(), dtype=np.uint8))
    counts: Counter[str] = Counter()
    done = 0
    while done < series:
        donors = simulate(rng)
        done += len(donors)
        tubes = [reading for one in donors for reading in one.readings]
        found = {each.donor: each for each in dose_responses(tubes, protocol=PROTOCOL)}
        for one in donors:
            _count(one, found[one.donor], counts)
    _table(counts)


def _count(one: Simulated, found: DoseResponse, counts: Counter[str]) -> None:
    testable = not found.status.startswith("no activation")
    low, high = found.ic50_interval if testable else ends_of_every_series(one.readings)
    inside = low <= one.ic50 <= high
    counts[f"every {inside}"] += 1
    counts[f"every {one.where} {inside}"] += 1
    if not testable:
        return
    strength = max(edge for edge in STRENGTHS if edge <= one.strength)
    counts[f"testable {inside}"] += 1
    counts[f"testable {one.where} {inside}"] += 1
    if one.where == "within":
        counts[f"tubes {one.tubes} {inside}"] += 1
        counts[f"strength {strength} {inside}"] += 1
        counts[f"number {found.status == 'ok'}"] += 1
        counts[f"number {strength} {found.status == 'ok'}"] += 1
    else:
        counts[f"no number {math.isnan(found.ic50)}"] += 1
        counts[f"no number {strength} {math.isnan(found.ic50)}"] += 1
    counts[f"turned {found.disorder is not None}"] += 1
    known = found.status not in (TOO_WEAK, OUT_OF_ORDER)
    counts[f"known {known}"] += 1
    counts[f"known {strength} {known}"] += 1
    if not known:
        return
    counts[f"some {inside}"] += 1
    if one.where == "within":
        counts[f"bound {found.status in (ABOVE, BELOW)}"] += 1
    else:
        said = found.status == (ABOVE if one.where == "above" else BELOW)
        counts[f"called {one.where} {said}"] += 1
        counts[f"called {said}"] += 1
        counts[f"called {strength} {said}"] += 1


def _table(counts: Counter[str]) -> None:
    _print("truth inside, every series", counts, "every")
    for where in ("within", "above", "below"):
        _print(f"  IC50 {where} the doses", counts, f"every {where}")
    _print("truth inside, window declared testable", counts, "testable")
    for where in ("within", "above", "below"):
        _print(f"  IC50 {where} the doses", counts, f"testable {where}")
    for tubes in (1, 2, 3):
        _print(f"  within, {tubes} tubes per dose", counts, f"tubes {tubes}")
    for low, high in itertools.pairwise(STRENGTHS):
        name = f"  within, window of {low:g} to {high:g} standard errors"
        _print(name, counts, f"strength {low}")
    for name, key in (
        ("IC50 within the doses: told as a number", "number"),
        ("IC50 threefold or more outside: no number given", "no number"),
        ("window strong enough to refuse a dose as the IC50", "known"),
    ):
        _print(name, counts, key)
        _by_strength(counts, key)
    _print("told as out of order, though every series is in order", counts, "turned")
    print("of those whose window is strong enough")
    _print("  truth inside", counts, "some")
    _print("  IC50 within the doses: told as a bound", counts, "bound")
    _print("  IC50 threefold or more outside: told as the right bound", counts, "called")
    for where in ("above", "below"):
        _print(f"    {where} the doses", counts, f"called {where}")
    _by_strength(counts, "called")


def _by_strength(counts: Counter[str], key: str) -> None:
    for low, high in itertools.pairwise(STRENGTHS):
        _print(f"    window of {low:g} to {high:g} standard errors", counts, f"{key} {low}")


def _print(name: str, counts: Counter[str], key: str) -> None:
    yes, no = counts[f"{key} True"], counts[f"{key} False"]
    share = f"{100 * yes / (yes + no):6.1f} %" if yes + no else "     –  "
    print(f"{name:58} {share}  of {yes + no}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500, *(sys.argv[2:3] or ["dose series"]))
