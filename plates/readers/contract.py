"""What a reader of plate-reader exports is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plates.plateread import Export
from plates.source import Source


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whether a reader knows a file, and by what."""

    yes: bool
    reason: str
    """What was found, or what was looked for and not found: half a sentence."""

    def __bool__(self) -> bool:
        return self.yes


@dataclass(frozen=True, slots=True)
class PlateReader:
    """One software's exports, and how to read them."""

    name: str
    """Short name for ``--reader``."""
    software: str
    """The software and the kind of file, as a user would say it."""
    recognise: Callable[[Source], Recognition]
    """Decides by content alone, from the beginning of a text or the tables of a workbook."""
    read: Callable[[Source], Export]
    """Reads the file; raises a `LabError` naming the place where it breaks off."""
    suffixes: tuple[str, ...] = ()
    """Usual endings of the name; for explanation, never for a decision."""
    tested_on: str = ""
    """Real exports that it was held against, value by value: versions, formats, kinds."""
    vendor: bool = True
    """False for the plain readers, which are asked only when no vendor's reader answers."""
