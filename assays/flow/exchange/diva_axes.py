"""The axes of BD FACSDiva gates: a tube's parameters, compensation and display.

Diva keeps corners of linear axes in data units, of biexponential axes in 4096
channels of the display, and of plain logarithmic axes in decades. It decides
membership in 256 bins of the display, both ends of a rectangle included: so the
counts of the corpus' experiment are met exactly for rectangles and to one event
for polygons; without the bins 32 of 17,902 events are missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.errors import GatingError
from assays.flow.exchange.markup import Node, finite
from assays.flow.exchange.matrix import Matrix, checked
from assays.flow.exchange.quantity import Compensated, Function, Quantity, Recorded, Scaled
from assays.flow.scales import Floats, Linear, Logicle

BINS = 256
CHANNELS = 4096.0
DECADES = 4.5
"""Of Diva's biexponential display."""


@dataclass(frozen=True, slots=True)
class Binned:
    """The bin of the display in which a position from 0 to 1 lies."""

    words = "bins of the display"

    def forward(self, x: ArrayLike) -> Floats:
        """Number of the bin."""
        return np.asarray(np.floor(np.asarray(x, dtype=np.float64) * BINS))

    def inverse(self, y: ArrayLike) -> Floats:
        """Position at which a bin begins."""
        return np.asarray(np.asarray(y, dtype=np.float64) / BINS)


@dataclass(frozen=True, slots=True)
class Decades:
    """Plain logarithm; zero and below are at the foot of the axis."""

    top: float
    """log10 of the largest value."""

    def forward(self, x: ArrayLike) -> Floats:
        """Position: 0 at one, 1 at the top."""
        values = np.maximum(np.asarray(x, dtype=np.float64), 1.0)
        return np.asarray(np.log10(values) / self.top)

    def inverse(self, y: ArrayLike) -> Floats:
        """Value at a position."""
        return np.asarray(10.0 ** (np.asarray(y, dtype=np.float64) * self.top))


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis of a gate measures, and how Diva's numbers stand on it."""

    plain: Quantity
    position: Function
    """From data to 0 … 1."""
    unit: float
    """Diva's number at position 1."""
    logarithmic: bool = False
    """Whether Diva's numbers are decades."""

    @property
    def display(self) -> Quantity:
        """Position on the display."""
        return Scaled(self.plain, self.position)

    @property
    def binned(self) -> Quantity:
        """Bin of the display."""
        return Scaled(self.display, Binned())

    def bin(self, number: float) -> float:
        """Bin of one of Diva's numbers."""
        return float(np.floor(number / self.unit * BINS))

    def at(self, number: float) -> float:
        """Position of one of Diva's numbers."""
        return number / self.unit


class Settings:
    """Parameters and compensation of one tube."""

    def __init__(self, settings: Node | None, tube: str) -> None:
        self._tops: dict[str, float] = {}
        self.matrix: Matrix | None = None
        if settings is None:
            return
        what = f"tube {tube!r}"
        parameters = settings.all("parameter")
        for parameter in parameters:
            top = parameter.first("max")
            if top is not None and top.text.strip():
                self._tops[parameter.word("name", what)] = finite(top.text, what, top)
        enabled = settings.first("compensation_enabled")
        if enabled is not None and enabled.text.strip().lower() == "true":
            self.matrix = _matrix(settings, parameters, what)

    def axis(self, gate: Node, side: str, what: str) -> Axis:
        """The x or y axis of a gate."""
        name = gate.need(what, "region").word(f"{side}parm", what)
        plain: Quantity = Recorded(name)
        if self.matrix is not None and name in self.matrix.fluorochromes:
            plain = Compensated(name, self.matrix.name)
        scaled = _flag(gate, f"is_{side}_parameter_scaled")
        logarithmic = _flag(gate, f"is_{side}_parameter_log")
        top = self._tops.get(name, 5.4185 if logarithmic else 262143.0)
        if not logarithmic:
            if not top > 0:
                raise gate.error(f"{what}: parameter {name!r} ends at {top:g}")
            return Axis(plain, Linear(T=top + 1), top + 1)
        if not 0 < top < 30:
            raise gate.error(f"{what}: parameter {name!r} has {top:g} decades")
        if not scaled:
            return Axis(plain, Decades(top), top, logarithmic=True)
        node = gate.first(f"{side}_parameter_scale_value")
        reference = finite(node.text, what, node) if node is not None else 0.0
        width = (DECADES - math.log10(10.0**top / reference)) / 2 if reference > 0 else 0.0
        try:
            scale = Logicle(10.0**top, min(max(width, 0.0), DECADES / 2), DECADES, 0.0)
        except GatingError as fault:
            raise gate.error(f"{what}: {fault.message}", fault.hint) from fault
        return Axis(plain, scale, CHANNELS)


def _matrix(settings: Node, parameters: list[Node], what: str) -> Matrix | None:
    """Diva writes, with each parameter, the coefficients that compensate it."""
    rows: list[list[float]] = []
    names: list[str] = []
    for parameter in parameters:
        block = parameter.first("compensation")
        if block is None:
            continue
        names.append(parameter.word("name", what))
        rows.append([finite(c.text, what, c) for c in block.all("compensation_coefficient")])
    if not rows:
        return None
    if any(len(row) != len(names) for row in rows):
        raise settings.error(f"{what}: {len(names)} parameters take as many coefficients each")
    undo = np.array(rows).T
    return checked(Matrix("Diva", tuple(names), tuple(names), undo, inverted=True), settings)


def _flag(gate: Node, name: str) -> bool:
    node = gate.first(name)
    return node is not None and node.text.strip().lower() == "true"
