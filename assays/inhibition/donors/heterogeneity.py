"""How much the response differs from donor to donor, beyond what the tubes' own scatter explains.

The differences of the donors scatter for two reasons: donors respond differently, and a donor's
means of a few tubes are not exact. The second is known from replicate tubes, so that what is left
is told apart by analysis of variance: F = variance of the differences / variance expected from
the tubes. The interval of the SD between donors is Williams' (1962, Biometrika 49:278; Searle,
Casella & McCulloch 1992, Variance Components, 4.4), which holds at least about as often as it
says. The prediction interval is where the difference of the next donor is expected,
measured with as many tubes (Hahn & Meeker 1991, Statistical Intervals, 4.7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assays.inhibition.magnitude import computable

FEWEST = 3
"""Fewer donors say nothing of their spread."""
UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Spread of the response between donors."""

    sd: float
    """Between donors' true responses, 0 where the tubes explain all; NaN without replicates."""
    interval: tuple[float, float]
    """Of `sd`; NaN without replicates."""
    p: float
    """That all donors respond alike; NaN without replicates."""
    prediction: tuple[float, float]
    """Where the next donor's difference is expected; NaN below three donors."""


def heterogeneity(
    differences: Sequence[float], tubes: Sequence[float], tube_df: float, level: float = 0.95
) -> Heterogeneity:
    """Spread of the response between donors.

    Parameters
    ----------
    differences : sequence of float
        One per donor.
    tubes : sequence of float
        Variance of each that the scatter of its tubes explains; NaN or empty when unknown.
    tube_df : float
        Degrees of freedom of that scatter.
    level : float

    Examples
    --------
    >>> found = heterogeneity([-1.0, -1.6, -0.4, -1.1, -2.0, -0.7], [0.02] * 6, 12)
    >>> round(found.sd, 2), [round(end, 2) for end in found.interval], round(found.p, 6)
    (0.57, [0.32, 1.43], 4.3e-05)
    """
    d = computable(differences)
    known = np.isfinite(d)
    own = computable(tubes)[known] if len(tubes) == d.size else np.empty(0)
    d = d[known]
    n = d.size
    if n < FEWEST:
        return Heterogeneity(math.nan, UNKNOWN, math.nan, UNKNOWN)
    from scipy.special import chdtri, fdtrc, fdtri, stdtrit

    mean, variance = float(d.mean()), float(d.var(ddof=1))
    half = float(stdtrit(n - 1, (1.0 + level) / 2.0)) * math.sqrt(variance * (1.0 + 1.0 / n))
    prediction = (mean - half, mean + half)
    expected = float(own.mean()) if own.size else math.nan
    if not (expected > 0 and tube_df >= 1):
        return Heterogeneity(math.nan, UNKNOWN, math.nan, prediction)
    ratio, alpha = variance / expected, (1.0 - level) / 2.0
    # An exact scatter is one with endless degrees of freedom; F then needs a number.
    df = min(tube_df, 1e9)
    ends = []
    for tail in (1.0 - alpha, alpha):
        quantile = float(fdtri(n - 1, df, tail))
        left = (n - 1) * (variance - expected * quantile)
        ends.append(math.sqrt(max(left / float(chdtri(n - 1, 1.0 - tail)), 0.0)))
    return Heterogeneity(
        sd=math.sqrt(max(variance - expected, 0.0)),
        interval=(ends[0], ends[1]),
        p=float(fdtrc(n - 1, df, ratio)),
        prediction=prediction,
    )
