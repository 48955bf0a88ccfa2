"""Which gates share a panel, what its title says, and how its axes are ticked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assays.results.axis import Axis
from assays.results.flow import GatePicture
from plates.lettering import POINTS, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LETTER_EM = 0.58
"""Mean width of a letter, as a share of the type size."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Gates of one tube that are drawn on the same events and channels."""

    gates: tuple[GatePicture, ...]

    @property
    def first(self) -> GatePicture:
        """Whose counts are drawn."""
        return self.gates[0]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What panels of different tubes have in common."""
        y = self.first.y.channel if self.first.y is not None else ""
        return (self.first.population, self.first.parent, self.first.x.channel, y)


def panels_of(gates: Iterable[GatePicture]) -> tuple[Panel, ...]:
    """Panels of one tube in gating order; the four gates of a quadrant make one."""
    groups: dict[tuple[str, str, str, int], list[GatePicture]] = {}
    for gate in gates:
        y = gate.y.channel if gate.y is not None else ""
        groups.setdefault((gate.parent, gate.x.channel, y, gate.counts.ndim), []).append(gate)
    return tuple(Panel(tuple(own)) for own in groups.values())


def parent_in_words(parent: str) -> str:
    """``all events`` for the root of the gating tree, else the parent's name."""
    return "all events" if parent in ("root", "") else leaf(parent)


def leaf(population: str) -> str:
    """A population as a picture calls it: of a path (``root/cells/live``) its end alone."""
    return population.rpartition("/")[2] if population.startswith("root/") else population


def axis_name(axis: Axis) -> str:
    """Marker and channel: ``pSTAT3 · BL1-A``, once when they are the same."""
    if axis.marker.strip() in ("", axis.channel):
        return axis.channel
    return f"{axis.marker} · {axis.channel}"


def percent(value: float) -> str:
    """One decimal, ``–`` when unknown; a share that is not quite 0 or 100 does not read so."""
    if math.isnan(value):
        return "–"
    if 0 < value < 0.05:
        return "< 0.1 %"
    if 99.95 < value < 100:
        return "> 99.9 %"
    return f"{value:.1f} %"


def limits_of(axis: Axis) -> tuple[float, float]:
    """Both ends of an axis on its scale; 0 and 1 when the record holds none."""
    edges = np.asarray(axis.edges, dtype=np.float64)
    edges = edges[np.isfinite(edges)]
    if edges.size < 2 or not edges[-1] > edges[0]:
        return 0.0, 1.0
    return float(edges[0]), float(edges[-1])


def tick(axes: Axes, axis: Axis, along: str, length_mm: float) -> None:
    """Ticks in original units; where labels would touch, the later one is left out.

    Ticks without a label become the small ones between.
    """
    from matplotlib.ticker import FixedFormatter, FixedLocator

    low, high = limits_of(axis)
    per_point = (high - low) / (length_mm / 25.4 * 72)
    majors: list[tuple[float, str]] = []
    minors: list[float] = []
    taken = -math.inf
    for place, label in sorted(
        (float(place), printable(label, 10))
        for place, label in zip(axis.ticks, axis.tick_labels, strict=False)
        if low <= place <= high
    ):
        size = (len(label) * POINTS * LETTER_EM if along == "x" else POINTS) + 3
        if label and place - size / 2 * per_point >= taken:
            majors.append((place, label))
            taken = place + size / 2 * per_point
        else:
            minors.append(place)
    target = axes.xaxis if along == "x" else axes.yaxis
    target.set_major_locator(FixedLocator([place for place, _ in majors]))
    target.set_major_formatter(FixedFormatter([label for _, label in majors]))
    target.set_minor_locator(FixedLocator(minors))
    target.set_minor_formatter(FixedFormatter([""] * len(minors)))
