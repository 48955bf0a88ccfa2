"""How often each of the other 95 % intervals of a run holds the truth, on simulated tubes.

    python benchmarks/inhibition/intervals.py [RUNS] [SEED] [PART]

Donors, tubes, scatter and response are drawn as in `simulated.py`: CV between tubes 3 to 15 %, 200
to 20,000 events, a tonic level, a weak to strong response, 2 or 3 tubes. Percent inhibition by
redrawing (bootstrap) and from the drug's own floor, the excess of a pair over Bliss, the better
single agent and Loewe, relative IC50, shift of an EC50 with Schild slope and pKB, spread between
donors, the mixed model, and Hodges-Lehmann, whose attained confidence differs with the donors.

Pairs come in three designs: one vehicle for all; arms and controls with both vehicles (DMSO and
isotype) beside the pair; arms with their own vehicle only. In half of the runs with two vehicles
DMSO does nothing, else it moves every signal by 10 to 20 %, up or down. For each the mean excess
is told beside the coverage: it is 0 where the expectation is right.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.donors.heterogeneity import heterogeneity
from assays.inhibition.donors.mixed_model import Matched, mixed_effect
from assays.inhibition.donors.signed_rank import hodges_lehmann
from assays.inhibition.over_tubes import dose_responses, inhibitions, with_loewe
from assays.inhibition.pairs.combination import SingleCurve, bliss, loewe
from assays.inhibition.shift.gaddum import fit_shift
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results.flow import Reading
from assays.results.inhibition import Inhibition as Row
from assays.samples import Agent, Tube, TubeRole

IL6, COFACTOR = Agent("IL-6", 10.0, "ng/mL"), 150.0
DMSO, ISOTYPE, BOTH = "DMSO", "IgG1", "DMSO + IgG1"
DESIGNS = {
    "one vehicle": (DMSO, DMSO, DMSO),
    "arms with both": (BOTH, BOTH, BOTH),
    "arms with their own": (DMSO, ISOTYPE, BOTH),
}
"""Vehicles of the arm of the small molecule, of the antibody's, and of the pair."""
Floats = NDArray[np.float64]
Interval = tuple[float, float]
Counts = Counter[tuple[str, bool]]
STRONG = 8.0
"""Standard errors of a window from which on the mean of ratios to it is told."""
MEANS: dict[str, list[float]] = {}
"""Excesses that are 0 where the expectation is right, percent points."""


def flow(interval: str = "fieller") -> Flow:
    """A protocol with one readout."""
    return Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=COFACTOR),),
        inhibition=Inhibition(interval=interval),  # type: ignore[arg-type]
    )


