"""What an automatic gate is: where it looks, what it finds, and when it refuses.

A shape found in data must not depend on the treatment that the data are to
judge. Three kinds of methods are therefore kept apart:

- *technical* (boundary, singlets, stable): about the instrument, not the cells;
  only these may be cut in each file by itself.
- *lineage*: which cells; one cut for a group of tubes, found in its untreated
  tubes or in a pool to which every tube gives the same number of events.
- *readout*: a threshold; it comes from declared controls of the same donor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from assays.errors import GatingError
from assays.flow.gates.params import Params
from assays.flow.gates.shapes import Floats, Mask, Shape
from assays.flow.scales import Scale

MOST_INTENSITY = 1e12
"""Beyond it no instrument reports; a sum of squares still fits into a number."""
LEAST_INTENSITY = 1e-100
"""Nearer to zero is zero: a quotient of such numbers is none."""

Kind = Literal["technical", "lineage", "readout"]

SOURCES = ("unstimulated", "untreated", "pool")
"""Tubes that a cut for several files is found in: `untreated` adds the stimulated tubes
without inhibitor, `pool` every tube; each gives the same number of events."""

CONTROLS = ("unstimulated", "fmo", "isotype")
"""Control tubes that a threshold may come from, always of the same donor."""

SHARED = {
    "from": "tubes to find it in: unstimulated (when left out), untreated (the stimulated tubes "
    "without inhibitor too) or pool (every tube); each gives equally many events",
    "fallback": "what to take when the data show no gate: all, none, control (the quantile of "
    "the donor's FMO tubes), or the parameters of a fixed gate, such as { low = 800 }",
}
"""Parameters of every automatic method that is not bound to controls."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The parent's events that a gate is looked for in."""

    values: Floats
    """shape (n, channels), compensated, original units, without NaN."""
    channels: tuple[str, ...]
    scales: tuple[Scale, ...]
    """One per channel."""
    tops: tuple[float, ...]
    """Largest value that each channel can hold, original units; NaN when unknown."""
    time_step_s: float | None = None
    """Seconds per unit of the Time channel; None when the file does not say."""
    tubes: tuple[str, ...] = ()
    """Files it came from."""

    def __len__(self) -> int:
        return len(self.values)

    def placed(self) -> Floats:
        """shape (n, channels): positions on the channels' scales."""
        columns = [s.forward(x) for s, x in zip(self.scales, self.values.T, strict=True)]
        return np.stack(columns, axis=1) if columns else self.values


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A boundary found in data."""

    shape: Shape
    """In original units."""
    score: float
    """0 to 1: how clearly the data show it; what it measures is said by each method."""
    reasons: tuple[str, ...] = ()
    """What was seen, a short phrase each."""


@dataclass(frozen=True, slots=True)
class NoGate:
    """The data show no gate."""

    reason: str
    grave: bool = False
    """Whether somebody must look even where a gate that only cleans keeps every event."""


Finder = Callable[[Pool], Found | NoGate]


@dataclass(frozen=True, slots=True)
class Search:
    """How an automatic method looks for its shape."""

    kind: Kind
    group_by: str
    """Tubes that share a cut when the strategy does not say: file, plate, donor or all."""
    prepare: Callable[[Params], Finder]
    """Checks the parameters once, before any event is read."""
    fallback: str = "none"
    """When the strategy declares none: all for gates that only clean, else none."""
    whole_file: bool = False
    """Whether it needs every event of one file in order, as time does."""


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A shape that is still to be found in the tubes of a run."""

    method: str
    dimensions: int
    search: Search
    find: Finder
    fallback: Shape | None
    """None: the quantile of the donor's FMO tubes."""
    sources: str
    """Tubes it is found in: one of `SOURCES`, or the role of the controls."""
    match: str = ""
    """Part of the file name or note that tells the right control tubes."""

    def look(self, pool: Pool) -> Found | NoGate:
        """Look for the gate among the events that have a place on an axis.

        Infinite values, and those beyond what any detector reports, say nothing about
        where cells are; they are left out of the search, not of the gate.
        """
        known = np.ones(len(pool), dtype=bool)
        for column in pool.values.T:
            known &= abs(column) < MOST_INTENSITY
        values = pool.values if known.all() else pool.values[known]
        faint = (abs(values) < LEAST_INTENSITY) & (values != 0)
        if faint.any():
            values = np.where(faint, 0.0, values)
        return self.find(pool if values is pool.values else replace(pool, values=values))

    def contains(self, points: Floats) -> Mask:
        """Refuse: there is no boundary yet."""
        raise GatingError(
            f"a {self.method} gate has no boundary before the tubes of a run were looked at",
            hint="Give a fixed gate, or process the run.",
        )

    def outline(self) -> Floats:
        """Nothing to draw."""
        return np.empty((0, self.dimensions))

    def bounds(self) -> Floats:
        """No ends."""
        return np.array([(-math.inf,) * self.dimensions, (math.inf,) * self.dimensions])

    def words(self, channels: tuple[str, ...]) -> str:
        """How it will be found."""
        return f"found in the data: {self.method} on {' × '.join(channels)}"
