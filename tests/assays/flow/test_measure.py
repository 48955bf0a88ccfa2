"""What one tube says, and how sure its median is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assays.flow.axes import Look, is_fluorescence, look_at, make_axes, top_of
from assays.flow.centre import asinh_median, median_standard_error
from assays.flow.events import Channel, Events, Spillover
from assays.flow.gates.shapes import Box, Ellipse, Polygon
from assays.flow.measure import Held, match_controls, read_tube
from assays.flow.pictures import count_bins, outline, picture_axes
from assays.flow.qc.contract import TubeLook, inspect_tube, merged
from assays.flow.strategy import GateStep, check_strategy
from assays.protocol import Flow, Readout, Scale
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

READOUT = Readout(name="pSTAT3", channel="PE-A", population="B cells", cofactor=150.0)
# A copy is not checked again: so few events show by hand what a run would ask a hundred for.
FLOW = Flow.model_validate({"compensation": "none", "gates": (), "readouts": ()}).model_copy(
    update={"min_events": 3, "min_events_warn": 5}
)


def tube(file: str, role: str = "stimulated", donor: str = "D1", vehicle: str = "") -> Tube:
    return Tube(file, donor, TubeRole(role), vehicle=vehicle)


def control(*values: float, file: str = "u.fcs", **more: Any) -> Held:
    return Held(tube(file, "unstimulated", **more), np.array(values))


def test_percent_positive_is_strictly_above_the_interpolated_quantile() -> None:
    ref = control(*range(101))
    row = read_tube(tube("s.fcs"), READOUT, np.array([98.0, 99.0, 99.01, 500.0]), [ref], FLOW)
    assert row.threshold == 99.0
    assert row.percent_positive == 50.0
    assert row.median == pytest.approx(99.005)


FALLING = READOUT.model_copy(update={"name": "IkBa", "activation": "down"})


def test_a_falling_readout_is_positive_strictly_below_the_first_percentile() -> None:
    ref = control(*range(101))
    row = read_tube(tube("s.fcs"), FALLING, np.array([0.99, 1.0, 50.0, 500.0]), [ref], FLOW)
    assert (row.threshold, row.positive_side) == (1.0, "below")
    assert row.percent_positive == 25.0
    assert math.isnan(row.integrated_mfi)
    assert "no integrated MFI: positive events lie below the threshold" in row.remark


def test_a_falling_tube_has_the_shares_that_its_mirror_image_has_when_rising() -> None:
    rng = np.random.default_rng(np.frombuffer(b"mirror", dtype=np.uint8))
    calm, answer = rng.normal(1000.0, 100.0, 501), rng.normal(700.0, 150.0, 400)
    down = read_tube(tube("s"), FALLING, answer, [control(*calm)], FLOW)
    up = read_tube(tube("s"), READOUT, 2000.0 - answer, [control(*(2000.0 - calm))], FLOW)
    assert down.percent_positive == up.percent_positive > 50.0
    assert down.overton_percent == pytest.approx(up.overton_percent)
    assert down.ks_d == pytest.approx(up.ks_d)
    assert down.auroc == pytest.approx(1.0 - up.auroc)
    assert down.threshold == pytest.approx(2000.0 - up.threshold)


@pytest.mark.parametrize("whose", ["fmo", "isotype"])
def test_a_staining_control_tells_stained_from_unstained_whichever_way_a_readout_goes(
    whose: str,
) -> None:
    readout = FALLING.model_copy(update={"threshold": whose})
    unstained = control(*range(101), file="f.fcs")
    values = np.array([50.0, 98.0, 100.0, 500.0])
    row = read_tube(
        tube("s.fcs"), readout, values, [control(300, 400, 500)], FLOW, staining=[unstained]
    )
    assert (row.threshold, row.positive_side, row.percent_positive) == (99.0, "above", 50.0)
    assert row.overton_percent == pytest.approx(75.0), "still held against the unstimulated"


def test_without_a_control_no_side_is_positive() -> None:
    row = read_tube(tube("s.fcs"), FALLING, np.arange(5.0), [], FLOW)
    assert (row.positive_side, row.status) == ("", "no control")
    assert math.isnan(row.percent_positive) and math.isnan(row.overton_percent)


def test_events_without_a_number_are_counted_but_not_read() -> None:
    values = np.array([1.0, math.nan, 2.0, 3.0], dtype=np.float32)
    row = read_tube(tube("s.fcs"), READOUT, values, [], FLOW)
    assert (row.count, row.median, row.status) == (4, 2.0, "no control")
    row = read_tube(tube("s.fcs"), READOUT, values[:3], [control(1, 2, 3)], FLOW)
    assert row.status == "few events"
    assert math.isnan(row.median) and math.isnan(row.percent_positive)
    assert row.threshold == pytest.approx(2.98)


def test_a_control_with_too_few_events_is_no_control() -> None:
    row = read_tube(tube("s.fcs"), READOUT, np.arange(5.0), [control(1, 2)], FLOW)
    assert (row.status, row.control) == ("no control", "")
    both = [control(1, 2), control(4, 5, 6, file="v.fcs")]
    assert read_tube(tube("s.fcs"), READOUT, np.arange(5.0), both, FLOW).control == "v.fcs"


def test_controls_are_of_the_same_donor_and_where_possible_the_same_vehicle() -> None:
    dmso = control(1, file="a", vehicle="DMSO")
    isotype = control(1, file="b", vehicle="IgG1")
    other = control(1, file="c", donor="D2", vehicle="DMSO")
    every = [dmso, isotype, other]
    assert match_controls(tube("s", vehicle="IgG1"), every) == (isotype,)
    assert match_controls(tube("s", vehicle="DMSO"), every) == (dmso,)
    assert match_controls(tube("s"), every) == (dmso, isotype)
    assert match_controls(tube("s", donor="D3"), every) == ()


def test_the_median_of_arcsinh_averages_the_middle_two_after_it() -> None:
    values = np.array([10.0, 1.0, 3.0, 100.0])
    assert asinh_median(values, 5.0) == pytest.approx(np.median(np.arcsinh(values / 5)), rel=1e-14)
    assert asinh_median(values[:3], 5.0) == pytest.approx(math.asinh(3 / 5), rel=1e-14)
    assert math.isnan(asinh_median(values[:0], 5.0))


def test_the_standard_error_of_a_median_is_met_by_repeated_sampling() -> None:
    rng = np.random.default_rng(np.frombuffer(b"median standard error", dtype=np.uint8))
    samples = rng.lognormal(6.0, 0.8, (400, 501))
    told = np.mean([median_standard_error(sample) for sample in samples])
    assert told == pytest.approx(np.median(samples, axis=1).std(ddof=1), rel=0.12)
    assert math.isnan(median_standard_error(np.arange(7.0)))
    assert median_standard_error(np.full(50, 3.0)) == 0.0


@pytest.mark.parametrize(
    ("name", "light"),
    [("FSC-A", False), ("SSC-W", False), ("FS INT LIN", False), ("SS Lin", False),
     ("Time", False), ("TIME2", False), ("Event_length", False), ("Cell_length", False),
     ("Width", False), ("SSC-B-A", False), ("FITC-A", True), ("FL1-H", True), ("V450-A", True),
     ("Nd142Di", True), ("FCS-like", True), ("Timer-A", True), ("BL1-A", True)],
)  # fmt: skip
def test_scatter_and_time_are_told_from_light(name: str, light: bool) -> None:
    assert is_fluorescence(name) is light


def test_the_top_of_a_channel_follows_gain_and_logarithmic_amplification() -> None:
    assert top_of(Channel("FSC-A", None, 1024.0, gain=4.0), {}) == 256.0
    log = Channel("FL1-H", None, 1024.0, amplification=(4.0, 1.0))
    assert top_of(log, {"$DATATYPE": "I"}) == 10_000.0
    assert top_of(log, {"$DATATYPE": "F"}) == 1024.0
    assert math.isnan(top_of(Channel("FL1-H", None, math.nan), {}))


def events(*columns: Any, names: tuple[str, ...] = ("FSC-A", "PE-A"), top: float = 1e5) -> Events:
    values = np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)
    return Events(values, tuple(Channel(name, None, top) for name in names), name="a.fcs")


def looked(data: Events) -> dict[str, Look]:
    looks: dict[str, Look] = {}
    look_at(data, [channel.name for channel in data.channels], looks)
    return looks


def test_scatter_is_linear_and_light_logicle_unless_declared() -> None:
    rng = np.random.default_rng(np.frombuffer(b"axes", dtype=np.uint8))
    data = events(rng.normal(5e4, 1e4, 5000), rng.normal(100, 200, 5000))
    axes = make_axes(looked(data), {})
    assert axes["FSC-A"].scale.words == "linear"
    assert axes["PE-A"].scale.words.startswith("logicle (T 100000, W ")
    assert axes["PE-A"].estimated and axes["PE-A"].low < 0
    chosen = make_axes(looked(data), {"default": Scale(method="arcsinh", cofactor=5.0)})
    assert chosen["FSC-A"].scale.words == "linear"
    assert chosen["PE-A"].scale.words == "arcsinh (cofactor 5)"
    assert not chosen["PE-A"].estimated


@pytest.mark.parametrize("column", [[], [math.nan] * 5, [0.0] * 5, [7.0], [-3.0, -2.0], [math.inf]])
def test_axes_stand_whatever_a_channel_holds(column: list[float]) -> None:
    data = events(column, column)
    for method in ("linear", "log", "arcsinh", "logicle"):
        choices = {"FSC-A": Scale(method=method), "PE-A": Scale(method=method)}  # type: ignore[arg-type]
        axes = make_axes(looked(data), choices)
        drawn = picture_axes(axes, check_strategy([]), 1)
        for axis in drawn.values():
            assert (np.diff(axis.axis.edges) > 0).all()
            assert np.isfinite(axis.axis.edges).all()
            counts = count_bins(axis, None, data.values[:, :1])
            assert counts.sum() == np.count_nonzero(~np.isnan(data.values[:, 0]))


def test_events_beyond_the_axis_stay_in_its_outermost_bins() -> None:
    data = events(np.linspace(0, 100, 1001), np.linspace(0, 100, 1001))
    axis = picture_axes(make_axes(looked(data), {}), check_strategy([]), 1)["FSC-A"]
    counts = count_bins(axis, axis, np.array([[-1e9, 50.0], [1e9, -np.inf], [np.nan, 3.0]]))
    assert counts.sum() == 2
    assert counts[0].sum() == 1 and counts[-1, 0] == 1


def test_outlines_are_closed_and_lie_on_the_axis() -> None:
    rng = np.random.default_rng(np.frombuffer(b"outlines", dtype=np.uint8))
    data = events(rng.normal(500, 900, 4000), rng.normal(500, 900, 4000), names=("PE-A", "APC-A"))
    drawn = picture_axes(make_axes(looked(data), {}), check_strategy([]), 1)
    axes = [drawn["PE-A"], drawn["APC-A"]]
    square = np.array([[-500.0, -500], [2000, -500], [2000, 2000], [-500, 2000]])
    for shape in (
        Polygon(square),
        Ellipse(np.array([500.0, 500]), np.diag([250_000.0, 90_000]), 1.0),
        Box((100.0, -math.inf), (math.inf, 300.0)),
    ):
        for on_scale in (False, True):
            step = GateStep("p", "root", "m", ("PE-A", "APC-A"), shape, on_scale)
            (line,) = outline(step, axes)
            np.testing.assert_allclose(line[0], line[-1], atol=1e-12)
            assert np.isfinite(line).all()
    (cuts,) = outline(GateStep("p", "root", "m", ("PE-A",), Box((100.0,), (math.inf,))), axes[:1])
    np.testing.assert_allclose(cuts, [[float(axes[0].scale.forward(100.0))]])


def test_a_straight_edge_in_original_units_is_drawn_bent_on_a_logicle_axis() -> None:
    rng = np.random.default_rng(np.frombuffer(b"bent", dtype=np.uint8))
    data = events(rng.normal(500, 900, 4000), rng.normal(500, 900, 4000), names=("PE-A", "APC-A"))
    drawn = picture_axes(make_axes(looked(data), {}), check_strategy([]), 1)
    triangle = Polygon(np.array([[0.0, 0], [2000, 0], [2000, 1000]]))
    step = GateStep("p", "root", "polygon", ("PE-A", "APC-A"), triangle)
    (line,) = outline(step, [drawn["PE-A"], drawn["APC-A"]])
    x = drawn["PE-A"].scale.inverse(line[:, 0])
    y = drawn["APC-A"].scale.inverse(line[:, 1])
    slanted = (x < 1999.9) & (y > 0.1)
    np.testing.assert_allclose(y[slanted], x[slanted] / 2, rtol=1e-6)
    assert slanted.sum() > 40


def test_corners_beyond_the_picture_keep_their_place_so_that_slants_stay_straight() -> None:
    rng = np.random.default_rng(np.frombuffer(b"beyond", dtype=np.uint8))
    data = events(rng.normal(500, 900, 4000), rng.normal(500, 900, 4000), names=("PE-A", "APC-A"))
    drawn = picture_axes(make_axes(looked(data), {}), check_strategy([]), 1)
    corners = np.array([[0.0, 0], [9.0, 3], [9.0, 5], [0.0, 2]])
    step = GateStep("p", "root", "polygon", ("PE-A", "APC-A"), Polygon(corners), True)
    (line,) = outline(step, [drawn["PE-A"], drawn["APC-A"]])
    np.testing.assert_array_equal(line[:4], corners)


def look(data: Events) -> TubeLook:
    return TubeLook(tube("a.fcs"), data, ("FSC-A", "PE-A"), FLOW)


def test_events_piled_up_at_the_top_of_a_channel_are_told() -> None:
    values = np.linspace(0, 90_000, 1000)
    piled = np.where(np.arange(1000) < 150, 1e5, values)
    (finding,) = inspect_tube(look(events(values, piled)))
    assert (finding.rule, finding.observed, finding.limit) == ("margin", 15.0, 10.0)
    assert "PE-A" in finding.message
    assert inspect_tube(look(events(values, values))) == []


def test_a_matrix_left_unused_asks_for_a_look_unless_a_reason_is_declared() -> None:
    values = np.linspace(0, 90_000, 1000)
    matrix = Spillover(("FSC-A", "PE-A"), np.array([[1.0, 0.2], [0.0, 1.0]]), "$SPILLOVER")
    held = replace(events(values, values), spillover=matrix)
    (asked,) = inspect_tube(look(held))
    assert (asked.rule, asked.severity) == ("spillover-unused", Severity.LOOK)
    assert "uncompensated_because" in asked.message
    why = "compensated before export"
    told = replace(look(held), protocol=FLOW.model_copy(update={"uncompensated_because": why}))
    (noted,) = inspect_tube(told)
    assert noted.severity == Severity.NOTE
    assert noted.message.endswith(f"leaves it unused: {why}.")


def test_what_many_tubes_share_is_said_once() -> None:
    alike = [Finding("rule", Severity.NOTE, f"{n}.fcs", "Same.") for n in range(5)]
    other = Finding("rule", Severity.NOTE, "9.fcs", "Another.")
    assert [f.where for f in merged([*alike, other])] == ["5 files, 0.fcs to 4.fcs", "9.fcs"]
    assert merged(alike[:3]) == alike[:3]
