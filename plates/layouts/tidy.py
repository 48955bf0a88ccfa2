"""Tidy tables: one row per well under named columns.

A row with ``top`` declares a serial dilution over all its wells.
"""

from __future__ import annotations

from plates.errors import LayoutError
from plates.layouts.cells import Cell, Sheet
from plates.layouts.remarks import Remarks
from plates.layouts.series import KEYS, expand
from plates.layouts.words import PROPERTIES, title_of
from plates.well import FORMATS, Well, is_well_name

_HEADER_ROWS = 30
"""Rows in which the header may stand; a title or two may precede it."""
_LONGEST_RANGE = 400
_SAYS = set(PROPERTIES) - {"plate", "well", "row", "column", "unit", "replicate"}
_ANY_PLATE = FORMATS[1536]


def find_header(sheet: Sheet) -> int | None:
    """Row of the header: it names the wells and something that a layout says of them.

    None without one; a table of wells and readings alone is no layout.
    """
    for r in range(min(_HEADER_ROWS, len(sheet.rows))):
        names = [title_of(sheet.text(r, c))[0] for c in range(len(sheet.rows[r]))]
        placed = "well" in names or ("row" in names and "column" in names)
        if placed and _SAYS & set(names):
            return r
    return None


def known_columns(sheet: Sheet) -> int:
    """How many columns of the header have a known name; 0 without a header."""
    header = find_header(sheet)
    if header is None:
        return 0
    names = {title_of(sheet.text(header, c))[0] for c in range(len(sheet.rows[header]))}
    return len(names & set(PROPERTIES))


def is_series(sheet: Sheet) -> bool:
    """Whether the header has a column for the top of serial dilutions."""
    header = find_header(sheet)
    return header is not None and "top" in [
        title_of(sheet.text(header, c))[0] for c in range(len(sheet.rows[header]))
    ]


def read_tidy(
    sheet: Sheet, plate: str, remarks: Remarks
) -> dict[tuple[str, Well], dict[str, Cell]]:
    """The filled cells of every well of a tidy table.

    Parameters
    ----------
    plate : str
        Label of the plate where no column gives one.

    Raises
    ------
    LayoutError
        When a column comes twice, a row is longer than the header or names no
        well, or a well is described twice.
    """
    header = find_header(sheet)
    assert header is not None
    columns = _columns(sheet, header)
    raws: dict[tuple[str, Well], dict[str, Cell]] = {}
    for r in range(header + 1, len(sheet.rows)):
        row = {
            name: cell
            for c, (name, unit) in columns.items()
            if (cell := sheet.cell(r, c, unit)) is not None
        }
        _check_length(sheet, header, r)
        if not row:
            continue
        label = row.pop("plate").text if "plate" in row else plate
        wells = _wells(sheet, r, row)
        levels = _series(wells, row, sheet.where(r), remarks)
        for well in wells:
            if (label, well) in raws:
                first = next(iter(raws[label, well].values())).where
                raise LayoutError(
                    f"well {well} is described twice, first at {first}", sheet.where(r)
                )
            # A row that only names the well says that nothing is in it.
            raws[label, well] = dict(row) | levels.get(well, {})
    return {key: raw for key, raw in raws.items() if raw}


def _series(
    wells: tuple[Well, ...], row: dict[str, Cell], where: str, remarks: Remarks
) -> dict[Well, dict[str, Cell]]:
    """Role and concentration of each well of a serial dilution; nothing for another row."""
    if "top" not in row:
        return {}
    if "nominal" in row:
        raise LayoutError(
            "the row declares a serial dilution and a concentration", row["nominal"].where
        )
    declared = {name: row.pop(name) for name in ("top", *KEYS) if name in row}
    nominals, remark = expand(wells, declared)
    remarks.add(remark, where)
    role = row.get("role", Cell("standard", where))
    return {well: {"role": role, "nominal": cell} for well, cell in nominals.items()}


def _columns(sheet: Sheet, header: int) -> dict[int, tuple[str, str]]:
    columns: dict[int, tuple[str, str]] = {}
    for c in range(len(sheet.rows[header])):
        name, unit = title_of(sheet.text(header, c))
        if not name:
            continue
        if name in [other for other, _ in columns.values()]:
            raise LayoutError(
                f"the column {sheet.text(header, c)!r} comes twice (both mean {name})",
                sheet.where(header, c),
                "Keep one of them, or give the other a name of its own.",
            )
        columns[c] = (name, unit)
    return columns


def _check_length(sheet: Sheet, header: int, r: int) -> None:
    width = len(sheet.rows[header])
    beyond = next((c for c in range(width, len(sheet.rows[r])) if sheet.text(r, c)), None)
    if beyond is not None:
        raise LayoutError(
            f"the row has {len(sheet.rows[r])} fields, the header {width}",
            sheet.where(r, beyond),
            "Is a decimal comma read as a separator? Separate by semicolons or write points.",
        )


def _wells(sheet: Sheet, r: int, row: dict[str, Cell]) -> tuple[Well, ...]:
    """The well of a row, or the wells of a range such as ``A1-A3``."""
    well, row_cell, column_cell = (
        row.pop("well", None),
        row.pop("row", None),
        row.pop("column", None),
    )
    if well is not None:
        name, where = well.text, well.where
    elif row_cell is not None and column_cell is not None:
        name, where = f"{row_cell.text}{column_cell.text}", row_cell.where
    else:
        raise LayoutError("the row names no well", sheet.where(r), "Write A1 … in the column well.")
    try:
        if is_well_name(name):
            return (Well.parse(name),)
        return _ANY_PLATE.range(name[:_LONGEST_RANGE], where)
    except LayoutError as error:
        raise LayoutError(error.message, where, error.hint) from error
