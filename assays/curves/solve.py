"""Find parameters and weights together, for one curve or thousands side by side.

Fixed weights are one search from several starts. Weights that follow the fitted response are taken
again after each step until the curve stands still: the fixed point, where the weighted residuals
balance at the weights that the curve itself gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.descent import ROUGH, SETTLED, descend, minimise, undamped
from assays.curves.least_squares import Look, Problem, look, params_of, problem_of, quiet
from assays.curves.starts import starts_of
from assays.curves.weights import (
    STEADY_FLOOR,
    Weighting,
    estimate_constant,
    estimate_theta,
    huber,
    weigh,
)
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDS = 120
STILL = 1e-10
"""Share of the root misfit that the next step would still change: the fixed point."""
ROUNDING = 1e-14
LOOKS = 2
"""Times that the final weights are searched for a deeper minimum."""
DEEPER = 1e-6
SOLVED = ("params", "weights", "theta", "floor", "converged", "constant", "share")
CLOSER = 0.7
"""A step worth less than this share of the one before is on its way."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where the searches ended; the curves are the first axis."""

    params: Floats
    """shape (b, k)"""
    weights: Floats
    """shape (b, n)"""
    theta: Floats
    """shape (b,)"""
    floor: Floats
    """shape (b,), in response units"""
    converged: Bools
    """shape (b,)"""
    constant: Floats
    """shape (b,), constant part of the variance, in response units; 0 for none"""
    share: Floats
    """shape (b, n), by which robust weighting lets each point count; 1 otherwise"""
    notes: tuple[tuple[Finding, ...], ...]
    """What had to be done to find each."""


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
        low = (y <= 0).any(axis=1) & (floor == 0) & (rule.theta > 0)
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
    solution = iterate(problem, begun, rule, floor)
    if model.starts is not None or model.axes is not None:
        solution = _looked_around(model, problem, solution, rule, floor, fixed, y)
    again = np.flatnonzero(~solution.converged & (floor == 0))
    if not again.size:
        return solution
    held = iterate(problem.rows(again), begun.rows(again), rule, steady[again])
    told = _floored("a fitted response near zero leaves no fixed point")
    return _put(solution, again[held.converged], _rows(held, held.converged), (told,))


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
        found, _ = minimise(here, starts, ROUGH)
        fitted = responses(here, solution.params[rows])
        stands = np.square(here.root * _apart(here, fitted)).sum(axis=1)
        deeper = np.flatnonzero(found.misfit < stands * (1 - DEEPER))
        if not deeper.size:
            break
        rows = rows[deeper]
        other = iterate(here.rows(deeper), found.rows(deeper), rule, floor[rows])
        kept = other.converged | ~solution.converged[rows]
        rows = rows[kept]
        solution = _put(solution, rows, _rows(other, kept), ())
    return solution


def _put(
    solution: Solution, rows: NDArray[np.intp], other: Solution, told: tuple[Finding, ...]
) -> Solution:
    notes = list(solution.notes)
    for row in rows:
        notes[row] = told
    for name in SOLVED:
        getattr(solution, name)[rows] = getattr(other, name)
    return replace(solution, notes=tuple(notes))


def _rows(solution: Solution, chosen: Bools) -> Solution:
    return Solution(
        solution.params[chosen],
        solution.weights[chosen],
        solution.theta[chosen],
        solution.floor[chosen],
        solution.converged[chosen],
        solution.constant[chosen],
        solution.share[chosen],
        (),
    )


def _floored(why: str) -> Finding:
    return Finding(
        "weights-floored",
        Severity.NOTE,
        "",
        f"Weights were held at {100 * STEADY_FLOOR:.0f} % of the response range: {why}.",
        STEADY_FLOOR * 100,
        unit="%",
    )


