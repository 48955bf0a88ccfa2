"""What SkanIt sessions mean: steps that measure, steps that calculate, layouts, times of wells."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

import plates
from plates.layout import Role
from plates.source import Source
from plates.well import Well

SAMPLE = Path(__file__).parents[2] / "samples" / "plates" / "skanit" / "il6_elisa.xlsx"
HEAD = [["Measurement results"], ["il6.skax"], ["2024-03-12 10:41:07"], []]


def book(sheets: dict[str, list[list[object]]]) -> Source:
    data = BytesIO()
    with xlsxwriter.Workbook(data) as written:
        for name, rows in sheets.items():
            sheet = written.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return Source.from_bytes("plate.xlsx", data.getvalue())


def grid(corner: str, rows: int = 8, value: float = 0.5) -> list[list[object]]:
    return [[corner, *range(1, 13)], *([letter] + [value] * 12 for letter in "ABCDEFGH"[:rows])]


def test_a_session_gives_reads_layout_and_printed_results() -> None:
    export = plates.read(SAMPLE)
    assert [(read.plate, read.wavelength_nm) for read in export.reads] == [
        ("Plate 1", "450"), ("Plate 1", "620"),
    ]  # fmt: skip
    assert export.reads[0].flags == {Well(0, 0): "NaN"}
    assert {each.quantity for each in export.printed} == {"Blank subtracted"}
    assert export.instrument == "Multiskan FC"
    assert export.layout is not None
    contents = export.layout.of_plate("Plate 1")
    standard, sample, blank = contents[Well(1, 0)], contents[Well(0, 2)], contents[Well(7, 1)]
    assert (standard.role, standard.nominal, standard.unit) == (Role.STANDARD, 300, "pg/mL")
    assert (sample.role, sample.sample, sample.dilution_factor) == (Role.SAMPLE, "Un0001", 5)
    assert (blank.role, blank.replicate, dict(blank.labels)) == (Role.BLANK, 2, {"group": "IL-6"})


def test_plates_and_wavelengths_stand_below_one_another() -> None:
    rows: list[list[object]] = [*HEAD, ["Fluorescence 1"]]
    for plate in ("Plate 1", "Plate 2"):
        rows += [["Excitation: 485 nm"], ["Emission: 535 nm"], [], [plate], [], *grid("RFU"), []]
    reads = plates.read(book({"Fluorescence 1_01": rows})).reads
    assert [(read.plate, read.mode, read.wavelength_nm) for read in reads] == [
        ("Plate 1", "fluorescence", "485:535"), ("Plate 2", "fluorescence", "485:535"),
    ]  # fmt: skip


def test_a_grid_that_lost_its_last_rows_is_refused() -> None:
    rows = [*HEAD, ["Absorbance 1"], ["Wavelength: 450 nm"], ["Plate 1"], *grid("Abs", 6)]
    with pytest.raises(plates.LabError, match="has 6 rows and 12 columns, expected 8 and 12"):
        plates.read(book({"Absorbance 1_01": rows}))


def test_a_column_that_is_gone_is_an_error() -> None:
    rows = [*HEAD, ["Absorbance 1"], ["Wavelength: 450 nm"], ["Plate 1"], *grid("Abs")]
    less = [row[:4] + row[5:] if len(row) > 5 else row for row in rows]
    with pytest.raises(plates.LabError, match="after column 3 comes column 5"):
        plates.read(book({"Absorbance 1_01": less}))


def test_a_list_that_was_cut_does_not_agree_with_its_table() -> None:
    table = [*HEAD, ["Reading", "A2", "B2"], [0, 1.1, 1.2], [1, 1.3, 1.4]]
    listed: list[list[object]] = [
        ["Raw data"], [], ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 2", 340, 1.1, 0], ["A 2", 340, 1.3, 6],
    ]  # fmt: skip
    with pytest.raises(plates.LabError, match="has 4 numbers, the list of raw data 2"):
        plates.read(book({"Absorbance results": table, "Raw data 340 nm": listed}))


def test_a_layout_that_fills_unread_wells_is_told() -> None:
    rows = [*HEAD, ["Absorbance 1"], ["Wavelength: 450 nm"], ["Plate 1"], *grid("Abs")]
    rows[-1] = ["H"]
    layout: list[list[object]] = [
        ["Name", "Plate 1"], ["Plate template", "96-well"], ["", 1, 2], ["H", "Un0001", "Un0001"],
    ]  # fmt: skip
    export = plates.read(book({"Absorbance 1_01": rows, "Layout definitions": layout}))
    assert any("2 wells without a reading (H1, H2)" in note for note in export.notes)


def test_what_people_type_beside_a_grid_is_no_reading() -> None:
    rows = [*HEAD, ["Absorbance 1"], ["Wavelength: 450 nm"], ["Plate 1"], *grid("Abs")]
    rows[8] = [*rows[8], "", "mean", 0.5]
    rows.append(["", *[""] * 14, 0.77])
    assert len(plates.read(book({"Absorbance 1_01": rows})).reads) == 1


def test_a_session_with_calculations_alone_is_refused() -> None:
    rows = [*HEAD, ["Blank Subtraction 1"], ["Plate 1"], *grid("Blank subtracted")]
    with pytest.raises(plates.LabError, match="expected a measured grid"):
        plates.read(book({"Blank Subtraction 1_01": rows}))


def test_readings_with_a_time_are_a_time_course_and_others_are_counted() -> None:
    timed = [*HEAD, ["Absorbance 1"], ["Wavelength: 340 nm"], ["Plate 1"],
             ["Reading", "avg. time [s]", "A01", "A02"],
             [1, 0, 0.1, 0.2], [2, 30, 0.3, 0.4]]  # fmt: skip
    reads = plates.read(book({"Absorbance 1_01": timed})).reads
    assert [(read.read, read.time_s, read.values[0, 1]) for read in reads] == [
        ("1", 0, 0.2), ("1", 30, 0.4),
    ]  # fmt: skip
    counted = [*timed[:-3], ["Reading", "A01", "A02"], [1, 0.1, 0.2], [2, 0.3, 0.4]]
    reads = plates.read(book({"Absorbance 1_01": counted})).reads
    assert [read.read for read in reads] == ["1:i1", "1:i2"]


def test_a_list_with_a_time_for_each_well_wins_over_the_table_of_readings() -> None:
    table = [*HEAD, ["Reading", "A2", "B2"], [0, 1.1, 1.2], [1, 1.3, 1.4]]
    listed: list[list[object]] = [
        ["Raw data"], [], ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 2", 340, 1.1, 0], ["A 2", 340, 1.3, 6], ["B 2", 340, 1.2, 0.4], ["B 2", 340, 1.4, 6.4],
    ]  # fmt: skip
    reads = plates.read(book({"Absorbance results": table, "Raw data 340 nm": listed})).reads
    assert {(read.time_s, read.wavelength_nm) for read in reads} == {
        (0, "340"), (6, "340"), (0.4, "340"), (6.4, "340"),
    }  # fmt: skip


def multiskan(*rows: str) -> Source:
    blank = "\t" + "\t" * 11
    text = ["Results of Photometric1", "", "\tPlate:1 - Wavelength:340", "", "\tIteration: 1"]
    return Source.from_bytes(
        "a.txt", "\r\n".join([*text, *rows, *[blank] * (8 - len(rows))]).encode()
    )


LONG = "0.1234567890123456"


def test_a_second_tab_after_a_short_number_is_taken_out() -> None:
    row = "\t".join(["", "0.5", "", *[LONG] * 9, "", ""])
    export = plates.read(multiskan(row))
    assert export.reads[0].values[0, :2].tolist() == [0.5, float(LONG)]
    assert export.reads[0].read == "1:i1"
    assert "Rows with a second tab after short numbers: 1" in export.notes[0]


def test_a_row_whose_tabs_cannot_be_explained_is_refused() -> None:
    row = "\t".join(["", LONG, "", *[LONG] * 9, "", ""])
    with pytest.raises(plates.LabError, match="has 13 cells, expected 12; 0 of the 1"):
        plates.read(multiskan(row))
