"""Simulate the second panel of the blockade study: how CLL cells take up IL-6, and how fast.

`assays demo` calls `write`; ``python generate.py`` writes the FCS files here, and `describe.py`
the sample sheet and the truth. The same bytes come out every time. Nothing here was
measured: every cell is drawn from a generator seeded by the tube's name.

Two donors of the blockade run on nine colours: STAT3 phosphorylated at Tyr705 and at Ser727,
total STAT3, IkBa, and the IL-6 receptor CD126. Everything carries the antibody's isotype, IgG1.

- Controls: nine single stains on beads with blank beads; calibration beads in antibodies bound
  (ABC) for CD126 and in molecules of dye (MESF) for Tyr705; each donor has a tube without the
  Tyr705 dye (FMO) and one with the isotype of the CD126 antibody.
- Course: IL-6 10 ng/mL for 15 min three times; in D01 also for 5, 30, 60 and 120 min. Tyr705 rises
  within minutes, IkBa falls and comes back, Ser727 and total STAT3 stay where they are.
- Dose response: D01 gets seven doses of IL-6 alone and under two of anti-IL-6R, which competes:
  each curve moves to the right by 1 + dose / KB.
- D06 has next to no receptor, which is why it does not answer.
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

EVENTS = 1500
BEADS = 1200
"""Events of a single stain; the first half is blank."""

DOSES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Of IL-6, ng/mL."""
ANTIBODY = (0.3, 3.0)
"""Of anti-IL-6R, ug/mL."""
USUAL_DOSE, USUAL_TIME = 10.0, 15.0
COURSE = (5.0, 30.0, 60.0, 120.0)
"""Minutes, beside the usual time."""

EC50 = 2.0
"""Of IL-6 without antibody, ng/mL, for both answers: they begin at the same receptor."""
KB = 0.15
"""Dissociation constant of anti-IL-6R, ug/mL: 1 nmol/L of an IgG1."""
MOLAR_MASS = 148_000.0
REACHED = {5.0: 0.55, 15.0: 1.0, 30.0: 0.85, 60.0: 0.4, 120.0: 0.15}
"""Share of the Tyr705 response at 15 min, by minutes."""
LOST = {5.0: 0.5, 15.0: 1.0, 30.0: 0.8, 60.0: 0.35, 120.0: 0.1}
"""Share of the loss of IkBa at 15 min."""
LARGEST_LOSS = 0.6
"""Share of IkBa that saturating IL-6 takes away at 15 min."""

PERMEABILITY_CV, STAINING_CV = 0.04, 0.025
"""From tube to tube: what all dyes inside the cell share, and what each dye has of its own."""
UNITS_PER_ANTIBODY = 0.8
"""Arbitrary units of PE for each antibody bound."""
UNITS_PER_DYE = 0.25
"""Arbitrary units for each molecule of Alexa Fluor 647."""
BEAD_CV = 0.06


class Donor(NamedTuple):
    """One CLL sample: medians of CLL cells in arbitrary units."""

    name: str
    cll: float
    tyr705: float
    gain: float
    """What saturating IL-6 adds to Tyr705 at 15 min."""
    ser727: float
    stat3: float
    ikba: float
    cd126: float
    """Antibodies bound."""
    cd5: float
    answers: bool
    course: bool
    doses: bool


DONORS = (
    Donor("D01", 0.78, 300, 2900, 1500, 5200, 3000, 1500, 2100, True, True, True),
    Donor("D06", 0.81, 210, 0, 1800, 4700, 3400, 60, 2300, False, False, False),
)

TYR705, SER727, TOTAL, IKBA, CD126 = "pY705", "pS727", "STAT3", "IkBa", "CD126"
INSIDE = (TYR705, SER727, TOTAL, IKBA)
DETECTORS = (
    Detector("BV421-A", "CD3", 42.0, 9.0),
    Detector("BV605-A", IKBA, 40.0, 7.0),
    Detector("BV786-A", TOTAL, 45.0, 8.0),
    Detector("BB515-A", "CD5", 30.0, 4.0),
    Detector("PE-A", CD126, 28.0, 3.0),
    Detector("PerCP-Cy5-5-A", "CD19", 38.0, 8.0),
    Detector("PE-Cy7-A", SER727, 34.0, 6.0),
    Detector("Alexa Fluor 647-A", TYR705, 30.0, 4.0),
    Detector("APC-H7-A", "Viability", 45.0, 10.0),
)
SPILLOVER = np.array(
    [
        [1.0, 0.080, 0.030, 0.012, 0.001, 0.0, 0.0, 0.0, 0.0],
        [0.020, 1.0, 0.110, 0.004, 0.060, 0.050, 0.010, 0.015, 0.004],
        [0.015, 0.030, 1.0, 0.0, 0.004, 0.020, 0.060, 0.010, 0.070],
        [0.004, 0.010, 0.001, 1.0, 0.100, 0.031, 0.004, 0.0, 0.0],
        [0.0, 0.090, 0.008, 0.014, 1.0, 0.150, 0.030, 0.002, 0.001],
        [0.001, 0.020, 0.060, 0.0, 0.008, 1.0, 0.080, 0.042, 0.060],
        [0.0, 0.004, 0.050, 0.0, 0.020, 0.010, 1.0, 0.002, 0.040],
        [0.0, 0.006, 0.030, 0.0, 0.001, 0.018, 0.004, 1.0, 0.128],
        [0.0, 0.002, 0.090, 0.0, 0.002, 0.011, 0.060, 0.047, 1.0],
    ]
)
"""Row: fluorochrome, column: detector. The files do not tell it: the single stains have to."""
CYTOMETER = Cytometer(DETECTORS, SPILLOVER, tells=False)
BRIGHT = 45_000.0
"""Median of a single stain."""
BLANK = (45.0, 60.0, 50.0, 55.0, 40.0, 50.0, 35.0, 40.0, 45.0)
"""What blank beads and unlabelled cells shine with in each detector."""

