"""What a cytometer recorded: events by channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assays.errors import GatingError

MOST_NAMED = 16
"""Channels listed in a message."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One parameter of an FCS file."""

    name: str
    """$PnN, unmodified."""
    marker: str | None
    """$PnS, or None when absent."""
    range: float
    """$PnR; NaN when absent or not a number."""
    gain: float = 1.0
    """$PnG; 1 when absent."""
    amplification: tuple[float, float] = (0.0, 0.0)
    """$PnE: decades and offset; (0, 0) is linear."""
    bits: int = 32
    """$PnB as used."""
    kind: str = "F"
    """Type of the stored numbers: I integer, F single, D double, A text."""
    time: bool = False
    """Whether this is the Time channel: its gain is never divided out."""


@dataclass(frozen=True, slots=True, eq=False)
class Spillover:
    """Share of each fluorochrome's signal that is seen in each detector."""

    channels: tuple[str, ...]
    """Detector names, in the order of rows and columns."""
    matrix: NDArray[np.float64]
    """shape (n, n); row: fluorochrome, column: detector; the diagonal is 1."""
    origin: str = ""
    """Keyword or file it came from."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The events of one data set."""

    values: NDArray[np.floating]
    """shape (n_events, n_channels); arbitrary units, Time in ticks. As read event by event in
    memory (C order), compensated channel by channel."""
    channels: tuple[Channel, ...]
    spillover: Spillover | None = None
    time_step_s: float | None = None
    keywords: Mapping[str, str] = field(default_factory=dict)
    """Upper-case names as in the file, values as text."""
    notes: tuple[str, ...] = ()
    """Every repair of an oddity, a sentence each."""
    name: str = ""
    """File it came from."""
    compensated: bool = False
    """Whether spillover was undone here."""
    scaled: bool = True
    """Whether $PnE is linearised and $PnG divided out; False: values as stored."""
    missing: int = 0
    """Events that a truncated file promised and does not hold; 0 unless it was salvaged."""

    def __len__(self) -> int:
        return int(self.values.shape[0])

    @property
    def time_s(self) -> NDArray[np.float64] | None:
        """shape (n_events,), seconds; None without a Time channel or a time step."""
        if self.time_step_s is None:
            return None
        for index, channel in enumerate(self.channels):
            if channel.time or channel.name.strip().lower() == "time":
                return np.asarray(self.values[:, index], dtype=np.float64) * self.time_step_s
        return None

    def index(self, name: str) -> int:
        """Position of a channel, by $PnN or, when only one has it, by marker.

        Raises
        ------
        GatingError
            When no channel or several have the name; names the nearest.
        """
        names = [channel.name for channel in self.channels]
        if name in names:
            return names.index(name)
        markers = [i for i, channel in enumerate(self.channels) if channel.marker == name]
        if len(markers) == 1:
            return markers[0]
        if markers:
            found = ", ".join(names[i] for i in markers)
            raise GatingError(f"marker {name!r} is on several channels: {found}", self.name)
        from difflib import get_close_matches

        known = names + [channel.marker for channel in self.channels if channel.marker]
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        shown = ", ".join(dict.fromkeys(known[:MOST_NAMED]))
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {shown}{more}."
        raise GatingError(f"there is no channel {name!r}, which assay.toml names", self.name, hint)

    def column(self, name: str) -> NDArray[np.floating]:
        """shape (n_events,): the values of one channel, by $PnN or marker."""
        return self.values[:, self.index(name)]
