"""Readings: normalised to the total, held against FMO or isotype, as a share of cells."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError, GatingError
from assays.flow.cofactor import estimate_cofactor
from assays.flow.events import Channel, Events
from assays.flow.run import process_flow
from assays.protocol import Flow
from assays.results.flow import FlowRun, Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
NAMES = ("FSC-A", "SSC-A", "PE-A", "APC-A", "BV421-A")
MARKERS = (None, None, "pSTAT3", "STAT3", "CD126")


def random(name: str) -> np.random.Generator:
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def events(name: str, columns: Mapping[str, Any], n: int = 1000, top: float = 262144.0) -> Events:
    values = np.full((n, len(NAMES)), 1000.0)
    for marker, column in columns.items():
        values[:, MARKERS.index(marker)] = column
    channels = tuple(Channel(c, m, top) for c, m in zip(NAMES, MARKERS, strict=True))
    return Events(values.astype(np.float32), channels, None, name=name)


def tube(role: str, file: str = "", donor: str = "P1", **more: Any) -> Tube:
    driven = role in ("stimulated", "treated", "positive control")
    stimulus = more.pop("stimulus", IL6 if driven else None)
    drugs = (Agent("ruxolitinib", 100.0, "nM"),) if role == "treated" else ()
    return Tube(file or f"{role}.fcs", donor, TubeRole(role), stimulus, drugs, **more)


def flow(*readouts: dict[str, Any], **more: Any) -> Flow:
    cells = {
        "population": "cells",
        "method": "interval",
        "channels": ("FSC-A",),
        "params": {"low": 0.0},
    }
    gates = more.pop("gates", ())
    settings = {"compensation": "none", "gates": (cells, *gates), "readouts": readouts}
    return Flow.model_validate(settings | more)


def run(tubes: Mapping[Tube, Mapping[str, Any]], protocol: Flow, **more: Any) -> FlowRun:
    held = {one.file: events(one.file, columns, **more) for one, columns in tubes.items()}
    return process_flow(list(tubes), lambda one: held[one.file], protocol)


def by_file(found: FlowRun, readout: str) -> dict[str, Reading]:
    return {row.file: row for row in found.readings if row.readout == readout}


PHOSPHO = {"name": "pSTAT3 (Y705)", "channel": "pSTAT3", "population": "cells"}
RATIO = PHOSPHO | {"name": "pSTAT3 / STAT3", "total": "STAT3"}
PER_CELL = RATIO | {"name": "per cell", "normalise": "per cell"}


def test_a_signal_is_normalised_to_its_total_in_every_arm() -> None:
    """A drug that halves STAT3 itself seems to block phosphorylation; its ratio says not."""
    tubes = {
        tube("unstimulated"): {"pSTAT3": 200.0, "STAT3": 1000.0},
        tube("stimulated"): {"pSTAT3": 1000.0, "STAT3": 1000.0},
        tube("treated"): {"pSTAT3": 500.0, "STAT3": 500.0},
    }
    found = run(tubes, flow(PHOSPHO, RATIO, PER_CELL, inhibition={"tube_cv_percent": 3.0}))
    percent = {row.readout: row.percent for row in found.inhibition}
    assert percent["pSTAT3 (Y705)"] == pytest.approx(62.5)
    assert percent["pSTAT3 / STAT3"] == pytest.approx(0.0, abs=1e-4)
    assert percent["per cell"] == pytest.approx(0.0, abs=1e-4)
    row = by_file(found, "pSTAT3 / STAT3")["treated.fcs"]
    assert (row.median, row.total_median, row.unit) == (1.0, 500.0, "ratio")
    # A cofactor of 150 beside a usual total of 1000: Δarcsinh keeps its meaning.
    assert row.cofactor == pytest.approx(0.15)
    raw = by_file(found, "pSTAT3 (Y705)")["stimulated.fcs"]
    assert by_file(found, "per cell")["stimulated.fcs"].delta_asinh == pytest.approx(
        raw.delta_asinh, rel=1e-5
    )


def test_the_ratio_of_medians_and_the_median_of_ratios_are_two_things() -> None:
    signal = np.tile([100.0, 200.0, 900.0], 200)
    total = np.tile([1000.0, 100.0, 300.0], 200)
    tubes = {tube("unstimulated"): {"pSTAT3": signal, "STAT3": total}}
    found = run(tubes, flow(RATIO, PER_CELL), n=600)
    assert by_file(found, "pSTAT3 / STAT3")["unstimulated.fcs"].median == pytest.approx(200 / 300)
    assert by_file(found, "per cell")["unstimulated.fcs"].median == pytest.approx(2.0)


def test_a_total_of_zero_is_a_status_and_never_a_division() -> None:
    some = np.where(np.arange(1000) < 30, 0.0, 100.0)
    tubes: dict[Tube, dict[str, Any]] = {
        tube("unstimulated"): {"pSTAT3": 200.0, "STAT3": 100.0},
        tube("stimulated"): {"pSTAT3": 1000.0, "STAT3": 0.0},
        tube("treated"): {"pSTAT3": 500.0, "STAT3": some},
    }
    found = run(tubes, flow(RATIO, PER_CELL, inhibition={"tube_cv_percent": 3.0}))
    for name in ("pSTAT3 / STAT3", "per cell"):
        zero = by_file(found, name)["stimulated.fcs"]
        assert zero.status == "total not above zero"
        assert math.isnan(zero.median) and math.isnan(zero.delta_asinh)
    assert all(math.isnan(row.percent) for row in found.inhibition)
    told = by_file(found, "per cell")["treated.fcs"]
    assert (told.status, told.median) == ("ok", 5.0)
    assert "30 of 1,000 cells have no STAT3 above zero" in told.remark
    assert any(f.rule == "total-not-above-zero" for f in found.findings)


def test_the_threshold_comes_from_the_fmo_tube_that_lacks_the_dye() -> None:
    ramp = np.arange(1000.0)
    tubes = {
        tube("unstimulated"): {"pSTAT3": ramp + 500},
        tube("stimulated"): {"pSTAT3": ramp + 900},
        tube("fmo", "fmo_pe.fcs", stain="PE-A"): {"pSTAT3": ramp},
        tube("fmo", "fmo_apc.fcs", stain="APC-A"): {"pSTAT3": ramp + 5000},
        tube("fmo", "other.fcs", "P2", stain="pSTAT3"): {"pSTAT3": ramp + 9000},
    }
    found = run(tubes, flow(PHOSPHO | {"threshold": "fmo"}))
    rows = by_file(found, "pSTAT3 (Y705)")
    row = rows["stimulated.fcs"]
    assert row.threshold == pytest.approx(0.99 * 999)
    assert (row.threshold_from, row.threshold_control) == ("fmo", "fmo_pe.fcs")
    assert row.percent_positive == pytest.approx(91.0)
    assert row.delta_median == pytest.approx(400.0)
    assert row.control == "unstimulated.fcs"
    # The FMO tubes that gave a threshold are read too, so that it can be worked out again.
    assert rows["fmo_pe.fcs"].percent_positive == pytest.approx(1.0)
    assert "fmo_apc.fcs" not in rows


def test_without_the_fmo_tube_there_is_no_percent_positive_and_it_is_said() -> None:
    tubes = {tube("unstimulated"): {"pSTAT3": 100.0}, tube("stimulated"): {"pSTAT3": 900.0}}
    row = by_file(run(tubes, flow(PHOSPHO | {"threshold": "fmo"})), "pSTAT3 (Y705)")[
        "stimulated.fcs"
    ]
    assert math.isnan(row.percent_positive) and math.isnan(row.threshold)
    assert row.status == "ok" and row.fold == pytest.approx(9.0)
    assert "no percent positive: no fmo tube of this donor" in row.remark


def test_the_expression_of_a_receptor_is_held_against_its_isotype() -> None:
    ramp = np.arange(1000.0)
    tubes = {
        tube("unstimulated"): {"CD126": ramp + 495.0},
        tube("isotype", "iso.fcs", stain="CD126"): {"CD126": ramp},
    }
    cd126 = {"name": "CD126", "kind": "expression", "channel": "CD126", "population": "cells"}
    found = run(tubes, flow(cd126))
    row = by_file(found, "CD126")["unstimulated.fcs"]
    assert row.percent_positive == pytest.approx(50.6, abs=0.11)
    assert row.fold == pytest.approx((499.5 + 495) / 499.5)
    assert (row.control, row.threshold_from, row.kind) == ("iso.fcs", "isotype", "expression")
    assert not found.inhibition
    alone = by_file(run({tube("unstimulated"): {"CD126": ramp}}, flow(cd126)), "CD126")
    assert alone["unstimulated.fcs"].status == "no control"


QUADRANTS = tuple(
    {
        "population": name,
        "parent": "cells",
        "method": "quadrant",
        "channels": ("PE-A", "APC-A"),
        "params": {"x": 1000.0, "y": 1000.0, "quadrant": signs},
    }
    for name, signs in (("viable", "--"), ("early", "+-"), ("late", "++"), ("necrotic", "-+"))
)
DEAD = {
    "name": "dead",
    "kind": "fraction",
    "population": "cells",
    "populations": ("early", "late", "necrotic"),
    "activation": "down",
}


def dying(share: float, n: int = 1000) -> dict[str, Any]:
    dead = np.arange(n) < share * n
    return {"pSTAT3": np.where(dead, 5000.0, 100.0), "STAT3": np.where(dead, 5000.0, 100.0)}


def test_a_share_of_dead_cells_is_inhibited_like_any_readout() -> None:
    tubes = {
        tube("unstimulated", "u1.fcs"): dying(0.40),
        tube("unstimulated", "u2.fcs"): dying(0.42),
        tube("stimulated", "s1.fcs"): dying(0.20),
        tube("stimulated", "s2.fcs"): dying(0.22),
        tube("treated", "t1.fcs"): dying(0.31),
    }
    found = run(tubes, flow(DEAD, gates=QUADRANTS))
    rows = by_file(found, "dead")
    assert rows["u1.fcs"].median == pytest.approx(40.0)
    assert (rows["u1.fcs"].unit, rows["u1.fcs"].count) == ("%", 1000)
    assert rows["t1.fcs"].delta_median == pytest.approx(-10.0)
    (row,) = found.inhibition
    assert row.status == "ok"
    assert row.percent == pytest.approx(50.0)
    assert row.interval[0] < 50 < row.interval[1]


def test_a_share_of_too_few_cells_is_no_number() -> None:
    found = run({tube("unstimulated"): dying(0.5, 60)}, flow(DEAD, gates=QUADRANTS), n=60)
    row = by_file(found, "dead")["unstimulated.fcs"]
    assert (row.status, math.isnan(row.median)) == ("few events", True)


def test_a_part_outside_the_whole_is_refused() -> None:
    wrong = DEAD | {"population": "viable", "populations": ("late",)}
    with pytest.raises(GatingError, match="does not lie within 'viable'"):
        run({tube("unstimulated"): dying(0.5)}, flow(wrong, gates=QUADRANTS))


@pytest.mark.parametrize(
    ("top", "cofactor"), [(262144.0, 150.0), (262143.0, 150.0)], ids=["262144", "262143"]
)
def test_the_usual_cofactor_is_meant_for_the_range_of_262144(top: float, cofactor: float) -> None:
    found = run({tube("unstimulated"): {}}, flow(PHOSPHO), top=top)
    assert found.readings[0].cofactor == cofactor


def levels(cofactor: float) -> dict[Tube, dict[str, Any]]:
    """Tubes that scatter alike on the arcsinh scale with a cofactor."""
    found = {}
    for number, level in enumerate((0.0, 1.0, 3.0, 4.5)):
        role = "stimulated" if number > 1 else "unstimulated"
        noise = random(f"cofactor {number}").normal(level, 0.3, 5000)
        found[tube(role, f"{number}.fcs")] = {"pSTAT3": cofactor * np.sinh(noise)}
    return found


@pytest.mark.parametrize("cofactor", [4.0, 60.0, 900.0])
def test_a_cofactor_is_found_in_controls_that_scatter_alike_under_it(cofactor: float) -> None:
    protocol = flow(PHOSPHO | {"cofactor": "estimate"})
    found = run(levels(cofactor), protocol, n=5000)
    assert found.readings[0].cofactor == pytest.approx(cofactor, rel=0.15)
    assert len({row.cofactor for row in found.readings}) == 1
    (told,) = [f for f in found.findings if f.rule == "cofactor-estimated"]
    assert f"cofactor = {found.readings[0].cofactor:g}" in told.message


def test_another_range_takes_its_cofactor_from_the_controls_unless_declared() -> None:
    found = run(levels(4.0), flow(PHOSPHO), n=5000, top=1024.0)
    assert found.readings[0].cofactor == pytest.approx(4.0, rel=0.15)
    alike = {tube("unstimulated"): {"pSTAT3": random("alike").normal(0, 30, 1000)}}
    with pytest.raises(ControlError, match="the controls do not show a cofactor for pSTAT3"):
        run(alike, flow(PHOSPHO | {"cofactor": "estimate"}), top=1024.0)
    unasked = run(alike, flow(PHOSPHO), top=1024.0)
    assert unasked.readings[0].cofactor == pytest.approx(30, rel=0.1)
    assert any(f.rule == "cofactor-unknown" for f in unasked.findings)
    assert run(alike, flow(PHOSPHO | {"cofactor": 20.0}), top=1024.0).readings[0].cofactor == 20.0


def test_a_readout_that_no_channel_carries_is_named() -> None:
    with pytest.raises(ControlError, match="no channel carries readout 'pSTAT3 / STAT3'"):
        run({tube("unstimulated"): {}}, flow(RATIO | {"total": "STAT3 total"}))


def test_a_dose_without_a_unit_is_refused_with_its_tube() -> None:
    wrong = tube("stimulated", stimulus=Agent("IL-6", 10.0))
    with pytest.raises(ControlError, match="dose 10 of IL-6 has no unit") as caught:
        run({tube("unstimulated"): {}, wrong: {}}, flow(PHOSPHO))
    assert caught.value.where == "stimulated.fcs"


def test_a_stimulus_named_two_ways_leaves_its_tubes_unpaired_and_is_told() -> None:
    tubes = {
        tube("unstimulated"): {"pSTAT3": 200.0},
        tube("stimulated", stimulus=Agent("IL6", 10.0, "ng/mL")): {"pSTAT3": 1000.0},
        tube("treated"): {"pSTAT3": 500.0},
    }
    found = run(tubes, flow(PHOSPHO, inhibition={"tube_cv_percent": 3.0}))
    assert [row.status for row in found.inhibition] == ["control missing"]
    assert math.isnan(found.inhibition[0].percent)


def test_one_event_in_the_gate_gives_a_status_whatever_the_protocol_allows() -> None:
    tubes = {
        tube("unstimulated"): {"pSTAT3": 200.0},
        tube("stimulated"): {"pSTAT3": 1000.0},
        tube("treated"): {"pSTAT3": 500.0},
    }
    found = run(tubes, flow(PHOSPHO), n=1)
    assert {row.status for row in found.readings} == {"few events"}
    assert all(math.isnan(row.percent) for row in found.inhibition)
    # Even where no floor is set, as no assay.toml can.
    loose = run(tubes, flow(PHOSPHO).model_copy(update={"min_events": 1}), n=1)
    assert all(math.isnan(row.percent) for row in loose.inhibition)
    assert {row.status for row in loose.inhibition} == {"not testable"}


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [np.zeros(500), np.ones(500)],
        [np.full(500, 1e300), np.zeros(500)],
        [np.full(500, math.inf), np.arange(500.0)],
        [np.arange(500.0), np.arange(500.0) + 1],
        [np.arange(50.0), np.arange(50.0) * 9],
    ],
)
def test_controls_that_cannot_show_a_cofactor_give_none(groups: list[Any]) -> None:
    assert math.isnan(estimate_cofactor(groups))
