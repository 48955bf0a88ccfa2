"""Simulate the phospho-flow tubes of this example: IL-6 and its blockade in CLL cells.

`assays demo` calls `write`; ``python generate.py`` writes the FCS files here, and `describe.py`
the sample sheet and the truth. The same bytes come out every time. Nothing here was
measured: every cell is drawn from a generator seeded by the tube's name.

Eight donors; D06 does not answer IL-6. Each has unstimulated and IL-6 tubes in duplicate with
DMSO, and one of each with IgG1 isotype; anti-IL-6R and a JAK2 inhibitor at two doses, in D01
and D02 at seven; each inhibitor alone at its highest dose; in D01 and D03 both together. In
D02 the JAK2 inhibitor's IC50 lies above its highest dose. Every donor answers the positive
controls, IL-10 in pSTAT3 and CD40L in p-p65. IL-6 acts for 15 min, in D03 and D05 also for 5, 30
and 60. NF-kB is tonically on: p-p65 is high without
IL-6, and the JAK2 inhibitor lowers a part of that by itself. One tube of D07 was nearly lost
and holds few cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assays.flow import fcs
from assays.flow.events import Channel, Events, Spillover

Floats = NDArray[np.float64]

ANTIBODY, KINASE = "anti-IL-6R", "JAK2 inhibitor"
UNIT = {ANTIBODY: "ug/mL", KINASE: "nM"}
VEHICLE = {ANTIBODY: "IgG1 isotype", KINASE: "DMSO"}
BOTH = "DMSO + IgG1 isotype"
SERIES = {
    ANTIBODY: (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    KINASE: (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
}
PAIR = {ANTIBODY: (1.0, 10.0), KINASE: (100.0, 1000.0)}
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
COURSE = {"D03": (5.0, 30.0, 60.0), "D05": (5.0, 30.0, 60.0)}
"""Minutes of IL-6 beside the usual 15, in DMSO."""
REACHED = {5.0: 0.55, 15.0: 1.0, 30.0: 0.85, 60.0: 0.4}
"""Share of the response at 15 min, by minutes."""
TUBE_CV = 0.04
"""Of a readout's staining, from tube to tube."""
EVENTS = 3600
FEW = {("D07", KINASE, 1000.0): 520}


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
    Donor("D01", 0.78, (260.0, 1250.0), (2700.0, 1500.0), (0.22, 42.0), 2100.0),
    Donor("D02", 0.84, (310.0, 1700.0), (1900.0, 1350.0), (0.35, 2600.0), 3400.0),
    Donor("D03", 0.70, (230.0, 980.0), (3300.0, 1250.0), (0.18, 75.0), 1700.0),
    Donor("D04", 0.88, (420.0, 2300.0), (1500.0, 1600.0), (0.30, 60.0), 2600.0),
    Donor("D05", 0.74, (280.0, 1400.0), (2200.0, 1700.0), (0.26, 110.0), 4200.0),
    Donor("D06", 0.81, (350.0, 1550.0), (0.0, 0.0), (0.25, 80.0), 2300.0),
    Donor("D07", 0.66, (250.0, 1100.0), (2900.0, 1150.0), (0.15, 55.0), 1900.0),
    Donor("D08", 0.90, (330.0, 2000.0), (1150.0, 1450.0), (0.40, 150.0), 2900.0),
)

