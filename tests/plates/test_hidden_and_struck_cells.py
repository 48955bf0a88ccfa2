"""Rows that are hidden and cells that are struck out: known, in .xlsx and .ods alike."""

from __future__ import annotations

import zipfile
from io import BytesIO

import openpyxl
import pytest
from openpyxl.styles import Font

from plates.layouts.identify import read_layout
from plates.layouts.template import layout_template
from plates.source import Source
from plates.well import FORMATS

ODS = """<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s">
<office:automatic-styles><style:style style:name="gone" style:family="table-cell">
<style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="plain"><style:text-properties style:text-line-through-style="none"/>
</style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Samples">
<table:table-row><table:table-cell table:style-name="plain"><text:p>a</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="2"/>
<table:table-row table:visibility="filter" table:number-rows-repeated="2">
<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell/><table:table-cell table:style-name="gone">
<text:p>c</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def test_an_xlsx_tells_hidden_rows_and_struck_cells() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 6):
        sheet.cell(row, 1).value = row
    sheet.row_dimensions[2].hidden = True
    sheet["A4"].font = Font(strike=True)
    sheet["A5"].font = Font(strike=False, bold=True)
    sheet["C1"].font = Font(strike=True)
    stream = BytesIO()
    book.save(stream)
    (found,) = Source.from_bytes("a.xlsx", stream.getvalue()).sheets
    assert found.hidden_rows == {1}
    assert found.struck == {(3, 0)}


def test_an_ods_tells_them_too() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
    (found,) = Source.from_bytes("a.ods", stream.getvalue()).sheets
    assert [row[:1] for row in found.rows[3:5]] == [("b",), ("b",)]
    assert found.hidden_rows == {3, 4}
    assert found.struck == {(5, 1)}


@pytest.mark.parametrize("hide", [True, False])
def test_a_layout_reads_hidden_rows_and_struck_cells_and_says_so(hide: bool) -> None:
    book = openpyxl.load_workbook(BytesIO(layout_template(FORMATS[96])))
    sheet = next(one for one in book if one["A1"].value is not None or one.max_row > 8)
    row, column = next(
        (cell.row, cell.column) for line in sheet.iter_rows() for cell in line if cell.value == "A"
    )
    sheet.cell(row, column + 1).value = "blank"
    if hide:
        sheet.row_dimensions[row].hidden = True
    else:
        sheet.cell(row, column + 1).font = Font(strike=True)
    stream = BytesIO()
    book.save(stream)
    layout = read_layout(Source.from_bytes("layout.xlsx", stream.getvalue()))
    told = " ".join(layout.notes)
    assert ("hidden or filtered row is read" in told) is hide
    assert ("struck out is read" in told) is not hide
