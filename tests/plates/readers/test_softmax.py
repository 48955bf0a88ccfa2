from __future__ import annotations

import math
from pathlib import Path

import pytest

import plates
from plates.errors import ReaderError
from plates.layout import Role
from plates.source import Source
from plates.well import Well

SAMPLE = Path(__file__).parents[2] / "samples" / "plates" / "softmax" / "il6_elisa.txt"


@pytest.fixture
def lines() -> list[str]:
    return list(Source.of(SAMPLE).lines)


def read(lines: list[str]) -> plates.Export:
    return plates.read(Source.from_bytes("plate.txt", "\n".join(lines).encode()))


def test_group_tables_become_the_layout_with_its_unit() -> None:
    layout = plates.read(SAMPLE).layout
    assert layout is not None
    wells = layout.of_plate("Plate1")
    top, unknown = wells[Well(0, 1)], wells[Well(0, 3)]
    assert (top.role, top.sample, top.nominal, top.unit, top.replicate) == (
        Role.STANDARD, "Standards 01", 1000.0, "pg/mL", 2,
    )  # fmt: skip
    assert (unknown.role, unknown.sample, unknown.dilution_factor) == (
        Role.SAMPLE, "Unknowns 01", 2.0,
    )  # fmt: skip
    assert len(wells) == 96


def test_results_are_printed_with_their_token_and_never_mixed_with_reads() -> None:
    export = plates.read(SAMPLE)
    printed = {(result.quantity, str(result.well)): result for result in export.printed}
    assert printed["Result", "A3"].value == 10.0
    assert printed["AdjResult", "A3"].value == 21.0
    out_of_range = printed["BackCalcConc", "H2"]
    assert math.isnan(out_of_range.value) and out_of_range.flag == "Range?"
    assert [read.read for read in export.reads] == ["1", "2"]


def test_a_well_masked_in_its_group_keeps_its_number_in_every_read() -> None:
    export = plates.read(SAMPLE)
    for read_ in export.reads:
        assert read_.flags[Well(6, 1)] == "Masked"
        assert not math.isnan(read_.values[6, 1])


def test_a_missing_plate_row_is_refused(lines: list[str]) -> None:
    with pytest.raises(ReaderError, match="row H of plate 'Plate1' is missing"):
        read(lines[:10] + lines[11:])


def test_a_line_with_too_few_wells_is_refused(lines: list[str]) -> None:
    lines[5] = "\t".join(lines[5].split("\t")[:9])
    with pytest.raises(ReaderError, match="row C holds 7 readings"):
        read(lines)


def test_a_group_without_its_end_is_refused(lines: list[str]) -> None:
    with pytest.raises(ReaderError, match="no '~End'"):
        read(lines[:20])


def test_missing_blocks_are_told(lines: list[str]) -> None:
    last = max(i for i, line in enumerate(lines) if line.startswith("Group:"))
    export = read(lines[:last])
    assert any("announces 3 blocks and holds 2" in note for note in export.notes)


def test_a_partial_plate_lands_in_the_wells_that_the_header_names() -> None:
    export = read(
        [
            "##BLOCKS= 1",
            "Plate:\tP\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1"
            "\t\t\t\t\t\t1\t450 \t2\t2\t24\t2\t2\t",
            "\tTemperature(C)\t1\t2\t3\t4\t5\t6\t\t",
            "\t\t\t\t\t\t\t\t\t",
            "\t25\t\t0,1\t0,2\t\t\t\t\t",
            "\t\t\t0,3\t0,4\t\t\t\t\t",
            "\t\t\t\t\t\t\t\t\t",
            "",
            "~End",
        ]
    )
    (only,) = export.reads
    assert {str(w): only.values[w.row, w.column] for w in only.format.wells()
            if not math.isnan(only.values[w.row, w.column])} == {
        "B2": 0.1, "B3": 0.2, "C2": 0.3, "C3": 0.4,
    }  # fmt: skip
    assert only.temperature_c == 25.0


def kinetic(times: int) -> list[str]:
    head = [
        "##BLOCKS= 1",
        "Plate:\tP\t1.3\tTimeFormat\tKinetic\tFluorescence\tFALSE\tRaw\tFALSE\t3\t60\t30"
        "\t\t\t\t1\t535 \t1\t3\t6\t485 \tManual\t\t\t\t6\t\t\t\t1\t2\t",
        "Time\tTemperature(C)\tA1\tA2\tA3\tB1\tB2\tB3",
    ]
    rows = [f"00:0{i}:30\t37\t{i}\t2\t3\t4\t5\t6" for i in range(times)]
    return [*head, *rows, "", "~End"]


def test_a_kinetic_has_its_times_and_both_wavelengths() -> None:
    export = read(kinetic(3))
    assert [(each.time_s, each.wavelength_nm, each.read) for each in export.reads] == [
        (30.0, "485:535", "1"), (90.0, "485:535", "1"), (150.0, "485:535", "1"),
    ]  # fmt: skip


def test_a_kinetic_with_fewer_times_than_announced_is_refused() -> None:
    with pytest.raises(ReaderError, match="announces 3 reads, found 2"):
        read(kinetic(2))
