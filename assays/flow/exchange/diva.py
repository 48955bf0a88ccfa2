"""BD FACSDiva experiments (XML): tubes with their gates, compensation and stored counts.

>>> experiment = diva.read("experiment.xml")                           # doctest: +SKIP
>>> experiment.samples["124500.fcs"].stored_counts["root/P1"]          # doctest: +SKIP
17902
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assays.flow.events import Spillover
from assays.flow.exchange.columns import Basis
from assays.flow.exchange.diva_axes import Axis, Settings
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, Reference, ShapeGate
from assays.flow.exchange.gatingml.shapes import make_polygon
from assays.flow.exchange.markup import Node, finite, read_markup
from assays.flow.exchange.quantity import Quantity
from assays.flow.exchange.strategy import MOST_GATES as MOST_OF_A_TUBE
from assays.flow.exchange.strategy import SharedStrategy, check
from assays.flow.gates.shapes import Box
from assays.flow.strategy import ROOT
from plates.source import Source

MOST_GATES = 100_000
"""Of all tubes together."""
EVERY = "EventSource_Classifier"
QUADRANTS = "Composite_Classifier"
_REGIONS = (
    "Region_Classifier", "SnapTo_Classifier", "Interval_Classifier", "SnapTo_Interval_Classifier",
)  # fmt: skip
_COMBINED = {
    "And_Classifier": Operation.AND,
    "Or_Classifier": Operation.OR,
    "Not_Classifier": Operation.NOT,
    "RestOf_Classifier": Operation.NOT,
}
_PLOTS = {"worksheet_config", "acquisition_worksheets", "statistics_calculations", "carousel_mgr"}


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """One tube of an experiment."""

    name: str
    specimen: str
    file: str
    """Name of its FCS file; empty when nothing was recorded."""
    strategy: SharedStrategy
    """Gates by path (``root/P1/P2``)."""
    compensation: Spillover | None
    stored_counts: Mapping[str, int]
    """What Diva counted, by path."""


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """What a Diva experiment holds."""

    name: str
    version: str
    """Of Diva."""
    samples: Mapping[str, Tube]
    """By FCS file; by ``specimen/tube`` where nothing was recorded or a file stands twice."""


def read(place: str | Path | Source) -> Experiment:
    """Read an experiment that BD FACSDiva exported as XML.

    Raises
    ------
    GatingError
        With the gate's path and line, for what cannot be understood.
    """
    source = Source.of(place)
    root = read_markup(
        source,
        gates=("gate",),
        most_gates=MOST_GATES,
        keep=lambda name, _: name not in _PLOTS,
    )
    if root.name != "bdfacs":
        raise root.error(
            f"expected a BD FACSDiva experiment, found <{root.name}>",
            "FlowJo workspaces are read by flowjo.read, Gating-ML by gatingml.read.",
        )
    experiment = root.need("experiment", "experiment")
    shared = experiment.first("instrument_settings")
    samples: dict[str, Tube] = {}
    for specimen in experiment.all("specimen"):
        for node in specimen.all("tube"):
            tube = _tube(node, specimen.get("name"), shared)
            key = tube.file or f"{tube.specimen}/{tube.name}"
            samples[f"{tube.specimen}/{tube.name}" if key in samples else key] = tube
    return Experiment(experiment.get("name"), root.get("version"), samples)


def _tube(node: Node, specimen: str, shared: Node | None) -> Tube:
    name = node.get("name")
    settings = Settings(node.first("instrument_settings") or shared, name)
    tree = _Tree(node.first("gates"), settings)
    matrices = {settings.matrix.name: settings.matrix} if settings.matrix else {}
    file = node.first("data_filename")
    return Tube(
        name,
        specimen,
        file.text.strip() if file is not None else "",
        check(tree.gates, matrices, Basis.SCALED, node.file, tree.notes),
        settings.matrix.spillover if settings.matrix else None,
        tree.counts,
    )


class _Tree:
    """Gates of one tube."""

    def __init__(self, block: Node | None, settings: Settings) -> None:
        self._settings = settings
        self._every = ""
        self._quadrants: dict[str, Node] = {}
        self.gates: list[Gate] = []
        self.counts: dict[str, int] = {}
        self.notes: list[str] = []
        nodes = block.all("gate") if block is not None else []
        if len(nodes) > MOST_OF_A_TUBE:
            raise nodes[0].error(f"{len(nodes):,} gates in one tube")
        for node in nodes:
            kind, full = node.get("type"), node.word("fullname", "a gate")
            if kind == EVERY:
                self._every = full
                self.counts[ROOT] = _count(node)
            elif kind == QUADRANTS:
                self._quadrants[full] = node
        for node in nodes:
            if node.get("type") not in (EVERY, QUADRANTS):
                self._take(node)

    def _path(self, full: str) -> str:
        if full == self._every or not full:
            return ROOT
        return ROOT + "/" + full.removeprefix(f"{self._every}\\").replace("\\", "/")

    def _take(self, node: Node) -> None:
        path, kind = self._path(node.get("fullname")), node.get("type")
        what = f"gate {path!r}"
        parent = self._path(_word(node, "parent"))
        self.counts[path] = _count(node)
        if kind in _COMBINED:
            self.gates.append(self._combined(node, path, parent, what))
            return
        if kind not in _REGIONS:
            raise node.error(f"{what}: Diva's {kind!r} is not known")
        if kind.startswith("SnapTo"):
            self.notes.append(
                f"{what} ({node.place}): a snap-to gate, which Diva moves with the data; "
                "it is taken where it stood when the experiment was exported."
            )
        region = node.need(what, "region")
        corners = [
            [finite(point.word(side, what), what, point) for side in ("x", "y")]
            for point in region.need(what, "points").all("point")
        ]
        self.gates.append(self._shape(node, path, parent, corners, what))

    def _combined(self, node: Node, path: str, parent: str, what: str) -> BooleanGate:
        operation = _COMBINED[node.get("type")]
        inputs = [self._path(child.text.strip()) for child in node.all("input")]
        if not inputs:
            raise node.error(f"{what}: combines no gates")
        if operation is Operation.NOT:
            left_out = tuple(Reference(name, complement=True) for name in inputs)
            return BooleanGate(path, parent, Operation.AND, left_out, node.place)
        return BooleanGate(path, parent, operation, tuple(map(Reference, inputs)), node.place)

    def _shape(
        self, node: Node, path: str, parent: str, corners: list[list[float]], what: str
    ) -> ShapeGate:
        region = node.need(what, "region")
        kind = region.get("type")
        x = self._settings.axis(node, "x", what)
        if kind == "INTERVAL_REGION":
            quantity, shape = _interval(node, x, [corner[0] for corner in corners], what)
            return ShapeGate(path, parent, (quantity,), shape, place=node.place)
        if kind not in ("RECTANGLE_REGION", "POLYGON_REGION"):
            raise region.error(f"{what}: Diva's {kind!r} is not known")
        axes = (x, self._settings.axis(node, "y", what))
        center = self._quadrants.get(_word(node, "input"))
        if center is not None:
            shape = _quadrant(center, corners, axes, what)
            display = tuple(axis.display for axis in axes)
            return ShapeGate(path, parent, display, shape, place=node.place)
        bins = [[axis.bin(n) for axis, n in zip(axes, c, strict=True)] for c in corners]
        binned = tuple(axis.binned for axis in axes)
        if kind == "POLYGON_REGION":
            polygon = make_polygon(bins, region, what)
            return ShapeGate(path, parent, binned, polygon, place=node.place)
        if len(bins) < 2:
            raise region.error(f"{what}: a rectangle needs its corners")
        # Both ends are inside: the next bin is the first outside.
        low, high = np.min(bins, axis=0), np.max(bins, axis=0) + 1
        box = Box((float(low[0]), float(low[1])), (float(high[0]), float(high[1])))
        return ShapeGate(path, parent, binned, box, place=node.place)


def _interval(node: Node, axis: Axis, ends: list[float], what: str) -> tuple[Quantity, Box]:
    """An interval is cut at its ends, not at the bins'."""
    if len(ends) < 2:
        raise node.error(f"{what}: an interval needs two ends")
    low, high = min(ends), max(ends)
    if axis.logarithmic:
        if high > 300:
            raise node.error(f"{what}: an end at {high:g} decades")
        return axis.plain, Box((10.0**low,), (10.0**high,))
    return axis.display, Box((axis.at(low),), (axis.at(high),))


def _quadrant(
    composite: Node, corners: list[list[float]], axes: tuple[Axis, Axis], what: str
) -> Box:
    """The quarter of the display in which a quadrant's corners lie."""
    point = composite.need(what, "region").need(what, "points").need(what, "point")
    low, high = [], []
    for index, (axis, side) in enumerate(zip(axes, ("x", "y"), strict=True)):
        cut = finite(point.word(side, what), what, point)
        reach = [corner[index] for corner in corners]
        if not reach:
            raise composite.error(f"{what}: a quadrant needs its corners")
        above = max(reach) - cut > cut - min(reach)
        low.append(axis.at(cut) if above else -math.inf)
        high.append(math.inf if above else axis.at(cut))
    return Box((low[0], low[1]), (high[0], high[1]))


def _word(node: Node, name: str) -> str:
    child = node.first(name)
    return child.text.strip() if child is not None else ""


def _count(node: Node) -> int:
    text = _word(node, "num_events")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
