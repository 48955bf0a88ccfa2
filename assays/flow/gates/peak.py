"""The main peak of a channel, and how wide the flank is that no other cells reach."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from assays.flow.gates.density import UNSEEN, density_of, valleys_of
from assays.flow.gates.found import told
from assays.flow.gates.shapes import Box, Floats

LEAST_EVEN = 0.4
"""Ratio of the half-widths at half height below which a peak is lopsided (a choice)."""
MAIN = 0.2
"""Share of the events that the first peak from the left must hold to be the main one."""
OVER = 1.25
"""Times the channel's range from which a cut lies beyond it; some files give the brightest event
of the tube as the range, and a cut may lie a little above that."""


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak."""

    place: float
    spread: float
    """Robust standard deviation of its left flank."""
    evenness: float
    """Smaller over larger half-width at half height, 0 to 1."""
    valley: float | None
    """Valley on its right, where another peak follows."""


def main_peak(places: Floats) -> Peak | str:
    """First peak from the left that holds a fifth of the events, or why there is none.

    The spread is 1.4826 times the median distance of the events on its left, as if
    the right flank mirrored them.
    """
    places = places[np.isfinite(places)]
    density = density_of(places)
    if density is None:
        return UNSEEN
    valleys = valleys_of(density)
    edges = [-math.inf, *(valley.place for valley in valleys), math.inf]
    for left, right in itertools.pairwise(edges):
        own = (places >= left) & (places < right)
        if own.mean() >= MAIN:
            break
    within = (density.places >= left) & (density.places < right)
    heights = np.where(within, density.heights, 0.0)
    top = int(heights.argmax())
    place = float(density.places[top])
    flank = place - places[own & (places < place)]
    if len(flank) < 20 or not float(np.median(flank)) > 0:
        return "the main peak stands at the edge and has no flank"
    half = heights[top] / 2
    low = top - int(np.argmax(heights[top::-1] < half)) if (heights[: top + 1] < half).any() else 0
    high = top + int(np.argmax(heights[top:] < half)) if (heights[top:] < half).any() else top
    widths = sorted((top - low, high - top))
    evenness = widths[0] / widths[1] if widths[1] else 0.0
    if evenness < LEAST_EVEN:
        return f"the main peak is lopsided ({evenness:.2f} at half height)"
    # The kernel widened the peak; events themselves did not move.
    spread = 1.4826 * float(np.median(flank))
    return Peak(place, spread, evenness, right if math.isfinite(right) else None)


def beyond(place: float, side: str) -> Box:
    """Everything above (+) or below (-) a place."""
    return Box((place,), (math.inf,)) if side == "+" else Box((-math.inf,), (place,))


def out_of_range(cut: float, top: float) -> str:
    """Why a cut beside a peak can be no gate, in words; empty when it can.

    Parameters
    ----------
    cut, top : float
        Original units; `top` is NaN where the range is not known.
    """
    if not cut > OVER * top:
        return ""
    return (
        f"the cut, {told(cut)}, would lie beyond the channel's range, {told(top)}: the peak is too "
        "wide to have a tail"
    )
