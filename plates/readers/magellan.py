"""Exports of Tecan Magellan (lists and grids, xlsx and old xls) and of XFluor for the Sunrise.

A Magellan list has a column ``Well positions`` and one column per label, over a
footer that describes ``Measurement 1``, ``2`` … in the order of the labels. Its
grids are headed ``<>``, one sheet each; a sheet of names is the layout. XFluor
writes ``SUNRISE; … XFLUOR4 Version`` over a grid.
"""

from __future__ import annotations

import re

from plates.errors import ReaderError
from plates.grid import decimal_mark, guess_mode
from plates.layout import Layout, WellContent
from plates.plateread import Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.readers.magellan_layout import contents_of
from plates.readers.magellan_list import Column, read_list
from plates.readers.tecan_blocks import Sheet, read_sheet
from plates.readers.tecan_measurement import Measurement
from plates.source import Source
from plates.table import Table, cell
from plates.well import PlateFormat, Well
from plates.wellcells import WellCells, build_read, check_total, fill_wells, fit_plate, tell_missing

_SHEET = re.compile(r"Magellan Sheet \d+")
_XFLUOR = re.compile(r"XFLUOR\d* Version", re.I)


def recognise(source: Source) -> Recognition:
    """Look for the heading ``Well positions``, a sheet ``Magellan Sheet 1`` or an XFluor line."""
    wanted = "a heading 'Well positions', a sheet 'Magellan Sheet 1' or a line 'XFLUOR4 Version'"
    if not source.is_workbook:
        lines = source.opening.split("\n")[:40]
        heads = [re.split(r"[,;\t]", line.replace('"', "")) for line in lines]
        own = any("Well positions" in head for head in heads) or bool(
            lines and _XFLUOR.search(lines[0])
        )
        return Recognition(own, f"it has {wanted}" if own else f"{wanted} of Tecan Magellan")
    for table in source.tables:
        if _SHEET.fullmatch(table.sheet or ""):
            return Recognition(True, f"it has the sheet {table.sheet!r}")
        for row in table.rows[:5]:
            if "Well positions" in row:
                return Recognition(True, "it has the heading 'Well positions' of Magellan")
            if _XFLUOR.search(cell(row, 0)):
                return Recognition(True, "it has the line 'XFLUOR4 Version' of Tecan XFluor")
    return Recognition(False, f"{wanted} of Tecan Magellan")


def read(source: Source) -> Export:
    """Read the list, or every grid, and the layout.

    Raises
    ------
    ReaderError
        When there is neither a column of wells nor a grid, or the list breaks off.
    """
    for table in source.tables:
        listed = read_list(table)
        if listed is not None:
            return _from_list(source, table, listed.columns, listed.facts)
    sheets = [
        sheet
        for table in source.tables
        if (sheet := read_sheet(table, 0, len(table.rows), "magellan")).data
        or sheet.names is not None
    ]
    if not any(sheet.data for sheet in sheets):
        raise ReaderError(
            "magellan: expected a column 'Well positions' or a grid headed '<>', found neither",
            source.tables[0].at(0),
            "Nothing tells which well a number belongs to. Add the well positions to the export.",
        )
    return _from_grids(source, sheets)


