"""Percent inhibition on simulated donors: how often the interval covers the truth.

    python -m benchmarks.inhibition.simulated [RUNS] [SEED]

Each run has 3 to 12 donors, 1 to 3 tubes per condition, a CV between tubes of 3 to 15 % and 200 to
20,000 cells; each donor has its own tonic level, weak to strong response and inhibition. Cells are
drawn and recorded (`stained_tubes.py`), gated and read as a run reads them: what is counted is the
whole chain. Unconditional coverage asks every donor, also those whose window is not told from zero:
there Fieller's set is not an interval, and the truth is inside when his inequality holds for it.
The standard error of a share is that over runs: donors of one run share a scatter.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assays.inhibition.arms import find_controls
from assays.inhibition.interval import quantile
from assays.inhibition.over_tubes import inhibitions
from assays.inhibition.spread import Spread, arm, spread_of
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition.stained_tubes import PROTOCOL, READOUT, Median, median_of, read, record

IL6, DRUG = Agent("IL-6", 10.0, "ng/mL"), (Agent("JAK2 inhibitor", 100.0, "nM"),)
STRENGTHS = (0.0, 2.0, 5.0, 10.0, 20.0, math.inf)
"""Bins of the true window in standard errors of its estimate."""
CELLS = (200.0, 600.0, 2000.0, 20_000.0)
TONIC = (0.0, 150.0, 400.0, math.inf)
"""Bins of the unstimulated median, a.u."""


@dataclass(frozen=True, slots=True)
class Donor:
    """What is true of one donor."""

    calm: Median
    driven: Median
    treated: Median
    stains: tuple[float, float, float]
    """Median stain of these, a.u."""

    @property
    def percent(self) -> float:
        """True inhibition; NaN without a response."""
        window = self.driven.value - self.calm.value
        return 100 * (self.driven.value - self.treated.value) / window if window else math.nan

    def strength(self, cv: float, cells: float, tubes: int) -> float:
        """True window over the standard error of its estimate."""
        variance = sum(
            (cv * one.value) ** 2 + 1 / (4 * cells * one.density**2)
            for one in (self.calm, self.driven)
        )
        return (self.driven.value - self.calm.value) / math.sqrt(variance / tubes)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One run: tubes as they were read, and what is true."""

    readings: list[Reading]
    donors: dict[str, Donor]
    cv: float
    cells: float
    """In the population, on average over tubes."""
    tubes: int


def draw_donor(rng: np.random.Generator, responds: bool) -> Donor:
    """Tonic level, response and inhibition; the treated stain lies as far as the share says."""
    low = math.exp(rng.uniform(math.log(40), math.log(1500)))
    gain = math.exp(rng.uniform(math.log(0.1), math.log(8))) if responds else 0.0
    share = float(rng.uniform(0, 1.1))
    calm, driven, treated = low, low * (1 + gain), low * (1 + gain * (1 - share))
    stains = (calm, driven, treated)
    return Donor(median_of(calm), median_of(driven), median_of(treated), stains)


def simulate(rng: np.random.Generator, tubes: int, responds: bool) -> Study:
    """Draw, record, gate and read one run."""
    cv = float(rng.uniform(0.03, 0.15))
    cells = math.exp(rng.uniform(math.log(CELLS[0]), math.log(CELLS[-1])))
    others = float(rng.uniform(0.1, 1.0))
    donors = {f"D{n}": draw_donor(rng, responds) for n in range(int(rng.integers(3, 13)))}
    recorded = []
    for name, donor in donors.items():
        for role, stain, stimulus, drugs in zip(
            (TubeRole.UNSTIMULATED, TubeRole.STIMULATED, TubeRole.TREATED),
            donor.stains, (None, IL6, IL6), ((), (), DRUG), strict=True,
        ):  # fmt: skip
            for number in range(tubes):
                tube = Tube(f"{name}{role}{number}", name, role, stimulus, drugs, "DMSO")
                n = int(cells * rng.uniform(0.9, 1.1))
                events = record(rng, tube.file, stain, n, int(others * n), cv=cv)
                recorded.append((tube, events))
    return Study(read(recorded), donors, cv, cells, tubes)


def covers(row: Inhibition, readings: list[Reading], truth: float, spread: Spread) -> bool:
    """Whether the truth lies in Fieller's set, be it an interval or not."""
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


