"""Tubes that were read already, as many as memory allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from assays.flow.events import Events
from assays.samples import Tube

BUDGET_BYTES = 256 * 1024 * 1024
"""What kept tubes may take together; the rest is read a second time."""


class Shelf:
    """Opens a tube, or takes it from the shelf when it was kept."""

    def __init__(self, open_tube: Callable[[Tube], Events], budget: int = BUDGET_BYTES) -> None:
        self._open = open_tube
        self._left = budget
        self._kept: dict[str, Events] = {}

    def take(self, tube: Tube) -> Events:
        """Events of a tube."""
        if tube.file in self._kept:
            return self._kept[tube.file]
        events = self._open(tube)
        if events.values.nbytes <= self._left:
            self._left -= events.values.nbytes
            self._kept[tube.file] = events
        return events

    def drop(self, tube: Tube) -> None:
        """Forget a tube that is not needed again."""
        events = self._kept.pop(tube.file, None)
        if events is not None:
            self._left += events.values.nbytes


def only(events: Events, names: Sequence[str]) -> Events:
    """The same events with the named channels alone, each once."""
    columns = list(dict.fromkeys(events.index(name) for name in names))
    return dataclasses.replace(
        events,
        values=np.ascontiguousarray(events.values[:, columns]),
        channels=tuple(events.channels[column] for column in columns),
    )
