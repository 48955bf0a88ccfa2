"""GloMax, Kaleido, KC4 and SMART Control: grids whose titles tell raw from worked out."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

import pytest

import plates
from plates.errors import ReaderError
from plates.layout import Role, WellContent
from plates.source import Source
from plates.well import Well

SAMPLES = Path(__file__).parents[2] / "samples" / "plates"
GLOMAX = SAMPLES / "glomax" / "absorbance_and_luminescence.csv"
KALEIDO = SAMPLES / "kaleido" / "two_measurements.csv"
KC4 = SAMPLES / "kc4" / "il6_plate.txt"
SMART = SAMPLES / "smart_control" / "il6_fluorescence.xlsx"


def lines_of(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8").split("\r\n")


def joined(path: Path, lines: list[str]) -> Source:
    return Source.from_bytes(path.name, "\r\n".join(lines).encode("utf-8"))


def without(path: Path, start: str, count: int = 1) -> Source:
    lines = lines_of(path)
    at = next(i for i, line in enumerate(lines) if line.startswith(start))
    return joined(path, lines[:at] + lines[at + count :])


def content(export: plates.Export, plate: str, well: str) -> WellContent:
    assert export.layout is not None
    return export.layout.contents[plate, Well.parse(well)]


def test_glomax_measurements_keep_mode_and_filters_apart() -> None:
    export = plates.read(GLOMAX)
    assert [(read.mode, read.wavelength_nm) for read in export.reads] == [
        ("absorbance", "450"), ("luminescence", ""), ("fluorescence", "475:525"),
    ]  # fmt: skip
    assert export.read_at == "2025.03.12 14:15:02"
    assert export.reads[0].flags == {Well.parse("A1"): "OVER"}


def test_a_glomax_grid_without_its_mode_is_refused() -> None:
    for gone in ("Absorbance", "Luminescence"):
        with pytest.raises(ReaderError, match="expected a line with the mode"):
            plates.read(without(GLOMAX, gone))


def test_a_glomax_number_cut_in_half_is_refused() -> None:
    text = GLOMAX.read_text(encoding="utf-8")
    with pytest.raises(ReaderError, match="the last reading is"):
        plates.read(Source.from_bytes("cut.csv", text[:-3].encode()))


def test_a_glomax_reference_filter_is_told_and_not_subtracted() -> None:
    lines = [
        line.replace(",Reference Filter:,,None", ",Reference Filter:,,600")
        for line in lines_of(GLOMAX)
    ]
    export = plates.read(joined(GLOMAX, lines))
    assert "reference filter of 600 nm" in export.notes[0]
    assert export.reads[0].values[0, 1] == plates.read(GLOMAX).reads[0].values[0, 1]


def test_glomax_readings_of_one_mode_are_cycles() -> None:
    lines = lines_of(GLOMAX)
    at = next(i for i, line in enumerate(lines) if ",Reading:" in line)
    again = [line.replace("Reading:,,1", "Reading:,,2") for line in lines[at : at + 9]]
    export = plates.read(joined(GLOMAX, [*lines[: at + 9], *again, *lines[at + 9 :]]))
    assert [read.read for read in export.reads] == ["1:i1", "1:i2", "2", "3"]


def test_kaleido_finds_wavelengths_by_the_name_of_the_measurement() -> None:
    export = plates.read(KALEIDO)
    assert [(read.mode, read.wavelength_nm) for read in export.reads] == [
        ("absorbance", "450"), ("fluorescence", "485:535"),
    ]  # fmt: skip
    assert export.software == "Kaleido 3.5.3082.227"
    assert content(export, "", "A1").role is Role.STANDARD
    assert content(export, "", "H3").role is Role.BLANK
    assert content(export, "", "A6").sample == "Donor 1"
    assert export.layout is not None and ("", Well.parse("A7")) not in export.layout.contents


def test_what_kaleido_calculated_is_printed_and_no_read() -> None:
    export = plates.read(KALEIDO)
    assert {result.quantity for result in export.printed} == {"Absorbance 1: Blank corrected"}
    with pytest.raises(ReaderError, match="which tells raw from calculated"):
        lines = [line.replace(",Analysis Parameter,", ",") for line in lines_of(KALEIDO)]
        plates.read(joined(KALEIDO, lines))


@pytest.mark.parametrize(
    ("start", "count", "message"),
    [
        ("Result for", 1, "above a grid, found none"),
        ("Exported with", 2, "in the last line"),
        (",1,2,3", 1, "expected a grid under 'Result for Absorbance 1'"),
        ("C,", 1, "not whole at row H"),
        ("Barcode,", 1, "above a grid, found none"),
    ],
)
def test_a_kaleido_file_with_a_lost_line_is_refused(start: str, count: int, message: str) -> None:
    with pytest.raises(ReaderError, match=message):
        plates.read(without(KALEIDO, start, count))


def test_kaleido_2_writes_its_facts_in_one_line() -> None:
    lines = [
        "", "Results for\u00a0LUM 1", "", "Barcode:\u00a0P1,\u00a0PlateRepeat:\u00a01",
        ",1,2,3", "A,10,20,30", "B,40,50,60", "", "Analysis Result\u00a0", "",
        "Results for\u00a0LUM 1 minus blank", "Barcode:\u00a0P1,\u00a0PlateRepeat:\u00a01",
        ",1,2,3", "A,0,10,20", "B,30,40,50", "", "Measurement Basic Information",
        "Measurement Started:,,2025-03-12T10:11:12", "Plate Type Name:,,6 General",
        "Measurements:", "Meas,,,,", "Tech,,,,LUM 1", "Emission wavelength [nm],,,,560",
        "Exported with Kaleido 2.0.3058.126 and xslt version 2.0.0",
    ]  # fmt: skip
    export = plates.read(Source.from_bytes("v2.csv", "\r\n".join(lines).encode()))
    (read,) = export.reads
    assert (read.plate, read.mode, read.wavelength_nm) == ("P1", "luminescence", "560")
    assert read.values.tolist() == [[10, 20, 30], [40, 50, 60]]
    assert export.software == "Kaleido 2.0.3058.126"
    assert [result.value for result in export.printed] == [0, 10, 20, 30, 40, 50]


def test_kc4_keeps_measurements_template_and_differences_apart() -> None:
    export = plates.read(KC4)
    assert [read.wavelength_nm for read in export.reads] == ["450", "570"]
    assert content(export, "", "C1").nominal == 125
    assert content(export, "", "G2").nominal == 0
    assert content(export, "", "H1").role is Role.BLANK
    assert content(export, "", "A3").sample == "SPL1"
    assert {result.quantity for result in export.printed} == {"Delta OD"}


def test_a_kc4_file_of_differences_alone_says_so() -> None:
    lines = lines_of(KC4)
    kept = lines[:11] + lines[next(i for i, text in enumerate(lines) if "Delta" in text) :]
    export = plates.read(joined(KC4, kept))
    assert [read.read for read in export.reads] == ["reduced"]
    assert "no raw reading, only Delta OD" in export.notes[0]


def test_a_kc4_grid_that_lost_its_title_is_told() -> None:
    export = plates.read(without(KC4, "[Plate: M#2"))
    assert "A grid without a [Plate: …] title was left out (il6_plate.txt:" in export.notes[0]


def test_smart_control_reads_layout_standards_and_dilutions() -> None:
    export = plates.read(SMART)
    (read,) = export.reads
    assert (read.plate, read.wavelength_nm) == ("Plate A", "485:520")
    first = content(export, "Plate A", "A2")
    assert (first.role, first.nominal, first.unit) == (Role.STANDARD, 1000, "pg/mL")
    assert content(export, "Plate A", "A5").dilution_factor == 50
    assert content(export, "Plate A", "H5").role is Role.BLANK
    assert len(export.printed) == 37


def workbook(sheets: dict[str, list[list[str | float]]]) -> Source:
    from xlsxwriter import Workbook

    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    book.close()
    return Source.from_bytes("smart.xlsx", stream.getvalue())


HEAD: list[list[str | float]] = [
    ["User: u"], ["Path: C:\\BMG\\SMART Control\\user"], ["Test ID: 3"], ["ID1: P"], ["Absorbance"],
]  # fmt: skip


def test_smart_control_tables_of_cycles_have_times() -> None:
    table: list[list[str | float]] = [
        *HEAD, ["Well", "", "A01", "A02"], ["Content", "Time [s]", "Sample X1", "Blank B"],
        ["Raw Data (450)", 0.0, 0.5, 0.1], ["Raw Data (450)", 30.0, 0.6, 0.1],
        ["Blank corrected based on Raw Data (450)", 0.0, 0.4, 0.0],
    ]  # fmt: skip
    export = plates.read(workbook({"Table All Cycles": table}))
    assert [(r.time_s, r.read, r.wavelength_nm) for r in export.reads] == [
        (0.0, "1", "450"), (30.0, "1", "450"),
    ]  # fmt: skip
    assert export.reads[1].values[0, 0] == 0.6
    assert math.isnan(export.reads[1].values[0, 2])
    assert content(export, "P", "A2").role is Role.BLANK


def test_smart_control_sheets_that_contradict_one_another_are_refused() -> None:
    grid: list[list[str | float]] = [
        *HEAD, [], ["", "1. Raw Data (450)"], ["", 1, 2, 3],
        ["A", 0.5, 0.6, 0.7], ["B", 0.1, 0.2, 0.3],
    ]  # fmt: skip
    table: list[list[str | float]] = [
        *HEAD, ["Well", "A01", "A02"], ["Raw Data (450)", 0.5, 0.9],
    ]  # fmt: skip
    with pytest.raises(ReaderError, match=r"of A2 is 0\.6 on one sheet and 0\.9 on another"):
        plates.read(workbook({"Microplate": grid, "Table": table}))
    with pytest.raises(ReaderError, match="expected 'Raw Data"):
        plates.read(workbook({"Protocol Information": HEAD}))
