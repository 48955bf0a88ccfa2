"""Exports of BioTek/Agilent Gen5: tab text, csv and xlsx, one or many plates.

A plate begins with ``Software Version``; the procedure follows, then perhaps a
``Layout`` block, then grids (one or more lines per plate row, told apart by the
label in the last column), time tables, spectra and area scans with one column
per well, each under a title. Which of them are raw reads is a matter of labels
(`gen5_procedure`); everything else was calculated by Gen5 and is kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from plates.errors import LayoutError, ReaderError
from plates.grid import decimal_mark, format_for
from plates.layout import Layout, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.gen5_layout import contents_of, read_wells
from plates.readers.gen5_procedure import Step, read_steps
from plates.readers.gen5_results import Found, read_results
from plates.source import Source
from plates.table import Table, cell
from plates.well import PlateFormat, Well, row_letters

_FACTS = {
    "Experiment File Path": "experiment",
    "Protocol File Path": "protocol",
    "Reader Serial Number": "serial_number",
    "Reading Type": "reading_type",
    "User Name": "user",
    "Barcode": "barcode",
    "Plate Type": "plate_type",
}


def recognise(source: Source) -> Recognition:
    """Look for a ``Software Version`` line with ``Procedure Details`` or ``Plate Number``."""
    if source.is_workbook:
        heads = [row for table in source.tables for row in table.rows[:40]]
        keys = {cell(row, 0).rstrip(":") for row in heads}
    else:
        lines = source.opening.split("\n")
        keys = {line.replace(",", "\t").split("\t")[0].strip(' ":') for line in lines}
    if "Software Version" in keys and keys & {"Procedure Details", "Plate Number"}:
        return Recognition(True, "it has the lines 'Software Version' and 'Plate Number' of Gen5")
    return Recognition(False, "the lines 'Software Version' and 'Procedure Details' of Gen5")


@dataclass(slots=True)
class _Plate:
    """One plate of the file while it is being read."""

    table: Table
    start: int
    end: int
    facts: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    number: int = 1
    label: str = ""
    """The name, made unique where two plates of one name have different layouts."""

    @property
    def name(self) -> str:
        return self.facts.get("Plate Number", "")


def read(source: Source) -> Export:
    """Read every plate of a Gen5 export.

    Raises
    ------
    ReaderError
        When there is no raw read, or a grid has fewer wells than it announces.
    """
    plates = [_open_plate(*part) for part in _sections(source)]
    if not plates:
        raise ReaderError(
            "gen5: expected a line 'Software Version', found none", source.name,
            "Export the plate again with its header.",
        )  # fmt: skip
    reads: list[PlateRead] = []
    printed: list[PrintedResult] = []
    notes: list[str] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    formats: list[PlateFormat] = []
    for number, plate in enumerate(plates, 1):
        found = read_results(plate.table, plate.start, plate.end, plate.steps)
        mark = decimal_mark(found.cells(), source.name)
        formats.append(_format(plate, found))
        plate.number, plate.label = number, plate.name
        notes += _add_layout(contents, plate, found, mark)
        own = list(found.reads(plate.label, number, formats[-1], mark))
        _check_rows(plate, found, formats[-1])
        printed += found.printed(number, mark)
        notes += [f"{plate.name}: {note}" for note in found.notes]
        if not own:
            raise ReaderError(
                f"gen5: {plate.name or 'the plate'} has no raw read"
                + (", only calculated results" if found.grids else ""),
                plate.table.at(plate.end - 1),
                "Tick the raw data (the wavelength) in the export options of Gen5.",
            )
        reads += own
    first = plates[0].facts
    layout = Layout(max(formats, key=lambda each: each.size), contents, source.name)
    return Export(
        software=f"Gen5 {first.get('Software Version', '')}".strip(),
        reader="gen5",
        reads=tuple(reads),
        instrument=first.get("Reader Type", ""),
        read_at=f"{first.get('Date', '')} {first.get('Time', '')}".strip(),
        layout=layout if contents else None,
        printed=tuple(printed),
        notes=tuple(dict.fromkeys(notes)),
        metadata=_metadata(plates),
    )


def _sections(source: Source) -> list[tuple[Table, int, int]]:
    """Where each plate begins and ends."""
    sections: list[tuple[Table, int, int]] = []
    for table in source.tables:
        starts = [i for i, row in enumerate(table.rows) if cell(row, 0) == "Software Version"]
        ends = [*starts[1:], len(table.rows)]
        sections += [(table, *span) for span in zip(starts, ends, strict=False)]
    return sections


def _open_plate(table: Table, start: int, end: int) -> _Plate:
    """Read the header and the procedure of one plate."""
    plate = _Plate(table, start, end)
    procedure = 0
    for index in range(start, end):
        row = table.rows[index]
        key = cell(row, 0).rstrip(":")
        if key == "Procedure Details":
            procedure = index
        elif key and key not in plate.facts:
            plate.facts[key] = cell(row, 1)
        elif key == "Layout" or (procedure and "Results" in key):
            break
    plate.steps = read_steps(table.rows[procedure:end]) if procedure else []
    return plate


def _format(plate: _Plate, found: Found) -> PlateFormat:
    try:
        return format_for(found.rows, found.columns, [plate.facts.get("Plate Type", "")])
    except LayoutError as error:
        raise ReaderError(f"gen5: {error.message}", plate.table.at(plate.start)) from error


def _check_rows(plate: _Plate, found: Found, layout: PlateFormat) -> None:
    """A full plate has all its rows; rows that the user chose are told."""
    chosen = any(key.startswith("Well Selection") for key in plate.facts)
    for grid in found.grids:
        rows = {line.letter for line in grid.lines}
        if grid.raw is None or len(rows) == layout.rows:
            continue
        names = ", ".join(row_letters(row) for row in sorted(rows))
        whole = grid.raw.step is not None and grid.raw.step.full_plate and not chosen
        if whole and found.columns == layout.columns:
            raise ReaderError(
                f"gen5: {grid.label!r} has the rows {names} of a full {layout.size}-well plate",
                plate.table.at(grid.lines[-1].table_row),
                "Was the export cut short?",
            )
        found.notes.append(f"{grid.label!r} has the rows {names} of a {layout.size}-well plate.")


def _add_layout(
    contents: dict[tuple[str, Well], WellContent], plate: _Plate, found: Found, mark: str
) -> list[str]:
    """Add the layout of one plate, under a name of its own where another plate has the name."""
    if found.layout is None:
        return []
    own, notes = contents_of(read_wells(found.layout), mark)
    known = {well: content for (name, well), content in contents.items() if name == plate.name}
    if known and known != own:
        plate.label = f"{plate.name} ({plate.number})"
        notes.append(
            f"Two plates are called {plate.name!r} and have different layouts; "
            f"the later one is called {plate.label!r} here."
        )
    contents.update({(plate.label, well): content for well, content in own.items()})
    return notes


def _metadata(plates: list[_Plate]) -> dict[str, str]:
    facts = plates[0].facts
    found = {ours: facts[key] for key, ours in _FACTS.items() if facts.get(key)}
    return {key: text for key, text in found.items() if text.lower() not in ("n/a", "unknown", "")}


READER = PlateReader(
    name="gen5",
    software="BioTek/Agilent Gen5 (text, csv, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".txt", ".csv", ".xlsx"),
    tested_on=(
        "27 exports of Gen5 2.05 to 3.15: 24 to 384 wells, endpoint, kinetic, spectra, area "
        "scan, standard curves, several plates"
    ),
)
