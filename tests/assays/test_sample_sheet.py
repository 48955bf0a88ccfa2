"""The sample sheet: tubes as they were meant, faults by their cell, held against the folder."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from assays.dose_units import spelt
from assays.errors import ControlError, ProtocolError
from assays.inhibition.sheet.doses_named import require_units
from assays.sample_sheet import check_files, match_files, read_samples, sample_template
from assays.samples import Agent, Tube, TubeRole
from plates.errors import LabError, UnitError
from plates.findings import Severity
from plates.source import Source

HEAD = "file,donor,stimulus,stimulus_dose,stimulus_unit,inhibitor,dose,dose_unit,vehicle\n"


def read(text: str) -> tuple[Tube, ...]:
    return read_samples(Source.from_bytes("samples.csv", text.encode()))


def test_a_plate_may_be_named_and_need_not_be() -> None:
    tubes = read("file,donor,Plate\na.fcs,P1,plate 2\nb.fcs,P1,\n")
    assert [tube.plate for tube in tubes] == ["plate 2", ""]
    assert read(HEAD + "a.fcs,P1,,,,,,,DMSO\n")[0].plate == ""


def test_a_row_becomes_a_tube_and_its_role_follows() -> None:
    tubes = read(
        HEAD + "a.fcs,P1,,,,,,,DMSO\nb.fcs,P1,IL-6,10,ng/mL,,,,DMSO\n"
        "c.fcs,P1,IL-6,10,ng/mL,ruxolitinib,100,nmol/L,DMSO\nd.fcs,P1,,,,ruxolitinib,1e3,nM,\n"
    )
    assert [tube.role for tube in tubes] == [
        TubeRole.UNSTIMULATED,
        TubeRole.STIMULATED,
        TubeRole.TREATED,
        TubeRole.INHIBITOR_ALONE,
    ]
    assert tubes[2] == Tube(
        "c.fcs",
        "P1",
        TubeRole.TREATED,
        Agent("IL-6", 10.0, "ng/mL"),
        (Agent("ruxolitinib", 100.0, "nmol/L"),),
        "DMSO",
    )
    assert tubes[3].inhibitors[0].dose == 1000
    assert tubes[2].where == "samples.csv:4"


def test_other_names_another_order_semicolons_and_decimal_commas() -> None:
    tubes = read(
        "Patient;Drug 2;Dose 2 (nM);Drug;Dose (ug/mL);FCS file;Stim;Stim dose (ng/mL);Batch\n"
        "P1;ruxo;0,5;tocilizumab;2,25;fcs/a.fcs;IL-6;10;x\n"
    )
    assert tubes[0].inhibitors == (Agent("tocilizumab", 2.25, "µg/mL"), Agent("ruxo", 0.5, "nM"))
    assert tubes[0].stimulus == Agent("IL-6", 10.0, "ng/mL")
    assert "'Batch' is not read" in tubes[0].doubts[0]


def test_an_isotype_in_the_inhibitors_place_is_a_vehicle_and_it_is_told() -> None:
    (tube,) = read(HEAD + "a.fcs,P1,IL-6,10,ng/mL,IgG1 isotype,10,ug/mL,\n")
    assert (tube.role, tube.vehicle, tube.inhibitors) == (TubeRole.STIMULATED, "IgG1 isotype", ())
    assert "read as a vehicle" in tube.doubts[0]


def test_a_time_is_told_in_minutes_whatever_its_unit_and_where_that_stands() -> None:
    tubes = read("file,donor,time,time unit\na.fcs,P1,15 min,\nb.fcs,P1,2,h\nc.fcs,P1,,\n")
    assert [tube.time_min for tube in tubes] == [15.0, 120.0, None]
    assert read("file,donor,Time (s)\na.fcs,P1,90\n")[0].time_min == 1.5
    assert read("file,donor,time_min\na.fcs,P1,15\n")[0].time_min == 15.0
    with pytest.raises(ProtocolError, match="unit of the time 15") as caught:
        read("file,donor,time\na.fcs,P1,15\n")
    assert caught.value.where == "samples.csv:2"


def test_staining_controls_name_their_dye_and_a_positive_control_is_a_stimulated_tube() -> None:
    head = "file,donor,stimulus,role,stain\n"
    fmo, beads, positive = read(
        head + "a.fcs,P1,,FMO,PE-A\nb.fcs,,,beads,PE-A\nc.fcs,P1,IL-10,positive control,\n"
    )
    assert (fmo.role, fmo.stain) == (TubeRole.FMO, "PE-A")
    assert (beads.role, beads.donor) == (TubeRole.BEADS, "")
    assert positive.role is TubeRole.POSITIVE
    with pytest.raises(ProtocolError, match="say unstimulated"):
        read(head + "c.fcs,P1,,positive control,\n")


def test_dose_zero_means_none_was_given() -> None:
    (tube,) = read(HEAD + "a.fcs,P1,IL-6,10,ng/mL,ruxolitinib,0,nM,DMSO\n")
    assert tube.role is TubeRole.STIMULATED
    assert tube.doubts == ("ruxolitinib at dose 0 is read as none given.",)


def test_a_dose_may_be_unknown_and_a_staining_control_needs_no_donor() -> None:
    treated, unstained = read("file,donor,stimulus,role\na.fcs,P1,IL-6,\nb.fcs,,,unstained\n")
    assert treated.stimulus is not None
    assert math.isnan(treated.stimulus.dose)
    assert unstained.role is TubeRole.UNSTAINED


@pytest.mark.parametrize(
    ("text", "where", "said", "hint"),
    [
        (HEAD + "a.fcs,P1,IL-6,10,,,,,\n", "samples.csv:2", "has no unit", "stimulus_unit"),
        (HEAD + "a.fcs,,IL-6,10,ng/mL,,,,\n", "samples.csv:2", "no donor", "within a donor"),
        (HEAD + "a.fcs,P1,,10,ng/mL,,,,\n", "samples.csv:2", "no stimulus", "clear the dose"),
        (HEAD + "a.fcs,P1,IL-6,ten,ng/mL,,,,\n", "samples.csv:2", "expected a number", "digits"),
        (HEAD + "a.fcs,P1,IL-6,-1,ng/mL,,,,\n", "samples.csv:2", "below zero", ""),
        (HEAD + ",P1,IL-6,1,ng/mL,,,,\n", "samples.csv:2", "names no file", ""),
        (HEAD, "samples.csv", "names no file", "row per file"),
        ("file,donor\na.fcs,P\nA.FCS,P\n", "samples.csv:3", "twice, first at samples.csv:2", ""),
        ("file,donor,role\na.fcs,P,stimuated\n", "samples.csv:2", "no role", "'stimulated'"),
        ("file,donor,role\na.fcs,P,treated\n", "samples.csv:2", "say unstimulated", "clear"),
        ("file,donor,inhibtor\na.fcs,P,x\n", "samples.csv:1", "unknown", "'inhibitor'"),
        ("file,donor,treatment\na.fcs,P,x\n", "samples.csv:1", "stimuli or inhib", "Name it"),
        ("file,donor,stim,stimulus\na.fcs,P,x,y\n", "samples.csv:1", "comes twice", ""),
        ("file,donor\na.fcs,P,x\n", "samples.csv:2", "3 fields, the header 2", "comma"),
        ("file,donor,replicate\na.fcs,P,1.5\n", "samples.csv:2", "whole number", ""),
        ("donor,dose\nP,1\n", "samples.csv", "no sample sheet", "assays init phospho"),
    ],
)
def test_a_fault_names_its_place_and_what_to_try(
    text: str, where: str, said: str, hint: str
) -> None:
    with pytest.raises((ProtocolError, ControlError)) as caught:
        read(text)
    assert caught.value.where == where
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "name",
    ["../a.fcs", "/etc/passwd", "C:\\a.fcs", "\\\\host\\a.fcs", "x/../../a", "~/a", "a\x00b"],
)
def test_a_file_outside_the_run_folder_is_refused(name: str) -> None:
    with pytest.raises(LabError):
        read(f"file,donor\n{name},P1\n")


def test_the_folder_is_held_against_the_sheet_both_ways() -> None:
    tubes = read("file,donor\na.fcs,P1\nfcs/b.fcs,P1\n")
    names = ["fcs/a.fcs", "fcs/b.fcs", "fcs/spare.fcs"]
    assert match_files(tubes, names) == {"a.fcs": "fcs/a.fcs", "fcs/b.fcs": "fcs/b.fcs"}
    (finding,) = check_files(tubes, names)
    assert (finding.severity, finding.where) == (Severity.LOOK, "fcs/spare.fcs")
    with pytest.raises(ProtocolError) as caught:
        check_files(tubes, ["fcs/a1.fcs", "fcs/b.fcs"])
    assert caught.value.where == "samples.csv:2"
    assert "'a1.fcs'" in caught.value.hint
    with pytest.raises(ProtocolError, match="could be"):
        check_files(tubes, ["one/a.fcs", "two/a.fcs", "fcs/b.fcs"])
    with pytest.raises(ControlError, match="named twice"):
        check_files(read("file,donor\na.fcs,P1\nfcs/a.fcs,P1\n"), ["fcs/a.fcs"])


def filled(**cells: Any) -> Source:
    """The form for two files after a person typed into it."""
    book = openpyxl.load_workbook(BytesIO(sample_template(["a.fcs", "b.fcs"])))
    for cell, value in cells.items():
        book["Samples"][cell] = value
    stream = BytesIO()
    book.save(stream)
    return Source.from_bytes("samples.xlsx", stream.getvalue())


def test_the_form_holds_the_file_names_and_reads_back_when_filled_in() -> None:
    assert sample_template(["a.fcs"]) == sample_template(["a.fcs"])
    tubes = read_samples(filled(B2="P1", B3="P1", C3="IL-6", D3=10, E3="ng/mL"))
    assert [tube.file for tube in tubes] == ["a.fcs", "b.fcs"]
    assert tubes[1].stimulus == Agent("IL-6", 10.0, "ng/mL")
    with pytest.raises(ProtocolError, match=r"no donor \(samples.xlsx: Samples!B3\)"):
        read_samples(filled(B2="P1"))


def test_a_donor_stored_as_a_number_is_told() -> None:
    tubes = read_samples(filled(B2=12, B3="P1"))
    notes = [f for f in check_files(tubes, ["a.fcs", "b.fcs"]) if f.severity is Severity.NOTE]
    assert "Samples!B2" in notes[0].message


def test_a_sheet_cut_anywhere_gives_tubes_or_a_named_error() -> None:
    whole = HEAD + "a.fcs,P1,IL-6,10,ng/mL,ruxolitinib,100,nmol/L,DMSO\nb.fcs,P1,,,,,,,\n"
    for end in range(1, len(whole)):
        try:
            tubes = read(whole[:end])
        except LabError:
            continue
        assert tubes


def test_a_compensation_control_says_whether_it_is_beads_or_cells() -> None:
    sheet = (
        "file,donor,role,stain,material\n"
        "a.fcs,,single stain,PE-A,Comp Beads\n"
        "b.fcs,,unstained,,beads\n"
        "c.fcs,D1,,,bone marrow\n"
    )
    tubes = read(sheet)
    assert [(tube.stain, tube.material) for tube in tubes] == [
        ("PE-A", "beads"), ("", "beads"), ("", "")
    ]  # fmt: skip
    with pytest.raises(ProtocolError, match="no material") as caught:
        read(sheet.replace("Comp Beads", "dust"))
    assert caught.value.hint == "Write beads or cells."


@pytest.mark.parametrize("typed", ["1,000", "1.000", "12,500", "2.500,5", "1,000,000", "3.125"])
def test_a_text_that_could_hold_a_thousands_separator_is_refused_by_itself(typed: str) -> None:
    cells = {"B2": "P1", "B3": "P1", "F2": "x", "H2": "nM", "F3": "x", "H3": "nM"}
    for neighbour in ("0,5", "1.5", "100"):
        with pytest.raises(ProtocolError) as caught:
            read_samples(filled(**cells, G2=typed, G3=neighbour))
        assert caught.value.where == "samples.xlsx: Samples!G2"
        assert typed in caught.value.message
    with pytest.raises(ProtocolError, match="time 1,000 is either 1000 or 1"):
        read_samples(filled(B2="P1", B3="P1", P2="1,000", Q2="min"))


def test_numbers_that_can_be_read_in_one_way_only_are_understood() -> None:
    def dose(typed: object) -> float:
        cells = {"B2": "P1", "B3": "P1", "F2": "x", "G2": typed, "H2": "nM"}
        return read_samples(filled(**cells))[0].inhibitors[0].dose

    typed = {1000: 1000, 3.125: 3.125, "0,125": 0.125, "0.125": 0.125, "1,5": 1.5, "1000,5": 1000.5}
    for cell, value in (typed | {"3.1250": 3.125, "1e3": 1000, "1000 nM": 1000}).items():
        assert dose(cell) == value
    head = "file{0}donor{0}inhibitor{0}dose{0}dose_unit\n"
    assert read(head.format(",") + "a.fcs,P1,x,3.125,nM\n")[0].inhibitors[0].dose == 3.125
    for text in (head.format(",") + "a.fcs,P1,x,1.000,nM\n", head.format(";") + "a;P1;x;3.125;nM"):
        with pytest.raises(ProtocolError, match="is either"):
            read(text)


@pytest.mark.parametrize(
    ("unit", "hint"),
    [("nMol", "nM"), ("nN", "nM"), ("nm", "nM"), ("ng/mLL", "ng/mL"), ("µGM", "µM"), ("ß", "nM")],
)
def test_a_unit_that_nobody_writes_is_refused_with_its_cell(unit: str, hint: str) -> None:
    with pytest.raises(UnitError, match="no unit of a dose") as caught:
        read_samples(filled(B2="P1", B3="P1", F2="x", G2=1, H2=unit))
    assert caught.value.where == "samples.xlsx: Samples!H2"
    assert hint in caught.value.hint
    with pytest.raises(UnitError) as caught:
        read_samples(filled(B2="P1", B3="P1", C2="IL-6", D2="10 ng/nL/x", E2="ng/mL"))
    assert caught.value.where == "samples.xlsx: Samples!D2"
    with pytest.raises(UnitError, match="no unit of a dose"):
        require_units([Tube("a", "P1", TubeRole.STIMULATED, Agent("IL-6", 1.0, unit))])


@pytest.mark.parametrize(
    "unit",
    [
        *("nM", "nmol/L", "nmol/l", "µM", "μM", "uM", "mM", "pM", "M", "fM", "ng/mL", "ng/ml"),
        *("µg/mL", "ug/ml", "mcg/mL", "ug per mL", "pg/mL", "mg/L", "mg/dL", "U/mL", "IU/mL"),
        *("mIU/mL", "%", "% (v/v)", "x", "fold", "-fold", "µg", "µL", "µg/test", "µL per tube"),
        *("µg/10^6 cells", "MOI", "kU/L", "ng mL-1"),
    ],
)
def test_units_as_the_field_writes_them_are_accepted(unit: str) -> None:
    (tube, _) = read_samples(filled(B2="P1", B3="P1", F2="x", G2=1, H2=unit))
    assert tube.inhibitors == (Agent("x", 1.0, spelt(unit)),)


@pytest.mark.parametrize("unit", ["mcg/ml", "ug/mL", "µg/ml", "μg/mL", "ug per mL"])
def test_one_unit_has_one_spelling_whoever_wrote_it(unit: str) -> None:
    (tube, _) = read_samples(filled(B2="P1", B3="P1", F2="x", G2=10, H2=unit))
    assert tube.dose == "10 µg/mL"


def test_molar_units_and_amounts_keep_their_kind() -> None:
    given = ("nmol/l", "nM", "uM", "U/ml", "ug/test", "% (v/v)", "fold")
    assert [spelt(each) for each in given] == [
        *("nmol/L", "nM", "µM", "U/mL", "µg/test", "% (v/v)", "fold")
    ]


def test_an_inhibitor_without_a_dose_is_refused_like_one_without_a_unit() -> None:
    cells = {"B2": "P1", "B3": "P1", "F2": "ruxolitinib", "H2": "nM"}
    with pytest.raises(ControlError, match=r"dose of ruxolitinib is missing for a\.fcs") as caught:
        read_samples(filled(**cells))
    assert (caught.value.where, "column dose" in caught.value.hint) == (
        "samples.xlsx: Samples!G2",
        True,
    )
    with pytest.raises(ControlError, match="dose 2 of BAY is missing"):
        read_samples(filled(**cells, G2=1, I2="BAY", K2="nM"))
    with pytest.raises(ControlError, match="dose of ruxolitinib is missing"):
        read_samples(filled(**cells, G2="n/a"))


def test_faults_of_several_rows_are_told_together_each_with_its_cell() -> None:
    sheet = filled(B2="P1", F2="x", H2="nM", F3="x", G3=1, H3="nM")
    with pytest.raises(ProtocolError) as caught:
        read_samples(sheet)
    first, dose, donor = str(caught.value).splitlines()
    assert first == "2 rows of samples.xlsx need attention:"
    assert "1. the dose of x is missing for a.fcs (samples.xlsx: Samples!G2)" in dose
    assert "2. the row of 'b.fcs' names no donor (samples.xlsx: Samples!B3)" in donor
    rows = "".join(f"{n}.fcs,,\n" for n in range(25)) + "0.fcs,P1,\n" * 2
    with pytest.raises(ProtocolError) as caught:
        read("file,donor,note\n" + rows)
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[0][:7], lines[-1].strip()) == (
        *(22, "26 rows"),
        "And 6 more, told when these are mended.",
    )
    assert str(caught.value).count("blockade is compared within a donor") == 1


def test_a_stimulus_has_a_dose_in_every_row_or_in_none() -> None:
    assert len(read_samples(filled(B2="P1", B3="P1", C2="IL-6", C3="IL-6"))) == 2
    with pytest.raises(ControlError, match=r"stimulus dose of il-6 is missing for b\.fcs") as told:
        read_samples(filled(B2="P1", B3="P1", C2="IL-6", D2=10, E2="ng/mL", C3="il-6"))
    assert told.value.where == "samples.xlsx: Samples!D3"


@pytest.mark.parametrize("word", ["medium", "Medium only", "unstim", "DMSO"])
def test_medium_in_the_stimulus_column_is_no_stimulus_and_it_is_told(word: str) -> None:
    tube, _ = read_samples(filled(B2="P1", B3="P1", C2=word))
    assert (tube.role, tube.stimulus) == (TubeRole.UNSTIMULATED, None)
    assert tube.vehicle == ("DMSO" if word == "DMSO" else "")
    assert "no stimulus" in tube.doubts[-1]


def test_a_dose_below_zero_is_told_with_its_number_and_what_to_try() -> None:
    with pytest.raises(ProtocolError, match="the dose -30 of x is below zero") as caught:
        read_samples(filled(B2="P1", B3="P1", F2="x", G2=-30, H2="nM"))
    assert "logarithm" in caught.value.hint


def test_rows_that_a_reader_does_not_see_are_used_and_told() -> None:
    book = openpyxl.load_workbook(BytesIO(sample_template(["a.fcs", "b.fcs", "c.fcs"])))
    sheet = book["Samples"]
    for row in (2, 3, 4):
        sheet.cell(row, 2).value = "P1"
    sheet.row_dimensions[3].hidden = True
    sheet["B4"].font = openpyxl.styles.Font(strike=True)
    stream = BytesIO()
    book.save(stream)
    tubes = read_samples(Source.from_bytes("samples.xlsx", stream.getvalue()))
    assert [tube.unseen for tube in tubes] == ["", "hidden", "struck out"]
    hidden, struck = check_files(tubes, ["a.fcs", "b.fcs", "c.fcs"])
    assert (hidden.severity, hidden.where) == (Severity.LOOK, "samples.xlsx: Samples!A3")
    assert "b.fcs: the row is hidden or filtered out" in hidden.message
    assert "used like every other" in hidden.message
    assert "c.fcs: the row is struck out" in struck.message


def test_a_remark_on_the_whole_sheet_has_one_place() -> None:
    for book in (filled(B2="P1", B3="P1", U1="Bemerkung"), None):
        tubes = read_samples(book) if book else read("file,donor,Bemerkung\na.fcs,P1,x\n")
        (finding,) = check_files(tubes, [tube.file for tube in tubes])
        place = "samples.xlsx: Samples!U1" if book else "samples.csv:1"
        assert (finding.where, finding.message) == (
            "",
            f"The column 'Bemerkung' is not read ({place}).",
        )
    (tube,) = read(HEAD + "a.fcs,P1,IL-6,10,ng/mL,ruxolitinib,0,nM,DMSO\n")
    (finding,) = check_files([tube], ["a.fcs"])
    assert finding.where == "samples.csv:2"


@pytest.mark.parametrize("area", ["B2:B3", "C2:C3", "B3:C3"])
def test_merged_cells_would_leave_rows_without_a_value_and_are_refused(area: str) -> None:
    book = openpyxl.load_workbook(BytesIO(sample_template(["a.fcs", "b.fcs"])))
    book["Samples"]["B2"], book["Samples"]["B3"] = "P1", "P1"
    book["Samples"].merge_cells(area)
    stream = BytesIO()
    book.save(stream)
    with pytest.raises(ProtocolError, match=f"cells to {area[3:]} are merged") as caught:
        read_samples(Source.from_bytes("samples.xlsx", stream.getvalue()))
    assert caught.value.where == f"samples.xlsx: Samples!{area[:2]}"
    assert "Unmerge" in caught.value.hint


def test_one_inhibitor_is_not_given_twice_in_one_tube() -> None:
    cells = {"B2": "P1", "B3": "P1", "F2": "BAY", "G2": 1, "H2": "nM", "J2": 3, "K2": "uM"}
    assert len(read_samples(filled(**cells, I2="ruxolitinib"))[0].inhibitors) == 2
    with pytest.raises(ProtocolError, match="BAY is given twice in one tube") as caught:
        read_samples(filled(**cells, I2="bay "))
    assert caught.value.where == "samples.xlsx: Samples!I2"


def test_a_dilution_is_a_share_and_a_fold_is_told() -> None:
    cells = {"B2": "P1", "B3": "P1", "F2": "serum"}
    with pytest.raises(ProtocolError, match="found the dilution 1:200") as caught:
        read_samples(filled(**cells, G2="1:200"))
    assert caught.value.hint == "Write 0.5 and the unit %."
    tube, _ = read_samples(filled(**cells, G2=200, H2="fold"))
    assert tube.inhibitors == (Agent("serum", 200.0, "fold"),)
    assert "1 in 200 is 0.5 %" in tube.doubts[-1]
    tube, _ = read_samples(filled(**cells, G2=2, H2="x"))
    assert tube.doubts == ()
