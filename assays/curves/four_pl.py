"""Four-parameter logistic curve.

    y = D + (A - D) / (1 + (x / C) ** B)

A is the response at zero concentration, D at infinite, C the concentration half-way,
B > 0 the slope; rising and falling curves alike.

References
----------
Findlay & Dillard (2007), AAPS J. 9(2), E260.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.logistic import (
    SLOPES,
    best_ends,
    best_of,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_slope,
    middles,
    shares,
)

Floats = NDArray[np.float64]


def starts(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Best points of a grid over B and C, each with its best A and D."""
    b, c = (grid.ravel() for grid in np.meshgrid(SLOPES, middles(x), indexing="ij"))
    low, _ = shares(x[None, :], b[:, None], c[:, None])
    a, d, misfit = best_ends(low, y, weights, (None, None))
    chosen = best_of(misfit.reshape(len(SLOPES), -1), 5)
    return np.stack([a, b, c, d], axis=-1)[chosen]


MODEL = CurveModel(
    "4pl",
    "four-parameter logistic",
    "y = D + (A - D) / (1 + (x / C)^B)",
    ("A", "B", "C", "D"),
    (False, True, True, False),
    4,
    four_forward,
    four_gradient,
    four_slope,
    four_inverse,
    starts,
    (True, False, False, True),
    four_bounds,
)
