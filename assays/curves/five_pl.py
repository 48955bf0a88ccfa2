"""Five-parameter logistic curve: the four-parameter one with an exponent for asymmetry.

    y = D + (A - D) / (1 + (x / C) ** B) ** G

This is the form that plate-reader programs print. Its mirror image, with the exponent on the
other end (``LL.5`` of the R package drc on a rising curve), is another model: it fits other
numbers. With G = 1 it is the four-parameter curve; with another G, C is not the concentration
half-way. A is the response at zero concentration and D at infinite, rising and falling alike.

References
----------
Gottschalk & Dunn (2005), Anal. Biochem. 343, 54.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.logistic import (
    LOG_FLATTEST,
    LOG_STEEPEST,
    log_ratio,
    log_share,
    middles,
    reach,
    shares,
)

Floats = NDArray[np.float64]

SLOPES = np.geomspace(0.25, 60.0, 12)
LEAST_EXPONENT, LARGEST_EXPONENT = np.log([1e-4, 1e9]).tolist()
"""Logs of the bounds of G."""
EXPONENTS = np.geomspace(0.002, 8.0, 12)


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    a, b, c, d, g = params
    low = g * log_share(x, b, c)
    return np.asarray(a * np.exp(low) - d * np.expm1(low))


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by A, B, C, D, G; shape (\\*x.shape, 5)."""
    a, b, c, d, g = params
    log_low = log_share(x, b, c)
    power = np.exp(g * log_low)
    _, high = shares(x, b, c)
    bend = (a - d) * g * power * high
    with np.errstate(invalid="ignore"):
        by_g = np.where(power > 0, (a - d) * power * log_low, 0.0)
    columns = [power, -bend * log_ratio(x, c), bend * b / c, -np.expm1(g * log_low), by_g]
    return np.stack(columns, axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x; at x = 0 it is 0, finite or infinite as B > 1, = 1, < 1."""
    a, b, c, d, g = params
    x = np.asarray(x, dtype=np.float64)
    _, high = shares(x, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (d - a) * g * np.exp(g * log_share(x, b, c)) * high * b / x
    at_zero = 0.0 if b > 1 else (d - a) * g / c if b == 1 else np.sign(d - a) * np.inf
    return np.where(x == 0, at_zero, np.where(np.isinf(x), 0.0, inside))


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN at D and wherever the curve never comes."""
    a, b, c, d, g = params
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        share = (y - d) / (a - d)
        ratio = np.expm1(-np.log(np.where((share > 0) & (share <= 1), share, np.nan)) / g)
        x = c * np.power(ratio, 1.0 / b)
    return np.where(np.isfinite(x), x, np.nan)


def share(log_x: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of A and D, and the derivatives of the first by log B, log C and log G."""
    slope, exponent = np.exp(shape[0]), np.exp(shape[2])
    u = slope * (log_x - shape[1])
    log_low = -np.logaddexp(0.0, u)
    power = exponent * log_low
    low = np.exp(power)
    bend = exponent * low * np.where(u == np.inf, 1.0, np.exp(u + log_low))
    # x = 0 and x = inf are ends themselves: nothing bends there.
    slopes = np.empty((3, *u.shape))
    slopes[0] = np.where(bend > 0, -bend * u, 0.0)
    slopes[1] = bend * slope
    slopes[2] = np.where(low > 0, low * power, 0.0)
    return low, -np.expm1(power), slopes


def bounds(shape: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Bounds of log B, log C and log G."""
    low, high = np.empty_like(shape), np.empty_like(shape)
    low[0], high[0] = LOG_FLATTEST, LOG_STEEPEST
    low[1], high[1] = reach(shape[0], extent)
    low[2], high[2] = LEAST_EXPONENT, LARGEST_EXPONENT
    return low, high


def axes(x: Floats) -> tuple[Floats, ...]:
    """Values of B, C and G tried for a start."""
    return SLOPES, middles(x)[::2], EXPONENTS


MODEL = CurveModel(
    "5pl",
    "five-parameter logistic",
    "y = D + (A - D) / (1 + (x / C)^B)^G",
    ("A", "B", "C", "D", "G"),
    (False, True, True, False, True),
    5,
    forward,
    gradient,
    slope,
    inverse,
    axes=axes,
    linear=(True, False, False, True, False),
    share=share,
    bounds=bounds,
)
