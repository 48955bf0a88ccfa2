"""IC50 of a dose series, with the interval that the data allow and a status when they do not.

The IC50 is the dose that removes half of the response. What half means depends on what is
known: with `unstimulated` tubes (and the stimulated ones as dose 0) it is the middle of the
window between the controls; with `top` and `bottom` given, the middle between them; with
neither, the middle between the curve's own two plateaus, which needs both in the data. Beside
this absolute IC50 stands the relative one, C, half-way between the curve's own plateaus: the two
differ where an inhibitor does not reach the unstimulated level.

Treated tubes and both kinds of controls are fitted together as they were measured: percentages
of one donor all share the noise of its controls, and a fit to them would take it for precision.

What is given is checked in `points`; how the curve is searched stands in `curve` and
`search`, how sure the IC50 is in `interval`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError
from assays.inhibition.dose.curve import Points, share
from assays.inhibition.dose.interval import may_lie_far, profile
from assays.inhibition.dose.points import LARGEST, Fixed, Series, check_series
from assays.inhibition.dose.polish import covariance
from assays.inhibition.dose.search import Best, find_best

Floats = NDArray[np.float64]

MIN_DOSES = 4
"""Fewer distinct doses above 0 give no curve."""
NO_PLATEAU = "plateau not reached"
NOT_BRACKETED = "not bracketed"
TOO_WEAK = "window too weak"
REWEIGHTINGS = 4
"""Times that weights which follow the fitted curve are taken again: then they stand still."""


@dataclass(frozen=True, slots=True, eq=False)
class DoseFit:
    """A fitted dose-response curve, or the reason why there is none."""

    params: Mapping[str, float]
    """A (no inhibitor), D (full effect), C (dose half-way between them), B (slope), and U
    (unstimulated) where such tubes were given; empty without a fit."""
    ic50: float
    """In the unit of the doses; NaN unless `status` is ``ok``."""
    interval: tuple[float, float]
    """At `level`: 0 or infinite at an open end; NaN when unknown."""
    status: str
    """``ok``, ``< lowest dose``, ``> highest dose``, ``no response``, ``too few doses``,
    ``plateau not reached``, ``not bracketed``, ``window too weak``."""
    level: float
    rss: float = math.nan
    """Weighted residual sum of squares."""
    residual_sd: float = math.nan
    """For a weight of 1; NaN without degrees of freedom."""
    df: int = 0
    n: int = 0
    """Tubes in the fit."""
    doses: tuple[float, float] = field(default=(math.nan, math.nan))
    """Lowest and highest tested dose above 0."""
    relative: float = math.nan
    """Relative IC50: the dose half-way between the curve's own plateaus; NaN where the tubes do
    not hold both of them or it lies outside the doses."""
    relative_interval: tuple[float, float] = (math.nan, math.nan)
    """At `level`; NaN without `relative`."""
    fixed: tuple[str, ...] = ()
    """Parameters that were given instead of fitted."""
    covariance: Floats | None = None
    """shape (4, 4), of A, B, C, D by linearisation, 0 for given ones; NaN where the tubes do not
    hold them, None without a fit."""
    level_variance: float = 0.0
    """Of U; 0 without unstimulated tubes, or where they hold D."""

    def forward(self, dose: ArrayLike) -> Floats:
        """Response of the fitted curve, shape of `dose`; NaN without a fit."""
        x = np.asarray(dose, dtype=np.float64)
        if not self.params:
            return np.full(x.shape, np.nan)
        p = self.params
        left = share(x, np.asarray(p["B"]), np.log(np.asarray(p["C"])))
        return np.asarray(p["D"] + (p["A"] - p["D"]) * left, dtype=np.float64)


def fit_dose_response(
    doses: ArrayLike,
    responses: ArrayLike,
    *,
    unstimulated: ArrayLike | None = None,
    top: float | None = None,
    bottom: float | None = None,
    fix: Fixed | None = None,
    weights: ArrayLike | None = None,
    unstimulated_weights: ArrayLike | None = None,
    cofactor: float | None = None,
    level: float = 0.95,
) -> DoseFit:
    """Fit a logistic curve to a dose series and find the dose that removes half.

    Parameters
    ----------
    doses : ndarray, shape (n,)
        One per tube, any unit; 0 for tubes without inhibitor (stimulus and vehicle).
    responses : ndarray, shape (n,)
        In the readout's unit; falling or rising alike. Tubes with NaN are left out.
    unstimulated : ndarray, shape (m,), optional
        Responses of tubes without stimulus: the 100 % anchor, with its own scatter.
    top, bottom : float, optional
        Response without inhibitor and at full effect, when they are known and not to be
        fitted: 1 and 0 for a share of control. The same as A and D of `fix`.
    fix : mapping, optional
        Parameters that are given instead of fitted: ``{"B": 1.0}`` for a slope of 1,
        ``{"D": "unstimulated"}`` where full effect is the level of the unstimulated tubes.
    weights, unstimulated_weights : ndarray, optional
        Inverse variances up to a common factor; equal when absent.
    cofactor : float, optional
        In the readout's unit: tubes scatter in proportion to hypot(response, cofactor), as
        medians of intensities do. Weights then follow the fitted curve, not the tubes: a tube
        that is low by chance would else count more than one that is high.
    level : float
        Of the intervals.

    Returns
    -------
    DoseFit
        `.params`, `.ic50`, `.interval`, `.status`, `.forward(dose)`. ``> highest dose`` and
        ``< lowest dose`` are bounds: the IC50 is NaN and the interval says what remains
        possible. ``not bracketed``: half of the window, which the tubes of the controls tell, is
        crossed among the doses, but the tubes do not refuse, at 80 %, that the IC50 lies threefold
        or more beyond them. ``window too weak``: half-way is crossed, but the tubes
        refuse no dose at all. ``plateau not
        reached``: half of what is not known, since no control or plateau holds one end of the
        curve. Controls that cannot be told apart are
        for the caller to judge.

    Raises
    ------
    CurveFitError
        When shapes differ, a dose is negative or infinite, a parameter cannot be fixed so, or
        there are too many tubes.

    Examples
    --------
    >>> fit = fit_dose_response([1, 3, 10, 30, 100], [.91, .77, .5, .25, .09], top=1, bottom=0)
    >>> fit.status, round(fit.ic50, 1)
    ('ok', 10.0)
    """
    if not 0.5 < level < 1:
        raise CurveFitError(f"the level of an interval lies between 0.5 and 1, not {level:g}")
    if cofactor is not None and not 0 < cofactor < LARGEST:
        raise CurveFitError(f"the cofactor of a scatter is above 0, not {cofactor:g}")
    if cofactor is not None and not (weights is None and unstimulated_weights is None):
        raise CurveFitError("give weights or a cofactor that they follow from, not both")
    known = {name: v for name, v in (("A", top), ("D", bottom)) if v is not None}
    if not all(math.isfinite(value) for value in known.values()):
        raise CurveFitError("top and bottom must be numbers", hint="Leave them out to fit them.")
    series = check_series(
        doses, responses, unstimulated, {**(fix or {}), **known}, weights, unstimulated_weights
    )
    points = series.points
    tested = points.tested
    ends = (float(tested[0]), float(tested[-1])) if tested.size else (math.nan, math.nan)
    df = points.n - points.free
    if tested.size < MIN_DOSES or df < 1:
        return _without_curve("too few doses", series, max(df, 0), ends, level)
    series, best = _weighed(series, cofactor)
    points = series.points
    if _half_unknown(points) and _flat(points, best, df, level):
        return _without_curve("no response", series, df, ends, level)
    return _described(series, best, df, ends, level)


def _weighed(series: Series, cofactor: float | None) -> tuple[Series, Best]:
    """The best curve, with weights that follow it where a cofactor says how."""
    if cofactor is None:
        return series, find_best(series.points)
    points = series.points
    # The tubes themselves give the first weights, as no curve is known yet.
    response, floor = points.response, points.floor
    for _ in range(REWEIGHTINGS):
        series = series.weighed(response, floor, cofactor)
        best = find_best(series.points)
        left = share(points.dose, np.asarray(best.slope), np.asarray(math.log(best.c)))
        response = best.bottom + (best.top - best.bottom) * left
        floor = np.full(points.floor.shape, best.floor)
    return series, best


def _described(
    series: Series, best: Best, df: int, ends: tuple[float, float], level: float
) -> DoseFit:
    points, unit = series.points, series.unit
    status = _status(points, best)
    unknown = (math.nan, math.nan)
    interval = unknown if status == NO_PLATEAU else profile(points, best, ends, df, level)
    measured = bool(points.floor.size) or points.anchored
    if status == "ok" and measured:
        # Crossed among the doses, but chance may have done it.
        if interval == (0.0, math.inf):
            status = TOO_WEAK
        elif may_lie_far(points, best, ends, df):
            status = NOT_BRACKETED
    params = {"A": best.top * unit, "B": best.slope, "C": best.c, "D": best.bottom * unit}
    if points.floor.size or points.anchored:
        params["U"] = best.floor * unit if points.floor.size else params["D"]
    variance = best.rss / df
    c = covariance(points, best.slope, math.log(best.c), best.top, best.bottom, variance)
    size = np.array([unit, 1.0, 1.0, unit])
    floor = points.floor_weight.sum()
    fit = DoseFit(
        params=params,
        ic50=best.x50 if status == "ok" else math.nan,
        interval=interval,
        status=status,
        level=level,
        rss=best.rss * unit * unit,
        residual_sd=math.sqrt(variance) * unit,
        df=df,
        n=points.n,
        doses=ends,
        fixed=series.fixed,
        covariance=c * np.outer(size, size),
        level_variance=float(variance / floor) * unit**2 if floor > 0 else 0.0,
    )
    if not (points.floor.size and _plateaus_seen(points, best) and ends[0] <= best.c <= ends[1]):
        same = not points.floor.size and status == "ok"
        return replace(fit, relative=fit.ic50, relative_interval=fit.interval) if same else fit
    # Without the demand on half of the window, half-way is C itself.
    own = replace(points, floor=np.empty(0), floor_weight=np.empty(0))
    floor_rss = float((points.floor_weight * (points.floor - best.floor) ** 2).sum())
    curve = replace(best, floor=math.nan, x50=best.c)
    # A curve that may be chance has no half of its own either.
    if may_lie_far(own, curve, ends, df, elsewhere=floor_rss):
        return fit
    found = profile(own, curve, ends, df, level, elsewhere=floor_rss)
    # An open end says that one plateau may lie anywhere: half-way to it is no dose.
    if found[0] == 0 or math.isinf(found[1]):
        return fit
    return replace(fit, relative=best.c, relative_interval=found)


def _without_curve(
    status: str, series: Series, df: int, ends: tuple[float, float], level: float
) -> DoseFit:
    unknown = (math.nan, math.nan)
    n = series.points.n
    return DoseFit({}, math.nan, unknown, status, level, df=df, n=n, doses=ends, fixed=series.fixed)


def _half_unknown(points: Points) -> bool:
    """Whether the curve itself must say where half-way is."""
    held = points.anchored or points.bottom is not None
    return not points.floor.size and (points.top is None or not held)


def _flat(points: Points, best: Best, df: int, level: float) -> bool:
    """Whether a horizontal line does as well as the curve, by an F test."""
    from scipy.special import fdtri

    known = points.top if points.top is not None else points.bottom
    w, y = points.weight, points.response
    line = known if known is not None else float((w * y).sum() / w.sum())
    flat = float((w * (y - line) ** 2).sum())
    extra = points.free - (known is None)
    if flat <= best.rss or not np.ptp(y):
        return True
    return bool((flat - best.rss) / extra <= fdtri(extra, df, level) * best.rss / df)


def _status(points: Points, best: Best) -> str:
    if _half_unknown(points) and not _plateaus_seen(points, best):
        return NO_PLATEAU
    left = _half_left(points, best)
    tested = points.tested
    # Where tubes lie on both sides of half-way, the curve may cross up to half a step outside.
    low = tested[0] * math.sqrt(tested[0] / tested[1])
    high = tested[-1] * math.sqrt(tested[-1] / tested[-2])
    if not best.x50 <= high or all(left):
        return "> highest dose"
    return "< lowest dose" if best.x50 < low or not any(left) else "ok"


def _half_left(points: Points, best: Best) -> list[bool]:
    """Whether more than half of the response is left at each dose, in the tubes' own means.

    An IC50 is a number only between a dose that removed less than half and one that removed
    more; a curve that crosses half-way where no tube does is still a bound.
    """
    end = best.floor if points.floor.size else best.bottom
    half = 0.5 * (best.top + end)
    found = []
    for dose in points.tested:
        at = points.dose == dose
        mean = float(np.average(points.response[at], weights=points.weight[at]))
        found.append((mean > half) == (best.top > half))
    return found


def _plateaus_seen(points: Points, best: Best) -> bool:
    """Whether the data hold both ends of the curve, so that its middle means something.

    A fitted plateau may lie beyond the responses by as much as half of their range, no more:
    further out it is a guess of the model.
    """
    y = points.response
    reach = 0.5 * float(np.ptp(y))
    free = [
        v for v, known in ((best.top, points.top), (best.bottom, points.bottom)) if known is None
    ]
    return all(y.min() - reach <= value <= y.max() + reach for value in free)
