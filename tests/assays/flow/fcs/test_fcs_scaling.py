"""From stored numbers to intensities and seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assays.flow import fcs

Make = Callable[..., Any]


def test_a_logarithmic_amplifier_is_linearised(odd: Make) -> None:
    made = odd(
        rows=[(0, 0), (512, 256), (1023, 1023)],
        kind="I",
        bits="16",
        ranges=(1024, 1024),
        words={"$P1E": "4,1", "$P2E": "4.0,0.1024"},
    )
    values = fcs.read(made.source()).values
    # FCS 3.1, $PnE: 10 ** (f1 * x / range) * f2; half the range of 4 decades is 100.
    assert values[:, 0] == pytest.approx([1, 100, 10 ** (4 * 1023 / 1024)], rel=1e-6)
    assert values[:, 1] == pytest.approx([0.1024, 1.024, 0.1024 * 10 ** (4 * 1023 / 1024)], 1e-6)
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[0, 0], [512, 256], [1023] * 2]
    assert fcs.read(made.source()).channels[0].amplification == (4.0, 1.0)


def test_an_offset_of_zero_is_one_and_told(odd: Make) -> None:
    made = odd(kind="I", bits="16", ranges=(1024, 1024), words={"$P1E": "4,0"})
    events = fcs.read(made.source())
    assert events.values[0, 0] == pytest.approx(10 ** (4 / 1024), rel=1e-6)
    assert any("offset 0" in note and "$P1E" in note for note in events.notes)


def test_a_logarithm_on_floats_is_left_over_and_ignored(odd: Make) -> None:
    events = fcs.read(odd(words={"$P1E": "4,0"}).source())
    assert events.values[:, 0].tolist() == [1, 3, 5]
    assert any("left over" in note for note in events.notes)


def test_gain_is_divided_out_except_of_time(odd: Make) -> None:
    words = {"$P1G": "4", "$P2G": "0.01", "$P2N": "Time", "$TIMESTEP": "0.1"}
    events = fcs.read(odd(words=words).source())
    assert events.values.tolist() == [[0.25, 2], [0.75, 4], [1.25, 6]]
    assert events.time_s == pytest.approx([0.2, 0.4, 0.6])
    raw = fcs.read(odd(words=words).source(), scaled=False)
    assert raw.values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert raw.channels[0].gain == 4


def test_gain_is_not_divided_out_of_logarithms(odd: Make) -> None:
    words = {"$P1G": "4", "$P1E": "2,1"}
    made = odd(rows=[(512, 1)], kind="I", bits="16", ranges=(1024, 1024), words=words)
    assert fcs.read(made.source()).values[0, 0] == pytest.approx(10)


@pytest.mark.parametrize("gain", ["0", "-1", "x", ""])
def test_a_gain_that_is_none_is_one(odd: Make, gain: str) -> None:
    events = fcs.read(odd(words={"$P1G": gain or " "}).source())
    assert events.channels[0].gain == 1
    assert events.values[0, 0] == 1


@pytest.mark.parametrize(("step", "seconds"), [("0.01", 0.02), ("0,01", 0.02), ("1e-2", 0.02)])
def test_a_time_step_in_any_notation(odd: Make, step: str, seconds: float) -> None:
    events = fcs.read(odd(words={"$P2N": "TIME", "$TIMESTEP": step}).source())
    assert events.time_s is not None
    assert events.time_s[0] == pytest.approx(seconds)


@pytest.mark.parametrize("step", ["", "abc", "0", "-1", "nan"])
def test_a_time_step_that_is_none_gives_no_seconds(odd: Make, step: str) -> None:
    events = fcs.read(odd(words={"$P2N": "Time", "$TIMESTEP": step or " "}).source())
    assert events.time_s is None


def test_large_integers_are_scaled_in_double_precision(odd: Make) -> None:
    made = odd(rows=[((1 << 31) + 1, 1)], kind="I", bits="32", ranges=(1 << 32, 1 << 32))
    assert fcs.read(made.source()).values[0, 0] == (1 << 31) + 1
    made = odd(rows=[(16777215, 1)], kind="I", bits="32", ranges=(1 << 24, 1 << 24))
    events = fcs.read(made.source())
    assert (events.values.dtype, events.values[0, 0]) == (np.float32, 16777215)
