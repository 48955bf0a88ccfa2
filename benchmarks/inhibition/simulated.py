"""Percent inhibition on simulated donors: how often the interval covers the truth.

    python benchmarks/inhibition/simulated.py [RUNS] [SEED]

Each run has 3 to 12 donors, 2 or 3 tubes per condition, a CV between tubes of 3 to 15 %, 200 to
20,000 events, a tonic level and a weak to strong response. Unconditional coverage asks every
donor, also those whose window is not told from zero: there Fieller's set is not an
interval, and the truth is inside when his inequality holds for it.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections import Counter

import numpy as np

from assays.inhibition.arms import find_controls
from assays.inhibition.interval import quantile
from assays.inhibition.over_tubes import inhibitions
from assays.inhibition.spread import arm, spread_of
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition
from assays.samples import Agent, Tube, TubeRole

IL6, DRUG = Agent("IL-6", 10.0, "ng/mL"), (Agent("JAK2 inhibitor", 100.0, "nM"),)
COFACTOR = 150.0
STRENGTHS = (0.0, 2.0, 5.0, 10.0, 20.0, math.inf)
"""Bins of the true window in standard errors of its estimate."""

PROTOCOL = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
)


def simulate(
    rng: np.random.Generator, tubes: int, responds: bool
) -> tuple[list[Reading], float, float, float]:
    """Readings of one run; true percent inhibition, CV between tubes, and window over its SE."""
    donors, cv = int(rng.integers(3, 13)), float(rng.uniform(0.03, 0.15))
    events = math.exp(rng.uniform(math.log(200), math.log(20_000)))
    low = math.exp(rng.uniform(math.log(100), math.log(1500)))
    high = low * (1 + math.exp(rng.uniform(math.log(0.1), math.log(8)))) if responds else low
    truth = float(rng.uniform(0, 110))
    treated = high - truth / 100 * (high - low)
    readings = []
    for donor in (f"D{number}" for number in range(donors)):
        for role, level, stimulus, inhibitors in (
            (TubeRole.UNSTIMULATED, low, None, ()),
            (TubeRole.STIMULATED, high, IL6, ()),
            (TubeRole.TREATED, treated, IL6, DRUG),
        ):
            for number in range(tubes):
                # The median of lognormal events of SD 0.7 has this standard error.
                error = 1.2533 * 0.7 / math.sqrt(events)
                between, within = rng.normal(0, cv), rng.normal(0, error)
                median = level * (1 + between) * math.exp(within)
                tube = Tube(f"{donor}{role}{number}", donor, role, stimulus, inhibitors, "DMSO")
                readings.append(
                    Reading(
                        tube.file, donor, tube, "pSTAT3", "CLL", "pSTAT3", int(events), median,
                        error * median, COFACTOR, math.nan, math.nan, math.nan, "", "ok",
                    )
                )  # fmt: skip
    spread = math.hypot(low, high) * math.hypot(cv, 1.2533 * 0.7 / math.sqrt(events))
    return readings, truth, cv, (high - low) / (spread / math.sqrt(tubes))


def covers(row: Inhibition, readings: list[Reading], truth: float, protocol: Flow) -> bool:
    """Whether the truth lies in Fieller's set, be it an interval or not."""
    spread = spread_of(readings, protocol)
    own = [one for one in readings if one.donor == row.donor]
    treated = [one for one in own if one.tube.role is TubeRole.TREATED]
    controls = find_controls(treated[0], readings, {})
    i, s, u = (
        arm(tubes, spread, "linear")
        for tubes in (treated, controls.stimulated, controls.unstimulated)
    )
    r = truth / 100
    off = (s.mean - i.mean) - r * (s.mean - u.mean)
    variance = i.variance + (1 - r) ** 2 * s.variance + r**2 * u.variance
    return abs(off) <= quantile(row.level, row.df) * math.sqrt(variance)


def main(runs: int, seed: str) -> None:
    """Print the table."""
    rng = np.random.default_rng(np.frombuffer(seed.encode(), dtype=np.uint8))
    counts: Counter[str] = Counter()
    for _ in range(runs):
        for tubes in (1, 2, 3):
            for responds in (True, False):
                _one_run(rng, tubes, responds, counts)
    for tubes in (2, 3):
        _print(f"{tubes} tubes, truth inside, every donor", counts, f"inside {tubes}")
    for low, high in itertools.pairwise(STRENGTHS):
        name = f"testable, window of {low:g} to {high:g} standard errors"
        _print(name, counts, f"strength {low}")
    _print("no response: undefined", counts, "undefined")
    _print("one tube, no CV: not testable", counts, "single")
    _print("one tube, true CV declared, truth inside, every donor", counts, "declared")


def _one_run(rng: np.random.Generator, tubes: int, responds: bool, counts: Counter[str]) -> None:
    readings, truth, cv, strength = simulate(rng, tubes, responds)
    rows = inhibitions(readings, protocol=PROTOCOL)
    if tubes == 1:
        for row in rows:
            counts[f"single {row.status == 'not testable'}"] += 1
        known = PROTOCOL.inhibition.model_copy(update={"tube_cv_percent": 100 * cv})
        protocol = PROTOCOL.model_copy(update={"inhibition": known})
        for row in inhibitions(readings, protocol=protocol) if responds else ():
            counts[f"declared {covers(row, readings, truth, protocol)}"] += 1
        return
    for row in rows:
        if not responds:
            counts[f"undefined {row.status.startswith('no activation')}"] += 1
            continue
        inside = covers(row, readings, truth, PROTOCOL)
        counts[f"inside {tubes} {inside}"] += 1
        if row.status == "ok":
            low = max(edge for edge in STRENGTHS if edge <= strength)
            counts[f"strength {low} {row.interval[0] <= truth <= row.interval[1]}"] += 1


def _print(name: str, counts: Counter[str], key: str) -> None:
    yes, no = counts[f"{key} True"], counts[f"{key} False"]
    share = f"{100 * yes / (yes + no):6.1f} %" if yes + no else "     –  "
    print(f"{name:58} {share}  of {yes + no}")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 400,
        *(sys.argv[2:3] or ["inhibition on simulated donors"]),
    )
