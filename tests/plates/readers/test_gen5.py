from __future__ import annotations

import math
from pathlib import Path

import pytest

import plates
from plates.errors import ReaderError
from plates.layout import Role
from plates.readers.gen5_procedure import Step, read_label, read_steps
from plates.source import Source
from plates.well import Well

SAMPLE = Path(__file__).parents[2] / "samples" / "plates" / "gen5" / "il6_elisa.txt"


@pytest.fixture
def text() -> str:
    return Source.of(SAMPLE).text


def read(text: str) -> plates.Export:
    return plates.read(Source.from_bytes("plate.txt", text.encode()))


def test_the_layout_inside_becomes_roles_concentrations_and_dilutions() -> None:
    layout = plates.read(SAMPLE).layout
    assert layout is not None
    wells = layout.of_plate("Plate 1")
    first, sample, blank = wells[Well(0, 0)], wells[Well(0, 2)], wells[Well(7, 11)]
    assert (first.role, first.nominal, first.replicate) == (Role.STANDARD, 1000.0, 1)
    # Gen5 prints the fraction of the sample: 0.5 is 1 in 2.
    assert (sample.role, sample.sample, sample.dilution_factor) == (Role.SAMPLE, "SPL1", 2.0)
    assert blank.role is Role.BLANK and math.isnan(blank.nominal)
    assert wells[Well(7, 0)].nominal == 0.0


def test_calculated_lines_are_printed_results_and_never_reads() -> None:
    export = plates.read(SAMPLE)
    assert [(read.read, read.wavelength_nm) for read in export.reads] == [
        ("1", "450"),
        ("2", "620"),
    ]
    assert {result.quantity for result in export.printed} == {"Blank IL6:450", "[Concentration]"}
    assert {result.flag for result in export.printed if "Conc" in result.quantity} == {"?????"}
    assert (export.software, export.instrument) == ("Gen5 3.12.08", "Synergy H1")
    assert export.read_at == "3/5/2024 10:15:00 AM"
    assert export.reads[0].temperature_c == 24.5


def test_a_masked_well_keeps_its_number_and_an_overflow_has_none() -> None:
    read = plates.read(SAMPLE).reads[0]
    assert read.flags[Well(0, 1)] == "OVRFLW" and math.isnan(read.values[0, 1])
    assert read.flags[Well(2, 5)] == f"*{read.values[2, 5]:.3f}*"


def test_a_row_with_a_reading_less_is_refused_with_its_line(text: str) -> None:
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("F\t") and "IL6:450" in line)
    lines[at] = "\t".join(lines[at].split("\t")[:12])
    with pytest.raises(ReaderError, match="row F has 11 readings, expected 12") as caught:
        read("\n".join(lines))
    assert caught.value.where == f"plate.txt:{at + 1}"


def test_a_plate_row_that_the_layout_fills_must_have_been_read(text: str) -> None:
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("H\t") and "IL6:450" in line)
    with pytest.raises(ReaderError):
        read("\n".join(lines[:at] + lines[at + 4 :]))


def test_only_calculated_results_are_no_measurement(text: str) -> None:
    lines = [line for line in text.split("\n") if not line.endswith(("IL6:450", "IL6:620"))]
    with pytest.raises(ReaderError):
        read("\n".join(lines))


def test_two_plates_of_one_name_and_two_layouts_are_told_apart(text: str) -> None:
    export = read(text + "\n" + text.replace("STD1", "STD9"))
    assert [read.plate for read in export.reads] == ["Plate 1", "Plate 1", *["Plate 1 (2)"] * 2]
    assert export.layout is not None and export.layout.plates == ("Plate 1", "Plate 1 (2)")
    assert any("different layouts" in note for note in export.notes)


def test_a_second_plate_without_readings_is_refused(text: str) -> None:
    with pytest.raises(ReaderError, match="has no raw read"):
        read(text + "\n" + text.partition("Results")[0])


def test_a_kinetic_keeps_times_and_degrees_and_drops_unread_rows() -> None:
    head = "Software Version\t3.0\nPlate Number\tPlate 1\nProcedure Details\n"
    steps = (
        "Start Kinetic\tRuntime 0:10, 4 Reads\n    Read\tAbsorbance Endpoint\n\tWavelengths: 600\n"
    )
    table = "600\n\nTime\tT° 600\tA1\tB2\n0:00:05\t30.1\t0.1\t0.2\n"
    table += "0:02:05\t30.0\t0.3\tOVRFLW\n0:00:00\n"
    export = read(f"{head}{steps}End Kinetic\n\n{table}")
    assert [(read.time_s, read.temperature_c) for read in export.reads] == [(5, 30.1), (125, 30)]
    assert export.reads[1].flags == {Well(1, 1): "OVRFLW"}
    assert any("announces 4 reads" in note for note in export.notes)


@pytest.mark.parametrize(
    ("label", "wave", "mode"),
    [
        ("od:600", "600", "absorbance"),
        ("fluor:485/20,528/20", "485:528", "fluorescence"),
        ("fluor:485/20,528/20 [Parallel]", "485:528", "fluorescence"),
        ("Read 3:Lum", "", "luminescence"),
        ("600", "600", "absorbance"),
    ],
)
def test_raw_labels_name_a_read_step(label: str, wave: str, mode: str) -> None:
    raw = read_label(label, STEPS)
    assert raw is not None
    assert (raw.wave, raw.mode) == (wave, mode)


@pytest.mark.parametrize(
    "label", ["Blank od:600", "[Concentration]", "od:Pathlength", "Mean od:600", "Ratio", "Conc"]
)
def test_anything_else_was_calculated(label: str) -> None:
    assert read_label(label, STEPS) is None


STEPS: list[Step] = read_steps(
    [
        ("Read", "od"), ("", "Absorbance Endpoint"), ("", "Wavelengths:  600"),
        ("Read", "fluor"), ("", "Fluorescence Endpoint"),
        ("", "Excitation: 485/20,  Emission: 528/20"),
        ("Read", "Luminescence Endpoint"), ("", "Emission: Full light"),
    ]
)  # fmt: skip
