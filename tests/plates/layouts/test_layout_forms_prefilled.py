"""A form pre-filled from an export reads back, and invents nothing."""

from __future__ import annotations

import math
from io import BytesIO

import openpyxl
import pytest

from plates.errors import LayoutError
from plates.layout import Layout, Role, WellContent
from plates.layouts.identify import read_layout
from plates.layouts.labels import block_titles
from plates.layouts.template import layout_template
from plates.source import Source
from plates.well import FORMATS, Well


def written(*contents: WellContent, plate: str = "") -> bytes:
    layout = Layout(FORMATS[96], {(plate, Well(i, 0)): one for i, one in enumerate(contents)})
    return layout_template(FORMATS[96], layout)


def read_back(data: bytes) -> Layout:
    return read_layout(Source.from_bytes("layout.xlsx", data))


@pytest.mark.parametrize(
    "label",
    ["well_id", "Well ID", "concentration", "plate", "7", "row", "name", "", "a\nb", "x" * 300],
)
def test_any_name_of_a_label_makes_a_block_that_reads_back(label: str) -> None:
    layout = read_back(written(WellContent(Role.SAMPLE, "P1", labels={label: "here"})))
    content = layout.contents["", Well(0, 0)]
    assert (content.role, content.sample) == (Role.SAMPLE, "P1")
    assert list(content.labels.values()) == ["here"]


def test_labels_that_read_alike_stand_in_blocks_of_their_own() -> None:
    titles = block_titles(["Cell line", "cell_line", "id"])
    assert titles == {"Cell line": "Cell line", "cell_line": "label cell_line", "id": "label id"}
    labels = {"Cell line": "HEK", "cell_line": "THP-1"}
    layout = read_back(written(WellContent(Role.SAMPLE, "P1", labels=labels)))
    assert set(layout.contents["", Well(0, 0)].labels.values()) == {"HEK", "THP-1"}


def test_numbers_and_names_that_no_form_can_hold_are_left_blank() -> None:
    odd = WellContent(Role.SAMPLE, "#N/A", -3.0, "pg/mL", math.inf)
    content = read_back(written(odd)).contents["", Well(0, 0)]
    assert math.isnan(content.nominal)
    assert content.dilution_factor == 1
    assert content.sample == "A1"


def test_a_unit_that_nobody_named_is_left_blank_and_asked_for() -> None:
    data = written(WellContent(Role.STANDARD, "S1", 2000.0))
    sheet = openpyxl.load_workbook(BytesIO(data))["Layout"]
    assert (sheet["A5"].value, sheet["C5"].value) == ("Unit of concentrations", None)
    assert sheet["B29"].value == 2000  # a number, no text with a blank behind it
    with pytest.raises(LayoutError, match=r"well A1 has no unit.*beside 'Unit of concentrations'"):
        read_back(data)
    assert (
        openpyxl.load_workbook(BytesIO(layout_template(FORMATS[96])))["Layout"]["C5"].value is None
    )


def test_a_standard_without_a_unit_does_not_take_that_of_the_others() -> None:
    known = WellContent(Role.STANDARD, "S1", 10.0, "ng/mL")
    with pytest.raises(LayoutError, match="well B1 has no unit"):
        read_back(written(known, WellContent(Role.STANDARD, "S2", 5.0)))
    zero = WellContent(Role.STANDARD, "S0", 0.0)
    assert read_back(written(known, zero)).contents["", Well(1, 0)].nominal == 0


def test_a_standard_without_a_concentration_is_asked_for_by_its_well() -> None:
    with pytest.raises(LayoutError, match="standard in well A1 has no nominal concentration"):
        read_back(written(WellContent(Role.STANDARD, "S1")))


def test_the_steps_speak_of_the_sheet_that_the_workbook_has() -> None:
    data = written(WellContent(Role.SAMPLE, "P1"), plate="Plate 1")
    book = openpyxl.load_workbook(BytesIO(data))
    said = " ".join(str(cell.value) for row in book["How to fill"].iter_rows() for cell in row)
    assert "the sheet Plate 1 is the plate" in said
    assert "sheet Layout" not in said
