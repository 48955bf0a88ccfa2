"""The layout workbook: what is written reads back, what people do to it is told."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plates.errors import LabError, LayoutError
from plates.layout import Layout, Role, WellContent
from plates.layouts.blocks import EVERY_PLATE
from plates.layouts.cells import EXCEL_ERRORS
from plates.layouts.identify import read_layout
from plates.layouts.template import layout_template
from plates.source import Source
from plates.well import FORMATS, PlateFormat, Well

PRINTABLE = st.characters(blacklist_categories=("C", "Z"), blacklist_characters="\ufeff")
# What a spreadsheet writes where a formula failed is no name, and is refused as none (below);
# "every plate" is what the form says of a sheet that stands for all plates.
WORD = st.text(PRINTABLE, min_size=1, max_size=12).filter(
    lambda word: word not in EXCEL_ERRORS and word.casefold() != EVERY_PLATE
)
AMOUNT = st.floats(0, 1e9, allow_subnormal=False)
LABELS = st.fixed_dictionaries(
    {},
    optional={
        "donor": WORD,
        "treatment": WORD,
        "time_point": WORD,
        "cell_density": st.sampled_from(["2e6 cells/mL", "150000 cells/mL", "1e5 cells/well"]),
    },
)


@st.composite
def contents(draw: st.DrawFn) -> WellContent:
    role = draw(st.sampled_from(list(Role)))
    known = role in (Role.STANDARD, Role.QC)
    return WellContent(
        role,
        "" if role is Role.EMPTY else draw(WORD),
        draw(AMOUNT) if known else float("nan"),
        draw(st.sampled_from(["pg/mL", "ng/mL"])) if known else "",
        draw(st.floats(1, 1e6)),
        draw(st.none() | st.integers(1, 99)),
        draw(LABELS),
    )


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    plate = draw(st.sampled_from([FORMATS[6], FORMATS[24], FORMATS[96]]))
    labels = draw(st.lists(st.just("") | WORD, min_size=1, max_size=3, unique_by=str.casefold))
    wells = st.builds(Well, st.integers(0, plate.rows - 1), st.integers(0, plate.columns - 1))
    keys = [
        (label, well)
        for label in labels
        for well in sorted(draw(st.lists(wells, min_size=1, max_size=4, unique=True)))
    ]
    return Layout(plate, {key: draw(contents()) for key in keys})


def from_bytes(data: bytes) -> Layout:
    return read_layout(Source.from_bytes("layout.xlsx", data))


def same(first: WellContent, second: WellContent) -> bool:
    return repr(first) == repr(second)  # NaN equals itself there


# Shrinking a workbook takes minutes; the first counterexample says enough.
@settings(max_examples=30, phases=(Phase.explicit, Phase.generate))
@given(layouts())
def test_what_is_written_reads_back_the_same(layout: Layout) -> None:
    found = from_bytes(layout_template(layout.format, layout))
    assert found.format == layout.format
    assert list(found.contents) == list(layout.contents)
    for key, content in layout.contents.items():
        assert same(found.contents[key], sorted_labels(content, found.contents[key])), key


def sorted_labels(content: WellContent, like: WellContent) -> WellContent:
    """The same content with its labels in the order of another's: the order means nothing."""
    assert set(content.labels) == set(like.labels)
    labels = {name: content.labels[name] for name in like.labels}
    return WellContent(
        content.role, content.sample, content.nominal, content.unit,
        content.dilution_factor, content.replicate, labels,
    )  # fmt: skip


@pytest.mark.parametrize("wells", sorted(FORMATS))
def test_an_empty_form_is_the_same_bytes_each_time_and_says_it_is_empty(wells: int) -> None:
    form = layout_template(FORMATS[wells])
    assert form == layout_template(FORMATS[wells])
    with pytest.raises(LayoutError, match="describes no well"):
        from_bytes(form)


def filled(plate: PlateFormat = FORMATS[96], **cells: Any) -> bytes:
    """The form after a person typed into it; cells are named as Excel names them."""
    book = openpyxl.load_workbook(BytesIO(layout_template(plate)))
    for cell, value in {"C5": "pg/mL", **cells}.items():
        book["Layout"][cell] = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# Rows of the 96-well form: the block Role has its row A in row 9, Sample in 19,
# Concentration in 29, Dilution in 39.


