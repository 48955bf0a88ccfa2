"""Bytes become text, lines and tables, whatever encoding and delimiter a lab PC writes."""

from __future__ import annotations

import codecs

import pytest

from plates.errors import SourceError
from plates.source import Source
from plates.table import find_delimiter

TEXT = "Temperature (°C)\t37\nµg\t1.5\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "utf-8 with mark"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16 big-endian"),
        (TEXT.encode("utf-16-le"), "utf-16 without mark"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_bytes_show_the_encoding(data: bytes, encoding: str) -> None:
    assert Source.from_bytes("plate.txt", data).text == TEXT


def test_letters_of_an_old_mac_are_letters() -> None:
    assert Source.from_bytes("plate.txt", "Müller\n".encode("mac_roman")).text == "Müller\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n", b"\r"])
def test_every_line_end_is_one_line_end(end: bytes) -> None:
    source = Source.from_bytes("plate.txt", b"a" + end + b"b" + end)
    assert source.lines == ("a", "b", "")


def test_binary_data_is_no_text() -> None:
    source = Source.from_bytes("tube.fcs", b"FCS3.1    " + bytes(range(256)) * 40)
    assert not source.is_text
    with pytest.raises(SourceError, match="found binary data"):
        _ = source.text


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (("a\tb", "1,5\t2,5"), "\t"),
        (("a;b", "1,5;2,5"), ";"),
        (("a,b", "1.5,2.5"), ","),
        (("plain words",), "\t"),
        (("Note: a, b", "0,5\t1", "0,6\t2"), "\t"),
    ],
)
def test_the_delimiter_separates_cells_and_is_no_decimal_mark(
    lines: tuple[str, ...], delimiter: str
) -> None:
    assert find_delimiter(lines) == delimiter


def test_a_quoted_cell_over_two_lines_keeps_the_line_numbers() -> None:
    table = Source.from_bytes("plate.csv", b'a,"b\nc",d\n1,2,3\n').tables[0]
    assert table.rows[2] == ("1", "2", "3")
    assert table.at(2) == "plate.csv:3"


def test_a_file_of_nothing_but_delimiters_is_given_up() -> None:
    with pytest.raises(SourceError, match="more than 4,000,000 cells"):
        _ = Source.from_bytes("plate.txt", b"\t" * 5_000_000).tables