class Bench:
    """Tubes of one run: they share the scatter between tubes and the number of events."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.readings = rng, list[Reading]()
        self.cv = float(rng.uniform(0.03, 0.15))
        self.events = math.exp(rng.uniform(math.log(200), math.log(20_000)))
        self.tubes = int(rng.integers(2, 4))
        self.dmso = 1.0

    def let_dmso_act(self) -> str:
        """In every other run DMSO moves each signal by 10 to 20 %; says how."""
        if self.rng.random() < 0.5:
            return "DMSO inert"
        up = bool(self.rng.random() < 0.5)
        self.dmso = 1.0 + (1 if up else -1) * float(self.rng.uniform(0.1, 0.2))
        return f"DMSO {'raises' if up else 'lowers'} 10-20 %"

    def levels(self) -> tuple[float, float]:
        """Unstimulated and stimulated level of a donor, without and with response."""
        low = math.exp(self.rng.uniform(math.log(100), math.log(1500)))
        return low, low * (1 + math.exp(self.rng.uniform(math.log(0.1), math.log(8))))

    def read(
        self,
        donor: str,
        role: TubeRole,
        level: float,
        *drugs: Agent,
        n: int | None = None,
        vehicle: str = DMSO,
    ) -> None:
        """Replicate tubes of one condition; what DMSO does by itself comes on top of the level."""
        error = 1.2533 * 0.7 / math.sqrt(self.events)
        level *= self.dmso if DMSO in vehicle else 1.0
        stimulus = None if role in (TubeRole.UNSTIMULATED, TubeRole.INHIBITOR_ALONE) else IL6
        for number in range(n or self.tubes):
            between, within = self.rng.normal(0, self.cv), self.rng.normal(0, error)
            median = level * (1 + between) * math.exp(within)
            name = f"{donor}{role}{drugs}{vehicle}{number}"
            tube = Tube(name, donor, role, stimulus, drugs, vehicle)
            self.readings.append(
                Reading(
                    name, donor, tube, "pSTAT3", "CLL", "pSTAT3", int(self.events), median,
                    error * median, COFACTOR, math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip


def note(counts: Counts, name: str, interval: Interval, truth: float) -> None:
    """Count an interval that there is."""
    if not math.isnan(interval[0]):
        counts[name, interval[0] <= truth <= interval[1]] += 1


def controls(bench: Bench, donor: str, low: float, high: float, vehicles: set[str]) -> None:
    """Both anchors with each vehicle."""
    for vehicle in sorted(vehicles):
        bench.read(donor, TubeRole.UNSTIMULATED, low, vehicle=vehicle)
        bench.read(donor, TubeRole.STIMULATED, high, vehicle=vehicle)


def design_of(bench: Bench) -> tuple[str, tuple[str, str, str]]:
    """How the vehicles of a run are given, in words and for each arm."""
    name = str(bench.rng.choice(list(DESIGNS)))
    acts = f", {bench.let_dmso_act()}" if name != "one vehicle" else ""
    return name + acts, DESIGNS[name]


def floors_and_pairs(rng: np.random.Generator, counts: Counts) -> None:
    """Bootstrap, own floor, Bliss and the better single agent; testable windows only."""
    bench = Bench(rng)
    design, vehicles = design_of(bench)
    a, b = Agent("JAK2 inhibitor", 100.0, "nM"), Agent("anti-IL-6R", 10.0, "nM")
    first, second = rng.uniform(0.1, 0.95, 2)
    tonic, joint = float(rng.uniform(0.5, 1.0)), float(bliss(first, second))
    donors, floors = int(rng.integers(3, 13)), dict[str, float]()
    for donor in (f"D{number}" for number in range(donors)):
        low, high = bench.levels()
        controls(bench, donor, low, high, set(vehicles))
        bench.read(donor, TubeRole.INHIBITOR_ALONE, low * tonic, a, vehicle=vehicles[0])
        arms = ((first, (a,)), (second, (b,)), (joint, (a, b)))
        for (share, drugs), vehicle in zip(arms, vehicles, strict=True):
            level = high - share * (high - low)
            bench.read(donor, TubeRole.TREATED, level, *drugs, vehicle=vehicle)
        left = high - first * (high - low) - low * tonic
        floors[donor] = 100 * (1 - left / (high - low))
    for how in ("fieller", "bootstrap"):
        for row in inhibitions(bench.readings, protocol=flow(how)):
            if row.status != "ok":
                continue
            truth = 100 * (joint if len(row.inhibitors) == 2 else first)
            if row.inhibitors == (b,):
                truth = 100 * second
            note(counts, f"percent inhibition, {how}", row.interval, truth)
            if row.inhibitors == (a,):
                name = f"from the own floor, {how}"
                note(counts, name, row.own_floor_interval, floors[row.donor])
            if how == "fieller" and len(row.inhibitors) == 2:
                better = 100 * (joint - max(first, second))
                _note_pair(counts, row, design, better)


def _note_pair(counts: Counts, row: Row, design: str, better: float) -> None:
    note(counts, f"Bliss, {design}", row.excess_bliss_interval, 0.0)
    note(counts, f"HSA, {design}", row.excess_hsa_interval, better)
    against_own = f"Bliss, {design}: against own vehicles"
    apart = any(member.note for member in row.members)
    if apart:
        note(counts, against_own, row.excess_bliss_own_interval, 0.0)
    # A weak window makes ratios with long tails, whose mean says nothing.
    if row.window > STRONG * math.hypot(*row.standard_errors[1:]):
        MEANS.setdefault(f"Bliss, {design}", []).append(row.excess_bliss)
        if apart and math.isfinite(row.excess_bliss_own):
            MEANS.setdefault(against_own, []).append(row.excess_bliss_own)
    for member in row.members:
        low, high = member.own_off_interval
        if not math.isnan(low):
            counts[f"controls told apart, {design}", not low <= 0 <= high] += 1


def series_and_loewe(rng: np.random.Generator, counts: Counts) -> None:
    """Relative IC50 of two inhibitors in a donor, and Loewe of their pair."""
    bench = Bench(rng)
    doses = 10.0 ** (0.5 * np.arange(7))
    low, high = bench.levels()
    design, vehicles = design_of(bench)
    controls(bench, "D", low, high, set(vehicles))
    curves, agents = [], ("ruxolitinib", "tocilizumab")
    for name, vehicle in zip(agents, vehicles[:2], strict=True):
        one = SingleCurve(
            float(rng.uniform(0.75, 1.05)), math.exp(rng.uniform(math.log(5), math.log(200))),
            float(rng.uniform(0.7, 2.0)),
        )  # fmt: skip
        curves.append(one)
        for dose in doses.tolist():
            left = high - one.most * (high - low) / (1 + (one.half / dose) ** one.slope)
            bench.read("D", TubeRole.TREATED, left, Agent(name, dose, "nM"), vehicle=vehicle)
    joint = loewe(doses[2], doses[3], *curves)
    pair = tuple(
        Agent(name, float(doses[at]), "nM") for name, at in zip(agents, (2, 3), strict=True)
    )
    level = high - joint * (high - low)
    bench.read("D", TubeRole.TREATED, level, *pair, vehicle=vehicles[2])
    protocol = flow()
    found = dose_responses(bench.readings, protocol=protocol)
    for each, one in zip(found, curves, strict=True):
        note(counts, "relative IC50", each.relative_ic50_interval, one.half)
    rows = with_loewe(inhibitions(bench.readings, protocol=protocol), found, protocol=protocol)
    for row in rows:
        if len(row.inhibitors) == 2 and row.status == "ok":
            note(counts, "excess over Loewe", row.excess_loewe_interval, 0.0)
            note(counts, f"Loewe, {design}", row.excess_loewe_interval, 0.0)


def shifts(rng: np.random.Generator, counts: Counts) -> None:
    """EC50 with and without antagonist, Schild slope and pKB."""
    bench = Bench(rng)
    many = int(rng.integers(1, 4))
    antagonist = np.r_[0.0, 10.0 ** np.arange(many)]
    x, b = np.tile(np.r_[0.0, 10.0 ** np.arange(-1, 3.5, 0.5)], many + 1), np.repeat(antagonist, 10)
    low, high = bench.levels()
    slope = float(rng.uniform(0.8, 1.6))
    ec50 = 2.0 * (1 + b)
    share = np.where(x > 0, 1 / (1 + (ec50 / np.maximum(x, 1e-9)) ** slope), 0.0)
    y = (low + (high - low) * share) * np.exp(rng.normal(0, bench.cv, x.size))
    found = fit_shift(x, b, y, cofactor=COFACTOR)
    if found.status != "ok":
        return
    note(counts, "EC50 without antagonist", found.ec50_interval, 2.0)
    for each in found.moved:
        note(counts, "dose ratio", each.ratio_interval, 1 + each.dose)
    note(counts, "Schild slope", found.schild.slope_interval, 1.0)
    note(counts, "pA2", found.schild.pa2_interval, 0.0)
    note(counts, "pKB", found.schild.pkb_interval, 0.0)


def over_donors(rng: np.random.Generator, counts: Counts) -> None:
    """Spread between donors, mixed model with lost tubes, Hodges-Lehmann as attained."""
    n, tubes = int(rng.integers(3, 13)), int(rng.integers(2, 4))
    effect, between, tube = 1.0, float(rng.uniform(0, 0.6)), float(rng.uniform(0.03, 0.15))
    responses = effect + between * rng.normal(size=n)
    donors = []
    for at, response in enumerate(responses):
        level = rng.normal()
        control, treated = level + tube * rng.normal(size=(2, tubes))
        kept = tubes - int(rng.random() < 0.25)
        donors.append(Matched(f"D{at}", tuple(control), tuple(treated[:kept] + response)))
    note(counts, "mixed model, tubes lost", mixed_effect(donors).interval, effect)
    whole = responses + tube * math.sqrt(2 / tubes) * rng.normal(size=n)
    df = 2 * n * (tubes - 1)
    variance = tube**2 * rng.chisquare(df) / df * 2 / tubes
    spread = heterogeneity(list(whole), [variance] * n, df)
    note(counts, "SD between donors", spread.interval, between)
    next_one = effect + between * rng.normal() + tube * math.sqrt(2 / tubes) * rng.normal()
    note(counts, "next donor (prediction)", spread.prediction, next_one)
    location = hodges_lehmann(whole)
    attained = f"{100 * location.confidence:.4g} %" if n < 6 else "about 95 %"
    note(counts, f"Hodges-Lehmann, attains {attained}", location.interval, effect)


PARTS: tuple[tuple[Callable[[np.random.Generator, Counts], None], float], ...] = (
    (floors_and_pairs, 1.0),
    (series_and_loewe, 0.5),
    (shifts, 0.5),
    (over_donors, 20.0),
)
"""What is simulated, and how often for each run."""


def main(runs: int, seed: str, only: str = "") -> None:
    """Print the table, of one part (``shifts``) where one is named."""
    rng = np.random.default_rng(np.frombuffer(seed.encode(), dtype=np.uint8))
    counts: Counts = Counter()
    for part, times in PARTS:
        if only and part.__name__ != only:
            continue
        for _ in range(math.ceil(runs * times)):
            part(rng, counts)
    for name in dict.fromkeys(name for name, _ in counts):
        yes, no = counts[name, True], counts[name, False]
        print(f"{name:52} {100 * yes / (yes + no):6.1f} %  of {yes + no}")
    for name, values in MEANS.items():
        error = float(np.std(values)) / math.sqrt(len(values))
        mean = float(np.mean(values))
        print(f"mean excess over {name:66} {mean:+6.1f} ± {error:.1f}  of {len(values)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, *(sys.argv[2:4] or ["other intervals"]))
