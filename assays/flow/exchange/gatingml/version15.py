"""Gating-ML 1.5 (ISAC candidate recommendation, 2008) to gates.

Gates see the values as stored in the file. Transformations are formulas over
channels and other transformations, by reference or written in place.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from assays.flow.exchange.columns import Basis
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, Reference, ShapeGate, top
from assays.flow.exchange.gatingml.axes import walk
from assays.flow.exchange.gatingml.formulas15 import Formulas
from assays.flow.exchange.gatingml.shapes import MOST_DIMENSIONS, box, ellipsoid, polygon
from assays.flow.exchange.gatingml.version20 import check_operands
from assays.flow.exchange.markup import Node, finite
from assays.flow.exchange.quantity import Quantity, Recorded
from assays.flow.exchange.regions import DecisionTree, Polytope, Split
from assays.flow.exchange.strategy import SharedStrategy, check
from assays.flow.gates.shapes import Box, Ellipse, Shape

MOST_PARTS = 10_000
"""Half-spaces of a polytope, and thresholds of a decision tree."""
EQUAL = math.sqrt(np.finfo(np.float64).eps)
"""Numbers closer than this count as equal (suite of Gating-ML 1.5, readme)."""

GATES = (
    "RectangleGate",
    "PolygonGate",
    "EllipsoidGate",
    "PolytopeGate",
    "DecisionTreeGate",
    "BooleanGate",
)


def read_15(root: Node) -> SharedStrategy:
    """Every gate of a file, those defined inside a Boolean gate as well.

    Raises
    ------
    GatingError
        With the gate's id and its line.
    """
    formulas = Formulas(root)
    gates: list[Gate] = []
    for node in walk(root, GATES):
        gates += _read(node, formulas)
    if not gates:
        raise root.error("expected gates, found none")
    return check(gates, formulas.matrices, Basis.STORED, root.file)


def _read(node: Node, formulas: Formulas) -> list[Gate]:
    name = node.word("id", "a gate")
    what = f"gate {name!r}"
    parent = top(node.called("parent_id"))
    if node.name == "BooleanGate":
        return _boolean(node, name, parent, formulas, what)
    if node.name == "DecisionTreeGate":
        axes, tree = _tree(node, formulas, what)
        return [ShapeGate(name, parent, axes, tree, place=node.place)]
    dimensions = node.all("dimension")
    if not 0 < len(dimensions) <= MOST_DIMENSIONS:
        raise node.error(f"{what}: expected 1 to {MOST_DIMENSIONS} axes, found {len(dimensions)}")
    measured = tuple(formulas.quantity(dimension, what) for dimension in dimensions)
    shape: Shape
    match node.name:
        case "RectangleGate":
            shape = _forgiving(box(node, dimensions, what), measured)
        case "PolygonGate":
            if len(dimensions) != 2:
                raise node.error(f"{what}: a polygon has 2 axes, found {len(dimensions)}")
            shape = polygon(node, what)
        case "EllipsoidGate":
            shape = _edge_inside(ellipsoid(node, len(dimensions), what))
        case _:
            shape = _polytope(node, len(dimensions), what)
    return [ShapeGate(name, parent, measured, shape, place=node.place)]


def _forgiving(shape: Box, axes: tuple[Quantity, ...]) -> Box:
    """Ends of computed axes moved by the rounding of the arithmetic.

    The standard's suite asks for numbers closer than the root of the machine precision
    to count as equal, since a formula such as 0.33 x + 0.42 y rarely gives its exact
    value. A value equal to `min` is inside and one equal to `max` is not, so both ends
    move down. Channels as recorded are compared exactly.
    """
    moved = [0.0 if isinstance(axis, Recorded) else EQUAL for axis in axes]
    return Box(
        tuple(low - by for low, by in zip(shape.low, moved, strict=True)),
        tuple(high - by for high, by in zip(shape.high, moved, strict=True)),
    )


def _edge_inside(shape: Ellipse) -> Ellipse:
    """The ellipsoid with room for rounding, so that an event on its edge stays inside."""
    return replace(shape, distance_squared=shape.distance_squared * (1 + 1e-13))


def _boolean(node: Node, name: str, parent: str, formulas: Formulas, what: str) -> list[Gate]:
    """A Boolean gate, and before it the gates that are written inside it."""
    kinds = node.all("and", "or", "not")
    if len(kinds) != 1:
        raise node.error(f"{what}: expected one of and, or, not; found {len(kinds)}")
    inner: list[Gate] = []
    operands = []
    for child in kinds[0]:
        if child.name == "gateReference":
            operands.append(Reference(child.word("ref", what)))
        elif child.name in GATES:
            inner += _read(child, formulas)
            operands.append(Reference(child.word("id", what)))
    operation = Operation(kinds[0].name)
    check_operands(node, operation, len(operands), what)
    return [*inner, BooleanGate(name, parent, operation, tuple(operands), node.place)]


def _polytope(node: Node, size: int, what: str) -> Polytope:
    rows = [
        [finite(entry.word("value", what), what, entry) for entry in half.all("entry")]
        for half in node.all("halfspace")
    ]
    if len(rows) > MOST_PARTS:
        raise node.error(f"{what}: {len(rows):,} half-spaces; {MOST_PARTS:,} are the most")
    if not rows or any(len(row) != size + 1 for row in rows):
        raise node.error(f"{what}: every half-space takes {size + 1} numbers")
    table = np.array(rows)
    return Polytope(table[:, :-1], table[:, -1])


def _tree(node: Node, formulas: Formulas, what: str) -> tuple[tuple[Quantity, ...], DecisionTree]:
    """Splits in the order in which they are met, level by level."""
    axes: list[Quantity] = []
    waiting = [node.need(what, "rootNode")]
    splits: list[Split] = []
    while len(splits) < len(waiting):
        here = waiting[len(splits)]
        if len(splits) >= MOST_PARTS:
            raise here.error(f"{what}: more than {MOST_PARTS:,} thresholds")
        quantity = formulas.quantity(here, what)
        if quantity not in axes:
            axes.append(quantity)
        leads: dict[str, int | bool] = {}
        for side in ("LT", "GTE"):
            leaf, deeper = here.first(f"leaf{side}"), here.first(f"node{side}")
            if (leaf is None) == (deeper is None):
                raise here.error(f"{what}: expected one leaf{side} or node{side}")
            if leaf is not None:
                leads[side] = leaf.word("inside", what).lower() in ("true", "1")
            elif deeper is not None:
                leads[side] = len(waiting)
                waiting.append(deeper)
        threshold = here.number("threshold", what)
        splits.append(Split(axes.index(quantity), threshold, leads["LT"], leads["GTE"]))
    return tuple(axes), DecisionTree(tuple(splits))
