"""A gate of another program as a gate of a run: the same events, and an outline to draw.

Membership is settled by the program's own axes, on the events as recorded. For a
picture the outline is carried back to original units, point by point where its
edges are straight on a scale.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assays.errors import GatingError
from assays.flow.exchange.gate import Gate, ShapeGate
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import Compensated, Quantity, Recorded, Scaled, Sum
from assays.flow.exchange.strategy import SharedStrategy, plain
from assays.flow.gate_step import GateStep
from assays.flow.gates.shapes import Floats, Mask

POINTS_OF_AN_EDGE = 24
"""Points along an edge that bends when it leaves its scale."""
KINDS = {"Box": "rectangle"}


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A boundary that another program decides; here it is only drawn and told."""

    definition: str
    corners: Floats
    """shape (k, 2) closed, (k, 1) cuts, or (0, 2) when it cannot be drawn; original units."""

    def contains(self, points: Floats) -> Mask:
        """The gate's own axes decide, not these."""
        raise GatingError("this gate is decided by the strategy that it came with")

    def outline(self) -> Floats:
        """The closed outline, or the cuts."""
        return self.corners

    def bounds(self) -> Floats:
        """Lowest and highest corner."""
        if not len(self.corners):
            return np.array([[-np.inf] * 2, [np.inf] * 2])
        return np.array([self.corners.min(axis=0), self.corners.max(axis=0)])

    def words(self, channels: tuple[str, ...]) -> str:
        """The gate in words."""
        return self.definition


def steps_of(
    strategy: SharedStrategy, name_of: Callable[[str], str | None], compensated: bool
) -> tuple[GateStep, ...]:
    """Gates of a strategy as steps of a run, a parent before its children.

    Parameters
    ----------
    strategy : SharedStrategy
    name_of : callable
        A tube's own name of a channel; None when it has no such channel.
    compensated : bool
        Whether the run draws compensated events: a gate on a fluorescence channel as
        recorded cannot be drawn over them.
    """
    return tuple(_step(gate, strategy, name_of, compensated) for gate in strategy.gates)


def _step(
    gate: Gate,
    strategy: SharedStrategy,
    name_of: Callable[[str], str | None],
    compensated: bool,
) -> GateStep:
    channels: tuple[str, ...] = ()
    corners = np.empty((0, 2))
    if not isinstance(gate, ShapeGate):
        kind = gate.operation.value
    else:
        kind = type(gate.shape).__name__
        kind = "interval" if kind == "Box" and len(gate.axes) == 1 else KINDS.get(kind, kind)
        shown = [shown_channel(a, strategy, name_of, compensated) for a in gate.axes[:2]]
        if all(name is not None for name in shown) and len({*shown}) == len(shown):
            channels = tuple(name for name in shown if name is not None)
            corners = _corners(gate)
    return GateStep(
        gate.name,
        gate.parent,
        kind.lower(),
        channels,
        Drawn(gate.definition, corners),
        origin=gate.place or strategy.name or "strategy",
    )


def shown_channel(
    axis: Quantity,
    strategy: SharedStrategy,
    name_of: Callable[[str], str | None],
    compensated: bool,
) -> str | None:
    """The one channel on which an axis can be drawn; None when there is none."""
    inner = innermost(axis)
    if isinstance(inner, Compensated):
        return name_of(detector_of(inner, strategy.matrices.get(inner.matrix)))
    if not isinstance(inner, Recorded):
        return None
    bare = inner.channel.removeprefix("Comp-")
    if bare != inner.channel or not compensated:
        return name_of(inner.channel) or name_of(bare)
    return None if is_compensated_by_run(inner.channel) else name_of(inner.channel)


def is_compensated_by_run(channel: str) -> bool:
    """Whether compensation changes a channel: it reports light, not scatter or time."""
    from assays.flow.axes import is_fluorescence

    return is_fluorescence(channel) and not channel.startswith("Comp-")


def innermost(axis: Quantity) -> Quantity:
    """What an axis measures, without its scales and factors."""
    while True:
        if isinstance(axis, Scaled):
            axis = axis.of
        elif isinstance(axis, Sum) and len(axis.of) == 1:
            axis = axis.of[0]
        else:
            return axis


def detector_of(axis: Compensated, matrix: Matrix | None) -> str:
    """Detector whose compensated signal a fluorochrome is, where the matrix is square."""
    if matrix is None or axis.channel not in matrix.fluorochromes:
        return axis.channel
    if len(matrix.fluorochromes) != len(matrix.detectors):
        return axis.channel
    return matrix.detectors[matrix.fluorochromes.index(axis.channel)]


def _corners(gate: ShapeGate) -> Floats:
    """Outline of the first two axes in original units; empty where there is no way back."""
    axes, shape = plain(gate)
    corners = shape.outline()
    if not len(corners):
        return corners
    shown = axes[: corners.shape[1]]
    if not any(isinstance(axis, (Scaled, Sum)) for axis in shown):
        return corners
    if corners.shape[1] > 1:
        corners = _closely(corners)
    columns = [_back(axis, column) for axis, column in zip(shown, corners.T, strict=True)]
    if any(column is None for column in columns):
        return np.empty((0, 2))
    placed = np.stack([column for column in columns if column is not None], axis=1)
    return placed if not np.isnan(placed).any() else np.empty((0, 2))


def _closely(corners: Floats) -> Floats:
    """The same outline with points along its edges."""
    share = np.linspace(0, 1, POINTS_OF_AN_EDGE, endpoint=False)[:, None]
    if len(corners) > 100:
        return corners
    parts = [
        start + share * (end - start) if np.isfinite([start, end]).all() else start[None, :]
        for start, end in itertools.pairwise(corners)
    ]
    return np.vstack([*parts, corners[-1:]])


def _back(axis: Quantity, places: Floats) -> Floats | None:
    """Original values at places on an axis."""
    with np.errstate(over="ignore", invalid="ignore"):
        while not isinstance(axis, (Recorded, Compensated)):
            if isinstance(axis, Scaled):
                inverse = getattr(axis.scale, "inverse", None)
                if inverse is None:
                    return None
                places, axis = np.asarray(inverse(places)), axis.of
            elif isinstance(axis, Sum) and len(axis.of) == 1 and axis.weights[0]:
                places, axis = (places - axis.constant) / axis.weights[0], axis.of[0]
            else:
                return None
    return places
