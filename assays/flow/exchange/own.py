"""A run's own gates as a strategy that other programs can read."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Spillover
from assays.flow.exchange.columns import Basis
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, Reference, ShapeGate
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import Compensated, Quantity, Recorded, Scaled
from assays.flow.exchange.strategy import SharedStrategy, check
from assays.flow.exchange.stretch import of_the_standard
from assays.flow.gate_step import GateStep
from assays.flow.gates.boolean import Combination
from assays.flow.gates.found import Nothing, Spans
from assays.flow.gates.found import Scaled as OnScales
from assays.flow.gates.same_cut import SameCut
from assays.flow.gates.shapes import Box, Shape
from assays.flow.scales import Linear, Scale

OWN = "run"
"""Name of the run's matrix, where it is not each file's own."""


def own_strategy(
    steps: Sequence[GateStep],
    scales: Mapping[str, Scale],
    names: Mapping[str, str],
    compensation: Spillover | str,
    others: SharedStrategy | None = None,
    matrices_of: Mapping[str, Spillover | str] | None = None,
) -> SharedStrategy:
    """The gates of one tube as a strategy that stands by itself.

    Parameters
    ----------
    steps : sequence of GateStep
        As they were applied to the tube; a parent before its children.
    scales : mapping
        By channel as the strategy names it.
    names : mapping
        $PnN by channel as the strategy names it.
    compensation : Spillover or str
        The matrix of the run; ``FCS`` for each file's own; empty for none.
    others : SharedStrategy, optional
        Another program's gates, which some of the steps stand for.
    matrices_of : mapping, optional
        Compensation of channels that have their own, by channel as the strategy names it.

    Raises
    ------
    GatingError
        For a boundary that no standard describes.
    """
    axes = _Axes(scales, names, compensation, matrices_of or {})
    gates: list[Gate] = list(others.gates) if others else []
    brought = {gate.name for gate in gates}
    for step in steps:
        if step.population not in brought:
            gates += _gates(step, axes, {one.population: one for one in steps})
    matrices = dict(others.matrices) if others else {}
    if isinstance(compensation, Spillover):
        known = compensation.channels
        matrices[OWN] = Matrix(OWN, known, known, np.asarray(compensation.matrix))
    for one in (matrices_of or {}).values():
        if isinstance(one, Spillover):
            name = _named(one)
            matrices[name] = Matrix(name, one.channels, one.channels, np.asarray(one.matrix))
    return check(gates, matrices, others.basis if others else Basis.SCALED, "this run")


def _named(matrix: Spillover) -> str:
    """Name of a matrix that single gates have of their own; never that of the run's."""
    return f"{OWN}: {matrix.origin}"


class _Axes:
    """What each channel of the run is called and how it is compensated."""

    def __init__(
        self,
        scales: Mapping[str, Scale],
        names: Mapping[str, str],
        compensation: Spillover | str,
        matrices_of: Mapping[str, Spillover | str],
    ) -> None:
        self._scales, self._names = scales, names
        self._matrix, self._matrices_of = compensation, matrices_of

    def plain(self, name: str) -> Quantity:
        """A channel as the run has it, in original units."""
        channel = self._names.get(name, name)
        own = self._matrices_of.get(name)
        matrix = self._matrix if own is None else own
        known: Collection[str] = matrix.channels if isinstance(matrix, Spillover) else (channel,)
        if matrix == "" or channel not in known:
            return Recorded(channel)
        if isinstance(matrix, Spillover):
            return Compensated(channel, OWN if own is None else _named(matrix))
        return Compensated(channel, matrix)

    def scale(self, name: str) -> Scale:
        """Scale of a channel."""
        return self._scales.get(name, Linear())


def _gates(step: GateStep, axes: _Axes, steps: Mapping[str, GateStep]) -> list[Gate]:
    place = f"population {step.population!r}"
    shape: Shape = step.shape
    if isinstance(shape, SameCut):
        return _same_cut(step, shape, axes, steps)
    if isinstance(shape, Combination):
        operation = Operation(shape.operation)
        operands = tuple(Reference(name, left_out) for name, left_out in shape.operands)
        if not step.exclude:
            return [BooleanGate(step.population, step.parent, operation, operands, place)]
        inner = f"{step.population} (inside)"
        return [
            BooleanGate(inner, step.parent, operation, operands, place),
            _rest(step, (inner,), place),
        ]
    measured = tuple(axes.plain(name) for name in step.channels)
    if isinstance(shape, Spans):
        parts = [
            ShapeGate(f"{step.population} (span {n})", step.parent, measured[:1], box, place=place)
            for n, box in enumerate(_boxes(shape), 1)
        ]
        if not parts:
            everything = Box((-np.inf,) * len(measured), (np.inf,) * len(measured))
            return [ShapeGate(step.population, step.parent, measured, everything, place=place)]
        names = tuple(part.name for part in parts)
        if step.exclude:
            operands = tuple(Reference(name) for name in names)
            return [
                *parts,
                BooleanGate(step.population, step.parent, Operation.OR, operands, place),
            ]
        return [*parts, _rest(step, names, place)]
    if step.on_scale:
        scales, shape = of_the_standard([axes.scale(name) for name in step.channels], shape)
        measured = tuple(map(_on, measured, scales))
    elif isinstance(shape, OnScales):
        scales, shape = of_the_standard(shape.scales, shape.shape)
        measured = tuple(map(_on, measured, scales))
    if isinstance(shape, Nothing):
        shape = Box((0.0,) * len(measured), (0.0,) * len(measured))
    return [ShapeGate(step.population, step.parent, measured, shape, step.exclude, place)]


def _same_cut(
    step: GateStep, shape: SameCut, axes: _Axes, steps: Mapping[str, GateStep]
) -> list[Gate]:
    """The other gates' boundaries within this gate's parent, and what they have in common."""
    place = f"population {step.population!r}"
    found: list[Gate] = []
    operands = []
    for number, (name, outside) in enumerate(shape.operands, 1):
        own = f"{step.population} (cut {number})"
        again = dataclasses.replace(steps[name], population=own, parent=step.parent)
        found += _gates(again, axes, steps)
        operands.append(Reference(own, outside))
    if not step.exclude:
        whole = BooleanGate(step.population, step.parent, Operation.AND, tuple(operands), place)
        return [*found, whole]
    inner = f"{step.population} (inside)"
    both = BooleanGate(inner, step.parent, Operation.AND, tuple(operands), place)
    return [*found, both, _rest(step, (inner,), place)]


def _on(axis: Quantity, scale: Scale) -> Quantity:
    return axis if isinstance(scale, Linear) and scale.T is None else Scaled(axis, scale)


def _boxes(shape: Spans) -> list[Box]:
    return [Box((float(a),), (float(b),)) for a, b in zip(shape.starts, shape.ends, strict=True)]


def _rest(step: GateStep, names: Sequence[str], place: str) -> BooleanGate:
    """Events of the parent that are in none of some gates."""
    operands = tuple(Reference(name, complement=True) for name in names)
    return BooleanGate(step.population, step.parent, Operation.AND, operands, place)


def unwritable(fault: GatingError) -> str:
    """Why the gates of a run are not written, a sentence."""
    return f"The gates are not written as Gating-ML: {fault.message}."
