"""Gates of Gating-ML 1.5, which sees values as stored, for scaled values.

The channels of a file say how the two differ: by a gain, by an amplifier's logarithm,
mostly not at all. A formula of 1.5 that rises is taken back to the values below it where
the gate is a rectangle; a line is folded into corners and ellipsoids. What is neither
is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Channel
from assays.flow.exchange.columns import Basis
from assays.flow.exchange.gate import Gate, ShapeGate
from assays.flow.exchange.gatingml.boxes import in_boxes
from assays.flow.exchange.gatingml.functions15 import (
    Exponential,
    ExponentialLine,
    HyperbolicSine,
    HyperlogRoot,
    InverseSine,
    InverseSplitScale,
    NaturalLog,
    SplitScale,
)
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import (
    Compensated,
    Function,
    Quantity,
    Quotient,
    Recorded,
    Scaled,
    Sum,
)
from assays.flow.exchange.strategy import SharedStrategy
from assays.flow.gates.shapes import Box, Ellipse, Polygon
from assays.flow.scales import Log


@dataclass(frozen=True, slots=True)
class _Line:
    """``factor × base + constant``, base being a quantity of scaled values."""

    base: Quantity
    factor: float = 1.0
    constant: float = 0.0


def on_scaled_values(strategy: SharedStrategy, channels: Sequence[Channel]) -> SharedStrategy:
    """The same gates for events that were scaled on reading.

    Parameters
    ----------
    strategy : SharedStrategy
        On values as stored.
    channels : sequence of Channel
        Of the file, or of any file of that instrument and those settings.

    Raises
    ------
    GatingError
        For what scaled values cannot say; with the gate and its line.
    """
    known = {channel.name: channel for channel in channels}
    gates: tuple[Gate, ...] = tuple(
        _moved(part, known, strategy.matrices) if isinstance(part, ShapeGate) else part
        for gate in strategy.gates
        for part in in_boxes(gate)
    )
    return replace(strategy, gates=gates, basis=Basis.SCALED)


def _moved(
    gate: ShapeGate, channels: Mapping[str, Channel], matrices: Mapping[str, Matrix]
) -> ShapeGate:
    shape = gate.shape
    low, high = (list(shape.low), list(shape.high)) if isinstance(shape, Box) else ([], [])
    lines: list[_Line] = []
    for index, axis in enumerate(gate.axes):
        if isinstance(shape, Box):
            axis, low[index], high[index] = _under(axis, low[index], high[index], gate)
            if isinstance(axis, Recorded) and _is_rounded(channels.get(axis.channel)):
                # Stored values are whole; what is made of them, kept in 32 bits, is not exact.
                low[index], high[index] = _between(low[index]), _between(high[index])
        lines.append(_line(axis, gate, channels, matrices))
    factors = np.array([line.factor for line in lines])
    constants = np.array([line.constant for line in lines])
    axes = tuple(line.base for line in lines)
    match shape:
        case Box():
            if (factors <= 0).any():
                raise _unsaid(gate)
            bottom, top = ((np.array(ends) - constants) / factors for ends in (low, high))
            return replace(gate, axes=axes, shape=Box(tuple(bottom.tolist()), tuple(top.tolist())))
        case Polygon(vertices):
            return replace(gate, axes=axes, shape=Polygon((vertices - constants) / factors))
        case Ellipse(center, covariance, square):
            moved = Ellipse(
                (center - constants) / factors, covariance / np.outer(factors, factors), square
            )
            return replace(gate, axes=axes, shape=moved)
    raise GatingError(
        f"gate {gate.name!r}: Gating-ML 2.0 has no {type(shape).__name__}", gate.place
    )


def _is_logarithmic(channel: Channel | None) -> bool:
    """Whether an amplifier's logarithm lies between stored and scaled values."""
    return channel is not None and channel.kind == "I" and channel.amplification[0] > 0


