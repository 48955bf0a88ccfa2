"""Automatic gates in a run: one cut per group, found where no treatment was given."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError, GatingError
from assays.flow.events import Channel, Events
from assays.flow.gates.contract import methods
from assays.flow.run import process_flow
from assays.flow.strategy import check_strategy
from assays.protocol import Flow, Gate, Override
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole

NAMES = ("Time", "FSC-A", "FSC-H", "SSC-A", "AmCyan-A", "PE-Cy5-A", "PE-Cy7-A", "APC-A", "PE-A")
MARKERS = (None, None, None, None, "Viability", "CD19", "CD3", "CD5", "pSTAT3")
CHANNELS = tuple(Channel(n, m, 262144.0) for n, m in zip(NAMES, MARKERS, strict=True))
COLUMN = {m or n: i for i, (n, m) in enumerate(zip(NAMES, MARKERS, strict=True))}


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def tube_of(name: str, *, n: int = 6000, signal: float = 100.0, cd5: float = 4000.0) -> Events:
    """Debris 10 %, doublets 6 %, dead 8 %, half of the rest B cells, most of those CD5+."""
    rng = random(name)
    kind = rng.random(n)
    debris, doublet, dead = kind < 0.10, (kind >= 0.10) & (kind < 0.16), (kind >= 0.16) & (
        kind < 0.24
    )  # fmt: skip
    is_b = rng.random(n) < 0.5
    is_cll = is_b & (rng.random(n) < 0.8)
    height = np.where(debris, rng.normal(15_000, 4_000, n), rng.normal(90_000, 8_000, n))
    values = np.empty((n, len(NAMES)))
    values[:, 0] = np.sort(rng.random(n)) * 6000
    values[:, 1] = height * np.where(doublet, 1.8, 1.1) + rng.normal(0, 1200, n)
    values[:, 2] = height
    values[:, 3] = rng.normal(30_000, 4_000, n)
    values[:, 4] = np.where(dead, rng.normal(8000, 1500, n), rng.normal(100, 80, n))
    values[:, 5] = np.where(is_b, rng.normal(9000, 1800, n), rng.normal(0, 120, n))
    values[:, 6] = np.where(is_b, rng.normal(0, 120, n), rng.normal(6000, 1200, n))
    values[:, 7] = np.where(is_cll | ~is_b, rng.normal(cd5, cd5 / 5, n), rng.normal(20, 60, n))
    values[:, 8] = np.where(is_b, rng.normal(signal, 60, n), rng.normal(50, 60, n))
    return Events(values, CHANNELS, time_step_s=0.01, name=name)


IL6 = Agent("IL-6", 10.0, "ng/mL")
DRUG = Agent("ruxolitinib", 100.0, "nmol/L")


def tube(file: str, role: str, donor: str = "CLL1", **more: Any) -> Tube:
    stimulus = IL6 if role in ("stimulated", "treated") else None
    inhibitors = (DRUG,) if role == "treated" else ()
    return Tube(file, donor, TubeRole(role), stimulus, inhibitors, **more)


SHEET = (
    tube("u1.fcs", "unstimulated"),
    tube("s1.fcs", "stimulated"),
    tube("t1.fcs", "treated"),
    tube("u2.fcs", "unstimulated", "CLL2"),
    tube("s2.fcs", "stimulated", "CLL2"),
    tube("t2.fcs", "treated", "CLL2"),
)
SIGNAL = {"unstimulated": 100.0, "stimulated": 1200.0, "treated": 500.0}


def row(population: str, method: str, channels: Iterable[str], **more: Any) -> dict[str, Any]:
    return {"population": population, "method": method, "channels": tuple(channels)} | more


TEMPLATE = (
    row("stable", "stable", ["Time"]),
    row("in range", "boundary", ["FSC-A", "SSC-A"], parent="stable"),
    row("cells", "debris", ["FSC-A", "SSC-A"], parent="in range"),
    row("singlets", "singlets", ["FSC-A", "FSC-H"], parent="cells"),
    row("live", "live", ["Viability"], parent="singlets"),
    row("B cells", "valley", ["CD19", "CD3"], parent="live", params={"side": "+-"}),
    row("CLL", "valley", ["CD5"], parent="B cells"),
)


def protocol(gates: Iterable[dict[str, Any]] = TEMPLATE, **more: Any) -> Flow:
    settings = {
        "compensation": "none",
        "gates": tuple(gates),
        "readouts": ({"name": "pSTAT3", "channel": "pSTAT3", "population": "root"},),
    }
    return Flow.model_validate(settings | more)


def opener(**changes: Callable[[Events], Events]) -> Callable[[Tube], Events]:
    def open_events(tube: Tube) -> Events:
        made = tube_of(tube.file, signal=SIGNAL.get(tube.role, 100.0))
        change = changes.get(tube.file.removesuffix(".fcs"))
        return change(made) if change else made

    return open_events


@pytest.fixture(scope="module")
def run() -> FlowRun:
    return process_flow(SHEET, opener(), protocol())


def applied(run: FlowRun, population: str) -> dict[str, str]:
    return {r.file: r.definition for r in run.populations if r.population == population}


def shares(run: FlowRun, population: str) -> list[float]:
    return [r.percent_of_parent for r in run.populations if r.population == population]


def test_the_template_of_this_assay_finds_the_cells_that_were_made(run: FlowRun) -> None:
    assert shares(run, "stable") == [100.0] * 6
    assert shares(run, "cells") == pytest.approx([90] * 6, abs=2)
    assert shares(run, "singlets") == pytest.approx([100 * 0.84 / 0.9] * 6, abs=2)
    assert shares(run, "live") == pytest.approx([100 * 0.76 / 0.84] * 6, abs=2)
    assert shares(run, "B cells") == pytest.approx([50] * 6, abs=2.5)
    assert shares(run, "CLL") == pytest.approx([80] * 6, abs=3)
    assert not [f for f in run.findings if f.rule.startswith("gate-")]


def test_every_found_gate_says_how_sure_it_is_and_why(run: FlowRun) -> None:
    for each in run.populations:
        assert each.automatic and each.definition and each.reasons
        assert 0.5 < each.score <= 1
    rows = {(r.population, r.group_by): r for r in run.strategy}
    assert {"donor CLL1", "donor CLL2"} == {g for p, g in rows if p == "CLL"}
    assert "valley" in rows["CLL", "donor CLL1"].reasons
    assert "6 tubes" in rows["singlets", "file"].reasons


def test_one_donor_has_one_lineage_cut_and_each_file_its_own_singlets(run: FlowRun) -> None:
    cuts = applied(run, "B cells")
    assert len({cuts[f] for f in ("u1.fcs", "s1.fcs", "t1.fcs")}) == 1
    assert cuts["u1.fcs"] != cuts["u2.fcs"]
    assert len(set(applied(run, "cells").values())) == 1
    assert len(set(applied(run, "singlets").values())) == 6


def test_no_treated_tube_moves_its_own_threshold(run: FlowRun) -> None:
    def shifted(events: Events) -> Events:
        values = events.values * np.linspace(1.3, 2.2, len(NAMES))
        values[:, 4:] -= 400.0
        return Events(values, CHANNELS, time_step_s=0.01, name=events.name)

    def emptied(events: Events) -> Events:
        return Events(events.values[:40], CHANNELS, time_step_s=0.01, name=events.name)

    for change in (shifted, emptied):
        moved = process_flow(SHEET, opener(t1=change, t2=change, s1=change), protocol())
        for population in ("cells", "live", "B cells", "CLL"):
            assert applied(moved, population) == applied(run, population)
        for file in ("u1.fcs", "u2.fcs", "s2.fcs"):
            assert applied(moved, "singlets")[file] == applied(run, "singlets")[file]


LINEAGE = {
    "debris": row("gate", "debris", ["FSC-A", "SSC-A"]),
    "live": row("gate", "live", ["Viability"]),
    "valley": row("gate", "valley", ["CD5"]),
    "valley on two channels": row("gate", "valley", ["CD19", "CD3"], params={"side": "+-"}),
    "tail": row("gate", "tail", ["Viability"]),
    "mixture": row("gate", "mixture", ["CD19", "CD3"], params={"target": [9000, 0], "k": 3}),
    "prior_ellipse": row(
        "gate", "prior_ellipse", ["CD19", "CD3"],
        params={"center": [9000, 0], "axes": [4500, 600]},
    ),
    "control_quantile": row("gate", "control_quantile", ["pSTAT3"]),
    "control_quantile of FMO": row(
        "gate", "control_quantile", ["CD5"], params={"control": "fmo"}
    ),
    "valley that falls back to FMO": row(
        "gate", "valley", ["pSTAT3"], params={"fallback": "control"}
    ),
}  # fmt: skip
CHANGES: dict[str, Callable[[Events], Events]] = {
    "brighter": lambda e: moved(e, e.values * np.linspace(1.3, 3.0, len(NAMES))),
    "shifted below zero": lambda e: moved(e, e.values - np.r_[0, 0, 0, 0, [900.0] * 5]),
    "of one kind": lambda e: moved(e, np.repeat(e.values[:1], 500, axis=0)),
    "nearly empty": lambda e: moved(e, e.values[:40]),
    "far longer": lambda e: moved(e, np.repeat(e.values, 4, axis=0)),
    "without numbers": lambda e: moved(e, np.where(np.arange(len(e)) % 2, np.nan, e.values.T).T),
}


def moved(events: Events, values: np.ndarray) -> Events:
    return Events(values, CHANNELS, time_step_s=0.01, name=events.name)


def test_every_method_that_is_not_technical_is_among_those_tried() -> None:
    tried = {str(gate["method"]) for gate in LINEAGE.values()}
    technical = {"stable", "boundary", "singlets"}
    assert tried | technical == {name for name, one in methods().items() if one.automatic}
    for name in tried:
        search = methods()[name].search
        assert search is not None and search.kind != "technical"


@pytest.mark.parametrize("group_by", ["donor", "plate", "all"])
@pytest.mark.parametrize("name", LINEAGE)
def test_treated_tubes_that_move_leave_every_cut_where_it_is(name: str, group_by: str) -> None:
    """The cut, its score and its reasons: none may know what a treated tube holds."""
    gate = LINEAGE[name] | {"group_by": group_by}
    donors_own = gate["method"] == "control_quantile" or "falls back" in name
    if group_by != "donor" and donors_own:
        with pytest.raises(GatingError, match="same donor"):
            process_flow(SHEET, opener(), protocol((gate,)))
        return
    sheet = [
        dataclasses.replace(one, plate="P1" if one.donor == "CLL1" else "P2")
        for one in (*SHEET, tube("f1.fcs", "fmo"), tube("f2.fcs", "fmo", "CLL2"))
    ]
    settings = protocol((gate,), readouts=(
        {"name": "p", "channel": "pSTAT3" if "pSTAT3" not in gate["channels"]
         or gate["method"] == "control_quantile" else "CD19", "population": "root"},))  # fmt: skip

    def cuts(**changes: Callable[[Events], Events]) -> set[tuple[str, str, float, str]]:
        made = process_flow(sheet, opener(**changes), settings)
        return {
            (r.file, r.definition, 0.0 if math.isnan(r.score) else r.score, r.reasons)
            for r in made.populations
        }

    before = cuts()
    changes = list(CHANGES.values())
    # The clouds take a second for each run: they are moved once.
    for one, other in list(zip(changes[::2], changes[1::2], strict=True))[
        : 1 if name == "mixture" else None
    ]:
        assert cuts(t1=one, t2=other) == before


def test_a_pool_takes_equally_many_events_of_every_tube() -> None:
    def recorded_longer(events: Events) -> Events:
        values = np.repeat(events.values, 3, axis=0)
        return Events(values, CHANNELS, time_step_s=0.01, name=events.name)

    gates = (row("CD5+", "valley", ["CD5"], params={"from": "pool"}, group_by="all"),)
    plain = process_flow(SHEET, opener(), protocol(gates))
    longer = process_flow(SHEET, opener(t1=recorded_longer), protocol(gates))
    assert applied(longer, "CD5+") == applied(plain, "CD5+")
    assert len(set(applied(plain, "CD5+").values())) == 1
    told = [f for f in plain.findings if f.rule == "pool-holds-treated"]
    assert [f.observed for f in told] == [2]


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (row("B", "valley", ["CD19"], group_by="file"), "lineage gate"),
        (row("B", "debris", ["FSC-A"], group_by="file"), "lineage gate"),
        (row("P", "control_quantile", ["CD5"], group_by="all"), "same donor"),
        (row("P", "control_quantile", ["CD5"], group_by="file"), "same donor"),
        (row("P", "valley", ["pSTAT3"]), "readout"),
        (row("P", "tail", ["PE-A"]), "readout"),
        (row("S", "stable", ["Time"], group_by="donor"), "time runs"),
        (
            row("B", "valley", ["CD5"], group_by="plate", params={"fallback": "control"}),
            "same donor",
        ),
        (row("B", "valley", ["CD5"], on="scale"), "original units"),
        (row("B", "valley", ["CD5"], params={"fallback": "guess"}), "'fallback'"),
        (row("B", "valley", ["CD5"], params={"fallback": {"method": "tail"}}), "no fixed gate"),
        (row("B", "valley", ["CD5"], params={"fallback": {"low": 2, "high": 1}}), "below high"),
        (row("B", "valley", ["CD5"], params={"from": "treated"}), "'from'"),
        (row("B", "valley", ["CD19", "CD3"]), "'side' is missing"),
        (row("B", "valley", ["CD5"], params={"low": 5.0, "high": 4.0}), "below high"),
        (row("B", "mixture", ["CD19", "CD3"], params={"target": [1, 2], "k": 2.5}), "whole number"),
        (row("B", "mixture", ["CD19", "CD3"], params={"target": [1, 2], "k": 400}), "between"),
        (row("P", "control_quantile", ["CD5"], params={"quantile": 1.0}), "between"),
        (row("S", "singlets", ["FSC-A", "FSC-H"], params={"k": 0}), "between"),
        (row("S", "stable", ["Time"], params={"remove": 1}), "true or false"),
        (row("S", "stable", ["CD5"]), "looks at time"),
        (row("S", "singlets", ["CD5"]), "a dye"),
        (row("S", "singlets", ["CD5", "CD19"]), "a dye"),
        (row("S", "singlets", ["FSC-A", "CD19"]), "a dye"),
    ],
)
def test_a_strategy_that_breaks_the_rules_is_refused_with_the_reason(
    gate: dict[str, Any], words: str
) -> None:
    with pytest.raises(GatingError, match=words):
        process_flow(SHEET, opener(), protocol((gate,)))


def test_the_rules_hold_before_any_file_is_read() -> None:
    gate = Gate.model_validate(row("B", "valley", ["pSTAT3"]))
    with pytest.raises(GatingError, match="readout"):
        check_strategy([gate], readouts=["pSTAT3"])


def unimodal(events: Events) -> Events:
    values = events.values.copy()
    values[:, 7] = random(events.name).normal(2000, 400, len(values))
    return Events(values, CHANNELS, time_step_s=0.01, name=events.name)


def test_no_valley_no_gate_but_a_finding_and_the_declared_fallback() -> None:
    sheet = SHEET[:3]
    changes = dict.fromkeys(("u1", "s1", "t1"), unimodal)
    for fallback, words, percent in (
        ("none", "no event", 0.0),
        ("all", "every event", 100.0),
        ({"low": 2000.0}, "fixed gate", 50.0),
    ):
        gates = (row("CD5+", "valley", ["CD5"], params={"fallback": fallback}),)
        made = process_flow(sheet, opener(**changes), protocol(gates))
        assert shares(made, "CD5+") == pytest.approx([percent] * 3, abs=2)
        told = [f for f in made.findings if f.rule == "gate-not-found"]
        assert len(told) == 1 and "one peak" in told[0].message and words in told[0].message
        assert math.isnan(made.populations[0].score)
        assert "fallback" in made.populations[0].reasons


def test_the_fallback_to_controls_takes_the_fmo_tube_of_the_same_donor() -> None:
    sheet = (*SHEET[:3], tube("f1.fcs", "fmo"), tube("f2.fcs", "fmo", "CLL2"))
    gates = (row("CD5+", "valley", ["CD5"], params={"fallback": "control"}),)
    changes = dict.fromkeys(("u1", "s1", "t1"), unimodal)

    def dark(events: Events) -> Events:
        values = events.values.copy()
        values[:, 7] = random("dark").normal(0, 100, len(values))
        return Events(values, CHANNELS, time_step_s=0.01, name=events.name)

    made = process_flow(sheet, opener(f1=dark, f2=unimodal, **changes), protocol(gates))
    assert shares(made, "CD5+") == pytest.approx([100] * 3, abs=0.1)
    cut = float(made.populations[0].definition.split("≥")[1])
    assert cut == pytest.approx(233, abs=15)
    assert "f1.fcs" in made.populations[0].reasons


def test_a_threshold_comes_from_the_controls_of_the_same_donor_alone(run: FlowRun) -> None:
    gates = (row("pos", "control_quantile", ["pSTAT3"], params={"quantile": 0.98}),)
    made = process_flow(SHEET, opener(), protocol(gates))
    cuts = applied(made, "pos")
    u1 = tube_of("u1.fcs", signal=100.0).values[:, 8]
    assert float(cuts["t1.fcs"].split("≥")[1]) == pytest.approx(np.quantile(u1, 0.98), abs=0.01)
    assert cuts["s1.fcs"] == cuts["t1.fcs"] != cuts["t2.fcs"]

    def brighter(events: Events) -> Events:
        values = events.values.copy()
        values[:, 8] *= 3
        return Events(values, CHANNELS, time_step_s=0.01, name=events.name)

    moved = process_flow(SHEET, opener(t1=brighter, s1=brighter, u2=brighter), protocol(gates))
    assert applied(moved, "pos")["t1.fcs"] == cuts["t1.fcs"]
    assert applied(moved, "pos")["t2.fcs"] != cuts["t2.fcs"]


def test_a_donor_without_the_control_has_no_threshold() -> None:
    gates = (row("CD5+", "control_quantile", ["CD5"], params={"control": "isotype"}),)
    made = process_flow((*SHEET, tube("i.fcs", "isotype")), opener(), protocol(gates))
    told = [f for f in made.findings if f.rule == "gate-not-found"]
    assert [f.where for f in told] == ["CD5+, donor CLL2"]
    assert "no isotype tube of CD5" in told[0].message


def test_several_fmo_tubes_must_be_told_apart() -> None:
    sheet = (*SHEET[:3], tube("f CD5.fcs", "fmo"), tube("f CD20.fcs", "fmo"))
    params = {"control": "fmo"}
    with pytest.raises(ControlError, match="2 fmo tubes"):
        process_flow(sheet, opener(), protocol((row("a", "control_quantile", ["CD5"],
                                                    params=params),)))  # fmt: skip
    gates = (row("a", "control_quantile", ["CD5"], params=params | {"match": "cd5"}),)
    made = process_flow(sheet, opener(), protocol(gates))
    assert "f CD5.fcs" in made.populations[0].reasons


def test_a_plate_has_its_own_cut() -> None:
    def plated(tube: Tube, plate: str) -> Tube:
        import dataclasses

        return dataclasses.replace(tube, plate=plate)

    sheet = [plated(t, "P1" if t.donor == "CLL1" else "P2") for t in SHEET]
    made = process_flow(sheet, opener(), protocol(TEMPLATE[:3]))
    assert {r.group_by for r in made.strategy if r.population == "cells"} == {
        "plate P1",
        "plate P2",
    }


def test_a_person_wins_over_the_data_and_the_others_keep_their_cut(run: FlowRun) -> None:
    override = Override(
        file="t1.fcs", population="CLL", params={"low": 100.0},
        who="AB", when="2026-01-31", why="dim CD5",
    )  # fmt: skip
    made = process_flow(SHEET, opener(), protocol(overrides=(override,)))
    rows = {r.file: r for r in made.populations if r.population == "CLL"}
    assert rows["t1.fcs"].definition == "CD5 ≥ 100" and not rows["t1.fcs"].automatic
    assert "AB" in rows["t1.fcs"].note and math.isnan(rows["t1.fcs"].score)
    assert applied(made, "CLL")["s1.fcs"] == applied(run, "CLL")["s1.fcs"]
    with pytest.raises(GatingError, match="low, high or both"):
        process_flow(SHEET, opener(), protocol(overrides=(
            override.model_copy(update={"params": {}}),)))  # fmt: skip


def test_a_tube_read_twice_gives_the_same_gates(
    run: FlowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assays.flow.shelf.BUDGET_BYTES", 0)
    again = process_flow(SHEET, opener(), protocol())
    assert again.populations == run.populations


def test_two_pulses_of_one_detector_may_tell_doublets_in_each_file() -> None:
    """DNA area against DNA height, as in a cell cycle."""
    names = ("PI-A", "PI-H", "PE-A")
    channels = tuple(Channel(name, None, 262144.0) for name in names)

    def open_events(tube: Tube) -> Events:
        rng = random(tube.file)
        height = rng.normal(60_000, 6_000, 3000)
        table = [height * 1.1 + rng.normal(0, 900, 3000), height, rng.normal(100, 50, 3000)]
        return Events(np.stack(table, axis=1), channels, name=tube.file)

    readouts = ({"name": "p", "channel": "PE-A", "population": "root"},)
    settings = protocol((row("single", "singlets", ["PI-A", "PI-H"]),), readouts=readouts)
    assert min(shares(process_flow(SHEET, open_events, settings), "single")) > 95
    read = ({"name": "p", "channel": "PI-H", "population": "root"},)
    with pytest.raises(GatingError, match="readout"):
        process_flow(SHEET, open_events, protocol((row("P", "valley", ["PI-A"]),), readouts=read))


SHARE = ({"name": "CD5+", "kind": "fraction", "population": "root", "populations": ("CD5+",)},)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"params": {"from": "pool"}}, "not controls"),
        ({"params": {"from": "untreated"}}, "not controls"),
        ({"group_by": "all"}, "grouped by all"),
        ({"group_by": "plate"}, "grouped by plate"),
    ],
)
def test_a_gate_that_decides_a_share_is_found_in_the_donors_own_controls(
    more: dict[str, Any], words: str
) -> None:
    with pytest.raises(GatingError, match=words):
        process_flow(SHEET, opener(), protocol((row("CD5+", "valley", ["CD5"], **more),),
                                               readouts=SHARE))  # fmt: skip
    found = process_flow(
        SHEET, opener(), protocol((row("CD5+", "valley", ["CD5"]),), readouts=SHARE)
    )
    assert shares(found, "CD5+") == pytest.approx([90] * 6, abs=2)


def test_no_treated_tube_moves_the_scale_that_a_gate_stands_on() -> None:
    gates = (row("P", "interval", ["pSTAT3"], params={"low": 0.4}, on="scale"),)

    def scattered(events: Events) -> Events:
        noise = random("noise").normal(0, 3000, events.values.shape)
        return moved(events, events.values + noise)

    plain = process_flow(SHEET, opener(), protocol(gates))
    other = process_flow(SHEET, opener(t1=scattered, t2=scattered, s1=scattered), protocol(gates))
    assert shares(plain, "P")[0] == shares(other, "P")[0]
    assert {g.x.scale for g in plain.gates} == {g.x.scale for g in other.gates}


def test_an_absent_channel_of_a_gate_is_not_laid_on_the_readout() -> None:
    gates = (row("B", "interval", ["CD91"], params={"low": 1}),)
    with pytest.raises(GatingError, match="no channel 'CD91'"):
        process_flow(SHEET, opener(), protocol(gates))
    placed = protocol(gates)
    placed = placed.model_copy(update={"gates": tuple(g.at("assay.toml:9") for g in placed.gates)})
    with pytest.raises(GatingError, match=r"assay.toml:9, population 'B': there is no"):
        process_flow(SHEET, opener(), placed)


def test_a_fault_names_the_line_of_its_gate() -> None:
    from assays.protocol_text import parse

    text = """
