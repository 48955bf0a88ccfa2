"""Back-gating: a late population is shown again on every gate that leads to it, on no other."""

from __future__ import annotations

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.run import process_flow
from assays.protocol import Flow
from assays.reports.figures.gates import draw_gates
from assays.samples import Agent, Tube, TubeRole

NAMES = ("FSC-A", "SSC-A", "CD19", "CD5", "pSTAT3")
CHANNELS = tuple(Channel(name, None, 262144.0) for name in NAMES)
TUBE = Tube("u.fcs", "D1", TubeRole.UNSTIMULATED)
STIMULATED = Tube("s.fcs", "D1", TubeRole.STIMULATED, Agent("IL-6", 10.0, "ng/mL"))


def tube_events(tube: Tube) -> Events:
    rng = np.random.default_rng(len(tube.file))
    values = rng.normal([9e4, 3e4, 4e3, 2e3, 500], [9e3, 4e3, 9e2, 5e2, 90], (3000, 5))
    return Events(values.astype(np.float32), CHANNELS, name=tube.file)


def protocol(**gating: str) -> Flow:
    def cut(population: str, parent: str, channel: str, low: float) -> dict[str, object]:
        return {"population": population, "parent": parent, "method": "interval",
                "channels": (channel,), "params": {"low": low}}  # fmt: skip

    cells = {"population": "cells", "method": "rectangle", "channels": ("FSC-A", "SSC-A"),
             "params": {"low": [5e4, 1e4], "high": [2e5, 1e5]}}  # fmt: skip
    gates = (cells, cut("B", "cells", "CD19", 3e3), cut("CLL", "B", "CD5", 1.5e3),
             cut("other", "cells", "CD5", 2e3))  # fmt: skip
    return Flow.model_validate({
        "compensation": "none", "gates": gates, "gating": gating,
        "readouts": ({"name": "pSTAT3", "channel": "pSTAT3", "population": "CLL"},),
    })  # fmt: skip


def test_every_gate_on_the_way_shows_the_population_again() -> None:
    run = process_flow((TUBE, STIMULATED), tube_events, protocol(backgate="CLL"))
    count = next(p.count for p in run.populations if p.population == "CLL")
    shown = {g.population: g for g in run.gates if g.file == "u.fcs"}
    for name in ("cells", "B", "CLL"):
        assert shown[name].behind == "CLL"
        assert shown[name].behind_counts.sum() == count
        assert (shown[name].behind_counts <= shown[name].counts).all()
    assert shown["other"].behind_counts is None


def test_it_is_drawn_over_the_density() -> None:
    drawn = {}
    for gating in ({}, {"backgate": "CLL"}):
        run = process_flow((TUBE, STIMULATED), tube_events, protocol(**gating))
        axes = draw_gates([g for g in run.gates if g.file == "u.fcs"]).axes
        drawn[bool(gating)] = [len(one.images) + len(one.lines) for one in axes]
    added = [after - before for before, after in zip(drawn[False], drawn[True], strict=True)]
    assert added == [1, 1, 1, 0]


def test_an_unknown_population_is_refused_with_the_nearest() -> None:
    with pytest.raises(GatingError, match="Did you mean 'CLL'"):
        process_flow((TUBE, STIMULATED), tube_events, protocol(backgate="CLl"))
