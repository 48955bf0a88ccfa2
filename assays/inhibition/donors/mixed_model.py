"""Tubes of several donors under two conditions: a mixed model with small-sample degrees of freedom.

    y = m + e * treated + a(donor) + b(pair) + c(donor, condition) + tube

Donors differ in level (variance of a) and in response (variance of c); tubes scatter around their
donor's condition. Where a donor has the comparison with several vehicles or on several plates,
each treated tube stands against the controls of its own, and these pairs differ in level (variance
of b). Variances and effect come from statsmodels (`mixed_fit`); what it lacks is added here:
degrees of freedom of the effect by Satterthwaite's formula (`satterthwaite`), and never more than
donors less one. That bound matters where the donors seem to respond alike: the variance of c is
then estimated as zero, Satterthwaite's formula counts every tube as a replicate, and Kenward &
Roger's (1997, Biometrics 53:983), which is right for balanced tubes, gives donors less one.

With the same number of tubes everywhere this is the paired t test of the donors' means; it earns
its keep where tubes were lost.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assays.inhibition.donors.mixed_fit import CONDITION, DONOR, Design, Fitted, fit_tubes
from assays.inhibition.donors.satterthwaite import degrees_of_freedom
from assays.inhibition.magnitude import computable

OK = "ok"
ALIKE = "ok, variance between responses at zero"
"""The best estimate of that variance is its lowest possible value: a result, not a failure."""
FEW = "fewer than six donors with replicate tubes"
SAME = "replicate tubes do not differ"
MANY = "too many tubes"
UNFIT = "not fitted"

FEWEST_DONORS = 6
"""With fewer the variance between donors is hardly known: the paired t test is as good."""
MOST_TUBES, MOST_DONORS = 3000, 300
"""More would be fitted for minutes, and so many donors need no model: their paired t test tells."""
SMALLEST = 1e-100
"""Values below it have no squares."""
ROUNDING = 1e-12
"""Tubes that differ by less, as a share of the largest value, do not differ."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Treated tubes of one donor and the controls they are held against, on the scale compared.

    One for each vehicle (or plate) of a donor.
    """

    donor: str
    control: tuple[float, ...]
    treated: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the treatment does, over donors; NaN throughout unless `status` begins with ``ok``."""

    status: str
    """``ok``; ``ok, variance between responses at zero``; ``fewer than six donors with replicate
    tubes``, ``replicate tubes do not differ``, ``too many tubes``, ``not fitted``."""
    estimate: float = math.nan
    standard_error: float = math.nan
    df: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    p: float = math.nan
    """Two-sided."""
    sd_donors: float = math.nan
    """Between levels of donors."""
    sd_responses: float = math.nan
    """Between responses of donors, treated less control: sqrt(2) times that of c."""
    sd_tubes: float = math.nan


def mixed_effect(matched: Sequence[Matched], level: float = 0.95) -> Effect:
    """Effect of a treatment over donors with replicate tubes.

    Parameters
    ----------
    matched : sequence of Matched
        Those without a tube of either condition take no part.
    level : float
        Of the interval.

    Returns
    -------
    Effect
        With the reason where there is none.
    """
    known = [Matched(each.donor, _known(each.control), _known(each.treated)) for each in matched]
    known = [each for each in known if each.control and each.treated]
    replicated = {each.donor for each in known if len(each.control) > 1 or len(each.treated) > 1}
    if len(replicated) < FEWEST_DONORS:
        return Effect(FEW)
    donors = Counter(each.donor for each in known)
    if sum(len(_all(each)) for each in known) > MOST_TUBES or len(donors) > MOST_DONORS:
        return Effect(MANY)
    middle = float(np.mean([value for each in known for value in _all(each)]))
    size = max(abs(value) for each in known for value in _all(each))
    unit = _scatter(known)
    if size < SMALLEST or unit <= ROUNDING * size:
        return Effect(SAME)
    fitted = fit_tubes(design_of(known, middle, unit))
    if fitted is None:
        return Effect(UNFIT)
    return _effect(fitted, len(donors), level, unit)


def _known(tubes: Iterable[float]) -> tuple[float, ...]:
    return tuple(v for v in computable(list(tubes)).tolist() if not math.isnan(v))


def _all(each: Matched) -> tuple[float, ...]:
    return (*each.control, *each.treated)


def _scatter(matched: Sequence[Matched]) -> float:
    """SD of replicate tubes: the unit in which the model is fitted, whatever that of the values."""
    cells = [np.array(tubes) for each in matched for tubes in (each.control, each.treated)]
    df = sum(cell.size - 1 for cell in cells)
    return math.sqrt(math.fsum(float(((c - c.mean()) ** 2).sum()) for c in cells) / df)


def design_of(matched: Sequence[Matched], middle: float = 0.0, unit: float = 1.0) -> Design:
    """Every tube with its donor, pair and condition; values less `middle`, in units of `unit`."""
    donors = {name: at for at, name in enumerate(dict.fromkeys(each.donor for each in matched))}
    rows = [
        ((value - middle) / unit, donors[each.donor], pair, treated)
        for pair, each in enumerate(matched)
        for treated, tubes in enumerate((each.control, each.treated))
        for value in tubes
    ]
    y, donor, pair, treated = (np.array(column) for column in zip(*rows, strict=True))
    return Design(y, donor, pair, treated)


def _effect(fitted: Fitted, donors: int, level: float, unit: float) -> Effect:
    from scipy.special import stdtr, stdtrit

    responses = fitted.variances.get(CONDITION, 0.0)
    df = min(degrees_of_freedom(fitted) if responses else math.inf, donors - 1.0)
    estimate, error = fitted.estimate, fitted.standard_error
    half = float(stdtrit(df, (1.0 + level) / 2.0)) * error
    return Effect(
        status=OK if responses else ALIKE,
        estimate=estimate * unit,
        standard_error=error * unit,
        df=df,
        interval=((estimate - half) * unit, (estimate + half) * unit),
        p=2.0 * float(stdtr(df, -abs(estimate) / error)),
        sd_donors=math.sqrt(fitted.variances.get(DONOR, 0.0)) * unit,
        sd_responses=math.sqrt(2.0 * responses) * unit,
        sd_tubes=math.sqrt(fitted.scale) * unit,
    )
