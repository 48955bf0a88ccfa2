"""What EnVision and EnSpire exports mean: sections, filters, plate maps, bare rows and lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import plates
from plates.layout import Role
from plates.source import Source
from plates.well import Well

SAMPLE = Path(__file__).parents[2] / "samples" / "plates" / "envision" / "il6_alphalisa.csv"
HEAD = "Plate information\nPlate,Repeat,Barcode,Label,Measinfo,\n"
TYPE = "Basic assay information\nPlate type:\nNumber of rows,,,,2\nNumber of columns,,,,3\n"
FOOT = "\nExported with EnVision Workstation version 1.14\n"


def export(text: str) -> plates.Export:
    return plates.read(Source.from_bytes("plate.csv", text.encode("cp1252")))


def section(plate: str, label: str, info: str, title: str = "") -> str:
    grid = "\n,01,02,03,\nA,1,2,3,\nB,4,5,6,\n\n"
    return f"{HEAD}{plate},1,,{label}(1),{info},\n\n{title or f'Results for {label}(1)'}{grid}"


def test_raw_reads_are_kept_apart_from_calculated_tables() -> None:
    found = plates.read(SAMPLE)
    (read,) = found.reads
    assert (read.plate, read.mode, read.temperature_c) == ("1", "luminescence", 23.1)
    assert read.flags == {Well(0, 2): "?"}
    assert {each.quantity for each in found.printed} == {"Calc 1: Crosstalk"}
    assert found.metadata["barcode"] == "IL6-0003"
    assert found.software == "EnVision Workstation 1.14.3049.1193"


def test_the_plate_map_is_the_layout() -> None:
    layout = plates.read(SAMPLE).layout
    assert layout is not None
    contents = layout.of_plate("1")
    assert len(contents) == 80
    assert [contents[Well(row, 0)].role for row in (0, 7)] == [Role.STANDARD, Role.BLANK]
    assert contents[Well(0, 2)].sample == "UNK1"


def test_a_row_that_is_gone_is_told_by_the_plate_map() -> None:
    text = SAMPLE.read_bytes().decode("cp1252")
    start = text.index("\nC,", text.index("Results for"))
    less = text[:start] + text[text.index("\nD,", start) :]
    found = export(less)
    assert "10 of the 80 wells of the plate map have no reading, the first is C1" in found.notes[0]


def test_filters_give_the_wavelengths_of_both_detectors() -> None:
    filters = (
        "Labels:\nHTRF,,,,6000028\nExc. filter,,,,UV2 320\nEms. filter,,,,APC 665\n"
        "2nd ems. filter,,,,Cy5\nFilters:\nUV2 320,,,,111\nDescription,,,,X320 CWL=320nm BW=75nm\n"
        "Cy5,,,,118\nDescription,,,,X620 CWL=620nm BW=10nm\n"
    )
    text = section("1", "HTRF", "De=1st Ex=Top Em=Top") + section(
        "1", "HTRF", "De=2nd Ex=Top Em=Top"
    )
    reads = export(text + TYPE + filters + FOOT).reads
    assert [(read.read, read.mode, read.wavelength_nm) for read in reads] == [
        ("1", "fluorescence", "320:665"), ("2", "fluorescence", "320:620"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("info", "mode"),
    [
        ("De=USLum Ex=N/A Em=N/A", "luminescence"),
        ("De=1st Ex=Btm Em=N/A", "absorbance"),
        ("De=1st Ex=Top Em=Top", "fluorescence"),
    ],
)
def test_the_optics_tell_the_mode_where_labels_are_left_out(info: str, mode: str) -> None:
    assert export(section("1", "X", info) + TYPE + FOOT).reads[0].mode == mode


def bare(*rows: str) -> str:
    return f"{HEAD}1,1,,X(1),De=1st Ex=Top Em=Top,\n\n" + "\n".join(rows) + "\n\n"


def test_bare_rows_stand_for_the_whole_plate() -> None:
    read = export(bare(",,,", "4,5,,") + TYPE + FOOT).reads[0]
    assert read.values[1, :2].tolist() == [4, 5]
    assert np.isnan(read.values[0]).all() and np.isnan(read.values[1, 2])


def test_bare_rows_that_do_not_fill_the_plate_are_refused() -> None:
    with pytest.raises(plates.LabError, match="found 1 rows without letters, expected 2"):
        export(bare("4,5,6,") + TYPE + FOOT)
    with pytest.raises(plates.LabError, match="expected the number of rows under 'Plate type'"):
        export(bare("4,5,6,", "1,2,3,") + "Basic assay information\n" + FOOT)


def test_a_table_that_lost_a_column_is_refused() -> None:
    text = section("1", "X", "Ex=Top Em=Top") + TYPE + FOOT
    less = text.replace(",01,02,03,", ",01,02,").replace("1,2,3,", "1,2,").replace("4,5,6,", "4,5,")
    with pytest.raises(plates.LabError, match="the table has 2 columns, its plate 3"):
        export(less)
    with pytest.raises(plates.LabError, match="has 3 cells, expected 4"):
        export(bare("1,2,", "4,5,") + TYPE + FOOT)


def test_a_list_of_an_emission_scan_has_a_read_per_wavelength() -> None:
    text = (
        "Plate information\nPlate\tRepeat\tBarcode\n1\t1\t\n\n"
        "Well\tSample\tMeasB:WavelengthExc\tMeasB:WavelengthEms\tMeasB:Result\n"
        "A01\t-\t445\t480\t287\nA01\t-\t445\t481\t309\nB02\t-\t445\t480\t300\n\n"
    )
    found = export(text + TYPE.replace(",,,,", "\t\t\t\t") + FOOT)
    assert [(read.read, read.wavelength_nm) for read in found.reads] == [
        ("MeasB", "445:480"), ("MeasB", "445:481"),
    ]  # fmt: skip
    assert found.reads[0].values[1, 1] == 300
    assert found.reads[0].format.size == 6


def test_of_signal_and_result_the_signal_is_raw_and_saturated_wells_are_flagged() -> None:
    text = section("1", "Meas A", "", "Signal for Meas A -  (RFU)")
    text += "Results for Meas A -  (RFU)\n,01,02,03,\nA,1,1,1,\nB,1,1,1,\n\n"
    text += "Saturated for Meas A -  (RFU)\n,01,02,03,\nA,-,SAT,-,\nB,-,-,-,\n\n"
    found = export(text.replace("Workstation", "") + TYPE + FOOT)
    (read,) = found.reads
    assert read.values[1, 2] == 6
    assert read.flags == {Well(0, 1): "SAT"} and read.values[0, 1] == 2
    assert len(found.printed) == 6


def test_a_plate_without_its_heading_or_a_file_without_its_end_is_refused() -> None:
    good = section("1", "X", "Ex=Top Em=Top")
    with pytest.raises(plates.LabError, match="expected 'Plate information' over the facts"):
        export(good + good.removeprefix("Plate information\n") + TYPE + FOOT)
    with pytest.raises(plates.LabError, match="expected a last line 'Exported with EnVision"):
        export(good + TYPE)
    with pytest.raises(plates.LabError, match="expected a table under 'Results for X"):
        export(good[: good.index(",01")] + "\n" + TYPE + FOOT)
    with pytest.raises(plates.LabError, match="only calculated results"):
        export(section("1", "X", "", "Calculated results: Calc 1: S = x") + TYPE + FOOT)
