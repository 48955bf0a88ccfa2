"""Layouts in toml: one table per group of wells.

    wells = 96
    unit = "pg/mL"

    [standards]
    at = "A1-H2"
    nominal = [200, 100, 50, 25, 12.5, 6.25, 3.125, 0]

    [more-standards]          # the same as a serial dilution, declared once
    role = "standard"
    wells = "A11-H12"
    top = 200
    factor = 2
    direction = "down"
    zero = true

    [samples]
    at = "A3-H4"
    names = ["CLL-01", "CLL-02", …]
    dilution = 2

A list has a value per well (row by row), per row or per column of the range, whichever
fits its length. A table named for a role gives its wells that role. ``plate`` names the
plate, or a list of plates, that a table is about; without it, every plate of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

from plates.errors import LabError, LayoutError
from plates.layout import Layout
from plates.layouts.cells import LONGEST, Cell
from plates.layouts.content import build_layout, format_of_size
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.remarks import Remarks
from plates.layouts.series import KEYS, expand
from plates.layouts.toml_text import load_toml
from plates.layouts.words import key_of, nearest, role_of, title_of
from plates.source import Source
from plates.well import FORMATS, PlateFormat, Well

_TOP = ("wells", "unit", "cell_density_unit")
_KEYS = ("at", "wells", "plate", "role", "sample", "nominal", "unit", "dilution", "replicate",
         "top", *KEYS)  # fmt: skip

MOST_PLATES = 500
"""Plates that one table may name."""


def recognise(source: Source) -> bool:
    """Whether the text is toml with at least one table that says where its wells are."""
    try:
        tables = load_toml(source)
    except LabError:
        return False
    return any(
        isinstance(table, dict) and isinstance(table.get("at", table.get("wells")), str)
        for table in tables.values()
    )


def read(source: Source, choices: Choices) -> Layout:
    """Read every table."""
    tables = load_toml(source)
    where = source.name
    plate_format = choices.plate_format
    if plate_format is None and "wells" in tables:
        plate_format = format_of_size(tables["wells"], f"{where}: wells")
    remarks = Remarks()
    raws: dict[tuple[str, Well], dict[str, Cell]] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            if name not in _TOP:
                raise LayoutError(f"{name!r} is unknown", where, nearest(name, _TOP))
            continue
        found = _wells(name, table, plate_format, tables, where, remarks)
        for key, raw in found.items():
            if key in raws:
                first = next(iter(raws[key].values())).where
                raise LayoutError(
                    f"well {key[1]} is described twice, first in {first}", f"{where}: {name}"
                )
            raws[key] = raw
    return build_layout(
        raws,
        source.name,
        plate_format=plate_format,
        fractions=choices.fractions,
        remarks=remarks,
    )


def _wells(
    name: str,
    table: Mapping[str, object],
    plate_format: PlateFormat | None,
    top: Mapping[str, object],
    file: str,
    remarks: Remarks,
) -> dict[tuple[str, Well], dict[str, Cell]]:
    where = f"{file}: {name}"
    wells = _place(table, plate_format, where)
    raws: dict[Well, dict[str, Cell]] = {well: {} for well in wells}
    role = role_of(name)[0] or role_of(name.removesuffix("s"))[0]
    if "role" not in table and role is not None:
        for well in wells:
            raws[well]["role"] = Cell(str(role), where)
    series = {key: table[key] for key in ("top", *KEYS) if key in table and "top" in table}
    for key, value in table.items():
        if key in ("at", "wells", "plate") or key in series:
            continue
        property_, unit = title_of("sample" if key == "names" else key)
        if hint := nearest(key, _KEYS) if property_ == key_of(key) not in _KEYS else "":
            raise LayoutError(f"{key!r} is unknown", where, hint)
        for well, one in _spread(value, wells, f"{where}.{key}").items():
            raws[well][property_] = Cell(one, f"{where}.{key}", unit)
    if series:
        if any("nominal" in raw for raw in raws.values()):
            raise LayoutError("a serial dilution has a list of concentrations as well", where)
        cells = {key: Cell(value, f"{where}.{key}") for key, value in series.items()}
        nominals, remark = expand(wells, cells)
        remarks.add(remark, f"{where}.top")
        for well, cell in nominals.items():
            raws[well] = {"role": Cell("standard", where), **raws[well], "nominal": cell}
    unit_for = {"nominal": "unit", "cell_density": "cell_density_unit"}
    for raw in raws.values():
        for property_, key in unit_for.items():
            found = raw.get(property_)
            if found is not None and not found.unit and key in top:
                raw[property_] = Cell(found.value, found.where, str(top[key]))
    return {
        (plate, well): dict(raw) for plate in _plates(table, where) for well, raw in raws.items()
    }


def _place(
    table: Mapping[str, object], plate_format: PlateFormat | None, where: str
) -> tuple[Well, ...]:
    at = table.get("at", table.get("wells"))
    if not isinstance(at, str) or len(at) > LONGEST:
        raise LayoutError("the table does not say where its wells are", where, 'Add at = "A1-H2".')
    if "at" in table and "wells" in table:
        raise LayoutError("the table says twice where its wells are", where, "Keep at or wells.")
    try:
        return (plate_format or FORMATS[1536]).range(at)
    except LabError as error:
        raise LayoutError(error.message, where, error.hint) from error


def _plates(table: Mapping[str, object], where: str) -> list[str]:
    """Labels of the plates that a table is about; the empty one stands for all."""
    named = table.get("plate", "")
    plates = named if isinstance(named, list) else [named]
    if not plates or any(isinstance(plate, list | dict) for plate in plates):
        raise LayoutError(
            "expected the label of a plate, or a list of them", f"{where}.plate",
            'Write plate = "P1" or plate = ["P1", "P2"].',
        )  # fmt: skip
    if len(plates) > MOST_PLATES:
        raise LayoutError(f"more than {MOST_PLATES} plates are named", f"{where}.plate")
    return [str(plate) for plate in plates]


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
