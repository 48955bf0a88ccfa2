"""Values that an export lists well by well, gathered into reads of plates.

Multiplex exports (spots, beads) print one line per well, or per well and
analyte. What they do not print stays NaN: a list with a missing line never
shifts the wells after it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from plates.errors import LayoutError, ReaderError
from plates.plateread import PlateRead
from plates.well import FORMATS, PlateFormat, Well, smallest_format

SMALLEST_WELLS = 96
"""Multiplex plates have at least so many wells, however few of them were used."""
VALUES_LIMIT = 8_000_000
"""Most wells times reads of one file: 40 plates of 384 wells with 500 analytes."""
NOTES_LIMIT = 20
"""Most notes of one kind on one plate."""


@dataclass(slots=True)
class Signal:
    """One read of the plate while its wells are gathered."""

    read: str
    analyte: str
    wells: dict[Well, tuple[float, str]] = field(default_factory=dict)


@dataclass(slots=True)
class WellwisePlate:
    """One plate while its wells are gathered."""

    label: str
    number: int
    signals: dict[str, Signal] = field(default_factory=dict)
    """By name of the read."""

    def put(self, read: str, analyte: str, well: Well, cell: tuple[float, str], where: str) -> None:
        """Put a number and its token into a well.

        Raises
        ------
        ReaderError
            When the well already has another value in this read.
        """
        signal = self.signals.setdefault(read, Signal(read, analyte))
        known = signal.wells.setdefault(well, cell)
        if str(known) != str(cell):
            raise ReaderError(
                f"{well} has two values of {read!r}: {_show(known)} and {_show(cell)}",
                where,
                "A well is read once. Export the plate again.",
            )

    def wells(self) -> set[Well]:
        """Every well that some read has."""
        return {well for signal in self.signals.values() for well in signal.wells}

    def reads(self, plate: PlateFormat, mode: str) -> tuple[PlateRead, ...]:
        """Turn the signals into reads, in the order they were met."""
        found: list[PlateRead] = []
        for signal in self.signals.values():
            values = np.full((plate.rows, plate.columns), np.nan)
            flags: dict[Well, str] = {}
            for well, (value, flag) in signal.wells.items():
                values[well.row, well.column] = value
                if flag:
                    flags[well] = flag
            own = PlateRead(self.label, self.number, signal.read, plate, mode, "", values, flags)
            found.append(replace(own, analyte=signal.analyte))
        return tuple(found)

    def gaps(self) -> list[str]:
        """Notes on reads that have fewer wells than another read of the plate."""
        most = max((len(signal.wells) for signal in self.signals.values()), default=0)
        name = f"Plate {self.label!r}" if self.label else "The plate"
        short = [signal for signal in self.signals.values() if len(signal.wells) < most]
        notes = [
            f"{name}: {signal.read!r} has {len(signal.wells)} wells, other reads have {most}."
            for signal in short[:NOTES_LIMIT]
        ]
        rest = len(short) - len(notes)
        return [*notes, f"{name}: {rest} more reads have fewer wells."] if rest else notes


def plate_format(wells: Sequence[Well] | set[Well], where: str, size: int = 0) -> PlateFormat:
    """The plate that holds the wells: the declared one, or the smallest from 96 wells on.

    Raises
    ------
    ReaderError
        When the declared plate, or any plate, is too small.
    """
    rows = max((well.row for well in wells), default=0) + 1
    columns = max((well.column for well in wells), default=0) + 1
    declared = FORMATS.get(size)
    if declared is not None:
        if rows > declared.rows or columns > declared.columns:
            raise ReaderError(
                f"the file declares a {size}-well plate, but has the well "
                f"{Well(rows - 1, columns - 1)}",
                where,
            )
        return declared
    try:
        found = smallest_format(rows, columns)
    except LayoutError as error:
        raise ReaderError(error.message, where) from error
    return found if found.size >= SMALLEST_WELLS else FORMATS[SMALLEST_WELLS]


def check_size(reads: int, plate: PlateFormat, where: str) -> None:
    """Refuse a file whose reads would fill the memory, before they are made.

    Raises
    ------
    ReaderError
        When reads times wells pass `VALUES_LIMIT`.
    """
    if reads * plate.size > VALUES_LIMIT:
        raise ReaderError(
            f"{reads:,} reads of {plate.size} wells are more than a plate reader exports in one "
            "file",
            where,
            "Export fewer plates at a time.",
        )


def one_nominal(nominals: dict[str, tuple[float, str]]) -> tuple[float, str]:
    """The concentration and unit that all analytes of a well share; NaN when they differ."""
    shared = set(nominals.values())
    return shared.pop() if len(shared) == 1 else (math.nan, "")


def _show(cell: tuple[float, str]) -> str:
    return cell[1] or (f"{cell[0]:g}" if math.isfinite(cell[0]) else "nothing")
