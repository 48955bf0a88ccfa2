"""Read a layout from a file, whichever way it is stored."""

from __future__ import annotations

from pathlib import Path

from plates.errors import LabError, LayoutError
from plates.layout import Layout
from plates.layouts.contract import Choices, LayoutFormat
from plates.plugins import collect
from plates.source import Source
from plates.well import PlateFormat


def read_layout(
    place: str | Path | Source,
    *,
    plate_format: PlateFormat | None = None,
    confirm_fraction_dilutions: bool = False,
) -> Layout:
    """Read what was put in each well.

    A workbook or csv of plate-shaped blocks, a tidy table with a row per well, or toml.
    Several sheets are several plates, named by their sheets; a single sheet without a
    label stands for every plate of the run.

    Parameters
    ----------
    place : path or Source
    plate_format : PlateFormat, optional
        The plate that was read: a well that it does not have is an error with its place.
    confirm_fraction_dilutions : bool
        Read a bare dilution below 1 (``0.1``) as a fraction, 1 in 10.

    Raises
    ------
    LayoutError
        Names file and cell or line, what was expected, what was found, what to try.
    SourceError
        When there is no such file, or it is empty.
    """
    source = Source.of(place)
    layout = format_of(source).read(source, Choices(plate_format, confirm_fraction_dilutions))
    from plates.layouts.require import require_nominals

    require_nominals(layout)
    return layout


def is_layout(place: str | Path | Source) -> bool:
    """Whether a file looks like a layout at all; whether it is sound is for reading to say."""
    source = Source.of(place)
    try:
        return bool(_formats_of(source))
    except LabError:
        return False


def format_of(source: Source) -> LayoutFormat:
    """The one way of storing layouts that recognises a file.

    Raises
    ------
    LayoutError
        When none does, or more than one.
    """
    found = _formats_of(source)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(way.title for way in found)
        raise LayoutError(f"this could be {names}", source.name, "Keep one of the two in the file.")
    raise LayoutError(
        "no layout was found in this file",
        source.name,
        "Expected plate-shaped blocks (1, 2, 3 … across, A, B, C … down, a name in the corner) "
        "or a table with the columns well and role. `assays init elisa` writes a form to fill in.",
    )


def _formats_of(source: Source) -> list[LayoutFormat]:
    return [way for way in collect("plates.layouts", "FORMAT") if way.recognise(source)]
