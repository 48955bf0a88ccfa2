"""Below which median the scatter between tubes no longer shrinks with it, as replicates tell.

The plan. Tubes scatter in proportion to sqrt(median² + offset²): by a constant share where they are
bright, by a constant amount where they are dim. The readout's cofactor is a first guess of the
offset. Where it is too large, dim tubes are thought to scatter more than they do, they thin the
pooled scatter, and the intervals of bright tubes become too narrow; where it is too small, it is
the other way round. So the replicate tubes choose: the offset of the largest likelihood of a grid
is taken if it is better than the cofactor by Akaike's criterion (1974, IEEE Trans. Automat.
Contr. 19:716), and else the cofactor stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = np.geomspace(1 / 30, 4, 25)
"""Offsets that are looked at, in cofactors. Below, scatter is a share of the median to any tube
that is measured; above, a constant."""
COST = 2.0
"""Drop of -2 log likelihood that one more parameter has to bring (Akaike)."""


def chosen_offset(groups: Sequence[Sequence[float]], cofactor: float) -> float:
    """Offset of the scatter between tubes, in the unit of the medians.

    Parameters
    ----------
    groups : sequence of sequence of float
        Medians of the replicate tubes of each condition, at least two in each.
    cofactor : float
        Of the readout; what is returned where the replicates do not say better.

    Examples
    --------
    Tubes that differ by a share of their median, however dim:

    >>> dim, bright = [[20 * g, 22 * g] for g in (1, 1.3, 1.7)], [[2000, 2200], [5000, 5500]]
    >>> round(chosen_offset([*dim, *bright], 150.0), 1)
    5.0
    """
    if len(groups) < 2:
        return cofactor
    offsets = np.r_[cofactor, cofactor * GRID]
    cost = _cost(groups, offsets)
    best = int(np.argmin(cost))
    return float(offsets[best]) if cost[best] < cost[0] - COST else cofactor


def _cost(groups: Sequence[Sequence[float]], offsets: Floats) -> Floats:
    """-2 log likelihood of the deviations within conditions, up to a constant, per offset."""
    sizes = np.array([len(group) for group in groups])
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    medians = np.concatenate([np.asarray(group, dtype=np.float64) for group in groups])
    means = np.add.reduceat(medians, starts) / sizes
    even = np.arcsinh(medians / offsets[:, None])
    middle = np.add.reduceat(even, starts, axis=1) / sizes
    squares = ((even - np.repeat(middle, sizes, axis=1)) ** 2).sum(axis=1)
    df = sizes - 1
    # Replicates that are equal to the last digit tell nothing of the offset.
    if not squares.min() > 0:
        return np.zeros(offsets.shape)
    widths = np.log(means**2 + offsets[:, None] ** 2)
    return np.asarray(df.sum() * np.log(squares / df.sum()) + (df * widths).sum(axis=1))
