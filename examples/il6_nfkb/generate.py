"""Simulate one set of tubes after one experiment: NF-kB in the CLL cells of one donor.

`assays demo` calls `write`; ``python generate.py`` writes the FCS files here, and `describe.py`
the sample sheet and the truth. The same bytes come out every time. Nothing here was
measured: every cell is drawn from a generator seeded by the tube's name.

One tube per condition, so that the run itself cannot tell how far tubes lie apart: `assay.toml`
declares it. The cytometer and its dyes are those of il6_blockade, with p65 phosphorylated at
Ser536 in place of pSTAT3. IL-6 acts for 5 to 120 min; after it an IKK2 inhibitor at six doses.
IKK phosphorylates Ser536, so that 5 nM of the inhibitor halve that answer: less than the lowest
dose. Ser529 belongs to another kinase and takes sixty times as much. CD40L is the positive control.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.workflow.demo import load_generator
from assays.workflow.messages import Progress
from assays.workflow.simulated_tubes import (
    BLOOD,
    DOUBLETS,
    SURFACE,
    SURFACE_SPREAD,
    Cytometer,
    Floats,
    blood_kinds,
    brightness,
    seeded,
    shapes,
    stick,
    write_tubes,
)

blockade = load_generator(Path(__file__).parent.parent / "il6_blockade")

DONOR, CLL, CD5 = "D05", 0.82, 2200.0
"""Name, share of the living cells that is leukaemic, median CD5 on these."""
EVENTS = 1600
TUBE_CV = 0.04
"""Of a readout's staining, from tube to tube."""
AGENT, UNIT, VEHICLE = "IKK2 inhibitor", "nM", "DMSO"
DOSES = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
USUAL_TIME = 15.0
COURSE = (5.0, 15.0, 30.0, 60.0, 120.0)
"""Minutes of IL-6."""


class Site(NamedTuple):
    """One residue of p65; medians of CLL cells in arbitrary units."""

    marker: str
    basal: float
    """Without IL-6: NF-kB is tonically on."""
    gain: float
    """What IL-6 adds at most."""
    ic50: float
    """Of the inhibitor on the answer to IL-6, nM; its full effect is all of it."""
    reached: dict[float, float]
    """Share of `gain` by minutes."""
    cd40l: float
    """What the positive control adds."""


SITES = (
    Site("pS529", 1300, 1700, 300, {5: 0.35, 15: 0.8, 30: 1.0, 60: 0.5, 120: 0.15}, 1900),
    Site("pS536", 600, 2400, 5, {5: 0.7, 15: 1.0, 30: 0.6, 60: 0.25, 120: 0.1}, 2100),
)
SPREAD = {**SURFACE_SPREAD, "pS529": 0.32, "pS536": 0.34}
"""SD of the natural logarithm from cell to cell."""
_INSTEAD = {"p-p65": "pS529", "pSTAT3": "pS536"}
CYTOMETER = Cytometer(
    tuple(
        each._replace(marker=_INSTEAD.get(each.marker, each.marker)) for each in blockade.DETECTORS
    ),
    blockade.SPILLOVER,
)


class Condition(NamedTuple):
    """One tube."""

    stimulus: str = ""
    """``IL-6``, ``CD40L``, or none."""
    minutes: float = USUAL_TIME
    dose: float = 0.0
    """Of the inhibitor, nM; 0 for none."""

    @property
    def file(self) -> str:
        """Name of the FCS file."""
        parts = [DONOR, self.stimulus.replace("-", "") or "unstim"]
        if self.stimulus:
            parts.append(f"{self.minutes:g}min")
        return "_".join([*parts, f"IKK2i-{self.dose:g}" if self.dose else VEHICLE]) + ".fcs"


def conditions() -> list[Condition]:
    """Every tube, in the order of the sample sheet."""
    return [
        Condition(),
        *(Condition("IL-6", minutes) for minutes in COURSE),
        *(Condition("IL-6", USUAL_TIME, dose) for dose in DOSES),
        Condition(dose=DOSES[-1]),
        Condition("CD40L"),
    ]


def signals(tube: Condition) -> dict[str, float]:
    """Medians in CLL cells by marker, without the scatter between tubes."""
    found = {}
    for site in SITES:
        left = 1.0 - tube.dose / (tube.dose + site.ic50)
        gain = {"IL-6": site.gain * site.reached[tube.minutes] * left, "CD40L": site.cd40l}
        found[site.marker] = site.basal + gain.get(tube.stimulus, 0.0)
    return found


def cells(
    tube: Condition, kinds: NDArray[np.str_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scatter, shape (n, 3): FSC-A, FSC-H, SSC-A; and dyes on the cells, shape (n, 6)."""
    table = np.array([BLOOD[kind] for kind in kinds], dtype=np.float64)
    debris = kinds == "debris"
    size, scatter = shapes(table[:, :4], debris, rng)
    medians = {name: table[:, column] for name, column in SURFACE.items()}
    medians["CD5"] = np.where(kinds == "CLL", CD5, medians["CD5"])
    calm, now = signals(Condition()), signals(tube)
    responds = np.array([blockade.RESPONDS[kind] for kind in kinds])
    dim = np.where(debris, 0.15, 1.0)
    for site in SITES:
        staining = np.exp(TUBE_CV * rng.standard_normal())
        level = calm[site.marker] + (now[site.marker] - calm[site.marker]) * responds
        medians[site.marker] = dim * level * staining
    wider = np.where(kinds == "dead", 2.0, 1.0)
    colours = [
        brightness(medians[marker], wider * SPREAD[marker], size, rng)
        for marker in CYTOMETER.markers
    ]
    return scatter, np.column_stack(colours)


def tube_events(tube: Condition) -> tuple[Events, dict[str, int]]:
    """Events of one tube, and how many single cells of each kind they hold."""
    rng = seeded("il6_nfkb", tube.file)
    kinds = blood_kinds(CLL, EVENTS, rng)
    scatter, colours = cells(tube, kinds, rng)
    stuck = stick(scatter, colours, DOUBLETS, rng)
    events = CYTOMETER.record(tube.file, DONOR, scatter, colours, 24.0, rng)
    single = kinds[~stuck].tolist()
    return events, {kind: single.count(kind) for kind in BLOOD}


def write(folder: Path, progress: Progress | None = None) -> None:
    """Write the FCS files into ``folder/fcs``; files that are there already stay."""
    write_tubes(folder, [(tube.file, partial(_events, tube)) for tube in conditions()], progress)


def _events(tube: Condition) -> Events:
    return tube_events(tube)[0]


if __name__ == "__main__":
    write(Path(__file__).parent)
