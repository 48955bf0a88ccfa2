"""How wide the linear part of a logicle scale must be, from the data.

References
----------
Parks, Roederer & Moore (2006), Cytometry A 69A:541.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from assays.flow.scales.contract import numbers


def estimate_width(negatives: ArrayLike, T: float, M: float = 4.5, A: float = 0.0) -> float:
    """Width W of a logicle scale from the negative values of a channel, in decades.

    Parameters
    ----------
    negatives : array_like, shape (n,)
        Values below zero after compensation, original units; others are passed over.
    T, M, A : float
        Of the scale.

    Returns
    -------
    float
        ``(M - log10(T / |r|)) / 2`` with r the 5th percentile of the negative
        values (Parks 2006), kept within what the scale allows. With fewer than 20
        negative values the data say nothing and the usual 0.5 is returned.
    """
    values = numbers(negatives)
    values = values[np.isfinite(values) & (values < 0)]
    most = max(min(M / 2, (M - A) / 2), 0.0)
    least = max(-A, 0.0)
    if len(values) < 20:
        return min(max(0.5, least), most)
    reference = abs(float(np.percentile(values, 5)))
    width = (M - math.log10(T / reference)) / 2
    return min(max(width, least, 0.0), most)
