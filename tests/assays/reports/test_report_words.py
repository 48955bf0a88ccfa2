import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.reports.words import (
    count,
    fixed,
    grouped,
    half_up,
    harmless,
    limited,
    listed,
    p_value,
    percent,
    plate_in_words,
    significant,
    slug,
    units_in_words,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12.44, "12.4"),
        (3.125, "3.13"),
        (0.0312, "0.0312"),
        (1250.0, "1250"),
        (12345.0, "12\u202f300"),
        (0.9996, "1.00"),
        (9.996, "10.0"),
        (-4.56, "\u22124.56"),
        (0.0, "0"),
        (-0.0, "0"),
        (2.5e6, "2.50 \u00d7 10\u2076"),
        (3.2e-6, "3.20 \u00d7 10\u207b\u2076"),
        (math.nan, "\u2014"),
        (-math.inf, "\u2212\u221e"),
    ],
)
def test_a_concentration_has_three_significant_digits(value, shown):
    assert significant(value) == shown


def test_percentages_have_one_decimal_and_a_true_minus():
    assert percent(-12.34) == "\u221212.3"


def test_a_value_that_rounds_to_zero_has_no_minus():
    assert fixed(-0.04, 1) == "0.0"


def test_halves_are_rounded_up_as_at_the_bench():
    assert [half_up(x, 2) for x in (3.125, 0.005, -3.125)] == [3.13, 0.01, -3.13]


@pytest.mark.parametrize(
    ("value", "interval", "shown"),
    [
        (12.4, (11.1, 13.9), ("12.4", "11.1\u201313.9")),
        (12.44, (2.1, 40.0), ("12", "2.1\u201340")),
        (143.2, (128.7, 160.1), ("143", "129\u2013160")),
        (12.4, (0.0, 13.9), ("12.4", "\u2264 13.9")),
        (12.4, (11.1, math.inf), ("12.4", "\u2265 11.1")),
        (12.4, (math.nan, math.nan), ("12.4", "")),
        (math.nan, (math.nan, math.nan), ("\u2014", "")),
    ],
)
def test_value_and_interval_have_the_digits_that_the_interval_supports(value, interval, shown):
    assert with_interval(value, interval) == shown


def test_an_interval_of_percentages_below_zero_reads_with_the_word_to():
    assert with_interval(-2.6, (-6.7, 1.8), decimals=1) == ("\u22122.6", "\u22126.7 to 1.8")


def test_percentages_of_one_column_have_one_decimal_however_wide_their_intervals():
    assert with_interval(9.9, (-2.9, 21.6), decimals=1) == ("9.9", "\u22122.9 to 21.6")
    assert with_interval(31.1, (21.4, 39.7), decimals=1) == ("31.1", "21.4\u201339.7")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("10 ug/mL", "10 \u00b5g/mL"),
        ("0.3 ug/mL + 2 uM", "0.3 \u00b5g/mL + 2 \u00b5M"),
        ("IL-6, ug/mL", "IL-6, \u00b5g/mL"),
        ("2e+06 cells/mL", "2 \u00d7 10\u2076 cells/mL"),
        ("2000000 cells/mL", "2 \u00d7 10\u2076 cells/mL"),
        ("2500000", "2.5 \u00d7 10\u2076"),
        ("1e-05", "1 \u00d7 10\u207b\u2075"),
        ("1e6", "1 \u00d7 10\u2076"),
        ("D01_1e6.fcs", "D01_1e6.fcs"),
        ("bug/mL", "bug/mL"),
        ("plate 20260302", "plate 20260302"),
        ("1234567 cells", "1234567 cells"),
    ],
)
def test_units_and_powers_are_printed_as_in_a_paper(given, printed):
    assert units_in_words(given) == printed


def test_a_percentage_keeps_an_interval_end_at_zero():
    assert with_interval(4.0, (0.0, 8.0), decimals=1) == ("4.0", "0.0\u20138.0")


def test_a_limit_reads_as_less_than():
    assert limited("<", 3.125) == "< 3.13"


def test_p_values_stop_at_a_thousandth():
    assert [p_value(p) for p in (0.0004, 0.0321, 0.5)] == ["< 0.001", "0.032", "0.50"]


def test_words_count_and_list():
    assert count(1, "sample") == "1 sample"
    assert count(0, "sample") == "no samples"
    assert listed(["A1", "A2", "A1", "A3"], most=2) == "A1, A2 and 1 more"


def test_a_plate_called_plate_is_not_called_so_twice():
    assert plate_in_words("Plate 1") == "Plate 1"
    assert plate_in_words("P1") == "plate P1"


def test_units_become_keys():
    assert slug("cell density (10⁶/mL)") == "cell_density_106_ml"
    assert slug("µg") == "ug"


@given(st.text())
def test_no_name_can_drive_a_terminal_or_turn_the_reading_direction(text):
    shown = harmless(text)
    assert not set(shown) & {"\x1b", "\x00", "\u202e", "\u2066", "\ufeff", "\x9b"}
    assert len(shown) == len(text)


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(1, 6))
def test_a_number_reads_back_to_its_digits(value, digits):
    text = significant(value, digits)
    plain = text.replace("\u2212", "-").replace("\u202f", "")
    if "\u00d7" not in plain:
        assert float(plain) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits), abs=1e-9)


def test_a_boundary_is_grouped_and_signed_as_pages_write_numbers():
    assert grouped("36,000 ≤ FSC-A < 4,000") == "36\u202f000 ≤ FSC-A < 4000"
    assert grouped("-400.961 ≤ Comp-PE-Cy7-A < 1,234,567.5") == (
        "−400.961 ≤ Comp-PE-Cy7-A < 1\u202f234\u202f567.5"
    )
    assert grouped("FSC-A × SSC-A polygon (0.46; -0.1) (1,152; 2)") == (
        "FSC-A × SSC-A polygon (0.46; −0.1) (1152; 2)"
    )
