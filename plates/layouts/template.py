"""The layout workbook to fill in: plate-shaped blocks, drop-downs, colours by role.

What is written here reads back as the same layout. Numbers that a spreadsheet
would round are written as text, so that a pre-filled form loses nothing. What nobody
knows (a unit, a concentration) is left blank: a check asks for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from plates.layout import Layout, Role, WellContent
from plates.layouts.blocks import EVERY_PLATE
from plates.layouts.form import ACCENT, HOW_TO, PALE, RULE, add_how_to, look, open_form
from plates.layouts.form_words import BLOCKS, SERIES, SERIES_COLUMNS, STEPS, WORDS
from plates.layouts.labels import block_titles, writable
from plates.well import PlateFormat, Well, row_letters

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ROLE_FILLS = {
    Role.STANDARD: "#D9D9D9",
    Role.SAMPLE: "#CFE6F5",
    Role.QC: "#E9CFE4",
    Role.BLANK: "#EFEFEA",
    Role.MEDIUM: "#DDEBD8",
    Role.CONTROL: "#FBE3C4",
    Role.EMPTY: "#FFFFFF",
}
"""Fill of a well by role: pale tints of the report's colours."""
CONCENTRATION_UNITS = ("pg/mL", "ng/mL", "ng/L", "µg/L", "µg/mL", "pmol/L", "nmol/L", "IU/mL")
DENSITY_UNITS = ("cells/mL", "cells/well")
SERIES_LINES = 12
"""Lines of the sheet for serial dilutions; more may be written below."""
_DENSITY = re.compile(r"^(\S+) (cells/mL|cells/well)$")
_FIRST_BLOCK = 7
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def layout_template(plate_format: PlateFormat, layout: Layout | None = None) -> bytes:
    """The workbook as bytes; see `write_layout_template`."""
    stream = BytesIO()
    write_layout_template(stream, plate_format, layout)
    return stream.getvalue()


def write_layout_template(
    place: IO[bytes] | str | Path, plate_format: PlateFormat, layout: Layout | None = None
) -> None:
    """Write a layout workbook to fill in, pre-filled where a layout is known.

    Parameters
    ----------
    place : binary stream or path
    plate_format : PlateFormat
        The plate that the blocks are shaped like.
    layout : Layout, optional
        What is known already; one sheet per plate.
    """
    stream = BytesIO()
    book = open_form(stream, "Plate layout")
    plates = layout.plates if layout is not None else ()
    pages = [_page(layout, plate) for plate in plates] if layout is not None else []
    first = "Layout"
    taken: set[str] = {HOW_TO.casefold(), SERIES.casefold()}
    pen = _Pen.of(book)
    for page in pages or [_Page("", {})]:
        alone = len(pages) < 2 and not page.plate
        name = "Layout" if alone else _sheet_name(page.plate, taken)
        first = name if page in pages[:1] else first
        sheet = book.add_worksheet(name)
        _fill_sheet(pen, sheet, page, plate_format)
    _add_series_sheet(pen, book, plate_format)
    add_how_to(
        book,
        "How to fill in this layout",
        [step.replace("the sheet Layout", f"the sheet {first}") for step in STEPS],
        WORDS,
        {str(role): fill for role, fill in ROLE_FILLS.items()},
    )
    book.close()
    if isinstance(place, str | Path):
        Path(place).write_bytes(stream.getvalue())
    else:
        place.write(stream.getvalue())


@dataclass(frozen=True, slots=True)
class _Page:
    plate: str
    contents: dict[Well, WellContent]

    def values(self, name: str) -> Iterable[tuple[Well, object]]:
        """What stands in a block, by well; nothing for a well without it."""
        for well, content in self.contents.items():
            value = _value(content, name)
            if value is not None and value != "":
                yield well, value


@dataclass(frozen=True, slots=True)
class _Pen:
    """The cell formats of a workbook, each made once."""

    title: Any
    label: Any
    field: Any
    corner: Any
    margin: Any
    text: Any
    number: Any
    roles: dict[Role, Any]

    @classmethod
    def of(cls, book: Workbook) -> _Pen:
        grey = {"font_color": "#57606A"}
        well = {"border": 1, "border_color": RULE, "align": "center"}
        small = {**well, "font_size": 10, "shrink": True}
        return cls(
            title=look(book, bold=True, font_size=18, font_color=ACCENT, valign="vcenter"),
            label=look(book, **grey),
            field=look(book, num_format="@", bg_color="#FFF8DC", **well),
            corner=look(book, bold=True, font_color="#FFFFFF", bg_color=ACCENT),
            margin=look(book, bold=True, bg_color=PALE, align="center", **grey),
            # "@" keeps names as typed: no dates, no lost zeros, and 1:10 is no time.
            text=look(book, num_format="@", **small),
            number=look(book, **small),
            roles={
                role: book.add_format(
                    {"bg_color": fill}
                    | ({"font_color": "#8C8C8C"} if role in (Role.BLANK, Role.EMPTY) else {})
                )
                for role, fill in ROLE_FILLS.items()
            },
        )

    def well(self, name: str) -> Any:
        return self.number if BLOCKS.get(name, ("", "", False))[2] else self.text


