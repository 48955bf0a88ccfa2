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
    SLOPES,
    STARTS,
    best_starts,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_share,
    four_slope,
    middles,
    shares,
)

Floats = NDArray[np.float64]


def lower_end(x: Floats, y: Floats) -> tuple[float | None, ...]:
    """A or D is 0, whichever end the response falls to."""
    order = np.argsort(x, kind="stable")
    half = max(len(x) // 2, 1)
    rising = y[order[-half:]].mean() >= y[order[:half]].mean()
    return (0.0, None, None, None) if rising else (None, None, None, 0.0)


def trials(x: Floats) -> tuple[Floats, Floats]:
    """A grid over B and C, and the share of A at each of its points."""
    grid = np.stack(np.meshgrid(SLOPES, middles(x), indexing="ij"), axis=-1)
    low, _ = shares(x, grid[..., :1], grid[..., 1:])
    return grid, low


def starts(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Best points of a grid over B and C, each with its best free end."""
    fixed = [lower_end(*pair) for pair in zip(x, y, strict=True)]
    found = np.empty((len(x), STARTS, 4))
    for way in set(fixed):
        rows = [i for i, one in enumerate(fixed) if one == way]
        found[rows] = best_starts(trials, x[rows], y[rows], weights[rows], (way[0], way[3]))
    return found[..., [2, 0, 1, 3]]


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
    starts,
    (True, False, False, True),
    four_share,
    four_bounds,
    fixed=lower_end,
)
