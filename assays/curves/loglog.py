"""Straight line between the logarithms of concentration and response.

    log10(y) = intercept + slope * log10(x)

Least squares are taken on log10(y). Zero standards and readings at or below zero have no
logarithm: they stand outside the fit, and a finding says how many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]

LN10 = float(np.log(10.0))


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x; 0 at x = 0 on a rising line."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        return np.asarray(10.0 ** (params[0] + params[1] * np.log10(x)))


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by intercept and slope; shape (\\*x.shape, 2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_intercept = forward(x, params) * LN10
        by_slope = np.where(by_intercept > 0, by_intercept * np.log10(x), 0.0)
    return np.stack([by_intercept, by_slope], axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(forward(x, params) * params[1] / x)


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN at or below 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        x = 10.0 ** ((np.log10(np.where(y > 0, y, np.nan)) - params[0]) / params[1])
    return np.where(np.isfinite(x), x, np.nan)


MODEL = CurveModel(
    "loglog",
    "log-log line",
    "log10(y) = intercept + slope * log10(x)",
    ("intercept", "slope"),
    (False, False),
    3,
    forward,
    gradient,
    slope,
    inverse,
    linear=(True, True),
    log_response=True,
)
