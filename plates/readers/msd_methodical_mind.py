"""Exports of MSD Methodical Mind (text): plates one after the other, spots as lines of a row.

A plate begins with ``FileName :`` or ``Stack ID :`` and ``Key : value`` lines;
under ``====Data====`` stand column numbers and rows of signals. A well with ten
spots fills ten lines, the row letter before the first one; a line of nothing but
tabs is a spot that the plate does not have, and still counts. Some versions write
a tab of the header as ``\\t``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import decimal_mark, header_at, parse_cell, parse_number, row_of
from plates.plateread import Export, PlateRead
from plates.readers.contract import PlateReader, Recognition
from plates.source import Source
from plates.table import Row, cell
from plates.well import PlateFormat, Well, row_letters
from plates.wellwise import WellwisePlate, check_size, plate_format

_START = re.compile(r"^(?:FileName|Stack ID)\s*:", re.M)
_DATA = re.compile(r"^=+\s*Data\s*=+", re.M)
_SECTION = re.compile(r"=+\s*(\w[\w /]*?)\s*=+\s*")
_FACT = re.compile(r"([A-Za-z#][^:\t]*?)\s*:\s*(?:\\t)?(.*)")
_SPOTS = re.compile(r"multi-spot\s+(\d+)", re.I)
_FACTS = {"User": "user", "Serial #": "serial_number", "Comments": "comments"}


def recognise(source: Source) -> Recognition:
    """Look for ``FileName :`` or ``Stack ID :`` and a line ``====Data====``."""
    if _START.search(source.opening) and _DATA.search(source.opening):
        return Recognition(True, "it has the lines 'Stack ID :' and '==Data==' of Methodical Mind")
    return Recognition(False, "the lines 'Stack ID :' and '==Data==' of MSD Methodical Mind")


@dataclass(slots=True)
class _Plate:
    """One plate while it is being read; lines are numbered from 1."""

    start: int
    facts: dict[str, str] = field(default_factory=dict)
    header_lines: list[str] = field(default_factory=list)
    data: list[tuple[int, Row]] = field(default_factory=list)
    mean: float = math.nan
    """Over all wells and spots, from the Statistics section."""

    @property
    def label(self) -> str:
        """Barcode without its brackets and stars, or the number of the plate in the stack."""
        return self.facts.get("Barcode1", "").strip("<>* ") or self.facts.get("Plate #", "")


def read(source: Source) -> Export:
    """Read every plate.

    Raises
    ------
    ReaderError
        When a plate has no data, or a row has fewer lines, columns or spots than announced.
    """
    plates = _plates(source)
    if not plates:
        raise ReaderError(
            "msd_methodical_mind: expected a line 'Stack ID :', found none", source.name
        )
    cells = (text for plate in plates for _, row in plate.data for text in row[1:])
    mark = decimal_mark(cells, source.name)
    reads: list[PlateRead] = []
    notes: list[str] = []
    for number, plate in enumerate(plates, start=1):
        gathered, fmt = _gather(source, plate, number, mark, notes)
        check_size(len(reads) + len(gathered.signals), fmt, source.name)
        reads += gathered.reads(fmt, "luminescence")
    first = plates[0].facts
    metadata = {ours: first[key] for key, ours in _FACTS.items() if first.get(key)}
    return Export(
        software=f"MSD Methodical Mind {first.get('Version', '')}".strip(),
        reader="msd_methodical_mind",
        reads=tuple(reads),
        instrument=first.get("Model", ""),
        read_at=" ".join(first.get("Read Time", "").split()),
        notes=tuple(notes),
        metadata=metadata,
    )


def _plates(source: Source) -> list[_Plate]:
    """Cut the file into plates and their sections."""
    plates: list[_Plate] = []
    section = "header"
    for number, line in enumerate(source.lines, start=1):
        named = _SECTION.fullmatch(line.strip())
        if _START.match(line) and (not plates or section != "header"):
            plates.append(_Plate(number))
            section = "header"
        elif named:
            section = named[1].lower()
            continue
        if not plates:
            continue
        plate = plates[-1]
        if section == "header":
            plate.header_lines.append(line)
            if fact := _FACT.match(line):
                plate.facts.setdefault(fact[1], fact[2].replace("\\t", "\t").strip())
        elif section == "data" and "\t" in line:
            plate.data.append((number, tuple(part.strip() for part in line.split("\t"))))
        elif section == "statistics" and line.startswith("Average"):
            numbers = [part.strip() for part in line.split("\t") if part.strip()]
            plate.mean = parse_number(numbers[-1]) or math.nan
    return plates


def _spots(plate: _Plate) -> int:
    """How many lines each row must have; 0 when the file does not say."""
    declared = plate.facts.get("Spots Per Well", "")
    if declared.isdecimal():
        return int(declared)
    if found := _SPOTS.search(plate.facts.get("Type", "")):
        return int(found[1])
    # The legend draws the well with its spots: <1> <8> …; <> is an unused place.
    start = next((i for i, line in enumerate(plate.header_lines) if line.startswith("Spot ")), -1)
    legend = "" if start < 0 else "\n".join(plate.header_lines[start:])
    return len(re.findall(r"<\d*>", legend))


def _gather(
    source: Source, plate: _Plate, number: int, mark: str, notes: list[str]
) -> tuple[WellwisePlate, PlateFormat]:
    header = header_at(plate.data[0][1]) if plate.data else None
    if header is None or len(plate.data) < 2:
        raise ReaderError(
            f"msd_methodical_mind: plate {number} ({plate.label}) has no data",
            source.at(plate.start),
            "Was the export cut short?",
        )
    first, columns = header
    rows: dict[int, list[tuple[int, Row]]] = {}
    letter: int | None = None
    for line, row in plate.data[1:]:
        own = row_of(cell(row, first - 1))
        letter = own if own is not None else letter
        if letter is None or (own is None and cell(row, first - 1)) or own in rows:
            raise ReaderError(
                f"msd_methodical_mind: expected a new row letter, found {cell(row, first - 1)!r}",
                source.at(line),
            )
        values = row[first : first + columns]
        if len(values) < columns:
            raise ReaderError(
                f"msd_methodical_mind: row {row_letters(letter)} has {len(values)} readings, "
                f"expected {columns}",
                source.at(line),
                "Was the export cut short?",
            )
        rows.setdefault(letter, []).append((line, values))
    _check_spots(source, plate, rows)
    gathered = WellwisePlate(plate.label, number)
    for letter, lines in rows.items():
        for spot, (line, values) in enumerate(lines, start=1):
            for column, text in enumerate(values):
                if text:
                    got = parse_cell(text, mark)
                    gathered.put(f"spot{spot}", "", Well(letter, column), got, source.at(line))
    fmt = _format(source, plate, rows, columns)
    if columns != fmt.columns:
        raise ReaderError(
            f"msd_methodical_mind: plate {plate.label!r} has {columns} columns, a {fmt.size}-well "
            f"plate has {fmt.columns}",
            source.at(plate.data[0][0]),
            "Was a column deleted?",
        )
    _check_rows(source, plate, sorted(rows), fmt, notes)
    _check_mean(plate, gathered, notes)
    return gathered, fmt


def _check_spots(source: Source, plate: _Plate, rows: dict[int, list[tuple[int, Row]]]) -> None:
    expected = _spots(plate) or max(len(lines) for lines in rows.values())
    for letter, lines in rows.items():
        if len(lines) != expected:
            raise ReaderError(
                f"msd_methodical_mind: row {row_letters(letter)} has {len(lines)} lines, expected "
                f"one for each of {expected} spots",
                source.at(lines[-1][0]),
                "Was the export cut short, or a line deleted?",
            )


def _format(
    source: Source, plate: _Plate, rows: dict[int, list[tuple[int, Row]]], columns: int
) -> PlateFormat:
    size = re.match(r"\d+", plate.facts.get("Type", ""))
    corner = [Well(max(rows), columns - 1)]
    return plate_format(corner, source.at(plate.start), int(size[0]) if size else 0)


def _check_rows(
    source: Source, plate: _Plate, rows: list[int], fmt: PlateFormat, notes: list[str]
) -> None:
    """A plate has all its rows, or every second (fourth …) one to its end."""
    if len(rows) == fmt.rows:
        return
    names = ", ".join(map(row_letters, rows))
    step = rows[1] - rows[0] if len(rows) > 1 else 0
    chosen = step > 1 and rows == list(range(rows[0], fmt.rows, step))
    if not chosen or plate.facts.get("Wells Per Col"):
        raise ReaderError(
            f"msd_methodical_mind: plate {plate.label!r} has the rows {names} of a "
            f"{fmt.size}-well plate",
            source.at(plate.data[-1][0]),
            "Was the export cut short, or a row deleted?",
        )
    notes.append(f"Plate {plate.label!r} has the rows {names} of a {fmt.size}-well plate.")


def _check_mean(plate: _Plate, gathered: WellwisePlate, notes: list[str]) -> None:
    """The Statistics section prints the mean of all signals: a check that none was lost."""
    values = [
        value
        for signal in gathered.signals.values()
        for value, _ in signal.wells.values()
        if math.isfinite(value)
    ]
    if not values or math.isnan(plate.mean):
        return
    mean = math.fsum(values) / len(values)
    if abs(mean - plate.mean) > 1:
        notes.append(
            f"Plate {plate.label!r}: the file prints a mean signal of {plate.mean:.0f}, its wells "
            f"have {mean:.0f}. Was the file edited?"
        )


READER = PlateReader(
    name="msd_methodical_mind",
    software="MSD Methodical Mind (text)",
    recognise=recognise,
    read=read,
    suffixes=(".txt",),
    tested_on="4 exports of Methodical Mind 1.0.38: 96 and 384 wells, several spots and plates",
)
