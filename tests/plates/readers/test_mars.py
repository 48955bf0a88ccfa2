"""What MARS exports mean: titles, layouts, wells across and down, plates on several sheets."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

import plates
from plates.layout import Role
from plates.readers.mars_blocks import wave_of
from plates.source import Source
from plates.well import Well

SAMPLE = Path(__file__).parents[2] / "samples" / "plates" / "mars" / "il6_elisa.csv"
HEAD = ["User: LAB", r"Path: C:\BMG\Omega\User\Data", "Test ID: 8", "Date: 2024-03-12",
        "ID1: run", "ID3: Plate 7", "Luminescence", ""]  # fmt: skip


def book(*sheets: list[list[object]]) -> Source:
    data = BytesIO()
    with xlsxwriter.Workbook(data) as written:
        for rows in sheets:
            sheet = written.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return Source.from_bytes("plate.xlsx", data.getvalue())


@pytest.mark.parametrize(
    ("title", "mode", "wave"),
    [
        ("Raw Data (450)", "absorbance", "450"),
        ("Raw Data  (450 1)", "absorbance", "450"),
        ("1. Raw Data (485-12/520-10)", "fluorescence", "485:520"),
        ("Raw Data (580/620)", "fluorescence", "580:620"),
        ("Raw Data (535 A)", "luminescence", "535"),
        ("Raw Data (No filter)", "luminescence", ""),
    ],
)
def test_a_title_names_the_wavelength(title: str, mode: str, wave: str) -> None:
    assert wave_of(title, mode) == wave


def test_calculated_blocks_are_kept_apart_from_raw_data() -> None:
    export = plates.read(SAMPLE)
    assert [read.wavelength_nm for read in export.reads] == ["450", "620"]
    assert {each.quantity for each in export.printed} == {"Blank corrected based on Raw Data (450)"}
    assert export.reads[0].flags[Well(0, 0)] == "overflow"
    assert export.metadata["test_name"] == "IL-6 ELISA" and export.instrument == "CLARIOstar"


def test_a_table_with_wells_across_is_a_time_course_with_a_layout() -> None:
    rows: list[list[object]] = [[text] for text in HEAD]
    rows += [
        ["Well", "", "A01", "A02", "B01"],
        ["Content", "Time [min]", "Standard S1", "Blank B", "Sample X1"],
        ["Standard Concentrations [pg/ml]", "", 600, "", ""],
        ["Raw Data (535 A)", 0, 10, 11, 12],
        ["Raw Data (535 A)", 1.5, 20, 21, 22],
        ["Raw Data (475 B)", 0, 30, 31, 32],
    ]
    export = plates.read(book(rows))
    assert [(read.read, read.wavelength_nm, read.time_s) for read in export.reads] == [
        ("1", "535", 0.0), ("1", "535", 90.0), ("2", "475", 0.0),
    ]  # fmt: skip
    assert {read.plate for read in export.reads} == {"Plate 7"}
    assert export.reads[1].values[1, 0] == 22
    assert export.layout is not None
    contents = export.layout.of_plate("Plate 7")
    assert contents[Well(0, 0)].role is Role.STANDARD
    assert (contents[Well(0, 0)].nominal, contents[Well(0, 0)].unit) == (600, "pg/ml")
    assert contents[Well(0, 1)].role is Role.BLANK
    assert contents[Well(1, 0)].role is Role.SAMPLE


def test_a_table_with_wells_down_is_read_too() -> None:
    rows: list[list[object]] = [[text] for text in HEAD]
    rows += [
        ["Well Row", "Well Col", "Content", "Raw Data (450)", "Blank corrected (450)"],
        ["A", 1, "Sample X1", 1.5, 1.4],
        ["A", 2, "Sample X2", 0.5, 0.4],
    ]
    export = plates.read(book(rows))
    assert export.reads[0].values[0, :2].tolist() == [1.5, 0.5]
    assert [each.value for each in export.printed] == [1.4, 0.4]


def test_a_plate_on_two_sheets_is_read_once() -> None:
    head: list[list[object]] = [[text] for text in HEAD]
    grid = [*head, ["1. Raw Data (535)"], ["", 1, 2, 3], ["A", 4, 5, 6], ["B", 7, 8, 9]]
    names = ["A01", "A02", "A03", "B01", "B02", "B03"]
    table = [*head, ["Well", *names], ["1. Raw Data (535)", 4, 5, 6, 7, 8, 9]]
    export = plates.read(book(grid, table))
    assert len(export.reads) == 1
    assert export.reads[0].values[1, 2] == 9


def test_a_row_that_breaks_off_is_named() -> None:
    text = SAMPLE.read_text(encoding="cp1252")
    cut = text[: text.index("\nC,")] + "\nC,1.2,1.1"
    with pytest.raises(plates.LabError, match="row C has 2 readings, expected 12"):
        plates.read(Source.from_bytes("cut.csv", cut.encode()))


def test_a_title_that_lost_its_grid_is_refused() -> None:
    text = SAMPLE.read_text(encoding="cp1252").replace(",1,2,3,4", ";1;2;3;4", 1)
    with pytest.raises(plates.LabError, match=r"expected a grid under 'Raw Data \(450\)'"):
        plates.read(Source.from_bytes("less.csv", text.encode()))


def test_a_row_that_is_missing_is_told() -> None:
    lines = SAMPLE.read_text(encoding="cp1252").splitlines()
    gone = next(i for i, line in enumerate(lines) if line.startswith("D,"))
    export = plates.read(
        Source.from_bytes("less.csv", "\n".join(lines[:gone] + lines[gone + 1 :]).encode())
    )
    assert any("84 of 96 wells have a reading; without: rows D" in note for note in export.notes)


def test_lower_case_rows_of_a_1536_well_plate_are_the_last_six() -> None:
    head = "User: L,Path: x,Test run no.: 1\nAbsorbance\nRaw Data (450)\n"
    grid = "," + ",".join(str(i + 1) for i in range(48))
    rows = [f"{letter}," + ",".join(["0.5"] * 48) for letter in ("A", "e")]
    export = plates.read(Source.from_bytes("x.csv", "\n".join([head, grid, *rows]).encode()))
    assert export.reads[0].format.size == 1536
    assert export.reads[0].values[30, 0] == 0.5