class Tally:
    """Yes and no, by question and run."""

    def __init__(self) -> None:
        self._found: dict[str, list[list[int]]] = defaultdict(list)
        self.run = 0

    def note(self, question: str, yes: bool) -> None:
        """Count one donor of the present run."""
        own = self._found[question]
        if not own or own[-1][2] != self.run:
            own.append([0, 0, self.run])
        own[-1][0] += yes
        own[-1][1] += 1

    def share(self, question: str) -> tuple[float, float, int]:
        """Percent of yes, its standard error over runs, and how many were asked."""
        runs = np.array(self._found.get(question, []), dtype=float).reshape(-1, 3)
        asked = runs[:, 1].sum()
        if not asked:
            return math.nan, math.nan, 0
        p = runs[:, 0].sum() / asked
        error = math.sqrt(float(np.sum((runs[:, 0] - p * runs[:, 1]) ** 2))) / asked
        return 100 * p, 100 * error, int(asked)


def count(study: Study, responds: bool, tally: Tally) -> None:
    """Every donor of a run, under each question that it answers."""
    rows = inhibitions(study.readings, protocol=PROTOCOL)
    if study.tubes == 1:
        for row in rows:
            tally.note("one tube, no CV: not testable", row.status == "not testable")
        known = PROTOCOL.inhibition.model_copy(update={"tube_cv_percent": 100 * study.cv})
        protocol = PROTOCOL.model_copy(update={"inhibition": known})
        spread = spread_of(study.readings, protocol)
        for row in inhibitions(study.readings, protocol=protocol):
            truth = study.donors[row.donor].percent
            if responds:
                inside = covers(row, study.readings, truth, spread)
                tally.note("one tube, true CV declared, truth inside, every donor", inside)
            else:
                undefined = row.status.startswith("no activation")
                tally.note("one tube, true CV declared, no response: undefined", undefined)
        return
    spread = spread_of(study.readings, PROTOCOL)
    for row in rows:
        if responds:
            _responding(row, study, spread, tally)
        else:
            tally.note("no response: undefined", row.status.startswith("no activation"))


def _responding(row: Inhibition, study: Study, spread: Spread, tally: Tally) -> None:
    donor = study.donors[row.donor]
    inside = covers(row, study.readings, donor.percent, spread)
    tally.note(f"{study.tubes} tubes, truth inside, every donor", inside)
    tally.note(_bin("every donor, {} cells in the gate", study.cells, CELLS), inside)
    tally.note(_bin("every donor, unstimulated median {}", donor.calm.value, TONIC), inside)
    if row.status == "ok":
        strength = donor.strength(study.cv, study.cells, study.tubes)
        question = _bin("testable, window of {} standard errors", strength, STRENGTHS)
        tally.note(question, row.interval[0] <= donor.percent <= row.interval[1])


def _bin(text: str, value: float, edges: tuple[float, ...]) -> str:
    """The question with the bin that the value lies in."""
    for low, high in itertools.pairwise(edges):
        if value < high or high == edges[-1]:
            return text.format(f"{low:g} to {high:g}" if math.isfinite(high) else f"above {low:g}")
    raise ValueError(value)


def questions() -> Iterator[str]:
    """The lines of the table."""
    yield from (f"{tubes} tubes, truth inside, every donor" for tubes in (2, 3))
    for text, edges in (
        ("every donor, {} cells in the gate", CELLS),
        ("every donor, unstimulated median {}", TONIC),
        ("testable, window of {} standard errors", STRENGTHS),
    ):
        yield from (_bin(text, low, edges) for low in edges[:-1])
    yield "no response: undefined"
    yield "one tube, no CV: not testable"
    yield "one tube, true CV declared, truth inside, every donor"
    yield "one tube, true CV declared, no response: undefined"


def main(runs: int, seed: str) -> None:
    """Print the table."""
    rng = np.random.default_rng(np.frombuffer(seed.encode(), dtype=np.uint8))
    tally = Tally()
    for _ in range(runs):
        for tubes in (1, 2, 3):
            for responds in (True, False):
                tally.run += 1
                count(simulate(rng, tubes, responds), responds, tally)
    print(
        f"{runs} runs of each kind, seed {seed!r}; {READOUT.name} with cofactor {READOUT.cofactor}"
    )
    for question in questions():
        percent, error, asked = tally.share(question)
        print(f"{question:58} {percent:6.1f} % ± {error:3.1f}  of {asked}")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 300,
        *(sys.argv[2:3] or ["inhibition on simulated donors"]),
    )
