"""Parabola.

    y = c0 + c1 * x + c2 * x**2

For gently bent calibration lines. Read back on the branch that the standards lie on: from zero up
to the turning point, beyond which two concentrations share a response.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    return np.asarray(params[0] + x * (params[1] + x * params[2]))


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by c0, c1, c2; shape (\\*x.shape, 3)."""
    del params
    return np.stack([np.ones_like(x), x, x * x], axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x."""
    return np.asarray(params[1] + 2 * params[2] * x)


def domain(params: Floats) -> tuple[float, float]:
    """Concentrations on one side of the turning point: from 0 to it, or from it on."""
    _, c1, c2 = params
    if c2 == 0:
        return 0.0, np.inf
    turn = -c1 / (2 * c2)
    return (0.0, float(turn)) if turn > 0 else (0.0, np.inf)


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response on the rising or falling branch from zero on."""
    c0, c1, c2 = params
    with np.errstate(divide="ignore", invalid="ignore"):
        if c2 == 0:
            x = (y - c0) / c1
        else:
            root = np.sqrt(c1 * c1 - 4 * c2 * (c0 - y))
            # Both roots without cancellation; the one nearer to zero on the branch from zero.
            q = -0.5 * (c1 + np.where(c1 >= 0, 1.0, -1.0) * root)
            x = (c0 - y) / q
            low, high = domain(params)
            x = np.where((x >= low) & (x <= high), x, q / c2)
    low, high = domain(params)
    return np.where(np.isfinite(x) & (x >= low) & (x <= high), x, np.nan)


MODEL = CurveModel(
    "quadratic",
    "parabola",
    "y = c0 + c1 * x + c2 * x^2",
    ("c0", "c1", "c2"),
    (False, False, False),
    4,
    forward,
    gradient,
    slope,
    inverse,
    linear=(True, True, True),
    domain=domain,
)
