"""Automatic gates beside the labels that people gave, and how steady they are.

Run with: ASSAYS_CORPUS=… python -m benchmarks.gating.labels, or as a part of run.py.
Needs ``gating/flowjo/flowsom_68983`` (one tube gated by hand in FlowJo, a label
per event) and ``qc/flow/syn_*`` (files with known accidents). Prints F1 against
the labels, with half of the events dropped, with the intensities and the width of
the scales moved by 20 %, and over the seeds of the mixture.
"""

from __future__ import annotations

import json
import os
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.flow import fcs
from assays.flow.axes import is_fluorescence
from assays.flow.compensate import compensate
from assays.flow.events import Events
from assays.flow.gates.automatic import Found, NoGate, Pool, Sought
from assays.flow.gates.contract import methods
from assays.flow.gates.found import Spans
from assays.flow.gates.shapes import Polygon
from assays.flow.scales import Linear, Logicle, Scale, estimate_width

Mask = NDArray[np.bool_]
TOP = 262144.0
SEEDS = 20
GATING = "{http://www.isac-net.org/std/Gating-ML/v2.0/gating}"
DATA = "{http://www.isac-net.org/std/Gating-ML/v2.0/datatypes}"
# By their ids in manualGating.xml.
NAMES = {
    "ID1152036930": "lymphocytes",
    "ID1073341880": "singlets",
    "ID325928510": "singlets 2",
    "ID2056235295": "NK1.1-",
}


@dataclass(frozen=True)
class Labelled:
    """The tube, compensated, and what people said about its events."""

    events: Events
    masks: Mapping[str, Mask]
    b_cells: Mask


def labelled(folder: Path) -> Labelled:
    """Read the tube, its FlowJo gates and its labels."""
    raw = fcs.read(folder / "68983.fcs")
    assert raw.spillover is not None
    events = compensate(raw, raw.spillover)
    masks: dict[str, Mask] = {}
    for gate in ET.parse(folder / "manualGating.xml").getroot():
        inside = _inside(events, gate)
        parent = gate.get(f"{GATING}parent_id")
        masks[str(gate.get(f"{GATING}id"))] = inside & masks[parent] if parent else inside
    words = (folder / "gatingResult.csv").read_text().splitlines()
    b_cells = np.array([word.strip('"') == "B cells" for word in words])
    return Labelled(events, {NAMES[i]: m for i, m in masks.items() if i in NAMES}, b_cells)


def _inside(events: Events, gate: ET.Element) -> Mask:
    named = gate.iter(f"{DATA}fcs-dimension")
    names = [str(each.get(f"{DATA}name")).removeprefix("Comp-") for each in named]
    points = np.stack([events.column(name).astype(np.float64) for name in names], axis=1)
    vertices = [
        [float(str(e.get(f"{DATA}value"))) for e in vertex]
        for vertex in gate.iter(f"{GATING}vertex")
    ]
    if vertices:
        return Polygon(np.array(vertices)).contains(points)
    inside = np.ones(len(points), dtype=bool)
    for column, dimension in zip(points.T, gate.iter(f"{GATING}dimension"), strict=True):
        low, high = dimension.get(f"{GATING}min"), dimension.get(f"{GATING}max")
        inside &= (column >= float(low)) if low else True
        inside &= (column < float(high)) if high else True
    return inside


def find(
    tube: Labelled,
    method: str,
    channels: tuple[str, ...],
    parent: Mask,
    *,
    gain: float = 1.0,
    width: float = 1.0,
    **params: Any,
) -> tuple[Mask, Found | NoGate]:
    """Find one gate among the parent's events; the mask is within the parent."""
    values = np.stack([tube.events.column(n).astype(np.float64) for n in channels], axis=1) * gain
    scales = tuple(_scale(n, x, width) for n, x in zip(channels, values.T, strict=True))
    sought = methods()[method].shape(params, len(channels))
    assert isinstance(sought, Sought)
    tops = (TOP,) * len(channels)
    seen = sought.look(Pool(values[parent], channels, scales, tops, 0.01, ("68983.fcs",)))
    if isinstance(seen, NoGate):
        return np.zeros(len(values), dtype=bool), seen
    return seen.shape.contains(values) & parent, seen


def _scale(name: str, values: NDArray[np.float64], factor: float) -> Scale:
    if not is_fluorescence(name):
        return Linear()
    return Logicle(TOP, min(2.2, factor * estimate_width(values[values < 0], TOP)))


def f1(found: Mask, truth: Mask) -> float:
    """Harmonic mean of precision and recall."""
    return float(2 * (found & truth).sum() / max(1, found.sum() + truth.sum()))


def singlets(tube: Labelled, kept: Mask, **change: float) -> tuple[float, float]:
    """F1 of singlets among all events, and the recall of doublets."""
    found, _ = find(tube, "singlets", ("FSC-A", "FSC-H"), kept, **change)
    truth = tube.masks["singlets"] & kept
    doublets = tube.masks["lymphocytes"] & kept & ~truth
    return f1(found, truth), float((~found & doublets).sum() / doublets.sum())


def b_cells(tube: Labelled, kept: Mask, **change: float) -> float:
    """F1 of B cells among the NK1.1- singlets of the hand-made gates."""
    parent = tube.masks["NK1.1-"] & kept
    found, _ = find(tube, "valley", ("CD19", "CD3"), parent, side="+-", **change)
    return f1(found, tube.b_cells & kept)


