"""Turn the runs that a Tecan program printed into an export, and check that they are whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from plates.errors import LabError, ReaderError
from plates.grid import decimal_mark, guess_mode, parse_cell
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.tecan_blocks import Sheet, read_sheet
from plates.readers.tecan_measurement import Measurement
from plates.roles import role_of
from plates.source import Source
from plates.table import Table, cell
from plates.well import PlateFormat, Well
from plates.wellcells import (
    build_read,
    check_total,
    fill_wells,
    fit_plate,
    tell_missing,
    tell_uneven,
)


def opens_with(source: Source, application: str) -> bool:
    """Whether a sheet, or the text, has a line ``Application: …`` of the program near its top."""
    if not source.is_workbook:
        lines = source.opening.split("\n")[:40]
        return any(_is_application(line.strip(' "'), application) for line in lines)
    return any(
        _is_application(cell(row, 0), application)
        for table in source.tables
        for row in table.rows[:40]
    )


def _is_application(text: str, application: str) -> bool:
    return text.startswith("Application:") and application in text


def read_runs(source: Source, program: str, application: str) -> Export:
    """Read every run of a program: one per worksheet, or per ``Application:`` line.

    Raises
    ------
    ReaderError
        When there are no data, or fewer wells than ``Part of Plate`` announces.
    """
    notes: list[str] = []
    runs = [
        read_sheet(table, start, end, program)
        for table in source.tables
        for start, end in _sections(table, application)
    ]
    sheets = [sheet for sheet in runs if sheet.data]
    notes += _left_out(source, runs)
    if not sheets:
        raise ReaderError(
            f"{program}: expected a grid headed '<>' or a table 'Cycle Nr.', found none",
            source.name,
            "Was the measurement aborted, or the export cut short?",
        )
    mark = decimal_mark(_cells(sheets), source.name)
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    formats: list[PlateFormat] = []
    for number, sheet in enumerate(sheets, 1):
        name = sheet.table.sheet or sheet.head.get("plate-id", "")
        wells = (well for each in sheet.data for series in each.series for well in series.cells)
        plate = fit_plate(
            wells, program, sheet.table.at(sheet.start), [sheet.head.get("plate", "")]
        )
        formats.append(plate)
        total = sum(len(each.series) for own in sheets for each in own.data)
        check_total(total, plate, program, sheet.table.at(sheet.start))
        if not sheet.ended:
            notes.append(
                f"{name or 'The run'}: no 'End Time' follows the last data; was it cut short?"
            )
        own = list(_reads(sheet, plate, name, number, mark, program, notes))
        if not own:
            raise ReaderError(
                f"{program}: {name or 'the run'} has no raw data", sheet.table.at(sheet.end - 1),
                "Export the raw data too.",
            )  # fmt: skip
        reads += own
        printed += _printed(sheet, number, mark)
        for well, text in sheet.names.cells.items() if sheet.names else ():
            contents[(name, well)] = WellContent(role_of(text) or Role.SAMPLE, text)
    head = sheets[0].head
    largest = max(formats, key=lambda each: each.size)
    return Export(
        software=_software(sheets[0], application),
        reader=program,
        reads=tuple(reads),
        instrument=head.get("device", ""),
        read_at=f"{head.get('date', '')} {head.get('time', '')}".strip(),
        layout=Layout(largest, contents, source.name) if contents else None,
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata=_metadata(sheets[0]),
    )


def _sections(table: Table, application: str) -> Iterable[tuple[int, int]]:
    starts = [i for i, row in enumerate(table.rows) if _is_application(cell(row, 0), application)]
    return zip(starts, [*starts[1:], len(table.rows)], strict=False)


def _left_out(source: Source, runs: Sequence[Sheet]) -> Iterable[str]:
    """Notes on runs and measurements without data, and on sheets that are no runs."""
    for sheet in runs:
        name = sheet.table.sheet or "The run"
        if not sheet.data:
            yield f"{name}: there are no data under its head; left out."
        for each in sheet.measurements if sheet.data else ():
            if not each.series and each.facts.get("mode", "").lower() != "kinetic":
                yield f"{name}: the measurement {each.label!r} has no data."
    known = {sheet.table.sheet for sheet in runs}
    for table in source.tables:
        if table.sheet not in known and any(map(any, table.rows)):
            yield f"The sheet {table.sheet!r} has no head of a run; left out."


def _cells(sheets: Sequence[Sheet]) -> Iterable[str]:
    return (
        text
        for sheet in sheets
        for each in sheet.data
        for series in each.series
        for text in series.cells.values()
    )


def _reads(
    sheet: Sheet,
    plate: PlateFormat,
    name: str,
    number: int,
    mark: str,
    program: str,
    notes: list[str],
) -> Iterable[PlateRead]:
    raws = [each for each in sheet.data if not each.calculated]
    for count, each in enumerate(raws, 1):
        notes += _check_part(each, plate, sheet, name, program)
        notes += tell_uneven(each.series, name)
        notes += each.notes
        mode = each.mode
        if not mode:
            mode = guess_mode(fill_wells(each.series[0].cells, plate, mark)[0])
            notes.append(f"The file does not say what was measured; taken as {mode}.")
        for series in each.series:
            yield build_read(
                series, plate, mark, name=name, number=number, read=str(count), mode=mode,
                wave=each.wave,
            )  # fmt: skip


def _check_part(
    each: Measurement, plate: PlateFormat, sheet: Sheet, name: str, program: str
) -> list[str]:
    """The wells that the measurement names must all have been read."""
    part = each.facts.get("part of plate", "")
    cells = each.series[0].cells
    if not part:
        return tell_missing(cells, plate, name)
    where = sheet.table.at(each.row)
    try:
        wells = plate.range(part.replace(";", ","), where)
    except LabError as error:
        raise ReaderError(
            f"{program}: the part of the plate {part!r}: {error.message}", where
        ) from error
    missing = [well for well in wells if well not in cells]
    if missing:
        raise ReaderError(
            f"{program}: the part of the plate is {part}, but {len(missing)} of its "
            f"{len(wells)} wells have no reading, the first is {missing[0]}",
            where,
            "Was the export cut short or edited?",
        )
    return []


def _printed(sheet: Sheet, number: int, mark: str) -> Iterable[PrintedResult]:
    for each in sheet.data:
        for series in each.series if each.calculated and len(each.series) == 1 else ():
            for well, text in series.cells.items():
                yield PrintedResult(number, well, each.label, *parse_cell(text, mark))


def _software(sheet: Sheet, application: str) -> str:
    """``Application: SparkControl`` and, further right, its version or its name with one."""
    texts = [text for text in sheet.table.rows[sheet.start] if text]
    version = texts[1] if len(texts) > 1 else ""
    version = version.replace(application, "").strip(" ,")
    name = application if application.startswith("Tecan") else f"Tecan {application}"
    return f"{name} {version}".strip()


def _metadata(sheet: Sheet) -> dict[str, str]:
    facts = {
        "plate_type": sheet.head.get("plate", ""),
        "barcode": sheet.head.get("plate-id", ""),
        "comment": sheet.head.get("comment", ""),
        "user": sheet.head.get("user", ""),
    }
    row = sheet.table.rows[sheet.start + 1] if sheet.start + 1 < sheet.end else ()
    serial = next((text for text in row if text.startswith("Serial number:")), "")
    facts["serial_number"] = serial.partition(":")[2].strip()
    if not math.isnan(warm := _temperature(sheet)):
        facts["temperature_c"] = f"{warm:g}"
    return {key: text for key, text in facts.items() if text}


def _temperature(sheet: Sheet) -> float:
    return sheet.data[0].series[0].temperature_c