SPREAD = {**SURFACE_SPREAD, TYR705: 0.30, SER727: 0.33, TOTAL: 0.25, IKBA: 0.30, CD126: 0.45}
"""SD of the natural logarithm from cell to cell."""
FOLLOWS_TOTAL = 0.6
"""How Tyr705 goes with total STAT3 from cell to cell, as a power."""
RESPONDS = {"CLL": 1.0, "B": 0.6, "T": 1.6, "myeloid": 1.3, "dead": 0.1, "debris": 0.05}
"""How strongly each kind answers IL-6, beside the CLL cells."""
RECEPTORS = {"CLL": 1.0, "B": 0.5, "T": 2.0, "myeloid": 3.0, "dead": 0.5, "debris": 0.05}
"""CD126 of each kind, beside the CLL cells."""


class Condition(NamedTuple):
    """One tube of cells."""

    donor: Donor
    il6: float = 0.0
    """ng/mL; 0 for none."""
    antibody: float = 0.0
    """Of anti-IL-6R, ug/mL; 0 for none."""
    minutes: float = USUAL_TIME
    replicate: int = 1
    staining: str = ""
    """``fmo`` without the Tyr705 dye, ``isotype`` in place of the CD126 antibody, else empty."""

    @property
    def file(self) -> str:
        """Name of the FCS file."""
        parts = [self.donor.name, f"IL6-{self.il6:g}" if self.il6 else "unstim"]
        if self.antibody:
            parts.append(f"aIL6R-{self.antibody:g}")
        if self.il6 and self.minutes != USUAL_TIME:
            parts.append(f"{self.minutes:g}min")
        parts.append(self.staining or str(self.replicate))
        return "_".join(parts) + ".fcs"


def conditions() -> list[Condition]:
    """Every tube of cells, in the order of the sample sheet."""
    tubes = []
    for donor in DONORS:
        tubes += [
            Condition(donor, USUAL_DOSE, staining="fmo"),
            Condition(donor, staining="isotype"),
        ]
        tubes += [
            Condition(donor, dose, replicate=r) for dose in (0, USUAL_DOSE) for r in (1, 2, 3)
        ]
        if donor.course:
            tubes += [Condition(donor, USUAL_DOSE, minutes=minutes) for minutes in COURSE]
        if donor.doses:
            for antibody in (0.0, *ANTIBODY):
                given = [dose for dose in DOSES if antibody or dose != USUAL_DOSE]
                tubes += [Condition(donor, dose, antibody) for dose in given]
    return tubes


def occupied(il6: float, antibody: float) -> float:
    """Share of the largest answer: one site, and an antibody that competes for it (Gaddum)."""
    return il6 / (il6 + EC50 * (1.0 + antibody / KB)) if il6 else 0.0


def signals(tube: Condition) -> dict[str, float]:
    """Medians in CLL cells by marker, without the scatter between tubes."""
    donor = tube.donor
    share = occupied(tube.il6, tube.antibody) * donor.answers
    return {
        TYR705: donor.tyr705 + donor.gain * share * REACHED[tube.minutes],
        SER727: float(donor.ser727),
        TOTAL: float(donor.stat3),
        IKBA: donor.ikba * (1.0 - LARGEST_LOSS * share * LOST[tube.minutes]),
        CD126: donor.cd126 * UNITS_PER_ANTIBODY,
    }


def generator(name: str) -> np.random.Generator:
    """Random numbers that depend on nothing but a name."""
    return seeded("il6_signalling", name)


