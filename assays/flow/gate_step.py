"""One gate of a strategy and the population that it makes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Events
from assays.flow.gates.automatic import Sought
from assays.flow.gates.boolean import Combination
from assays.flow.gates.same_cut import SameCut
from assays.flow.gates.shapes import Box, Mask, Shape
from assays.flow.points import points_of, without_number
from assays.flow.scales import Linear, Scale

ROOT = "root"
"""Every event of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class GateStep:
    """One population, its parent and the boundary between them."""

    population: str
    parent: str
    method: str
    channels: tuple[str, ...]
    shape: Shape
    on_scale: bool = False
    """Whether the shape's numbers are positions on the channels' scales."""
    exclude: bool = False
    """Whether the events outside the shape are taken."""
    group_by: str = "all"
    automatic: bool = False
    note: str = ""
    """Who moved it, when and why; empty for the strategy's own gate."""
    group: str = ""
    """Which tubes share it, where it was found in data: ``donor CLL1``."""
    score: float = math.nan
    """0 to 1: how clearly the data show it; NaN for a gate given in numbers."""
    reasons: tuple[str, ...] = ()
    """What was seen when it was found, or why the fallback stands here."""
    place: str = ""
    """File and line of the row, for messages."""
    origin: str = ""
    """File and line of another program's gate; its members are settled by that program's rules."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Populations that must be known before this one."""
        shape = self.shape
        operands = shape.operands if isinstance(shape, (Combination, SameCut)) else ()
        return (self.parent, *(name for name, _ in operands))

    @property
    def sought(self) -> Sought | None:
        """How the boundary is to be found in the data; None when it is known."""
        return self.shape if isinstance(self.shape, Sought) else None

    @property
    def definition(self) -> str:
        """The boundary in words."""
        words = self.shape.words(self.channels)
        if self.exclude:
            words = f"outside {words}"
        return f"{words} (on the scale)" if self.on_scale else words

    def members(
        self,
        events: Events,
        rows: Mapping[str, NDArray[np.intp]],
        scales: Mapping[str, Scale],
        step_of: Callable[[str], GateStep],
    ) -> NDArray[np.intp]:
        """Events of the population, by number.

        Parameters
        ----------
        events : Events
            Compensated.
        rows : mapping
            Events of every population that this one needs.
        scales : mapping
            By channel as named in the strategy.
        step_of : callable
            Another population's gate, as it applies to these events.
        """
        above = rows[self.parent]
        if isinstance(self.shape, SameCut):
            inside = np.ones(len(above), dtype=bool)
            for name, outside in self.shape.operands:
                within = step_of(name).select(events, above, scales)
                inside &= ~within if outside else within
            return above[~inside if self.exclude else inside]
        if isinstance(self.shape, Combination):
            inside = self.shape.of(rows, len(events))[above]
            return above[~inside if self.exclude else inside]
        return above[self.select(events, above, scales)]

    def select(self, events: Events, rows: NDArray[np.intp], scales: Mapping[str, Scale]) -> Mask:
        """Which of the given events belong to the population.

        Parameters
        ----------
        events : Events
            Compensated.
        rows : ndarray, shape (n,)
            The parent's events.
        scales : mapping
            By channel as named in the strategy; needed for shapes that live on scales.

        Returns
        -------
        ndarray, shape (n,)
            True for members. An event with NaN on a channel is neither in nor out.
        """
        points = points_of(events, self.channels, rows)
        shape = self.shape
        if self.on_scale:
            used = [scales.get(name, Linear()) for name in self.channels]
            if isinstance(shape, Box):
                # Scales rise: moving the box' ends back is the same cut, and cheaper.
                shape = Box(
                    tuple(float(s.inverse(x)) for s, x in zip(used, shape.low, strict=True)),
                    tuple(float(s.inverse(x)) for s, x in zip(used, shape.high, strict=True)),
                )
            else:
                for index, scale in enumerate(used):
                    points[:, index] = scale.forward(points[:, index])
        inside = shape.contains(points)
        return ~inside & ~without_number(points) if self.exclude else inside


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The events of one population in one file."""

    name: str
    parent: str
    count: int
    mask: Mask
    """shape (n_events,)."""
    step: GateStep | None = None
    """The gate as it was applied; None for the root."""
