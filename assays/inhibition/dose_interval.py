"""How sure an IC50 is: a profile-likelihood interval.

Every dose that an F test at the level cannot refuse as the IC50, the rest of the curve being
refitted each time (Bates & Watts 1988, Nonlinear Regression Analysis, ch. 6). It follows
the curvature that a standard error hides, and may be open at one end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose_curve import Points
from assays.inhibition.dose_search import Best, lowest_cost, never_half

Floats = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SCAN = 31
"""Doses on each side of the optimum at which the profile is looked at first."""
BEYOND = math.log(1e3)
"""How far beyond the tested doses an interval may reach before it counts as open."""
ROUNDS, CLOSER = 4, 12
"""Looks at the step in which the profile crosses, and doses of each: ends to 1 in 10,000."""


def profile(
    points: Points, best: Best, ends: tuple[float, float], df: int, level: float
) -> tuple[float, float]:
    """Doses that cannot be refused as the IC50: the hull, open where the search ends."""
    from scipy.special import fdtri

    limit = best.rss * (1.0 + float(fdtri(1, df, level)) / df)
    # A perfect fit leaves rounding only; without this its interval would miss itself.
    limit += 1e-12 * float((points.weight * points.response**2).sum())
    low, high = math.log(ends[0]) - BEYOND, math.log(ends[1]) + BEYOND
    middle = min(max(math.log(best.x50), low), high)
    # Both sides run outwards from the optimum, so that the last dose inside is the end.
    sides = np.stack([np.linspace(middle, low, SCAN), np.linspace(middle, high, SCAN)])
    inside = _cannot_refuse(points, best, limit, sides)
    lower, upper = 0.0, math.inf
    ends_found = _crossings(points, best, limit, sides, inside)
    if not inside[0, -1]:
        lower = math.exp(ends_found[0])
    if not inside[1, -1] and not never_half(points, best) <= limit:
        upper = math.exp(ends_found[1])
    return (lower, upper)


def _cannot_refuse(points: Points, best: Best, limit: float, log_x50: Floats) -> BoolArray:
    """Whether each dose is inside, shape of `log_x50`."""
    return np.asarray(lowest_cost(points, log_x50.ravel(), best).reshape(log_x50.shape) <= limit)


def _crossings(
    points: Points, best: Best, limit: float, sides: Floats, inside: BoolArray
) -> tuple[float, float]:
    """Where the profile passes the limit, below and above: each round looks closer."""
    for _ in range(ROUNDS):
        last = [int(np.flatnonzero(side)[-1]) if side.any() else 0 for side in inside]
        sides = np.stack(
            [
                np.linspace(side[at], side[min(at + 1, side.size - 1)], CLOSER)
                for side, at in zip(sides, last, strict=True)
            ]
        )
        inside = _cannot_refuse(points, best, limit, sides)
    last = [int(np.flatnonzero(side)[-1]) if side.any() else 0 for side in inside]
    return float(sides[0, last[0]]), float(sides[1, last[1]])