def test_a_form_filled_in_by_hand_is_understood() -> None:
    layout = from_bytes(filled(B9="std", B19="S1", B29=12.5, C9="Sample", C19="007", C39="1:10"))
    assert layout.contents["", Well(0, 0)] == WellContent(Role.STANDARD, "S1", 12.5, "pg/mL")
    assert layout.contents["", Well(0, 1)].dilution_factor == 10
    assert layout.notes == ("The dilution 1:10 is read as 1 in 10 (layout.xlsx: Layout!C39).",)
    assert layout.format == FORMATS[96]


@pytest.mark.parametrize(
    ("cells", "where", "said"),
    [
        ({"B9": "stanard"}, "Layout!B9", "no role"),
        ({"B9": "std", "B29": "ten"}, "Layout!B29", "expected a number"),
        ({"B9": "std", "B29": dt.datetime(2024, 5, 1)}, "Layout!B29", "date or time"),
        ({"B9": "sample", "B39": dt.time(2, 40)}, "Layout!B39", "found the time 2:40"),
        ({"B9": "sample", "B39": 0.5}, "Layout!B39", "below 1"),
        ({"B29": 5, "C9": "blank"}, "Layout!B29", "no role"),
        ({"B9": "blank", "C4": "97"}, "Layout!C4", "no plate has '97' wells"),
    ],
)  # fmt: skip
def test_a_fault_names_sheet_and_cell(cells: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(LayoutError) as caught:
        from_bytes(filled(**cells))
    assert caught.value.where == f"layout.xlsx: {where}"
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (dt.datetime(2024, 9, 2), "2024-09-02"),
        (1.5, "1.5"),
        (120000.0, "120000"),
        (7, "stored as numbers"),
    ],
)
def test_names_in_cells_that_hold_no_text_are_told(value: object, said: str) -> None:
    layout = from_bytes(filled(B9="sample", B19=value, C9="sample", C19="CLL-2"))
    assert len(layout.notes) == 1
    assert said in layout.notes[0]
    assert "layout.xlsx: Layout!B19" in layout.notes[0]


@pytest.mark.parametrize("error", sorted(EXCEL_ERRORS))
def test_the_error_of_a_failed_formula_is_refused_as_a_name(error: str) -> None:
    with pytest.raises(LayoutError, match="holds Excel's error") as caught:
        from_bytes(filled(B9="sample", B19=error))
    assert caught.value.where == "layout.xlsx: Layout!B19"


def test_a_dilution_that_excel_made_a_time_is_read_and_told() -> None:
    layout = from_bytes(filled(B9="sample", B19="P1", B39=dt.time(1, 10)))
    assert layout.contents["", Well(0, 0)].dilution_factor == 10
    assert "made a time" in layout.notes[0]


def test_copies_of_the_sheet_are_plates_named_by_their_sheets() -> None:
    book = openpyxl.load_workbook(BytesIO(filled(B9="blank")))
    book.copy_worksheet(book["Layout"]).title = "Plate 2"
    stream = BytesIO()
    book.save(stream)
    assert from_bytes(stream.getvalue()).plates == ("Layout", "Plate 2")


def test_a_tidy_table_in_a_workbook_is_read_too() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "map"
    for row in (["Well", "Type", "Conc", "Unit"], ["A1", "std", 5, "pg/mL"], ["A2", "blnk"]):
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    with pytest.raises(LayoutError, match=r"'blnk' is no role.*layout.xlsx: map!B3"):
        from_bytes(stream.getvalue())


def test_typed_formulas_stay_text() -> None:
    layout = Layout(FORMATS[6], {("", Well(0, 0)): WellContent(Role.SAMPLE, '=HYPERLINK("x")')})
    data = layout_template(FORMATS[6], layout)
    book = openpyxl.load_workbook(BytesIO(data))
    cells = [cell for row in book["Layout"].iter_rows() for cell in row if cell.value]
    assert all(cell.data_type != "f" for cell in cells if "HYPERLINK" not in str(cell.value))
    assert from_bytes(data).contents["", Well(0, 0)].sample == '=HYPERLINK("x")'


def test_a_damaged_workbook_gives_a_named_error() -> None:
    whole = filled(B9="blank")
    for end in range(4, len(whole), 997):
        with pytest.raises(LabError):
            from_bytes(whole[:end])
