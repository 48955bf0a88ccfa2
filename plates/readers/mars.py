"""Exports of BMG LABTECH MARS: csv or text with grids, and workbooks with grids or tables.

A header (``User:``, ``Path:``, ``Test run no.:`` or ``Test ID:``, then ``ID1:`` …
and the mode on a line of its own) stands over blocks. A block titled ``Raw Data
(450)`` was measured; ``Blank corrected based on Raw Data (450)`` and the like
were worked out by MARS. Workbooks hold the same plate as grids on one sheet and
as a table on another; it is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import decimal_mark, guess_mode
from plates.layout import Layout, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.mars_blocks import Found, find_blocks, wave_of
from plates.source import Source
from plates.table import Row, Table, cell
from plates.well import PlateFormat, Well
from plates.wellcells import (
    build_read,
    check_total,
    fill_wells,
    fit_plate,
    tell_missing,
    tell_uneven,
)

_FACT = re.compile(r"([A-Za-z][A-Za-z0-9 .]{1,20}?)\s*(:|=)\s*(.*)")
_KEYS = (
    "user",
    "path",
    "test run no.",
    "test id",
    "test name",
    "date",
    "time",
    "id1",
    "id2",
    "id3",
)
_MODES = (
    ("absorbance", re.compile(r"absorb", re.I)),
    ("fluorescence", re.compile(r"fluor|trf|fret", re.I)),
    ("luminescence", re.compile(r"lumin|alpha|bret", re.I)),
)


def recognise(source: Source) -> Recognition:
    """Look for the lines ``User``, ``Path`` and the number of the test."""
    if source.is_workbook:
        heads = [_facts(table.rows[:20]) for table in source.tables]
        own = any({"user", "path"} <= head.keys() and head.keys() & _RUN for head in heads)
        # SMART Control writes the same header, and its name into the path.
        other = any("SMART Control" in head.get("path", "") for head in heads)
    else:
        lines = source.opening.split("\n")[:20]
        head = _facts(tuple(re.split(r"[,;\t]", line)) for line in lines)
        own, other = bool({"user", "path"} <= head.keys() and head.keys() & _RUN), False
    if own and not other:
        return Recognition(True, "it has the lines 'User', 'Path' and 'Test run no.' of MARS")
    return Recognition(False, "the lines 'User:', 'Path:' and 'Test run no.:' of BMG MARS")


_RUN = {"test run no.", "test id"}


@dataclass(slots=True)
class _Plate:
    """One plate of the file while it is being read."""

    number: int
    name: str
    facts: dict[str, str]
    mode: str
    where: str
    found: list[Found] = field(default_factory=list)


def read(source: Source) -> Export:
    """Read every plate of a MARS export.

    Raises
    ------
    ReaderError
        When there are no raw data, or a grid breaks off.
    """
    notes: list[str] = []
    plates = _plates(source, notes)
    if not any(found.raw for plate in plates for found in plate.found):
        raise ReaderError(
            "mars: expected a block 'Raw Data (…)', found none",
            source.name,
            "Tick the raw data in the export options of MARS.",
        )
    mark = decimal_mark(
        (
            text
            for plate in plates
            for found in plate.found
            for series in found.series
            for text in series.cells.values()
        ),
        source.name,
    )
    kept = dict.fromkeys(f.title for plate in plates for f in plate.found if not f.raw)
    if kept:
        shown = ", ".join(repr(title[:60]) for title in list(kept)[:6])
        notes.append(f"Kept as printed results, not as raw data: {shown}.")
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    largest = fit_plate(
        (well for plate in plates for found in plate.found for well in found.wells()),
        "mars",
        source.name,
    )
    total = sum(len(found.series) for plate in plates for found in plate.found)
    check_total(total, largest, "mars", source.name)
    for plate in plates:
        wells = [well for found in plate.found for well in found.wells()]
        layout = fit_plate(wells, "mars", plate.where)
        raws = [found for found in plate.found if found.raw]
        for count, found in enumerate(raws, 1):
            mode = plate.mode or _guess(found, mark, largest, notes)
            reads += [
                build_read(
                    series, layout, mark, name=plate.name, number=plate.number, read=str(count),
                    mode=mode, wave=wave_of(found.title, mode),
                )
                for series in found.series
            ]  # fmt: skip
            notes += tell_missing(found.series[0].cells, layout, plate.name)
            notes += tell_uneven(found.series, plate.name or "The plate")
            notes += found.notes
        times = {len(found.series) for found in raws}
        if len(times) > 1:
            notes.append(
                f"{plate.name or 'The plate'}: the raw data have unequal numbers of times "
                f"({', '.join(map(str, sorted(times)))})."
            )
        printed += [each for found in plate.found if not found.raw for each in
                    found.printed(plate.number, mark)]  # fmt: skip
        for found in plate.found:
            for well, content in found.contents.items():
                contents.setdefault((plate.name, well), content)
    first = plates[0].facts
    return Export(
        software="BMG LABTECH MARS",
        reader="mars",
        reads=tuple(reads),
        instrument=_instrument(first.get("path", "")),
        read_at=f"{first.get('date', '')} {first.get('time', '')}".strip(),
        layout=Layout(largest, contents, source.name) if contents else None,
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata={
            key.replace(".", "").replace(" ", "_"): text
            for key, text in first.items()
            if text and key not in ("date", "time", "path")
        },
    )


def _plates(source: Source, notes: list[str]) -> list[_Plate]:
    """One plate per header; a header that stands again brings more blocks of the same plate."""
    plates: dict[tuple[str, ...], _Plate] = {}
    for table in source.tables:
        for start, end in _sections(table):
            head = table.rows[start : start + 20]
            facts = _facts(head)
            key = tuple(facts.get(name, "") for name in _KEYS[2:])
            if not any(key):
                key = (table.at(start),)
                if any("=" in text for row in head for text in row):
                    notes.append(
                        "The header separates names and values with '=', which MARS does not: "
                        "plate, test and date were not taken from it."
                    )
            found = find_blocks(table, start, end)
            if not found:
                if table.sheet is None or "protocol" not in table.sheet.lower():
                    notes.append(f"There are no data under the header at {table.at(start)}.")
                continue
            plate = plates.setdefault(
                key, _Plate(len(plates) + 1, _name(facts), facts, _mode(head), table.at(start))
            )
            known = {(each.title, each.raw): each for each in plate.found}
            for block in found:
                twin = known.get((block.title, block.raw))
                if twin is None or not twin.same(block):
                    plate.found.append(block)
                else:
                    twin.contents.update(block.contents)
    return list(plates.values())


def _sections(table: Table) -> Iterator[tuple[int, int]]:
    starts = [i for i, row in enumerate(table.rows) if re.match(r"User\s*[:=]", cell(row, 0), re.I)]
    return zip(starts, [*starts[1:], len(table.rows)], strict=False)


def _facts(rows: tuple[Row, ...] | Iterator[Row]) -> dict[str, str]:
    """Facts of a header by lower-case name; '=' instead of a colon names no value."""
    facts: dict[str, str] = {}
    for row in rows:
        for text in row:
            found = _FACT.fullmatch(text.strip().strip('"'))
            if found and found[1].lower() in _KEYS:
                facts.setdefault(found[1].lower(), found[3].strip(" ,") if found[2] == ":" else "")
    return facts


def _name(facts: dict[str, str]) -> str:
    names = [facts.get(key, "") for key in ("id1", "id2", "id3")]
    plates = [name for name in names if name.lower().startswith("plate")]
    return plates[0] if plates else names[0]


def _mode(head: tuple[Row, ...]) -> str:
    """The mode stands on a line of its own."""
    for row in head:
        texts = [text for text in row if text]
        if len(texts) == 1 and not _FACT.fullmatch(texts[0]) and "Data" not in texts[0]:
            for mode, words in _MODES:
                if words.search(texts[0]):
                    return mode
    return ""


def _guess(found: Found, mark: str, layout: PlateFormat, notes: list[str]) -> str:
    mode = guess_mode(fill_wells(found.series[0].cells, layout, mark)[0])
    notes.append(f"The file does not say what was measured; taken as {mode}.")
    return mode


def _instrument(path: str) -> str:
    """MARS keeps the data under the name of the reader: ``…\\BMG\\CLARIOstar\\User\\Data``."""
    parts = re.split(r"[\\/]", path)
    after = [parts[i + 1] for i, part in enumerate(parts[:-1]) if part.upper() == "BMG"]
    return after[0] if after else ""


READER = PlateReader(
    name="mars",
    software="BMG LABTECH MARS (csv, text, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".txt", ".xlsx"),
    tested_on=(
        "7 exports of MARS: 96 to 1536 wells, endpoint, kinetic, text that lost its line ends"
    ),
)
