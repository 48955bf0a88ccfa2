"""Layouts in toml: one table per group of wells.

    wells = 96
    unit = "pg/mL"

    [standards]
    at = "A1-H2"
    nominal = [200, 100, 50, 25, 12.5, 6.25, 3.125, 0]

    [samples]
    at = "A3-H4"
    names = ["CLL-01", "CLL-02", …]
    dilution = 2

A list has a value per well (row by row), per row or per column of the range, whichever
fits its length. A table named for a role gives its wells that role.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from plates.errors import LabError, LayoutError
from plates.layout import Layout
from plates.layouts.cells import LONGEST, Cell
from plates.layouts.content import build_layout, format_of_size
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.words import key_of, nearest, role_of, title_of
from plates.source import Source
from plates.well import FORMATS, PlateFormat, Well

_TOP = ("wells", "unit", "cell_density_unit")
_KEYS = ("at", "plate", "role", "sample", "nominal", "unit", "dilution", "replicate")


def recognise(source: Source) -> bool:
    """Whether the text is toml with at least one table that says where its wells are."""
    try:
        tables = _load(source)
    except LabError:
        return False
    return any(isinstance(table, dict) and "at" in table for table in tables.values())


def read(source: Source, choices: Choices) -> Layout:
    """Read every table."""
    tables = _load(source)
    where = source.name
    plate_format = choices.plate_format
    if plate_format is None and "wells" in tables:
        plate_format = format_of_size(tables["wells"], f"{where}: wells")
    raws: dict[tuple[str, Well], dict[str, Cell]] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            if name not in _TOP:
                raise LayoutError(f"{name!r} is unknown", where, nearest(name, _TOP))
            continue
        found = _wells(name, table, plate_format, tables, where)
        for key, raw in found.items():
            if key in raws:
                first = next(iter(raws[key].values())).where
                raise LayoutError(
                    f"well {key[1]} is described twice, first in {first}", f"{where}: {name}"
                )
            raws[key] = raw
    return build_layout(raws, source.name, plate_format=plate_format, fractions=choices.fractions)


def _load(source: Source) -> dict[str, object]:
    if source.size > 1_000_000:
        raise LayoutError(f"{source.size:,} bytes are too many for a layout", source.name)
    try:
        return tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LayoutError(f"this is no toml: {error}", source.name) from error


def _wells(
    name: str,
    table: Mapping[str, object],
    plate_format: PlateFormat | None,
    top: Mapping[str, object],
    file: str,
) -> dict[tuple[str, Well], dict[str, Cell]]:
    where = f"{file}: {name}"
    at = table.get("at")
    if not isinstance(at, str) or len(at) > LONGEST:
        raise LayoutError("the table does not say where its wells are", where, 'Add at = "A1-H2".')
    try:
        wells = (plate_format or FORMATS[1536]).range(at)
    except LabError as error:
        raise LayoutError(error.message, where, error.hint) from error
    raws: dict[Well, dict[str, Cell]] = {well: {} for well in wells}
    plate = str(table.get("plate", ""))
    role = role_of(name)[0] or role_of(name.removesuffix("s"))[0]
    if "role" not in table and role is not None:
        for well in wells:
            raws[well]["role"] = Cell(str(role), where)
    for key, value in table.items():
        if key in ("at", "plate"):
            continue
        property_, unit = title_of("sample" if key == "names" else key)
        if hint := nearest(key, _KEYS) if property_ == key_of(key) not in _KEYS else "":
            raise LayoutError(f"{key!r} is unknown", where, hint)
        for well, one in _spread(value, wells, f"{where}.{key}").items():
            raws[well][property_] = Cell(one, f"{where}.{key}", unit)
    unit_for = {"nominal": "unit", "cell_density": "cell_density_unit"}
    for raw in raws.values():
        for property_, key in unit_for.items():
            cell = raw.get(property_)
            if cell is not None and not cell.unit and key in top:
                raw[property_] = Cell(cell.value, cell.where, str(top[key]))
    return {(plate, well): raw for well, raw in raws.items()}


def _spread(value: object, wells: tuple[Well, ...], where: str) -> dict[Well, object]:
    """A single value goes to every well; a list to wells, rows or columns."""
    if isinstance(value, dict):
        raise LayoutError("expected a value or a list, found a table", where)
    if not isinstance(value, list):
        return dict.fromkeys(wells, value)
    if any(isinstance(one, list | dict) for one in value):
        raise LayoutError("expected a flat list", where)
    if len(value) == len(wells):
        return dict(zip(wells, value, strict=True))
    rows = sorted({well.row for well in wells})
    columns = sorted({well.column for well in wells})
    if len(rows) == len(columns) == len(value):
        raise LayoutError(
            f"{len(value)} values fit the rows as well as the columns",
            where,
            "Give a value per well.",
        )
    if len(value) == len(rows):
        return {well: value[rows.index(well.row)] for well in wells}
    if len(value) == len(columns):
        return {well: value[columns.index(well.column)] for well in wells}
    raise LayoutError(
        f"{len(value)} values for {len(wells)} wells in {len(rows)} rows "
        f"and {len(columns)} columns",
        where,
        "Give one value, or one per well, row or column.",
    )


FORMAT = LayoutFormat("toml", "a toml layout", recognise, read)
