"""Layouts in a workbook: plate-shaped blocks, or a tidy table, on one sheet per plate.

A further sheet may declare serial dilutions: it fills in roles and concentrations of
standards that the other sheets leave blank.
"""

from __future__ import annotations

from plates.errors import LayoutError
from plates.layout import Layout
from plates.layouts.blocks import (
    declared_unit,
    declares_every_plate,
    find_blocks,
    read_blocks,
)
from plates.layouts.cells import Cell, Sheet
from plates.layouts.content import build_layout
from plates.layouts.contract import Choices, LayoutFormat
from plates.layouts.remarks import Remarks
from plates.layouts.sheets import sheets_of_workbook
from plates.layouts.tidy import find_header, is_series, read_tidy
from plates.layouts.words import role_of, title_of
from plates.source import Source
from plates.well import PlateFormat, Well

_FIRST = {"role", "sample", "nominal"}


def recognise(source: Source) -> bool:
    """Whether one of the sheets has plate-shaped blocks named for a role, or a tidy table."""
    if not source.is_workbook:
        return False
    return any(_is_layout(sheet) for sheet in sheets_of_workbook(source))


def _is_layout(sheet: Sheet) -> bool:
    blocks = find_blocks(sheet)
    named = _FIRST & {title_of(block.title)[0] for block in blocks}
    return bool(named) or find_header(sheet) is not None


def read(source: Source, choices: Choices) -> Layout:
    """Read every sheet that holds a layout."""
    found = [sheet for sheet in sheets_of_workbook(source) if _is_layout(sheet)]
    series = [sheet for sheet in found if not find_blocks(sheet) and is_series(sheet)]
    sheets = [sheet for sheet in found if sheet not in series]
    remarks = Remarks()
    for sheet in found:
        _tell_unseen(sheet, remarks)
    raws, formats = _read_plates(sheets, remarks)
    unit = next(filter(None, map(declared_unit, sheets)), "")
    for sheet in series:
        _add_series(raws, read_tidy(sheet, "", remarks), unit)
    if len(set(formats)) > 1:
        raise LayoutError("the sheets are for plates of different formats", source.name)
    return build_layout(
        raws,
        source.name,
        plate_format=choices.plate_format or (formats[0] if formats else None),
        fractions=choices.fractions,
        remarks=remarks,
    )


def _tell_unseen(sheet: Sheet, remarks: Remarks) -> None:
    """Hidden rows and struck-out cells count: a filter left on must not change a result."""
    for row in sorted(sheet.hidden_rows):
        if row < len(sheet.rows) and any(sheet.text(row, c) for c in range(len(sheet.rows[row]))):
            remarks.add(
                "a hidden or filtered row is read like the others; delete it if it is not meant",
                sheet.where(row),
            )
    for row, column in sorted(sheet.struck):
        if sheet.text(row, column):
            remarks.add(
                "a cell that is struck out is read like the others; clear it if it is not meant",
                sheet.where(row, column),
            )


def _read_plates(
    sheets: list[Sheet], remarks: Remarks
) -> tuple[dict[tuple[str, Well], dict[str, Cell]], list[PlateFormat]]:
    raws: dict[tuple[str, Well], dict[str, Cell]] = {}
    formats: list[PlateFormat] = []
    # Copies of the form all say "every plate" until somebody changes that: then the
    # sheets' names tell the plates apart.
    copies = sum(declares_every_plate(sheet) for sheet in sheets) > 1
    for sheet in sheets:
        plate = sheet.name if len(sheets) > 1 else ""
        if find_blocks(sheet):
            found, declared = read_blocks(sheet, plate, remarks, shared=plate if copies else "")
            formats += [declared] if declared else []
        else:
            found = read_tidy(sheet, plate, remarks)
        for key, raw in found.items():
            if key in raws:
                first, second = (next(iter(r.values())).where for r in (raws[key], raw))
                raise LayoutError(f"well {key[1]} is described twice, first at {first}", second)
            raws[key] = raw
    return raws, formats


def _add_series(
    raws: dict[tuple[str, Well], dict[str, Cell]],
    series: dict[tuple[str, Well], dict[str, Cell]],
    unit: str,
) -> None:
    """Put serial dilutions into the wells of their plate, or of every plate.

    Raises
    ------
    LayoutError
        When a well has a concentration or another role already.
    """
    plates = list(dict.fromkeys(plate for plate, _ in raws)) or [""]
    for (plate, well), declared in series.items():
        nominal = declared["nominal"]
        declared["nominal"] = Cell(nominal.value, nominal.where, nominal.unit or unit)
        for label in [plate] if plate else plates:
            own = raws.setdefault((label, well), {})
            for name in own.keys() & declared.keys():
                if name == "role" and role_of(own[name].text) == role_of(declared[name].text):
                    continue
                raise LayoutError(
                    f"well {well} has the {name} {own[name].text!r} at {own[name].where}, and "
                    f"{declared[name].text!r} by a serial dilution",
                    declared[name].where,
                    "Leave the one blank that is wrong.",
                )
            own.update(declared)


FORMAT = LayoutFormat("xlsx", "a workbook", recognise, read)
