"""Which events of a control carry the stain and which do not.

Seen in the stain's own detector. A valley of the density between two peaks parts
them; where there is none, the unstained tube says where unstained events end. A
control without a positive population is refused: its spillover is not in the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.flow.gates.density import density_of, valleys_of
from assays.flow.scales import Scale
from assays.flow.single_stains.line import MAD_TO_SD

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BEYOND = 0.995
"""Quantile of the unstained events above which an event counts as stained."""
LEAST_SHARE = 0.05
"""Share of the events that must lie there: ten times what unstained events alone would give."""
DIM = 3.0
"""Smallest distance of the two medians, in robust standard deviations of the negative (a
choice): below it the two clouds are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Stained and unstained events of one control."""

    positive: Mask
    negative: Mask
    """Its own unstained events; none where only the unstained tube tells."""
    cut: float
    """Events at or above it are positive, original units."""
    how: str
    """How it was found, in words."""


def split(own: Floats, scale: Scale, unstained: Floats | None, fewest: int) -> Split | str:
    """Part the events of a control by their stain.

    Parameters
    ----------
    own : ndarray, shape (n,)
        The stain's own detector, linear values.
    scale : Scale
        On which the density is looked at.
    unstained : ndarray, shape (m,), optional
        The same detector in the unstained tube.
    fewest : int
        Events that a positive population must hold.

    Returns
    -------
    Split or str
        Why there is no positive population, in words, when there is none.
    """
    if len(own) and own.min() == own.max():
        return f"all {len(own):,} events have the same value, {own[0]:.4g}"
    density = density_of(scale.forward(own))
    valleys = valleys_of(density) if density is not None else ()
    cuts = [float(scale.inverse(valley.place)) for valley in valleys]
    # The brightest peak that holds enough events; the unstained lie below the first valley.
    for cut in reversed(cuts):
        positive = own >= cut
        if np.count_nonzero(positive) < fewest:
            continue
        return Split(positive, own < cuts[0], cut, f"valley at {cut:.4g}")
    if unstained is None or not len(unstained):
        seen = "its events make one peak" if density is not None else "its events are too few"
        return f"{seen}, and no unstained tube of its kind tells where unstained events end"
    end = float(np.quantile(unstained, BEYOND))
    above = own > end
    share = float(above.mean()) if len(own) else 0.0
    if share < LEAST_SHARE or np.count_nonzero(above) < fewest:
        return (
            f"its events make one peak, and only {np.count_nonzero(above):,} of them "
            f"({100 * share:.1f} %) are brighter than {100 * BEYOND:g} % of the unstained ones"
        )
    if share > 0.5:
        # One peak, moved as a whole: every event is stained.
        everything = np.ones(len(own), dtype=np.bool_)
        return Split(everything, ~everything, -math.inf, "one peak, brighter than unstained")
    return Split(above, own <= end, end, f"above {100 * BEYOND:g} % of unstained events")


def separation(positive: Floats, negative: Floats) -> float:
    """Distance of the medians in robust standard deviations of the negative; NaN without any."""
    if not len(positive) or not len(negative):
        return math.nan
    middle = float(np.median(negative))
    spread = MAD_TO_SD * float(np.median(np.abs(negative - middle)))
    rise = float(np.median(positive)) - middle
    if spread > 0:
        return rise / spread
    return math.inf if rise > 0 else 0.0
