"""What was put in each well. How layouts are stored in files stands in `plates.layouts`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from plates.sameness import SameWhenUnknown
from plates.well import PlateFormat, Well

if TYPE_CHECKING:
    import pandas as pd


class Role(StrEnum):
    """What a well is for."""

    STANDARD = "standard"
    """Known concentration for the curve; a zero standard is a standard."""
    SAMPLE = "sample"
    QC = "qc"
    """Control sample with a target concentration (`nominal`)."""
    BLANK = "blank"
    """No sample at all: plate, buffer and reagents only."""
    MEDIUM = "medium"
    """Cell-free culture medium: the background of supernatants."""
    CONTROL = "control"
    """Assay control without a target: positive, negative, vehicle."""
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, eq=False)
class WellContent(SameWhenUnknown):
    """What one well holds."""

    role: Role
    sample: str = ""
    """Name of the sample, standard or control; wells that share it are replicates."""
    nominal: float = math.nan
    """Known concentration in `unit`, as put on the plate; NaN where there is none."""
    unit: str = ""
    dilution_factor: float = 1.0
    """At least 1: how many times the sample was diluted before it came into the well."""
    replicate: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """Free names: treatment, donor, cell_density, …; `assays.samples` gives them types."""
    nominals: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    """Known concentration and unit by `PlateRead.analyte`, where a well holds many analytes.

    `nominal` holds it too when all of them agree, and is NaN when they do not.
    """


@dataclass(frozen=True, slots=True)
class Layout:
    """What was put in each well of one or more plates."""

    format: PlateFormat
    contents: Mapping[tuple[str, Well], WellContent]
    """By plate label and well. The label ``""`` stands for every plate of the run."""
    name: str = ""
    """File it came from, for messages."""
    notes: tuple[str, ...] = ()
    """Repairs, echoes (``1:10`` read as 1 in 10) and doubts, a sentence each."""
    places: Mapping[tuple[str, Well], str] = field(default_factory=dict, compare=False, repr=False)
    """Where in the file each well is described, for messages."""
    cells: Mapping[tuple[str, Well, str], str] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Where in the file each property of a well stands, by plate, well and property."""

    @property
    def plates(self) -> tuple[str, ...]:
        """Plate labels in order of first appearance."""
        return tuple(dict.fromkeys(plate for plate, _ in self.contents))

    def of_plate(self, plate: str) -> dict[Well, WellContent]:
        """Contents of one plate; the plate's own entry wins over the one for all plates."""
        shared = {well: content for (name, well), content in self.contents.items() if not name}
        own = {well: content for (name, well), content in self.contents.items() if name == plate}
        return dict(sorted({**shared, **own}.items()))

    def to_frame(self) -> pd.DataFrame:
        """One row per well: plate, well, role, sample, nominal, unit, dilution_factor, replicate.

        Labels follow as columns of their own.
        """
        import pandas as pd

        rows = [
            {
                "plate": plate,
                "well": str(well),
                "role": str(content.role),
                "sample": content.sample,
                "nominal": content.nominal,
                "unit": content.unit,
                "dilution_factor": content.dilution_factor,
                "replicate": content.replicate,
                **content.labels,
            }
            for (plate, well), content in self.contents.items()
        ]
        names = ["plate", "well", "role", "sample", "nominal", "unit", "dilution_factor"]
        return pd.DataFrame(rows, columns=None if rows else [*names, "replicate"])
