"""How far an antagonist moves the dose response of a stimulus: dose ratio, Schild slope, pA2, pKB.

An antibody that competes for the receptor moves the curve of IL-6 to the right without changing
its shape, by the dose ratio r = 1 + B / KB (Gaddum 1957, Pharmacol. Rev. 9:211). Schild allows
for another power, r = 1 + (B / A2) ** S (Arunlakshana & Schild 1959, Br. J. Pharmacol. 14:48):
A2 is the dose of antagonist that doubles the EC50, pA2 = -log10 A2, and only with a Schild slope
S of 1 is that the dissociation constant, pKB.

All series are fitted at once to the responses (Motulsky & Christopoulos 2004, Fitting Models to
Biological Data, ch. on Gaddum and Schild; Lew & Angus 1995, Trends Pharmacol. Sci. 16:328): a
line through log (r - 1) would weigh a badly known ratio like a good one. Levels and slope are
shared; whether the highest responses are indeed the same is tested, since an antagonist that
lowers them does not compete. S is tested against 1 by the extra sum of squares, and pKB is given
where it cannot be told from 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError
from assays.inhibition.dose.points import FAINT, LARGEST, MAX_DECADES, SMALLEST
from assays.inhibition.shift.gaddum_fit import (
    Fitted,
    Tubes,
    best_of,
    by_midpoint,
    by_ratio,
    fit,
    follow,
    start_places,
)
from assays.inhibition.shift.gaddum_interval import profile, slope_is_loose
from assays.inhibition.shift.schild import NO_SCHILD, f_p, find_schild
from assays.results.shift import UNKNOWN, Interval, Moved, Schild

Floats = NDArray[np.float64]

MIN_DOSES = 4
"""Fewer distinct doses of the stimulus, in any series, give no curve."""
MAX_TUBES, MAX_SERIES = 1000, 24
FARTHEST = 50.0
"""log10 of doses that can be computed with, up and down."""
LOOSE_COUNTS = 2
"""Parameters that the F test counts for an EC50 or ratio where the tubes do not hold the slope: the
curve then follows the noise with both. Of 217 simulated EC50s with a response below 3 standard
deviations of a tube 82 % lay within when one was counted, 93.5 % with two; where the slope is
held, 97 % of 78 with one."""
BEYOND = math.log(1e3)
"""How far beyond the optimum an interval is followed, up and down."""


@dataclass(frozen=True, slots=True, eq=False)
class ShiftFit:
    """Dose responses of a stimulus with and without an antagonist."""

    status: str
    """``ok``, ``too few doses``, ``no response``, ``< lowest dose``, ``> highest dose``; the last
    two are said of the EC50 without antagonist."""
    ec50: float = math.nan
    """Without antagonist, in the unit of the doses; NaN unless `status` is ``ok``."""
    ec50_interval: Interval = UNKNOWN
    slope: float = math.nan
    """n, shared by all series."""
    bottom: float = math.nan
    top: float = math.nan
    moved: tuple[Moved, ...] = ()
    """By rising dose of the antagonist."""
    schild: Schild = NO_SCHILD
    """Schild slope, pA2 and pKB."""
    tops_p: float = math.nan
    """That the highest response is the same in all series, by the extra sum of squares."""
    residual_sd: float = math.nan
    df: int = 0
    n: int = 0
    level: float = 0.95


def fit_shift(
    doses: ArrayLike,
    antagonist: ArrayLike,
    responses: ArrayLike,
    *,
    cofactor: float | None = None,
    level: float = 0.95,
) -> ShiftFit:
    """Fit the dose responses of a stimulus at several doses of an antagonist as parallel curves.

    Parameters
    ----------
    doses : ndarray, shape (n,)
        Of the stimulus, any unit; 0 for unstimulated tubes.
    antagonist : ndarray, shape (n,)
        Dose of the antagonist in the same tube, any unit; 0 without.
    responses : ndarray, shape (n,)
        In the readout's unit. Tubes with NaN are left out.
    cofactor : float, optional
        Tubes scatter in proportion to hypot(response, cofactor); evenly when absent.
    level : float
        Of the profile-likelihood intervals.

    Returns
    -------
    ShiftFit

    Raises
    ------
    CurveFitError
        When shapes differ, a dose is negative or infinite, or there are too many tubes.

    Examples
    --------
    >>> x = np.tile([0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0], 2)
    >>> b = np.repeat([0.0, 5.0], 8)
    >>> y = 10 + 90 * x / (x + 1.0 * (1 + b / 0.5)) + 0.1 * np.tile([1, -1], 8)
    >>> found = fit_shift(x, b, y)
    >>> round(found.ec50, 1), round(found.moved[0].ratio), round(found.schild.pkb, 1)
    (1.0, 11, 0.3)
    """
    if not 0.5 < level < 1:
        raise CurveFitError(f"the level of an interval lies between 0.5 and 1, not {level:g}")
    if cofactor is not None and not 0 < cofactor < LARGEST:
        raise CurveFitError(f"the cofactor of a scatter is above 0, not {cofactor:g}")
    tubes, given, unit = _tubes(doses, antagonist, responses)
    df = tubes.response.size - (3 + given.size)
    if df < 1 or _too_few(tubes)[0]:
        return ShiftFit("too few doses", n=tubes.response.size, df=max(df, 0), level=level)
    if cofactor is None:
        found = best_of(tubes, start_places(tubes))
    else:
        tubes, found = follow(tubes, max(cofactor / unit, FAINT))
    if _flat(tubes, found, df, level):
        return ShiftFit("no response", n=tubes.response.size, df=df, level=level)
    return _described(tubes, given, found, unit, df, level)


def _tubes(
    doses: ArrayLike, antagonist: ArrayLike, responses: ArrayLike
) -> tuple[Tubes, Floats, float]:
    """Tubes with a number, doses of the antagonist by series, and the unit of responses."""
    try:
        x, b, y = (
            np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (doses, antagonist, responses)
        )
    except (TypeError, ValueError) as error:
        raise CurveFitError(f"a dose series holds something that is no number: {error}") from error
    if not x.shape == b.shape == y.shape or x.ndim != 1:
        raise CurveFitError(
            f"doses, antagonist and responses differ in shape: {x.shape}, {b.shape}, {y.shape}",
            hint="Give one of each per tube.",
        )
    kept = np.isfinite(y) & ~np.isnan(x) & ~np.isnan(b)
    x, b, y = x[kept], b[kept], y[kept]
    if np.any((x < 0) | np.isinf(x) | (b < 0) | np.isinf(b)):
        raise CurveFitError(
            "a dose is negative or infinite",
            hint="Give doses as concentrations, not logarithms; 0 means none.",
        )
    # Series 0 is that without antagonist, whether or not it has tubes.
    given = np.unique(np.r_[0.0, b])
    if x.size > MAX_TUBES or given.size > MAX_SERIES:
        raise CurveFitError(
            f"at most {MAX_TUBES} tubes at {MAX_SERIES} doses of antagonist are fitted together, "
            f"here {x.size} at {given.size}"
        )
    unit = float(np.abs(y).max(initial=0.0))
    unit = unit or 1.0
    if not SMALLEST < unit < LARGEST:
        raise CurveFitError(f"responses of up to {unit:g} cannot be computed with")
    for agent in (x, b):
        some = np.log10(agent[agent > 0])
        if some.size and (np.ptp(some) > MAX_DECADES or np.abs(some).max() > FARTHEST):
            raise CurveFitError(
                f"doses run from {10 ** some.min():g} to {10 ** some.max():g}",
                hint="Is a dose in another unit than the rest?",
            )
    series = np.searchsorted(given, b).astype(np.intp)
    if x.size:
        # Doses are searched in their own decades: a series in mol/L is as good as one in ng/mL.
        return Tubes(x, series, y / unit, np.ones_like(y)), given, unit
    return Tubes(x, series, y, y), given, unit


def _too_few(tubes: Tubes) -> list[bool]:
    """Whether each series lacks doses, that without antagonist first."""
    count = tubes.count if tubes.series.size else 1
    own = [tubes.dose[(tubes.series == at) & (tubes.dose > 0)] for at in range(count)]
    return [np.unique(doses).size < MIN_DOSES for doses in own]


def _flat(tubes: Tubes, found: Fitted, df: int, level: float) -> bool:
    from scipy.special import fdtri

    w, y = tubes.weight, tubes.response
    flat = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
    # Each curve may drop where its noise does: searched for, a place counts twice.
    extra = found.free + tubes.count - 2
    if not np.ptp(y):
        return True
    return bool((flat - found.rss) / extra <= fdtri(extra, df, level) * found.rss / df)


def _described(
    tubes: Tubes, given: Floats, found: Fitted, unit: float, df: int, level: float
) -> ShiftFit:
    logs = np.log(tubes.tested)
    middles = by_ratio(found.theta)
    states = [_bracketed(float(at), logs) for at in middles]
    few = _too_few(tubes)
    at_midpoints = Fitted(np.r_[found.theta[0], middles], found.levels, found.rss, found.free)
    count = LOOSE_COUNTS if slope_is_loose(tubes, found, level) else 1
    intervals = [
        _exp(profile(tubes, at_midpoints, by_midpoint, at + 1, level, BEYOND, count=count))
        for at in range(tubes.count)
    ]
    moved = []
    for at in range(1, tubes.count):
        state = "too few doses" if few[at] else states[at]
        ratio = _exp(profile(tubes, found, by_ratio, at + 1, level, BEYOND, count=count))
        sure = state == "ok" and states[0] == "ok"
        moved.append(
            Moved(
                float(given[at]),
                math.exp(middles[at]) if state == "ok" else math.nan,
                UNKNOWN if few[at] else intervals[at],
                math.exp(middles[at] - middles[0]) if sure else math.nan,
                UNKNOWN if few[at] else ratio,
                state,
            )
        )
    # Where every dose may have done nothing, r - 1 has no logarithm worth telling.
    moves = any(each.ratio_interval[0] > 1.0 for each in moved)
    return ShiftFit(
        status=states[0],
        ec50=math.exp(middles[0]) if states[0] == "ok" else math.nan,
        ec50_interval=intervals[0],
        slope=math.exp(found.theta[0]),
        bottom=float(found.levels[0]) * unit,
        top=float(found.levels[1]) * unit,
        moved=tuple(moved),
        schild=find_schild(tubes, given, found, moves, level, count),
        tops_p=_tops_p(tubes, found, df),
        residual_sd=math.sqrt(found.rss / df) * unit,
        df=df,
        n=tubes.response.size,
        level=level,
    )


def _bracketed(middle: float, logs: Floats) -> str:
    """An EC50 is a number between the doses, or up to half a step outside."""
    if middle > 1.5 * logs[-1] - 0.5 * logs[-2]:
        return "> highest dose"
    return "< lowest dose" if middle < 1.5 * logs[0] - 0.5 * logs[1] else "ok"


def _exp(interval: Interval) -> Interval:
    return math.exp(interval[0]), math.exp(interval[1])


def _tops_p(tubes: Tubes, found: Fitted, df: int) -> float:
    """That the highest responses are one: against curves with a top each."""
    own = fit(tubes, found.theta, by_ratio, free_tops=True)
    left = tubes.response.size - own.free
    return f_p(found.rss - own.rss, df - left, own.rss, left) if left >= 1 else math.nan
