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
    four_axes,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_share,
    four_slope,
)

Floats = NDArray[np.float64]


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
    axes=four_axes,
    linear=(True, False, False, True),
    share=four_share,
    bounds=four_bounds,
)
