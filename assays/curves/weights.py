"""How much each standard well counts.

Every weighting says that the standard deviation follows a power theta of the response: 0
(``none``), 0.5 (``1/y``), 1 (``1/y^2``), or one estimated from the plate (``power``). The
response is the observed one, taken once, or the fitted one (``yhat``), taken again after each
fit until nothing moves: the fixed point.
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


WEIGHTINGS = {
    weighting.name: weighting
    for weighting in (
        Weighting("none", 0.0, False),
        Weighting("1/y", 0.5, False),
        Weighting("1/y^2", 1.0, False),
        Weighting("1/yhat", 0.5, True),
        Weighting("1/yhat^2", 1.0, True),
        Weighting("power", np.nan, True),
    )
}
"""The weightings by name."""

STEADY_FLOOR = 0.02
"""Share of the response range that a weight's response is held above where it would vanish."""


def weigh(response: Floats, theta: float, floor: float) -> Floats:
    """Weights ``1 / max(|response|, floor) ** (2 theta)``; floor in response units."""
    if theta == 0:
        return np.ones_like(response)
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.abs(response), floor) ** (-2.0 * theta), dtype=np.float64)


def estimate_theta(residual: Floats, fitted: Floats, floor: float) -> float:
    """Power of the mean that makes the residuals most likely (normal, maximum likelihood).

    Golden-section search over 0 … 3 of the profile log-likelihood
    ``-n/2 log(sum(r² / mu^(2 theta)) / n) - theta sum(log mu)``.

    References
    ----------
    Davidian & Giltinan (1995), Nonlinear Models for Repeated Measurement Data, section 2.4.
    """
    size = np.log(np.maximum(np.abs(fitted), max(floor, 1e-300)))
    square = residual**2

    def cost(theta: float) -> float:
        total = float(np.sum(square * np.exp(-2 * theta * (size - size.mean()))))
        return 0.5 * len(size) * np.log(total) if total > 0 else -np.inf

    grid = np.linspace(-0.5, 3.0, 36)
    best = int(np.argmin([cost(theta) for theta in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    golden = (np.sqrt(5) - 1) / 2
    while high - low > 1e-7:
        inner = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, inner[1]) if cost(inner[0]) < cost(inner[1]) else (inner[0], high)
    return float((low + high) / 2)
