"""Exports of BMG SMART Control (xlsx): the plate as grids on one sheet, as a table on another.

Every sheet begins with ``User:``, ``Path:``, ``Test ID:``. On a *Microplate* sheet titles
such as ``1. Layout`` and ``4. Raw Data (480-14/520-30)`` stand over grids; on a *Table*
sheet ``Well`` is a line of well names and each further line holds one number per well, for
kinetic reads one line per cycle. Both tell the same; either is enough. What is not called
Raw Data was calculated.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np

from plates.errors import LayoutError, ReaderError
from plates.grid import decimal_mark, format_for, parse_cell, parse_number
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead, PrintedResult
from plates.readers.contract import PlateReader, Recognition
from plates.readers.smart_control_sheets import RAW, Test, read_sheet
from plates.source import Source
from plates.table import cell
from plates.well import PlateFormat, Well
from plates.wellwise import check_size

_FILTER = re.compile(r"(\d{3,4})(?:-\d+)?")
_STANDARDS = re.compile(r"Standard Concentrations?\s*(?:in\s+|\[)?([^\]]*)\]?", re.I)
_CODE = re.compile(r"(?:.*\s)?([A-Z]{1,2}\d*)")
_LAYOUT = ("Content", "Group", "Dilutions")
_ROLES = {"S": Role.STANDARD, "X": Role.SAMPLE, "B": Role.BLANK}
_FACTS = {
    "Test ID": "test", "Test Name": "protocol", "User": "user",
    "ID1": "id1", "ID2": "id2", "ID3": "id3",
}  # fmt: skip


def recognise(source: Source) -> Recognition:
    """Look for ``Test ID:`` and a ``Path:`` of SMART Control at the head of a sheet."""
    for table in source.tables if source.is_workbook else ():
        heads = [cell(row, 0) for row in table.rows[:12]]
        path = next((text for text in heads if text.startswith("Path:")), "")
        if "SMART Control" in path and any(text.startswith("Test ID:") for text in heads):
            return Recognition(True, "it has 'Test ID:' and a path of SMART Control")
    return Recognition(False, "a sheet with 'Test ID:' and a path of BMG SMART Control")


def read(source: Source) -> Export:
    """Read every test of the workbook.

    Raises
    ------
    ReaderError
        When no sheet has raw data, or two sheets contradict each other.
    """
    tests: dict[str, Test] = {}
    for table in source.tables:
        read_sheet(table, tests)
    found = [
        test for test in tests.values() if any(RAW.fullmatch(name) for name, _ in test.columns)
    ]
    if not found:
        raise ReaderError(
            "smart_control: expected 'Raw Data (…)' over a grid or in a table, found none",
            source.name,
            "Export the raw data with the results.",
        )
    texts = (t for test in found for (name, _), col in test.columns.items() if RAW.fullmatch(name)
             for t in col.values())  # fmt: skip
    mark = decimal_mark(texts, source.name)
    reads: list[PlateRead] = []
    contents: dict[tuple[str, Well], WellContent] = {}
    printed: list[PrintedResult] = []
    notes: list[str] = []
    plates: list[PlateFormat] = []
    names: Counter[str] = Counter()
    for number, test in enumerate(found, start=1):
        label = test.facts.get("ID3") or test.facts.get("ID1") or test.facts.get("Test ID", "")
        names[label] += 1
        label = f"{label} ({names[label]})" if names[label] > 1 else label
        plates.append(_format(test))
        reads += _reads(test, label, number, plates[-1], mark)
        contents |= {(label, well): c for well, c in _contents(test, mark).items()}
        printed += _printed(test, number, mark)
        notes += _unread(test, label)
    first = found[0].facts
    return Export(
        software="BMG SMART Control",
        reader="smart_control",
        reads=tuple(reads),
        read_at=f"{first.get('Date', '')} {first.get('Time', '')}".strip(),
        layout=Layout(max(plates, key=lambda p: p.size), contents, source.name)
        if contents
        else None,
        printed=tuple(printed),
        notes=tuple(notes),
        metadata={ours: first[key] for key, ours in _FACTS.items() if first.get(key)},
    )


def _format(test: Test) -> PlateFormat:
    wells = [well for texts in test.columns.values() for well in texts]
    rows, columns = max(w.row for w in wells) + 1, max(w.column for w in wells) + 1
    try:
        return format_for(rows, columns, test.hints)
    except LayoutError as error:
        raise ReaderError(f"smart_control: {error.message}", test.where) from error


def _reads(test: Test, label: str, number: int, plate: PlateFormat, mark: str) -> list[PlateRead]:
    reads: list[PlateRead] = []
    order: dict[str, int] = {}
    check_size(len(test.columns), plate, test.where)
    for (name, time_s), texts in test.columns.items():
        raw = RAW.fullmatch(name)
        if raw is None:
            continue
        order.setdefault(name, len(order) + 1)
        values = np.full((plate.rows, plate.columns), np.nan)
        flags: dict[Well, str] = {}
        for well, text in texts.items():
            values[well.row, well.column], flag = parse_cell(text, mark)
            if flag:
                flags[well] = flag
        waves = [found[1] for part in raw[1].split("/") if (found := _FILTER.match(part.strip()))]
        mode, order_of = test.mode or _guess(waves), str(order[name])
        wave = ":".join(waves[:2])
        reads.append(PlateRead(label, number, order_of, plate, mode, wave, values, flags, time_s))
    return reads


def _guess(waves: list[str]) -> str:
    """Mode of a test whose head names none: two wavelengths are excitation and emission."""
    return "fluorescence" if len(waves) > 1 else "absorbance" if waves else "luminescence"


def _contents(test: Test, mark: str) -> dict[Well, WellContent]:
    """The layout: ``S1`` or ``Standard S1``, its concentration, and the dilution of a well."""
    layout = test.columns.get(("Content", math.nan)) or {}
    groups = test.columns.get(("Group", math.nan)) or {}
    factors = test.columns.get(("Dilutions", math.nan)) or {}
    nominals: dict[Well, float] = {}
    unit = ""
    for (name, _), texts in test.columns.items():
        if found := _STANDARDS.fullmatch(name):
            unit = found[1].strip()
            numbers = {well: parse_number(text, mark) for well, text in texts.items()}
            nominals |= {well: number for well, number in numbers.items() if number is not None}
    seen: Counter[tuple[str, str]] = Counter()
    contents: dict[Well, WellContent] = {}
    for well in sorted(layout):
        coded = _CODE.fullmatch(layout[well])
        code, group = coded[1] if coded else layout[well], groups.get(well, "")
        role = _ROLES.get(code.rstrip("0123456789"), Role.CONTROL)
        standard = role is Role.STANDARD and well in nominals
        factor = parse_number(factors.get(well, ""), mark) or 1.0
        seen[code, group] += 1
        contents[well] = WellContent(
            role,
            f"{code} ({group})" if group else code,
            nominal=nominals[well] if standard else math.nan,
            unit=unit if standard else "",
            dilution_factor=max(factor, 1.0),
            replicate=seen[code, group],
            labels={"group": group} if group else {},
        )
    return contents


def _printed(test: Test, number: int, mark: str) -> list[PrintedResult]:
    """Everything per well that is neither raw nor layout."""
    return [
        PrintedResult(number, well, name, *parse_cell(text, mark))
        for (name, _), texts in test.columns.items()
        if not (RAW.fullmatch(name) or name in _LAYOUT or _STANDARDS.fullmatch(name))
        for well, text in texts.items()
    ]


def _unread(test: Test, label: str) -> list[str]:
    """Notes on wells that the layout names and a raw read lacks."""
    named = set(test.columns.get(("Content", math.nan)) or {})
    notes: list[str] = []
    for (name, _), texts in test.columns.items():
        missing = sorted(named - set(texts)) if RAW.fullmatch(name) else []
        if missing:
            notes.append(
                f"{label}: {name!r} lacks {len(missing)} wells of the layout, first {missing[0]}."
            )
    return list(dict.fromkeys(notes))


READER = PlateReader(
    name="smart_control",
    software="BMG SMART Control (xlsx)",
    recognise=recognise,
    read=read,
    suffixes=(".xlsx",),
    tested_on="1 export of SMART Control: 96 wells, standard curve",
)
