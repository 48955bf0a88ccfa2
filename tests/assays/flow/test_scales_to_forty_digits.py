"""Scales and compensation beside the standards' formulas in arithmetic of forty digits.

The formulas, the parameters and the values are those of ``benchmarks/gating/forty_digits.py``,
which asks more of them; nothing in it is taken from the program.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from assays.flow.scales import Arcsinh, Hyperlog, Log

AIM = 1e-12


@pytest.fixture(scope="module")
def digits() -> ModuleType:
    where = Path(__file__).parents[3] / "benchmarks" / "gating" / "forty_digits.py"
    spec = importlib.util.spec_from_file_location("forty_digits", where)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["forty_digits"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "kind",
    ["logicle", "hyperlog", "biex", "arcsinh of Gating-ML", "arcsinh, cofactor", "log", "linear"],
)
def test_a_scale_agrees_with_its_standard_both_ways_and_beyond_its_ends(
    kind: str, digits: ModuleType
) -> None:
    found = digits.worst(kind, at_random=12, number=5)
    assert found.cases >= 15
    assert found.shown <= AIM, found
    assert found.beyond <= AIM, found
    assert found.back <= AIM, found
    assert found.odd, found


def test_a_ratio_agrees_both_ways(digits: ModuleType) -> None:
    assert digits.ratios(200) <= AIM


@pytest.mark.parametrize(("channels", "spill"), [(2, 0.3), (6, 0.9), (10, 0.9), (18, 0.5)])
def test_compensated_events_agree_to_a_trillionth_of_the_range(
    channels: int, spill: float, digits: ModuleType
) -> None:
    condition, off = digits.compensation(channels, spill, 30)
    assert condition < 100 and off <= AIM


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
