"""Other populations combined: events in all, in any, or not in one of them.

A population is named as it stands, or with ``not`` before it for what it leaves
out. Whatever is combined, members are members of the parent too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Floats, Mask, Shape

MOST_OPERANDS = 1000
OPERATIONS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class Combination:
    """Populations and how they are combined; no boundary of its own."""

    operation: str
    """``and`` or ``or``; a ``not`` is an ``and`` of what one population leaves out."""
    operands: tuple[tuple[str, bool], ...]
    """Population, and whether what it leaves out is meant."""

    def of(self, rows: Mapping[str, NDArray[np.intp]], events: int) -> Mask:
        """Which events are in; shape (events,). `rows` has each population's events."""
        total = np.full(events, self.operation == "and")
        for name, left_out in self.operands:
            mask = np.zeros(events, dtype=bool)
            mask[rows[name]] = True
            if left_out:
                mask = ~mask
            if self.operation == "and":
                total &= mask
            else:
                total |= mask
        return total

    def contains(self, points: Floats) -> Mask:
        """Populations are combined, not points."""
        raise GatingError("a boolean gate has no boundary of its own")

    def outline(self) -> Floats:
        """Nothing to draw."""
        return np.empty((0, 2))

    def bounds(self) -> Floats:
        """No channel, no bounds."""
        return np.empty((2, 0))

    def words(self, channels: tuple[str, ...]) -> str:
        """The combination in words."""
        named = [f"not {name}" if left_out else name for name, left_out in self.operands]
        return f" {self.operation} ".join(named)


def build(params: Params) -> Shape:
    """Combination from one of its three keys."""
    keys = [key for key in OPERATIONS if key in params]
    if len(keys) != 1:
        raise params.error(f"needs one of and, or, not; found {', '.join(keys) or 'none'}")
    given = params.given[keys[0]]
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
        raise params.error(f"{keys[0]!r} takes names of populations, found {given!r}")
    if not 0 < len(names) <= MOST_OPERANDS or (keys[0] == "not" and len(names) != 1):
        raise params.error(f"{keys[0]!r} of {len(names):,} populations")
    operands = []
    for name in names:
        left_out = name.lstrip().startswith("not ")
        bare = name.lstrip().removeprefix("not ").strip()
        operands.append((bare, left_out ^ (keys[0] == "not")))
    if any(not name for name, _ in operands):
        raise params.error("a population without a name")
    return Combination("or" if keys[0] == "or" else "and", tuple(operands))


GATE = GateMethod(
    name="boolean",
    summary="Other populations combined: in all (and), in any (or), or not in one (not).",
    dimensions=(0, 0),
    params={
        "and": '["B cells", "not dead"]: events in all of them',
        "or": "events in at least one of them",
        "not": "one population; events that it leaves out",
    },
    build=build,
)
