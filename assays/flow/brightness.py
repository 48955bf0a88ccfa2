"""How bright the tubes of a run are, for comparison with their controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assays.flow.events import Events

MOST_LOOKED_AT = 10_000
"""Events of a tube that are looked at, evenly spaced."""
TOP = 0.99
"""Quantile of a tube's events that tells how bright it is."""


class Brightness:
    """The brightest tube on each channel."""

    def __init__(self) -> None:
        self.tops: dict[str, float] = {}
        """By channel, the 99th percentile of the brightest tube, compensated or unmixed."""
        self._seen: set[str] = set()

    def take(self, tube: str, done: Events, names: Sequence[str]) -> None:
        """Take in one tube; a second look at it changes nothing.

        Parameters
        ----------
        tube : str
        done : Events
            Compensated or unmixed.
        names : sequence of str
            Channels to look at.
        """
        if tube in self._seen or not len(done):
            return
        self._seen.add(tube)
        step = max(1, len(done) // MOST_LOOKED_AT)
        for name in names:
            values = done.values[::step, done.index(name)]
            known = values[np.isfinite(values)]
            if len(known):
                top = float(np.quantile(known, TOP))
                self.tops[name] = max(top, self.tops.get(name, -np.inf))