# Detector, marker, width of its electronic noise, units per photoelectron.
DETECTORS = (
    ("Pacific Blue-A", "CD3", 42.0, 9.0),
    ("Alexa Fluor 488-A", "CD5", 30.0, 4.0),
    ("PE-A", "p-p65", 28.0, 3.0),
    ("PerCP-Cy5-5-A", "CD19", 38.0, 8.0),
    ("Alexa Fluor 647-A", "pSTAT3", 30.0, 4.0),
    ("APC-H7-A", "Viability", 45.0, 10.0),
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

# Kind of cell: FSC-A, its CV, SSC-A, its CV, then CD3, CD5, CD19 and Viability as medians.
KINDS = {
    "CLL": (74_000, 0.085, 21_000, 0.20, 70, 2100, 5200, 130),
    "B": (79_000, 0.090, 23_000, 0.20, 70, 90, 8800, 130),
    "T": (82_000, 0.085, 24_000, 0.20, 9200, 13_000, 75, 130),
    "myeloid": (128_000, 0.110, 78_000, 0.22, 110, 120, 110, 190),
    "dead": (60_000, 0.140, 38_000, 0.28, 160, 1700, 3000, 15_000),
    "debris": (17_000, 0.340, 9_000, 0.40, 60, 80, 90, 420),
}
SPREAD = {"CD3": 0.30, "CD5": 0.38, "CD19": 0.34, "Viability": 0.38, "pSTAT3": 0.34, "p-p65": 0.32}
"""SD of the natural logarithm from cell to cell."""
RESPONDS = {"CLL": 1.0, "B": 0.6, "T": 1.6, "myeloid": 1.3, "dead": 0.1, "debris": 0.05}
"""How strongly each kind answers IL-6, beside the CLL cells."""
DOUBLETS, DEAD, DEBRIS = 0.045, 0.07, 0.11
THRESHOLD = 8_000.0
"""FSC-A below which the cytometer records nothing."""


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
    minutes: float = 15.0
    """How long the stimulus acts."""

    @property
    def file(self) -> str:
        """Name of the FCS file."""
        driven = self.control.replace("-", "") or "IL6"
        parts = [self.donor.name, driven if self.stimulated else "unstim"]
        names = ("aIL6R", "JAK2i")
        parts += [f"{n}-{d:g}" for n, d in zip(names, self.doses, strict=True) if d]
        if self.minutes != 15.0:
            parts.append(f"{self.minutes:g}min")
        if not any(self.doses):
            parts.append(self.vehicle.replace(" isotype", "").replace(" + ", "+"))
        return "_".join([*parts, str(self.replicate)]) + ".fcs"


def conditions() -> list[Condition]:
    """Every tube, in the order of the sample sheet."""
    tubes = []
    for donor in DONORS:
        repeats = [("DMSO", 1), ("DMSO", 2), ("IgG1 isotype", 1)]
        if donor.name in TOGETHER:
            repeats.append((BOTH, 1))
        for stimulated in (False, True):
            tubes += [Condition(donor, stimulated, (0, 0), v, r) for v, r in repeats]
        for minutes in COURSE.get(donor.name, ()):
            tubes.append(Condition(donor, True, (0, 0), "DMSO", 1, minutes=minutes))
        tubes += [Condition(donor, True, (0, 0), "DMSO", 1, control) for control in POSITIVE]
        doses = SERIES if donor.name in ("D01", "D02") else PAIR
        for agent, given in ((ANTIBODY, lambda d: (d, 0.0)), (KINASE, lambda d: (0.0, d))):
            tubes += [Condition(donor, True, given(d), VEHICLE[agent], 1) for d in doses[agent]]
            tubes.append(Condition(donor, False, given(doses[agent][-1]), VEHICLE[agent], 1))
        if donor.name in TOGETHER:
            tubes.append(Condition(donor, True, TOGETHER[donor.name], BOTH, 1))
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
        gain *= REACHED[tube.minutes]
        found.append(basal + (gain if tube.stimulated else 0.0))
    return found[0], found[1]


def generator(name: str) -> np.random.Generator:
    """Random numbers that depend on nothing but a name."""
    digest = hashlib.sha256(f"il6_blockade, {name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def kinds_of(tube: Condition, rng: np.random.Generator) -> list[str]:
    """Kind of each cell of a tube."""
    lost = [d for (name, _, d) in FEW if name == tube.donor.name]
    n = FEW[(tube.donor.name, KINASE, lost[0])] if lost and tube.doses == (0.0, lost[0]) and (
        tube.stimulated
    ) else EVENTS  # fmt: skip
    living = 1.0 - DEAD - DEBRIS
    rest = 1.0 - tube.donor.cll
    share = {
        "CLL": living * tube.donor.cll,
        "B": living * rest * 0.10,
        "T": living * rest * 0.72,
        "myeloid": living * rest * 0.18,
        "dead": DEAD,
        "debris": DEBRIS,
    }
    return [str(kind) for kind in rng.choice(list(share), size=n, p=list(share.values()))]


def cells(tube: Condition, kinds: list[str], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Scatter, shape (n, 3): FSC-A, FSC-H, SSC-A; and fluorochromes, shape (n, 6)."""
    table = np.array([KINDS[kind] for kind in kinds], dtype=np.float64)
    n = len(kinds)
    size = rng.standard_normal(n)
    fsc = table[:, 0] * np.exp(table[:, 1] * size)
    ssc = table[:, 2] * np.exp(table[:, 3] * (0.4 * size + 0.92 * rng.standard_normal(n)))
    debris = np.isin(kinds, ["debris"])
    # Debris has no typical size: it thins out from the trigger threshold upwards.
    fsc[debris] = THRESHOLD + rng.exponential(6_000.0, int(debris.sum()))
    height = 0.78 * fsc * (1.0 + 0.028 * rng.standard_normal(n))
    basal = signals(tube._replace(stimulated=False))
    full = signals(tube)
    responds = np.array([RESPONDS[kind] for kind in kinds])
    dim = np.where(debris, 0.15, 1.0)
    staining = np.exp(TUBE_CV * rng.standard_normal(2))
    medians = {name: table[:, k] for k, name in enumerate(("CD3", "CD5", "CD19", "Viability"), 4)}
    for k, name in enumerate(("pSTAT3", "p-p65")):
        medians[name] = dim * (basal[k] + (full[k] - basal[k]) * responds) * staining[k]
    markers = [marker for _, marker, _, _ in DETECTORS]
    medians["CD5"] = np.where(np.isin(kinds, ["CLL"]), tube.donor.cd5, medians["CD5"])
    colours = np.empty((n, len(markers)))
    for k, marker in enumerate(markers):
        spread = np.where(np.isin(kinds, ["dead"]), 2.0, 1.0) * SPREAD[marker]
        # A larger cell carries more of everything.
        shared = 0.35 * size + 0.94 * rng.standard_normal(n)
        colours[:, k] = medians[marker] * np.exp(spread * shared)
    return np.column_stack([fsc, height, ssc]), colours


def stick(scatter: Floats, colours: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Turn some cells into doublets with a neighbour, in place: area adds, height hardly."""
    n = len(scatter)
    first = rng.random(n) < DOUBLETS
    partner = rng.integers(0, n, size=n)
    heights = np.maximum(scatter[:, 1], scatter[partner, 1]) * (1.0 + 0.12 * rng.random(n))
    scatter[first] = (scatter + scatter[partner])[first]
    scatter[first, 1] = heights[first]
    colours[first] = (colours + colours[partner])[first]
    return first


def detect(colours: Floats, rng: np.random.Generator) -> Floats:
    """What the detectors see: spillover, counting of photoelectrons, electronic noise."""
    seen = colours @ SPILLOVER
    noise = np.array([width for _, _, width, _ in DETECTORS])
    per_electron = np.array([units for _, _, _, units in DETECTORS])
    variance = noise**2 + per_electron * seen
    return np.asarray(seen + np.sqrt(variance) * rng.standard_normal(seen.shape))


def tube_events(tube: Condition) -> tuple[Events, dict[str, int]]:
    """Events of one tube, and how many single living cells of each kind they hold."""
    rng = generator(tube.file)
    kinds = kinds_of(tube, rng)
    scatter, colours = cells(tube, kinds, rng)
    stuck = stick(scatter, colours, rng)
    ticks = np.sort(rng.random(len(kinds))) * 100.0 * 24.0 * len(kinds) / EVENTS
    values = np.column_stack([scatter, detect(colours, rng), np.floor(ticks)])
    values[:, :-1] = np.minimum(values[:, :-1], 262_143.0)
    names = ["FSC-A", "FSC-H", "SSC-A", *(name for name, _, _, _ in DETECTORS), "Time"]
    markers = [None, None, None, *(marker for _, marker, _, _ in DETECTORS), None]
    channels = tuple(
        Channel(name, marker, 262_144.0, time=name == "Time")
        for name, marker in zip(names, markers, strict=True)
    )
    detectors = tuple(name for name, _, _, _ in DETECTORS)
    keywords = {"$CYT": "simulated cytometer", "$FIL": tube.file, "$SRC": tube.donor.name}
    events = Events(
        # Seven digits are all that a float keeps, and all that an exponential is sure of.
        values=values.astype(np.float32),
        channels=channels,
        spillover=Spillover(detectors, SPILLOVER, "$SPILLOVER"),
        time_step_s=0.01,
        keywords=keywords,
        name=tube.file,
    )
    single = [kind for kind, doublet in zip(kinds, stuck, strict=True) if not doublet]
    return events, {kind: single.count(kind) for kind in KINDS}


def write(folder: Path, progress: Callable[[int, int, str], None] | None = None) -> None:
    """Write the FCS files into ``folder/fcs``; files that are there already stay."""
    place = Path(folder) / "fcs"
    place.mkdir(parents=True, exist_ok=True)
    tubes = conditions()
    for done, tube in enumerate(tubes, 1):
        path = place / tube.file
        if not path.exists():
            # Whole or not at all: an interrupted run leaves nothing that looks like a tube.
            half = path.with_suffix(".part")
            fcs.write(half, tube_events(tube)[0])
            half.replace(path)
        if progress is not None:
            progress(done, len(tubes), tube.file)


if __name__ == "__main__":
    write(Path(__file__).parent)
