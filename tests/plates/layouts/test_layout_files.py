"""Layouts as people write them: csv of either shape, toml, with the faults people make."""

from __future__ import annotations

import math

import pytest

from plates.errors import LabError, LayoutError
from plates.layout import Layout, Role, WellContent
from plates.layouts.agreement import contradictions
from plates.layouts.identify import is_layout, read_layout
from plates.layouts.require import require_on_plate, require_standards
from plates.source import Source
from plates.well import FORMATS, Well

BLOCKS = """role,1,2,3,4
A,std,standard,blk,
B,unk,sample,qc,medium

unit,pg/mL
Concentration,1,2,3,4
A,100,0,,
B,,,40,

dilution,1,2,3,4
B,1:10,2,,

sample,1,2,3,4
A,STD1,STD2,,
B,P1,P2,QC mid,

cell density (cells/mL),1,2,3,4
B,2e6,1500000,,
"""


def read(text: str, name: str = "layout.csv", **choices: object) -> Layout:
    return read_layout(Source.from_bytes(name, text.encode()), **choices)  # type: ignore[arg-type]


def at(layout: Layout, well: str) -> WellContent:
    return layout.contents["", Well.parse(well)]


def test_plate_shaped_blocks_say_what_is_in_each_well() -> None:
    layout = read(BLOCKS)
    assert at(layout, "A1") == WellContent(Role.STANDARD, "STD1", 100.0, "pg/mL")
    assert at(layout, "A2").nominal == 0
    assert at(layout, "A3") == WellContent(Role.BLANK, "blank")
    assert at(layout, "B1").dilution_factor == 10
    assert at(layout, "B1").labels == {"cell_density": "2e6 cells/mL"}
    assert at(layout, "B3") == WellContent(Role.QC, "QC mid", 40.0, "pg/mL")
    assert at(layout, "B4") == WellContent(Role.MEDIUM, "medium")
    assert ("", Well.parse("A4")) not in layout.contents
    assert layout.notes == ("The dilution 1:10 is read as 1 in 10 (layout.csv:11).",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_change_nothing(separator: str) -> None:
    assert read(BLOCKS.replace(",", separator)).contents == read(BLOCKS).contents


def test_a_tidy_table_with_other_names_in_another_order_reads_the_same() -> None:
    layout = read(
        "Dil;Type;Well;Conc. (pg/mL);Sample Name;Time point\n"
        ";std;a01;12,5;S1;\n;std;A 2;0,75;S2;\n1/20;unknown;A3;;P1;6 h\n"
    )
    assert at(layout, "A1") == WellContent(Role.STANDARD, "S1", 12.5, "pg/mL")
    assert at(layout, "A2").nominal == 0.75
    assert at(layout, "A3") == WellContent(
        Role.SAMPLE, "P1", dilution_factor=20.0, labels={"time_point": "6 h"}
    )


def test_plates_are_told_apart_by_a_column_or_a_labelled_cell() -> None:
    tidy = read("plate,well,role\nP1,A1,blank\nP2,A1,sample\n")
    blocks = read("plate,P1\nrole,1,2\nA,blank,\n\nplate,P2\nrole,1,2\nA,sample,\n")
    assert tidy.plates == blocks.plates == ("P1", "P2")
    assert tidy.contents == blocks.contents


def test_toml_spreads_lists_over_rows() -> None:
    layout = read(
        'wells = 96\nunit = "pg/mL"\n[standards]\nat = "A1-C2"\nnominal = [10, 5, 0]\n'
        '[samples]\nat = "A3-A4"\nnames = ["P1", "P2"]\ndilution = "1:2"\n',
        "layout.toml",
    )
    assert layout.format == FORMATS[96]
    assert at(layout, "B2").nominal == 5
    assert at(layout, "A4") == WellContent(Role.SAMPLE, "P2", dilution_factor=2.0)


@pytest.mark.parametrize(
    ("written", "factor"),
    [("10", 10), ("1:10", 10), ("1/10", 10), ("1 in 10", 10), ("2:10", 5), ("1+9", 10),
     ("10x", 10), ("5-fold", 5), ("neat", 1), ("1:2,5", 2.5)],
)  # fmt: skip
def test_dilutions_are_understood_as_written(written: str, factor: float) -> None:
    assert at(read(f"well;role;dilution\nA1;sample;{written}\n"), "A1").dilution_factor == factor


def test_a_dilution_below_one_must_be_confirmed() -> None:
    text = "well,role,dilution\nA1,sample,0.1\n"
    with pytest.raises(LayoutError) as caught:
        read(text)
    assert caught.value.where == "layout.csv:2"
    assert "[elisa]" in caught.value.hint
    assert "confirm_fraction_dilutions" in caught.value.hint
    layout = read(text, confirm_fraction_dilutions=True)
    assert at(layout, "A1").dilution_factor == pytest.approx(10)
    assert any("1 in 10" in note for note in layout.notes)


@pytest.mark.parametrize(
    ("text", "where", "said", "hint"),
    [
        ("well,role\nA1,blnk\n", "layout.csv:2", "'blnk' is no role", "'blank'"),
        ("well,role\nA1,xyzzy\n", "layout.csv:2", "'xyzzy' is no role", "standard, sample"),
        ("well,role\nA1,std\n", "layout.csv:2", "no nominal", "zero standard"),
        ("well,role,conc\nA1,std,5\n", "layout.csv:2", "has no unit", "column unit"),
        ("well,role,conc,unit\nA1,std,five,pg/mL\n", "layout.csv:2", "expected a number", "digits"),
        ("well;role;conc;unit\nA1;std;1,000;pg/mL\n", "layout.csv:2", "either 1000 or 1", "separ"),
        ("well,role\nA1,blank\nA01,blank\n", "layout.csv:3", "twice, first at layout.csv:2", ""),
        ("well,role,dilution\nA1,sample,0\n", "layout.csv:2", "at least 1", "1:10"),
        ("well,role,dilution\nA1,sample,-2\n", "layout.csv:2", "at least 1", "1:10"),
        ("well,role,conc\nA1,sample,1,5\n", "layout.csv:2", "4 fields, the header 3", "comma"),
        ("well,role,type\nA1,std,std\n", "layout.csv:1", "comes twice", "Keep one"),
        ("well,role\nQ,std\n", "layout.csv:2", "not the name of a well", "A1"),
        ("well,role\n,std\n", "layout.csv:2", "names no well", "A1"),
        ("role,1,2\nA,std,\n\nType,1,2\nA,std,\n", "layout.csv:4", "first at layout.csv:1", ""),
        ("sample,1,2\nA,a,b\n\n,1,2\nA,std,\n", "layout.csv:4", "has no name", "corner"),
        ("hello\n", "layout.csv", "no layout was found", "assays init"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_to_try(
    text: str, where: str, said: str, hint: str
) -> None:
    with pytest.raises(LayoutError) as caught:
        read(text)
    assert caught.value.where == where
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_a_well_off_the_plate_is_named_with_its_place() -> None:
    text = "well,role\nA1,blank\nA13,blank\n"
    with pytest.raises(LayoutError, match=r"A13 leaves a 96-well plate \(layout.csv:3\)"):
        read(text, plate_format=FORMATS[96])
    with pytest.raises(LayoutError, match=r"A13 leaves a 96-well plate \(layout.csv:3\)"):
        require_on_plate(read(text), FORMATS[96])
    header = ",".join(map(str, range(1, 14)))
    rows = "\n".join(f"{row},blank" for row in "ABCDEFGH")
    with pytest.raises(LayoutError, match="reaches H13 and leaves a 96-well plate"):
        read(f"role,{header}\n{rows}\n")
    with pytest.raises(LayoutError, match=r"leaves a 96-well plate \(layout.toml: standards\)"):
        read('wells = 96\n[standards]\nat = "A1-H13"\n', "layout.toml")


def test_a_layout_without_standards_makes_no_curve() -> None:
    with pytest.raises(LayoutError, match="names no standards"):
        require_standards(read("well,role\nA1,sample\n"))
    with pytest.raises(LayoutError, match="every standard"):
        require_standards(read("well,role,conc,unit\nA1,std,0,pg/mL\n"))
    require_standards(read(BLOCKS))


@pytest.mark.parametrize(
    "name", ["2-Sep", "Mar-01", "2024-09-02", "1.20E+05", "1,2E+05", "101.0", "TRUE", "01.09.2024"]
)
def test_names_that_excel_mangled_are_told_with_their_place(name: str) -> None:
    layout = read(f"well;role;sample\nA1;sample;{name}\nA2;sample;CLL-2\n")
    assert len(layout.notes) == 1
    assert name in layout.notes[0]
    assert "layout.csv:2" in layout.notes[0]


def test_lost_leading_zeros_are_suspected_beside_names_that_have_them() -> None:
    layout = read("well,role,sample\nA1,sample,007\nA2,sample,12\nA3,sample,012\n")
    assert len(layout.notes) == 1
    assert "'12'" in layout.notes[0]
    assert not read("well,role,sample\nA1,sample,7\nA2,sample,12\n").notes


def test_wells_without_a_role_follow_from_what_they_hold_and_it_is_told() -> None:
    layout = read("well,sample,conc (pg/mL)\nA1,S1,10\nA2,Blank,\nA3,P1,\n")
    roles = [at(layout, well).role for well in ("A1", "A2", "A3")]
    assert roles == [Role.STANDARD, Role.BLANK, Role.SAMPLE]
    assert len(layout.notes) == 3


def test_standards_without_a_name_are_replicates_by_concentration() -> None:
    layout = read("well,role,conc,unit\nA1,std,10,pg/mL\nA2,std,10,pg/mL\nB1,std,5,pg/mL\n")
    names = [content.sample for content in layout.contents.values()]
    assert names[0] == names[1] != names[2]


def test_contradictions_show_both_sides() -> None:
    own = read("well,role,conc,unit\nA1,std,10,pg/mL\nA2,blank,,\nA3,sample,,\nA4,std,5,pg/mL\n")
    inside = Layout(
        FORMATS[96],
        {
            ("Plate 1", Well(0, 0)): WellContent(Role.STANDARD, "STD1", 20.0, "pg/mL"),
            ("Plate 1", Well(0, 1)): WellContent(Role.SAMPLE, "SPL1"),
            ("Plate 1", Well(0, 2)): WellContent(Role.SAMPLE, "SPL2"),
            ("Plate 1", Well(0, 3)): WellContent(Role.STANDARD, "STD2", 5.0),
            ("Plate 1", Well(0, 4)): WellContent(Role.SAMPLE, "SPL3"),
        },
    )
    found = contradictions(own, inside)
    assert found == [
        "Well A1 is standard 10 pg/mL in layout.csv:2 and standard 20 pg/mL in the export.",
        "Well A2 is blank (blank) in layout.csv:3 and sample (SPL1) in the export.",
    ]
    assert not contradictions(own, own)


def test_a_zero_standard_that_the_export_calls_blank_is_no_contradiction() -> None:
    own = read("well,role,conc,unit\nA1,std,0,pg/mL\n")
    inside = Layout(FORMATS[96], {("", Well(0, 0)): WellContent(Role.BLANK, "BLK")})
    assert not contradictions(own, inside)


def test_damaged_text_gives_a_named_error_or_a_layout() -> None:
    whole = BLOCKS.encode()
    for end in range(1, len(whole), 3):
        try:
            layout = read_layout(Source.from_bytes("layout.csv", whole[:end]))
        except LabError:
            continue
        assert all(c.dilution_factor >= 1 for c in layout.contents.values())
        assert all(math.isnan(c.nominal) or c.nominal >= 0 for c in layout.contents.values())


def test_something_else_is_no_layout() -> None:
    assert not is_layout(Source.from_bytes("a.fcs", b"FCS3.0    " + bytes(200)))
    assert not is_layout(Source.from_bytes("a.png", b"\x89PNG\r\n\x1a\n" + bytes(200)))
    assert not is_layout(Source.from_bytes("reading.csv", b",1,2,3\nA,0.1,0.2,0.3\nB,1,2,3\n"))
    assert is_layout(Source.from_bytes("layout.csv", BLOCKS.encode()))
