"""The boundaries of other populations, on the events of this one's parent.

Where a cut was found once, the same cut may be used elsewhere in the tree: its
boundary counts, not the population that it made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assays.errors import GatingError
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Floats, Mask, Shape

MOST_OPERANDS = 32


@dataclass(frozen=True, slots=True)
class SameCut:
    """Boundaries that an event must be within, or outside of."""

    operands: tuple[tuple[str, bool], ...]
    """Population whose boundary is meant, and whether its outside is."""

    def contains(self, points: Floats) -> Mask:
        """The other gates' boundaries decide, on their own channels."""
        raise GatingError("a same_cut gate has no boundary of its own")

    def outline(self) -> Floats:
        """Nothing to draw: the boundary is drawn where it was found."""
        return np.empty((0, 2))

    def bounds(self) -> Floats:
        """No channel, no bounds."""
        return np.empty((2, 0))

    def words(self, channels: tuple[str, ...]) -> str:
        """The boundaries in words."""
        return " and ".join(
            f"{'outside' if outside else 'within'} the boundary of {name}"
            for name, outside in self.operands
        )


def build(params: Params) -> Shape:
    """Boundaries from their populations' names."""
    given = params.given.get("of")
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
        raise params.error(f"'of' takes names of populations, found {given!r}")
    if not 0 < len(names) <= MOST_OPERANDS:
        raise params.error(f"'of' names {len(names):,} populations")
    operands = []
    for name in names:
        outside = name.lstrip().startswith("not ")
        operands.append((name.lstrip().removeprefix("not ").strip(), outside))
    if any(not name for name, _ in operands):
        raise params.error("a population without a name")
    return SameCut(tuple(operands))


GATE = GateMethod(
    name="same_cut",
    summary="Events within the boundaries of other populations, whatever those were cut from.",
    dimensions=(0, 0),
    params={
        "of": '["CD3 gate", "not CD19 gate"]: within the one\'s, outside the other\'s boundary'
    },
    build=build,
)
