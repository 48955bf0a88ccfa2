"""Exports of MSD Discovery Workbench (csv, text, xlsx): one line per well and spot.

A title names the plate (``Plate_1LK…``) or the experiment (``# …``); then a table
with the columns Sample, Assay, Well, Spot and Signal, in any order and with any
others; a column ``Plate Name`` where the table covers several plates. ``Signal``
is raw. ``Concentration`` is the known one of a calibrator, ``Dilution`` the
sample's; every other number was worked out by Workbench. Other sheets of the
workbook are other things.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import decimal_mark, parse_cell, parse_number
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.roles import role_of
from plates.source import Source
from plates.table import Row, Table, cell, from_lines, is_blank
from plates.well import Well, is_well_name
from plates.wellwise import WellwisePlate, check_size, one_nominal, plate_format

_NEEDED = {"Sample", "Assay", "Well", "Spot", "Signal"}
_FACTS = {*_NEEDED, "Plate Name", "Dilution", "Concentration", "Detection Range"}
_RESULT = "Calc. Concentration"


def recognise(source: Source) -> Recognition:
    """Look for a header with the columns of the long table."""
    if source.is_workbook:
        tables: tuple[Table, ...] = source.tables
    elif not source.opening or "Spot" not in source.opening:
        return Recognition(False, "a header Sample, Assay, Well, Spot, Signal of MSD Workbench")
    else:
        tables = (from_lines(source.name, tuple(source.opening.split("\n")[:40])),)
    if any(set(row) >= _NEEDED for table in tables for row in table.rows[:40]):
        return Recognition(True, "it has the columns Sample, Assay, Well, Spot, Signal of MSD")
    return Recognition(False, "a header Sample, Assay, Well, Spot, Signal of MSD Workbench")


@dataclass(slots=True)
class _Described:
    """What the lines of one well say about its content."""

    sample: str
    dilution_factor: float = 1.0
    nominals: dict[str, tuple[float, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Plate:
    gathered: WellwisePlate
    contents: dict[Well, _Described] = field(default_factory=dict)
    printed: list[PrintedResult] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a table under its header."""

    table: Table
    index: int
    title: str
    by_name: dict[str, str]


def read(source: Source) -> Export:
    """Read every plate of a Workbench table.

    Raises
    ------
    ReaderError
        When there is no table, a line is cut off or names no well, or a well has two values.
    """
    entries = [entry for table in source.tables for entry in _entries(table)]
    if not entries:
        raise ReaderError(
            "msd_workbench: expected lines under Sample, Assay, Well, Spot, Signal, found none",
            source.name,
            "Export the experiment's data table again.",
        )
    texts = (text for e in entries for name, text in e.by_name.items() if name not in _TEXTS)
    mark = decimal_mark(texts, source.name)
    found: dict[str, _Plate] = {}
    for entry in entries:
        label = entry.by_name.get("Plate Name") or entry.title
        label = label.removeprefix("Plate_")
        plate = found.get(label)
        if plate is None:
            plate = found[label] = _Plate(WellwisePlate(label, len(found) + 1))
        _add(plate, entry, mark)
    wells = {well for plate in found.values() for well in plate.gathered.wells()}
    fmt = plate_format(wells, source.name)
    count = sum(len(plate.gathered.signals) for plate in found.values())
    check_size(count, fmt, source.name)
    plates = [_in_order(plate.gathered) for plate in found.values()]
    contents = {
        (label, well): content
        for label, plate in found.items()
        for well, content in _contents(plate).items()
    }
    return Export(
        software="MSD Discovery Workbench",
        reader="msd_workbench",
        reads=tuple(read for plate in plates for read in plate.reads(fmt, "luminescence")),
        layout=Layout(fmt, contents, source.name),
        printed=tuple(result for plate in found.values() for result in plate.printed),
        notes=tuple(note for plate in plates for note in plate.gaps()),
        metadata=_titles(entries),
    )


_TEXTS = ("Sample", "Assay", "Well", "Plate Name", "Detection Range")