def _page(layout: Layout, plate: str) -> _Page:
    own = {well: content for (name, well), content in layout.contents.items() if name == plate}
    return _Page(plate, own)


def _value(content: WellContent, name: str) -> object:
    if name == "role":
        return str(content.role)
    # A number that no form can hold is one that nobody knows: a check asks for it.
    if name == "nominal":
        return content.nominal if 0 <= content.nominal < math.inf else None
    if name == "dilution_factor":
        return content.dilution_factor if 1 < content.dilution_factor < math.inf else None
    if name == "replicate":
        return content.replicate
    return writable(content.sample if name == "sample" else content.labels.get(name, ""))


def _sheet_name(plate: str, taken: set[str]) -> str:
    """A name that Excel allows; the labelled cell on the sheet holds the label in full."""
    stem = _SHEET_NAME.sub("-", plate).strip("' ")[:28] or "Every plate"
    name, number = stem, 2
    while name.casefold() in taken:
        name, number = f"{stem[:26]} {number}", number + 1
    taken.add(name.casefold())
    return name


def _one(units: Iterable[str], default: str = "") -> str:
    """The unit that all share; the default when there is none, nothing when they differ."""
    found = set(units)
    return default if not found else found.pop() if len(found) == 1 else ""


def _beside(unit: str) -> str:
    """A unit that may follow a number; nothing when it would be read as part of it."""
    return "" if unit[:1] in "0123456789.,+-" else writable(unit)


def _fill_sheet(pen: _Pen, sheet: Worksheet, page: _Page, plate: PlateFormat) -> None:
    # A zero needs no unit; a level without one must not take that of the others.
    unit = _one(content.unit.strip() for content in page.contents.values() if content.nominal > 0)
    densities = [found for _, v in page.values("cell_density") if (found := _DENSITY.match(str(v)))]
    whole = len(densities) == len(list(page.values("cell_density")))
    density = _one((found[2] for found in densities), DENSITY_UNITS[0]) if whole else ""
    _fill_head(pen, sheet, page, plate, unit, density)
    labels = {name for content in page.contents.values() for name in content.labels}
    titles = block_titles(sorted(labels - {*BLOCKS, "replicate"}))
    if any(content.replicate is not None for content in page.contents.values()):
        titles = {"replicate": "replicate", **titles}
    titles = {**{name: title for name, (title, _, _) in BLOCKS.items()}, **titles}
    rows = {}
    for i, (name, title) in enumerate(titles.items()):
        rows[name] = _FIRST_BLOCK + i * (plate.rows + 2)
        _fill_block(pen, sheet, name, title, rows[name], plate)
        for well, value in page.values(name):
            content = page.contents[well]
            if name == "nominal" and content.unit and content.unit != unit:
                value = f"{value!r} {_beside(content.unit)}".strip()
            if name == "cell_density" and density:
                value = str(value).removesuffix(f" {density}")
            _write(pen, sheet, rows[name] + 1 + well.row, 1 + well.column, value, name)
    _colour(pen, sheet, rows, plate)
    _set_page(sheet, plate, len(rows))


def _fill_head(
    pen: _Pen, sheet: Worksheet, page: _Page, plate: PlateFormat, unit: str, density: str
) -> None:
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"Plate layout · {plate.size} wells", pen.title)
    sheet.write_string(1, 0, "Fill in the blocks below; leave unused wells blank.", pen.label)
    several = "" if page.plate else EVERY_PLATE
    lines = (
        ("Plate", page.plate or several, ()),
        ("Plate format", str(plate.size), ()),
        ("Unit of concentrations", unit, CONCENTRATION_UNITS),
        ("Unit of cell density", density, DENSITY_UNITS),
    )
    for row, (name, value, choices) in enumerate(lines, 2):
        sheet.write_string(row, 0, name, pen.label)
        if plate.columns > 3:
            sheet.merge_range(row, 2, row, 3, value, pen.field)
        else:
            sheet.write_string(row, 2, value, pen.field)
        if choices:
            sheet.data_validation(
                row,
                2,
                row,
                2,
                {"validate": "list", "source": list(choices), "error_type": "information"},
            )


