"""Data of the pictures: density of each gate in each tube, histogram of each readout.

Bins are even on the scale that was gated and the same in every tube. Events are
sorted into bins by the bins' edges in original units, which is the same thing
and spares transforming every event. Events beyond the limits are kept in the
outermost bins, as cytometers draw them.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from assays.flow.axes import ChannelAxis
from assays.flow.events import Events
from assays.flow.gates.shapes import Floats
from assays.flow.points import points_of
from assays.flow.scales import Linear, Scale
from assays.flow.strategy import GateStep, GatingStrategy, Population
from assays.protocol import Readout
from assays.results.axis import Axis
from assays.results.flow import GatePicture, Reading, ReadoutHistogram
from assays.samples import Tube

MANY_PICTURES = 200
"""Above so many gate pictures the bins are halved, to keep a run's records small."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class PictureAxis:
    """An axis with its bin edges in original units too."""

    axis: Axis
    cuts: Floats
    """shape (bins + 1,), original units."""
    scale: Scale

    def sort(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Bin of each value, shape (n,); NaN goes to -1."""
        bins = np.searchsorted(self.cuts[1:-1], values.astype(np.float64), side="right")
        bins[np.isnan(values)] = -1
        return bins


def picture_axes(
    axes: Mapping[str, ChannelAxis], strategy: GatingStrategy, pictures: int
) -> dict[str, PictureAxis]:
    """One axis per channel, wide enough for the gates drawn on it."""
    bins = 128 if pictures <= MANY_PICTURES else 64
    made = {}
    for name, axis in axes.items():
        ends = [
            end
            for step in (*strategy.steps, *strategy.moved.values(), *strategy.found.values())
            for end in _ends(step, name, axis.scale)
        ]
        low, high = _widened(axis, ends)
        made[name] = _axis(axis, low, high, bins)
    return made


def _ends(step: GateStep, name: str, scale: Scale) -> list[float]:
    """Finite ends of a gate on one channel, on the scale."""
    if name not in step.channels:
        return []
    ends = step.shape.bounds()[:, step.channels.index(name)]
    places = ends if step.on_scale else scale.forward(ends)
    return [float(place) for place in places if math.isfinite(place)]


def _widened(axis: ChannelAxis, ends: list[float]) -> tuple[float, float]:
    """Limits on the scale: the data's, and the gates' unless they are far away."""
    low, high = (float(place) for place in axis.scale.forward([axis.low, axis.high]))
    reach = high - low
    near = [end for end in ends if low - reach / 2 <= end <= high + reach / 2]
    margin = 0.03 * reach
    return min([low, *(end - margin for end in near)]), max([high, *(end + margin for end in near)])


def _axis(axis: ChannelAxis, low: float, high: float, bins: int) -> PictureAxis:
    edges = np.linspace(low, high, bins + 1)
    cuts = axis.scale.inverse(edges)
    ticks, labels = axis.scale.ticks(float(cuts[0]), float(cuts[-1]))
    record = Axis(
        channel=axis.channel.name,
        marker=axis.channel.marker or "",
        scale=axis.scale.words,
        edges=edges,
        ticks=ticks,
        tick_labels=labels,
    )
    return PictureAxis(record, cuts, axis.scale)


def count_bins(
    x: PictureAxis, y: PictureAxis | None, points: NDArray[np.floating]
) -> NDArray[np.int64]:
    """Events per bin; points have shape (n, 1 or 2).

    Returns
    -------
    ndarray of int64, shape (x bins,) or (x bins, y bins)
        Events with NaN are left out.
    """
    across = len(x.cuts) - 1
    where = x.sort(points[:, 0])
    if y is None:
        return np.bincount(where[where >= 0], minlength=across).astype(np.int64)
    up = len(y.cuts) - 1
    other = y.sort(points[:, 1])
    known = (where >= 0) & (other >= 0)
    flat = np.bincount(where[known] * up + other[known], minlength=across * up)
    return flat.astype(np.int64).reshape(across, up)


def gate_pictures(
    tube: Tube,
    events: Events,
    populations: Mapping[str, Population],
    axes: Mapping[str, PictureAxis],
    outlines: dict[int, tuple[Floats, ...]],
    backgate: str = "",
) -> Iterable[GatePicture]:
    """One picture per gate of one tube, in gating order; `backgate` is shown again on the way.

    ``outlines`` keeps what was drawn before, so that a gate shared by all tubes is
    one array in memory.
    """
    leading = _leading_to(backgate, populations)
    for population in populations.values():
        step = population.step
        if step is None or not step.channels:
            # Combined from others, or on axes that cannot be drawn.
            continue
        shown = step.channels[:2]
        x, y = axes[shown[0]], axes[shown[1]] if len(shown) > 1 else None
        above = populations[step.parent]
        points = points_of(events, shown, np.flatnonzero(above.mask))
        again = None
        if population.name in leading:
            mine = np.flatnonzero(populations[backgate].mask)
            again = count_bins(x, y, points_of(events, shown, mine))
        if id(step) not in outlines:
            outlines[id(step)] = outline(step, [axis for axis in (x, y) if axis is not None])
        yield GatePicture(
            file=tube.file,
            donor=tube.donor,
            condition=tube.condition,
            population=population.name,
            parent=step.parent,
            x=x.axis,
            y=y.axis if y else None,
            counts=count_bins(x, y, points),
            outlines=outlines[id(step)],
            count=population.count,
            percent_of_parent=100 * population.count / above.count if above.count else math.nan,
            behind=backgate if again is not None else "",
            behind_counts=again,
        )


def _leading_to(name: str, populations: Mapping[str, Population]) -> set[str]:
    """A population and the gates above it."""
    found: set[str] = set()
    while name in populations and name not in found:
        found.add(name)
        step = populations[name].step
        name = step.parent if step is not None else ""
    return found


def outline(step: GateStep, axes: list[PictureAxis]) -> tuple[Floats, ...]:
    """Closed outline of a gate on the scale, shape (k, 2); cut positions, shape (k, 1), in 1-D.

    An edge that is straight in original units bends on a logicle axis: it is drawn
    through points that are evenly spaced on both scales.
    """
    corners = step.shape.outline()
    if not len(corners):
        return ()
    scales = [axis.scale for axis in axes]
    limits = np.array([axis.axis.edges[[0, -1]] for axis in axes]).T
    if step.on_scale:
        return (_closed(corners, limits),)
    original = np.array([axis.cuts[[0, -1]] for axis in axes]).T
    if corners.shape[1] == 1:
        return (scales[0].forward(corners),)
    corners = _closed(corners, original)
    if not all(isinstance(scale, Linear) for scale in scales):
        corners = _bent(corners, scales)
    placed = np.stack([s.forward(c) for s, c in zip(scales, corners.T, strict=True)], axis=1)
    return (placed,)


def _closed(corners: Floats, limits: Floats) -> Floats:
    """Open ends drawn at the edge of the picture; finite corners stay, or slants would bend."""
    return np.where(np.isinf(corners), np.clip(corners, limits[0], limits[1]), corners)


def _bent(corners: Floats, scales: list[Scale]) -> Floats:
    """Points along each straight edge, so close that the bent line looks smooth."""
    per_edge = max(2, 240 // (len(corners) - 1))
    steps = np.linspace(0, 1, per_edge, endpoint=False)
    drawn = []
    for start, end in itertools.pairwise(corners):
        along = [steps]
        for axis, scale in enumerate(scales):
            if start[axis] != end[axis]:
                ends = scale.forward([start[axis], end[axis]])
                if np.isfinite(ends).all():
                    even = scale.inverse(ends[0] + steps * (ends[1] - ends[0]))
                    along.append((even - start[axis]) / (end[axis] - start[axis]))
        share = np.unique(np.clip(np.concatenate(along[1:] or along), 0, 1))
        drawn.append(start + share[:, None] * (end - start))
    return np.vstack([*drawn, corners[-1:]])


def readout_histogram(
    tube: Tube,
    readout: Readout,
    values: NDArray[np.floating],
    axis: PictureAxis,
    reading: Reading,
) -> ReadoutHistogram:
    """Distribution of a readout in its population, with its median and threshold."""
    median, threshold = (
        float(axis.scale.forward(value)) for value in (reading.median, reading.threshold)
    )
    return ReadoutHistogram(
        file=tube.file,
        donor=tube.donor,
        condition=tube.condition,
        tube=tube,
        readout=readout.name,
        axis=axis.axis,
        counts=count_bins(axis, None, values[:, None]),
        median=median,
        threshold=threshold,
        positive_below=reading.positive_side == "below",
    )
