"""Simulate the phospho-flow tubes of this example: IL-6 and its blockade in CLL cells.

`assays demo` calls `write`; ``python generate.py`` writes the FCS files here, and `describe.py`
the sample sheet and the truth. The same bytes come out every time. Nothing here was
measured: every cell is drawn from a generator seeded by the tube's name.

Seven donors; D06 does not answer IL-6. Each has unstimulated and IL-6 tubes in duplicate with
DMSO, and one of each with IgG1 isotype; anti-IL-6R and a JAK2 inhibitor at their highest doses, in
D03, D04 and D07 at two, in D01 at six, and in D02 six of the JAK2 inhibitor, whose IC50 lies above
them; each inhibitor also without IL-6. D01 and D03 have both together, with and without IL-6: with
DMSO and IgG1, as each of the two has once more, and as their controls have in duplicate. Every
donor answers the positive controls, IL-10 in pSTAT3 and CD40L in p-p65. IL-6 acts for 15 min. NF-
kB is tonically on: p-p65 is high without IL-6, and the JAK2 inhibitor lowers a part of that by
itself. A tube of D07 was nearly lost and holds few cells, one of D02 too few for a number.

The donors are of those in il6_elisa, and `secretion.csv` holds what that run reports of them.
pSTAT3 without IL-6 was made to rise with the IL-6 that their cells release; p-p65 was not.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.workflow.messages import Progress
from assays.workflow.simulated_tubes import (
    BLOOD,
    DOUBLETS,
    SURFACE,
    SURFACE_SPREAD,
    Cytometer,
    Detector,
    Floats,
    blood_kinds,
    brightness,
    seeded,
    shapes,
    stick,
    write_tubes,
)

ANTIBODY, KINASE = "anti-IL-6R", "JAK2 inhibitor"
UNIT = {ANTIBODY: "ug/mL", KINASE: "nM"}
VEHICLE = {ANTIBODY: "IgG1 isotype", KINASE: "DMSO"}
BOTH = "DMSO + IgG1 isotype"
SERIES = {
    ANTIBODY: (0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    KINASE: (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
}
PAIR = {ANTIBODY: (1.0, 10.0), KINASE: (100.0, 1000.0)}
HIGHEST = {ANTIBODY: (10.0,), KINASE: (1000.0,)}
GIVEN = {
    "D01": SERIES,
    "D02": {ANTIBODY: HIGHEST[ANTIBODY], KINASE: SERIES[KINASE]},
    "D03": PAIR,
    "D04": PAIR,
    "D07": PAIR,
}
"""Doses by donor; the highest alone in all others."""
TOGETHER = {"D01": (0.3, 30.0), "D03": (1.0, 100.0)}
"""Doses of anti-IL-6R and of the JAK2 inhibitor in the same tube."""

VEHICLE_EFFECT = {"DMSO": (1.0, 0.93), "IgG1 isotype": (1.0, 1.0), BOTH: (1.0, 0.93)}
"""Factor on the unstimulated signal and on what IL-6 adds: why vehicles are matched."""
LARGEST_EFFECT = {ANTIBODY: (0.96, 0.92), KINASE: (0.98, 0.85)}
"""Share of the IL-6 response that a saturating dose removes, of pSTAT3 and of p-p65."""
TONIC_EFFECT = 0.12
"""Share of tonic p-p65 that a saturating dose of the JAK2 inhibitor removes by itself."""
POSITIVE = {"IL-10": (1700.0, 0.0), "CD40L": (0.0, 1900.0)}
"""What the positive controls add to pSTAT3 and to p-p65, in every donor."""
MINUTES = 15.0
"""How long every stimulus acts; il6_signalling follows IL-6 over time."""
TUBE_CV = 0.04
"""Of a readout's staining, from tube to tube."""
EVENTS = 1600
FEW = {("D07", True, 0.0, 1000.0): 520, ("D02", True, 0.0, 10.0): 120}
"""Events of the tubes that were nearly lost: donor, with IL-6, doses."""


class Donor(NamedTuple):
    """One CLL sample: signals are medians of CLL cells in arbitrary units."""

    name: str
    cll: float
    """Share of the living cells."""
    basal: tuple[float, float]
    """Of pSTAT3 and p-p65 without IL-6."""
    gain: tuple[float, float]
    """What IL-6 adds."""
    ic50: tuple[float, float]
    """Of anti-IL-6R in ug/mL and of the JAK2 inhibitor in nM, on the IL-6 response."""
    cd5: float
    """Median on the CLL cells."""


