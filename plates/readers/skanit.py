"""Exports of Thermo SkanIt and Multiskan software: workbooks, and text of the older program.

In a workbook every step of the session has a sheet that begins ``Measurement
results``: its title, then per wavelength and plate a grid with a word in its
corner (``Abs``, ``RFU``, ``Blank subtracted``, ``Sample`` …), or a table of
readings with a column per well. Steps that calculate look the same; their title
and corner tell them apart. ``Layout definitions`` says what was in the wells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import decimal_mark
from plates.layout import Layout, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.skanit_layout import names_as_contents, read_layouts
from plates.readers.skanit_sheet import Block, read_raw_list, read_step
from plates.readers.skanit_text import looks_like_text, read_text
from plates.source import Source
from plates.table import Table, cell
from plates.well import PlateFormat, Well
from plates.wellcells import build_read, check_total, fit_plate, tell_missing, tell_uneven

_HEAD = "Measurement results"


def recognise(source: Source) -> Recognition:
    """Look for a sheet that begins ``Measurement results``, or text with ``Results of`` a step."""
    wanted = (
        f"a sheet that begins {_HEAD!r}, or the lines 'Results of …' and 'Plate:1 - Wavelength'"
    )
    if source.is_workbook:
        own = any(_is_step(table) for table in source.tables)
    else:
        own = looks_like_text(source.opening)
    return Recognition(own, f"it has {wanted}" if own else f"{wanted} of Thermo SkanIt")


def _is_step(table: Table) -> bool:
    return bool(table.rows) and cell(table.rows[0], 0).startswith(_HEAD)


@dataclass(slots=True)
class _Plate:
    """What the sheets hold of one plate."""

    number: int
    name: str
    raw: list[Block] = field(default_factory=list)
    calculated: list[Block] = field(default_factory=list)
    names: dict[Well, str] = field(default_factory=dict)
    counted: int = 0
    """Numbers in tables of readings that a list repeats with its times."""


def read(source: Source) -> Export:
    """Read every step of the session.

    Raises
    ------
    ReaderError
        When there is no measurement, or a grid has fewer rows than its plate.
    """
    if not source.is_workbook:
        return read_text(source)
    plates = _plates(source)
    if not any(plate.raw for plate in plates):
        raise ReaderError(
            "skanit: expected a measured grid ('Abs', 'RFU', 'RLU' in its corner), found none",
            source.name,
            "Export the sheet of the measurement step too.",
        )
    texts = (
        text
        for plate in plates
        for block in plate.raw
        for series in block.series
        for text in series.cells.values()
    )
    mark = decimal_mark(texts, source.name)
    sheets = {(table.sheet or "").lower(): table for table in source.tables}
    contents, templates = read_layouts(sheets.get("layout definitions"))
    facts = _facts(source)
    hints = [*templates.values(), facts.get("plate template", "")]
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    notes: list[str] = []
    formats: list[PlateFormat] = []
    for plate in plates:
        layout = _format(plate, hints, source)
        formats.append(layout)
        total = sum(len(block.series) for each in plates for block in each.raw)
        check_total(total, layout, "skanit", source.name)
        for count, block in enumerate(plate.raw, 1):
            _check_grid(block, layout, plate)
            notes += block.notes
            if len(block.series) == 1:
                notes += tell_missing(block.series[0].cells, layout, plate.name)
            elif not block.own_times:
                notes += tell_uneven(block.series, plate.name or block.title)
            reads += [
                build_read(
                    series, layout, mark, name=plate.name, number=plate.number,
                    read=f"{count}:i{cycle}" if block.counted else str(count), mode=block.mode,
                    wave=block.wave,
                )
                for cycle, series in enumerate(block.series, 1)
            ]  # fmt: skip
        for block in plate.calculated:
            printed += block.printed(plate.number, mark)
        if not any(name == plate.name for name, _ in contents) and plate.names:
            contents.update(names_as_contents(plate.name, plate.names))
    notes += _unread(plates, contents)
    largest = max(formats, key=lambda each: each.size)
    return Export(
        software=_software(facts),
        reader="skanit",
        reads=tuple(reads),
        instrument=facts.get("name", ""),
        read_at=facts.get("execution time", ""),
        layout=Layout(largest, contents, source.name) if contents else None,
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata=_metadata(facts, templates),
    )


def _plates(source: Source) -> list[_Plate]:
    plates: dict[str, _Plate] = {}
    lists = [each for table in source.tables if (each := read_raw_list(table)) is not None]
    for table in source.tables:
        if not _is_step(table):
            continue
        for block in read_step(table):
            plate = plates.setdefault(block.plate, _Plate(len(plates) + 1, block.plate))
            if block.is_names:
                plate.names.update(block.series[0].cells)
            elif not block.raw:
                plate.calculated.append(block)
            elif block.counted and lists:
                plate.counted += sum(len(series.cells) for series in block.series)
            else:
                plate.raw.append(block)
    for block in lists:
        _compare(block, plates.values())
        # The list has the exact time of every well; the table of readings repeats its numbers.
        plate = plates.setdefault(block.plate, _Plate(len(plates) + 1, block.plate))
        plate.raw.append(block)
    return [plate for plate in plates.values() if plate.raw or plate.calculated]


def _compare(block: Block, plates: Iterable[_Plate]) -> None:
    """The list and the table of readings hold the same numbers."""
    counted = sum(plate.counted for plate in plates)
    listed = sum(len(series.cells) for series in block.series)
    if counted and counted != listed:
        raise ReaderError(
            f"skanit: the table of readings has {counted} numbers, the list of raw data {listed}",
            block.where,
            "Was the export cut short or edited?",
        )


def _format(plate: _Plate, hints: list[str], source: Source) -> PlateFormat:
    blocks = [*plate.raw, *plate.calculated]
    corner = Well(max(block.rows for block in blocks) - 1, max(b.columns for b in blocks) - 1)
    return fit_plate([corner], "skanit", source.name, hints)


def _check_grid(block: Block, layout: PlateFormat, plate: _Plate) -> None:
    """SkanIt prints every row and column of the plate, also the empty ones."""
    if block.is_grid and (block.lines, block.columns) != (layout.rows, layout.columns):
        raise ReaderError(
            f"skanit: the grid of {plate.name or 'the plate'} has {block.lines} rows and "
            f"{block.columns} columns, expected {layout.rows} and {layout.columns}",
            block.where,
            "Was the export cut short or edited?",
        )


def _unread(plates: list[_Plate], contents: dict[tuple[str, Well], WellContent]) -> Iterator[str]:
    for plate in plates:
        read_wells = {w for block in plate.raw for series in block.series for w in series.cells}
        filled = {well for name, well in contents if name == plate.name}
        missing = sorted(filled - read_wells)
        if missing and read_wells:
            yield (
                f"{plate.name}: the layout fills {len(missing)} wells without a reading "
                f"({', '.join(map(str, missing[:4]))}{' …' if len(missing) > 4 else ''})."
            )


def _facts(source: Source) -> dict[str, str]:
    """Lines ``name … value`` of the sheets of information; the first of a name counts."""
    facts: dict[str, str] = {}
    for table in source.tables:
        if "information" in (table.sheet or "").lower():
            for row in table.rows:
                texts = [text for text in row if text]
                if len(texts) == 2:
                    facts.setdefault(texts[0].lower().rstrip(":"), texts[1])
    return facts


def _software(facts: dict[str, str]) -> str:
    told = facts.get("report generated with sw version", "")
    version = re.search(r"SkanIt Software\s+([\d.]+)", told)
    return f"SkanIt {version[1]}" if version else "SkanIt"


def _metadata(facts: dict[str, str], templates: dict[str, str]) -> dict[str, str]:
    found = {
        "session": facts.get("session name", ""),
        "serial_number": facts.get("serial number", ""),
        "plate_type": next(iter(templates.values()), facts.get("plate template", "")),
    }
    return {key: text for key, text in found.items() if text}


READER = PlateReader(
    name="skanit",
    software="Thermo SkanIt, Multiskan (xlsx, text)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx", ".txt"),
    tested_on=(
        "5 exports of SkanIt 7.0 and Multiskan: 96 wells, endpoint, kinetic, spectra, "
        "standard curve, several plates"
    ),
)
