"""Exports of PerkinElmer EnVision and EnSpire Workstation: stacked plates, then the protocol.

Each section begins ``Plate information``, a header and a line of facts; its data
are a grid under a title (``Results for …``, ``Signal for …``, ``Calculated
results: …``), or bare rows without heads, or a list with a line per well and
wavelength. The end of the file says by what filters it was measured.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from plates.errors import ReaderError
from plates.grid import decimal_mark, parse_cell, parse_number
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.envision_sections import Section, read_sections
from plates.readers.envision_settings import Settings, read_settings, unwrap
from plates.roles import role_of
from plates.source import Source
from plates.table import Table, cell
from plates.well import PlateFormat, Well
from plates.wellcells import build_read, check_total, fit_plate, tell_uneven

_HEAD = "Plate information"
_FOOT = re.compile(r"Exported with (EnVision|EnSpire) Workstation(?: version)?\s*([\d.]*)")


def recognise(source: Source) -> Recognition:
    """Look for ``Plate information`` over a header ``Plate, Repeat, Barcode``."""
    wanted = f"the lines {_HEAD!r} and 'Plate,Repeat,Barcode'"
    if source.is_workbook:
        own = any(
            cell(row, 0) == _HEAD and table.rows[at + 1 : at + 2] and _is_header(table.rows[at + 1])
            for table in source.tables
            for at, row in enumerate(table.rows[:40])
        )
    else:
        lines = [line.strip(' "') for line in source.opening.split("\n")]
        own = any(line.rstrip(",;\t ") == _HEAD for line in lines[:40]) and any(
            re.match(r'Plate"?[,;\t]"?Repeat"?[,;\t]"?Barcode', line) for line in lines[:42]
        )
    return Recognition(own, f"it has {wanted} of EnVision" if own else f"{wanted} of EnVision")


def _is_header(row: tuple[str, ...]) -> bool:
    return row[:3] == ("Plate", "Repeat", "Barcode")


def read(source: Source) -> Export:
    """Read every section of an EnVision or EnSpire export.

    Raises
    ------
    ReaderError
        When a section has no head, its rows do not fit the plate, there is no raw
        data, or the file does not end as the program ends it.
    """
    table = next((each for each in source.tables if any(map(any, each.rows))), source.tables[0])
    foot = _foot(table)
    end = next(
        (i for i, row in enumerate(table.rows) if cell(row, 0) == "Basic assay information"),
        len(table.rows),
    )
    settings = read_settings(table, end)
    sections = read_sections(table, end, settings.format)
    if not any(data.raw for section in sections for data in section.data):
        raise ReaderError(
            "envision: expected a table 'Results for …' or 'Signal for …', found "
            + ("only calculated results" if any(each.data for each in sections) else "none"),
            table.at(0),
            "Tick the raw data in the export options.",
        )
    mark = decimal_mark(
        (text for section in sections for data in section.data for text in data.texts()),
        source.name,
    )
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    notes: list[str] = []
    plate = settings.format or fit_plate(
        (well for section in sections for data in section.data for well in data.wells()),
        "envision",
        table.at(0),
    )
    total = sum(len(data.series) for section in sections for data in section.data)
    check_total(total, plate, "envision", source.name)
    numbers: dict[str, int] = {}
    for name, own in _by_plate(sections).items():
        numbers[name] = len(numbers) + 1
        found = list(_reads(name, numbers[name], own, settings, plate, mark))
        reads += found
        notes += _unread(name, found, settings)
        for data in (data for section in own for data in section.data):
            notes += tell_uneven(data.series, data.read)
        printed += _printed(numbers[name], own, mark)
    contents = _contents(settings, numbers)
    first = sections[0].facts
    return Export(
        software=f"{foot[1]} Workstation {foot[2]}".strip(),
        reader="envision",
        reads=tuple(reads),
        instrument=settings.facts.get("nickname", "") or foot[1],
        read_at=first.get("Measurement date", "") or settings.facts.get("assay started", ""),
        layout=Layout(plate, contents, source.name) if contents else None,
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata=_metadata(settings, unwrap(first.get("Barcode", ""))),
    )


def _foot(table: Table) -> re.Match[str]:
    for row in reversed(table.rows):
        if found := _FOOT.match(cell(row, 0)):
            return found
    raise ReaderError(
        "envision: expected a last line 'Exported with EnVision Workstation', found none",
        table.at(len(table.rows) - 1),
        "Was the export cut short?",
    )


def _by_plate(sections: list[Section]) -> dict[str, list[Section]]:
    plates: dict[str, list[Section]] = {}
    for section in sections:
        plates.setdefault(section.facts.get("Plate", ""), []).append(section)
    return {
        name: own for name, own in plates.items() if any(d.raw for each in own for d in each.data)
    }


def _reads(
    name: str,
    number: int,
    sections: list[Section],
    settings: Settings,
    plate: PlateFormat,
    mark: str,
) -> Iterator[PlateRead]:
    count = 0
    for section in sections:
        for data in section.data:
            if not data.raw:
                continue
            count += 1
            info = section.facts.get("Measinfo", "")
            label = section.facts.get("Label", "") or data.label
            mode = settings.mode(label, info)
            wave = settings.wave(label, mode, "De=2nd" in info or "channel 2" in data.title)
            degrees = parse_number(section.temperature, mark)
            for series in data.series:
                series.temperature_c = math.nan if degrees is None else degrees
                found = build_read(
                    series, plate, mark, name=name, number=number, read=data.read or str(count),
                    mode=mode, wave=wave,
                )  # fmt: skip
                yield replace(found, flags={**section.saturated, **found.flags})


def _unread(name: str, reads: list[PlateRead], settings: Settings) -> Iterator[str]:
    """The plate map says which wells were to be measured."""
    wanted = settings.maps.get(name, {})
    for read in reads[:1]:
        missing = [
            well
            for well in wanted
            if read.values[well.row, well.column] != read.values[well.row, well.column]
            and well not in read.flags
        ]
        if missing:
            yield (
                f"Plate {name}: {len(missing)} of the {len(wanted)} wells of the plate map have "
                f"no reading, the first is {missing[0]}."
            )


def _printed(number: int, sections: list[Section], mark: str) -> Iterator[PrintedResult]:
    for section in sections:
        for data in section.data:
            for series in () if data.raw else data.series:
                for well, text in series.cells.items():
                    yield PrintedResult(number, well, data.quantity, *parse_cell(text, mark))


def _contents(settings: Settings, numbers: dict[str, int]) -> dict[tuple[str, Well], WellContent]:
    return {
        (plate, well): WellContent(role_of(text) or Role.SAMPLE, text)
        for plate, wells in settings.maps.items()
        if plate in numbers
        for well, text in wells.items()
        if text != "-"
    }


def _metadata(settings: Settings, barcode: str) -> dict[str, str]:
    facts = settings.facts
    found = {
        "protocol": facts.get("protocol name", ""),
        "plate_type": facts.get("name of the plate type", ""),
        "serial_number": facts.get("serial#", "") or facts.get("serial number", ""),
        "barcode": barcode,
        "assay_id": facts.get("assay id", ""),
    }
    return {key: text for key, text in found.items() if text}


READER = PlateReader(
    name="envision",
    software="PerkinElmer EnVision, EnSpire (csv, text)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".txt"),
    tested_on=(
        "7 exports of EnVision 1.13, 1.14 and EnSpire 2.00, 4.10: 24 to 384 wells, several "
        "plates, spectra"
    ),
)
