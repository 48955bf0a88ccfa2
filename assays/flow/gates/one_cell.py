"""Which events tell where single cells lie, where so many are doublets that they pull a line.

Two cells in one drop have about the height of one and the area of both: their ratio of
height to area is about half. Where that ratio makes several peaks, single cells are the
highest one. Debris has ratios of its own, but far lower heights; such peaks are left alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from assays.flow.axes import detector_of, is_fluorescence
from assays.flow.gates.density import density_of, valleys_of
from assays.flow.gates.shapes import Floats, Mask

MANY = 0.01
"""Share of doublets from which they are left out of the line's fit; fewer are no peak."""
LEAST = 0.1
"""Share of the events that the peak of single cells must hold (a choice)."""
DEEP = 0.5
"""Depth of the valley between them in the ratio, at least (a choice)."""
AREA = 1.25
"""Area of a doublet in areas of a single cell, at least."""
HEIGHT = (0.7, 2.5)
"""Height of a doublet in heights of a single cell."""

_AREA = re.compile(r"(?i)[-_ ](a|area)$")
_HEIGHT = re.compile(r"(?i)[-_ ](h|height)$")


def single_cells(channels: Sequence[str], values: Floats) -> Mask | None:
    """Events of the peak that single cells make in height over area.

    Parameters
    ----------
    channels : sequence of str
        Two pulses of one scatter detector, in either order.
    values : ndarray, shape (n, 2)
        Original units.

    Returns
    -------
    ndarray of bool, shape (n,), or None
        None where the channels are no area and height of scatter, the ratio has one peak, or
        few events lie below it.
    """
    columns = _area_and_height(channels)
    if columns is None or is_fluorescence(channels[0]):
        return None  # area and height of a dim dye are noise of different amplifiers
    area, height = values[:, columns[0]], values[:, columns[1]]
    sound = (area > 0) & (height > 0)
    if np.count_nonzero(sound) < LEAST * len(values):
        return None
    ratio = np.full(len(values), math.nan)
    ratio[sound] = np.log(height[sound] / area[sound])
    density = density_of(ratio[sound])
    valleys = valleys_of(density) if density is not None else ()
    cuts = [valley.place for valley in valleys if valley.depth >= DEEP]
    ends = [-math.inf, *cuts, math.inf]
    for low, high in zip(ends[-2:0:-1], ends[:1:-1], strict=True):
        single = (ratio >= low) & (ratio < high)
        if single.mean() < LEAST:
            continue
        rest = ratio < low
        if rest.mean() < MANY or not _look_like_doublets(area, height, single, rest):
            return None
        return single
    return None


def _area_and_height(channels: Sequence[str]) -> tuple[int, int] | None:
    if len(channels) != 2 or detector_of(channels[0]) != detector_of(channels[1]):
        return None
    for area, height in ((0, 1), (1, 0)):
        if _AREA.search(channels[area].strip()) and _HEIGHT.search(channels[height].strip()):
            return area, height
    return None


def _look_like_doublets(area: Floats, height: Floats, single: Mask, rest: Mask) -> bool:
    """Whether the events of a lower ratio have about one height and more than one area."""
    wider = float(np.median(area[rest]) / np.median(area[single]))
    higher = float(np.median(height[rest]) / np.median(height[single]))
    return wider >= AREA and HEIGHT[0] <= higher <= HEIGHT[1]
