"""Exports of Bio-Plex Manager (xlsx, text): bead assays, a sheet or section per analyte.

Each begins with ``File Name:`` and ``Analyte:``; the table has Type (``S1`` standard,
``X1`` unknown, ``C1`` control, ``B`` blank), Well, Description, FI and what Bio-Plex
worked out; the fitted equation stands below. ``FI`` is raw. Where replicates were
averaged, one line names several wells (``C1,D1``) and ``FI`` is their mean: the single
readings are not in the file, so the mean stands in the first well alone. ``***`` is not
available, ``---`` an outlier that was left out, ``*`` before a number extrapolated.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import decimal_mark, parse_cell, parse_number
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.source import Source
from plates.table import Row, Table, cell, from_lines, is_blank
from plates.well import Well, is_well_name
from plates.wellwise import WellwisePlate, check_size, one_nominal, plate_format

_NEEDED = {"Type", "Well", "FI"}
_TYPED = re.compile(r"[A-Z]{1,2}\d*")
_ROLES = {"S": Role.STANDARD, "X": Role.SAMPLE, "B": Role.BLANK, "C": Role.QC}
_UNIT = re.compile(r"\(\s*([^()/]+/[^()/]+|[pnu\u00b5\u03bcm]M)\s*\)")
_FACTS = {"Plate ID": "plate", "File Name": "experiment", "Reader Serial Number": "serial_number"}
_TEXTS = ("Analyte", "Type", "Well", "Description", "Outlier", "Group", "Sampling Errors")


def recognise(source: Source) -> Recognition:
    """Look for ``Analyte:`` above a header with Type, Well, FI and FI - Bkgd."""
    if source.is_workbook:
        tables: tuple[Table, ...] = source.tables
    elif "Analyte" in source.opening and "FI" in source.opening:
        tables = (from_lines(source.name, tuple(source.opening.split("\n")[:60])),)
    else:
        tables = ()
    for table in tables:
        rows = table.rows[:60]
        named = any(cell(row, 0).startswith("Analyte:") for row in rows)
        if named and any(set(row) >= {*_NEEDED, "FI - Bkgd"} for row in rows):
            return Recognition(True, "it has 'Analyte:' over the columns Type, Well, FI, FI - Bkgd")
    return Recognition(False, "'Analyte:' over the columns Type, Well, FI, FI - Bkgd of Bio-Plex")


@dataclass(slots=True)
class _Section:
    """The table of one analyte."""

    table: Table
    facts: dict[str, str]
    header: Row
    rows: list[tuple[int, Row]] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)

    @property
    def analyte(self) -> str:
        return self.facts.get("Analyte", "")

    def unit(self) -> str:
        """Unit in a heading such as ``Exp Conc (pg/ml)``; empty where there is none."""
        found = (_UNIT.search(name) for name in self.header if "Conc" in name)
        return next((each[1] for each in found if each), "")


@dataclass(slots=True)
class _Content:
    """What the lines of one well say, over all analytes."""

    kind: str
    description: str
    factor: float
    wells: str
    nominals: dict[str, tuple[float, str]] = field(default_factory=dict)


def read(source: Source) -> Export:
    """Read every analyte.

    Raises
    ------
    ReaderError
        When there is no table, a line names no well, or a well has two values.
    """
    sections = [section for table in source.tables for section in _sections(table)]
    if not any(section.rows for section in sections):
        raise ReaderError(
            "bioplex: expected lines under Type, Well, FI, found none",
            source.name,
            "Export the report table again.",
        )
    without = [each for each in sections if "Plate ID" not in each.facts]
    if without and len(without) < len(sections):
        raise ReaderError(
            f"bioplex: {without[0].analyte!r} has no line 'Plate ID:', other analytes have one",
            without[0].table.at(0),
            "Was a line deleted?",
        )
    texts = (
        text
        for section in sections
        for _, row in section.rows
        for name, text in zip(section.header, row, strict=False)
        if name not in _TEXTS
    )
    mark = decimal_mark(texts, source.name)
    plates: dict[str, WellwisePlate] = {}
    contents: dict[tuple[str, Well], _Content] = {}
    printed: list[PrintedResult] = []
    for section in sections:
        label = section.facts.get("Plate ID", "")
        plate = plates.setdefault(label, WellwisePlate(label, len(plates) + 1))
        for index, row in section.rows:
            printed += _add(section, index, row, plate, contents, mark)
    fmt = plate_format({well for _, well in contents}, source.name)
    check_size(sum(len(plate.signals) for plate in plates.values()), fmt, source.name)
    first = sections[0].facts
    notes = [note for plate in plates.values() for note in plate.gaps()]
    if any("," in content.wells for content in contents.values()):
        notes.append(
            "FI is the mean of the wells of a line; it stands in the first of them, since the "
            "file does not have the single readings."
        )
    curves = {f"curve {each.analyte}": "; ".join(each.footer) for each in sections if each.footer}
    facts = {ours: first[key] for key, ours in _FACTS.items() if first.get(key)}
    return Export(
        software="Bio-Plex Manager",
        reader="bioplex",
        reads=tuple(read for plate in plates.values() for read in plate.reads(fmt, "fluorescence")),
        read_at=first.get("Acquisition Date", ""),
        layout=Layout(fmt, _layout(contents), source.name),
        printed=tuple(printed),
        notes=tuple(notes),
        metadata=facts | curves,
    )


def _sections(table: Table) -> list[_Section]:
    """Facts, a header, lines of wells, and a footer, again and again."""
    sections: list[_Section] = []
    facts: dict[str, str] = {}
    inside = False
    for index, row in enumerate(table.rows):
        key, colon, rest = cell(row, 0).partition(":")
        if is_blank(row):
            inside = False
        elif set(row) >= _NEEDED:
            if not facts.get("Analyte"):
                raise ReaderError(
                    "bioplex: expected a line 'Analyte:' above the table, found none",
                    table.at(index),
                    "Was a line deleted? Export the report table again.",
                )
            sections.append(_Section(table, facts, row))
            facts, inside = {}, True
        elif inside:
            section = sections[-1]
            if table.sheet is None and len(row) < len(section.header) - 1:
                raise ReaderError(
                    f"bioplex: the line has {len(row)} cells, expected {len(section.header)}",
                    table.at(index),
                    "Was the export cut short?",
                )
            section.rows.append((index, row))
        elif key in ("Std. Curve", "Regression Type") or key.startswith("FitProb"):
            if sections:
                sections[-1].footer.append(cell(row, 0))
        elif colon:
            if key == "Analyte" and facts.get("Analyte"):
                raise _no_table(table, index, facts["Analyte"])
            facts[key] = rest.strip() or cell(row, 1)
    if facts.get("Analyte") and sections:
        raise _no_table(table, len(table.rows) - 1, facts["Analyte"])
    return sections


def _no_table(table: Table, index: int, analyte: str) -> ReaderError:
    return ReaderError(
        f"bioplex: {analyte!r} has no table under Type, Well, FI",
        table.at(index),
        "Was a line deleted? Export the report table again.",
    )


def _add(
    section: _Section,
    index: int,
    row: Row,
    plate: WellwisePlate,
    contents: dict[tuple[str, Well], _Content],
    mark: str,
) -> list[PrintedResult]:
    """Put one line in its place; returns what else was printed for it."""
    by_name = dict(zip(section.header, row, strict=False))
    where = section.table.at(index)
    names = [name.strip() for name in by_name["Well"].split(",")]
    kind = by_name["Type"]
    if not all(map(is_well_name, names)) or not _TYPED.fullmatch(kind):
        raise ReaderError(
            f"bioplex: expected a type such as S1 and wells such as C1,D1, found {kind!r} "
            f"and {by_name['Well']!r}",
            where,
            "Was the export cut short?",
        )
    wells = tuple(map(Well.parse, names))
    plate.put(section.analyte, section.analyte, wells[0], _number(by_name["FI"], mark), where)
    content = contents.setdefault(
        (plate.label, wells[0]),
        _Content(kind, by_name.get("Description", ""), _factor(by_name, mark, where),
                 ",".join(map(str, wells))),
    )  # fmt: skip
    if content.kind != kind:
        raise ReaderError(f"bioplex: {wells[0]} holds {content.kind!r} and {kind!r}", where)
    unit = section.unit()
    printed: list[PrintedResult] = []
    for name, text in by_name.items():
        if name.startswith("Exp Conc"):
            nominal = parse_number(text, mark)
            if nominal is not None:
                content.nominals[section.analyte] = (nominal, unit)
        elif text and name and name not in (*_TEXTS, "FI", "Dilution"):
            value, flag = _number(text, mark)
            printed.append(
                PrintedResult(plate.number, wells[0], name, value, flag, section.analyte)
            )
    return printed


def _number(text: str, mark: str) -> tuple[float, str]:
    """A number and its token; ``*0.05`` was extrapolated and keeps its star as token."""
    if text.startswith("*") and not text.endswith("*"):
        value = parse_number(text.lstrip("*"), mark)
        return (math.nan if value is None else value), text
    return parse_cell(text, mark)


def _factor(by_name: dict[str, str], mark: str, where: str) -> float:
    text = by_name.get("Dilution", "")
    factor = parse_number(text, mark) if text else 1.0
    if factor is None or factor < 1:
        raise ReaderError(f"bioplex: expected a dilution of 1 or more, found {text!r}", where)
    return factor


def _layout(contents: dict[tuple[str, Well], _Content]) -> dict[tuple[str, Well], WellContent]:
    found: dict[tuple[str, Well], WellContent] = {}
    seen: Counter[tuple[str, str, float]] = Counter()
    for (label, well), content in sorted(contents.items()):
        role = _ROLES.get(content.kind[0], Role.SAMPLE)
        if role is Role.QC and not content.nominals:
            role = Role.CONTROL
        nominals = content.nominals if role in (Role.STANDARD, Role.QC) else {}
        nominal, unit = one_nominal(nominals)
        group = label, content.kind, content.factor
        seen[group] += 1
        labels = {"type": content.kind}
        if "," in content.wells:
            labels["mean_of"] = content.wells
        found[label, well] = WellContent(
            role,
            content.description or content.kind,
            nominal=nominal,
            unit=unit,
            dilution_factor=content.factor,
            replicate=seen[group],
            labels=labels,
            nominals=nominals,
        )
    return found


READER = PlateReader(
    name="bioplex",
    software="Bio-Rad Bio-Plex Manager (xlsx, text)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx", ".txt", ".csv"),
    tested_on=(
        "1 export of Bio-Plex Manager 4.1, as xlsx and xls: 13 analytes, means of pairs of wells"
    ),
)
