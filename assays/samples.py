"""What a well's or tube's labels mean here: donor, stimulus, inhibitor, dose, vehicle, density."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from plates.sameness import SameWhenUnknown


class TubeRole(StrEnum):
    """What a tube is for."""

    UNSTIMULATED = "unstimulated"
    """The 100 % inhibition anchor: no stimulus, vehicle only."""
    STIMULATED = "stimulated"
    """The 0 % inhibition anchor: stimulus, vehicle only."""
    TREATED = "treated"
    """Stimulus and inhibitor."""
    INHIBITOR_ALONE = "inhibitor alone"
    """Inhibitor without stimulus."""
    POSITIVE = "positive control"
    """A stimulus that these cells must answer if the assay works: IL-10 for pSTAT3."""
    UNSTAINED = "unstained"
    SINGLE_STAIN = "single stain"
    FMO = "fmo"
    ISOTYPE = "isotype"
    """Staining isotype control; an isotype that stands in for a blocking antibody is a vehicle."""
    BEADS = "beads"
    """Beads of known brightness, to turn medians into MESF or ABC."""


STAINING = (
    TubeRole.UNSTAINED,
    TubeRole.SINGLE_STAIN,
    TubeRole.FMO,
    TubeRole.ISOTYPE,
    TubeRole.BEADS,
)
"""Roles that say how a tube was stained; stimulus and inhibitor may be anything."""
SAMPLE_ROLES = (
    TubeRole.UNSTIMULATED,
    TubeRole.STIMULATED,
    TubeRole.TREATED,
    TubeRole.INHIBITOR_ALONE,
    TubeRole.POSITIVE,
)
"""Tubes that are read; staining controls are read only where a readout asks for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Agent(SameWhenUnknown):
    """A stimulus or an inhibitor, with its dose."""

    name: str
    dose: float = math.nan
    """In `unit`; NaN when not given."""
    unit: str = ""

    def __str__(self) -> str:
        if math.isnan(self.dose):
            return self.name
        return f"{self.name} {self.dose:g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True, eq=False)
class Tube(SameWhenUnknown):
    """One row of the sample sheet: one FCS file and what was in the tube."""

    file: str
    """Name of the FCS file within the run folder, as the sheet gives it."""
    donor: str
    role: TubeRole
    stimulus: Agent | None = None
    inhibitors: tuple[Agent, ...] = ()
    """None, one, or two at once."""
    vehicle: str = ""
    """What carries the inhibitor: ``DMSO``, ``IgG1 isotype``; controls are matched by it."""
    replicate: int | None = None
    note: str = ""
    plate: str = ""
    """Plate or rack that the tube was stained on; empty when the sheet does not say."""
    time_min: float | None = None
    """How long the stimulus acted, minutes; None when the sheet does not say."""
    stain: str = ""
    """Channel or marker that a staining control is about: the one dye of a single stain, the dye
    that an FMO tube lacks, the antibody that an isotype stands in for. Empty: not given."""
    material: str = ""
    """Of a compensation control, stained or not: ``beads`` or ``cells``. Empty: not given."""
    where: str = field(default="", compare=False, repr=False)
    """Place of the row in the sample sheet, for messages."""
    doubts: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """What was odd about the row as it was read, a sentence each."""
    unseen: str = field(default="", compare=False, repr=False)
    """``hidden`` or ``struck out`` where the workbook shows the row so: it is read all the same."""

    @property
    def inhibitor(self) -> str:
        """Name of the inhibitor, or of both joined by `` + ``; empty without one."""
        return " + ".join(agent.name for agent in self.inhibitors)

    @property
    def dose(self) -> str:
        """Doses with units, joined by `` + ``; empty without an inhibitor."""
        return " + ".join(f"{a.dose:g} {a.unit}" for a in self.inhibitors)

    @property
    def condition(self) -> str:
        """The tube in words: ``IL-6 10 ng/mL + ruxolitinib 100 nmol/L``, ``unstimulated``."""
        parts = [str(agent) for agent in (self.stimulus, *self.inhibitors) if agent]
        if not self.stimulus:
            parts.insert(0, "unstimulated" if self.role != TubeRole.UNSTAINED else "unstained")
        if self.vehicle and not self.inhibitors:
            parts.append(self.vehicle)
        told = " + ".join(parts)
        if self.role in (TubeRole.FMO, TubeRole.ISOTYPE, TubeRole.SINGLE_STAIN, TubeRole.BEADS):
            told = f"{self.role} {self.stain}".rstrip() + (f" ({told})" if self.stimulus else "")
        return told if self.time_min is None else f"{told}, {self.time_min:g} min"
