"""A strategy as Gating-ML 2.0.

What the standard has no word for is written as the nearest thing that it has:
FlowJo's biex as a logicle, a gate's complement as a Boolean gate beside it, Diva's bins and
decision trees as rectangles, rising functions of version 1.5 as the values below them, and
its others not at all: they are refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Channel
from assays.flow.exchange.columns import Basis
from assays.flow.exchange.gate import BooleanGate, ShapeGate, only_bounds
from assays.flow.exchange.gatingml.boxes import in_boxes
from assays.flow.exchange.gatingml.elements import (
    attributes,
    channel,
    coordinate,
    ellipsoid,
    function,
    text,
    transformation,
)
from assays.flow.exchange.gatingml.names import Names
from assays.flow.exchange.gatingml.scaled import on_scaled_values
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import (
    Compensated,
    Function,
    Quantity,
    Quotient,
    Recorded,
    Scaled,
    channels_of,
)
from assays.flow.exchange.strategy import SharedStrategy
from assays.flow.gates.shapes import Box, Ellipse, Polygon
from assays.flow.scales import Bounded, Log
from assays.flow.strategy import ROOT

SPACES = (
    ("gating", "gating"),
    ("transforms", "transformations"),
    ("data-type", "datatypes"),
)


def write(place: str | Path, strategy: SharedStrategy, channels: Sequence[Channel] = ()) -> None:
    """Write a strategy to a file; channels as `to_xml` takes them.

    Raises
    ------
    GatingError
        When Gating-ML 2.0 cannot say what the strategy does.
    """
    text = to_xml(strategy, channels)
    Path(place).write_text(text, encoding="utf-8", newline="\n")


def to_xml(strategy: SharedStrategy, channels: Sequence[Channel] = ()) -> str:
    """Text of a Gating-ML 2.0 file; reading it back gives the same populations.

    Gate ids must be XML names: another id (a FlowJo path) is replaced, and kept as the
    gate's ``name`` in ``custom_info``. Shapes that the standard lacks become rectangles
    joined by ``or``.

    Parameters
    ----------
    strategy : SharedStrategy
    channels : sequence of Channel, optional
        Of the file that is gated. Needed for gates on values as stored (version 1.5),
        since version 2.0 gates scaled ones.

    Raises
    ------
    GatingError
        For what version 2.0 cannot say, or a strategy without gates.
    """
    if not strategy.gates:
        raise GatingError("there are no gates to write", strategy.name)
    if strategy.basis is Basis.STORED:
        if not channels:
            raise GatingError(
                "a strategy on values as stored cannot be written as Gating-ML 2.0 without the "
                "channels of a file",
                strategy.name,
                "Version 2.0 gates scaled values. Give the channels of an FCS file.",
            )
        strategy = on_scaled_values(strategy, channels)
    gates = tuple(part for gate in strategy.gates for part in in_boxes(gate))
    return _Writer(replace(strategy, gates=gates)).document()


class _Writer:
    """Collects scales and ratios while the gates are written."""

    def __init__(self, strategy: SharedStrategy) -> None:
        self._strategy = strategy
        self._ids = Names()
        self._scales: dict[Function, str] = {}
        self._ratios: dict[tuple[Quotient, Bounded | None], str] = {}

    def document(self) -> str:
        """The whole file."""
        gates = [line for gate in self._strategy.gates for line in self._gate(gate)]
        spaces = "".join(
            f'\n    xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
            for prefix, name in SPACES
        )
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<gating:Gating-ML{spaces}>"]
        for matrix in self._strategy.matrices.values():
            lines += self._matrix(matrix)
        for scale, name in self._scales.items():
            lines += transformation(name, function(scale), scale)
        for (quotient, bounds), name in self._ratios.items():
            lines += transformation(name, _ratio(quotient), bounds)
        return "\n".join([*lines, *gates, "</gating:Gating-ML>", ""])

    def _matrix(self, matrix: Matrix) -> list[str]:
        numbers, inverted = matrix.numbers, ""
        if matrix.inverted and len(matrix.detectors) == len(matrix.fluorochromes):
            # Some readers pass over the mark of an inverted matrix; a plain one they all undo.
            numbers = np.asarray(np.linalg.inv(numbers), dtype=np.float64)
        elif matrix.inverted:
            inverted = ' transforms:matrix-inverted-already="true"'
        name = quoteattr(self._ids.of(matrix.name))
        lines = [f"  <transforms:spectrumMatrix transforms:id={name}{inverted}>"]
        for kind, names in (
            ("fluorochromes", matrix.fluorochromes),
            ("detectors", matrix.detectors),
        ):
            lines.append(f"    <transforms:{kind}>")
            lines += [f"      {channel(known)}" for known in names]
            lines.append(f"    </transforms:{kind}>")
        for row in numbers:
            lines.append("    <transforms:spectrum>")
            lines += [
                f'      <transforms:coefficient transforms:value="{text(value)}"/>' for value in row
            ]
            lines.append("    </transforms:spectrum>")
        return [*lines, "  </transforms:spectrumMatrix>"]

    def _gate(self, gate: ShapeGate | BooleanGate) -> list[str]:
        name = self._ids.of(gate.name)
        if isinstance(gate, BooleanGate):
            operands = "".join(
                f"<gating:gateReference gating:ref={quoteattr(self._ids.of(op.gate))}"
                + (' gating:use-as-complement="true"/>' if op.complement else "/>")
                for op in gate.operands
            )
            inside = [f"    <gating:{gate.operation}>{operands}</gating:{gate.operation}>"]
            return self._wrapped("BooleanGate", name, gate, inside)
        if not gate.complement:
            return self._shape(gate, name)
        # The gate itself under another name, then what it leaves of the parent.
        hidden = self._ids.fresh(f"{name}_inside")
        reference = f"<gating:gateReference gating:ref={quoteattr(hidden)}/>"
        inside = [f"    <gating:not>{reference}</gating:not>"]
        return [
            *self._shape(gate, hidden),
            *self._wrapped("BooleanGate", name, gate, inside),
        ]

    def _shape(self, gate: ShapeGate, name: str) -> list[str]:
        match gate.shape:
            case Box():
                gate, low, high = _with_all_below(gate, gate.shape)
                ends = [
                    "".join(
                        f' gating:{key}="{text(value)}"'
                        for key, value in (("min", bottom), ("max", above))
                        if abs(value) != float("inf")
                    )
                    for bottom, above in zip(low, high, strict=True)
                ]
                return self._wrapped("RectangleGate", name, gate, self._dimensions(gate, ends))
            case Polygon(vertices):
                corners = [
                    "    <gating:vertex>" + "".join(map(coordinate, corner)) + "</gating:vertex>"
                    for corner in vertices.tolist()
                ]
                inside = [*self._dimensions(gate, ["", ""]), *corners]
                return self._wrapped("PolygonGate", name, gate, inside)
            case Ellipse() as ellipse:
                inside = [*self._dimensions(gate, [""] * len(gate.axes)), *ellipsoid(ellipse)]
                return self._wrapped("EllipsoidGate", name, gate, inside)
        raise GatingError(
            f"gate {gate.name!r}: Gating-ML 2.0 has no {type(gate.shape).__name__}", gate.place
        )

    def _wrapped(
        self, kind: str, name: str, gate: ShapeGate | BooleanGate, inside: list[str]
    ) -> list[str]:
        parent = ""
        if gate.parent != ROOT:
            parent = f" gating:parent_id={quoteattr(self._ids.of(gate.parent))}"
        known = []
        if name != gate.name:
            known = [f"    <data-type:custom_info><name value={quoteattr(gate.name)}/>"
                     "</data-type:custom_info>"]  # fmt: skip
        return [
            f"  <gating:{kind} gating:id={quoteattr(name)}{parent}>",
            *known,
            *inside,
            f"  </gating:{kind}>",
        ]

    def _dimensions(self, gate: ShapeGate, ends: list[str]) -> list[str]:
        lines = []
        for axis, end in zip(gate.axes, ends, strict=True):
            scale = ""
            if isinstance(axis, Scaled) and not _bounded_ratio(axis):
                known = self._scale_id(axis.scale, gate)
                scale, axis = f" gating:transformation-ref={quoteattr(known)}", axis.of
            compensation, inner = self._measured(axis, gate)
            lines.append(
                f"    <gating:dimension{end} gating:compensation-ref={quoteattr(compensation)}"
                f"{scale}>{inner}</gating:dimension>"
            )
        return lines

    def _scale_id(self, scale: Function, gate: ShapeGate) -> str:
        if not function(scale):
            raise GatingError(
                f"gate {gate.name!r}: Gating-ML 2.0 has no {type(scale).__name__}", gate.place
            )
        if scale not in self._scales:
            self._scales[scale] = self._ids.fresh(f"scale_{len(self._scales) + 1}")
        return self._scales[scale]

    def _measured(self, axis: Quantity, gate: ShapeGate) -> tuple[str, str]:
        match axis:
            case Recorded(name):
                return "uncompensated", channel(name)
            case Compensated(name, matrix):
                known = self._ids.of(matrix) if matrix in self._strategy.matrices else matrix
                return known, channel(name)
            case Quotient():
                return self._quotient(axis, None, gate)
            case Scaled(Quotient() as inner, Bounded() as bounds) if _bounded_ratio(axis):
                return self._quotient(inner, bounds, gate)
        raise GatingError(
            f"gate {gate.name!r}: Gating-ML 2.0 cannot say what its axis measures", gate.place
        )

    def _quotient(self, axis: Quotient, bounds: Bounded | None, gate: ShapeGate) -> tuple[str, str]:
        ends = [self._measured(part, gate) for part in (axis.upper, axis.lower)]
        if ends[0][0] != ends[1][0] or "new-dimension" in ends[0][1] + ends[1][1]:
            raise GatingError(
                f"gate {gate.name!r}: Gating-ML 2.0 cannot say what its axis measures", gate.place
            )
        known = (axis, bounds)
        if known not in self._ratios:
            self._ratios[known] = self._ids.fresh(f"ratio_{len(self._ratios) + 1}")
        reference = quoteattr(self._ratios[known])
        return ends[0][0], f"<data-type:new-dimension data-type:transformation-ref={reference}/>"


def _ratio(quotient: Quotient) -> str:
    ratio = quotient.ratio
    values = {"A": ratio.A, "B": ratio.B, "C": ratio.C}
    inner = "".join(
        channel(n) for part in (quotient.upper, quotient.lower) for n in channels_of(part)
    )
    return f"<transforms:fratio{attributes(values)}>{inner}</transforms:fratio>"


def _bounded_ratio(axis: Quantity) -> bool:
    """Whether an axis is a ratio whose values stop at bounds, without a scale."""
    return isinstance(axis, Scaled) and isinstance(axis.of, Quotient) and only_bounds(axis)


def _with_all_below(
    gate: ShapeGate, shape: Box
) -> tuple[ShapeGate, tuple[float, ...], tuple[float, ...]]:
    """A rectangle without a lower end on a logarithm, moved to the values themselves.

    Here it takes in values below zero; other readers give those no place on ``flog``.
    """
    axes, high = list(gate.axes), list(shape.high)
    for index, (axis, low) in enumerate(zip(gate.axes, shape.low, strict=True)):
        if isinstance(axis, Scaled) and isinstance(axis.scale, Log) and low == -math.inf:
            axes[index] = axis.of
            if high[index] < math.inf:
                high[index] = float(axis.scale.inverse(high[index]))
    return replace(gate, axes=tuple(axes)), shape.low, tuple(high)
