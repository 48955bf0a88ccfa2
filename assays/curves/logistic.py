"""What the logistic curves share: stable pieces, bounds, and values to start from.

With ``u = B log(x / C)`` the share of the lower end is ``h = 1 / (1 + exp(u))`` and
of the upper end ``q = 1 - h``. Worked out from u, neither overflows, and x = 0 and
x = inf give exactly (1, 0) and (0, 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLOPES = np.geomspace(0.2, 12.0, 13)
"""Slopes B tried for a start: immunoassays have 0.5 to 3, a step at one level has more."""
MIDDLES = 26
"""Concentrations C tried, from well below to far above the standards."""


def shares(x: Floats, slope: Floats | float, middle: Floats | float) -> tuple[Floats, Floats]:
    """(h, q) at concentrations x; arrays broadcast."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        u = slope * (np.log(x) - np.log(middle))
        z = np.exp(-np.abs(u))
        small, large = z / (1.0 + z), 1.0 / (1.0 + z)
    rising = u > 0
    return np.where(rising, small, large), np.where(rising, large, small)


def log_share(x: Floats, slope: float, middle: float) -> Floats:
    """log h, exact where h itself is too small for a float."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        u = slope * (np.log(x) - np.log(middle))
        return np.asarray(-np.logaddexp(0.0, u), dtype=np.float64)


def log_ratio(x: Floats, middle: float) -> Floats:
    """log(x / C) where it is finite; 0 at x = 0 and inf, where its factor is 0 anyway."""
    with np.errstate(divide="ignore"):
        ratio = np.log(x) - np.log(middle)
    return np.where(np.isfinite(ratio), ratio, 0.0)


FAINTEST = 1e-7
"""Smallest share of the far end that the standards reach, or miss, in a fit.

Where the plateau was never seen the best C lies at infinity; beyond this point C and D only run
on together and the curve over the standards stays as it is.
"""
STEEPEST, FLATTEST = 200.0, 0.01
FARTHEST = 300.0
"""Logs of C stay within +- this."""
LOG_FAINTEST, LOG_STEEPEST, LOG_FLATTEST = np.log([FAINTEST, STEEPEST, FLATTEST]).tolist()


def middles(x: Floats) -> Floats:
    """Concentrations C tried for a start; x of one curve."""
    positive = x[x > 0]
    return np.geomspace(positive.min() / 10, positive.max() * 1000, MIDDLES)


def reach(slope: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest log C that curves of these log slopes let the standards tell apart."""
    span = -LOG_FAINTEST * np.exp(-np.minimum(np.maximum(slope, LOG_FLATTEST), LOG_STEEPEST))
    return np.maximum(extent[0] - span, -FARTHEST), np.minimum(extent[1] + span, FARTHEST)


def four_bounds(shape: Floats, extent: Floats) -> tuple[Floats, Floats]:
    """Bounds of log B and log C."""
    low, high = np.empty_like(shape), np.empty_like(shape)
    low[0], high[0] = LOG_FLATTEST, LOG_STEEPEST
    low[1], high[1] = reach(shape[0], extent)
    return low, high


def four_axes(x: Floats) -> tuple[Floats, ...]:
    """Values of B and C tried for a start."""
    return SLOPES, middles(x)


def four_share(log_x: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of A and D, and the derivatives of the first by log B and log C."""
    from scipy.special import expit

    slope = np.exp(shape[0])
    u = slope * (log_x - shape[1])
    low, high = expit(-u), expit(u)
    bend = low * high
    # x = 0 and x = inf are ends themselves: nothing bends there.
    slopes = np.empty((2, *u.shape))
    slopes[0] = np.where(bend > 0, -bend * u, 0.0)
    slopes[1] = bend * slope
    return low, high, slopes


def four_forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    return np.asarray(a * low + d * high)


def four_gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives of the response by A, B, C, D; shape (\\*x.shape, 4)."""
    a, b, c, d = params
    low, high = shares(x, b, c)
    bend = (a - d) * low * high
    return np.stack([low, -bend * log_ratio(x, c), bend * b / c, high], axis=-1)


def four_slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x; at x = 0 it is 0, finite or infinite as B > 1, = 1, < 1."""
    a, b, c, d = params
    x = np.asarray(x, dtype=np.float64)
    low, high = shares(x, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (d - a) * low * high * b / x
    at_zero = 0.0 if b > 1 else (d - a) / c if b == 1 else np.sign(d - a) * np.inf
    return np.where(x == 0, at_zero, np.where(np.isinf(x), 0.0, inside))


def four_inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN at D and wherever the curve never comes."""
    a, b, c, d = params
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        ratio = (a - y) / (y - d)
        x = c * np.power(np.where(ratio >= 0, ratio, np.nan), 1.0 / b)
    return np.where(np.isfinite(x) & (y != d), x, np.nan)
