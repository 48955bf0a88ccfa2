from __future__ import annotations

import math

import numpy as np
import pytest

from plates.errors import UnitError
from plates.units import convert, dose_nmol_l, find_unit, same_kind, wavelength_nm


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("pg/ml", "pg/mL"), ("PG/ML", "pg/mL"), ("ug/mL", "µg/mL"), ("μg/ml", "µg/mL"),
        ("µg/mL", "µg/mL"), ("mcg/mL", "µg/mL"), ("microg/ml", "µg/mL"), ("ng / L", "ng/L"),
        ("(pg/mL)", "pg/mL"), ("pg per mL", "pg/mL"), ("pg mL-1", "pg/mL"), ("g/L", "g/L"),
        ("uM", "µM"), ("nmol/l", "nmol/L"), ("IU/mL", "IU/mL"), ("mg/dL", "mg/dL"),
    ],
)  # fmt: skip
def test_a_unit_is_found_however_it_is_written(written: str, symbol: str) -> None:
    assert find_unit(written).symbol == symbol


@pytest.mark.parametrize(
    ("value", "start", "end", "wanted"),
    [
        (1500.0, "pg/mL", "ng/mL", 1.5),
        (0.3, "ng/mL", "pg/mL", 300.0),
        (7.0, "pg/mL", "ng/L", 7.0),
        (1.0, "µg/mL", "mg/L", 1.0),
        (2.0, "mg/dL", "mg/L", 20.0),
        (0.5, "µM", "nM", 500.0),
        (5.0, "pmol/mL", "nM", 5.0),
        (3.0, "IU/mL", "mIU/mL", 3000.0),
    ],
)
def test_powers_of_ten_convert_exactly(value: float, start: str, end: str, wanted: float) -> None:
    assert convert(value, start, end) == wanted
    assert convert(wanted, end, start) == value


def test_mass_and_moles_meet_only_through_a_molar_mass() -> None:
    # IL-6 is about 20.8 kDa: 20.8 ng/mL are 1 nM.
    assert convert(20.8, "ng/mL", "nM", molar_mass_g_per_mol=20800.0) == pytest.approx(1.0)
    assert dose_nmol_l(208.0, "ng/mL", 20800.0) == pytest.approx(10.0)
    with pytest.raises(UnitError, match="without a molar mass"):
        convert(1.0, "ng/mL", "nM")


def test_arrays_convert_and_missing_values_stay_missing() -> None:
    converted = convert(np.array([1000.0, math.nan]), "pg/mL", "ng/mL")
    np.testing.assert_array_equal(converted, [1.0, math.nan])


def test_units_of_two_kinds_never_convert() -> None:
    assert same_kind("pg/mL", "g/L")
    assert not same_kind("U/mL", "IU/mL")
    with pytest.raises(UnitError, match="cannot be turned into"):
        convert(1.0, "U/mL", "IU/mL")


@pytest.mark.parametrize(("typo", "meant"), [("nm", "nM"), ("MM", "mM"), ("pg/mm", "pg/mL")])
def test_an_unknown_unit_names_the_nearest_one(typo: str, meant: str) -> None:
    with pytest.raises(UnitError) as caught:
        find_unit(typo, "layout.xlsx: Wells!C5")
    assert meant in caught.value.hint
    assert caught.value.where == "layout.xlsx: Wells!C5"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("450", "450"), ("450 nm", "450"), ("0.45 µm", "450"), ("485/20,528/20", "485:528"),
        ("485:528", "485:528"), ("485 - 528 nm", "485:528"),
    ],
)  # fmt: skip
def test_wavelengths_are_written_in_nanometres(written: str, wanted: str) -> None:
    assert wavelength_nm(written) == wanted


@pytest.mark.parametrize("text", ["", "blue", "45", "4500", "1:2:3", "450 mm"])
def test_what_is_no_wavelength_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        wavelength_nm(text)