DONORS = (
    Donor("D01", 0.78, (300.0, 1250.0), (2700.0, 1500.0), (0.22, 42.0), 2100.0),
    Donor("D02", 0.84, (400.0, 1700.0), (1900.0, 1350.0), (0.35, 2600.0), 3400.0),
    Donor("D03", 0.70, (260.0, 980.0), (3300.0, 1250.0), (0.18, 75.0), 1700.0),
    Donor("D04", 0.88, (250.0, 2300.0), (1500.0, 1600.0), (0.30, 60.0), 2600.0),
    Donor("D06", 0.81, (210.0, 1550.0), (0.0, 0.0), (0.25, 80.0), 2300.0),
    Donor("D07", 0.66, (270.0, 1100.0), (2900.0, 1150.0), (0.15, 55.0), 1900.0),
    Donor("D08", 0.90, (235.0, 2000.0), (1150.0, 1450.0), (0.40, 150.0), 2900.0),
)

DETECTORS = (
    Detector("Pacific Blue-A", "CD3", 42.0, 9.0),
    Detector("Alexa Fluor 488-A", "CD5", 30.0, 4.0),
    Detector("PE-A", "p-p65", 28.0, 3.0),
    Detector("PerCP-Cy5-5-A", "CD19", 38.0, 8.0),
    Detector("Alexa Fluor 647-A", "pSTAT3", 30.0, 4.0),
    Detector("APC-H7-A", "Viability", 45.0, 10.0),
)
SPILLOVER = np.array(
    [
        [1.0, 0.012, 0.001, 0.0, 0.0, 0.0],
        [0.004, 1.0, 0.165, 0.031, 0.0, 0.0],
        [0.0, 0.014, 1.0, 0.215, 0.002, 0.001],
        [0.001, 0.0, 0.008, 1.0, 0.042, 0.095],
        [0.0, 0.0, 0.001, 0.018, 1.0, 0.128],
        [0.0, 0.0, 0.002, 0.011, 0.047, 1.0],
    ]
)
"""Row: fluorochrome, column: detector, as in ``$SPILLOVER``."""
CYTOMETER = Cytometer(DETECTORS, SPILLOVER)

SPREAD = {**SURFACE_SPREAD, "pSTAT3": 0.34, "p-p65": 0.32}
"""SD of the natural logarithm from cell to cell."""
RESPONDS = {"CLL": 1.0, "B": 0.6, "T": 1.6, "myeloid": 1.3, "dead": 0.1, "debris": 0.05}
"""How strongly each kind answers IL-6, beside the CLL cells."""


class Condition(NamedTuple):
    """One tube."""

    donor: Donor
    stimulated: bool
    doses: tuple[float, float]
    """Of anti-IL-6R and the JAK2 inhibitor; 0 for none."""
    vehicle: str
    replicate: int
    control: str = ""
    """Of `POSITIVE`, in place of IL-6; empty for none."""

    @property
    def file(self) -> str:
        """Name of the FCS file."""
        driven = self.control.replace("-", "") or "IL6"
        parts = [self.donor.name, driven if self.stimulated else "unstim"]
        names = ("aIL6R", "JAK2i")
        parts += [f"{n}-{d:g}" for n, d in zip(names, self.doses, strict=True) if d]
        if not any(self.doses) or (self.vehicle == BOTH and not all(self.doses)):
            parts.append(self.vehicle.replace(" isotype", "").replace(" + ", "-"))
        return "_".join([*parts, str(self.replicate)]) + ".fcs"


def conditions() -> list[Condition]:
    """Every tube, in the order of the sample sheet."""
    tubes = []
    for donor in DONORS:
        repeats = [("DMSO", 1), ("DMSO", 2), ("IgG1 isotype", 1)]
        if donor.name in TOGETHER:
            repeats += [(BOTH, 1), (BOTH, 2)]
        for stimulated in (False, True):
            tubes += [Condition(donor, stimulated, (0, 0), v, r) for v, r in repeats]
        tubes += [Condition(donor, True, (0, 0), "DMSO", 1, control) for control in POSITIVE]
        series = GIVEN.get(donor.name, HIGHEST)
        for agent, given in ((ANTIBODY, lambda d: (d, 0.0)), (KINASE, lambda d: (0.0, d))):
            tubes += [Condition(donor, True, given(d), VEHICLE[agent], 1) for d in series[agent]]
            tubes.append(Condition(donor, False, given(series[agent][-1]), VEHICLE[agent], 1))
        if donor.name in TOGETHER:
            antibody, kinase = TOGETHER[donor.name]
            arms = ((antibody, 0.0), (0.0, kinase), (antibody, kinase))
            tubes += [Condition(donor, True, doses, BOTH, 1) for doses in arms]
            tubes.append(Condition(donor, False, (antibody, kinase), BOTH, 1))
    return tubes


