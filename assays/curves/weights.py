"""How much each standard well counts.

Every weighting says how the standard deviation follows the response: with a power theta of it, 0
(``none``), 0.5 (``1/y``), 1 (``1/y^2``), one given or estimated from the plate (``power``); or with
a constant part beside a proportional one (``two-component``):

    variance ∝ response² + c²

The response is the observed one, taken once, or the fitted one (``yhat``), taken again after each
fit until nothing moves: the fixed point.

Sixteen wells say little about c, so it is held near what plate readers and pipettes usually give:
5 % of the response range, give or take a factor e. The estimate is the most probable c after
both (restricted likelihood with a log-normal prior). ``benchmarks/curves`` shows what that buys:
intervals that cover as often as they say at the bottom, in the middle and at the top.

References
----------
Rocke & Lorenzato (1995), A two-component model for measurement error in analytical chemistry,
Technometrics 37, 176.
Davidian & Giltinan (1995), Nonlinear Models for Repeated Measurement Data, section 2.4.
Huber (1981), Robust Statistics, section 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighting:
    """One way to weight."""

    name: str
    theta: float
    """SD is proportional to |response| ** theta; NaN when it is estimated."""
    fitted: bool
    """Weights follow the fitted response and are iterated."""
    constant: bool = False
    """A constant part of the variance is estimated."""
    robust: bool = False
    """Wells far from the curve count less."""


WEIGHTINGS = {
    weighting.name: weighting
    for weighting in (
        Weighting("none", 0.0, False),
        Weighting("1/y", 0.5, False),
        Weighting("1/y^2", 1.0, False),
        Weighting("1/yhat", 0.5, True),
        Weighting("1/yhat^2", 1.0, True),
        Weighting("power", np.nan, True),
        Weighting("two-component", 1.0, True, constant=True),
        Weighting("robust", 1.0, True, constant=True, robust=True),
    )
}
"""The weightings by name."""

STEADY_FLOOR = 0.02
"""Share of the response range that a weight's response is held above where it would vanish."""
USUAL_CONSTANT, CONSTANT_SPREAD = 0.05, 1.0
"""The constant part's SD as a share of (range x CV): middle and SD (natural log) of the prior."""
CONSTANTS = np.linspace(-4.5, 3.0, 16)
"""Logs of the multiples of the usual constant that are tried first."""
HUBER = 1.345
"""Residuals beyond so many SDs count less: 95 % efficient where all is normal."""


def variance(
    response: Floats,
    theta: Floats | float,
    floor: Floats | float,
    constant: Floats | float = 0.0,
) -> Floats:
    """Variance function ``max(|response|, floor) ** (2 theta) + constant ** 2``."""
    size = np.maximum(np.abs(response), floor)
    with np.errstate(over="ignore"):
        powered = size * size if np.all(theta == 1) else size ** (2.0 * np.asarray(theta))
        return np.asarray(powered + np.square(constant))


def weigh(response: Floats, theta: Floats, floor: Floats, constant: Floats | None = None) -> Floats:
    """Weights, one over the `variance`.

    Parameters
    ----------
    response : ndarray, shape (b, n)
    theta, floor, constant : ndarray, shape (b,)
        One for each curve; floor and constant in response units.
    """
    rest = 0.0 if constant is None else constant[:, None]
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1.0 / variance(response, theta[:, None], floor[:, None], rest))


