"""Bead and spot exports through the ELISA journey, and layouts of several plates and files."""

from __future__ import annotations

import numpy as np
import pytest

from assays.elisa.run import process_elisa
from assays.errors import ProtocolError
from assays.protocol import Elisa
from plates.errors import LayoutError
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead
from plates.well import FORMATS, Well

PLATE = FORMATS[96]
LEVELS = (1000.0, 250.0, 62.5, 15.625, 4.0, 1.0)


def signal_of(concentration: np.ndarray | float) -> np.ndarray:
    return np.asarray(40 + (20000 - 40) / (1 + (300 / np.asarray(concentration, float)) ** 1.1))


def bead_export(*analytes: str) -> Export:
    """Standards in column 1, one sample in A2; the second analyte is ten times lower."""
    reads, contents = [], {}
    for number, analyte in enumerate(analytes):
        values = np.full((8, 12), np.nan)
        values[: len(LEVELS), 0] = signal_of(np.array(LEVELS))
        values[0, 1] = signal_of(100.0)
        reads.append(
            PlateRead("P1", 1, analyte, PLATE, "fluorescence", "", values, analyte=analyte)
        )
        for row, level in enumerate(LEVELS):
            known = contents.setdefault(Well(row, 0), {})
            known[analyte] = (level / 10**number, "pg/mL")
    own = {
        ("P1", well): WellContent(Role.STANDARD, f"S{well.row}", nominals=known)
        for well, known in contents.items()
    }
    own["P1", Well(0, 1)] = WellContent(Role.SAMPLE, "donor 1")
    return Export("beads", "bioplex", tuple(reads), layout=Layout(PLATE, own))


def estimate(export: Export, analyte: str) -> float:
    choice = Elisa.model_validate({"analyte": analyte})
    (plate,) = process_elisa([("beads.csv", export)], None, choice).plates
    return next(well.concentration for well in plate.wells if well.sample == "donor 1")


def test_an_analyte_is_read_from_its_own_beads_and_its_own_standards() -> None:
    export = bead_export("IL-6", "TNF-alpha")
    assert estimate(export, "IL-6") == pytest.approx(100, rel=1e-3)
    assert estimate(export, "TNF-alpha") == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize("name", ["IL6", "il-6", "IL-6 (12)"])
def test_an_analyte_is_known_by_its_letters_and_digits(name: str) -> None:
    assert estimate(bead_export(name, "IL-8"), "IL-6") == pytest.approx(100, rel=1e-3)


def test_an_analyte_that_is_not_there_is_an_error_that_lists_what_is() -> None:
    with pytest.raises(ProtocolError, match="none of them fits 'IL-10': IL-6, IL-8"):
        estimate(bead_export("IL-6", "IL-8"), "IL-10")


def test_two_analytes_that_look_alike_are_not_guessed() -> None:
    with pytest.raises(ProtocolError, match="2 of them fit 'IL6'"):
        estimate(bead_export("IL-6", "il 6"), "IL6")


def od_export(plate: str = "") -> Export:
    values = np.full((8, 12), np.nan)
    values[: len(LEVELS), 0] = signal_of(np.array(LEVELS)) / 10000
    return Export("reader", "gen5", (PlateRead(plate, 1, "1", PLATE, "absorbance", "450", values),))


def standards(*plates: str, first: float = 1.0) -> Layout:
    return Layout(
        PLATE,
        {
            (plate, Well(row, 0)): WellContent(
                Role.STANDARD, f"S{row}", level * first * (index + 1), "pg/mL"
            )
            for index, plate in enumerate(plates)
            for row, level in enumerate(LEVELS)
        },
        "layout.xlsx",
    )


def tops(layout: Layout, *exports: tuple[str, Export]) -> list[float]:
    run = process_elisa(list(exports), layout, Elisa.model_validate({}))
    return [max(level.nominal for level in plate.standards) for plate in run.plates]


def test_one_layout_serves_many_plates() -> None:
    exports = [(f"plate{n}.txt", od_export()) for n in (1, 2, 3)]
    assert tops(standards(""), *exports) == [1000, 1000, 1000]


def test_sheets_named_for_files_are_theirs() -> None:
    exports = [("monday.txt", od_export()), ("tuesday.txt", od_export())]
    assert tops(standards("monday", "tuesday"), *exports) == [1000, 2000]


def test_sheets_that_count_plates_do_not_fit_files_that_all_begin_at_one() -> None:
    exports = [("monday.txt", od_export()), ("tuesday.txt", od_export())]
    with pytest.raises(LayoutError, match="knows no plate 'monday'"):
        tops(standards("1", "2"), *exports)
