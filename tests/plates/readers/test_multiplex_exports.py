"""Spots and beads: many analytes in one well, each with standards of its own."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import plates
from plates.errors import ReaderError
from plates.layout import Role, WellContent
from plates.source import Source
from plates.well import Well

SAMPLES = Path(__file__).parents[2] / "samples" / "plates"
MSD = SAMPLES / "msd_workbench" / "il6_tnf_two_plates.csv"
SPOTS = SAMPLES / "msd_methodical_mind" / "two_plates_four_spots.txt"
XPONENT = SAMPLES / "xponent" / "three_cytokines.csv"
BIOPLEX = SAMPLES / "bioplex" / "two_cytokines.txt"


def changed(path: Path, old: str, new: str, count: int = 1) -> Source:
    text = path.read_bytes().decode("utf-8")
    assert old in text
    return Source.from_bytes(path.name, text.replace(old, new, count).encode("utf-8"))


def content(export: plates.Export, plate: str, well: str) -> WellContent:
    assert export.layout is not None
    return export.layout.contents[plate, Well.parse(well)]


def test_msd_calibrators_have_a_concentration_per_analyte() -> None:
    export = plates.read(MSD)
    first = content(export, "4MADEUP01", "A1")
    assert first.role is Role.STANDARD and first.sample == "CAL1"
    assert first.nominals == {"IL-6": (2500.0, ""), "TNF-α": (1200.0, "")}
    assert math.isnan(first.nominal)
    zero = content(export, "4MADEUP02", "H2")
    assert zero.role is Role.STANDARD and zero.nominal == 0.0
    assert content(export, "4MADEUP01", "C3").dilution_factor == 10
    assert content(export, "4MADEUP01", "H3").role is Role.BLANK
    assert [read.analyte for read in export.reads] == ["IL-6", "TNF-α"] * 2


def test_a_known_sample_beside_named_calibrators_is_a_control() -> None:
    export = plates.read(changed(MSD, "CAL3", "Kit pool 1.2", 100))
    pool = [c for c in export.layout.contents.values() if c.sample == "Kit pool 1.2"]  # type: ignore[union-attr]
    assert pool and {content.role for content in pool} == {Role.QC}
    assert pool[0].nominals
    named = changed(MSD, "CAL", "Pool ", 1000)
    roles = {c.role for c in plates.read(named).layout.contents.values() if c.nominals}  # type: ignore[union-attr]
    assert roles == {Role.STANDARD}


def test_msd_results_stay_apart_from_signals_and_keep_their_range_token() -> None:
    export = plates.read(MSD)
    results = {
        (r.plate_number, r.analyte, str(r.well)): r
        for r in export.printed
        if r.quantity == "Calc. Concentration"
    }
    below = results[1, "IL-6", "H1"]
    assert math.isnan(below.value) and below.flag == "Below Fit Curve Range (NaN)"
    assert results[2, "TNF-α", "A1"].flag == "In Detection Range"
    assert {r.quantity for r in export.printed} >= {"Adjusted Signal", "Mean", "CV"}


def test_a_spot_with_fewer_wells_than_another_is_told() -> None:
    note = plates.read(MSD).notes[0]
    assert "'spot2' has 24 wells, other reads have 26" in note


def test_an_msd_well_with_two_signals_is_refused_and_a_doubled_line_is_not() -> None:
    lines = MSD.read_bytes().decode("utf-8").split("\r\n")
    doubled = "\r\n".join([*lines[:4], lines[3], *lines[4:]])
    assert len(plates.read(Source.from_bytes("twice.csv", doubled.encode())).reads) == 4
    other = doubled.replace(",893850,893850,", ",12,893850,", 1)
    with pytest.raises(ReaderError, match="A1 has two values of 'spot2': 12 and 893850"):
        plates.read(Source.from_bytes("two.csv", other.encode()))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",A02,2,,1200", ",A02,,,1200", "number of a spot"),
        (",A02,2,,1200", ",,2,,1200", "expected a well such as A01"),
        ("A03,2,2,,", "A03,2,0.5,,", "expected a dilution of 1 or more"),
    ],
)
def test_an_msd_line_that_cannot_be_placed_is_refused(old: str, new: str, message: str) -> None:
    source = changed(MSD, old, new)
    with pytest.raises(ReaderError, match=message) as error:
        plates.read(source)
    assert "il6_tnf_two_plates.csv:" in error.value.where


def test_a_msd_table_may_have_its_columns_in_any_order_and_semicolons() -> None:
    rows = ["Plate_X1", "Signal;Spot;Well;Assay;Sample;Concentration", "1042;1;A01;IL-6;CAL1;2,5"]
    export = plates.read(Source.from_bytes("x.csv", "\n".join(rows).encode()))
    assert export.reads[0].values[0, 0] == 1042
    assert content(export, "X1", "A1").nominal == 2.5
    assert export.reads[0].format.size == 96


def test_a_list_that_asks_for_too_many_reads_is_refused_before_it_is_built() -> None:
    lines = ["Sample,Assay,Well,Spot,Signal"]
    lines += [f"S,IL-6,AF48,{spot},1" for spot in range(1, 6000)]
    with pytest.raises(ReaderError, match="more than a plate reader exports"):
        plates.read(Source.from_bytes("many.csv", "\n".join(lines).encode()))


def test_spots_that_a_plate_does_not_have_still_count() -> None:
    export = plates.read(SPOTS)
    names = [read.read for read in export.reads if read.plate_number == 1]
    assert names == ["spot1", "spot2", "spot4"]
    assert export.reads[0].flags == {Well.parse("A12"): "ERR"}
    assert export.read_at == "03/12/2025 10:11:05 CET"
    assert not export.notes


def test_a_methodical_mind_plate_without_a_line_or_a_row_is_refused() -> None:
    lines = SPOTS.read_bytes().decode().split("\r\n")
    data = next(i for i, line in enumerate(lines) if "Data" in line)
    for gone in (
        range(data + 3, data + 4),
        range(data + 6, data + 10),
        range(data + 30, data + 34),
    ):
        kept = [line for i, line in enumerate(lines) if i not in gone]
        with pytest.raises(ReaderError, match=r"one for each of 4 spots|has the rows"):
            plates.read(Source.from_bytes("cut.txt", "\r\n".join(kept).encode()))


def test_signals_that_contradict_the_printed_mean_are_told() -> None:
    export = plates.read(changed(SPOTS, "    144835  ", "     44835  "))
    assert "the file prints a mean signal of" in export.notes[0]


def test_xponent_standards_have_a_concentration_and_unit_per_analyte() -> None:
    export = plates.read(XPONENT)
    batch = "CLL medium 2025-03"
    assert content(export, batch, "B1").nominals == {
        "IL-6": (1462.5, "pg/mL"), "TNF-α": (2212.5, "pg/mL"), "CCL3": (1000.0, "pg/mL"),
    }  # fmt: skip
    assert content(export, batch, "H1").role is Role.BLANK
    control = content(export, batch, "A3")
    assert control.role is Role.QC and control.dilution_factor == 2
    assert control.nominals["IL-6"] == (600.0, "pg/mL")
    assert content(export, batch, "C3").role is Role.SAMPLE
    assert export.metadata["curve CCL3"] == (
        "AnalysisType Logistic 5P; Coefficient A 1.2; Coefficient B 17980; R² 0.997"
    )


def test_xponent_medians_are_raw_and_everything_else_is_printed() -> None:
    export = plates.read(XPONENT)
    assert [read.analyte for read in export.reads] == ["IL-6", "TNF-α", "CCL3"]
    quantities = {result.quantity for result in export.printed}
    assert quantities == {"Net MFI", "Count", "Result", "Avg Net MFI"}
    assert any("did not reach the specified count" in note for note in export.notes)
    with pytest.raises(ReaderError, match="expected the table 'Median'"):
        plates.read(changed(XPONENT, '"Median"', '"Peak"'))


def test_a_well_that_one_xponent_table_lacks_is_noticed() -> None:
    line = next(
        line for line in XPONENT.read_text(encoding="utf-8").splitlines() if "(1,C1)" in line
    )
    with pytest.raises(ReaderError, match="list different wells"):
        plates.read(changed(XPONENT, line + "\r\n", ""))


def test_xponent_plates_of_one_batch_get_names_of_their_own() -> None:
    text = XPONENT.read_bytes().decode("utf-8")
    moved = text.replace("(1,A3)", "(2,A1)").replace("(1,B3)", "(2,B1)")
    export = plates.read(Source.from_bytes("two.csv", moved.encode("utf-8")))
    assert [(r.plate, r.plate_number) for r in export.reads[::3]] == [
        ("CLL medium 2025-03", 1), ("CLL medium 2025-03 (2)", 2),
    ]  # fmt: skip
    assert content(export, "CLL medium 2025-03 (2)", "B1").sample == "Control1"


def test_a_bio_plex_mean_stands_in_its_first_well_alone() -> None:
    export = plates.read(BIOPLEX)
    first, second = Well.parse("C1"), Well.parse("D1")
    read = export.reads[0]
    assert read.values[first.row, first.column] > 0
    assert math.isnan(read.values[second.row, second.column])
    assert export.layout is not None
    assert ("MADE-UP-1", second) not in export.layout.contents
    standard = content(export, "MADE-UP-1", "C1")
    assert standard.role is Role.STANDARD and standard.labels["mean_of"] == "C1,D1"
    assert any("the mean of the wells of a line" in note for note in export.notes)
    assert content(export, "MADE-UP-1", "A1").role is Role.BLANK
    assert content(export, "MADE-UP-1", "A3").role is Role.QC
    donor = content(export, "MADE-UP-1", "G3")
    assert (donor.sample, donor.dilution_factor) == ("Donor 3", 4)


def test_bio_plex_tokens_are_kept() -> None:
    export = plates.read(BIOPLEX)
    assert export.reads[0].flags == {Well.parse("C2"): "---"}
    results = {(r.analyte, str(r.well)): r for r in export.printed if r.quantity == "Obs Conc"}
    extrapolated = results["IL-6 (12)", "C1"]
    assert (extrapolated.value, extrapolated.flag) == (0.13, "*0.13")
    assert results["IL-6 (12)", "A1"].flag == "OOR <"
    assert "Std. Curve: FI = 40 +" in export.metadata["curve TNF-alpha (40)"]


def test_a_bio_plex_well_with_two_types_is_refused() -> None:
    with pytest.raises(ReaderError, match="holds 'S1' and 'S9'"):
        plates.read(changed(BIOPLEX, "TNF-alpha (40)\tS1", "TNF-alpha (40)\tS9"))
