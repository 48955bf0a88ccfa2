"""Find parameters and weights together, for one curve or thousands side by side.

Fixed weights are one search from several starts. Weights that follow the fitted response are taken
again after each step until the curve stands still: the fixed point, where the weighted residuals
balance at the weights that the curve itself gives.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.descent import ROUGH, deeper, minimise
from assays.curves.least_squares import Problem, design_of, params_of, problem_of, quiet
from assays.curves.reweigh import reweigh
from assays.curves.solution import Solution
from assays.curves.starts import beside, starts_of
from assays.curves.weights import STEADY_FLOOR, Weighting, weigh
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NO_READING = 1e-9
"""A reading below this share of the largest is zero."""
LOOKS = 2
"""Times that the final weights are searched for a deeper minimum."""


def solve(
    model: CurveModel, x: Floats, y: Floats, rule: Weighting, floor: Floats, steady: Floats
) -> Solution:
    """Best parameters and weights of b curves whose fixed parameters are the same ones.

    Parameters
    ----------
    x, y : ndarray, shape (b, n)
    floor : ndarray, shape (b,)
        Smallest response used in a weight, in response units; 0 for none.
    steady : ndarray, shape (b,)
        The floor that is taken where weights would have no bound without one.
    """
    with quiet():
        return _solve(model, x, y, rule, floor, steady)


def _solve(
    model: CurveModel, x: Floats, y: Floats, rule: Weighting, floor: Floats, steady: Floats
) -> Solution:
    count = len(x)
    fixed = np.stack([model.given(*pair) for pair in zip(x, y, strict=True)])
    free = np.isnan(fixed[0])
    scaled = np.log(y) if model.log_response else y
    nothing, ones = np.zeros(count), np.ones_like(y)
    if not rule.fitted:
        none = y <= NO_READING * np.abs(y).max(axis=1)[:, None]
        low = none.any(axis=1) & (floor == 0) & (rule.theta > 0)
        floor = np.where(low, steady, floor)
        weights = weigh(y, np.full(count, rule.theta), floor)
        problem = problem_of(model, x, scaled, weights, free)
        found, arrived = minimise(problem, starts_of(model, x, y, weights, fixed))
        told = _floored("a reading at or below zero has no weight")
        notes = tuple((told,) if one else () for one in low)
        theta = np.full(count, rule.theta)
        return Solution(
            params_of(problem, found), weights, theta, floor, arrived, nothing, ones, notes
        )
    theta = np.full(count, 1.0 if np.isnan(rule.theta) else rule.theta)
    problem = problem_of(model, x, scaled, weigh(y, theta, steady), free)
    starts = starts_of(model, x, y, problem.root**2, fixed)
    begun, _ = minimise(problem, starts, ROUGH)
    solution = reweigh(problem, begun, rule, floor)
    if model.starts is not None or model.axes is not None:
        solution = _looked_around(model, problem, solution, rule, floor, fixed, y)
    again = np.flatnonzero(~solution.converged & (floor == 0))
    if not again.size:
        return solution
    held = reweigh(problem.rows(again), begun.rows(again), rule, steady[again])
    told = _floored("a fitted response near zero leaves no fixed point")
    better = np.flatnonzero(held.converged | ~np.isfinite(solution.weights[again]).all(axis=1))
    return solution.put(again[better], held.rows(better), (told,))


def _looked_around(
    model: CurveModel,
    problem: Problem,
    solution: Solution,
    rule: Weighting,
    floor: Floats,
    fixed: Floats,
    y: Floats,
) -> Solution:
    """Where the final weights have a deeper minimum somewhere else, the search goes on from it.

    Weights change what the deepest minimum is: the one that the first weights led to may be only
    the second deepest for the last ones.
    """
    rows = np.flatnonzero(np.isfinite(solution.weights).all(axis=1))
    for _ in range(LOOKS):
        if not rows.size:
            break
        here = replace(problem.rows(rows), root=np.sqrt(solution.weights[rows]))
        starts = starts_of(model, here.x, y[rows], solution.weights[rows], fixed[rows], 2)
        elsewhere = ~beside(model, here.x, starts, solution.params[rows]).all(axis=1)
        if not elsewhere.any():
            break
        rows, here, starts = (
            rows[elsewhere],
            here.rows(np.flatnonzero(elsewhere)),
            starts[elsewhere],
        )
        _, fitted = design_of(here, solution.params[rows])
        stands = np.square(here.root * (here.y - fitted)).sum(axis=1)
        found, below = deeper(here, starts, stands)
        lower = np.flatnonzero(below)
        if not lower.size:
            break
        rows = rows[lower]
        other = reweigh(here.rows(lower), found.rows(lower), rule, floor[rows])
        kept = np.flatnonzero(other.converged | ~solution.converged[rows])
        rows = rows[kept]
        solution = solution.put(rows, other.rows(kept))
    return solution


def _floored(why: str) -> Finding:
    return Finding(
        "weights-floored",
        Severity.NOTE,
        "",
        f"Weights were held at {100 * STEADY_FLOOR:.0f} % of the response range: {why}.",
        STEADY_FLOOR * 100,
        unit="%",
    )
