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
from assays.curves.logistic import SLOPES, best_ends, best_of, log_ratio, middles, shares

Floats = NDArray[np.float64]


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    return np.asarray(a * low + d * high)


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by A, B, C, D; shape (\\*x.shape, 4)."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    bend = (a - d) * low * high
    return np.stack([low, -bend * log_ratio(x, c), bend * b / c, high], axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x; at x = 0 it is 0, finite or infinite as B > 1, = 1, < 1."""
    a, b, c, d = params
    x = np.asarray(x, dtype=np.float64)
    low, high = shares(x, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (d - a) * low * high * b / x
    at_zero = 0.0 if b > 1 else (d - a) / c if b == 1 else np.sign(d - a) * np.inf
    return np.where(x == 0, at_zero, np.where(np.isinf(x), 0.0, inside))


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN at D and wherever the curve never comes."""
    a, b, c, d = params
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        ratio = (a - y) / (y - d)
        x = c * np.power(np.where(ratio >= 0, ratio, np.nan), 1.0 / b)
    return np.where(np.isfinite(x) & (y != d), x, np.nan)


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
    forward,
    gradient,
    slope,
    inverse,
    starts,
)