schema = 1
kind = ["flow"]
[flow]
compensation = "none"
[[flow.gates]]
population = "cells"
method = "interval"
channels = ["FSC-A"]
params = { low = 1 }
[[flow.gates]]
population = "B cells"
parent = "cell"
method = "interval"
channels = ["CD19"]
params = { low = 1 }
[[flow.readouts]]
name = "p"
channel = "pSTAT3"
population = "cells"
"""
    flow = parse(text).flow
    assert flow is not None
    with pytest.raises(GatingError, match="Did you mean 'cells'") as caught:
        check_strategy(flow.gates)
    assert caught.value.where == "assay.toml:11, population 'B cells'"


def test_a_gate_that_could_not_be_looked_for_is_told_as_such() -> None:
    sheet = [one for one in SHEET if one.role != TubeRole.UNSTIMULATED]
    run = process_flow(sheet, opener(), protocol())
    told = {f.where: f for f in run.findings if f.rule == "gate-not-found"}
    assert told["cells, plate"].severity == "look"
    assert "the run has no unstimulated tube" in told["cells, plate"].message
    assert "donor CLL2 has no unstimulated tube" in told["CLL, donor CLL2"].message
    nameless = [dataclasses.replace(one, donor="") for one in SHEET]
    run = process_flow(nameless, opener(), protocol())
    told = {f.where: f for f in run.findings if f.rule == "gate-not-found"}
    assert "names no donor" in told["CLL, donor"].message


@pytest.mark.parametrize("stain", ["CD5", "APC-A", "apc"])
def test_the_column_stain_tells_which_fmo_tube_is_meant(stain: str) -> None:
    others = (tube("f2.fcs", "fmo", stain="CD19"), tube("f3.fcs", "fmo", stain="pSTAT3"))
    sheet = (*SHEET[:3], tube("f1.fcs", "fmo", stain=stain), *others)
    gates = (row("a", "control_quantile", ["CD5"], params={"control": "fmo"}),)
    made = process_flow(sheet, opener(), protocol(gates))
    assert "of f1.fcs at" in made.populations[0].reasons


def test_the_fmo_tube_of_another_dye_is_no_control() -> None:
    sheet = (*SHEET[:3], tube("f2.fcs", "fmo", stain="CD19"))
    gates = (row("a", "control_quantile", ["CD5"], params={"control": "fmo"}),)
    made = process_flow(sheet, opener(), protocol(gates))
    (told,) = [f for f in made.findings if f.rule == "gate-not-found"]
    assert "donor CLL1 has no fmo tube of CD5" in told.message
    fallback = row("a", "valley", ["pSTAT3"], params={"fallback": "control"})
    readouts = ({"name": "p", "channel": "CD19", "population": "root"},)
    made = process_flow(sheet, opener(), protocol((fallback,), readouts=readouts))
    assert made.populations[0].definition.startswith("no event")
