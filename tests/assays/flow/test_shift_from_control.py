"""Distances between whole distributions, and numbers that are refused where they mean nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from assays.flow.centre import integrated_mfi, means
from assays.flow.measure import Held, read_tube
from assays.flow.shift import compare
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole

READOUT = Readout(name="pSTAT3", channel="PE-A", population="CLL", cofactor=150.0)
# A copy is not checked again: so few events show by hand what a run would ask a hundred for.
FLOW = Flow.model_validate({"compensation": "none", "gates": (), "readouts": ()}).model_copy(
    update={"min_events": 3}
)


def read(values: list[float], *controls: list[float]) -> Reading:
    held = [
        Held(Tube(f"u{n}.fcs", "D1", TubeRole.UNSTIMULATED), np.array(control))
        for n, control in enumerate(controls)
    ]
    tube = Tube("s.fcs", "D1", TubeRole.STIMULATED)
    return read_tube(tube, READOUT, np.array(values), held, FLOW)


@pytest.mark.parametrize("step", [0.0, 40.0, -25.0])
def test_ks_and_auroc_are_those_of_scipy_with_ties(step: float) -> None:
    rng = np.random.default_rng(np.frombuffer(b"shift from control", dtype=np.uint8))
    mine = np.round(rng.normal(100 + step, 60, 700))
    theirs = np.round(rng.normal(100, 50, 450))
    shift = compare(mine, theirs)
    assert shift.ks_d == pytest.approx(
        stats.ks_2samp(mine, theirs, method="asymp").statistic, rel=1e-12
    )
    u = stats.mannwhitneyu(mine, theirs).statistic
    assert shift.auroc == pytest.approx(u / (700 * 450), rel=1e-12)
    higher = stats.ks_2samp(mine, theirs, alternative="less", method="asymp").statistic
    assert shift.overton_percent == pytest.approx(100 * higher, abs=1e-9)


def test_a_population_that_fell_has_a_distance_but_no_overton_percentage() -> None:
    shift = compare(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert (shift.ks_d, shift.auroc, shift.overton_percent) == (1.0, 0.0, 0.0)


def test_equal_events_show_no_shift_and_no_events_no_number() -> None:
    same = compare(np.full(5, 7.0), np.full(3, 7.0))
    assert (same.ks_d, same.auroc, same.overton_percent) == (0.0, 0.5, 0.0)
    assert math.isnan(compare(np.array([]), np.array([1.0])).auroc)


def test_ranks_do_not_depend_on_the_scale() -> None:
    rng = np.random.default_rng(np.frombuffer(b"any scale", dtype=np.uint8))
    mine, theirs = rng.normal(50, 200, 900), rng.normal(0, 200, 800)
    assert compare(mine, theirs) == compare(np.arcsinh(mine / 5), np.arcsinh(theirs / 5))


def test_the_geometric_mean_is_undefined_where_an_event_is_not_above_zero() -> None:
    row = read([10.0, 1000.0, 100.0], [1.0, 1.0, 1.0])
    assert row.geometric_mean == pytest.approx(100.0)
    assert row.remark == ""
    row = read([10.0, 0.0, -4.0, 100.0], [1.0, 1.0, 1.0])
    assert math.isnan(row.geometric_mean)
    expected = 150 * math.sinh(np.mean(np.arcsinh(np.array([10, 0, -4, 100]) / 150)))
    assert row.arcsinh_mean == pytest.approx(expected)
    assert "2 of 4 events are not above zero" in row.remark


def test_both_means_agree_for_bright_events() -> None:
    geometric, arcsinh = means(np.array([2e4, 5e4, 9e4]), 150.0)
    assert geometric == pytest.approx((2e4 * 5e4 * 9e4) ** (1 / 3))
    assert geometric == pytest.approx(arcsinh, rel=1e-4)


def test_a_fold_over_nothing_is_refused_and_the_difference_stays() -> None:
    row = read([200.0, 300.0, 400.0], [100.0, 100.0, 100.0], [50.0, 50.0, 50.0])
    assert (row.delta_median, row.fold) == (225.0, 4.0)
    row = read([200.0, 300.0, 400.0], [-3.2, -3.2, 5.0])
    assert math.isnan(row.fold)
    assert row.delta_median == pytest.approx(303.2)
    assert "no fold: the unstimulated median is -3.2, not above zero" in row.remark


def test_the_integrated_mfi_is_percent_positive_times_their_median() -> None:
    assert integrated_mfi(np.array([1.0, 2.0, 30.0, 50.0]), 10.0) == 50.0 * 40.0
    assert integrated_mfi(np.array([1.0, 2.0]), 10.0) == 0.0
    assert math.isnan(integrated_mfi(np.array([-1.0, -9.0]), -5.0))


def test_a_tube_without_control_or_cells_has_none_of_them() -> None:
    for row in (read([1.0, 2.0, 3.0]), read([1.0, 2.0], [1.0, 2.0, 3.0])):
        numbers = (row.delta_median, row.fold, row.integrated_mfi, row.ks_d, row.auroc)
        assert all(math.isnan(number) for number in numbers)
    assert read([1.0, 2.0, 3.0]).geometric_mean == pytest.approx(6 ** (1 / 3))
    assert math.isnan(read([1.0, 2.0], [1.0, 2.0, 3.0]).geometric_mean)