def _from_list(
    source: Source, table: Table, columns: list[Column], facts: dict[str, str]
) -> Export:
    notes: list[str] = []
    mark = decimal_mark(
        (text for column in columns if column.raw for text in column.cells.values()), source.name
    )
    wells = {well for column in columns for well in column.cells}
    plate = fit_plate(wells, "magellan", table.at(0), [facts.get("plate_type", "")])
    reads: list[PlateRead] = []
    check_total(len(columns), plate, "magellan", source.name)
    for column in columns:
        if not column.raw:
            continue
        series = WellCells(column.cells, column.time_s, column.temperature_c)
        mode = column.mode or guess_mode(fill_wells(column.cells, plate, mark)[0])
        if not column.mode:
            notes.append(f"The file does not say what {column.label!r} is; taken as {mode}.")
        reads.append(
            build_read(
                series,
                plate,
                mark,
                name="",
                number=1,
                read=str(column.read),
                mode=mode,
                wave=column.wave,
            )
        )
        notes += tell_missing(column.cells, plate, column.label)
    contents = {
        ("", well): content
        for column in columns
        if column.names
        for well, content in contents_of(column.cells, notes).items()
    }
    return Export(
        software="Tecan Magellan",
        reader="magellan",
        reads=tuple(reads),
        instrument=facts.pop("instrument", ""),
        read_at=facts.pop("read_at", ""),
        layout=Layout(plate, contents, source.name) if contents else None,
        printed=tuple(
            each for column in columns if not column.raw for each in column.printed(mark)
        ),
        notes=tuple(dict.fromkeys(notes)),
        metadata=facts,
    )


def _from_grids(source: Source, sheets: list[Sheet]) -> Export:
    cells = [
        text
        for sheet in sheets
        for each in sheet.data
        for series in each.series
        for text in series.cells.values()
    ]
    mark = decimal_mark(cells, source.name)
    notes: list[str] = []
    reads: list[PlateRead] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    own = [sheet for sheet in sheets if sheet.data]
    first = own[0]
    xfluor = _XFLUOR.search(" ".join(cell(row, 0) for row in first.table.rows[:5])) is not None
    wells = {well for sheet in own for each in sheet.data for series in each.series
             for well in series.cells}  # fmt: skip
    plate = fit_plate(wells, "magellan", first.table.at(0))
    total = sum(len(each.series) for sheet in own for each in sheet.data)
    check_total(total, plate, "magellan", source.name)
    for number, sheet in enumerate(own, 1):
        name = (sheet.table.sheet or "") if xfluor else ""
        facts = sheet.head
        for count, each in enumerate(sheet.data, 1):
            settings = Measurement(each.label, {**_settings(facts), **each.facts})
            for series in each.series:
                mode = settings.mode
                if not mode:
                    mode = guess_mode(fill_wells(series.cells, plate, mark)[0])
                    notes.append(f"The file does not say what was measured; taken as {mode}.")
                reads.append(
                    build_read(
                        series,
                        plate,
                        mark,
                        name=name,
                        number=number,
                        read=str(count),
                        mode=mode,
                        wave=settings.wave,
                    )
                )
            notes += tell_missing(each.series[0].cells, plate, name)
    for sheet in sheets:
        if sheet.names is not None:
            for well, content in contents_of(sheet.names.cells, notes).items():
                _check_place(well, plate, sheet)
                contents["", well] = content
    head = first.head
    return Export(
        software="Tecan XFluor" if xfluor else "Tecan Magellan",
        reader="magellan",
        reads=tuple(reads),
        instrument=cell(first.table.rows[0], 0).partition(";")[0].strip() if xfluor else "",
        read_at=f"{head.get('date', '')} {head.get('time', '')}".strip(),
        layout=Layout(plate, contents, source.name) if contents else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _settings(facts: dict[str, str]) -> dict[str, str]:
    """XFluor names the mode ``Measurement mode`` and stands it in the head."""
    found = {key: text for key, text in facts.items() if "wavelength" in key}
    return {**found, "mode": facts.get("measurement mode", "")}


def _check_place(well: Well, plate: PlateFormat, sheet: Sheet) -> None:
    if well not in plate:
        raise ReaderError(
            f"magellan: the layout fills {well}, but the readings end before it",
            sheet.table.at(sheet.start),
            "Was the export cut short?",
        )


READER = PlateReader(
    name="magellan",
    software="Tecan Magellan, XFluor for Sunrise (xlsx, xls)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx", ".xls"),
    tested_on=(
        "4 exports of Magellan and XFluor for Sunrise: 96 and 384 wells, endpoint, standard curve"
    ),
)
