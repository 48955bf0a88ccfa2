from __future__ import annotations

import math

import pytest

from plates.errors import ReaderError
from plates.grid import (
    decimal_mark,
    format_for,
    header_at,
    parse_cell,
    parse_number,
    parse_time,
    read_block,
)
from plates.table import from_lines
from plates.well import FORMATS


@pytest.mark.parametrize(
    ("text", "mark", "wanted"),
    [
        ("0.385", ".", 0.385), ("-0,066", ",", -0.066), ("3E+06", ".", 3e6), ("−1.5", ".", -1.5),
        ("12,345.6", ".", 12345.6), ("1.042", ",", None), ("OVRFLW", ".", None), ("", ".", None),
        ("1_000", ".", None), ("nan", ".", None), ("inf", ".", None), ("1e999", ".", None),
        ("0x10", ".", None), ("1,5", ".", None), ("1.042", ",.", 1042.0),
        ("1.042,5", ",", 1042.5), ("1.234.567", ",", 1234567.0), ("1.0425", ",.", None),
        ("1\u202f234,5", ",", 1234.5), ("1'234.5", ".", 1234.5), ("1’234’567", ".", 1234567.0),
        ("12'34", ".", None), ("1 234", ".", None),
    ],
)  # fmt: skip
def test_a_number_is_read_only_when_it_is_one(text: str, mark: str, wanted: float | None) -> None:
    assert parse_number(text, mark) == wanted


def test_a_token_has_no_number_and_a_masked_one_keeps_it() -> None:
    value, flag = parse_cell("OVRFLW")
    assert math.isnan(value) and flag == "OVRFLW"
    assert parse_cell("*0.356*") == (0.356, "*0.356*")
    assert parse_cell("0.356") == (0.356, "")
    value, flag = parse_cell("<0.000")
    assert math.isnan(value) and flag == "<0.000"
    value, flag = parse_cell("  ")
    assert math.isnan(value) and flag == ""


def test_the_decimal_mark_is_the_one_the_whole_file_agrees_on() -> None:
    assert decimal_mark(["1,5", "2"]) == ","
    assert decimal_mark(["0,385", "1,042"]) == ","
    assert decimal_mark(["1,042", "0.5"]) == "."
    assert decimal_mark(["12", "OVRFLW", ""]) == "."
    assert decimal_mark(["1.042", "2.311"]) == "."
    assert decimal_mark(["1,042", "1,234,567"]) == "."
    assert decimal_mark(["1.042", "1.234,5", "0,5"]) == ",."
    assert decimal_mark(["1.042", "1.234.567"]) == ",."
    with pytest.raises(ReaderError, match="stand in one file"):
        decimal_mark(["1.042", "0,385"], "plate.txt")
    with pytest.raises(ReaderError, match=r"may be 1.042 or 1042"):
        decimal_mark(["1,042", "12,345"], "plate.txt")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("0:02:30", 150.0), ("2:30", 150.0), ("27:00:10", 97210.0), ("1.02:03:04", 93784.0),
     ("0:00:01.5", 1.5)],
)  # fmt: skip
def test_times_are_read_as_seconds(text: str, wanted: float) -> None:
    assert parse_time(text) == wanted
    assert math.isnan(parse_time("soon"))


def test_a_header_is_a_run_of_column_numbers() -> None:
    assert header_at(("", "1", "2", "3")) == (1, 3)
    assert header_at(("", "", "01", "02")) == (2, 2)
    assert header_at(("", "2", "3")) is None
    assert header_at(("A", "0.1", "0.2")) is None


def test_lines_without_a_letter_belong_to_the_row_above() -> None:
    lines = (
        "\t1\t2\t3",
        "A\t1\t2\t3\traw",
        "\t4\t5\t6\tblank",
        "B\t7\t8\t9\traw",
        "",
        "C\t1\t1\t1",
    )
    block = read_block(from_lines("plate.txt", lines), 0)
    assert block is not None
    assert [(line.letter, line.cells, line.label) for line in block.lines] == [
        (0, ("1", "2", "3"), "raw"), (0, ("4", "5", "6"), "blank"), (1, ("7", "8", "9"), "raw"),
    ]  # fmt: skip
    assert block.end == 4


def test_a_row_that_was_cut_tells_how_much_it_has() -> None:
    block = read_block(from_lines("plate.txt", ("\t1\t2\t3", "A\t1\t2")), 0)
    assert block is not None
    assert (block.lines[0].given, block.lines[0].cells) == (2, ("1", "2", ""))


def test_the_announced_plate_wins_when_it_holds_the_wells() -> None:
    assert format_for(3, 12) is FORMATS[96]
    assert format_for(2, 3, ["384 well black"]) is FORMATS[384]
    assert format_for(16, 24, ["96 WELL PLATE"]) is FORMATS[384]
