"""Which events tell where single cells lie, where so many are doublets that they pull a line.

Two cells in one drop have about the height of one, the area of both and a longer pulse. Where
height over area, or the width, makes several peaks, single cells are the one of the shortest
pulse. Debris has ratios of its own, but far lower heights; such peaks are left alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from assays.flow.axes import detector_of, is_fluorescence
from assays.flow.gates.density import density_of, valleys_of
from assays.flow.gates.shapes import Floats, Mask

MANY = 0.01
"""Share of doublets from which they are left out of the line's fit; fewer are no peak."""
LEAST = 0.1
"""Share of the events that the peak of single cells must hold (a choice)."""
DEEP = 0.5
"""Depth of the valley between them, at least (a choice)."""
DOUBLETS = {"area": (1.25, 5.0), "height": (0.7, 2.5), "width": (1.25, 4.0)}
"""Pulses of a doublet in those of a single cell, from and to (a choice)."""

_KINDS = {
    kind: re.compile(rf"(?i)[-_ ]({kind[0]}|{kind})$") for kind in ("area", "height", "width")
}


def single_cells(channels: Sequence[str], values: Floats) -> Mask | None:
    """Events of the peak that single cells make in height over area, or in width.

    Parameters
    ----------
    channels : sequence of str
        Two different pulses of one scatter detector, in any order.
    values : ndarray, shape (n, 2)
        Original units.

    Returns
    -------
    ndarray of bool, shape (n,), or None
        None where the channels are no such pair, the pulses have one length, or few events
        are longer.
    """
    pulses = _pulses(channels, values)
    if pulses is None:
        return None
    sound = (values > 0).all(axis=1)
    if np.count_nonzero(sound) < LEAST * len(values):
        return None
    short = np.full(len(values), math.nan)
    above, below = (
        (1.0, pulses["width"]) if "width" in pulses else (pulses["height"], pulses["area"])
    )
    short[sound] = np.log(np.broadcast_to(above, sound.shape)[sound] / below[sound])
    density = density_of(short[sound])
    valleys = valleys_of(density) if density is not None else ()
    cuts = [valley.place for valley in valleys if valley.depth >= DEEP]
    ends = [-math.inf, *cuts, math.inf]
    for low, high in zip(ends[-2:0:-1], ends[:1:-1], strict=True):
        single = (short >= low) & (short < high)
        if single.mean() < LEAST:
            continue
        rest = short < low
        if rest.mean() < MANY or not _look_like_doublets(pulses, single, rest):
            return None
        return single
    return None


def two_peaks(away: Floats) -> bool:
    """Whether events inside a gate lie in two peaks: then it may hold doublets and single cells.

    Parameters
    ----------
    away : ndarray, shape (n,)
        Distance from the line of the events inside, or their width.
    """
    density = density_of(away)
    valleys = valleys_of(density, share=LEAST) if density is not None else ()
    return any(valley.depth >= DEEP for valley in valleys)


def _pulses(channels: Sequence[str], values: Floats) -> Mapping[str, Floats] | None:
    """The pulses by kind; None unless they are two kinds of one scatter detector."""
    if len({detector_of(name) for name in channels}) > 1 or is_fluorescence(channels[0]):
        return None  # area and height of a dim dye are noise of different amplifiers
    found = {
        kind: values[:, index]
        for index, name in enumerate(channels)
        for kind, ends in _KINDS.items()
        if ends.search(name.strip())
    }
    return found if len(found) == 2 else None


def _look_like_doublets(pulses: Mapping[str, Floats], single: Mask, rest: Mask) -> bool:
    """Whether the events of longer pulses have about one height and more than one area."""
    for kind, values in pulses.items():
        low, high = DOUBLETS[kind]
        if not low <= float(np.median(values[rest]) / np.median(values[single])) <= high:
            return False
    return True
