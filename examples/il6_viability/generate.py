"""Simulate the viability run of the blockade study: does IL-6 save CLL cells, and from blockade?

`assays demo` calls `write`; ``python generate.py`` writes the FCS files here, and `describe.py`
the sample sheet and the truth. The same bytes come out every time. Nothing here was
measured: every cell is drawn from a generator seeded by the tube's name.

Cells of three donors of the blockade run after 48 h, with Annexin V and PI. IL-6 saves a part of
those that would have died, in all but D06. Anti-IL-6R and the JAK2 inhibitor take most of that
away; the JAK2 inhibitor also kills a fifth more cells by itself, which its tubes without IL-6
tell apart. DMSO kills a few, so that vehicles are matched. Dying cells shrink and are kept.
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
    Cytometer,
    Detector,
    brightness,
    seeded,
    shapes,
    stick,
    write_tubes,
)

EVENTS = 2000
ANTIBODY, KINASE = "anti-IL-6R", "JAK2 inhibitor"
DOSE = {ANTIBODY: (10.0, "ug/mL"), KINASE: (1000.0, "nM")}
VEHICLE = {ANTIBODY: "IgG1 isotype", KINASE: "DMSO"}
VEHICLE_DEATH = {"DMSO": 1.06, "IgG1 isotype": 1.0}
"""Factor on the share of dead cells."""
OWN_DEATH = {"": 1.0, ANTIBODY: 1.0, KINASE: 1.2}
TAKEN = {"": 0.0, ANTIBODY: 0.85, KINASE: 0.92}
"""Share of the protection that an inhibitor takes away."""
TUBE_SD = 0.08
"""Of the log odds of being dead, from tube to tube: 2 percent points around one half."""


class Donor(NamedTuple):
    """One CLL sample."""

    name: str
    cll: float
    """Share of the cells."""
    dead: float
    """Share of the CLL cells that is dead after 48 h without IL-6 and vehicle."""
    saved: float
    """Share of these that IL-6 saves."""


DONORS = (
    Donor("D01", 0.86, 0.46, 0.46),
    Donor("D05", 0.84, 0.55, 0.38),
    Donor("D06", 0.88, 0.43, 0.0),
)

DETECTORS = (
    Detector("FITC-A", "Annexin V", 35.0, 5.0),
    Detector("PE-A", "PI", 30.0, 4.0),
    Detector("PerCP-Cy5-5-A", "CD19", 38.0, 8.0),
    Detector("Alexa Fluor 647-A", "CD5", 30.0, 4.0),
)
SPILLOVER = np.array(
    [
        [1.0, 0.170, 0.030, 0.001],
        [0.012, 1.0, 0.210, 0.002],
        [0.0, 0.010, 1.0, 0.045],
        [0.0, 0.001, 0.020, 1.0],
    ]
)
"""Row: fluorochrome, column: detector, as in ``$SPILLOVER``."""
CYTOMETER = Cytometer(DETECTORS, SPILLOVER)

ENDS = {"viable": 0.0, "early": 0.55, "late": 0.41, "necrotic": 0.04}
"""How the dead cells are shared out."""
STATE = {
    "viable": (160, 120),
    "early": (7_000, 180),
    "late": (11_000, 14_000),
    "necrotic": (180, 9_000),
}
"""Annexin V and PI, medians."""
SHRUNK = {"viable": (1.0, 1.0), "early": (0.72, 1.25), "late": (0.58, 1.5), "necrotic": (0.62, 1.3)}
"""Factor on forward and side scatter."""
SPREAD = {"Annexin V": 0.40, "PI": 0.42, "CD19": 0.34, "CD5": 0.38}
"""SD of the natural logarithm from cell to cell."""
DEBRIS, OTHERS_DEAD = 0.10, 0.30


class Condition(NamedTuple):
    """One tube."""

    donor: Donor
    stimulated: bool
    inhibitor: str
    vehicle: str
    replicate: int

    @property
    def file(self) -> str:
        """Name of the FCS file."""
        short = {ANTIBODY: "aIL6R", KINASE: "JAK2i"}.get(self.inhibitor)
        given = short or self.vehicle.removesuffix(" isotype")
        driven = "IL6" if self.stimulated else "unstim"
        return f"{self.donor.name}_{driven}_{given}_{self.replicate}.fcs"


def conditions() -> list[Condition]:
    """Every tube, in the order of the sample sheet."""
    tubes = []
    for donor in DONORS:
        for stimulated in (False, True):
            tubes += [Condition(donor, stimulated, "", "DMSO", r) for r in (1, 2)]
            tubes += [Condition(donor, stimulated, "", "IgG1 isotype", r) for r in (1, 2)]
        for agent in (ANTIBODY, KINASE):
            tubes += [Condition(donor, s, agent, VEHICLE[agent], 1) for s in (False, True)]
    return tubes


def dead_share(tube: Condition) -> float:
    """Share of the CLL cells that are dead, without the scatter between tubes."""
    share = tube.donor.dead * VEHICLE_DEATH[tube.vehicle] * OWN_DEATH[tube.inhibitor]
    saved = tube.donor.saved * (1.0 - TAKEN[tube.inhibitor]) if tube.stimulated else 0.0
    return share * (1.0 - saved)


def draw_kinds(
    tube: Condition, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Kind and state of each event."""
    shares = {
        "CLL": (1.0 - DEBRIS) * tube.donor.cll,
        "T": (1.0 - DEBRIS) * (1.0 - tube.donor.cll),
        "debris": DEBRIS,
    }
    kinds = rng.choice(list(shares), size=EVENTS, p=list(shares.values()))
    odds = dead_share(tube) / (1.0 - dead_share(tube)) * np.exp(TUBE_SD * rng.standard_normal())
    dead = odds / (1.0 + odds)
    each = np.where(kinds == "CLL", dead, np.where(kinds == "T", OTHERS_DEAD, 0.0))
    ends = rng.choice(list(ENDS), size=EVENTS, p=list(ENDS.values()))
    return kinds, np.where(rng.random(EVENTS) < each, ends, "viable")


