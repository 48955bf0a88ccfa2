"""Exports of Luminex xPONENT (csv, xlsx): bead assays, a table per kind of number.

After the header and the calibration records each table begins with ``DataType:``.
``Median`` (fluorescence of the beads of one analyte in one well) is raw; ``Count``,
``Net MFI``, ``Result`` and the rest were derived and are kept as printed results.
``Standard Expected Concentration``, ``Control Expected Concentration``, ``Units`` and
``Dilution Factor`` are the layout. A location such as ``3(1,C1)`` is the third
acquisition, plate 1, well C1.
"""

from __future__ import annotations

from collections import Counter

from plates.errors import ReaderError
from plates.grid import decimal_mark, parse_cell
from plates.layout import Layout
from plates.plateread import Export, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.xponent_layout import Reagents, contents_of
from plates.readers.xponent_tables import (
    Part,
    check_whole,
    distinct,
    location_of,
    read_parts,
)
from plates.source import Source
from plates.table import Row, Table, cell, from_lines
from plates.well import Well
from plates.wellwise import WellwisePlate, check_size, plate_format

_RAW = ("Median", "Mean", "Trimmed Mean")
"""What counts as the signal, the first that the file has."""
_NOT_PRINTED = {"Dilution Factor", "Warnings/Errors", "Audit Logs", "Comments"}
_PRINTED_LIMIT = 2_000_000
"""Most printed results that are kept; more cannot come from real batches."""
_CURVE = ("Analysis Types", "Analysis Coefficients", "R^2")
_FACTS = {
    "SN": "serial_number",
    "Operator": "user",
    "ProtocolName": "protocol",
    "PanelName": "panel",
    "BatchDescription": "description",
}


def recognise(source: Source) -> Recognition:
    """Look for a ``Program`` line that names xPONENT, or the tables of its results."""
    if source.is_workbook:
        rows = [row for table in source.tables for row in table.rows]
    else:
        rows = list(from_lines(source.name, tuple(source.opening.split("\n")[:400])).rows)
    named = any(
        cell(row, 0) == "Program" and "xponent" in cell(row, 1).lower() for row in rows[:40]
    )
    tables = any(cell(row, 0) == "DataType:" for row in rows)
    if named and tables:
        return Recognition(True, "it has the lines 'Program, xPONENT' and 'DataType:'")
    return Recognition(False, "the lines 'Program, xPONENT' and 'DataType:' of Luminex")


def read(source: Source) -> Export:
    """Read the medians, the layout and the printed results of a batch.

    Raises
    ------
    ReaderError
        When there is no raw table, a line is cut off, or tables disagree about the wells.
    """
    table, facts, parts = read_parts(source)
    by_name = {part.name: part for part in parts}
    raw = next((by_name[name] for name in _RAW if name in by_name), None)
    if raw is None or not raw.analytes or not raw.rows:
        raise ReaderError(
            "xponent: expected the table 'Median' with a line per well, found "
            + (", ".join(repr(part.name) for part in parts) or "no table"),
            table.at(raw.start if raw else len(table.rows) - 1),
            "Tick 'Median' in the export options of xPONENT.",
        )
    notes = check_whole(table, facts, parts, raw)
    cells = (text for part in parts if part.located for _, row in part.rows for text in row[2:])
    mark = decimal_mark(cells, source.name)
    names = distinct(raw.analytes, notes)
    batch = facts.get("Batch", ("",))[0]
    plates: dict[int, WellwisePlate] = {}
    samples: dict[tuple[int, Well], str] = {}
    for index, row in raw.rows:
        number, well = location_of(table, index, row)
        label = batch if number == 1 or not batch else f"{batch} ({number})"
        plate = plates.setdefault(number, WellwisePlate(label, number))
        samples[number, well] = cell(row, 1)
        for name, text in zip(names, row[2:], strict=False):
            plate.put(name, name, well, parse_cell(text, mark), table.at(index))
    fmt = plate_format({well for _, well in samples}, source.name, _size(facts))
    check_size(sum(len(plate.signals) for plate in plates.values()), fmt, source.name)
    reagents = Reagents(
        names,
        [part for part in parts if part.name.endswith("Expected Concentration")],
        by_name.get("Units"),
        by_name.get("Dilution Factor"),
    )
    contents = contents_of(samples, reagents, {n: p.label for n, p in plates.items()}, mark, table)
    return Export(
        software=f"Luminex xPONENT {facts.get('Build', ('',))[0]}".strip(),
        reader="xponent",
        reads=tuple(read for plate in plates.values() for read in plate.reads(fmt, "fluorescence")),
        instrument=cell(facts.get("Program", ()), 2),
        read_at=" ".join(facts.get("BatchStartTime") or facts.get("Date") or ()).strip(),
        layout=Layout(fmt, contents, source.name),
        printed=tuple(_printed(table, parts, raw, samples, names, mark)),
        notes=(*notes, *_warnings(by_name.get("Warnings/Errors"))),
        metadata=_metadata(facts, parts, names),
    )


def _size(facts: dict[str, Row]) -> int:
    plate = facts.get("ProtocolPlate", ())
    sizes = [cell(plate, i + 1) for i, text in enumerate(plate) if text == "Type"]
    return int(sizes[0]) if sizes and sizes[0].isdecimal() else 0


def _printed(
    table: Table,
    parts: list[Part],
    raw: Part,
    samples: dict[tuple[int, Well], str],
    names: tuple[str, ...],
    mark: str,
) -> list[PrintedResult]:
    """Derived numbers by well; those of a sample are repeated on its wells."""
    places: dict[str, list[tuple[int, Well]]] = {}
    for place, sample in samples.items():
        places.setdefault(sample, []).append(place)
    found: list[PrintedResult] = []
    for part in parts:
        by_sample = cell(part.header, 0) == "Sample"
        if part is raw or part.name in _NOT_PRINTED or not (part.located or by_sample):
            continue
        for index, row in part.rows:
            if len(found) > _PRINTED_LIMIT:
                break
            at = places.get(row[0], []) if by_sample else [location_of(table, index, row)]
            texts = row[1:] if by_sample else row[2:]
            for name, text in zip(names, texts, strict=False):
                if text:
                    value, flag = parse_cell(text, mark)
                    found += [
                        PrintedResult(number, well, part.name, value, flag, name)
                        for number, well in at
                    ]
    return found


def _warnings(part: Part | None) -> list[str]:
    """What the instrument complained about, and in how many wells."""
    messages = Counter(cell(row, 2) for _, row in part.rows) if part else Counter()
    return [
        f"The instrument says for {count} {'wells' if count > 1 else 'well'}: {message}"
        for message, count in messages.items()
        if message
    ]


def _metadata(facts: dict[str, Row], parts: list[Part], names: tuple[str, ...]) -> dict[str, str]:
    found = {
        ours: facts[key][0]
        for key, ours in _FACTS.items()
        if facts.get(key) and facts[key][0] not in ("", "<None>", "N/A")
    }
    curves: dict[str, list[str]] = {}
    for part in parts:
        if part.name in _CURVE:
            for _, row in part.rows:
                for name, text in zip(names, row[1:], strict=False):
                    if text and text not in ("None", "N/A"):
                        title = "R²" if part.name == "R^2" else row[0]
                        curves.setdefault(name, []).append(f"{title} {text}")
    return found | {f"curve {name}": "; ".join(texts) for name, texts in curves.items()}


READER = PlateReader(
    name="xponent",
    software="Luminex xPONENT (csv, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".xlsx"),
    tested_on="6 exports of xPONENT 2.1, 3.1 and 4.3: 96 wells, up to 30 analytes",
)
