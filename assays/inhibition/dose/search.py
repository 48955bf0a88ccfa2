"""Find the best dose-response curve, and the best one that is half-way at a given dose."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose.curve import (
    PER_DECADE,
    Points,
    Surface,
    cost_of_half,
    log_dose_limits,
    solve,
)
from assays.inhibition.dose.descent import descend
from assays.inhibition.dose.polish import polish

Floats = NDArray[np.float64]

LARGEST_LOG = 700.0
STARTS = 6
"""Valleys of the coarse grid from which the search goes on."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The least-squares optimum."""

    slope: float
    c: float
    top: float
    bottom: float
    floor: float
    """U; NaN without unstimulated tubes."""
    rss: float
    x50: float
    """Dose at which the curve is half-way; infinite when it never is."""
    grid: Surface = field(repr=False)
    """The coarse grid, flat: every later search starts from it."""


def find_best(points: Points) -> Best:
    """Least-squares curve over all slopes and half-way doses."""
    slope, log_c = _coarse(points)
    grid = solve(points, slope.ravel(), log_c.ravel())
    at = _valleys(grid.rss.reshape(slope.shape))
    slope, log_c = _walk(points, slope[at], log_c[at], None)
    surface = solve(points, slope, log_c)
    ends = [
        polish(points, float(slope[i]), float(log_c[i]), surface.top[i], surface.bottom[i])
        for i in range(slope.size)
    ]
    # The walk's own ends stay in: a polish that wanders off must not win by rounding.
    slope, log_c = np.column_stack([np.array(ends).T, np.stack([slope, log_c])])
    surface = solve(points, slope, log_c)
    return _best(surface, int(np.argmin(surface.rss)), grid)


def lowest_cost(points: Points, log_x50: Floats, best: Best) -> Floats:
    """Residual sum of squares of the best curve that is half-way at each exp(`log_x50`)."""
    if not points.floor.size:
        slopes = points.slopes(PER_DECADE)
        half = np.repeat(log_x50[:, None], slopes.size, axis=1)
        cost = solve(points, np.broadcast_to(slopes, half.shape), half).rss
        starts = [slopes[np.argmin(cost, axis=1)], np.full(log_x50.shape, best.slope)]
        ends = [_walk(points, start, log_x50, None, hold_c=True) for start in starts]
        found = [solve(points, *end).rss for end in ends]
    else:
        surface = best.grid
        shape = surface.rss.shape
        at = [int(np.argmin(cost_of_half(surface, np.full(shape, x)))) for x in log_x50]
        places = [
            (surface.slope[at], surface.log_c[at]),
            (np.full(log_x50.shape, best.slope), np.full(log_x50.shape, math.log(best.c))),
        ]
        ends = [_walk(points, *place, log_x50) for place in places]
        found = [cost_of_half(solve(points, *end), log_x50) for end in ends]
    return np.asarray(np.minimum(*found), dtype=np.float64)


def never_half(points: Points, best: Best) -> float:
    """Residual sum of squares of the best curve that never comes half-way."""
    if not points.floor.size:
        return math.inf
    if not math.isfinite(best.x50):
        return best.rss
    surface = best.grid
    sign = np.sign(surface.top - surface.floor)
    half = 0.5 * (surface.top + surface.floor)
    edge = cost_of_half(surface, np.full(surface.rss.shape, np.inf))
    return float(np.where(sign * (surface.bottom - half) >= 0, surface.rss, edge).min())


def _coarse(points: Points) -> tuple[Floats, Floats]:
    """Every slope with every half-way dose of the coarse grid, shape (slopes, doses)."""
    low, high = log_dose_limits(points)
    across = max(2, math.ceil((high - low) / math.log(10.0) * PER_DECADE))
    slope, log_c = np.meshgrid(
        points.slopes(PER_DECADE), np.linspace(low, high, across), indexing="ij"
    )
    return slope, log_c


def _valleys(cost: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Grid points that no neighbour undercuts, the lowest first."""
    rows, columns = cost.shape
    walled = np.pad(cost, 1, constant_values=np.inf)
    around = np.stack(
        [
            walled[i : i + rows, j : j + columns]
            for i in range(3)
            for j in range(3)
            if (i, j) != (1, 1)
        ]
    )
    i, j = np.nonzero(cost <= around.min(axis=0))
    order = np.argsort(cost[i, j], kind="stable")[:STARTS]
    return i[order], j[order]


def _walk(
    points: Points,
    slope: Floats,
    log_c: Floats,
    log_x50: Floats | None,
    *,
    hold_c: bool = False,
) -> tuple[Floats, Floats]:
    """Slope and log C at the bottom of each start's valley."""

    def cost(log_b: Floats, c: Floats) -> Floats:
        log_b, c = np.broadcast_arrays(log_b, c)
        surface = solve(points, np.exp(log_b), c)
        if log_x50 is None:
            return surface.rss
        return cost_of_half(surface, np.broadcast_to(log_x50[:, None], c.shape))

    low, high = log_dose_limits(points)
    limits = (math.log(points.slope_limits[0]), math.log(points.slope_limits[1]))
    log_b, c = descend(
        cost, np.log(slope), log_c, a_limits=limits, b_limits=(low, high), hold_b=hold_c
    )
    return np.exp(log_b), c


def _best(surface: Surface, at: int, grid: Surface) -> Best:
    slope, c = float(surface.slope[at]), math.exp(float(surface.log_c[at]))
    top, bottom = float(surface.top[at]), float(surface.bottom[at])
    floor = float(surface.floor[at])
    x50 = c
    if not math.isnan(floor):
        half = 0.5 * (top + floor)
        ratio = (top - half) / (half - bottom) if half != bottom else math.inf
        # Half-way lies between A and D only when this is positive.
        x50 = math.inf
        if 0 < ratio < math.inf:
            # In logarithms: a flat curve is half-way at doses that no float holds.
            log = math.log(c) + math.log(ratio) / slope
            x50 = math.exp(max(log, -LARGEST_LOG)) if log < LARGEST_LOG else math.inf
    return Best(slope, c, top, bottom, floor, float(surface.rss[at]), x50, grid)
