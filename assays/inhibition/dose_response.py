"""IC50 of a dose series, with the interval that the data allow and a status when they do not.

The IC50 is the dose that removes half of the response. What half means depends on what is
known: with `unstimulated` tubes (and the stimulated ones as dose 0) it is the middle of the
window between the controls; with `top` and `bottom` given, the middle between them; with
neither, the middle between the curve's own two plateaus, which needs both in the data.

How the curve is searched stands in `dose_curve` and `dose_search`, how sure the IC50 is in
`dose_interval`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError
from assays.inhibition.dose_curve import Points, share
from assays.inhibition.dose_interval import profile
from assays.inhibition.dose_search import Best, find_best

Floats = NDArray[np.float64]

MIN_DOSES = 4
"""Fewer distinct doses above 0 give no curve."""
MAX_TUBES = 1000
MAX_DECADES = 30
"""Between the lowest and the highest dose: bounds the search, and no assay comes near."""
SMALLEST, LARGEST = 1e-100, 1e100
"""Responses whose squares are still numbers."""


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
    ``plateau not reached``."""
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
    weights: ArrayLike | None = None,
    unstimulated_weights: ArrayLike | None = None,
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
        fitted: 1 and 0 for a share of control.
    weights, unstimulated_weights : ndarray, optional
        Inverse variances up to a common factor; equal when absent.
    level : float
        Of the interval.

    Returns
    -------
    DoseFit
        `.params`, `.ic50`, `.interval`, `.status`, `.forward(dose)`. ``> highest dose`` and
        ``< lowest dose`` are bounds: the IC50 is NaN and the interval says what remains
        possible. ``plateau not reached``: half of what is not known, since no control or
        plateau holds one end of the curve. Controls that cannot be told apart are
        for the caller to judge.

    Raises
    ------
    CurveFitError
        When shapes differ, a dose is negative or infinite, or there are too many tubes.

    Examples
    --------
    >>> fit = fit_dose_response([1, 3, 10, 30, 100], [.91, .77, .5, .25, .09], top=1, bottom=0)
    >>> fit.status, round(fit.ic50, 1)
    ('ok', 10.0)
    """
    points, unit = _points(
        doses, responses, unstimulated, top, bottom, weights, unstimulated_weights, level
    )
    tested = np.unique(points.dose[points.dose > 0])
    ends = (float(tested[0]), float(tested[-1])) if tested.size else (math.nan, math.nan)
    df = points.n - points.free
    if tested.size < MIN_DOSES or df < 1:
        return _without_curve("too few doses", points, max(df, 0), ends, level)
    best = find_best(points)
    if _half_unknown(points) and _flat(points, best, df, level):
        return _without_curve("no response", points, df, ends, level)
    status = _status(points, best)
    interval = (math.nan, math.nan)
    if status != "plateau not reached":
        interval = profile(points, best, ends, df, level)
    params = {"A": best.top * unit, "B": best.slope, "C": best.c, "D": best.bottom * unit}
    if points.floor.size:
        params["U"] = best.floor * unit
    return DoseFit(
        params=params,
        ic50=best.x50 if status == "ok" else math.nan,
        interval=interval,
        status=status,
        level=level,
        rss=best.rss * unit * unit,
        residual_sd=math.sqrt(best.rss / df) * unit,
        df=df,
        n=points.n,
        doses=ends,
    )


def _without_curve(
    status: str, points: Points, df: int, ends: tuple[float, float], level: float
) -> DoseFit:
    unknown = (math.nan, math.nan)
    return DoseFit({}, math.nan, unknown, status, level, df=df, n=points.n, doses=ends)


def _points(
    doses: ArrayLike,
    responses: ArrayLike,
    unstimulated: ArrayLike | None,
    top: float | None,
    bottom: float | None,
    weights: ArrayLike | None,
    unstimulated_weights: ArrayLike | None,
    level: float,
) -> tuple[Points, float]:
    """Check what was given, drop tubes without a number; responses in units of the largest."""
    x, y = _series(doses), _series(responses)
    w = np.ones_like(y) if weights is None else _series(weights)
    floor = np.empty(0) if unstimulated is None else np.atleast_1d(_series(unstimulated))
    v = np.ones_like(floor) if unstimulated_weights is None else _series(unstimulated_weights)
    if x.shape != y.shape or w.shape != y.shape or v.shape != floor.shape:
        raise CurveFitError(
            f"doses, responses and weights differ in length: {x.size}, {y.size}, {w.size}",
            hint="Give one dose, and one weight if any, per tube.",
        )
    if x.size + floor.size > MAX_TUBES:
        raise CurveFitError(
            f"a dose series has at most {MAX_TUBES} tubes, here {x.size + floor.size}"
        )
    if not 0.5 < level < 1:
        raise CurveFitError(f"the level of an interval lies between 0.5 and 1, not {level:g}")
    given = [value for value in (top, bottom) if value is not None]
    if not all(math.isfinite(value) for value in given):
        raise CurveFitError("top and bottom must be numbers", hint="Leave them out to fit them.")
    kept = np.isfinite(y) & ~np.isnan(x) & np.isfinite(w) & (w > 0)
    if np.any((x[kept] < 0) | np.isinf(x[kept])):
        raise CurveFitError(
            "a dose is negative or infinite",
            hint="Give doses as concentrations, not logarithms; 0 means no inhibitor.",
        )
    held = np.isfinite(floor) & np.isfinite(v) & (v > 0)
    x, y, w, floor, v = x[kept], y[kept], w[kept], floor[held], v[held]
    tested = x[x > 0]
    if tested.size and math.log10(tested.max()) - math.log10(tested.min()) > MAX_DECADES:
        raise CurveFitError(
            f"doses run from {tested.min():g} to {tested.max():g}, over more than "
            f"{MAX_DECADES} decades",
            hint="Is a dose in another unit than the rest?",
        )
    levels = np.abs(np.concatenate([y, floor, [value for value in (top, bottom) if value]]))
    unit = float(levels.max()) if levels.size and levels.max() > 0 else 1.0
    if not SMALLEST < unit < LARGEST:
        raise CurveFitError(f"responses of up to {unit:g} cannot be computed with")
    known = [None if value is None else value / unit for value in (top, bottom)]
    return Points(x, y / unit, w, floor / unit, v, known[0], known[1]), unit


def _series(values: ArrayLike) -> Floats:
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise CurveFitError(f"a dose series holds something that is no number: {error}") from error
    if array.ndim != 1:
        raise CurveFitError(f"a dose series has one dimension, not {array.ndim}")
    return array


def _half_unknown(points: Points) -> bool:
    """Whether the curve itself must say where half-way is."""
    return not points.floor.size and (points.top is None or points.bottom is None)


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
        return "plateau not reached"
    left = _half_left(points, best)
    tested = np.unique(points.dose[points.dose > 0])
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
    for dose in np.unique(points.dose[points.dose > 0]):
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
