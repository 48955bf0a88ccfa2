"""One gate of another program: a shape on its own axes, or other gates combined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assays.flow.exchange.quantity import Quantity, Scaled, channels_of
from assays.flow.gates.shapes import Polygon, Shape
from assays.flow.scales import Bounded, Linear
from assays.flow.strategy import ROOT

MOST_CHECKED_VERTICES = 3000
"""Polygons with more are not searched for edges that cross."""


@dataclass(frozen=True, slots=True)
class ShapeGate:
    """Events inside a shape."""

    name: str
    """Identifier: unique in its strategy."""
    parent: str
    axes: tuple[Quantity, ...]
    shape: Shape
    complement: bool = False
    """Whether the events outside the shape are taken."""
    place: str = ""
    """File and line."""
    group: str = ""
    """Quadrant gate that it is one part of; empty otherwise."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Gates that must be known before this one."""
        return (self.parent,)

    @property
    def definition(self) -> str:
        """The boundary in words."""
        names = tuple(" / ".join(channels_of(axis)) for axis in self.axes)
        words = self.shape.words(names)
        if any(isinstance(axis, Scaled) and not only_bounds(axis) for axis in self.axes):
            words = f"{words} (on the scale)"
        return f"outside {words}" if self.complement else words


class Operation(StrEnum):
    """How gates are combined."""

    AND = "and"
    OR = "or"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another gate, or what it leaves out."""

    gate: str
    complement: bool = False


@dataclass(frozen=True, slots=True)
class BooleanGate:
    """Events that are in all, any or none of other gates."""

    name: str
    parent: str
    operation: Operation
    operands: tuple[Reference, ...]
    place: str = ""
    group: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Gates that must be known before this one."""
        return (self.parent, *(operand.gate for operand in self.operands))

    @property
    def definition(self) -> str:
        """The combination in words."""
        words = [f"not {op.gate}" if op.complement else op.gate for op in self.operands]
        if self.operation is Operation.NOT:
            return f"not ({words[0]})"
        return f" {self.operation} ".join(words)


Gate = ShapeGate | BooleanGate


def only_bounds(axis: Quantity) -> bool:
    """Whether an axis is in its own units, but for values beyond its ends, which lie there."""
    return (
        isinstance(axis, Scaled)
        and isinstance(axis.scale, Bounded)
        and axis.scale.scale == Linear()
    )


def top(name: str) -> str:
    """Parent of a gate that names none: every event."""
    return name or ROOT


def crosses_itself(polygon: Polygon) -> bool:
    """Whether two edges of a polygon cross properly; touching and overlapping do not count."""
    corners = polygon.vertices
    if not 4 <= len(corners) <= MOST_CHECKED_VERTICES:
        return False
    ends = np.roll(corners, -1, axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        for start, end in zip(corners, ends, strict=True):
            one = _side(start, end, corners) * _side(start, end, ends)
            other = _side(corners, ends, start) * _side(corners, ends, end)
            if ((one < 0) & (other < 0)).any():
                return True
    return False


def _side(start: np.ndarray, end: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Sign of the side of a line on which a point lies."""
    along, away = end - start, point - start
    return np.asarray(np.sign(along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]))