def _entries(table: Table) -> Iterator[_Entry]:
    """Lines under each header; a title stands alone in its line."""
    header: Row = ()
    title = ""
    for index, row in enumerate(table.rows):
        if is_blank(row):
            header = ()
        elif set(row) >= _NEEDED:
            header = row
        elif header and is_well_name(cell(row, header.index("Well"))):
            # A sheet drops empty cells at the end of a row, a text file keeps them.
            if table.sheet is None and len(row) < len(header):
                raise ReaderError(
                    f"msd_workbench: the line has {len(row)} cells, expected {len(header)}",
                    table.at(index),
                    "Was the export cut short?",
                )
            yield _Entry(table, index, title, dict(zip(header, row, strict=False)))
        elif header and sum(map(bool, row)) > 1:
            at = header.index("Well")
            raise ReaderError(
                f"msd_workbench: expected a well such as A01, found {cell(row, at)!r}",
                table.at(index, at),
                "Was a column dropped, or the export cut short?",
            )
        else:
            header, title = (), row[0] or title


def _add(plate: _Plate, entry: _Entry, mark: str) -> None:
    by_name, where = entry.by_name, entry.table.at(entry.index)
    well, analyte = Well.parse(by_name["Well"]), by_name["Assay"]
    spot = by_name["Spot"]
    if not spot.isdecimal():
        raise ReaderError(f"msd_workbench: expected the number of a spot, found {spot!r}", where)
    signal = parse_cell(by_name.get("Signal", ""), mark)
    plate.gathered.put(f"spot{int(spot)}", analyte, well, signal, where)
    described = plate.contents.setdefault(well, _Described(by_name["Sample"]))
    if described.sample != by_name["Sample"]:
        raise ReaderError(
            f"msd_workbench: {well} holds {described.sample!r} and {by_name['Sample']!r}", where
        )
    if dilution := by_name.get("Dilution", ""):
        described.dilution_factor = _factor(dilution, mark, where)
    nominal = parse_number(by_name.get("Concentration", ""), mark)
    if nominal is not None:
        described.nominals[analyte] = (nominal, "")
    number = plate.gathered.number
    token = by_name.get("Detection Range", "")
    for name, text in by_name.items():
        if name and name not in _FACTS and text:
            value, flag = parse_cell(text, mark)
            if name == _RESULT and token:
                flag = f"{token} ({flag})" if flag else token
            plate.printed.append(PrintedResult(number, well, name, value, flag, analyte))


def _in_order(plate: WellwisePlate) -> WellwisePlate:
    """Order the reads by number of the spot."""
    names = sorted(plate.signals, key=lambda name: int(name.removeprefix("spot")))
    return WellwisePlate(plate.label, plate.number, {name: plate.signals[name] for name in names})


def _contents(plate: _Plate) -> dict[Well, WellContent]:
    """What is in the wells.

    A known concentration makes a calibrator, or a control where the name says so, or where
    other wells are the ones named as calibrators.
    """
    calibrated = any(
        described.nominals and role_of(described.sample) is Role.STANDARD
        for described in plate.contents.values()
    )
    found: dict[Well, WellContent] = {}
    seen: Counter[tuple[str, float]] = Counter()
    for well in sorted(plate.contents):
        described = plate.contents[well]
        named = role_of(described.sample)
        role = named or Role.SAMPLE
        if described.nominals:
            control = named in (Role.QC, Role.CONTROL) or (calibrated and named is None)
            role = Role.QC if control else Role.STANDARD
        group = described.sample, described.dilution_factor
        seen[group] += 1
        nominal, unit = one_nominal(described.nominals)
        found[well] = WellContent(
            role,
            described.sample,
            nominal=nominal,
            unit=unit,
            dilution_factor=described.dilution_factor,
            replicate=seen[group],
            nominals=described.nominals,
        )
    return found


def _factor(text: str, mark: str, where: str) -> float:
    """Times diluted; Workbench prints 500, and nothing for an undiluted sample."""
    number = parse_number(text, mark)
    if number is None or number < 1:
        raise ReaderError(f"msd_workbench: expected a dilution of 1 or more, found {text!r}", where)
    return number


def _titles(entries: list[_Entry]) -> dict[str, str]:
    titles = dict.fromkeys(entry.title for entry in entries if entry.title.startswith("#"))
    return {"experiment": "; ".join(title.lstrip("# ") for title in titles)} if titles else {}


READER = PlateReader(
    name="msd_workbench",
    software="MSD Discovery Workbench (csv, text, xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".csv", ".txt", ".xlsx"),
    tested_on=(
        "3 exports of Discovery Workbench: 96 and 384 wells, several spots and plates, calibrators"
    ),
)
