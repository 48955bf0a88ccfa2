"""Dose series of a stimulus, one without and some with an antagonist, fitted as parallel curves.

    y = U + (T - U) / (1 + (E r / x) ** n)

U is the response without stimulus, T the highest, n the slope and E the EC50 without antagonist,
all of them shared; r is the dose ratio of each series, 1 without antagonist. For given (n, E, r)
the curves are straight lines in U and T, so only those are searched (variable projection, Golub &
Pereyra 1973, SIAM J. Numer. Anal. 10:413).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Midpoints = Callable[[Floats], Floats]
"""From the parameters, of which the first is log n, to the log EC50 of every series."""

SLOPES = (0.4, 0.7, 1.0, 1.5, 2.5, 5.0)
"""Slopes at which the search starts."""
PER_DECADE = 4
STARTS = 3
SLOPE_LIMITS = (math.log(0.05), math.log(16.0))
"""Logarithms of the slopes that are searched."""
LIMIT = math.log(1e12)
"""No other parameter leaves this range around its start."""
REWEIGHTINGS = 3
STEPS, PATIENCE = 200, 3
STIFF = 1e12
"""Damping under which no step is left."""
LONGEST = 3.0
"""Of one step, in logarithms."""
EXPLAINED = 1e-9
"""A curve whose part of its own is shorter is the others' to rounding."""
STEP = 1e-6
"""Of the derivatives of the EC50s by what places them: nearly straight lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Tubes:
    """Tubes of all series; each with what was in it and what it read."""

    dose: Floats
    """shape (n,), of the stimulus; 0 without."""
    series: NDArray[np.intp]
    """shape (n,), 0 without antagonist, from 1 on its doses in rising order."""
    response: Floats
    """shape (n,), in units of the largest."""
    weight: Floats
    """shape (n,)."""

    @property
    def count(self) -> int:
        """Series, that without antagonist counted."""
        return int(self.series.max()) + 1

    def only(self, keep: NDArray[np.bool_]) -> Tubes:
        """Some of the tubes; the series that are left are counted anew."""
        _, series = np.unique(self.series[keep], return_inverse=True)
        parts = self.dose[keep], series.astype(np.intp), self.response[keep], self.weight[keep]
        return Tubes(*parts)

    @property
    def tested(self) -> Floats:
        """Distinct doses of the stimulus above 0, ascending."""
        return np.unique(self.dose[self.dose > 0])


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Parallel curves at their least-squares optimum."""

    theta: Floats
    """log n, log E of the series without antagonist, and what places the others."""
    levels: Floats
    """U, then T (of each series where tops are free)."""
    rss: float
    free: int
    """Fitted parameters."""


def curves_at(tubes: Tubes, theta: Floats, midpoints: Midpoints, free_tops: bool) -> Floats:
    """Columns that U and T multiply, shape (n, 2) or (n, 1 + series)."""
    part = _part(tubes, theta, midpoints)[0]
    if not free_tops:
        return np.column_stack([1.0 - part, part])
    own = tubes.series[:, None] == np.arange(tubes.count)
    return np.column_stack([1.0 - part, part[:, None] * own])


def _part(tubes: Tubes, theta: Floats, midpoints: Midpoints) -> tuple[Floats, Floats, Floats]:
    """Share of the response at each tube, and its derivatives by log n and by the log EC50."""
    from scipy.special import expit

    n = math.exp(theta[0])
    with np.errstate(divide="ignore"):
        away = np.log(tubes.dose) - midpoints(theta)[tubes.series]
    part = np.asarray(expit(n * away), dtype=np.float64)
    bend = n * part * (1.0 - part)
    # Without stimulus nothing of the curve's shape can move the response.
    return part, bend * np.where(np.isfinite(away), away, 0.0), -bend


def _jacobian(tubes: Tubes, theta: Floats, midpoints: Midpoints) -> Floats:
    """Derivatives of the share by every parameter, shape (n, parameters)."""
    _, by_slope, by_middle = _part(tubes, theta, midpoints)
    out = np.empty((tubes.dose.size, theta.size))
    out[:, 0] = by_slope
    for at in range(1, theta.size):
        step = np.zeros(theta.size)
        step[at] = STEP
        moves = (midpoints(theta + step) - midpoints(theta - step)) / (2.0 * STEP)
        out[:, at] = by_middle * moves[tubes.series]
    return out


