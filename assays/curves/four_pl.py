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
    best_starts,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_share,
    four_slope,
    four_trials,
)

Floats = NDArray[np.float64]


def starts(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Best points of a grid over B and C, each with its best A and D."""
    return best_starts(four_trials, x, y, weights)[..., [2, 0, 1, 3]]


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
    four_share,
    four_bounds,
)
