"""How sure an EC50, a dose ratio or a Schild slope is: profile-likelihood intervals.

Every value that an F test cannot refuse, the rest of the curves being refitted each time (Bates &
Watts 1988, Nonlinear Regression Analysis, ch. 6). Ends may be open.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from assays.inhibition.shift.gaddum_fit import SLOPE_LIMITS, Fitted, Midpoints, Tubes, by_ratio, fit

LOOKS, CLOSE, NARROW, EDGE = 40, 1e-4, 1e-3, 0.2
"""Looks at a profile until its rise is known to a ten-thousandth of what is allowed, or its place
to a thousandth."""


def slope_is_loose(tubes: Tubes, found: Fitted, level: float) -> bool:
    """Whether the tubes cannot refuse the steepest or the flattest curve."""
    from scipy.special import fdtri

    df = tubes.response.size - found.free
    limit = found.rss * (1.0 + float(fdtri(1, df, level)) / df)
    held = (np.r_[slope, found.theta[1:]] for slope in SLOPE_LIMITS)
    return any(fit(tubes, at, by_ratio, hold=0, digits=1e-9).rss <= limit for at in held)


def profile(
    tubes: Tubes,
    found: Fitted,
    midpoints: Midpoints,
    at: int,
    level: float,
    reach: float,
    *,
    count: int = 1,
) -> tuple[float, float]:
    """Values of one parameter that an F test cannot refuse: infinite at an open end.

    `reach` is how far from the optimum the search goes; `count` how many parameters the F test
    counts for the one.
    """
    from scipy.special import fdtri

    df = tubes.response.size - found.free
    allowed = count * found.rss * float(fdtri(count, df, level)) / df
    # A perfect fit leaves rounding only; without this its interval would miss itself.
    allowed += 1e-12 * float((tubes.weight * tubes.response**2).sum())

    def end(side: float) -> float:
        theta = found.theta.copy()

        def off(away: float) -> float:
            """How far the profile has risen, as a share of what is allowed: nearly a line."""
            theta[at] = found.theta[at] + side * away
            held = fit(tubes, theta, midpoints, hold=at, digits=1e-9)
            # The next look starts from here: the profile changes little by little.
            theta[:] = held.theta
            return math.sqrt(max(held.rss - found.rss, 0.0) / allowed)

        return float(found.theta[at]) + side * _reach_one(off, reach)

    return end(-1.0), end(1.0)


def _reach_one(off: Callable[[float], float], reach: float) -> float:
    """Where a function that rises from 0 passes 1; infinite when it does not within reach."""
    inside, at_inside, outside, at_outside = 0.0, 0.0, math.inf, math.inf
    away = 0.1
    for _ in range(LOOKS):
        height = off(away)
        if abs(height - 1.0) < CLOSE:
            return away
        if height < 1.0:
            if away >= reach:
                return math.inf
            inside, at_inside = away, height
        else:
            outside, at_outside = away, height
        if outside - inside < NARROW:
            # Another valley begins here: the profile jumps past the limit.
            return away
        if math.isinf(outside):
            away = min(reach, away * min(max(1.02 / max(height, 1e-9), 1.2), 5.0))
            continue
        share = (1.0 - at_inside) / (at_outside - at_inside)
        # A chord, but never so near to an end that a bend in the profile holds the search up.
        away = inside + min(max(share, EDGE), 1.0 - EDGE) * (outside - inside)
    return away
