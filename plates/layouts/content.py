"""What stands in the cells of a layout becomes what is in the wells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from plates.errors import LayoutError
from plates.layout import Layout, Role, WellContent
from plates.layouts.cells import EXCEL_ERRORS, Cell
from plates.layouts.mangled import tell_mangled
from plates.layouts.quantities import Marks, dilution, quantity
from plates.layouts.remarks import Remarks
from plates.layouts.words import ROLE_WORDS, nearest, role_of
from plates.well import FORMATS, PlateFormat, Well, row_letters, smallest_format

Raw = Mapping[str, Cell]
"""The filled cells of one well, by property."""
Raws = Mapping[tuple[str, Well], Raw]

_FACTS = ("role", "sample", "nominal", "unit", "dilution_factor", "replicate")
_NAMELESS = (Role.BLANK, Role.MEDIUM, Role.CONTROL)


def build_layout(
    raws: Raws,
    name: str,
    *,
    plate_format: PlateFormat | None = None,
    fractions: bool = False,
    remarks: Remarks | None = None,
) -> Layout:
    """Turn the cells of every well into a layout.

    Parameters
    ----------
    raws : mapping of (plate, well) to cells by property
    plate_format : PlateFormat, optional
        The plate that the wells must be on; the smallest that holds them when not given.
    fractions : bool
        Read a bare dilution below 1 as a fraction.

    Raises
    ------
    LayoutError
        When no well is described, a well leaves the plate, or a cell cannot be understood.
    """
    remarks = remarks or Remarks()
    filled = {key: raw for key, raw in raws.items() if raw}
    if not filled:
        raise LayoutError("the layout describes no well", name, "Fill in at least the roles.")
    places = {key: _place(raw) for key, raw in filled.items()}
    plate_format = plate_format or smallest_format(
        max(well.row for _, well in filled) + 1, max(well.column for _, well in filled) + 1
    )
    for (_, well), where in places.items():
        if well not in plate_format:
            raise off_the_plate(well, plate_format, where)
    marks = Marks.of(_number_texts(filled.values()))
    roles_given = any("role" in raw for raw in filled.values())
    contents = {
        key: _content(key[1], raw, marks, remarks, fractions, roles_given)
        for key, raw in filled.items()
    }
    tell_mangled(
        (cell for raw in filled.values() for name, cell in raw.items() if _is_name(name)), remarks
    )
    ordered = _in_order(contents)
    cells = {
        (*key, property_): cell.where
        for key, raw in filled.items()
        for property_, cell in raw.items()
    }
    return Layout(plate_format, ordered, name, remarks.sentences(), places, cells)


def off_the_plate(well: Well, plate_format: PlateFormat, where: str) -> LayoutError:
    """The error for a well that a plate does not have."""
    return LayoutError(
        f"well {well} leaves a {plate_format.size}-well plate",
        where,
        f"Rows end at {row_letters(plate_format.rows - 1)}, columns at {plate_format.columns}.",
    )


def format_of_size(size: object, where: str) -> PlateFormat:
    """The plate with so many wells.

    Raises
    ------
    LayoutError
        When no plate has so many.
    """
    known = {str(wells): plate for wells, plate in FORMATS.items()}
    text = str(size).strip().lower().removesuffix("wells").removesuffix("well").strip(" -")
    if text not in known:
        raise LayoutError(
            f"no plate has {size!r} wells", where, f"Known are {', '.join(known)} wells."
        )
    return known[text]


def _in_order(contents: dict[tuple[str, Well], WellContent]) -> dict[tuple[str, Well], WellContent]:
    order = {plate: i for i, plate in enumerate(dict.fromkeys(plate for plate, _ in contents))}
    return dict(sorted(contents.items(), key=lambda item: (order[item[0][0]], item[0][1])))


def _place(raw: Raw) -> str:
    first = next((raw[name] for name in _FACTS if name in raw), None)
    return (first or next(iter(raw.values()))).where


def _is_name(property_: str) -> bool:
    return property_ == "sample" or property_ not in (*_FACTS, "cell_density")


def _number_texts(raws: Iterable[Raw]) -> list[str]:
    quantities = ("nominal", "dilution_factor", "cell_density")
    return [
        raw[name].text
        for raw in raws
        for name in quantities
        if name in raw and isinstance(raw[name].value, str)
    ]


def _content(
    well: Well, raw: Raw, marks: Marks, remarks: Remarks, fractions: bool, roles_given: bool
) -> WellContent:
    for cell in raw.values():
        if cell.text in EXCEL_ERRORS:
            raise LayoutError(
                f"the cell of well {well} holds Excel's error {cell.text}", cell.where
            )
    nominal, unit = _nominal(raw, marks)
    role, numbered = _role(well, raw, remarks, roles_given)
    sample = raw["sample"].text if "sample" in raw else ""
    if not sample:
        sample = _name(well, role, nominal, unit, raw["role"].text if numbered else "")
        if role is Role.SAMPLE and not numbered:
            remarks.add("samples without a name are named by their well", _place(raw))
    factor = 1.0
    if "dilution_factor" in raw:
        factor, remark = dilution(raw["dilution_factor"], marks, fractions=fractions)
        if remark:
            remarks.add(remark, raw["dilution_factor"].where)
    return WellContent(
        role,
        sample,
        nominal,
        unit,
        factor,
        _replicate(raw, marks),
        {name: _label(name, cell) for name, cell in raw.items() if name not in _FACTS},
    )


def _nominal(raw: Raw, marks: Marks) -> tuple[float, str]:
    cell = raw.get("nominal")
    if cell is None or cell.text.casefold() in ("-", "–", "n/a", "na", "nan"):
        return math.nan, ""
    value, unit = quantity(cell, marks, "nominal concentration")
    if value < 0:
        raise LayoutError(f"the nominal concentration {cell.text} is below zero", cell.where)
    return value, unit or (raw["unit"].text if "unit" in raw else cell.unit)


def _role(well: Well, raw: Raw, remarks: Remarks, roles_given: bool) -> tuple[Role, bool]:
    if "role" in raw:
        cell = raw["role"]
        role, numbered = role_of(cell.text)
        if role is None:
            known = ", ".join(role.value for role in Role)
            hint = nearest(cell.text, ROLE_WORDS) or f"Known roles are {known}."
            raise LayoutError(f"{cell.text!r} is no role of a well ({well})", cell.where, hint)
        return role, numbered
    if "nominal" in raw and roles_given:
        raise LayoutError(
            f"well {well} has a nominal concentration but no role",
            raw["nominal"].where,
            "Write standard or qc.",
        )
    sample = role_of(raw["sample"].text)[0] if "sample" in raw else None
    role = Role.STANDARD if "nominal" in raw else sample or Role.SAMPLE
    remarks.add(f"wells without a role are read as {role}", _place(raw))
    return role, False


def _name(well: Well, role: Role, nominal: float, unit: str, role_text: str) -> str:
    """Wells that share a name are replicates, so every filled well needs one."""
    if role is Role.EMPTY:
        return ""
    if role_text:
        return role_text
    if role in (Role.STANDARD, Role.QC) and not math.isnan(nominal):
        return f"{role} {nominal:.10g} {unit}".rstrip()
    return str(role) if role in _NAMELESS else str(well)


def _replicate(raw: Raw, marks: Marks) -> int | None:
    cell = raw.get("replicate")
    if cell is None:
        return None
    value, unit = quantity(cell, marks, "replicate")
    if unit or value != int(value) or value < 1:
        raise LayoutError(
            f"expected a whole number from 1 for the replicate, found {cell.text!r}", cell.where
        )
    return int(value)


def _label(name: str, cell: Cell) -> str:
    """A density carries the unit of its block's title, so that it can be understood alone."""
    if (
        name == "cell_density"
        and cell.unit
        and not any(c.isalpha() for c in _digits_off(cell.text))
    ):
        return f"{cell.text} {cell.unit}"
    return cell.text


def _digits_off(text: str) -> str:
    return text.casefold().replace("e", "").replace("×", "").replace("x", "")
