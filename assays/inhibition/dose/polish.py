"""The last digits of a dose-response fit: Levenberg-Marquardt on the residuals themselves.

Differences of residual sums lose half of the digits, which shows where a steep curve drops
between two doses and the sum hardly changes; derivatives of the residuals do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose.curve import Points, log_dose_limits, share

Floats = NDArray[np.float64]

STEPS = 400
WORST = 1e10
"""Condition number of the scaled normal matrix from which on nothing is known of the errors."""


def polish(points: Points, slope: float, log_c: float, top: float, bottom: float) -> Floats:
    """Slope and log C at the optimum next to these, shape (2,)."""
    at = np.array([top, bottom, np.log(slope), log_c])
    free = np.array([points.top is None, points.bottom is None, points.slope is None, True])
    # Levels and logarithms on one footing: the damping below compares them.
    unit = np.array([1.0, 1.0, 1.0, 1.0])
    unit[:2] = max(float(np.ptp(points.response)), 1e-300)
    root = np.sqrt(points.weight)
    limits = np.array([np.log(points.slope_limits), log_dose_limits(points)]).T
    residual, jacobian = _residual(points, root, at)
    now, damping = float(residual @ residual), 1e-4
    for _ in range(STEPS):
        scaled = (jacobian * unit)[:, free]
        normal = scaled.T @ scaled
        ridge = damping * np.diag(np.maximum(np.diag(normal), 1e-300))
        step = np.zeros(4)
        try:
            step[free] = -np.linalg.solve(normal + ridge, scaled.T @ residual)
        except np.linalg.LinAlgError:
            damping *= 10.0
            continue
        to = at + step * unit
        to[2:] = np.clip(to[2:], *limits)
        there, slopes = _residual(points, root, to)
        then = float(there @ there)
        if then < now:
            done = now - then <= 1e-15 * now and np.abs(step).max() < 1e-10
            at, residual, jacobian, now = to, there, slopes, then
            damping = max(damping * 0.2, 1e-15)
            if done:
                break
        else:
            damping *= 4.0
            if damping > 1e12:
                break
    return np.array([np.exp(at[2]), at[3]])


def covariance(
    points: Points, slope: float, log_c: float, top: float, bottom: float, variance: float
) -> Floats:
    """Covariance of A, B, C and D at the optimum, shape (4, 4); 0 for what is given.

    `variance` is that of a tube with a weight of 1. NaN where the tubes do not hold the parameters.
    """
    free = np.array([points.top is None, points.bottom is None, points.slope is None, True])
    at = np.array([top, bottom, np.log(slope), log_c])
    _, jacobian = _residual(points, np.sqrt(points.weight), at)
    normal = (jacobian.T @ jacobian)[np.ix_(free, free)]
    out = np.zeros((4, 4))
    size = np.sqrt(np.diag(normal))
    if np.any(size <= 0) or np.linalg.cond(normal / np.outer(size, size)) > WORST:
        return np.full((4, 4), np.nan)
    out[np.ix_(free, free)] = variance * np.linalg.inv(normal)
    # From A, D, log B, log C to A, B, C, D.
    order = [0, 2, 3, 1]
    scale = np.array([1.0, slope, np.exp(log_c), 1.0])
    return np.asarray(out[np.ix_(order, order)] * np.outer(scale, scale))


def _residual(points: Points, root: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Weighted residuals, shape (n,), and their derivatives by A, D, log B, log C, shape (n, 4)."""
    top, bottom, log_b, log_c = at
    slope = np.exp(log_b)
    g = share(points.dose, slope, log_c)
    bend = (top - bottom) * g * (1.0 - g) * slope
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.log(points.dose) - log_c
        moves = (points.dose > 0) & np.isfinite(points.dose)
        by_slope = np.where(moves, -bend * away, 0.0)
    residual = root * (bottom + (top - bottom) * g - points.response)
    jacobian = np.column_stack([g, 1.0 - g, by_slope, bend]) * root[:, None]
    return residual, jacobian
