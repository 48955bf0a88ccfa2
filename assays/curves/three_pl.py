"""Three-parameter logistic curve: the four-parameter one whose lower end is zero.

    rising   y = D - D / (1 + (x / C) ** B)        A = 0
    falling  y = A / (1 + (x / C) ** B)            D = 0

For readings that have no background left. Which end is zero follows from the data: the lower one.
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


def lower_end(x: Floats, y: Floats) -> tuple[float | None, ...]:
    """A or D is 0, whichever end the response falls to."""
    order = np.argsort(x, kind="stable")
    half = max(len(x) // 2, 1)
    rising = y[order[-half:]].mean() >= y[order[:half]].mean()
    return (0.0, None, None, None) if rising else (None, None, None, 0.0)


MODEL = CurveModel(
    "3pl",
    "three-parameter logistic",
    "y = D + (A - D) / (1 + (x / C)^B), lower end 0",
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
    fixed=lower_end,
)
