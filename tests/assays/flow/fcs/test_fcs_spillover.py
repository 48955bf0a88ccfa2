"""Spillover in the dialects of the cytometers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assays.flow import fcs

Make = Callable[..., Any]
ROWS = [(1, 2, 3, 4)]
NAMES = {"$P1N": "FSC-A", "$P2N": "FL1-A", "$P3N": "FL2-A", "$P4N": "Time"}
WANTED = [[1, 0.12], [0.03, 1]]


def spillover(odd: Make, **words: str) -> Any:
    renamed = {key.replace("_", "$", 1) if key[0] == "_" else key: v for key, v in words.items()}
    return fcs.read(odd(rows=ROWS, words=NAMES | renamed).source())


@pytest.mark.parametrize("key", ["_SPILLOVER", "SPILL", "SPILLOVER"])
@pytest.mark.parametrize(
    "text",
    [
        "2,FL1-A,FL2-A,1,0.12,0.03,1",
        "2, FL1-A , FL2-A, 1.000, 0.12, 0.03, 1.000 ",
        "2,2,3,1,0.12,0.03,1",
        "2,FL1-A,FL2-A,1,0,0,12,0,03,1,0",
        "2;FL1-A;FL2-A;1;0,12;0,03;1",
    ],
)
def test_a_matrix_by_name_number_or_decimal_comma(odd: Make, key: str, text: str) -> None:
    events = spillover(odd, **{key: text})
    assert events.spillover.channels == ("FL1-A", "FL2-A")
    assert events.spillover.matrix == pytest.approx(np.array(WANTED))
    assert not events.notes


def test_the_order_of_the_matrix_is_its_own(odd: Make) -> None:
    events = spillover(odd, SPILL="2,FL2-A,FL1-A,1,0.03,0.12,1")
    assert events.spillover.channels == ("FL2-A", "FL1-A")
    assert events.spillover.matrix == pytest.approx(np.array([[1, 0.03], [0.12, 1]]))


def test_names_that_hold_a_comma(odd: Make) -> None:
    words = {"_P2N": "FL1,A", "_P3N": "FL2,A", "SPILL": "2,FL1,A,FL2,A,1,0.12,0.03,1"}
    assert spillover(odd, **words).spillover.channels == ("FL1,A", "FL2,A")


def test_markers_stand_for_channels_where_only_one_has_them(odd: Make) -> None:
    words = {"_P2S": "CD19", "_P3S": "CD5", "SPILL": "2,CD19,CD5,1,0.12,0.03,1"}
    assert spillover(odd, **words).spillover.channels == ("FL1-A", "FL2-A")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2,FL1-A,FL9-A,1,0,0,1", "FL9-A"),
        ("2,FL1-A,FL2-A,1,0,0", "entries"),
        ("2,FL1-A,FL2-A", "entries"),
        ("x,FL1-A", "number of channels"),
        ("99999,FL1-A", "number of channels"),
        ("2,FL1-A,FL2-A,1,nan,0,1", "cannot be read"),
        ("2,FL1-A,FL1-A,1,0,0,1", "twice"),
        ("2,FL1-A,FL2-A,1,1,1,1", "inverted"),
    ],
)
def test_a_matrix_that_cannot_be_trusted_is_left_out_and_told(
    odd: Make, text: str, word: str
) -> None:
    events = spillover(odd, SPILL=text)
    assert events.spillover is None
    assert any("SPILL" in note and word in note for note in events.notes)


@pytest.mark.parametrize("text", ["0", " ", "0,0"])
def test_an_empty_matrix_is_none_and_nothing_to_tell(odd: Make, text: str) -> None:
    events = spillover(odd, _SPILLOVER=text, _COMP="0")
    assert events.spillover is None
    assert not events.notes


def test_a_bad_matrix_gives_way_to_a_good_one(odd: Make) -> None:
    events = spillover(odd, _SPILLOVER="2,A,B,1,0,0,1", SPILL="2,FL1-A,FL2-A,1,0.12,0.03,1")
    assert events.spillover.origin == "SPILL"
    assert any("$SPILLOVER" in note for note in events.notes)


def test_comp_over_the_fluorescence_channels(odd: Make) -> None:
    events = spillover(odd, _COMP="2,1,0.12,0.03,1")
    assert events.spillover.channels == ("FL1-A", "FL2-A")
    assert any("applied already" in note for note in events.notes)
    assert spillover(odd, _COMP="3,1,0,0,0,1,0,0,0,1").spillover is None


def test_percentages_of_fcs_2(odd: Make) -> None:
    events = spillover(odd, _DFC1TO2="12.0", _DFC2TO1="3", _DFC2TO2="0.0")
    assert events.spillover.channels == ("FL1-A", "FL2-A")
    assert events.spillover.matrix == pytest.approx(np.array(WANTED))
    assert any("applied already" in note for note in events.notes)
    assert spillover(odd, _DFC1TO2="0.0").spillover is None
    unclear = spillover(odd, _DFC1TO7="1")
    assert unclear.spillover is None
    assert any("FL7" in note for note in unclear.notes)
