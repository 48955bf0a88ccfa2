"""Gating-ML 2.0 (ISAC recommendation, 2013) to gates."""

from __future__ import annotations

import math
from itertools import pairwise

from assays.flow.exchange.columns import Basis
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, Reference, ShapeGate, top
from assays.flow.exchange.gatingml.axes import Axes, walk
from assays.flow.exchange.gatingml.shapes import MOST_DIMENSIONS, box, ellipsoid, polygon
from assays.flow.exchange.markup import Node, finite
from assays.flow.exchange.quantity import Quantity
from assays.flow.exchange.strategy import SharedStrategy, check
from assays.flow.gates.shapes import Box, Shape

MOST_OPERANDS = 1000
"""Gates that one Boolean gate combines, and values of one divider."""

GATES = ("RectangleGate", "PolygonGate", "EllipsoidGate", "QuadrantGate", "BooleanGate")


def read_20(root: Node) -> SharedStrategy:
    """Every gate of a file, transformations and matrices resolved.

    Raises
    ------
    GatingError
        With the gate's id and its line.
    """
    axes = Axes(root)
    gates: list[Gate] = []
    for node in walk(root, GATES):
        gates += read_gate(node, axes)
    if not gates:
        raise root.error("expected gates, found none")
    return check(gates, axes.matrices, Basis.SCALED, root.file, dict.fromkeys(axes.notes))


def read_gate(node: Node, axes: Axes) -> list[Gate]:
    """One gate; a quadrant gate gives one for each of its quadrants."""
    name = node.word("id", "a gate")
    what = f"gate {name!r}"
    parent = top(node.called("parent_id"))
    if node.name == "BooleanGate":
        return [_boolean(node, name, parent, what)]
    if node.name == "QuadrantGate":
        return _quadrants(node, name, parent, axes, what)
    dimensions = node.all("dimension")
    if not 0 < len(dimensions) <= MOST_DIMENSIONS:
        raise node.error(f"{what}: expected 1 to {MOST_DIMENSIONS} axes, found {len(dimensions)}")
    shape: Shape
    if node.name == "RectangleGate":
        shape = box(node, dimensions, what)
    elif node.name == "PolygonGate":
        if len(dimensions) != 2:
            raise node.error(f"{what}: a polygon has 2 axes, found {len(dimensions)}")
        shape = polygon(node, what)
    else:
        shape = ellipsoid(node, len(dimensions), what)
    measured = tuple(axes.quantity(dimension, what) for dimension in dimensions)
    return [ShapeGate(name, parent, measured, shape, place=node.place)]


def _boolean(node: Node, name: str, parent: str, what: str) -> BooleanGate:
    kinds = node.all("and", "or", "not")
    if len(kinds) != 1:
        raise node.error(f"{what}: expected one of and, or, not; found {len(kinds)}")
    operation = Operation(kinds[0].name)
    operands = tuple(
        Reference(
            reference.word("ref", what),
            reference.get("use-as-complement").lower() in ("true", "1"),
        )
        for reference in kinds[0].all("gateReference")
    )
    check_operands(node, operation, len(operands), what)
    return BooleanGate(name, parent, operation, operands, node.place)


def check_operands(node: Node, operation: Operation, count: int, what: str) -> None:
    """Refuse a combination of too few or too many gates."""
    if operation is Operation.NOT and count != 1:
        raise node.error(f"{what}: 'not' takes one gate, found {count}")
    if count > MOST_OPERANDS:
        raise node.error(f"{what}: combines {count:,} gates; {MOST_OPERANDS:,} are the most")
    if count < 1:
        raise node.error(f"{what}: {operation.value!r} takes gates, found none")


def _quadrants(node: Node, name: str, parent: str, axes: Axes, what: str) -> list[Gate]:
    """Every quadrant of a quadrant gate, as a rectangle on the dividers' axes.

    A divider with k values cuts its axis into k + 1 pieces; a quadrant names one
    piece per divider by any place within it. A value on a divider belongs to the
    piece above.
    """
    dividers: dict[str, tuple[Quantity, list[float]]] = {}
    for divider in node.all("divider"):
        key = divider.word("id", what)
        if key in dividers:
            raise divider.error(f"{what}: divider {key!r} is defined twice")
        cuts = [
            finite(value.text, f"{what}, divider {key!r}", value) for value in divider.all("value")
        ]
        if len(cuts) > MOST_OPERANDS:
            raise divider.error(f"{what}: divider {key!r} has {len(cuts):,} values")
        if not cuts:
            raise divider.error(f"{what}: divider {key!r} has no value")
        dividers[key] = (axes.quantity(divider, what), [-math.inf, *sorted(cuts), math.inf])
    if not 0 < len(dividers) <= MOST_DIMENSIONS:
        raise node.error(f"{what}: expected 1 to {MOST_DIMENSIONS} dividers, found {len(dividers)}")
    return [_quadrant(quadrant, name, parent, dividers, what) for quadrant in node.all("Quadrant")]


def _quadrant(
    node: Node,
    group: str,
    parent: str,
    dividers: dict[str, tuple[Quantity, list[float]]],
    what: str,
) -> ShapeGate:
    name = node.word("id", what)
    measured, low, high = [], [], []
    for position in node.all("position"):
        key = position.word("divider_ref", what)
        if key not in dividers:
            known = ", ".join(dividers)
            raise position.error(f"{what} names divider {key!r}", f"Known: {known}.")
        quantity, cuts = dividers[key]
        place = position.number("location", f"{what}, quadrant {name!r}")
        bottom, above = next(ends for ends in pairwise(cuts) if ends[0] <= place < ends[1])
        measured.append(quantity)
        low.append(bottom)
        high.append(above)
    if not measured:
        raise node.error(f"{what}: quadrant {name!r} names no divider")
    shape = Box(tuple(low), tuple(high))
    return ShapeGate(name, parent, tuple(measured), shape, place=node.place, group=group)
