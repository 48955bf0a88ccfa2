"""Plain grids as people save them: without headings, with thousands apart, in any encoding."""

from __future__ import annotations

import numpy as np
import pytest

import plates
from plates.errors import LabError
from plates.source import Source
from plates.well import FORMATS, PlateFormat, row_letters


def grid(plate: PlateFormat, *, letters: bool, numbers: bool, tab: str = ",") -> str:
    """A plate whose wells hold 0.01, 0.02, … in order of the rows."""
    lines = []
    if numbers:
        lines.append(
            tab.join(([""] if letters else []) + [str(c + 1) for c in range(plate.columns)])
        )
    for row in range(plate.rows):
        own = [f"{(row * plate.columns + c + 1) / 100:.2f}" for c in range(plate.columns)]
        lines.append(tab.join(([row_letters(row)] if letters else []) + own))
    return "\n".join(lines) + "\n"


def read(text: str, encoding: str = "utf-8") -> plates.Export:
    return plates.read(Source.from_bytes("plate.csv", text.encode(encoding)))


@pytest.mark.parametrize("wells", sorted(FORMATS))
@pytest.mark.parametrize("headings", [(True, True), (True, False), (False, True), (False, False)])
def test_a_whole_plate_is_known_by_its_shape(wells: int, headings: tuple[bool, bool]) -> None:
    plate = FORMATS[wells]
    export = read("450 nm\n" + grid(plate, letters=headings[0], numbers=headings[1]))
    (one,) = export.reads
    assert one.format == plate
    assert one.wavelength_nm == "450"
    wanted = np.arange(1, wells + 1).reshape(plate.rows, plate.columns) / 100
    assert np.allclose(one.values, wanted, atol=0)
    told = any("lacks column numbers or row letters" in note for note in export.notes)
    assert told is (headings != (True, True))


@pytest.mark.parametrize("letters", [True, False])
@pytest.mark.parametrize("numbers", [True, False])
def test_without_a_heading_one_row_or_column_less_is_no_plate(letters: bool, numbers: bool) -> None:
    if letters and numbers:
        return  # Then the headings say what is there.
    text = grid(FORMATS[96], letters=letters, numbers=numbers)
    fewer = [text.split("\n")[:-2], [line.rpartition(",")[0] for line in text.split("\n")]]
    for lines in fewer:
        with pytest.raises(LabError):
            read("\n".join(lines))


def test_two_bare_plates_stand_below_one_another() -> None:
    text = grid(FORMATS[24], letters=False, numbers=False)
    export = read(f"Plate 1\n{text}\nPlate 2\n{text}")
    assert [one.plate for one in export.reads] == ["Plate 1", "Plate 2"]


def rows_of(cells: list[str]) -> str:
    head = "\t".join(["", *[str(n) for n in range(1, 7)]])
    rows = ["\t".join(["ABCD"[r], *cells[r * 6 : r * 6 + 6]]) for r in range(4)]
    return "\n".join([head, *rows])


@pytest.mark.parametrize(
    ("cell", "also"),
    [
        ("1,234", "1,234.5"), ("1,234", "1,234,567"), ("1.234", "1.234,5"), ("1.234", "1.234.567"),
        ("1\u202f234", "0,5"), ("1'234", "1'234.5"), ("1\u00a0234", "17"),
    ],
)  # fmt: skip
def test_thousands_apart_are_read_where_the_file_tells_them(cell: str, also: str) -> None:
    (one,) = read(rows_of([cell, also] * 12)).reads
    assert one.values[0, 0] == 1234.0
    assert not one.flags
    assert np.isfinite(one.values[:4, :6]).all()


def test_a_comma_that_may_be_either_is_refused() -> None:
    with pytest.raises(LabError, match=r"may be 1.234 or 1234"):
        read(rows_of(["1,234", "987"] * 12))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"]
)
def test_the_encoding_changes_no_number(encoding: str) -> None:
    text = "Absorption bei 450 nm, 37 °C, müde Küvette"
    text = f'"{text}"\n' + grid(FORMATS[96], letters=True, numbers=True)
    (one,) = read(text, encoding).reads
    assert one.values[7, 11] == 0.96