def cells(
    tube: Condition, kinds: NDArray[np.str_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scatter, shape (n, 3): FSC-A, FSC-H, SSC-A; and dyes on the cells, shape (n, 9)."""
    table = np.array([BLOOD[kind] for kind in kinds], dtype=np.float64)
    debris = kinds == "debris"
    size, scatter = shapes(table[:, :4], debris, rng)
    medians = {name: table[:, column] for name, column in SURFACE.items()}
    medians["CD5"] = np.where(kinds == "CLL", tube.donor.cd5, medians["CD5"])
    calm, now = signals(tube._replace(il6=0.0)), signals(tube)
    responds = np.array([RESPONDS[kind] for kind in kinds])
    dim = np.where(debris, 0.15, 1.0)
    permeable = np.exp(PERMEABILITY_CV * rng.standard_normal())
    for name in (*INSIDE, CD126):
        staining = np.exp(STAINING_CV * rng.standard_normal())
        level = np.maximum(calm[name] + (now[name] - calm[name]) * responds, 0.1 * calm[name])
        if name == CD126:
            level = now[name] * np.array([RECEPTORS[kind] for kind in kinds])
        medians[name] = level * dim * staining * (permeable if name in INSIDE else 1.0)
    wider = np.where(kinds == "dead", 2.0, 1.0)
    colours = {
        marker: brightness(medians[marker], wider * SPREAD[marker], size, rng)
        for marker in CYTOMETER.markers
    }
    # A cell with more STAT3 has more of it to phosphorylate; the median stays.
    colours[TYR705] *= (colours[TOTAL] / medians[TOTAL]) ** FOLLOWS_TOTAL
    if tube.staining:
        colours[TYR705 if tube.staining == "fmo" else CD126][:] = 0.0
    dyes = np.column_stack([colours[marker] for marker in CYTOMETER.markers])
    return scatter, dyes + np.array(BLANK) * brightness(dim, np.full(len(kinds), 0.25), size, rng)[
        :, np.newaxis
    ]  # fmt: skip


def tube_events(tube: Condition) -> tuple[Events, dict[str, int]]:
    """Events of one tube, and how many single cells of each kind they hold."""
    rng = generator(tube.file)
    kinds = blood_kinds(tube.donor.cll, EVENTS, rng)
    scatter, colours = cells(tube, kinds, rng)
    stuck = stick(scatter, colours, DOUBLETS, rng)
    events = CYTOMETER.record(tube.file, tube.donor.name, scatter, colours, 20.0, rng)
    single = kinds[~stuck].tolist()
    return events, {kind: single.count(kind) for kind in BLOOD}


def stain_file(detector: str) -> str:
    """File of a single stain; of the blank beads for an empty name."""
    return f"comp_{detector.removesuffix('-A').replace(' ', '-') or 'blank'}.fcs"


def comp_beads(detector: str) -> Events:
    """Beads of which half carry one dye, or none for an empty name."""
    rng = generator(stain_file(detector))
    scatter = _bead_scatter(BEADS, rng)
    colours = np.array(BLANK) * np.exp(0.2 * rng.standard_normal((BEADS, len(BLANK))))
    if detector:
        own = [each.name for each in DETECTORS].index(detector)
        half = BEADS // 2
        colours[half:, own] += BRIGHT * np.exp(0.10 * rng.standard_normal(BEADS - half))
    return CYTOMETER.record(stain_file(detector), "beads", scatter, colours, 10.0, rng)


class Calibration(NamedTuple):
    """Beads of known brightness on one detector."""

    file: str
    marker: str
    """What the detector is for."""
    unit: str
    values: tuple[float, ...]
    """Of the peaks."""
    units_per_molecule: float
    """Arbitrary units of the detector."""


CALIBRATIONS = (
    Calibration("beads_PE.fcs", CD126, "ABC", (500, 5_000, 25_000, 60_000), UNITS_PER_ANTIBODY),
    Calibration("beads_AF647.fcs", TYR705, "MESF", (1_000, 4_000, 16_000, 64_000), UNITS_PER_DYE),
)


def calibration_beads(beads: Calibration) -> Events:
    """Beads of a few known brightnesses in one dye."""
    rng = generator(beads.file)
    peaks = np.repeat(beads.values, BEADS // len(beads.values)) * beads.units_per_molecule
    rng.shuffle(peaks)
    colours = np.zeros((BEADS, len(DETECTORS)))
    colours[:, [each.marker for each in DETECTORS].index(beads.marker)] = peaks * np.exp(
        BEAD_CV * rng.standard_normal(BEADS)
    )
    return CYTOMETER.record(beads.file, "beads", _bead_scatter(BEADS, rng), colours, 10.0, rng)


def _bead_scatter(n: int, rng: np.random.Generator) -> Floats:
    """Beads are all of one size."""
    forms = np.tile([45_000.0, 0.03, 30_000.0, 0.05], (n, 1))
    return shapes(forms, np.zeros(n, dtype=bool), rng)[1]


def write(folder: Path, progress: Progress | None = None) -> None:
    """Write the FCS files into ``folder/fcs``; files that are there already stay."""
    dyes = ("", *(each.name for each in DETECTORS))
    work = [(stain_file(name), partial(comp_beads, name)) for name in dyes]
    work += [(beads.file, partial(calibration_beads, beads)) for beads in CALIBRATIONS]
    work += [(tube.file, partial(_events, tube)) for tube in conditions()]
    write_tubes(folder, work, progress)


def _events(tube: Condition) -> Events:
    return tube_events(tube)[0]


if __name__ == "__main__":
    write(Path(__file__).parent)
