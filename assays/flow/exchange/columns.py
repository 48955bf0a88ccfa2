"""The numbers of a gate's axes in one file, each computed once."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.exchange.matrix import Matrix
from assays.flow.exchange.quantity import (
    FCS,
    Compensated,
    Quantity,
    Quotient,
    Recorded,
    Scaled,
    Sum,
)
from assays.flow.scales import Floats

_BLOCK = 65536


class Basis(StrEnum):
    """Which numbers of a channel the other program gates on."""

    SCALED = "scaled"
    """$PnE linearised, $PnG divided out: Gating-ML 2.0, Diva, FlowJo."""
    STORED = "stored"
    """As they stand in the file: Gating-ML 1.5."""


class Columns:
    """One file's channels, from which quantities are computed when asked for."""

    def __init__(self, events: Events, matrices: Mapping[str, Matrix], basis: Basis) -> None:
        self._events = events
        self._matrices = dict(matrices)
        self._basis = basis
        self._done: dict[Quantity, Floats] = {}
        self._undo: dict[str, Floats] = {}

    def of(self, quantity: Quantity) -> Floats:
        """shape (n_events,), float64.

        Raises
        ------
        GatingError
            When a channel is absent (names the nearest), or the events do not fit: they
            were compensated already, or read without scaling.
        """
        if quantity not in self._done:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                self._done[quantity] = self._compute(quantity)
        return self._done[quantity]

    def _compute(self, quantity: Quantity) -> Floats:
        match quantity:
            case Recorded(channel):
                return self._recorded(channel)
            case Compensated(channel, matrix):
                return self._compensated(channel, matrix)
            case Scaled(of, scale):
                return scale.forward(self.of(of))
            case Quotient(upper, lower, ratio):
                return ratio.forward(self.of(upper), self.of(lower))
            case Sum(parts, weights, constant):
                total = np.zeros(len(self._events))
                for part, weight in zip(parts, weights, strict=True):
                    total += weight * self.of(part)
                return total + constant

    def _recorded(self, name: str) -> Floats:
        try:
            index = self._index(name)
        except GatingError:
            # FlowJo writes compensated channels of the file's own matrix as "Comp-PE-A".
            bare = name.removeprefix("Comp-")
            spillover = self._events.spillover
            if bare != name and spillover is not None and bare in spillover.channels:
                return self.of(Compensated(bare, FCS))
            raise
        channel = self._events.channels[index]
        spillover = self._events.spillover
        if self._events.compensated and spillover and channel.name in spillover.channels:
            raise GatingError(
                f"channel {name!r} is gated uncompensated, but the events are compensated already",
                self._events.name,
                "Give the events as they were read: the strategy compensates them itself.",
            )
        return self._values(index)

    def _index(self, name: str) -> int:
        names = [channel.name for channel in self._events.channels]
        if name not in names:
            # FlowJo writes a channel's "/" as "_".
            like = [i for i, known in enumerate(names) if known.replace("/", "_") == name]
            stripped = [i for i, known in enumerate(names) if known.strip() == name.strip()]
            if len(like) == 1 or len(stripped) == 1:
                return (like if len(like) == 1 else stripped)[0]
        return self._events.index(name)

    def _values(self, index: int) -> Floats:
        values = self._events.values[:, index].astype(np.float64)
        channel = self._events.channels[index]
        if self._basis is Basis.STORED and self._events.scaled:
            return _as_stored(values, channel)
        if self._basis is Basis.SCALED and not self._events.scaled:
            raise GatingError(
                "this strategy gates scaled values, but the events were read as stored",
                self._events.name,
                "Read the file with scaled=True.",
            )
        return values

    def _compensated(self, name: str, matrix: str) -> Floats:
        if matrix == FCS:
            return self._by_file(name)
        if self._events.compensated:
            raise GatingError(
                f"matrix {matrix!r} is to be applied, but the events are compensated already",
                self._events.name,
                "Give the events as they were read: the strategy compensates them itself.",
            )
        return self._through(self._matrices[matrix], name)

    def _by_file(self, name: str) -> Floats:
        spillover = self._events.spillover
        index = self._index(name)
        bare = self._events.channels[index].name
        if spillover is None or bare not in spillover.channels:
            return self._values(index)
        if self._events.compensated:
            return self._events.values[:, index].astype(np.float64)
        own = Matrix(FCS, spillover.channels, spillover.channels, spillover.matrix)
        return self._through(own, bare)

    def _through(self, matrix: Matrix, name: str) -> Floats:
        names = matrix.fluorochromes if name in matrix.fluorochromes else matrix.detectors
        if name not in names:
            return self._recorded(name)
        if matrix.name not in self._undo:
            try:
                self._undo[matrix.name] = matrix.undo
            except np.linalg.LinAlgError as singular:
                raise GatingError(
                    f"matrix {matrix.name!r} cannot be undone: singular", self._events.name
                ) from singular
        factors = self._undo[matrix.name][:, names.index(name)]
        total = np.zeros(len(self._events))
        for detector, factor in zip(matrix.detectors, factors, strict=True):
            if factor:
                total += factor * self._values(self._index(detector))
        return total


def _as_stored(values: Floats, channel: Channel) -> Floats:
    """Undo $PnE and $PnG; whole numbers come back as the whole numbers they were."""
    decades, offset = channel.amplification
    if channel.kind == "I" and decades > 0:
        scaled = np.log10(values / (offset or 1.0)) * channel.range / decades
        return np.asarray(np.round(scaled))
    if channel.time or channel.gain in (0.0, 1.0):
        return values
    scaled = values * channel.gain
    return np.asarray(np.round(scaled)) if channel.kind == "I" else scaled
