"""How sure a percent inhibition is: Fieller's interval for a ratio of two differences.

The plan. Percent inhibition is 100 (S - I) / (S - U), and S stands in both differences, so
numerator and denominator vary together. Fieller (1954, J. R. Stat. Soc. B 16:175) asks
for every ratio r at which (S - I) - r (S - U) cannot be told from zero:

    ((S - I) - r (S - U))² <= t² (v_I + (1 - r)² v_S + r² v_U)

This is a finite interval exactly when the window S - U can itself be told from zero at
the same level; otherwise the data allow any inhibition and no interval is given.

From the drug's own floor B the share is 1 - (I - B) / (S - U): there the two differences have no
mean in common, and the same demand reads

    ((I - B) - r (S - U))² <= t² (v_I + v_B + r² (v_S + v_U))

`v` are variances of means and `t` is Student's, with the degrees of freedom that the
variances were estimated with. With known variances (events only) t is normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assays.inhibition.magnitude import LARGEST


@dataclass(frozen=True, slots=True)
class Arm:
    """Mean response of the tubes of one condition, and how well it is known."""

    mean: float
    """In the readout's unit; NaN when unknown."""
    variance: float
    """Of the mean, unit squared; NaN when unknown."""
    n: int
    """Tubes."""


def computable_arms(*arms: Arm) -> bool:
    """Whether means and variances of all arms are known, and small enough for their squares."""
    return all(abs(arm.mean) <= LARGEST and 0 <= arm.variance <= LARGEST**2 for arm in arms)


def quantile(level: float, df: float) -> float:
    """Two-sided Student quantile at `level`; normal when `df` is infinite, NaN when it is < 1."""
    from scipy.special import ndtri, stdtrit

    upper = (1.0 + level) / 2.0
    if math.isinf(df):
        return float(ndtri(upper))
    return float(stdtrit(df, upper)) if df >= 1 else math.nan


def window_interval(
    stimulated: Arm, unstimulated: Arm, *, level: float = 0.95, df: float = math.inf
) -> tuple[float, float]:
    """Interval of stimulated minus unstimulated, in the readout's unit.

    Parameters
    ----------
    stimulated, unstimulated : Arm
    level : float
        Two-sided coverage.
    df : float
        Degrees of freedom of the variances; infinite when they are known.

    Returns
    -------
    tuple of float
        Lower and upper; NaN when a mean or a variance is unknown.
    """
    if not computable_arms(stimulated, unstimulated):
        return (math.nan, math.nan)
    window = stimulated.mean - unstimulated.mean
    half = quantile(level, df) * math.sqrt(stimulated.variance + unstimulated.variance)
    return (window - half, window + half)


def inhibition_interval(
    treated: Arm,
    stimulated: Arm,
    unstimulated: Arm,
    *,
    level: float = 0.95,
    df: float = math.inf,
) -> tuple[float, float]:
    """Fieller interval of 100 (S - I) / (S - U), in percent.

    Parameters
    ----------
    treated, stimulated, unstimulated : Arm
        Means of independent tubes with the variances of those means.
    level : float
        Two-sided coverage.
    df : float
        Degrees of freedom of the variances; infinite when they are known.

    Returns
    -------
    tuple of float
        Lower and upper, not clipped; NaN when the window cannot be told from zero, or a
        mean or variance is unknown.

    Examples
    --------
    >>> arms = Arm(40.0, 4.0, 1), Arm(100.0, 4.0, 2), Arm(20.0, 4.0, 2)
    >>> low, high = inhibition_interval(*arms)
    >>> round(low, 1), round(high, 1)
    (68.9, 81.4)
    """
    if not computable_arms(treated, stimulated, unstimulated):
        return (math.nan, math.nan)
    low, high = ratio_limits(
        stimulated.mean - treated.mean,
        stimulated.mean - unstimulated.mean,
        (stimulated.variance + treated.variance, stimulated.variance + unstimulated.variance),
        stimulated.variance,
        quantile(level, df),
    )
    return (100.0 * low, 100.0 * high)


def own_floor_interval(
    treated: Arm,
    alone: Arm,
    stimulated: Arm,
    unstimulated: Arm,
    *,
    level: float = 0.95,
    df: float = math.inf,
) -> tuple[float, float]:
    """Fieller interval of 100 (1 - (I - B) / (S - U)), in percent.

    Parameters
    ----------
    treated, alone, stimulated, unstimulated : Arm
        Means of independent tubes with the variances of those means; `alone` holds the inhibitor
        without the stimulus.
    level : float
        Two-sided coverage.
    df : float
        Degrees of freedom of the variances; infinite when they are known.

    Returns
    -------
    tuple of float
        Lower and upper, not clipped; NaN when the window cannot be told from zero, or a mean or
        variance is unknown.

    Examples
    --------
    >>> arms = Arm(40.0, 4.0, 1), Arm(15.0, 4.0, 1), Arm(100.0, 4.0, 2), Arm(20.0, 4.0, 2)
    >>> low, high = own_floor_interval(*arms)
    >>> round(low, 1), round(high, 1)
    (61.3, 75.9)
    """
    if not computable_arms(treated, alone, stimulated, unstimulated):
        return (math.nan, math.nan)
    low, high = ratio_limits(
        treated.mean - alone.mean,
        stimulated.mean - unstimulated.mean,
        (treated.variance + alone.variance, stimulated.variance + unstimulated.variance),
        0.0,
        quantile(level, df),
    )
    return (100.0 * (1.0 - high), 100.0 * (1.0 - low))


def ratio_limits(
    part: float, whole: float, variances: tuple[float, float], covariance: float, t: float
) -> tuple[float, float]:
    """Every r at which part - r whole cannot be told from zero: Fieller's interval of their ratio.

    Parameters
    ----------
    part, whole : float
        Two means, or differences of means.
    variances : tuple of float
        Of `part` and of `whole`.
    covariance : float
        Of the two.
    t : float
        Student's quantile.

    Returns
    -------
    tuple of float
        Lower and upper; NaN where `whole` cannot be told from zero.
    """
    squared = t**2
    # a r² - 2 b r + c <= 0, the inequality sorted by powers of r.
    a = whole**2 - squared * variances[1]
    b = part * whole - squared * covariance
    c = part**2 - squared * variances[0]
    discriminant = b**2 - a * c
    if not (a > 0 and math.isfinite(discriminant)):
        return (math.nan, math.nan)
    root = math.sqrt(max(discriminant, 0.0))
    return ((b - root) / a, (b + root) / a)
