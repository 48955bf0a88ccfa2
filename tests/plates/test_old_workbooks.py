"""Old Excel files (.xls) give the same cells as .xlsx, or a sentence."""

from __future__ import annotations

import math
import struct
from datetime import datetime, timedelta

import pytest

from plates.errors import SourceError
from plates.source import Source

SECTOR = 512


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def label(row: int, column: int, text: str) -> bytes:
    body = text.encode("utf-16-le")
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + body)


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def workbook_stream(cells: bytes) -> bytes:
    """BIFF8 with one sheet; style 0 is a number, 1 a date, 2 a time."""
    formats = b"".join(record(0x00E0, struct.pack("<HH16x", 0, key)) for key in (0, 14, 46))
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)) + formats
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 16, 0, 0, 0, 0)) + cells
    name = b"Raw"
    place = len(start) + 4 + 8 + len(name) + 4
    bound = record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name)
    return start + bound + record(0x000A, b"") + sheet + record(0x000A, b"")


def ole(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file of one stream: header, allocation table, directory, stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    sectors = len(stream) // SECTOR
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    entries = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream))
    return header + table + entries.ljust(SECTOR, b"\0") + stream


def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    nobody = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xII4x", len(text), kind, 1, nobody, nobody, child, start, size
    )


CELLS = (
    label(0, 0, "IL-6 in pg/mL, µ")
    + number(0, 2, 0.385)
    + number(2, 1, 45000.5, 1)
    + number(2, 2, 0.25, 2)
    + number(3, 0, math.pi)
)


def test_an_old_excel_file_gives_text_numbers_dates_and_times() -> None:
    (sheet,) = Source.from_bytes("plate.xls", ole(workbook_stream(CELLS))).sheets
    assert sheet.name == "Raw" and not sheet.hidden
    assert sheet.rows == (
        ("IL-6 in pg/mL, µ", None, 0.385),
        (),
        (None, datetime(2023, 3, 15, 12), timedelta(hours=6)),
        (math.pi,),
    )


def test_places_in_an_old_excel_file_are_named_like_cells() -> None:
    (table,) = Source.from_bytes("plate.xls", ole(workbook_stream(CELLS))).tables
    assert table.rows[2] == ("", "2023-03-15 12:00:00", "6:00:00")
    assert table.at(2, 1) == "plate.xls: Raw!B3"


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        _ = Source.from_bytes("plate.xls", data).sheets
    return str(caught.value)


def test_other_compound_files_are_refused() -> None:
    text = refusal(ole(b"a letter", "WordDocument"))
    assert "old Excel file (.xls) cannot be read" in text and "plate.xls" in text


def test_a_damaged_old_excel_file_gives_cells_or_a_sentence() -> None:
    whole = ole(workbook_stream(CELLS))
    for start in (600, 1100, 1536, 1560, 1700):
        broken = whole[:start] + b"\xff" * 12 + whole[start + 12 :]
        try:
            _ = Source.from_bytes("plate.xls", broken).sheets
        except SourceError as error:
            assert "cannot be read" in error.message
    assert "cannot be read" in refusal(whole[:1500])


def test_a_cell_in_the_last_corner_does_not_fill_the_sheet() -> None:
    corner = number(65535, 255, 1.0)
    (sheet,) = Source.from_bytes("plate.xls", ole(workbook_stream(corner))).sheets
    assert sum(map(len, sheet.rows)) == 256