def tube_events(tube: Condition) -> tuple[Events, dict[str, int]]:
    """Events of one tube, and how many single CLL cells in each state they hold."""
    rng = seeded("il6_viability", tube.file)
    kinds, states = draw_kinds(tube, rng)
    table = np.array([BLOOD[kind] for kind in kinds], dtype=np.float64)
    size, scatter = shapes(table[:, :4], kinds == "debris", rng)
    shrunk = np.array([SHRUNK[state] for state in states])
    scatter *= shrunk[:, [0, 0, 1]]
    dim = np.where(kinds == "debris", 0.1, 1.0)
    shine = np.array([STATE[state] for state in states], dtype=np.float64)
    medians = {
        "Annexin V": dim * shine[:, 0],
        "PI": dim * shine[:, 1],
        "CD19": table[:, 6],
        "CD5": table[:, 5],
    }
    colours = np.column_stack(
        [brightness(medians[marker], np.full(EVENTS, SPREAD[marker]), size, rng)
         for marker in CYTOMETER.markers]
    )  # fmt: skip
    stuck = stick(scatter, colours, DOUBLETS, rng)
    events = CYTOMETER.record(tube.file, tube.donor.name, scatter, colours, 20.0, rng)
    single = states[(kinds == "CLL") & ~stuck].tolist()
    return events, {state: single.count(state) for state in STATE}


def write(folder: Path, progress: Progress | None = None) -> None:
    """Write the FCS files into ``folder/fcs``; files that are there already stay."""
    write_tubes(folder, [(tube.file, partial(_events, tube)) for tube in conditions()], progress)


def _events(tube: Condition) -> Events:
    return tube_events(tube)[0]


if __name__ == "__main__":
    write(Path(__file__).parent)
