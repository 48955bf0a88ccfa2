"""What a plate reader recorded: one plate, one detection mode, one time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plates.well import PlateFormat, Well

if TYPE_CHECKING:
    import pandas as pd

    from plates.layout import Layout

MODES = ("absorbance", "fluorescence", "luminescence")


@dataclass(frozen=True, slots=True, eq=False)
class PlateRead:
    """One raw read of one plate. Nothing computed by the reader's software is in here."""

    plate: str
    """The label in the export. Labels repeat; `plate_number` does not."""
    plate_number: int
    """Order of the plate in the file, from 1."""
    read: str
    """Counts the raw reads of a plate from ``"1"``, or names what tells them apart."""
    format: PlateFormat
    mode: str
    """One of `MODES`."""
    wavelength_nm: str
    """``"450"``, ``"485:520"`` (excitation:emission), or empty when the export does not say."""
    values: NDArray[np.float64]
    """shape (rows, columns); NaN where the export has no number."""
    flags: Mapping[Well, str] = field(default_factory=dict)
    """Raw token of a well without a number (``OVRFLW``), or of a masked one, which keeps it."""
    time_s: float = math.nan
    """Seconds; NaN for an endpoint read."""
    temperature_c: float = math.nan
    analyte: str = ""
    """What a spot or a bead reports in a multiplex assay; empty where a well has one signal."""


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """One file of a plate reader, read."""

    software: str
    """Name of the vendor software, with its version where the file says it."""
    reader: str
    """Name of the reader that understood the file, such as ``gen5``."""
    reads: tuple[PlateRead, ...]
    instrument: str = ""
    read_at: str = ""
    """Date and time as the file prints them; empty when it does not."""
    layout: Layout | None = None
    """The layout that the export carries, if it does."""
    printed: tuple[PrintedResult, ...] = ()
    """Results the vendor software printed, kept for comparison only."""
    notes: tuple[str, ...] = ()
    """Repairs and doubts, a sentence each."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Other facts of the header worth showing: serial number, protocol, barcode."""

    def to_frame(self, *, analyte: bool = False) -> pd.DataFrame:
        """Every number and token: plate, well, mode, wavelength_nm, time_s, value, flag, read.

        Wells with neither a number nor a token are left out.

        Parameters
        ----------
        analyte : bool
            Add a column with the analyte of each read, where the export is a multiplex one.
        """
        import pandas as pd

        names = ["plate", "well", "mode", "wavelength_nm", "time_s", "value", "flag", "read"]
        rows = [(*row, read.analyte) for read in self.reads for row in _rows(read)]
        frame = pd.DataFrame(rows, columns=[*names, "analyte"])
        told = analyte and any(read.analyte for read in self.reads)
        return frame if told else frame[names]


@dataclass(frozen=True, slots=True)
class PrintedResult:
    """A number that the vendor software worked out for a well."""

    plate_number: int
    well: Well
    quantity: str
    """The column it stood in, as printed: ``Result``, ``[Concentration]``, …"""
    value: float
    flag: str = ""
    """The raw token beside or instead of the number, such as ``Range?``."""
    analyte: str = ""
    """`PlateRead.analyte` it belongs to in a multiplex assay."""


def _rows(read: PlateRead) -> list[tuple[object, ...]]:
    return [
        (
            read.plate,
            str(well),
            read.mode,
            read.wavelength_nm,
            read.time_s,
            float(read.values[well.row, well.column]),
            read.flags.get(well, ""),
            read.read,
        )
        for well in read.format.wells()
        if well in read.flags or not math.isnan(read.values[well.row, well.column])
    ]
