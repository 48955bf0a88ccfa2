"""OpenDocument spreadsheets (.ods) give the same cells as .xlsx, or a sentence."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import pytest

import plates
from plates.errors import LabError, SourceError
from plates.layout import Role
from plates.source import Source
from plates.well import Well

KIND = "application/vnd.oasis.opendocument.spreadsheet"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>{prolog}<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:automatic-styles><style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)
FOOT = "</office:spreadsheet></office:body></office:document-content>"


def ods(*sheets: str, prolog: str = "", manifest: str = "<manifest/>") -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", KIND)
        archive.writestr("content.xml", HEAD.format(prolog=prolog) + "".join(sheets) + FOOT)
        archive.writestr("META-INF/manifest.xml", manifest)
    return stream.getvalue()


def sheet(*rows: str, name: str = "Raw", style: str = "ta1") -> str:
    inner = "".join(row if row.startswith("<table:table-row") else line(row) for row in rows)
    return f'<table:table table:name="{name}" table:style-name="{style}">{inner}</table:table>'


def line(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def text(words: str, repeated: int = 1) -> str:
    many = f'table:number-columns-repeated="{repeated}"'
    return (
        f'<table:table-cell {many} office:value-type="string"><text:p>{words}</text:p>'
        "</table:table-cell>"
    )


def number(value: object, kind: str = "float", repeated: int = 1) -> str:
    many = f'table:number-columns-repeated="{repeated}"'
    return (
        f'<table:table-cell {many} office:value-type="{kind}" office:value="{value}">'
        f"<text:p>shown</text:p></table:table-cell>"
    )


def empty(count: int = 1) -> str:
    return f'<table:table-cell table:number-columns-repeated="{count}"/>'


def source(data: bytes) -> Source:
    return Source.from_bytes("plate.ods", data)


def refusal(data: bytes) -> str:
    with pytest.raises(LabError) as caught:
        _ = source(data).sheets
    return str(caught.value)


def test_cells_have_the_values_that_are_stored_not_those_shown() -> None:
    rows = source(
        ods(
            sheet(
                text("OD") + number("0.0625") + number("0.5", "percentage"),
                '<table:table-row><table:table-cell office:value-type="date"'
                ' office:date-value="2024-03-01T10:15:00"/><table:table-cell'
                ' office:value-type="time" office:time-value="PT00H02M30S"/><table:table-cell'
                ' office:value-type="boolean" office:boolean-value="true"/></table:table-row>',
                text("two<text:s text:c='2'/>spaces") + empty(3) + text("far"),
            )
        )
    ).sheets[0].rows  # fmt: skip
    assert rows == (
        ("OD", 0.0625, 0.5),
        (datetime(2024, 3, 1, 10, 15), timedelta(minutes=2, seconds=30), "TRUE"),
        ("two  spaces", None, None, None, "far"),
    )


def test_repeated_rows_and_cells_are_unfolded_and_empty_ones_only_passed_over() -> None:
    rows = source(
        ods(
            sheet(
                line(number(1, repeated=2), repeated=2),
                line(empty(16384), repeated=3),
                number(2),
                line(empty(16384), repeated=1_048_000),
            )
        )
    ).sheets[0].rows  # fmt: skip
    assert rows == ((1.0, 1.0), (1.0, 1.0), (), (), (), (2.0,))


def test_comments_covered_cells_and_hidden_sheets_are_told_apart() -> None:
    note = "<office:annotation><text:p>look here</text:p></office:annotation>"
    cells = (
        f'<table:table-cell office:value-type="string">{note}<text:p>A</text:p></table:table-cell>'
        '<table:covered-table-cell office:value-type="string"><text:p>B</text:p>'
        "</table:covered-table-cell>"
    )
    found = source(ods(sheet(cells), sheet(text("C"), name="old", style="ta2"))).sheets
    assert found[0].rows == (("A",),)
    assert [one.hidden for one in found] == [False, True]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ods(sheet(line(number(1, repeated=8000), repeated=100_000))), "more than 2,000,000 cells"),
        (ods(sheet(line(number(1), repeated=500_000))), "more than 400,000 rows"),
        (ods(sheet(line(empty(9000) + number(1)))), "far from all others"),
        (ods(sheet(line(empty(), repeated=30_000), number(1))), "far from all others"),
        (ods(*[sheet(*[line(empty(8000) + number(1))] * 300)]), "more than 2,000,000 cells"),
        (ods(sheet(number("ten"))), "damaged"),
        (ods(sheet(number(1, repeated=-1))), "damaged"),
        (ods(sheet(text("x")), prolog="<!DOCTYPE a [<!ENTITY b 'c'>]>"), "document type"),
        (ods(sheet(text("x")), manifest="<m><encryption-data/></m>"), "encrypted"),
        (ods(), "another kind of document"),
        (ods(sheet('<table:table-cell table:formula="of:=1+1"/>')), "never worked out"),
    ],
)  # fmt: skip
def test_what_asks_for_too_much_or_is_damaged_is_refused(data: bytes, said: str) -> None:
    assert said in refusal(data)


def test_a_cut_file_is_refused_wherever_it_ends() -> None:
    whole = ods(sheet(*[text("a") + number(n) for n in range(50)]))
    for end in range(4, len(whole), 37):
        with pytest.raises(SourceError):
            _ = source(whole[:end]).sheets


def test_a_plain_grid_is_read_as_from_any_workbook() -> None:
    head = text("450 nm") + "".join(number(n) for n in range(1, 13))
    rows = [text(letter) + number(0.25, repeated=12) for letter in "ABCDEFGH"]
    export = plates.read(source(ods(sheet(head, *rows, name="plate 7"))))
    assert export.reader == "plain_grid"
    assert export.reads[0].wavelength_nm == "450"
    assert (export.reads[0].values == 0.25).all()


def test_a_layout_is_read_as_from_any_workbook() -> None:
    rows = [text("Well") + text("Type") + text("Conc (pg/mL)"), text("A1") + text("std")]
    layout = plates.read_layout(source(ods(sheet(rows[0], rows[1] + number(5)))))
    content = layout.contents["", Well(0, 0)]
    assert (content.role, content.nominal, content.unit) == (Role.STANDARD, 5.0, "pg/mL")
