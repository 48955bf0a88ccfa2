"""Workbooks open within limits; hostile and damaged ones are refused at once."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import pytest
import xlsxwriter

from plates.errors import SourceError
from plates.source import Source

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(sheet: str, **extra: str) -> bytes:
    """A workbook with one sheet of the given XML, written part by part."""
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
        '<sheet name="Plate" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **extra,
    }
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        _ = Source.from_bytes("plate.xlsx", data).sheets
    return str(caught.value)


def test_numbers_texts_dates_and_times_keep_their_meaning() -> None:
    data = BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Wells")
        sheet.write_row(0, 0, ["A1", 0.277, 12])
        sheet.write_datetime(
            1, 1, datetime(2024, 3, 5), book.add_format({"num_format": "dd.mm.yy"})
        )
        sheet.write_number(2, 1, 1.25, book.add_format({"num_format": "[h]:mm:ss"}))
        sheet.write_boolean(3, 0, True)
        sheet.write_rich_string(4, 0, "IL", book.add_format({"bold": True}), "-6")
    source = Source.from_bytes("wells.xlsx", data.getvalue())
    (read,) = source.sheets
    assert read.name == "Wells"
    assert read.rows[0] == ("A1", 0.277, 12.0)
    assert read.rows[1] == (None, datetime(2024, 3, 5))
    assert read.rows[2] == (None, timedelta(hours=30))
    assert read.rows[3:] == (("TRUE",), ("IL-6",))
    table = source.tables[0]
    assert table.rows[0] == ("A1", "0.277", "12")
    assert table.rows[1:3] == (("", "2024-03-05"), ("", "30:00:00"))
    assert table.at(2, 1) == "wells.xlsx: Wells!B3"


def test_a_row_bomb_is_given_up() -> None:
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 500_001))
    assert "swell" in refusal(workbook(sheet_of(rows))) or "rows" in refusal(
        workbook(sheet_of(rows))
    )


def test_a_cell_in_the_last_corner_is_refused_and_an_empty_one_ignored() -> None:
    corner = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576">{}</c></row>'
    )
    assert "XFD1048576" in refusal(workbook(sheet_of(corner.format("<v>1</v>"))))
    source = Source.from_bytes("plate.xlsx", workbook(sheet_of(corner.format(""))))
    assert source.sheets[0].rows == ((1.0,),)


def test_a_document_type_is_refused() -> None:
    laughs = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert "document type" in refusal(workbook(laughs + sheet_of("")))


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    huge = sheet_of(" " * 120_000_000)
    assert "unfold" in refusal(workbook(huge))


def test_a_size_that_lies_is_found_out() -> None:
    data = bytearray(workbook(sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>' * 300)))
    name = data.rfind(b"xl/worksheets/sheet1.xml")
    # Central directory: the unfolded size stands 22 bytes before the name.
    data[name - 22 : name - 18] = (40).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(data))


def test_other_files_are_named_for_what_they_are() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "old Excel file (.xls)" in refusal(old)
    assert "encrypted" in refusal(old + "EncryptedPackage".encode("utf-16-le"))
    assert "found something else" in refusal(b"<html><table></table></html>")
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert "another kind of zip" in refusal(data.getvalue())


def test_a_workbook_cut_or_flipped_anywhere_is_refused_or_read() -> None:
    data = workbook(sheet_of('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'))
    for place in range(0, len(data), 7):
        for broken in (data[:place], data[:place] + b"\xff" + data[place + 1 :]):
            try:
                _ = Source.from_bytes("plate.xlsx", broken or b" ").tables
            except SourceError as error:
                assert error.message


def test_a_formula_that_was_never_worked_out_is_refused_with_its_cell() -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["well", "value"])
    book.active.append(["A1", "=1+1"])
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(SourceError, match=r"never worked out.*Sheet!B2"):
        _ = Source.from_bytes("book.xlsx", stream.getvalue()).sheets
