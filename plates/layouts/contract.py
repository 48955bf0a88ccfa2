"""What a way of storing layouts must offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plates.layout import Layout
from plates.source import Source
from plates.well import PlateFormat


@dataclass(frozen=True, slots=True)
class Choices:
    """What the caller knows or confirms."""

    plate_format: PlateFormat | None = None
    """The plate that the wells must be on."""
    fractions: bool = False
    """Read a bare dilution below 1 as a fraction."""


@dataclass(frozen=True, slots=True)
class LayoutFormat:
    """One way of storing a layout in a file."""

    name: str
    title: str
    """In words, for messages and the reference."""
    recognise: Callable[[Source], bool]
    """Whether the content is stored this way; the name of the file decides nothing."""
    read: Callable[[Source, Choices], Layout]