def _is_rounded(channel: Channel | None) -> bool:
    """Whether scaling makes other numbers of whole ones."""
    if channel is None or channel.kind != "I" or channel.time:
        return False
    return _is_logarithmic(channel) or channel.gain not in (0.0, 1.0)


def _between(end: float) -> float:
    """An end that parts the same whole numbers, and is none."""
    return math.ceil(end) - 0.5 if math.isfinite(end) else end


def _under(
    axis: Quantity, low: float, high: float, gate: ShapeGate
) -> tuple[Quantity, float, float]:
    """A rectangle's ends below the rising formulas of its axis."""
    while isinstance(axis, Scaled):
        back = _inverse(axis.scale)
        if back is None or (isinstance(axis.scale, NaturalLog) and low <= 0 < high):
            # 1.5 puts what has no logarithm at 0, in the middle of the others.
            raise _unsaid(gate)
        with np.errstate(over="ignore"):
            if isinstance(axis.scale, Exponential):
                low, high = (end if end > 0 else -math.inf for end in (low, high))
            low, high = (
                float(back.forward(end)) if math.isfinite(end) else end for end in (low, high)
            )
        if isinstance(axis.scale, NaturalLog) and low == -math.inf:
            low = math.nextafter(0.0, 1.0)
        axis = axis.of
    if high == -math.inf or low == math.inf:
        return axis, 0.0, 0.0
    return axis, low, high


def _inverse(scale: object) -> Function | None:
    """The inverse of a rising formula; None for any other."""
    match scale:
        case InverseSine(a, b) if a * b > 0:
            return HyperbolicSine(a, b)
        case HyperbolicSine(a, b) if a * b > 0:
            return InverseSine(a, b)
        case Exponential(a, b) if a > 0 and b > 0:
            return NaturalLog(a, b)
        case NaturalLog(a, b) if a > 0 and b > 0:
            return Exponential(a, b)
        case HyperlogRoot(a, b):
            return ExponentialLine(a, b)
        case ExponentialLine(a, b) if a > 0 and b > 0:
            return HyperlogRoot(a, b)
        case SplitScale():
            return InverseSplitScale(scale)
        case InverseSplitScale(split):
            return split
    return None


def _line(
    axis: Quantity,
    gate: ShapeGate,
    channels: Mapping[str, Channel],
    matrices: Mapping[str, Matrix],
) -> _Line:
    match axis:
        case Recorded(name):
            return _stored(name, gate, channels)
        case Compensated(_, matrix):
            parts = [_stored(name, gate, channels) for name in matrices[matrix].detectors]
            if all(part == _Line(part.base) and _is_recorded(part.base) for part in parts):
                return _Line(axis)
        case Quotient(Recorded(upper), Recorded(lower), _):
            ends = [_stored(name, gate, channels) for name in (upper, lower)]
            if all(end == _Line(end.base) and _is_recorded(end.base) for end in ends):
                return _Line(axis)
        case Sum((part,), (weight,), constant) if weight:
            inner = _line(part, gate, channels, matrices)
            return _Line(inner.base, weight * inner.factor, weight * inner.constant + constant)
    raise _unsaid(gate)


def _is_recorded(base: Quantity) -> bool:
    return isinstance(base, Recorded)


def _stored(name: str, gate: ShapeGate, channels: Mapping[str, Channel]) -> _Line:
    """A channel as stored, from its scaled value."""
    if name not in channels:
        raise GatingError(f"gate {gate.name!r}: there is no channel {name!r}", gate.place)
    channel = channels[name]
    decades, offset = channel.amplification
    if _is_logarithmic(channel):
        top = (offset or 1.0) * 10.0**decades
        return _Line(Scaled(Recorded(name), Log(top, decades)), channel.range)
    if channel.time or channel.gain in (0.0, 1.0):
        return _Line(Recorded(name))
    return _Line(Recorded(name), channel.gain)


def _unsaid(gate: ShapeGate) -> GatingError:
    return GatingError(
        f"gate {gate.name!r}: Gating-ML 2.0 cannot say what its axis measures", gate.place
    )
