"""The ``Group:`` table of a SoftMax Pro export: samples, concentrations and results by well.

Columns are free; the list of formulas below the table tells which column holds
the well values (``!WellValues``). A sample stands on its first well only and is
carried down. Whatever is neither a fact of the layout nor a well value is a
printed result.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from plates.errors import ReaderError
from plates.grid import parse_cell, parse_number
from plates.layout import Role, WellContent
from plates.roles import role_of
from plates.table import Table, cell, is_blank
from plates.well import Well, is_well_name

_VALUES = ("value", "values", "od", "wellvalues", "rfu", "rlu")
_NOMINAL = re.compile(r"(?:standard\s*value|nominal|expected|conc)", re.I)
_DILUTION = re.compile(r"dil", re.I)
_UNIT = re.compile(r"([a-zµμ]{1,6}\s*/\s*[a-zµμ0-9^]{1,6}|[pnuµμm]M)\s*[)\]]?$", re.I)


@dataclass(slots=True)
class Entry:
    """One line of the table: a well."""

    plate: str
    """``WellPlateName``; empty when the table has no such column."""
    well: Well
    content: WellContent
    masked: str
    """``Masked`` where the well value was masked, else empty."""
    printed: list[tuple[str, float, str]]
    """Column, number, token."""


@dataclass(slots=True)
class Group:
    """One group table."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Columns:
    names: tuple[str, ...]
    sample: int
    wells: int
    plate: int
    value: int
    nominal: int
    dilution: int
    unit: str


def read_group(table: Table, start: int, end: int, mark: str) -> Group:
    """Read the table between its ``Group:`` line and its end.

    Raises
    ------
    ReaderError
        When a line is shorter than the header, or names no well.
    """
    opener = table.rows[start]
    name = opener[0].removeprefix("Group:").strip() or cell(opener, 1)
    group = Group(name)
    at = start + 1
    if at >= end or is_blank(table.rows[at]):
        return group
    columns = _columns(table, at, end, name)
    if columns.wells < 0:
        group.notes.append(f"The group {name!r} lists no wells; its results were left out.")
        return group
    carried = {"sample": "", "nominal": "", "dilution": ""}
    seen: Counter[str] = Counter()
    role = _role(name, columns)
    for index in range(at + 1, end):
        row = table.rows[index]
        if is_blank(row) or row[0] == "Group Column":
            break
        well = cell(row, columns.wells)
        if not is_well_name(well):
            raise ReaderError(
                f"softmax: expected a well in the column {columns.names[columns.wells]!r} of "
                f"group {name!r}, found {well!r}",
                table.at(index),
            )
        if cell(row, columns.sample):
            carried = dict.fromkeys(carried, "")
        for key, column in (
            ("sample", columns.sample),
            ("nominal", columns.nominal),
            ("dilution", columns.dilution),
        ):
            carried[key] = cell(row, column) or carried[key]
        seen[carried["sample"]] += 1
        value = cell(row, columns.value)
        printed = [
            (heading, *parse_cell(cell(row, i), mark))
            for i, heading in enumerate(columns.names)
            if i not in _facts(columns) and cell(row, i)
        ]
        group.entries.append(
            Entry(
                plate=cell(row, columns.plate),
                well=Well.parse(well),
                content=_content(name, role, carried, columns.unit, seen[carried["sample"]], mark),
                masked=value if value.lower() == "masked" else "",
                printed=printed,
            )
        )
    return group


def _facts(columns: _Columns) -> set[int]:
    return {
        columns.sample, columns.wells, columns.plate, columns.value, columns.nominal,
        columns.dilution,
    }  # fmt: skip


def _columns(table: Table, at: int, end: int, group: str) -> _Columns:
    names = tuple(text for text in table.rows[at] if text)
    lower = [name.lower() for name in names]
    formulas = _formulas(table, at, end)
    values = [i for i, name in enumerate(names) if _formula(name, formulas) == "!WellValues"]
    described = {
        i for i, name in enumerate(names) if _formula(name, formulas) == "!SampleDescriptor"
    }
    dilution = next((i for i, name in enumerate(names) if _DILUTION.search(name)), -1)
    nominal = next(
        (
            i
            for i, name in enumerate(names)
            if i != dilution
            and (i in described or _NOMINAL.match(name))
            and not _formula(name, formulas).startswith(("Interp", "Average"))
        ),
        -1,
    )
    role = role_of(group)
    if role is Role.SAMPLE and nominal not in described:
        # Without its formula, a column 'Conc' of unknowns is a result.
        nominal = -1
    unit = _UNIT.search(names[nominal]) if nominal >= 0 else None
    return _Columns(
        names,
        sample=lower.index("sample") if "sample" in lower else -1,
        wells=next((i for i, name in enumerate(lower) if name in ("wells", "well")), -1),
        plate=lower.index("wellplatename") if "wellplatename" in lower else -1,
        value=next(iter(values), next((i for i, n in enumerate(lower) if n in _VALUES), -1)),
        nominal=nominal,
        dilution=dilution,
        unit=unit[1] if unit else "",
    )


def _formulas(table: Table, at: int, end: int) -> dict[str, str]:
    """Formula by name of the column, from the list below the table."""
    found: dict[str, str] = {}
    inside = False
    for index in range(at, end):
        row = table.rows[index]
        if row[0] == "Group Column":
            inside = True
        elif inside and is_blank(row):
            break
        elif inside and cell(row, 1):
            found[cell(row, 1)] = cell(row, 2)
    return found


def _formula(heading: str, formulas: dict[str, str]) -> str:
    """Formula of a heading; SoftMax appends a unit to the name of the column."""
    if heading in formulas:
        return formulas[heading]
    return next((text for name, text in formulas.items() if heading.startswith(f"{name} ")), "")


def _role(group: str, columns: _Columns) -> Role:
    named = role_of(group)
    if named is not None:
        return named
    back = any("backcalc" in name.lower() for name in columns.names)
    return Role.STANDARD if back and columns.nominal >= 0 else Role.SAMPLE


def _content(
    group: str, role: Role, carried: dict[str, str], unit: str, replicate: int, mark: str
) -> WellContent:
    nominal = parse_number(carried["nominal"], mark)
    dilution = parse_number(carried["dilution"], mark)
    if role is Role.CONTROL and nominal is not None:
        role = Role.QC
    known = nominal is not None and role in (Role.STANDARD, Role.QC)
    factor = 1.0 if dilution is None or dilution <= 0 else max(dilution, 1 / dilution)
    return WellContent(
        role,
        carried["sample"],
        nominal=nominal if known and nominal is not None else math.nan,
        unit=unit if known else "",
        dilution_factor=factor,
        replicate=replicate,
        labels={"group": group},
    )
