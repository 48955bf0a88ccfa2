"""What Tecan's programs print: parts of plates, time courses, spectra, lists and layouts."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

import plates
from plates.layout import Role
from plates.readers.magellan_layout import contents_of
from plates.source import Source
from plates.well import Well

SAMPLES = Path(__file__).parents[2] / "samples" / "plates"
RUN = [["Application: Tecan i-control", "", "", "", "Tecan i-control , 2.0.10.0"], []]


def book(rows: list[list[object]], name: str = "Sheet0") -> Source:
    data = BytesIO()
    with xlsxwriter.Workbook(data) as written:
        sheet = written.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return Source.from_bytes("plate.xlsx", data.getvalue())


def test_a_part_of_a_plate_stands_where_it_was_read() -> None:
    export = plates.read(SAMPLES / "icontrol" / "reporter_and_od.xlsx")
    whole, part = export.reads
    assert part.format.size == 96
    assert math.isnan(part.values[0, 0]) and part.values[2, 2] > 0
    assert part.flags == {Well(2, 3): "OVER"}
    assert (whole.temperature_c, part.temperature_c) == (36.9, 37.1)
    assert export.software == "Tecan i-control 2.0.10.0"
    assert export.metadata["serial_number"] == "1234567890"


def test_a_well_missing_from_the_part_of_the_plate_is_an_error() -> None:
    rows = [
        *RUN, ["Label: OD"], ["Mode", "", "", "", "Absorbance"], ["Part of Plate", "", "A1-B3"],
        ["<>", 1, 2, 3], ["A", 0.1, 0.2, 0.3], ["B", 0.4, 0.5],
    ]  # fmt: skip
    with pytest.raises(plates.LabError, match=r"1 of its 6 wells have no reading, the first is B3"):
        plates.read(book(rows))


@pytest.mark.parametrize("transposed", [False, True])
def test_cycles_stand_across_or_down(transposed: bool) -> None:
    table: list[list[object]] = [
        ["Cycle Nr.", 1, 2],
        ["Time [s]", 0, 95.3],
        ["Temp. [°C]", 37.3, 37.2],
        ["A1", 0.25, 0.26],
        ["B2", 0.35, 0.36],
    ]
    if transposed:
        table = [list(column) for column in zip(*table, strict=True)]
    rows = [*RUN, ["Label: Abs"], ["Measurement Wavelength", "", "", "", 600, "nm"], *table]
    export = plates.read(book([*rows, ["a", 1], ["b", 2]]))
    assert [(read.time_s, read.temperature_c) for read in export.reads] == [(0, 37.3), (95.3, 37.2)]
    assert [read.values[1, 1] for read in export.reads] == [0.35, 0.36]
    assert {(read.read, read.mode, read.wavelength_nm) for read in export.reads} == {
        ("1", "absorbance", "600")
    }


def test_a_spectrum_keeps_the_side_that_stays_fixed() -> None:
    rows = [
        *RUN, ["Label: Scan"], ["Mode", "", "", "", "Fluorescence Top Reading"],
        ["Excitation Wavelength", "", "", "", 485, "nm"],
        ["Emission Wavelength Start", "", "", "", 520, "nm"],
        ["Wavel.", 520, 525], ["A1", 100, 200], ["A2", 101, 201],
    ]  # fmt: skip
    export = plates.read(book(rows))
    assert [read.wavelength_nm for read in export.reads] == ["485:520", "485:525"]
    assert export.reads[1].values[0, 1] == 201


def test_two_labels_of_one_time_course_are_told_apart_by_their_titles() -> None:
    rows = [
        ["Application: SparkControl", "", "", "", "V3.2"],
        ["Mode", "Kinetic"], ["Mode", "Absorbance"], ["Name", "OD"],
        ["Measurement wavelength [nm]", "", "", "", 600],
        ["Mode", "Luminescence"], ["Name", "Glow"],
        ["OD"], ["Cycle Nr.", "Time [s]", "A1"], [1, 0, 0.5], [2, 60, 0.6], [],
        ["Glow"], ["Cycle Nr.", "Time [s]", "A1"], [1, 5, 900], [2, 65, 950],
    ]  # fmt: skip
    reads = plates.read(book(rows)).reads
    assert [(read.read, read.mode, read.wavelength_nm, read.time_s) for read in reads] == [
        ("1", "absorbance", "600", 0), ("1", "absorbance", "600", 60),
        ("2", "luminescence", "", 5), ("2", "luminescence", "", 65),
    ]  # fmt: skip


def test_spark_exports_as_csv_read_like_the_workbook() -> None:
    rows = ["Application: SparkControl,,,,V3.2", "Mode,Absorbance", "Name,OD",
            "Measurement wavelength [nm],,,,450", "<>,1,2,3",
            "A,1.1,1.2,1.3", "B,2.1,OVER,2.3"]  # fmt: skip
    export = plates.read(Source.from_bytes("a.csv", "\n".join(rows).encode()))
    assert export.reads[0].wavelength_nm == "450"
    assert export.reads[0].flags == {Well(1, 1): "OVER"}
    with pytest.raises(plates.LabError, match="row B has 1 readings, expected 3"):
        plates.read(Source.from_bytes("a.csv", "\n".join([*rows[:-1], "B,2.1"]).encode()))


def test_what_is_missing_is_told() -> None:
    rows = [
        *RUN, ["Label: OD"], ["Measurement Wavelength", "", 600],
        ["Cycle Nr.", "Time [s]", "A1", "A2"], [1, 0, 0.1, 0.2], [3, 60, 0.1],
        [], ["Label: GFP"], ["Mode", "", "Fluorescence"],
    ]  # fmt: skip
    notes = plates.read(book(rows)).notes
    for words in ("1 cycles are missing, the first is 2", "the measurement 'GFP' has no data",
                  "1 of 2 times or wavelengths have fewer", "no 'End Time' follows"):  # fmt: skip
        assert any(words in note for note in notes), words


def test_reads_that_would_fill_the_memory_are_refused() -> None:
    head = "Application: SparkControl\nMode,Absorbance\nCycle Nr.,Time [s],A1,AF48\n"
    text = head + "".join(f"{cycle},{cycle},0.1\n" for cycle in range(1, 14_000))
    text += "14000,14000,0.1,0.2\n"
    with pytest.raises(plates.LabError, match="14,000 reads of a 1536-well plate are too many"):
        plates.read(Source.from_bytes("a.csv", text.encode()))


def test_a_run_without_data_is_refused() -> None:
    with pytest.raises(plates.LabError, match="expected a grid headed '<>'"):
        plates.read(book([*RUN, ["Label: OD"], ["Mode", "", "Absorbance"]]))


def test_a_magellan_list_gives_reads_layout_and_printed_results() -> None:
    export = plates.read(SAMPLES / "magellan" / "il6_elisa.xlsx")
    assert [(read.wavelength_nm, read.temperature_c) for read in export.reads] == [
        ("450", 24.9), ("620", 25.1),
    ]  # fmt: skip
    assert {each.quantity for each in export.printed} == {"Blanked"}
    assert export.layout is not None
    first = export.layout.of_plate("")[Well(0, 0)]
    assert (first.role, first.sample, first.replicate) == (Role.STANDARD, "ST1", 1)
    assert math.isnan(first.nominal)


def test_a_magellan_list_over_time_has_a_time_per_column() -> None:
    rows: list[list[object]] = [
        ["Well positions", "Raw data", "Raw data"], ["", "0s", "60s"],
        ["A1", 0.1, 0.2], ["A2", 0.3, 0.4], [],
        ["Measurement mode: Absorbance"], ["Measurement wavelength: 450 nm"],
    ]  # fmt: skip
    export = plates.read(book(rows, "Magellan Sheet 1"))
    assert [(read.read, read.time_s, read.values[0, 1]) for read in export.reads] == [
        ("1", 0.0, 0.3), ("1", 60.0, 0.4),
    ]  # fmt: skip


def test_a_list_without_wells_is_refused_with_a_hint() -> None:
    with pytest.raises(plates.LabError, match="Nothing tells which well"):
        plates.read(book([["Raw data", "Plate"], [0.1, "x"]], "Magellan Sheet 1"))


def test_a_list_whose_footer_is_cut_off_is_refused() -> None:
    rows: list[list[object]] = [["Well positions", "Label1"], ["A1", 0.1], ["A2", 0.2]]
    with pytest.raises(plates.LabError, match=r"1 labels .* describes 0 measurements"):
        plates.read(book(rows, "Magellan Sheet 1"))


def test_numbers_of_standards_are_concentrations_only_when_they_do_not_count() -> None:
    notes: list[str] = []
    counted = contents_of({Well(0, 0): "STD1", Well(1, 0): "STD2"}, notes)
    assert all(math.isnan(content.nominal) for content in counted.values()) and not notes
    dosed = contents_of({Well(0, 0): "STD1000", Well(1, 0): "STD62.5", Well(2, 0): "Empty"}, notes)
    assert [content.nominal for content in dosed.values()] == [1000.0, 62.5]
    assert "taken as concentrations" in notes[0]


def test_the_sunrise_prints_its_settings_five_columns_away() -> None:
    rows: list[list[object]] = [
        ["SUNRISE;   Serial number: 1;   Firmware: V 3.31;   XFLUOR4 Version: V 4.50"],
        ["Measurement mode:", "", "", "", "", "Absorbance"],
        ["Measurement wavelength:", "", "", "", "", 600, "nm"], [],
        ["Rawdata"], ["<>", 1, 2], ["A", 0.1, 0.2], ["B", 0.3, 0.4],
    ]  # fmt: skip
    export = plates.read(book(rows, "Sheet1"))
    assert (export.software, export.instrument) == ("Tecan XFluor", "SUNRISE")
    assert (export.reads[0].wavelength_nm, export.reads[0].plate) == ("600", "Sheet1")
