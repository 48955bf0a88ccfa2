"""How sure a percent inhibition is, by drawing the means of the tubes anew.

The plan. Two tubes cannot be resampled: drawing two from two shows too little scatter, and none
where one tube stands alone. What is known of tubes is their pooled scatter with its degrees of
freedom, the same that Fieller's interval uses. So each draw takes a scatter that could have
produced the pooled one (the pooled variance times df over a chi-squared number), and with it a mean
for every arm; the interval holds the middle of 100 (S - I) / (S - U) over the draws (parametric
bootstrap, percentiles: Efron & Tibshirani 1993, An Introduction to the Bootstrap). The events of
a tube enter through the variance of its arm, as everywhere. Draws are seeded by name, so that the
same run has the same interval.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from assays.inhibition.interval import Arm, computable_arms, window_interval
from assays.inhibition.magnitude import computable

DRAWS = 10_000


def bootstrap_interval(
    treated: Arm,
    stimulated: Arm,
    unstimulated: Arm,
    *,
    level: float = 0.95,
    df: float = math.inf,
    name: str = "",
    alone: Arm | None = None,
) -> tuple[float, float]:
    """Interval of 100 (S - I) / (S - U) from redrawn means, in percent.

    Parameters
    ----------
    treated, stimulated, unstimulated : Arm
        Means of independent tubes with the variances of those means.
    level : float
        Two-sided coverage.
    df : float
        Degrees of freedom of the variances; infinite when they are known.
    name : str
        Of the comparison; seeds the draws.
    alone : Arm, optional
        Inhibitor without the stimulus: the interval is then that of 100 (1 - (I - B) / (S - U)).

    Returns
    -------
    tuple of float
        Lower and upper, not clipped; NaN when the window cannot be told from zero, or a mean or
        variance is unknown.
    """
    low, high = window_interval(stimulated, unstimulated, level=level, df=df)
    arms = (treated, stimulated, unstimulated, *([alone] if alone else []))
    if not computable_arms(*arms) or not (low > 0 or high < 0):
        return (math.nan, math.nan)
    rng = np.random.default_rng(np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint32))
    scale = np.ones(DRAWS) if math.isinf(df) else np.sqrt(df / rng.chisquare(df, DRAWS))
    drawn = [arm.mean + scale * math.sqrt(arm.variance) * rng.normal(size=DRAWS) for arm in arms]
    i, s, u = drawn[:3]
    window = s - u
    window[window == 0] = np.nan
    gone = s - i if alone is None else s - u - (i - drawn[3])
    with np.errstate(over="ignore"):
        shares = 100.0 * gone / window
    shares = computable(shares)
    if np.isnan(shares).mean() > 0.5 * (1.0 - level):
        return (math.nan, math.nan)
    ends = np.nanquantile(shares, ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return (float(ends[0]), float(ends[1]))