def iterate(problem: Problem, begun: Look, rule: Weighting, floor: Floats) -> Solution:
    """Take weights from the fitted response again and again until nothing moves.

    One Gauss–Newton step per round of weights. A step that does not come closer than the one
    before is held against the misfit at the weights of its round; where it does not lower that,
    the round is minimised in full.
    """
    count = len(floor)
    now = begun.rows(np.arange(count))
    weights, fitted = problem.root**2, responses(problem, params_of(problem, now))
    theta = np.full(count, 1.0 if np.isnan(rule.theta) else rule.theta)
    away, converged = np.zeros(count), np.zeros(count, dtype=bool)
    ahead = now.shape.copy()
    constant, share = np.zeros(count), np.ones_like(fitted)
    going, fitted_count = np.arange(count), int(problem.free.sum())
    for _ in range(ROUNDS):
        if not going.size:
            break
        before, seen = theta[going], fitted[going]
        apart = _apart(problem.rows(going), seen)
        if np.isnan(rule.theta):
            theta[going] = estimate_theta(apart, seen, floor[going], before)
        if rule.constant:
            constant[going] = estimate_constant(apart * np.sqrt(share[going]), seen, fitted_count)
        weights[going] = weigh(seen, theta[going], floor[going], constant[going])
        if rule.robust:
            share[going] = huber(apart, weights[going], fitted_count)
            weights[going] *= share[going]
        known = np.isfinite(weights[going]).all(axis=1)
        if not known.all():
            going, before = going[known], before[known]
            if not going.size:
                break
        scaled = weights[going] / weights[going].mean(axis=1)[:, None]
        here = replace(problem.rows(going), root=np.sqrt(scaled))
        at = look(here, now.params[going], ahead[:, going])
        step, far = undamped(here, at)
        at, shape = _guarded(here, at, at.shape + step, far < CLOSER * away[going])
        away[going] = far
        stood = fitted[going]
        now.put(going, at)
        fitted[going] = responses(here, params_of(here, at))
        still = (far <= STILL) & (np.abs(theta[going] - before) <= 1e-7 * (1 + before))
        still &= _still(here, stood, fitted[going], at)
        ahead[:, going] = shape
        converged[going[still]] = True
        going = going[~still & np.isfinite(at.misfit)]
    late = np.flatnonzero(~converged & np.isfinite(weights).all(axis=1))
    converged[late] = (away[late] <= SETTLED) | (now.bound[:, late] != 0).any(axis=0)
    # The weights that belong to the last step.
    weights = weigh(fitted, theta, floor, constant) * share
    params = params_of(problem, now)
    notes: tuple[tuple[Finding, ...], ...] = ((),) * count
    return Solution(params, weights, theta, floor, converged, constant, share, notes)


def _guarded(problem: Problem, at: Look, shape: Floats, closer: Bools) -> tuple[Look, Floats]:
    """The coordinates to go on from; where a step climbs, those of the minimum instead."""
    unsure = np.flatnonzero(~closer)
    if not unsure.size or not len(shape):
        return at, shape
    here = problem.rows(unsure)
    moved = look(here, at.params[unsure], shape[:, unsure])
    climbs = np.flatnonzero(~(moved.misfit <= at.misfit[unsure]))
    shape = shape.copy()
    shape[:, unsure] = moved.shape
    if climbs.size:
        rows = unsure[climbs]
        shape[:, rows] = descend(problem.rows(rows), at.rows(rows), 1e-9).shape
    return at, shape


def responses(problem: Problem, params: Floats) -> Floats:
    """The curves at their points, in response units, shape (b, n)."""
    model = problem.model
    if model.fixed is not None and model.share is None:
        pairs = zip(problem.x, params, strict=True)
        return np.stack([model.forward(x, p) for x, p in pairs])
    return np.broadcast_to(model.forward(problem.x, params.T[:, :, None]), problem.x.shape).copy()


def _apart(problem: Problem, fitted: Floats) -> Floats:
    """Residuals without weights, on the scale that least squares are taken on."""
    return problem.y - (np.log(fitted) if problem.model.log_response else fitted)


def _still(problem: Problem, before: Floats, fitted: Floats, at: Look) -> Bools:
    """Whether the curve stands where it stood at the last weights."""
    change = problem.root * (fitted - before)
    if problem.model.log_response:
        change = change / fitted
    size, weighted = np.vecdot(change, change), problem.root * problem.y
    whole = np.vecdot(weighted, weighted)
    return np.asarray(size <= np.maximum(STILL**2 * at.misfit, ROUNDING**2 * whole))
