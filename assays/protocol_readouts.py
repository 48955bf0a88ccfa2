"""What is read in the tubes of a flow run, and how inhibition is worked out from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from assays.protocol_dose import DoseChoices
from assays.protocol_parts import Level, Positive, Section


class Readout(Section):
    """A phospho-protein, a receptor or a share of cells, read in a population."""

    name: str
    """As it is reported, with the residue: ``pSTAT3 (Y705)``, ``p-p65 (S529)``."""
    kind: Literal["signal", "expression", "fraction"] = "signal"
    """``signal``: held against the unstimulated tubes. ``expression`` (CD126): held against the
    isotype tubes. ``fraction``: percent of a population that lies in others, such as the dead."""
    channel: str = ""
    """$PnN name or marker; none for a fraction."""
    population: str
    """Population it is read in; of a fraction, the whole."""
    populations: tuple[str, ...] = ()
    """Of a fraction: the parts that are added up, such as the quadrants of dying cells."""
    cofactor: Positive | Literal["estimate"] | None = None
    """Of Δarcsinh. Left out: 5 for mass cytometry, 150 for a linear range of 262,144, else
    estimated. ``estimate``: from the controls, one for the run, told in a finding. Write that
    number here for the rest of a study."""
    threshold: Literal["unstimulated", "fmo", "isotype"] | None = None
    """Tubes whose 99th percentile is the threshold of percent positive; left out: isotype for
    an expression, else unstimulated. With `activation = "down"`, positive is below the 1st
    percentile of the unstimulated; FMO and isotype tubes still tell stained from unstained, above
    the 99th."""
    total: str = ""
    """Channel of the total protein that a phospho-signal is divided by: total STAT3 or p65."""
    normalise: Literal["ratio of medians", "per cell"] = "ratio of medians"
    """With `total`: one ratio of two medians per tube, or the median of each cell's ratio."""
    stimulus: str | None = None
    """The stimulus that drives this readout, when the lab uses another one for it."""
    activation: Literal["up", "down"] = "up"
    """Where the readout goes on activation: total IκBα falls. ``down`` also turns percent
    positive and Overton's percentage round."""
    positive_control: str | None = None
    """The stimulus whose tubes (role ``positive control``) tell that this readout works; left out:
    one positive control of the donor must move it, whichever."""
    protection: bool = False
    """Of a fraction of dead cells: tell the protection by the stimulus, 100 (dead without -
    dead with) / dead without."""

    @model_validator(mode="after")
    def _names_what_its_kind_needs(self) -> Readout:
        if self.kind == "fraction":
            if not self.populations:
                raise ValueError(f"readout {self.name!r} is a fraction and names no populations")
            unwanted = [key for key in ("channel", "total") if getattr(self, key)]
            if unwanted:
                raise ValueError(f"readout {self.name!r} is a fraction, which has no {unwanted[0]}")
        elif not self.channel:
            raise ValueError(f"readout {self.name!r} names no channel")
        elif self.populations:
            raise ValueError(f"readout {self.name!r} names populations, but is no fraction")
        if self.protection and self.kind != "fraction":
            raise ValueError(f"readout {self.name!r} tells protection, but is no fraction")
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels it is read on: the signal and, where it is normalised, the total."""
        return tuple(name for name in (self.channel, self.total) if name)

    @property
    def threshold_from(self) -> str:
        """Role of the tubes that give the threshold."""
        return self.threshold or ("isotype" if self.kind == "expression" else "unstimulated")


class Beads(Section):
    """Beads of known brightness: medians of a channel become molecules (MESF or ABC)."""

    channel: str
    """$PnN name or marker that the values hold for."""
    unit: Literal["MESF", "ABC", "ERF"] = "MESF"
    """What the maker assigned."""
    values: tuple[Annotated[float, Field(ge=0)], ...]
    """Assigned value of every peak, dimmest first; 0 for blank beads."""
    population: str = ""
    """Population of the gating strategy that holds the single beads; left out, the densest spot
    of the scatter is taken."""
    lot: str = ""
    """Lot number of the beads."""
    fit: Literal["log-log", "linear"] = "log-log"
    """Straight line between logarithms, or between the numbers themselves."""

    @model_validator(mode="after")
    def _in_order(self) -> Beads:
        if len([value for value in self.values if value > 0]) < 2:
            raise ValueError("two peaks with a value above 0 are the least that make a line")
        if sorted(set(self.values)) != list(self.values):
            raise ValueError("the values of the beads must rise, each given once")
        return self


class Inhibition(Section):
    """How inhibition is worked out."""

    scale: Literal["linear", "arcsinh"] = "linear"
    """Medians as measured, or their arcsinh."""
    level: Level = 0.95
    """Confidence of the intervals, 0.95 for 95 %."""
    interval: Literal["fieller", "bootstrap"] = "fieller"
    """How the interval of a percent inhibition is found: exactly for normal means (Fieller), or
    by drawing the means anew from the scatter of the tubes."""
    tube_cv_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    """How far medians of replicate tubes lie apart, as the laboratory knows it from earlier runs.
    Used as known; without it the run's own replicate tubes tell, and without those the
    window is not testable."""
    across_donors: Literal["arcsinh", "log2 fold"] = "arcsinh"
    """What is compared between conditions over donors: Δarcsinh, defined for every median, or
    log2 of the ratio of medians, which leaves donors out whose median is not above zero."""
    dose: DoseChoices = DoseChoices()
    """How dose series are fitted."""