def estimate_constant(
    residual: Floats, fitted: Floats, fitted_count: int, start: Floats | None = None
) -> Floats:
    """Constant part c of each curve's variance ``response² + c²``, in response units.

    The lowest point over log c of

        df/2 log(sum(r² / v)) + df/(2 n) sum(log v) + (log c - log 5 % range)² / 2

    looked up on a grid and closed in on by Newton's method.

    Parameters
    ----------
    residual, fitted : ndarray, shape (b, n)
    fitted_count : int
        Parameters fitted; df = n - fitted_count.
    start : ndarray, shape (b,), optional
        Where to look first, in place of the grid; NaN for the grid.

    Returns
    -------
    ndarray, shape (b,)
    """
    count = fitted.shape[1]
    df = max(count - fitted_count, 1)
    span = np.ptp(fitted, axis=1)
    usual = np.log(USUAL_CONSTANT * np.where(span > 0, span, 1.0))
    square, size = residual**2, fitted**2
    known = np.isfinite(square).all(axis=1) & (square.sum(axis=1) > 1e-26 * size.sum(axis=1))
    square = np.where(known[:, None], square, 1.0)
    best = usual if start is None else np.log(start)
    afresh = np.flatnonzero(np.isnan(best)) if start is not None else np.arange(len(usual))
    if afresh.size:
        best[afresh] = _best_constant(square[afresh], size[afresh], usual[afresh], df)
    going = np.ones(len(best), dtype=bool)
    for _ in range(30):
        least = np.exp(2 * best)[:, None]
        part = least / (size + least)
        share = square / (size + least)
        share /= share.sum(axis=1)[:, None]
        middle = np.vecdot(share, part)
        slope = df * (part.mean(axis=1) - middle) + (best - usual) / CONSTANT_SPREAD**2
        bent = 2 * part * (1 - part)
        spread = np.vecdot(share, (part - middle[:, None]) ** 2)
        curve = df * (bent.mean(axis=1) - np.vecdot(share, bent) + 2 * spread)
        step = -slope / np.maximum(curve + 1 / CONSTANT_SPREAD**2, 0.3)
        best = np.where(going, best + np.minimum(np.maximum(step, -0.5), 0.5), best)
        going &= np.abs(step) >= 1e-12
        if not going.any():
            break
    return np.exp(np.where(known, best, usual))


def _best_constant(square: Floats, size: Floats, usual: Floats, df: int) -> Floats:
    """Best log c on a grid, shape (b,)."""
    grid = usual[:, None] + CONSTANTS
    v = size[:, None, :] + np.exp(2 * grid)[:, :, None]
    total, logs = (square[:, None, :] / v).sum(axis=2), np.log(v).mean(axis=2)
    cost = 0.5 * df * (np.log(total) + logs) + CONSTANTS**2 / (2 * CONSTANT_SPREAD**2)
    return np.asarray(grid[np.arange(len(grid)), cost.argmin(axis=1)])


def huber(residual: Floats, weights: Floats, fitted_count: int) -> Floats:
    """Share by which each well counts: 1 within 1.345 SD of the curve, less beyond.

    The SD is 1.4826 times the median absolute weighted residual, corrected for the parameters.
    """
    size = np.abs(residual) * np.sqrt(weights)
    count = size.shape[1]
    middle = np.median(size, axis=1) * 1.4826 * np.sqrt(count / max(count - fitted_count, 1))
    allowed = HUBER * middle[:, None]
    return np.where(size > allowed, allowed / np.where(size > 0, size, 1.0), 1.0)


THETA_RANGE = (-0.5, 3.0)


def estimate_theta(residual: Floats, fitted: Floats, floor: Floats, start: Floats) -> Floats:
    """Power of the mean that makes each curve's residuals most likely (normal, maximum likelihood).

    Newton's method on the negative profile log-likelihood
    ``n/2 log(sum(r² / mu^(2 theta)) / n) + theta sum(log mu)``, which is convex in theta.

    Parameters
    ----------
    residual, fitted : ndarray, shape (b, n)
    floor, start : ndarray, shape (b,)

    References
    ----------
    Davidian & Giltinan (1995), Nonlinear Models for Repeated Measurement Data, section 2.4.
    """
    with np.errstate(divide="ignore"):
        size = np.log(np.maximum(np.abs(fitted), np.maximum(floor, 1e-300)[:, None]))
        square = np.log(residual**2)
    size = size - size.mean(axis=1)[:, None]
    known = np.asarray(np.isfinite(square).any(axis=1))
    square = np.where(known[:, None], square, 0.0)
    theta, going = start.copy(), np.ones(len(start), dtype=bool)
    for _ in range(60):
        log_share = square - 2 * theta[:, None] * size
        share = np.exp(log_share - log_share.max(axis=1)[:, None])
        share /= share.sum(axis=1)[:, None]
        middle = (share * size).sum(axis=1)
        spread = (share * (size - middle[:, None]) ** 2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip(np.nan_to_num(middle / (2 * spread)), -0.5, 0.5)
        moved = np.clip(theta + step, *THETA_RANGE)
        apart, theta = np.abs(moved - theta), np.where(going, moved, theta)
        going &= apart > 1e-10
        if not going.any():
            break
    return np.where(known, theta, start)
