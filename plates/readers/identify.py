"""Find the one reader that knows a file, and read the file with it.

The content decides, never the name. Vendor readers are asked first; the plain
ones only when no vendor answers. Nobody, or two of them, is an error: we do
not guess about a patient's sample.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

from plates.coverage import missing_wells
from plates.errors import IdentifyError
from plates.plateread import Export
from plates.plugins import collect
from plates.readers.contract import PlateReader
from plates.source import Source


def readers() -> tuple[PlateReader, ...]:
    """Every reader there is, vendor readers first, then by name."""
    found: tuple[PlateReader, ...] = collect("plates.readers", "READER")
    return tuple(sorted(found, key=lambda reader: (not reader.vendor, reader.name)))


def read(place: str | Path | Source, reader: str | None = None) -> Export:
    """Read an export of a plate reader.

    Parameters
    ----------
    place : path or Source
        The file as it left the instrument.
    reader : str, optional
        Name of a reader to force; without it the content decides.

    Returns
    -------
    Export
        Raw reads, the layout the export carries, and printed results; notes name every well
        that the format, the layout or another read implies and that has no reading.

    Raises
    ------
    IdentifyError
        When no reader, or more than one, recognises the file.
    ReaderError
        When the file breaks off or contradicts itself.
    """
    source = Source.of(place)
    chosen = identify(source) if reader is None else by_name(reader)
    export = chosen.read(source)
    told = missing_wells(export)
    return replace(export, notes=tuple(dict.fromkeys((*export.notes, *told)))) if told else export


def identify(place: str | Path | Source) -> PlateReader:
    """Find the one reader that recognises a file by its content.

    Raises
    ------
    IdentifyError
        When none does, or two readers of one tier do.
    SourceError
        When the file cannot be opened.
    """
    source = Source.of(place)
    if source.is_workbook:
        _ = source.tables
    for tier in (True, False):
        asked = [(each, each.recognise(source)) for each in readers() if each.vendor is tier]
        known = [(each, answer) for each, answer in asked if answer]
        if len(known) == 1:
            return known[0][0]
        if known:
            claims = "; ".join(f"{each.name}: {answer.reason}" for each, answer in known)
            raise IdentifyError(
                f"{len(known)} readers recognise this file ({claims})",
                source.name,
                "Choose one with --reader NAME.",
            )
    raise IdentifyError(
        f"no reader recognises this file, which begins with {_beginning(source)}: looked for the "
        f"marks of {sum(each.vendor for each in readers())} programs, plain grids and tidy tables",
        source.name,
        "Export it again as it leaves the instrument's software; `assays read FILE --why` tells "
        f"what each reader looked for. Readers are {', '.join(each.name for each in readers())}.",
    )


def reasons(place: str | Path | Source) -> tuple[tuple[str, bool, str], ...]:
    """What every reader says of a file: its name, yes or no, and by what."""
    source = Source.of(place)
    answers = [(each.name, each.recognise(source)) for each in readers()]
    return tuple((name, answer.yes, answer.reason) for name, answer in answers)


def _beginning(source: Source) -> str:
    if source.is_workbook:
        return f"the sheets {', '.join(repr(table.sheet) for table in source.tables[:3])}"
    lines = (line.strip() for line in source.opening.split("\n"))
    first = next((line for line in lines if line), "")
    return repr(f"{first[:39]}…" if len(first) > 40 else first) if first else "binary data"


def by_name(name: str) -> PlateReader:
    """Return the reader of a name.

    Raises
    ------
    IdentifyError
        When there is none of that name.
    """
    for each in readers():
        if each.name == name:
            return each
    names = [each.name for each in readers()]
    near = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise IdentifyError(
        f"there is no reader {name!r}", hint=f"{hint}Readers are {', '.join(names)}."
    )