def blocked(donor: Donor, doses: tuple[float, float], readout: int) -> float:
    """Share of the IL-6 response that is removed; two inhibitors act independently."""
    left = 1.0
    for agent, dose, ic50 in zip((ANTIBODY, KINASE), doses, donor.ic50, strict=True):
        left *= 1.0 - LARGEST_EFFECT[agent][readout] * dose / (dose + ic50)
    return 1.0 - left


def signals(tube: Condition) -> tuple[float, float]:
    """Medians of pSTAT3 and p-p65 in CLL cells, without the scatter between tubes."""
    donor = tube.donor
    on_basal, on_gain = VEHICLE_EFFECT[tube.vehicle]
    found = []
    for readout in (0, 1):
        basal = donor.basal[readout] * on_basal
        if readout == 1:
            dose = tube.doses[1]
            basal *= 1.0 - TONIC_EFFECT * dose / (dose + 60.0)
        gain = donor.gain[readout] * on_gain * (1.0 - blocked(donor, tube.doses, readout))
        if tube.control:
            gain = POSITIVE[tube.control][readout]
        found.append(basal + (gain if tube.stimulated else 0.0))
    return found[0], found[1]


def generator(name: str) -> np.random.Generator:
    """Random numbers that depend on nothing but a name."""
    return seeded("il6_blockade", name)


def kinds_of(tube: Condition, rng: np.random.Generator) -> NDArray[np.str_]:
    """Kind of each cell of a tube."""
    n = FEW.get((tube.donor.name, tube.stimulated, *tube.doses), EVENTS)
    return blood_kinds(tube.donor.cll, n, rng)


def cells(
    tube: Condition, kinds: NDArray[np.str_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scatter, shape (n, 3): FSC-A, FSC-H, SSC-A; and fluorochromes, shape (n, 6)."""
    table = np.array([BLOOD[kind] for kind in kinds], dtype=np.float64)
    debris = kinds == "debris"
    size, scatter = shapes(table[:, :4], debris, rng)
    basal = signals(tube._replace(stimulated=False))
    full = signals(tube)
    responds = np.array([RESPONDS[kind] for kind in kinds])
    dim = np.where(debris, 0.15, 1.0)
    staining = np.exp(TUBE_CV * rng.standard_normal(2))
    medians = {name: table[:, column] for name, column in SURFACE.items()}
    for k, name in enumerate(("pSTAT3", "p-p65")):
        medians[name] = dim * (basal[k] + (full[k] - basal[k]) * responds) * staining[k]
    medians["CD5"] = np.where(kinds == "CLL", tube.donor.cd5, medians["CD5"])
    wider = np.where(kinds == "dead", 2.0, 1.0)
    colours = [
        brightness(medians[marker], wider * SPREAD[marker], size, rng)
        for marker in CYTOMETER.markers
    ]
    return scatter, np.column_stack(colours)


def tube_events(tube: Condition) -> tuple[Events, dict[str, int]]:
    """Events of one tube, and how many single living cells of each kind they hold."""
    rng = generator(tube.file)
    kinds = kinds_of(tube, rng)
    scatter, colours = cells(tube, kinds, rng)
    stuck = stick(scatter, colours, DOUBLETS, rng)
    seconds = 24.0 * len(kinds) / EVENTS
    events = CYTOMETER.record(tube.file, tube.donor.name, scatter, colours, seconds, rng)
    single = kinds[~stuck].tolist()
    return events, {kind: single.count(kind) for kind in BLOOD}


def write(folder: Path, progress: Progress | None = None) -> None:
    """Write the FCS files into ``folder/fcs``; files that are there already stay."""
    tubes = [(tube.file, partial(_events, tube)) for tube in conditions()]
    write_tubes(folder, tubes, progress)


def _events(tube: Condition) -> Events:
    return tube_events(tube)[0]


if __name__ == "__main__":
    write(Path(__file__).parent)
