"""Rate and drift: accidents are told, steady files are left alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from assays.flow import fcs
from assays.flow.events import Channel, Events
from assays.flow.gates.automatic import Found, NoGate, Pool, Sought
from assays.flow.gates.contract import methods
from assays.flow.qc.contract import TubeLook, inspect_tube
from assays.flow.rate import FlowRate, rate_of
from assays.flow.scales import Linear
from assays.protocol import Flow
from assays.samples import Tube, TubeRole
from plates.findings import Finding

PROTOCOL = Flow(compensation="none", gates=(), readouts=())
BEST = {"syn_clog": 0.9628, "syn_bursts": 0.9219}
"""Best balanced accuracy of PeacoQC, peacoqc-rs, flowAI and flowClean on each file."""


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def findings(events: Events, channels: tuple[str, ...]) -> list[Finding]:
    tube = Tube("a.fcs", "D", TubeRole.UNSTIMULATED)
    return inspect_tube(TubeLook(tube, events, channels, PROTOCOL))


def recorded(time: np.ndarray, signal: np.ndarray, step: float | None = 0.01) -> Events:
    channels = (Channel("PE-A", None, 262144.0), Channel("Time", None, 262144.0, time=True))
    return Events(np.stack([signal, time], axis=1), channels, time_step_s=step, name="a.fcs")


def steady(name: str, n: int = 20_000, ticks: float = 6000) -> np.ndarray:
    return np.sort(random(name).random(n) * ticks)


@pytest.mark.parametrize("n", [1500, 5000, 50_000])
def test_steady_files_are_left_alone(n: int) -> None:
    for run in range(20):
        rate = rate_of(steady(f"steady {n} {run}", n), 0.01)
        assert isinstance(rate, FlowRate)
        assert rate.share_out == 0


@pytest.mark.parametrize(("n", "ticks"), [(500, 2000), (1500, 2000), (1500, 6000), (20_000, 6000)])
def test_chance_alone_is_rarely_an_accident(n: int, ticks: float) -> None:
    draws = random(f"chance {n} {ticks}")
    told = 0
    for _ in range(300):
        rate = rate_of(np.sort(draws.random(n) * ticks), 0.01)
        assert isinstance(rate, FlowRate)
        told += bool(rate.out.any())
    assert told <= 2


def test_a_clog_is_found_where_it_was() -> None:
    time = steady("clog")
    time = time[(time < 2000) | (time > 2300) | (random("kept").random(len(time)) < 0.2)]
    rate = rate_of(time, 0.01)
    assert isinstance(rate, FlowRate)
    ((start, end),) = rate.spans()
    assert start == pytest.approx(2000, abs=62) and end == pytest.approx(2300, abs=62)


def test_a_gap_without_any_event_is_told() -> None:
    time = steady("gap")
    time = time[(time < 2000) | (time > 2600)]
    events = recorded(time, random("s").normal(100, 10, len(time)))
    told = [f for f in findings(events, ("PE-A",)) if f.rule == "flow-rate"]
    assert len(told) == 1 and "no event came" in told[0].message and "s of the run" in (
        told[0].message
    )  # fmt: skip


def test_time_that_runs_backwards_is_told() -> None:
    time = steady("twice")
    events = recorded(np.concatenate([time, time]), random("s").normal(100, 10, 40_000))
    told = [f for f in findings(events, ("PE-A",)) if f.rule == "time-backwards"]
    assert [f.observed for f in told] == [1]


def test_no_rate_is_judged_where_time_says_nothing() -> None:
    assert isinstance(rate_of(np.zeros(5000), 0.01), str)
    assert isinstance(rate_of(np.arange(50.0), 0.01), str)
    assert isinstance(rate_of(steady("short", 5000, 300), 0.01), str)
    assert isinstance(rate_of(np.full(5000, np.nan), 0.01), str)
    assert isinstance(rate_of(steady("no step"), None), FlowRate)
    flat = recorded(np.zeros(5000), random("s").normal(100, 10, 5000))
    assert not [f for f in findings(flat, ()) if f.rule in ("flow-rate", "time-backwards")]


def test_a_rising_channel_is_told_and_a_steady_one_is_not() -> None:
    signal = random("signal").lognormal(7, 0.5, 20_000)
    rising = signal * np.linspace(1, 1.7, 20_000)
    time = steady("t")
    assert not findings(recorded(time, signal), ("PE-A",))
    told = findings(recorded(time, rising), ("PE-A",))
    assert [f.rule for f in told] == ["signal-drift"] and "rises by 6" in told[0].message
    assert not findings(recorded(time, rising), ("Time",))


def pool(time: np.ndarray) -> Pool:
    return Pool(time[:, None], ("Time",), (Linear(),), (262144.0,), 0.01, ("a.fcs",))


def stable(time: np.ndarray, **params: bool) -> Found | NoGate:
    shape = methods()["stable"].shape(params, 1)
    assert isinstance(shape, Sought)
    return shape.look(pool(time))


def test_the_stable_gate_flags_and_removes_only_on_request() -> None:
    time = steady("stable")
    time = time[(time < 2000) | (time > 2300) | (random("kept").random(len(time)) < 0.2)]
    flagged, removed = stable(time), stable(time, remove=True)
    assert isinstance(flagged, Found) and isinstance(removed, Found)
    assert flagged.shape.contains(time[:, None]).all()
    assert flagged.score == removed.score < 1
    inside = removed.shape.contains(time[:, None])
    assert not inside[(time > 2060) & (time < 2240)].any()
    assert inside.mean() > 0.97
    assert "outside" in removed.shape.words(("Time",))
    assert removed.shape.contains(np.array([[np.nan]])).tolist() == [False]


@pytest.mark.parametrize("name", ["syn_clean", "syn_drift", "syn_clog", "syn_bursts"])
def test_the_rate_beats_the_best_tool_on_files_with_known_accidents(
    corpus: Path, name: str
) -> None:
    events = fcs.read(corpus / "qc" / "flow" / f"{name}.fcs")
    truth = json.loads((corpus / "qc" / "flow" / f"{name}.truth.json").read_text())
    bad = np.zeros(len(events), dtype=bool)
    for first, last in truth["bad_events_truth_ranges_1based"]:
        bad[first - 1 : last] = True
    found = stable(np.asarray(events.column("Time"), dtype=np.float64), remove=True)
    assert isinstance(found, Found)
    out = ~found.shape.contains(np.asarray(events.column("Time"), dtype=np.float64)[:, None])
    specificity = float((~out[~bad]).mean())
    if not bad.any():
        assert specificity >= 0.99
    else:
        assert (float(out[bad].mean()) + specificity) / 2 >= BEST[name]
    drifting = {f.message.split()[0] for f in findings(events, ("FL1-A", "FL2-A", "FL4-A"))
                if f.rule == "signal-drift"}  # fmt: skip
    assert drifting == ({"FL2-A", "FL4-A"} if name == "syn_drift" else set())
