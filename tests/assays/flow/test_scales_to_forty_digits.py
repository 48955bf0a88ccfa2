"""Scales and compensation beside the standards' formulas in arithmetic of forty digits.

The formulas, the parameters and the values are those of ``benchmarks/gating/forty_digits.py``,
which asks more of them; nothing in it is taken from the program.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.flow.scales import Arcsinh, Biex, Hyperlog, Linear, Log, Logicle, Ratio, Scale
from benchmarks.gating import forty_digits
from benchmarks.gating.exact_compensation import compensation

AIM = 1e-12


@pytest.mark.parametrize(
    "kind",
    ["logicle", "hyperlog", "biex", "arcsinh of Gating-ML", "arcsinh, cofactor", "log", "linear"],
)
def test_a_scale_agrees_with_its_standard_both_ways_and_beyond_its_ends(kind: str) -> None:
    found = forty_digits.worst(kind, at_random=12, number=5)
    assert found.cases >= 15
    assert found.shown <= AIM, found
    assert found.beyond <= AIM, found
    assert found.back <= AIM, found
    assert found.odd, found


def test_a_ratio_agrees_both_ways() -> None:
    assert forty_digits.ratios(200) <= AIM


@pytest.mark.parametrize(("channels", "spill"), [(2, 0.3), (6, 0.9), (10, 0.9), (18, 0.5)])
def test_compensated_events_agree_to_a_trillionth_of_the_range(channels: int, spill: float) -> None:
    condition, off, _ = compensation(channels, spill, 30)
    assert condition < 100 and off <= AIM


def test_two_fluorochromes_that_are_nearly_one_cost_no_digits_but_their_own() -> None:
    condition, off, share = compensation(10, 0.3, 30, apart=0.01)
    assert 100 < condition < 1000 and off <= AIM
    # Ten thousand times as large as the signals are the results here.
    condition, _, share = compensation(10, 0.3, 30, apart=1e-4)
    longer = np.finfo(np.longdouble).eps < 1e-18  # not on every computer
    assert condition > 1e4 and share <= (2e-15 if longer else 1e-11)


def test_a_hyperlog_that_is_nearly_a_straight_line_goes_on_above_its_top() -> None:
    # The first guess of the exponential alone is six axes away there.
    scale = Hyperlog(T=6203.0, W=1.1e-4, M=0.43, A=0.17)
    above = scale.forward([6203.0, 6204.0, 1e4, 1e5, 1e9])
    np.testing.assert_allclose(scale.inverse(above), [6203.0, 6204.0, 1e4, 1e5, 1e9], rtol=1e-13)
    assert above[0] == pytest.approx(1.0, abs=1e-15) and (np.diff(above) > 0).all()


def test_no_finite_value_goes_to_the_end_of_a_scale() -> None:
    scales = (Arcsinh(T=262144.0, M=99.0), Arcsinh(1e-200), Log(T=1e-20, M=1.0))
    for scale in scales:
        places = scale.forward([1e290, 1e300, 1.7e308])
        assert np.isfinite(places).all() and (np.diff(places) > 0).all()
    assert float(scales[1].forward(-1e300)) == -float(scales[1].forward(1e300))


ODD = [math.nan, math.inf, -math.inf, -0.0, 0.0, 1.79e308, -1.79e308, 5e-324, 1e300, 3.4e38]


@pytest.mark.parametrize(
    "scale",
    [Linear(), Linear(T=1e-3), Log(), Log(T=1e190, M=1.0), Arcsinh(), Arcsinh(1e-300), Logicle(),
     Logicle(T=1e5, W=0.5, M=40.0), Hyperlog(), Hyperlog(T=1e-3, W=1e-9), Biex(),
     Biex(top=1023.0, pos=2.0, neg=-1.0, width=-5000.0)],
    ids=lambda scale: scale.words,
)  # fmt: skip
def test_odd_values_are_placed_alike_one_by_one_and_among_thousands(scale: Scale) -> None:
    for way in (scale.forward, scale.inverse):
        alone = [float(way(value)) for value in ODD]
        np.testing.assert_array_equal(way(np.resize(ODD, 20_000))[: len(ODD)], alone)
        assert math.isnan(alone[0]) and not np.isnan(alone[1:]).any()


def test_a_ratio_of_odd_values_is_a_number_infinite_or_none() -> None:
    upper, lower = np.meshgrid(ODD, ODD)
    ratio = Ratio(A=2.0, B=1.0, C=-1.0)
    for found in (ratio.forward(upper, lower), ratio.inverse(upper, lower)):
        assert found.shape == upper.shape
        assert np.isnan(found[:, 0]).all() and np.isnan(found[0]).all()
