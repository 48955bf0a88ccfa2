"""What a plate is called: as its export says, or as its file where the export says nothing."""

from __future__ import annotations

import dataclasses

import pytest

from assays.elisa.prepare import prepare
from assays.protocol import Curve, Elisa, Exclusion

PROTOCOL = Elisa(analyte="IL-6", unit="pg/mL", signal_nm="450", curve=Curve())


def names(bench, *plates: tuple[str, str], protocol: Elisa = PROTOCOL) -> list[str]:
    made = bench("names").standards()
    made.add("a", 20.0)
    exports = [
        (file, dataclasses.replace(made.export(), reads=(made.read(plate),)))
        for file, plate in plates
    ]
    return [plate.plate for plate in prepare(exports, made.layout, protocol).plates]


@pytest.mark.parametrize("sheet", ["Sheet", "Sheet1", "sheet 2", "Tabelle1", "Feuil1", "Hoja1", ""])
def test_a_sheet_that_nobody_named_leaves_the_name_to_the_file(bench, sheet: str) -> None:
    assert names(bench, ("il6_march.xlsx", sheet)) == ["il6_march"]


@pytest.mark.parametrize("plate", ["Plate 1", "CLL week 3", "Sheet of donors"])
def test_a_plate_with_a_name_keeps_it(bench, plate: str) -> None:
    assert names(bench, ("il6_march.xlsx", plate)) == [plate]


def test_sheets_of_one_file_are_told_apart_by_file_and_sheet(bench) -> None:
    made = bench("names").standards()
    made.add("a", 20.0)
    reads = (made.read("Sheet1", number=1), made.read("Sheet2", number=2))
    export = dataclasses.replace(made.export(), reads=reads)
    plates = prepare([("il6.xlsx", export)], made.layout, PROTOCOL).plates
    assert [plate.plate for plate in plates] == ["il6 Sheet1", "il6 Sheet2"]


def test_two_files_with_a_sheet_alike_are_called_after_the_files(bench) -> None:
    assert names(bench, ("a.xlsx", "Sheet1"), ("b.xlsx", "Sheet1")) == ["a", "b"]


def test_an_exclusion_may_still_name_the_sheet(bench) -> None:
    out = Exclusion(wells="H1", plate="Sheet1", who="A", when="2026-03-02", why="bubble")
    protocol = PROTOCOL.model_copy(update={"exclude": (out,)})
    assert names(bench, ("il6_march.xlsx", "Sheet1"), protocol=protocol) == ["il6_march"]
