"""FlowJo's populations to gates, named by their path: ``root/cells/live``."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from assays.flow.exchange.flowjo.axes import Axes, Axis, shown_on
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, Reference, ShapeGate
from assays.flow.exchange.gatingml.shapes import (
    box,
    coordinates,
    make_ellipsoid,
    make_polygon,
)
from assays.flow.exchange.markup import Node
from assays.flow.exchange.strategy import MOST_GATES
from assays.flow.gates.shapes import Box, Ellipse, Polygon, Shape
from assays.flow.strategy import ROOT

SHAPES = ("RectangleGate", "PolygonGate", "EllipsoidGate")
_COMBINED = {"AndNode": Operation.AND, "OrNode": Operation.OR, "NotNode": Operation.NOT}
NODES = ("Population", *_COMBINED)


class Tree:
    """Populations below one node, with the counts that FlowJo stored."""

    def __init__(self, node: Node, axes: Axes) -> None:
        self._axes = axes
        self.gates: list[Gate] = []
        self.counts: dict[str, int] = {ROOT: _count(node)}
        self._waiting: list[tuple[Node, str, str]] = []
        self._below(node, ROOT)
        for combined, path, parent in self._waiting:
            self.gates.append(self._combined(combined, path, parent))

    def _below(self, node: Node, path: str) -> None:
        inside = node.first("Subpopulations")
        for child in inside.all(*NODES) if inside else ():
            name = child.called("name") or child.name
            here = _unused(f"{path}/{name}", self.counts)
            if len(self.counts) > MOST_GATES:
                raise child.error(f"more than {MOST_GATES:,} gates in one sample")
            self.counts[here] = _count(child)
            if child.name == "Population":
                self.gates.append(self._shape(child, here, path))
            else:
                # Its operands may stand further down.
                self._waiting.append((child, here, path))
            self._below(child, here)

    def _shape(self, population: Node, path: str, parent: str) -> ShapeGate:
        what = f"gate {path!r}"
        holder = population.need(what, "Gate")
        found = [child for child in holder if child.name.endswith(("Gate", "Quad"))]
        if len(found) != 1:
            raise holder.error(f"{what}: expected one shape, found {len(found)}")
        node = found[0]
        if node.name not in SHAPES:
            raise node.error(
                f"{what}: FlowJo's {node.name} is not known",
                "Known: rectangles (and quadrants made of them), polygons, ellipses. Draw curly "
                "quadrants anew as one of them, or export the gates as Gating-ML 2.0.",
            )
        dimensions = node.all("dimension")
        axes = [self._axes.axis(dimension, what) for dimension in dimensions]
        shape: Shape
        if node.name == "RectangleGate":
            if not axes:
                raise node.error(f"{what}: a rectangle needs an axis")
            shape = _box(box(node, dimensions, what), axes)
            quantities = tuple(axis.plain for axis in axes)
        else:
            if len(axes) != 2:
                raise node.error(f"{what}: expected 2 axes, found {len(axes)}")
            for axis in axes:
                shown_on(axis, node, what)
            make = _polygon if node.name == "PolygonGate" else _ellipse
            shape = make(node, axes, what)
            quantities = tuple(axis.straight for axis in axes)
        outside = node.get("eventsInside", "1") == "0"
        return ShapeGate(path, parent, quantities, shape, outside, node.place)

    def _combined(self, node: Node, path: str, parent: str) -> BooleanGate:
        what = f"gate {path!r}"
        named = [d.word("name", what) for d in node.need(what, "Dependents").all("Dependent")]
        operation = _COMBINED[node.name]
        if not named or (operation is Operation.NOT and len(named) != 1):
            raise node.error(f"{what}: {operation.value!r} of {len(named)} populations")
        operands = tuple(Reference(self._meant(name, parent)) for name in named)
        return BooleanGate(path, parent, operation, operands, node.place)

    def _meant(self, name: str, parent: str) -> str:
        """Path of a population named from the root, from the parent or from an ancestor."""
        name = name.strip("/")
        for path in (name, f"{ROOT}/{name}"):
            if path in self.counts and path != ROOT:
                return path
        above = parent
        while above:
            if f"{above}/{name}" in self.counts:
                return f"{above}/{name}"
            above = above.rpartition("/")[0]
        ends = [path for path in self.counts if path.endswith(f"/{name}")]
        return ends[0] if len(ends) == 1 else f"{ROOT}/{name}"


def _box(shape: Box, axes: list[Axis]) -> Box:
    return Box(
        tuple(low / axis.factor for low, axis in zip(shape.low, axes, strict=True)),
        tuple(high / axis.factor for high, axis in zip(shape.high, axes, strict=True)),
    )


def _polygon(node: Node, axes: list[Axis], what: str) -> Polygon:
    """Polygon with corners on the scale, where FlowJo draws its edges straight."""
    corners = []
    for vertex in node.all("vertex"):
        x, y = coordinates(vertex, 2, what)
        place = [axes[0].place(x), axes[1].place(y)]
        if not all(map(math.isfinite, place)):
            raise vertex.error(f"{what}: a vertex at {x:g}, {y:g} has no place on its scale")
        corners.append(place)
    return make_polygon(corners, node, what)


# Numbers too large to be squared end as infinite ones, which `make_ellipsoid` refuses.
@np.errstate(over="ignore", invalid="ignore")
def _ellipse(node: Node, axes: list[Axis], what: str) -> Ellipse:
    """Ellipse from its foci and from points on its edge, in display channels."""
    foci = np.array([coordinates(v, 2, what) for v in node.need(what, "foci").all("vertex")])
    edge = np.array([coordinates(v, 2, what) for v in node.need(what, "edge").all("vertex")])
    if len(foci) != 2 or not len(edge):
        raise node.error(f"{what}: an ellipse needs two foci and points on its edge")
    away = foci[1] - foci[0]
    focal = float(np.linalg.norm(away)) / 2
    # FlowJo's two points on the long axis are exact; those across it need not be.
    ahead = np.abs((edge - foci.mean(axis=0)) @ away)
    ends = edge[np.argsort(-ahead, kind="stable")[:2]] if focal > 0 else edge
    sums = np.linalg.norm(ends[:, None, :] - foci[None, :, :], axis=2).sum(axis=1)
    long = float(sums.mean()) / 2
    if not math.isfinite(long):
        raise node.error(f"{what}: its points lie beyond every axis")
    if not focal < long:
        raise node.error(f"{what}: the edge lies between the foci: no area")
    turn = math.atan2(away[1], away[0]) if focal > 0 else 0.0
    along = np.array([math.cos(turn), math.sin(turn)])
    across = np.array([-along[1], along[0]])
    covariance = long**2 * np.outer(along, along) + (long**2 - focal**2) * np.outer(across, across)
    stretch = np.array([axis.display[0] for axis in axes])
    shift = np.array([axis.display[1] for axis in axes])
    center = foci.mean(axis=0) * stretch + shift
    return make_ellipsoid(center, covariance * np.outer(stretch, stretch), 1.0, node, what)


def _count(node: Node) -> int:
    text = node.get("count", "-1")
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return -1


def _unused(path: str, taken: Mapping[str, int]) -> str:
    """The path, or with a number behind when a sibling has the name already."""
    found, number = path, 1
    while found in taken:
        number += 1
        found = f"{path} ({number})"
    return found
