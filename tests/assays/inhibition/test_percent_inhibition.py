"""Percent inhibition and what a pair of inhibitors should do."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import assays.inhibition as room
from assays.inhibition import bliss, hsa, interval, percent, percent_inhibition
from assays.inhibition.pairs import combination
from assays.inhibition.percent import percent_inhibition_own_floor

signals = st.floats(-1e4, 1e6, allow_nan=False)


@pytest.mark.parametrize("module", [percent, combination, interval])
def test_the_examples_in_the_docstrings_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_the_anchors_are_0_and_100_percent() -> None:
    assert percent_inhibition(np.array([10.0, 2.5]), 10.0, 2.5).tolist() == [0.0, 100.0]


def test_nothing_is_clipped() -> None:
    found = percent_inhibition(np.array([12.0, 1.0]), 10.0, 2.0)
    assert found.tolist() == [-25.0, 112.5]


def test_a_signal_that_falls_on_activation_reads_the_same() -> None:
    # Total IκBα: 100 at rest, 20 after stimulation; a drug keeps it at 80.
    assert float(percent_inhibition(80.0, 20.0, 100.0)) == 75.0


@pytest.mark.parametrize(
    ("treated", "stimulated", "unstimulated"),
    [(5.0, 3.0, 3.0), (np.nan, 9.0, 1.0), (5.0, np.inf, 1.0), (5.0, 9.0, np.nan)],
)
def test_without_a_window_there_is_no_number(
    treated: float, stimulated: float, unstimulated: float
) -> None:
    assert np.isnan(percent_inhibition(np.array([treated]), stimulated, unstimulated)).all()


@given(signals, signals, signals, st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_the_unit_of_the_readout_does_not_matter(
    treated: float, stimulated: float, unstimulated: float, factor: float, offset: float
) -> None:
    assume(abs(stimulated - unstimulated) > 1e-3)
    plain = percent_inhibition(treated, stimulated, unstimulated)
    other = percent_inhibition(
        *(factor * value + offset for value in (treated, stimulated, unstimulated))
    )
    assert float(other) == pytest.approx(float(plain), rel=1e-4, abs=1e-2)


def test_from_its_own_floor_a_drug_that_lowers_the_tonic_signal_blocks_less() -> None:
    # Tonic 1000 falls to 800 by the drug alone; of the gain of 1000, half is left.
    i, b, s, u = 1300.0, 800.0, 2000.0, 1000.0
    assert float(percent_inhibition(i, s, u)) == 70.0
    assert float(percent_inhibition_own_floor(i, b, s, u)) == 50.0


def test_bliss_is_what_the_second_leaves_of_the_first() -> None:
    a, b = np.array([0.0, 0.5, 1.0, -0.1]), np.array([0.3, 0.4, 0.2, 0.5])
    assert bliss(a, b) == pytest.approx(1 - (1 - a) * (1 - b))
    assert np.array_equal(bliss(a, b), bliss(b, a))


def test_hsa_is_the_better_one_and_unknown_when_one_is_unknown() -> None:
    assert hsa([0.2, 0.7], [0.5, 0.1]).tolist() == [0.5, 0.7]
    assert np.isnan(hsa([np.nan], [0.5])).all()
    assert np.isnan(bliss([np.nan], [0.5])).all()


def test_the_front_door_names_what_it_holds() -> None:
    assert dir(room) == ["bliss", "fit_dose_response", "hsa", "loewe", "percent_inhibition"]
    with pytest.raises(AttributeError, match="synergy"):
        _ = room.synergy
