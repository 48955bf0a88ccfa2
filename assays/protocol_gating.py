"""Choices of a flow run about its gates: its own, another program's, and what leaves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from assays.protocol_parts import Said, Section
from assays.protocol_scales import Scale


class Gate(Section):
    """One row of the gating strategy."""

    population: str
    """Name of the population, as later gates and readouts call it."""
    parent: str = "root"
    """Population it is cut from; ``root`` is every event."""
    method: str
    """In numbers: interval, rectangle, polygon, ellipse, quadrant; boolean combines other
    populations; or found in the data: stable, boundary, debris, singlets, live, valley, tail,
    control_quantile, mixture, prior_ellipse."""
    channels: tuple[str, ...] = ()
    """$PnN names or markers, one per dimension; none for a boolean gate."""
    params: dict[str, Any] = Field(default_factory=dict)
    """What the method needs. Numbers are in original units unless `on` says otherwise."""
    on: Literal["original", "scale"] = "original"
    """Whether numbers in `params` are in original units or on the channels' scales."""
    group_by: Literal["all", "plate", "donor", "file"] = "all"
    """Tubes that share a cut found in the data; when left out, what suits the method."""
    exclude: bool = False
    """Take the events outside the shape."""
    scales: dict[str, Scale] = Field(default_factory=dict)
    """Scales of this gate alone, by channel as `channels` names it; left out, the run's."""
    compensation: str = ""
    """Of this gate alone: ``none`` (events as recorded), ``file`` (the matrix in each FCS file) or
    the name of a csv in the run folder; left out, the run's."""
    _at = PrivateAttr("")

    @model_validator(mode="after")
    def _own_ways_hold_for_its_channels(self) -> Gate:
        for name in self.scales:
            if name not in self.channels:
                known = ", ".join(self.channels) or "none"
                raise ValueError(
                    f"gate {self.population!r} has a scale for {name!r}, which is none of its "
                    f"channels ({known})"
                )
        if self.compensation in ("controls", "unmix", "gating"):
            raise ValueError(
                f"compensation of gate {self.population!r} is {self.compensation!r}: a gate of its "
                "own way takes none, file or a csv"
            )
        if self.compensation and not self.channels:
            raise ValueError(f"gate {self.population!r} has no channels to compensate")
        return self

    @property
    def place(self) -> str:
        """Where the gate stands, for messages: file and line where they are known."""
        at: str = self._at
        if not at:
            return f"assay.toml: population {self.population!r}"
        return f"{at}, population {self.population!r}"

    def at(self, place: str) -> Gate:
        """The same gate, known to stand at `place`: ``assay.toml:47``."""
        placed = self.model_copy()
        placed._at = place
        return placed


class Override(Section):
    """A gate moved by hand for one file: wins over the strategy, with who, when and why."""

    file: str
    """Name of the FCS file."""
    population: str
    """Population whose gate is moved."""
    params: dict[str, Any]
    """The gate's numbers for this file."""
    who: Said
    """Who moved it."""
    when: Said
    """ISO date."""
    why: Said
    """The reason; it stands in the report."""


class Gating(Section):
    """Gates of another program, and events that leave the run."""

    strategy: str = ""
    """A file of the run folder: a FlowJo workspace, Gating-ML or a Diva experiment (XML), or an
    openCyto template (csv). Its populations stand beside the rows of `gates`, which may name
    them as parents; FlowJo's and Diva's are called by their full path (``root/cells/live``)."""
    group: str = ""
    """Take the gates that this group of a FlowJo workspace has of its own."""
    sample: str = ""
    """Take the gates of this one sample for every tube, instead of each tube's own."""
    export: tuple[str, ...] = ()
    """Populations whose events are written to results/events, a file for each tube."""
    backgate: str = ""
    """A population whose events are shown again, in vermilion, on every gate that leads to it."""
    pictures: Literal["two tubes", "every tube"] = "two tubes"
    """Whose gates the report draws in order: each donor's first unstimulated and stimulated tube,
    or every tube, as far as the report's size allows: the last caption counts what is left out.
    Contact sheets show every gate in every tube in any case."""
    format: Literal["fcs", "csv"] = "fcs"
    """How they are written, as recorded: FCS 3.1 with its spillover matrix, or csv."""
