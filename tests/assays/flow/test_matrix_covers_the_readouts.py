"""A spillover matrix that leaves out what a gate or readout uses is told."""

from __future__ import annotations

import numpy as np

from assays.flow.correction import Correction
from assays.flow.events import Channel, Events, Spillover

NAMES = ("FSC-A", "BL1-A", "BL1-H", "BL2-A")
HEIGHTS = Spillover(("BL1-H", "BL2-A"), np.array([[1.0, 0.1], [0.02, 1.0]]), "$SPILLOVER")


def rules(used: tuple[str, ...], spillover: Spillover = HEIGHTS) -> list[tuple[str, str]]:
    values = np.full((50, len(NAMES)), 100.0)
    channels = tuple(Channel(name, None, 262144.0) for name in NAMES)
    correction = Correction("file", None, None, used)
    for name in ("a.fcs", "b.fcs"):
        correction.apply(Events(values, channels, name=name, spillover=spillover))
    return [(f.rule, f.message) for f in correction.findings()]


def test_another_pulse_of_the_detector_is_used_as_recorded_and_told_once() -> None:
    ((rule, message),) = rules(("FSC-A", "BL1-A"))
    assert rule == "compensation-uncovered"
    assert "BL1-A of gates or readouts is not in the spillover matrix (BL1-H is)" in message
    assert "Use the pulse" in message


def test_channels_of_the_matrix_and_scatter_are_not_told() -> None:
    assert not rules(("FSC-A", "BL1-H", "BL2-A"))


def test_an_identity_takes_nothing_out_of_any_channel() -> None:
    identity = Spillover(HEIGHTS.channels, np.eye(2), "$SPILLOVER")
    assert "compensation-uncovered" not in [rule for rule, _ in rules(("BL1-A",), identity)]
