"""From tubes to readings: events are made here, so that every number is known."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError, GatingError
from assays.flow.events import Channel, Events, Spillover
from assays.flow.run import process_flow
from assays.protocol import Flow
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole

NAMES = ("FSC-A", "SSC-A", "FITC-A", "PE-A", "APC-A", "Time")
MARKERS = (None, None, "CD19", "pSTAT3", "CD3", None)
CHANNELS = tuple(
    Channel(name, marker, 262144.0) for name, marker in zip(NAMES, MARKERS, strict=True)
)
SPILL = Spillover(("FITC-A", "PE-A"), np.array([[1.0, 0.2], [0.01, 1.0]]), "$SPILLOVER")
IL6 = Agent("IL-6", 10.0, "ng/mL")


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def events(name: str, *, signal: float, n: int = 2000, spill: Spillover | None = SPILL) -> Events:
    """Half B cells (CD19 near 5000), half T cells (CD3 near 5000); pSTAT3 near `signal`."""
    rng = random(name)
    values = np.empty((n, 6))
    values[:, 0] = rng.normal(100_000, 10_000, n)
    values[:, 1] = rng.normal(40_000, 5_000, n)
    is_b = np.arange(n) % 2 == 0
    values[:, 2] = np.where(is_b, rng.normal(5000, 500, n), rng.normal(0, 100, n))
    values[:, 3] = np.where(is_b, rng.normal(signal, 60, n), rng.normal(50, 60, n))
    values[:, 4] = np.where(is_b, rng.normal(0, 100, n), rng.normal(5000, 500, n))
    values[:, 5] = np.arange(n)
    if spill is not None:
        values[:, 2:4] = values[:, 2:4] @ spill.matrix
    return Events(values.astype(np.float32), CHANNELS, spill, name=name)


def tube(file: str, role: str, donor: str = "CLL1", **more: Any) -> Tube:
    stimulus = IL6 if role in ("stimulated", "treated") else None
    return Tube(file, donor, TubeRole(role), stimulus, **more)


def protocol(**more: Any) -> Flow:
    rows = [
        {
            "population": "cells",
            "method": "rectangle",
            "channels": ("FSC-A", "SSC-A"),
            "params": {"low": [50_000, 10_000], "high": [200_000, 100_000]},
        },
        {
            "population": "B cells",
            "parent": "cells",
            "method": "quadrant",
            "channels": ("CD19", "CD3"),
            "params": {"x": 1000.0, "y": 1000.0, "quadrant": "+-"},
        },
    ]
    settings: dict[str, Any] = {
        "compensation": "file",
        "gates": tuple(rows),
        "readouts": ({"name": "pSTAT3", "channel": "pSTAT3", "population": "B cells"},),
    }
    return Flow.model_validate(settings | more)


SHEET = (
    tube("s.fcs", "stimulated"),
    tube("u1.fcs", "unstimulated", replicate=1),
    tube("u2.fcs", "unstimulated", replicate=2),
    tube("t.fcs", "treated", inhibitors=(Agent("ruxolitinib", 100.0, "nmol/L"),)),
    tube("fmo.fcs", "fmo"),
)
SIGNAL = {"s.fcs": 1000.0, "u1.fcs": 100.0, "u2.fcs": 100.0, "t.fcs": 400.0}


def opener(**changes: Events) -> Callable[[Tube], Events]:
    def open_events(tube: Tube) -> Events:
        if tube.file in changes:
            return changes[tube.file]
        return events(tube.file, signal=SIGNAL[tube.file])

    return open_events


@pytest.fixture(scope="module")
def run() -> FlowRun:
    return process_flow(SHEET, opener(), protocol())


def reading(run: FlowRun, file: str) -> Any:
    return next(row for row in run.readings if row.file == file)


def test_every_sample_tube_is_read_in_the_order_of_the_sheet_and_controls_are_told(
    run: FlowRun,
) -> None:
    assert [row.file for row in run.readings] == ["s.fcs", "u1.fcs", "u2.fcs", "t.fcs"]
    assert [row.file for row in run.populations][::2] == ["s.fcs", "u1.fcs", "u2.fcs", "t.fcs"]
    assert any(f.rule == "not-a-sample" and f.where == "fmo.fcs" for f in run.findings)


def test_a_median_is_of_compensated_events_of_the_gated_population(run: FlowRun) -> None:
    # Spillover of CD19 (20 % of 5000) would put the unstimulated median near 1100.
    assert reading(run, "u1.fcs").median == pytest.approx(100, abs=10)
    assert reading(run, "s.fcs").median == pytest.approx(1000, abs=10)
    assert reading(run, "s.fcs").count == pytest.approx(1000, abs=5)
    assert reading(run, "s.fcs").median_se == pytest.approx(1.2533 * 60 / math.sqrt(1000), rel=0.5)


def test_delta_asinh_is_held_against_the_mean_of_the_donors_unstimulated_tubes(
    run: FlowRun,
) -> None:
    base = [math.asinh(reading(run, file).median / 150) for file in ("u1.fcs", "u2.fcs")]
    stimulated = reading(run, "s.fcs")
    expected = math.asinh(stimulated.median / 150) - sum(base) / 2
    # The middle two of an even number of events are averaged after asinh, not before.
    assert stimulated.delta_asinh == pytest.approx(expected, abs=1e-4)
    assert stimulated.control == "u1.fcs + u2.fcs"
    assert reading(run, "u1.fcs").delta_asinh + reading(run, "u2.fcs").delta_asinh == (
        pytest.approx(0, abs=1e-12)
    )


def test_percent_positive_counts_what_is_strictly_above_the_pooled_99th_percentile(
    run: FlowRun,
) -> None:
    percents = [reading(run, file).percent_positive for file in ("u1.fcs", "u2.fcs")]
    assert sum(percents) / 2 == pytest.approx(1.0, abs=0.1)
    assert reading(run, "s.fcs").percent_positive > 99
    assert reading(run, "s.fcs").threshold == reading(run, "u1.fcs").threshold


def test_inhibition_leaves_the_journey_too(run: FlowRun) -> None:
    assert [row.inhibitor for row in run.inhibition] == ["ruxolitinib"]
    assert run.inhibition[0].percent == pytest.approx(100 * (1000 - 400) / 900, abs=2)


def test_pictures_hold_every_event_of_the_parent_and_share_their_axes(run: FlowRun) -> None:
    first = [picture for picture in run.gates if picture.population == "cells"]
    assert len(first) == 4
    assert all(picture.counts.sum() == 2000 for picture in first)
    assert len({picture.x.edges.tobytes() for picture in first}) == 1
    assert max(first[0].counts.shape) <= 128
    assert len({id(picture.outlines) for picture in first}) == 1
    for histogram in run.histograms:
        assert histogram.counts.sum() == reading(run, histogram.file).count
        assert histogram.axis.edges[0] < histogram.median < histogram.axis.edges[-1]


def test_a_tube_reads_the_same_whatever_else_is_in_the_run(run: FlowRun) -> None:
    alone = process_flow(SHEET[:3], opener(), protocol())
    assert reading(alone, "s.fcs") == reading(run, "s.fcs")


def test_a_treated_tube_does_not_move_the_threshold(run: FlowRun) -> None:
    bright = events("t.fcs", signal=50_000.0)
    moved = process_flow(SHEET, opener(**{"t.fcs": bright}), protocol())
    assert reading(moved, "s.fcs") == reading(run, "s.fcs")


def test_a_tube_is_read_again_when_memory_does_not_keep_it(
    run: FlowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assays.flow.shelf.BUDGET_BYTES", 0)
    again = process_flow(SHEET, opener(), protocol())
    assert again.readings == run.readings
    assert again.findings == run.findings
    assert again.total_events == run.total_events == 8000


def test_few_events_give_no_number_and_are_told() -> None:
    few = events("s.fcs", signal=1000.0, n=150)
    run = process_flow(SHEET, opener(**{"s.fcs": few}), protocol())
    row = reading(run, "s.fcs")
    assert row.status == "few events"
    assert math.isnan(row.median) and math.isnan(row.delta_asinh)
    assert row.count == pytest.approx(75, abs=2)
    told = [f for f in run.findings if f.rule == "few-events" and f.where == "s.fcs"]
    assert [f.limit for f in told] == [100]


def test_a_raised_floor_takes_no_number_in_silence() -> None:
    run = process_flow(SHEET, opener(), protocol().model_copy(update={"min_events": 2000}))
    assert reading(run, "s.fcs").status == "few events"
    (told,) = [f for f in run.findings if f.rule == "few-events" and f.where == "s.fcs"]
    assert "fewer than the 2,000 that a number needs" in told.message


def test_one_event_in_the_gate_is_told_as_one() -> None:
    single = events("s.fcs", signal=1000.0, n=2)
    run = process_flow(SHEET, opener(**{"s.fcs": single}), protocol())
    assert reading(run, "s.fcs").count == 1
    (told,) = [f for f in run.findings if f.rule == "few-events" and f.where == "s.fcs"]
    assert "has 1 event, fewer than the 100" in told.message


def test_an_empty_tube_is_told_and_the_run_goes_on() -> None:
    empty = events("s.fcs", signal=1000.0, n=0)
    run = process_flow(SHEET, opener(**{"s.fcs": empty}), protocol())
    assert reading(run, "s.fcs").status == "no events"
    assert {"no-events"} <= {f.rule for f in run.findings if f.where == "s.fcs"}
    assert "population-empty" not in {f.rule for f in run.findings}
    assert reading(run, "t.fcs").status == "ok"


def test_a_donor_without_an_unstimulated_tube_keeps_the_median_and_loses_the_rest() -> None:
    run = process_flow(SHEET[:1], opener(), protocol())
    row = reading(run, "s.fcs")
    assert (row.status, row.control) == ("no control", "")
    assert row.median == pytest.approx(1000, abs=10)
    assert math.isnan(row.delta_asinh) and math.isnan(row.percent_positive)
    assert math.isnan(run.histograms[0].threshold)
    (told,) = [f for f in run.findings if f.rule == "control-missing"]
    assert "No unstimulated tube in donor" in told.message


def test_unstimulated_tubes_are_matched_by_vehicle() -> None:
    sheet = (
        tube("u1.fcs", "unstimulated", vehicle="DMSO"),
        tube("u2.fcs", "unstimulated", vehicle="IgG1 isotype"),
        tube("s.fcs", "stimulated", vehicle="IgG1 isotype"),
        tube("t.fcs", "treated", vehicle="DMSO + IgG1 isotype"),
    )
    run = process_flow(sheet, opener(), protocol())
    assert reading(run, "s.fcs").control == "u2.fcs"
    assert reading(run, "u1.fcs").control == "u1.fcs"
    assert reading(run, "t.fcs").control == "u1.fcs + u2.fcs"
    assert [f.where for f in run.findings if f.rule == "vehicle-unmatched"] == ["CLL1"]


def test_tubes_without_a_vehicle_are_told_in_a_sentence() -> None:
    sheet = (
        tube("u1.fcs", "unstimulated", vehicle="DMSO"),
        tube("s.fcs", "stimulated", vehicle="DMSO"),
        tube("t.fcs", "treated"),
    )
    run = process_flow(sheet, opener(), protocol())
    (told,) = [f.message for f in run.findings if f.rule == "vehicle-unmatched"]
    assert told == (
        "1 tube of donor CLL1 has no vehicle in the sample sheet, and every unstimulated tube has "
        "one; it is held against unstimulated with DMSO."
    )


def test_unstimulated_replicates_that_disagree_are_told() -> None:
    other = events("u2.fcs", signal=2600.0)
    run = process_flow(SHEET, opener(**{"u2.fcs": other}), protocol())
    (told,) = [f.message for f in run.findings if f.rule == "unstimulated-disagree"]
    # As numbers are written elsewhere, without an exponent.
    assert re.search(r"and 2[56]\d0 in u2\.fcs", told)


def test_an_override_moves_a_gate_in_one_file_and_says_who_and_why() -> None:
    moved = {
        "file": "s.fcs",
        "population": "B cells",
        "params": {"x": 5000.0, "y": 1000.0, "quadrant": "+-"},
        "who": "AB",
        "when": "2024-03-01",
        "why": "dim CD19 stain",
    }
    run = process_flow(SHEET, opener(), protocol(overrides=(moved,)))
    rows = {r.file: r for r in run.populations if r.population == "B cells"}
    assert rows["s.fcs"].count < 600 < 900 < rows["t.fcs"].count
    assert "AB" in rows["s.fcs"].note and "dim CD19" in rows["s.fcs"].note
    assert rows["t.fcs"].note == ""
    outlines = {p.file: p.outlines[0] for p in run.gates if p.population == "B cells"}
    assert not np.array_equal(outlines["s.fcs"], outlines["t.fcs"])


def test_progress_counts_to_its_end() -> None:
    steps: list[tuple[int, int, str]] = []
    process_flow(SHEET, opener(), protocol(), progress=lambda *step: steps.append(step))
    assert [step[0] for step in steps] == list(range(1, 9))
    assert {step[1] for step in steps} == {8}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"readouts": ({"name": "p", "channel": "pSTAT", "population": "B cells"},)},
         ControlError, "pSTAT3"),
        ({"readouts": ({"name": "p", "channel": "pSTAT3", "population": "B cell"},)},
         GatingError, "'B cells'"),
        ({"scales": {"CD91": {"method": "linear"}}}, GatingError, "'CD19'"),
        ({"compensation": "panel.csv"}, ControlError, "panel.csv"),
        ({"compensation": " "}, ControlError, "not chosen"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        process_flow(SHEET, opener(), protocol(**change))


def test_a_file_without_a_matrix_is_refused_when_the_matrix_is_to_come_from_the_file() -> None:
    bare = events("s.fcs", signal=1000.0, spill=None)
    with pytest.raises(ControlError, match=r"s\.fcs") as caught:
        process_flow(SHEET, opener(**{"s.fcs": bare}), protocol())
    assert "none" in caught.value.hint


def test_no_sample_or_a_file_named_twice_is_refused() -> None:
    with pytest.raises(ControlError, match="no tube"):
        process_flow(SHEET[4:], opener(), protocol())
    with pytest.raises(ControlError, match="twice"):
        process_flow(SHEET[:1] * 2, opener(), protocol())


def test_one_matrix_for_all_is_kept_and_different_ones_are_told(run: FlowRun) -> None:
    assert run.spillover is not None
    np.testing.assert_array_equal(run.spillover, SPILL.matrix)
    assert run.spillover_channels == ("FITC-A", "PE-A")
    other = Spillover(SPILL.channels, np.array([[1.0, 0.3], [0.0, 1.0]]))
    mixed = process_flow(
        SHEET, opener(**{"t.fcs": events("t.fcs", signal=400.0, spill=other)}), protocol()
    )
    assert mixed.spillover is None
    assert "spillover-differs" in {f.rule for f in mixed.findings}


def test_an_identity_matrix_is_told_once_for_the_run() -> None:
    same = Spillover(SPILL.channels, np.eye(2))

    def open_events(tube: Tube) -> Events:
        return events(tube.file, signal=SIGNAL[tube.file], spill=same)

    run = process_flow(SHEET, open_events, protocol())
    assert [f.where for f in run.findings if f.rule == "identity-spillover"] == [
        "4 files, s.fcs to t.fcs"
    ]


def test_a_gate_on_an_estimated_scale_is_told() -> None:
    gates = (
        {
            "population": "B cells",
            "method": "interval",
            "channels": ("CD19",),
            "params": {"low": 0.5},
            "on": "scale",
        },
    )
    run = process_flow(SHEET, opener(), protocol(gates=gates))
    assert "gate-on-estimated-scale" in {f.rule for f in run.findings}
    fixed = {"CD19": {"method": "logicle", "t": 262144.0, "w": 0.6}}
    run = process_flow(SHEET, opener(), protocol(gates=gates, scales=fixed))
    assert "gate-on-estimated-scale" not in {f.rule for f in run.findings}


def test_a_polygon_whose_edges_cross_is_told_with_the_rule_that_decides() -> None:
    def gates(*vertices: tuple[float, float]) -> Any:
        corners = [list(corner) for corner in vertices]
        return (
            {
                "population": "B cells",
                "method": "polygon",
                "channels": ("FSC-A", "CD19"),
                "params": {"vertices": corners},
            },
        )

    bow = gates((0.0, 0.0), (3e5, 3e5), (3e5, 0.0), (0.0, 3e5))
    told = process_flow(SHEET, opener(), protocol(gates=bow)).findings
    (crossed,) = [f for f in told if f.rule == "polygon-crosses-itself"]
    assert crossed.where == "B cells" and "even-odd" in crossed.message
    square = gates((0.0, 0.0), (3e5, 0.0), (3e5, 3e5), (0.0, 3e5))
    told = process_flow(SHEET, opener(), protocol(gates=square)).findings
    assert "polygon-crosses-itself" not in {f.rule for f in told}
