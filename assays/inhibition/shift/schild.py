"""Schild slope, pA2 and pKB of an antagonist from parallel dose responses of its stimulus."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.shift.gaddum_fit import Fitted, Tubes, fit
from assays.inhibition.shift.gaddum_interval import profile
from assays.results.shift import Interval, Schild

Floats = NDArray[np.float64]

ALPHA = 0.05
"""Below this p a Schild slope is not 1, and there is no pKB."""
BEYOND = math.log(1e3)
STEEPEST = 20.0
"""How far the interval of a Schild slope is followed."""


NO_SCHILD = Schild()


def find_schild(
    tubes: Tubes, given: Floats, found: Fitted, moves: bool, level: float, count: int = 1
) -> Schild:
    """Schild slope, pA2 and pKB; nothing where no dose of the antagonist moves the curve.

    Parameters
    ----------
    tubes : Tubes
    given : ndarray, shape (series,)
        Doses of the antagonist, 0 first.
    found : Fitted
        With a dose ratio of its own for every series.
    moves : bool
        Whether any dose moves the curve to the right for sure.
    level : float
        Of the profile-likelihood intervals.
    count : int
        Parameters that their F test counts: two where the tubes do not hold the slope.
    """
    if not moves:
        return NO_SCHILD
    logs = np.log(given[1:])
    ratios = np.exp(np.clip(found.theta[2:], 1e-3, 50.0))
    rough = float(np.median(logs - np.log(ratios - 1.0)))

    def gaddum(theta: Floats) -> Floats:
        return np.asarray(theta[1] + np.r_[0.0, np.logaddexp(0.0, logs - theta[2])])

    def steep(theta: Floats) -> Floats:
        return np.asarray(theta[1] + np.r_[0.0, np.logaddexp(0.0, theta[3] * (logs - theta[2]))])

    one = fit(tubes, np.r_[found.theta[:2], rough], gaddum)
    known = Schild(
        pkb=_minus_log10(float(one.theta[2])),
        pkb_interval=_turned(profile(tubes, one, gaddum, 2, level, BEYOND, count=count)),
    )
    if given.size < 3:
        return known
    free = fit(tubes, np.r_[one.theta, 1.0], steep)
    df = tubes.response.size - free.free
    if df < 1:
        return known
    gain = one.rss - free.rss
    # Where both curves go through every tube, what is left of either is rounding.
    exact = gain < 1e-20 * float((tubes.weight * tubes.response**2).sum())
    p = 1.0 if exact else f_p(gain, 1, free.rss, df)
    return replace(
        known if p >= ALPHA else NO_SCHILD,
        slope=float(free.theta[3]),
        slope_interval=profile(tubes, free, steep, 3, level, STEEPEST, count=count),
        slope_p=p,
        pa2=_minus_log10(float(free.theta[2])),
        pa2_interval=_turned(profile(tubes, free, steep, 2, level, BEYOND, count=count)),
    )


def _minus_log10(log: float) -> float:
    return -log / math.log(10.0)


def _turned(interval: Interval) -> Interval:
    return _minus_log10(interval[1]), _minus_log10(interval[0])


def f_p(gain: float, extra: int, rss: float, df: int) -> float:
    """p of the extra sum of squares that `extra` more parameters explain; NaN without scatter."""
    from scipy.special import fdtrc

    if extra < 1 or not rss > 0:
        return math.nan
    return float(fdtrc(extra, df, max(gain, 0.0) / extra / (rss / df)))
