"""Find parameters and weights together.

Fixed weights are one search from several starts. Weights that follow the fitted response are taken
again after each step until the curve stands still: the fixed point, where the weighted residuals
balance at the weights that the curve itself gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.least_squares import (
    SETTLED,
    Problem,
    bent,
    descend,
    gauss_newton,
    minimise,
    project,
    step_to,
)
from assays.curves.points import Points
from assays.curves.weights import STEADY_FLOOR, Weighting, estimate_theta, weigh
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]

ROUNDS = 300
STILL = 1e-10
"""Share of the root misfit that the next step would still change: the fixed point."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where a search ended."""

    params: Floats
    weights: Floats
    theta: float
    floor: float
    converged: bool


def solve(
    model: CurveModel, points: Points, rule: Weighting, floor: float
) -> tuple[Solution, tuple[Finding, ...]]:
    """Best parameters and weights, and what had to be done to find them.

    Parameters
    ----------
    floor : float
        Smallest response used in a weight, in response units.
    """
    x, y = points.x, np.log(points.y) if model.log_response else points.y
    fixed = model.fixed(x, points.y) if model.fixed else (None,) * len(model.names)
    free = np.array([value is None for value in fixed])
    steady = max(floor, STEADY_FLOOR * float(np.ptp(points.level_means)))
    if not rule.fitted:
        notes: tuple[Finding, ...] = ()
        if rule.theta > 0 and floor == 0 and np.any(points.y <= 0):
            floor, notes = steady, (_floored("a reading at or below zero has no weight"),)
        weights = weigh(points.y, rule.theta, floor)
        problem = Problem(model, x, y, weights, free)
        params, _, converged = minimise(problem, model.starts(x, points.y, weights))
        return Solution(params, weights, rule.theta, floor, converged), notes
    first_theta = 1.0 if np.isnan(rule.theta) else rule.theta
    weights = weigh(points.y, first_theta, steady)
    problem = Problem(model, x, y, weights, free)
    params, _, _ = minimise(problem, model.starts(x, points.y, weights))
    solution = iterate(problem, params, rule, floor)
    if solution.converged or floor > 0:
        return solution, ()
    held = iterate(problem, params, rule, steady)
    if not held.converged:
        return solution, ()
    return held, (_floored("a fitted response near zero leaves no fixed point"),)


def _floored(why: str) -> Finding:
    return Finding(
        "weights-floored",
        Severity.NOTE,
        "",
        f"Weights were held at {100 * STEADY_FLOOR:.0f} % of the response range: {why}.",
        STEADY_FLOOR * 100,
        unit="%",
    )


def iterate(problem: Problem, start: Floats, rule: Weighting, floor: float) -> Solution:
    """Take weights from the fitted response again and again until nothing moves.

    One Gauss–Newton step per round of weights; where such a step does not lower the misfit at the
    weights of its round, that round is minimised in full.
    """
    params, theta = start, 1.0 if np.isnan(rule.theta) else rule.theta
    weights = problem.weights
    for _ in range(ROUNDS):
        fitted = problem.model.forward(problem.x, params)
        before = theta
        if np.isnan(rule.theta):
            theta = estimate_theta(problem.y - problem.response(params), fitted, floor)
        weights = weigh(fitted, theta, floor)
        if not np.isfinite(weights).all():
            return Solution(params, weights, theta, floor, False)
        now = replace(problem, weights=weights / weights.mean())
        _, away = gauss_newton(now, params)
        if away <= STILL and abs(theta - before) <= 1e-6:
            return Solution(params, weights, theta, floor, True)
        if not np.isfinite(away):
            return Solution(params, weights, theta, floor, False)
        moved = _advance(now, params)
        now_fitted = problem.model.forward(problem.x, moved)
        if np.allclose(now_fitted, fitted, rtol=STILL, atol=0) and abs(theta - before) <= 1e-6:
            # Parameters may still run along a valley; the curve does not move any more.
            return Solution(moved, weights, theta, floor, True)
        params = moved
    now = replace(problem, weights=weights / weights.mean())
    _, away = gauss_newton(now, params)
    settled = bool(away <= SETTLED) or bool(now.bound(params).any())
    return Solution(params, weights, theta, floor, settled)


def _advance(problem: Problem, params: Floats) -> Floats:
    """One undamped step, or a whole descent where that step would climb."""
    base = project(problem, params)
    jacobian, rest = bent(problem, base)
    if not jacobian.shape[1] or not np.isfinite(jacobian).all():
        return base
    size = np.linalg.norm(jacobian, axis=0)
    size = np.where(size > 0, size, 1.0)
    step, *_ = np.linalg.lstsq(jacobian / size, rest, rcond=1e-10)
    moved = step_to(problem, base, step / size)
    if problem.misfit(moved) <= problem.misfit(base):
        return moved
    return descend(problem, base)[0]
