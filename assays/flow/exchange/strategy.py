"""A strategy of another program: a checked tree of gates, each on its own axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Events
from assays.flow.exchange.columns import Basis, Columns
from assays.flow.exchange.gate import BooleanGate, Gate, Operation, ShapeGate, crosses_itself
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import Quantity, Scaled, channels_of
from assays.flow.gates.shapes import Box, Mask, Polygon, Shape
from assays.flow.scales import Arcsinh, Biex, Hyperlog, Linear, Log, Logicle, Scale
from assays.flow.strategy import ROOT, Population

MOST_GATES = 5000
MOST_MASK_BYTES = 2 << 30
"""Every population keeps one byte per event."""

_RISING = (Arcsinh, Biex, Hyperlog, Linear, Log, Logicle)


@dataclass(frozen=True, slots=True, eq=False)
class SharedStrategy:
    """Gates of one file of another program, ready to be applied."""

    gates: tuple[Gate, ...]
    """What a gate needs stands before it."""
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    basis: Basis = Basis.SCALED
    notes: tuple[str, ...] = ()
    """What was met and how it was read, a sentence each."""
    name: str = ""
    """File it came from."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel or fluorochrome that a gate names, once."""
        shaped = [gate for gate in self.gates if isinstance(gate, ShapeGate)]
        return tuple(
            dict.fromkeys(name for g in shaped for axis in g.axes for name in channels_of(axis))
        )

    def apply(self, events: Events) -> dict[str, Population]:
        """Gate one file.

        Parameters
        ----------
        events : Events
            As read, not compensated: the strategy compensates gate by gate.

        Returns
        -------
        dict
            Populations by gate id (FlowJo and Diva: by path), ``root`` (every event)
            first. Members of a population are members of its parent.

        Raises
        ------
        GatingError
            When a channel is absent (names the nearest), with the gate and its line.
        """
        if (len(self.gates) + 1) * len(events) > MOST_MASK_BYTES:
            raise GatingError(
                f"{len(self.gates):,} gates on {len(events):,} events are too many at once",
                events.name,
            )
        columns = Columns(events, self.matrices, self.basis)
        found = {ROOT: Population(ROOT, "", len(events), np.ones(len(events), dtype=bool))}
        for gate in self.gates:
            above = found[gate.parent].mask
            try:
                mask = members(gate, columns, above, found)
            except GatingError as fault:
                raise GatingError(
                    f"gate {gate.name!r}: {fault.message}",
                    gate.place or fault.where,
                    fault.hint,
                ) from fault
            count = int(np.count_nonzero(mask))
            found[gate.name] = Population(gate.name, gate.parent, count, mask)
        return found


def members(gate: Gate, columns: Columns, above: Mask, found: Mapping[str, Population]) -> Mask:
    """Which of the parent's events belong to a gate; shape (n_events,)."""
    if isinstance(gate, BooleanGate):
        return np.asarray(above & _combined(gate, found))
    axes, shape = plain(gate)
    rows = np.flatnonzero(above)
    points = np.empty((len(rows), len(axes)))
    for index, axis in enumerate(axes):
        points[:, index] = columns.of(axis)[rows]
    inside = shape.contains(points)
    mask = np.zeros(len(above), dtype=bool)
    mask[rows] = ~inside if gate.complement else inside
    return mask


def _combined(gate: BooleanGate, found: Mapping[str, Population]) -> Mask:
    """Events of the operands, one folded in after the other."""
    total = np.full(len(found[ROOT].mask), gate.operation is not Operation.OR)
    for operand in gate.operands:
        mask = found[operand.gate].mask
        if operand.complement:
            mask = ~mask
        if gate.operation is Operation.OR:
            total |= mask
        else:
            total &= mask
    return ~total if gate.operation is Operation.NOT else total


def plain(gate: ShapeGate) -> tuple[tuple[Quantity, ...], Shape]:
    """The same gate with rectangles moved back from rising scales: the same cut, and cheaper."""
    if not isinstance(gate.shape, Box):
        return gate.axes, gate.shape
    axes, low, high = list(gate.axes), list(gate.shape.low), list(gate.shape.high)
    for index, axis in enumerate(axes):
        if isinstance(axis, Scaled) and isinstance(axis.scale, _RISING):
            axes[index] = axis.of
            low[index] = _back(axis.scale, low[index])
            high[index] = _back(axis.scale, high[index])
    return tuple(axes), Box(tuple(low), tuple(high))


def _back(scale: Scale, end: float) -> float:
    with np.errstate(over="ignore"):
        return float(scale.inverse(end)) if math.isfinite(end) else end


def check(
    gates: Iterable[Gate],
    matrices: Mapping[str, Matrix],
    basis: Basis,
    name: str,
    notes: Iterable[str] = (),
) -> SharedStrategy:
    """Gates in any order as a tree.

    Raises
    ------
    GatingError
        For a gate defined twice, a parent or reference that does not exist (names
        the nearest), or a gate that depends on itself.
    """
    known: dict[str, Gate] = {}
    for gate in gates:
        if len(known) >= MOST_GATES:
            raise GatingError(f"more than {MOST_GATES:,} gates in one strategy", gate.place)
        if gate.name == ROOT or not gate.name:
            raise GatingError(f"a gate cannot be named {gate.name!r}", gate.place)
        if gate.name in known:
            raise GatingError(
                f"gate {gate.name!r} is defined twice",
                gate.place,
                f"It stands at {known[gate.name].place} already.",
            )
        known[gate.name] = gate
    for gate in known.values():
        for needed in gate.needs:
            if needed not in known and needed != ROOT:
                raise _unknown(gate, needed, known)
    told = [*notes, *(_told(gate) for gate in known.values())]
    return SharedStrategy(
        _in_order(known), dict(matrices), basis, tuple(note for note in told if note), name
    )


def _unknown(gate: Gate, needed: str, known: Mapping[str, Gate]) -> GatingError:
    near = get_close_matches(needed, known, n=1, cutoff=0.5)
    role = "parent" if needed == gate.parent else "gate"
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join([*known][:20])}."
    return GatingError(f"gate {gate.name!r} names {role} {needed!r}", gate.place, hint)


def _told(gate: Gate) -> str:
    if (
        isinstance(gate, ShapeGate)
        and isinstance(gate.shape, Polygon)
        and crosses_itself(gate.shape)
    ):
        return (
            f"gate {gate.name!r} ({gate.place}): its edges cross; what a ray leaves an odd "
            "number of times is inside (even-odd)."
        )
    return ""


def _in_order(known: Mapping[str, Gate]) -> tuple[Gate, ...]:
    """Gates in their own order, except that what a gate needs moves before it."""
    placed: dict[str, Gate] = {}
    for start in known.values():
        line: dict[str, Gate] = {}
        waiting = [start]
        while waiting:
            gate = waiting[-1]
            if gate.name in placed:
                waiting.pop()
                continue
            line[gate.name] = gate
            missing = [n for n in gate.needs if n != ROOT and n not in placed]
            if not missing:
                placed[gate.name] = gate
                del line[gate.name]
                waiting.pop()
                continue
            if missing[0] in line:
                names = [*line]
                circle = " → ".join([*names[names.index(missing[0]) :], missing[0]][:12])
                raise GatingError(f"gate {gate.name!r} depends on itself: {circle}", gate.place)
            waiting.append(known[missing[0]])
    return tuple(placed.values())
