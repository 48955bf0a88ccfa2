"""Shapes that Gating-ML 2.0 lacks, as rectangles that hold the same events.

Diva's polygons decide in whole bins of the display, and a decision tree is a pile of
boxes: both are the union of rectangles, written one by one and joined by ``or``. Diva's
rectangles lose their bins: the edge of a bin is a place like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assays.errors import GatingError
from assays.flow.exchange.diva_axes import BINS, Binned, Decades
from assays.flow.exchange.gate import (
    BooleanGate,
    Gate,
    Operation,
    Reference,
    ShapeGate,
    only_bounds,
)
from assays.flow.exchange.quantity import Quantity, Quotient, Scaled
from assays.flow.exchange.regions import DecisionTree
from assays.flow.gates.shapes import Box, Ellipse, Polygon
from assays.flow.scales import Bounded, Linear, Log

MOST_BOXES = 1000
MOST_BINS = 1024
"""Along an axis of a polygon in bins; Diva has 256."""


def in_boxes(gate: Gate) -> list[Gate]:
    """The gate itself, or rectangles and their union under its name.

    Raises
    ------
    GatingError
        When more rectangles are needed than a Boolean gate takes.
    """
    if not isinstance(gate, ShapeGate):
        return [gate]
    match gate.shape:
        case DecisionTree() as tree:
            return _union(gate, gate.axes, list(_leaves(tree, len(gate.axes))))
        case Polygon() as polygon if all(map(_is_binned, gate.axes)):
            return _union(gate, _unbinned(gate), list(_runs(polygon, gate)))
        case Box() as box if any(map(_is_binned, gate.axes)):
            ends = [
                tuple(
                    math.ceil(end) / BINS if _is_binned(axis) and math.isfinite(end) else end
                    for end, axis in zip(side, gate.axes, strict=True)
                )
                for side in (box.low, box.high)
            ]
            return [replace(gate, axes=_unbinned(gate), shape=Box(ends[0], ends[1]))]
    return [_on_flin(replace(gate, axes=_unbinned(gate)))]


def _on_flin(gate: ShapeGate) -> ShapeGate:
    """Axes in their own units between two ends as ``flin``, which may have bounds."""
    tops = np.ones(len(gate.axes))
    axes = list(gate.axes)
    for index, axis in enumerate(gate.axes):
        scale = axis.scale if isinstance(axis, Scaled) and only_bounds(axis) else None
        if isinstance(axis, Scaled) and isinstance(scale, Bounded):
            ends = (scale.low, scale.high)
            top = max(map(abs, ends))
            if isinstance(axis.of, Quotient) or not 0 < top < math.inf:
                continue
            tops[index] = top
            axes[index] = Scaled(axis.of, Bounded(Linear(T=top), ends[0] / top, ends[1] / top))
    if (tops == 1).all() and axes == list(gate.axes):
        return gate
    match gate.shape:
        case Polygon(vertices):
            return replace(gate, axes=tuple(axes), shape=Polygon(vertices / tops))
        case Ellipse(center, covariance, square):
            shape = Ellipse(center / tops, covariance / np.outer(tops, tops), square)
            return replace(gate, axes=tuple(axes), shape=shape)
    return gate


def _is_binned(axis: Quantity) -> bool:
    return isinstance(axis, Scaled) and isinstance(axis.scale, Binned)


def _unbinned(gate: ShapeGate) -> tuple[Quantity, ...]:
    """Axes without bins; Diva's logarithm as one that stops at its foot."""
    axes = []
    for axis in gate.axes:
        if isinstance(axis, Scaled) and _is_binned(axis):
            axis = axis.of
        if isinstance(axis, Scaled) and isinstance(axis.scale, Decades):
            top = axis.scale.top
            axis = Scaled(axis.of, Bounded(Log(10.0**top, top), low=0.0))
        axes.append(axis)
    return tuple(axes)


def _union(gate: ShapeGate, axes: tuple[Quantity, ...], boxes: list[Box]) -> list[Gate]:
    if len(boxes) > MOST_BOXES:
        raise GatingError(
            f"gate {gate.name!r}: as Gating-ML 2.0 it would take {len(boxes):,} rectangles; "
            f"{MOST_BOXES:,} are the most",
            gate.place,
        )
    if not boxes:
        boxes = [Box((0.0,) * len(axes), (0.0,) * len(axes))]
    if len(boxes) == 1:
        return [replace(gate, axes=axes, shape=boxes[0])]
    parts = [
        ShapeGate(f"{gate.name} (part {number})", gate.parent, axes, box, place=gate.place)
        for number, box in enumerate(boxes, 1)
    ]
    whole = Operation.AND if gate.complement else Operation.OR
    operands = tuple(Reference(part.name, gate.complement) for part in parts)
    return [*parts, BooleanGate(gate.name, gate.parent, whole, operands, gate.place)]


def _runs(polygon: Polygon, gate: ShapeGate) -> Iterator[Box]:
    """Bins of a polygon as rectangles: runs within a row, joined where rows are alike."""
    (left, bottom), (right, top) = polygon.bounds()
    if not max(abs(left), abs(right), abs(bottom), abs(top)) <= MOST_BINS:
        raise GatingError(f"gate {gate.name!r}: its corners lie far off the display", gate.place)
    columns = np.arange(math.floor(left), math.ceil(right) + 1)
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(math.floor(bottom), math.ceil(top) + 2):
        inside = polygon.contains(
            np.stack([columns, np.full(len(columns), row)], axis=1).astype(np.float64)
        )
        steps = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
        runs = {(int(columns[0] + a), int(columns[0] + b)) for a, b in steps.reshape(-1, 2)}
        for run in [*open_runs]:
            if run not in runs:
                start = open_runs.pop(run)
                yield Box((run[0] / BINS, start / BINS), (run[1] / BINS, row / BINS))
        for run in sorted(runs):
            open_runs.setdefault(run, row)


def _leaves(tree: DecisionTree, size: int) -> Iterator[Box]:
    """The box of every leaf that is inside."""
    free = (-math.inf,) * size, (math.inf,) * size
    waiting: list[tuple[int, tuple[float, ...], tuple[float, ...]]] = [(0, *free)]
    while waiting:
        number, low, high = waiting.pop()
        split = tree.splits[number]
        at = split.dimension
        below = (*high[:at], min(high[at], split.threshold), *high[at + 1 :])
        above = (*low[:at], max(low[at], split.threshold), *low[at + 1 :])
        for leads, bottom, top in ((split.below, low, below), (split.above, above, high)):
            if leads is False or not bottom[at] < top[at]:
                continue
            if leads is True:
                yield Box(bottom, top)
            else:
                waiting.append((leads, bottom, top))
