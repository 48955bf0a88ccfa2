"""A plate is drawn as the plate."""

from __future__ import annotations

import numpy as np
import pytest

from plates.draw import ROLE_COLOURS, draw_plate
from plates.layout import Role
from plates.lettering import number, printable, readable_on
from plates.well import FORMATS, Well


def values_of(size: int) -> np.ndarray:
    plate = FORMATS[size]
    return np.linspace(0.05, 3.2, plate.size).reshape(plate.rows, plate.columns)


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def dots_of(figure):
    """Middle and fill of every well."""
    from matplotlib.collections import PathCollection

    found = {}
    for dots in figure.axes[0].collections:
        if isinstance(dots, PathCollection):
            fills = dots.get_facecolors()
            for place, fill in zip(np.asarray(dots.get_offsets()), fills, strict=True):
                found[Well(int(place[1]), int(place[0]))] = tuple(fill)
    return found


def test_a1_is_at_top_left_and_h12_at_bottom_right() -> None:
    figure = draw_plate(values_of(96), FORMATS[96], quantity="OD")
    axes = figure.axes[0]
    across = axes.transData.transform([(0, 0), (11, 7)])
    assert across[0, 0] < across[1, 0]
    assert across[0, 1] > across[1, 1]


@pytest.mark.parametrize(("size", "numbers"), [(6, 6), (24, 24), (96, 96), (384, 0), (1536, 0)])
def test_up_to_96_wells_carry_their_number(size: int, numbers: int) -> None:
    figure = draw_plate(values_of(size), FORMATS[size], quantity="OD")
    assert len(texts_of(figure)) == numbers
    assert len(dots_of(figure)) == size


def test_a_well_without_a_number_shows_the_token_and_stays_white() -> None:
    values = values_of(96)
    values[5, 6] = np.nan
    figure = draw_plate(values, FORMATS[96], quantity="OD", flags={Well(5, 6): "OVRFLW"})
    assert "OVRFLW" in texts_of(figure)
    assert dots_of(figure)[Well(5, 6)] == (1.0, 1.0, 1.0, 1.0)


def test_higher_values_are_brighter() -> None:
    fills = dots_of(draw_plate(values_of(96), FORMATS[96], quantity="OD"))
    brightness = [np.dot(fills[well][:3], (0.2126, 0.7152, 0.0722)) for well in sorted(fills)]
    assert brightness == sorted(brightness)


def test_only_excluded_wells_are_crossed() -> None:
    from matplotlib.collections import LineCollection

    def crosses(excluded):
        figure = draw_plate(values_of(96), FORMATS[96], quantity="OD", excluded=excluded)
        lines = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
        return np.vstack([s for c in lines for s in c.get_segments()]) if lines else None

    assert crosses(()) is None
    arms = crosses({Well(2, 3)})
    assert np.abs(arms - (3, 2)).max() < 0.5
    assert crosses({Well(40, 3)}) is None


def test_a_plate_of_one_value_and_one_without_any_are_drawn() -> None:
    plate = FORMATS[96]
    draw_plate(np.full((8, 12), 0.1), plate, quantity="OD")
    figure = draw_plate(np.full((8, 12), np.nan), plate, quantity="OD")
    assert "no number" in [text.get_text() for text in figure.axes[1].texts]


def test_no_two_roles_look_alike() -> None:
    from plates.draw import DASHED

    looks = [(ROLE_COLOURS[role], role in DASHED) for role in Role]
    assert len(set(looks)) == len(looks)


def test_numbers_stand_out_from_every_fill() -> None:
    from matplotlib import colormaps

    def luminance(colour) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for fill in colormaps["viridis"](np.linspace(0, 1, 256)):
        ink = 0.0 if readable_on(fill) == "#000000" else 1.0
        light, dark = sorted((luminance(fill), ink), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_numbers_keep_three_digits_and_a_real_minus_sign() -> None:
    shown = [number(value) for value in (0.0123456, 3.0, 12.345, 99.96, 1234.5, -0.5, 2e9, np.inf)]
    assert shown == ["0.0123", "3.00", "12.3", "100", "1230", "\u22120.500", "2.00e9", "∞"]
    assert number(float("nan")) == "–"
    assert number(0.0) == "0"


def test_names_are_printed_on_one_line_and_within_their_length() -> None:
    assert printable("a\nb\tc\x1b[31m d\u200b") == "a b c[31m d"
    assert printable("CLL-017 supernatant day 3", 11) == "CLL-0…day 3"
    assert all(len(printable("x" * 50, most)) == most for most in range(1, 20))
    assert printable("患者") == "□□"
    assert printable("µ κ ≥ °C") == "µ κ ≥ °C"