def _fill_block(
    pen: _Pen, sheet: Worksheet, name: str, title: str, top: int, plate: PlateFormat
) -> None:
    prompt = BLOCKS[name][1] if name in BLOCKS else ""
    sheet.write_string(top, 0, title, pen.corner)
    for column in range(plate.columns):
        sheet.write_number(top, 1 + column, column + 1, pen.margin)
    for row in range(plate.rows):
        sheet.write_string(top + 1 + row, 0, row_letters(row), pen.margin)
        for column in range(plate.columns):
            sheet.write_blank(top + 1 + row, 1 + column, None, pen.well(name))
    rules: dict[str, Any] = {"validate": "any"}
    if name == "role":
        rules = {
            "validate": "list",
            "source": [str(role) for role in Role],
            "error_title": "Unknown role",
            "error_message": "Choose a role from the list; the sheet 'How to fill' explains them.",
        }
    if prompt:
        rules |= {"input_title": title[:32], "input_message": prompt}
    if name == "role" or prompt:
        sheet.data_validation(top + 1, 1, top + plate.rows, plate.columns, rules)


def _add_series_sheet(pen: _Pen, book: Workbook, plate: PlateFormat) -> None:
    """The sheet that declares serial dilutions, a line each; blank until somebody does."""
    sheet = book.add_worksheet(SERIES)
    sheet.hide_gridlines(2)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, SERIES, pen.title)
    last = plate.rows
    example = f"such as A1-{row_letters(last - 1)}2, 1000, 2, down"
    sheet.write_string(
        1, 0, f"Declare a series of standards once instead of typing it ({example}).", pen.label
    )
    for column, (title, prompt, choices, width) in enumerate(SERIES_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(3, column, title, pen.corner)
        for row in range(4, 4 + SERIES_LINES):
            sheet.write_blank(row, column, None, pen.field)
        rules: dict[str, Any] = {"validate": "any", "input_title": title, "input_message": prompt}
        if choices:
            rules |= {"validate": "list", "source": list(choices), "error_type": "information"}
        sheet.data_validation(4, column, 3 + SERIES_LINES, column, rules)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def _write(pen: _Pen, sheet: Worksheet, row: int, column: int, value: object, name: str) -> None:
    style = pen.well(name)
    if isinstance(value, int | float) and style is pen.number and float(f"{value:.16G}") == value:
        sheet.write_number(row, column, value, style)
    elif isinstance(value, float):
        text = repr(value)
        sheet.write_string(row, column, text.removesuffix(".0"), style)
    else:
        sheet.write_string(row, column, str(value), style)


def _colour(pen: _Pen, sheet: Worksheet, rows: dict[str, int], plate: PlateFormat) -> None:
    """Every block takes the colours of the roles, so that a slip of place shows."""
    first = rows["role"] + 2
    for top in rows.values():
        for role, fill in pen.roles.items():
            sheet.conditional_format(
                top + 1,
                1,
                top + plate.rows,
                plate.columns,
                {
                    "type": "formula",
                    "criteria": f'=B{first}="{role}"',
                    "format": fill,
                },
            )


def _set_page(sheet: Worksheet, plate: PlateFormat, blocks: int) -> None:
    last = _FIRST_BLOCK + blocks * (plate.rows + 2)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    width = next(w for most, w in ((6, 18), (12, 11), (24, 8), (48, 7)) if plate.columns <= most)
    sheet.set_column(1, plate.columns, width)
    sheet.freeze_panes(_FIRST_BLOCK - 1, 1)
    # Doses and densities are text on purpose; Excel need not point at each.
    sheet.ignore_errors({"number_stored_as_text": f"A1:AW{last}"})
    sheet.set_paper(9)
    sheet.print_area(0, 0, last - 2, plate.columns)
    sheet.set_margins(0.4, 0.4, 0.4, 0.5)
    sheet.set_footer("&L&8&F · &A&R&8&P of &N")
    if plate.columns > 24:
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_h_pagebreaks([_FIRST_BLOCK + i * (plate.rows + 2) for i in range(1, blocks)])
    else:
        sheet.fit_to_pages(1, 1)
