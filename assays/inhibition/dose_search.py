"""Find the best dose-response curve, and the best one that is half-way at a given dose."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose_curve import (
    PER_DECADE,
    SLOPE_LIMITS,
    Points,
    Surface,
    cost_of_half,
    log_dose_limits,
    solve,
)

Floats = NDArray[np.float64]

ROUNDS = 36
"""Times the search zooms in; each keeps 0.6 of the width, so that 1e-8 of it remains."""
STARTS = 4
"""Coarse optima from which the search zooms in."""
SPREAD = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


@dataclass(frozen=True, slots=True)
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


def find_best(points: Points) -> Best:
    """Least-squares curve over all slopes and half-way doses."""
    slope, log_c = _coarse(points)
    cost = solve(points, slope, log_c).rss
    order = np.argsort(cost)[: STARTS * 4 : 4]
    found = _zoom(points, slope[order], log_c[order], None)
    surface = solve(points, *found)
    at = int(np.argmin(surface.rss))
    return _best(surface, at)


def lowest_cost(points: Points, log_x50: Floats, best: Best) -> Floats:
    """Residual sum of squares of the best curve that is half-way at each exp(`log_x50`)."""
    if not points.floor.size:
        slopes = np.geomspace(*SLOPE_LIMITS, 2 * PER_DECADE)
        log_c = np.repeat(log_x50[:, None], slopes.size, axis=1)
        cost = solve(points, np.broadcast_to(slopes, log_c.shape), log_c).rss
        slope = slopes[np.argmin(cost, axis=1)]
        slope, log_c = _zoom(points, slope, log_x50, None, hold_c=True)
        return solve(points, slope, log_c).rss
    slope, log_c = _coarse(points)
    surface = solve(points, slope, log_c)
    cost = np.stack([cost_of_half(surface, np.full(slope.shape, x)) for x in log_x50])
    order = np.argmin(cost, axis=1)
    found = _zoom(points, slope[order], log_c[order], log_x50)
    near = _zoom(
        points,
        np.full(log_x50.shape, best.slope),
        np.full(log_x50.shape, math.log(best.c)),
        log_x50,
    )
    both = [cost_of_half(solve(points, *place), log_x50) for place in (found, near)]
    return np.asarray(np.minimum(*both), dtype=np.float64)


def never_half(points: Points, best: Best) -> float:
    """Residual sum of squares of the best curve that never comes half-way."""
    if not points.floor.size:
        return math.inf
    if not math.isfinite(best.x50):
        return best.rss
    slope, log_c = _coarse(points)
    surface = solve(points, slope, log_c)
    sign = np.sign(surface.top - surface.floor)
    half = 0.5 * (surface.top + surface.floor)
    edge = cost_of_half(surface, np.full(slope.shape, np.inf))
    return float(np.where(sign * (surface.bottom - half) >= 0, surface.rss, edge).min())


def _coarse(points: Points) -> tuple[Floats, Floats]:
    """Every slope with every half-way dose of the coarse grid, flattened."""
    low, high = log_dose_limits(points)
    across = max(2, math.ceil((high - low) / math.log(10.0) * PER_DECADE))
    decades = math.log10(SLOPE_LIMITS[1] / SLOPE_LIMITS[0])
    slopes = np.geomspace(*SLOPE_LIMITS, math.ceil(decades * PER_DECADE))
    slope, log_c = np.meshgrid(slopes, np.linspace(low, high, across), indexing="ij")
    return slope.ravel(), log_c.ravel()


def _zoom(
    points: Points,
    slope: Floats,
    log_c: Floats,
    log_x50: Floats | None,
    *,
    hold_c: bool = False,
) -> tuple[Floats, Floats]:
    """Walk from each coarse place to the bottom of its valley."""
    low, high = log_dose_limits(points)
    log_slope = np.log(slope)
    width_b = width_c = 2.0 * math.log(10.0) / PER_DECADE
    step_b, step_c = (grid.ravel() for grid in np.meshgrid(SPREAD, SPREAD))
    if hold_c:
        step_b, step_c = SPREAD, np.zeros_like(SPREAD)
    rows = np.arange(slope.size)
    for _ in range(ROUNDS):
        b = np.clip(log_slope[:, None] + width_b * step_b, *np.log(SLOPE_LIMITS))
        c = (
            np.clip(log_c[:, None] + width_c * step_c, low, high)
            if not hold_c
            else (np.repeat(log_c[:, None], step_b.size, axis=1))
        )
        surface = solve(points, np.exp(b), c)
        cost = surface.rss
        if log_x50 is not None:
            cost = cost_of_half(surface, np.repeat(log_x50[:, None], step_b.size, axis=1))
        at = np.argmin(cost, axis=1)
        moved = (step_b[at] != 0) | (step_c[at] != 0)
        log_slope, log_c = b[rows, at], c[rows, at]
        # Narrow only once the centre is the best: a long valley is walked first.
        shrink = 0.6 if not moved.all() else 0.8
        width_b, width_c = width_b * shrink, width_c * shrink
    return np.exp(log_slope), log_c


def _best(surface: Surface, at: int) -> Best:
    slope, c = float(surface.slope[at]), math.exp(float(surface.log_c[at]))
    top, bottom = float(surface.top[at]), float(surface.bottom[at])
    floor = float(surface.floor[at])
    x50 = c
    if not math.isnan(floor):
        half = 0.5 * (top + floor)
        ratio = (top - half) / (half - bottom) if half != bottom else math.inf
        # Half-way lies between A and D only when this is positive.
        x50 = c * ratio ** (1.0 / slope) if 0 < ratio < math.inf else math.inf
    return Best(slope, c, top, bottom, floor, float(surface.rss[at]), x50)