def clouds(tube: Labelled, kept: Mask, seed: int = 0, **change: float) -> float:
    """F1 of B cells as one of four clouds."""
    parent = tube.masks["NK1.1-"] & kept
    aim = [10_000.0, 0.0]
    found, _ = find(tube, "mixture", ("CD19", "CD3"), parent, target=aim, k=4, quantile=0.999,
                    seed=seed, **change)  # fmt: skip
    return f1(found, tube.b_cells & kept)


def against_labels(tube: Labelled) -> None:
    """F1 on the whole tube, and when tube and scale are moved."""
    every = np.ones(len(tube.events), dtype=bool)
    none = f1(every, tube.masks["singlets"])
    base = {"singlets": singlets(tube, every)[0], "B cells": b_cells(tube, every)}
    start = time.perf_counter()
    recall = singlets(tube, every)[1]
    print(f"{'':34} {'singlets':>9} {'doublets':>9} {'B cells':>9}")
    print(f"{'no gate at all':34} {none:9.4f} {0:9.4f} {'':>9}")
    print(f"{'all events':34} {base['singlets']:9.4f} {recall:9.4f} {base['B cells']:9.4f}"
          f"   ({1000 * (time.perf_counter() - start):.0f} ms for singlets)")  # fmt: skip
    changes = {"intensities": "gain", "width of scales": "width"}
    for words, name in changes.items():
        for factor in (0.8, 1.2):
            one, two = singlets(tube, every, **{name: factor})
            print(f"{f'{words} × {factor}':34} {one:9.4f} {two:9.4f} "
                  f"{b_cells(tube, every, **{name: factor}):9.4f}")  # fmt: skip
    drops = []
    for seed in range(SEEDS):
        kept = np.random.default_rng(seed).random(len(every)) < 0.5
        drops.append((*singlets(tube, kept), b_cells(tube, kept)))
    for word, row in (("worst", np.min(drops, axis=0)), ("mean", np.mean(drops, axis=0))):
        words = f"half of the events, {word} of {SEEDS}"
        print(f"{words:34} {row[0]:9.4f} {row[1]:9.4f} {row[2]:9.4f}")
    far = np.max(abs(np.array(drops)[:, [0, 2]] - list(base.values())), axis=0)
    print(f"{'largest change of F1':34} {far[0]:9.4f} {'':>9} {far[1]:9.4f}")
    found = [clouds(tube, every, seed) for seed in range(SEEDS)]
    print(
        f"\nB cells as one of four clouds, {SEEDS} seeds: F1 {min(found):.4f} to {max(found):.4f}"
    )


def whole_chain(tube: Labelled) -> None:
    """Nothing taken from the hand-made gates: root to B cells."""
    every = np.ones(len(tube.events), dtype=bool)
    single, _ = find(tube, "singlets", ("FSC-A", "FSC-H"), every)
    side, _ = find(tube, "singlets", ("SSC-A", "SSC-H"), single)
    for method in ("valley", "tail"):
        without, _ = find(tube, method, ("NK1/1",), side, side="-")
        found, _ = find(tube, "valley", ("CD19", "CD3"), without, side="+-")
        print(f"root to B cells, NK1.1- by {method}: F1 {f1(found, tube.b_cells):.4f}")
    for name, method, channels in (("debris", "debris", ("FSC-A",)), ("live", "live", ("l/d",)),
                                   ("CD5-like, one peak", "valley", ("FSC-A",))):  # fmt: skip
        _, seen = find(tube, method, channels, single)
        words = seen.reason if isinstance(seen, NoGate) else "; ".join(seen.reasons)
        print(f"  {name}: {words}")


def steadiness(folder: Path) -> None:
    """Balanced accuracy of the stable gate on files with known accidents."""
    for name in ("syn_clean", "syn_drift", "syn_clog", "syn_bursts"):
        events = fcs.read(folder / f"{name}.fcs")
        ticks = events.column("Time").astype(np.float64)[:, None]
        truth = json.loads((folder / f"{name}.truth.json").read_text())
        bad = np.zeros(len(events), dtype=bool)
        for first, last in truth["bad_events_truth_ranges_1based"]:
            bad[first - 1 : last] = True
        sought = methods()["stable"].shape({"remove": True}, 1)
        assert isinstance(sought, Sought)
        seen = sought.look(Pool(ticks, ("Time",), (Linear(),), (TOP,), events.time_step_s, (name,)))
        assert isinstance(seen, Found)
        out = ~seen.shape.contains(ticks)
        spans = len(seen.shape.starts) if isinstance(seen.shape, Spans) else 0
        line = f"{name:12} {100 * out.mean():5.1f} % taken out in {spans} spans"
        if bad.any():
            balanced = (out[bad].mean() + (~out[~bad]).mean()) / 2
            scores = json.loads((folder / f"{name}.json").read_text())["scores_vs_truth"]
            best = max(one["balanced_accuracy"] or 0 for one in scores.values())
            line += f", balanced accuracy {balanced:.4f}; the best of the other tools {best:.4f}"
        print(line)


def main() -> None:
    """Run everything that the corpus allows."""
    corpus = Path(os.environ["ASSAYS_CORPUS"])
    tube = labelled(corpus / "gating" / "flowjo" / "flowsom_68983")
    against_labels(tube)
    whole_chain(tube)
    print()
    steadiness(corpus / "qc" / "flow")


if __name__ == "__main__":
    main()
