"""Straight line.

    y = intercept + slope * x

For the straight part of an assay, and for protein assays read over a narrow range. Concentrations
below zero are not given back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    return np.asarray(params[0] + params[1] * x)


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by intercept and slope; shape (\\*x.shape, 2)."""
    del params
    return np.stack([np.ones_like(x), x], axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x."""
    return np.full_like(x, params[1])


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN for a line without slope."""
    with np.errstate(divide="ignore", invalid="ignore"):
        x = (y - params[0]) / params[1]
    return np.where(np.isfinite(x), x, np.nan)


MODEL = CurveModel(
    "linear",
    "straight line",
    "y = intercept + slope * x",
    ("intercept", "slope"),
    (False, False),
    3,
    forward,
    gradient,
    slope,
    inverse,
    linear=(True, True),
)