def fit(
    tubes: Tubes,
    start: Floats,
    midpoints: Midpoints,
    *,
    free_tops: bool = False,
    hold: int | None = None,
    digits: float = 1e-12,
) -> Fitted:
    """Least squares from a starting place; the parameter `hold` stays where it is."""
    root = np.sqrt(tubes.weight)
    seen = root * tubes.response

    def residual(theta: Floats) -> tuple[Floats, Floats, Floats]:
        """What the levels leave, the curves they multiply, and directions that span these."""
        basis = curves_at(tubes, theta, midpoints, free_tops) * root[:, None]
        span = _directions(basis)
        return seen - span @ (span.T @ seen), basis, span

    def jacobian(theta: Floats, basis: Floats, span: Floats) -> Floats:
        # Kaufman (1975, BIT 15:49): what the levels cannot take up of the curve's own change.
        levels = _levels(basis, seen)
        height = levels[1:][tubes.series if free_tops else 0] - levels[0]
        change = _jacobian(tubes, theta, midpoints)[:, moving] * (root * height)[:, None]
        return np.asarray(span @ (span.T @ change) - change)

    low, high = start - LIMIT, start + LIMIT
    low[0], high[0] = SLOPE_LIMITS
    moving = np.array([at != hold for at in range(start.size)])
    theta = np.where(moving, np.clip(start, low, high), start)
    left, basis, span = residual(theta)
    cost, damping, slow = float(left @ left), 1e-3, 0
    slopes = jacobian(theta, basis, span)
    for _ in range(STEPS):
        step = np.zeros_like(theta)
        step[moving] = _step(slopes, left, damping, theta[moving], low[moving], high[moving])
        to = np.clip(theta + step, low, high)
        to[~moving] = theta[~moving]
        there, basis, span = residual(to)
        then = float(there @ there)
        if then < cost:
            # Steps that gain next to nothing, one after the other, crawl along a flat valley.
            slow = slow + 1 if cost - then <= digits * cost else 0
            near = np.abs(to - theta).max() < digits
            theta, left, cost = to, there, then
            if near or slow >= PATIENCE:
                break
            slopes = jacobian(theta, basis, span)
            damping = max(damping * 0.1, 1e-12)
        else:
            damping *= 8.0
            if damping > STIFF:
                break
    levels = _levels(curves_at(tubes, theta, midpoints, free_tops) * root[:, None], seen)
    return Fitted(theta, levels, cost, int(moving.sum()) + levels.size)


def _step(
    slopes: Floats, left: Floats, damping: float, at: Floats, low: Floats, high: Floats
) -> Floats:
    """Levenberg's and Marquardt's step; a parameter that would leave its range stays."""
    downhill = -(slopes.T @ left)
    free = ~(((at <= low) & (downhill < 0)) | ((at >= high) & (downhill > 0)))
    normal = (slopes.T @ slopes)[np.ix_(free, free)]
    ridge = damping * np.maximum(np.diag(normal), 1e-14 * max(normal.max(initial=0.0), 1e-300))
    step = np.zeros_like(at)
    try:
        step[free] = np.linalg.solve(normal + np.diag(ridge), downhill[free])
    except np.linalg.LinAlgError:
        return step
    return np.clip(step, -LONGEST, LONGEST)


def _directions(basis: Floats) -> Floats:
    """Orthonormal columns with the span of these; one that the others explain adds none."""
    found: list[Floats] = []
    for column in basis.T:
        size = math.sqrt(float(column @ column))
        rest = column
        for _ in range(2):
            # Once more takes off what rounding left.
            for known in found:
                rest = rest - known * float(known @ rest)
        length = math.sqrt(float(rest @ rest))
        if length > EXPLAINED * size:
            found.append(rest / length)
    return np.column_stack(found) if found else np.zeros((basis.shape[0], 0))


def by_ratio(theta: Floats) -> Floats:
    """Parameters after log n: log E, and the logarithm of every dose ratio."""
    return np.asarray(theta[1] + np.r_[0.0, theta[2:]])


def by_midpoint(theta: Floats) -> Floats:
    """Parameters after log n: the log EC50 of every series."""
    return theta[1:]


def start_places(tubes: Tubes) -> list[Floats]:
    """Starting places: slope and EC50 from the series without antagonist, then each ratio."""
    logs = np.log(tubes.tested)
    grid = np.arange(logs[0] - 2.3, logs[-1] + 4.6, math.log(10.0) / PER_DECADE)
    alone = tubes.only(tubes.series == 0)
    found: list[tuple[float, Floats]] = []
    for slope in np.log(SLOPES):
        costs = [_cost(alone, np.array([slope, at]), by_ratio) for at in grid]
        theta = np.array([slope, grid[int(np.argmin(costs))]])
        first = theta
        for series in range(1, tubes.count):
            two = tubes.only((tubes.series == 0) | (tubes.series == series))
            tries = grid - first[1]
            shifts = [_cost(two, np.r_[first, shift], by_ratio) for shift in tries]
            theta = np.r_[theta, tries[int(np.argmin(shifts))]]
        found.append((_cost(tubes, theta, by_ratio), theta))
    found.sort(key=lambda one: one[0])
    return [theta for _, theta in found[:STARTS]]


def _levels(basis: Floats, response: Floats) -> Floats:
    """U and T that fit best."""
    return np.asarray(np.linalg.lstsq(basis, response, rcond=None)[0], dtype=np.float64)


def _cost(tubes: Tubes, theta: Floats, midpoints: Midpoints) -> float:
    root = np.sqrt(tubes.weight)
    basis = curves_at(tubes, theta, midpoints, False) * root[:, None]
    levels = _levels(basis, root * tubes.response)
    left = root * tubes.response - basis @ levels
    return float(left @ left)


def best_of(tubes: Tubes, starts: list[Floats]) -> Fitted:
    """The lowest of the fits from several places, each series with a ratio of its own."""
    return min((fit(tubes, start, by_ratio) for start in starts), key=lambda one: one.rss)


def follow(tubes: Tubes, cofactor: float) -> tuple[Tubes, Fitted]:
    """Fit with weights that follow the curves: scatter goes with hypot(response, cofactor)."""
    response, starts = tubes.response, None
    for _ in range(REWEIGHTINGS + 1):
        tubes = replace(tubes, weight=1.0 / (response**2 + cofactor**2))
        starts = start_places(tubes) if starts is None else starts
        found = best_of(tubes, starts)
        starts = [found.theta]
        response = curves_at(tubes, found.theta, by_ratio, False) @ found.levels
    return tubes, found
