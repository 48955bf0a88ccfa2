"""Spillover is undone exactly, and what cannot be undone is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assays.errors import ControlError, GatingError
from assays.flow.compensate import (
    check_spillover,
    compensate,
    is_identity,
    looks_compensated,
    read_spillover_csv,
)
from assays.flow.events import Channel, Events, Spillover
from plates.source import Source

MATRIX = np.array([[1.0, 0.2, 0.05], [0.02, 1.0, 0.3], [0.0, 0.01, 1.0]])
SPILL = Spillover(("FITC-A", "PE-A", "APC-A"), MATRIX, "$SPILLOVER")


def tube(
    values: np.ndarray, names: tuple[str, ...] = ("FSC-A", "APC-A", "PE-A", "FITC-A")
) -> Events:
    return Events(values, tuple(Channel(name, None, 262144.0) for name in names), name="a.fcs")


def mixed(true: np.ndarray) -> np.ndarray:
    """What the detectors see, in the events' order of channels."""
    seen = true.copy()
    seen[:, [3, 2, 1]] = true[:, [3, 2, 1]] @ MATRIX
    return seen


def test_the_true_signal_comes_back_whatever_the_order_of_channels() -> None:
    true = np.random.default_rng(np.frombuffer(b"spillover", dtype=np.uint8)).normal(
        500.0, 300.0, (70_000, 4)
    )
    back = compensate(tube(mixed(true)), SPILL)
    np.testing.assert_allclose(back.values, true, rtol=1e-12, atol=1e-9)
    assert back.compensated


def test_recorded_events_stay_as_they_were_and_keep_their_width() -> None:
    values = np.full((5, 4), 100.0, dtype=np.float32)
    events = tube(values)
    back = compensate(events, SPILL)
    assert back.values.dtype == np.float32
    assert (events.values == 100).all() and not events.compensated
    assert (back.values[:, 0] == 100).all()
    assert compensate(tube(np.full((5, 4), 100, dtype=np.int32)), SPILL).values.dtype == float


def test_no_event_is_compensated_twice() -> None:
    once = compensate(tube(np.ones((3, 4))), SPILL)
    with pytest.raises(GatingError, match="already"):
        compensate(once, SPILL)


def test_an_absent_detector_is_named_with_the_nearest() -> None:
    events = tube(np.ones((3, 3)), ("FSC-A", "PE-A", "FITC-H"))
    with pytest.raises(GatingError, match="FITC-A") as caught:
        compensate(events, SPILL)
    assert "FITC-H" in caught.value.hint


def test_channels_named_comp_are_said_to_look_compensated() -> None:
    events = tube(np.ones((3, 3)), ("FSC-A", "Comp-PE-A", "Comp-FITC-A"))
    assert "Comp-PE-A" in looks_compensated(events)
    with pytest.raises(GatingError) as caught:
        compensate(events, SPILL)
    assert "compensated already" in caught.value.hint
    assert looks_compensated(tube(np.ones((3, 4)))) == ""


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.ones((3, 3)), "cannot be undone"),
        (np.array([[1, 0.999999999], [0.999999999, 1]]), "2 channels|cannot|3 channels"),
        (np.full((3, 3), np.nan), "not a number"),
        (np.eye(2), "2 x 2"),
    ],
)
def test_a_matrix_that_cannot_be_undone_is_refused(matrix: np.ndarray, words: str) -> None:
    with pytest.raises(ControlError, match=words):
        check_spillover(Spillover(SPILL.channels, matrix, "m.csv"))


def test_an_identity_matrix_is_known() -> None:
    assert is_identity(Spillover(SPILL.channels, np.eye(3)))
    assert not is_identity(SPILL)


TABLES = {
    "plain": "A,B\n1,0.25\n0.5,1\n",
    "row names": ",A,B\nA,1,0.25\nB,0.5,1\n",
    "rows swapped": ",A,B\nB,0.5,1\nA,1,0.25\n",
    "titled corner": "Detector,A,B\nA,1,0.25\nB,0.5,1\n",
    "decimal commas": ";A;B\nA;1;0,25\nB;0,5;1\n",
    "tabs": "A\tB\n1\t0.25\n0.5\t1\n",
    "percent": "A,B\n100,25\n50,100\n",
    "R": '"A" "B"\n"A" 1 0.25\n"B" 0.5 1\n',
    "blank lines": "\nA,B\n\n1,0.25\n0.5,1\n,\n",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_csv_is_read_in_the_forms_that_programs_write(text: str) -> None:
    spillover = read_spillover_csv(Source.from_bytes("m.csv", text.encode()))
    assert spillover.channels == ("A", "B")
    np.testing.assert_allclose(spillover.matrix, [[1, 0.25], [0.5, 1]])
    assert spillover.origin == "m.csv"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("A,B\n1,0.25\n", "m.csv"),
        ("A,B\n1,x\n0,1\n", "m.csv:2"),
        ("A,B\n1,0.25\n0,1,3,4\n", "m.csv:3"),
        ("A,A\n1,0\n0,1\n", "m.csv:1"),
        ("A,B\n", "m.csv"),
        ("A,B\n1,1\n1,1\n", "m.csv"),
        ("A,B\n1,nan\n0,1\n", "m.csv"),
        ("\x00\x01\x02", "m.csv"),
    ],
)
def test_a_csv_that_is_no_matrix_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(ControlError) as caught:
        read_spillover_csv(Source.from_bytes("m.csv", text.encode()))
    assert caught.value.where.startswith(place)


def test_matrices_that_flowcore_wrote_are_read(corpus: Path) -> None:
    place = corpus / "gating" / "compensation" / "from_controls" / "flowcore" / "compref1"
    spillover = read_spillover_csv(place)
    assert spillover.channels[:2] == ("FL1-H", "FL2-H")
    np.testing.assert_allclose(spillover.matrix.diagonal(), 1)
