"""Take weights from the fitted response again and again until nothing moves: the fixed point.

One Gauss–Newton step per round of weights. The next weights are those of the responses that the
step promises, and where rounds come closer they are carried on along the way that the last two
went (Anderson acceleration with one step of memory). A step that does not come closer than the one
before is held against the misfit at the weights of its round; where it does not lower that, the
round is walked downhill instead. Rounds that turn in circles go half of the way.

References
----------
Walker & Ni (2011), SIAM J. Numer. Anal. 49, 1715: Anderson acceleration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.descent import SETTLED, descend, undamped
from assays.curves.least_squares import Look, Problem, look, params_of
from assays.curves.solution import Solution
from assays.curves.weights import Weighting, estimate_constant, estimate_theta, huber, weigh

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

ROUNDS, STEPS = 80, 30
"""Rounds of weights, and steps downhill at the weights of one."""
CIRCLING = 10
"""Rounds after which those that do not come closer go half of the way."""
STILL = 1e-10
"""Share of the root misfit that the next step would still change: the fixed point."""
ROUNDING = 1e-14
CLOSER = 0.7
"""A step worth less than this share of the one before is on its way."""
MOST_MIX = 5.0
"""Rounds that nearly repeat each other are carried on by no more than this many steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Where each curve stands between two rounds; written as the rounds go on."""

    weights: Floats
    """shape (b, n)"""
    theta: Floats
    """shape (b,)"""
    constant: Floats
    """shape (b,); NaN before the first estimate"""
    share: Floats
    """shape (b, n)"""
    seen: Floats
    """shape (b, n), responses that the next weights are taken from"""
    ahead: Floats
    """shape (p, b), coordinates of the next round"""
    away: Floats
    """shape (b,), what the last step was worth, as a share of the root misfit"""
    promised: Floats
    """shape (b, n), responses that the last step promised"""
    moved: Floats
    """shape (b, n), `promised` less what its weights were taken from; 0 before the first round"""
    stepped: Floats
    """shape (p, b), coordinates that the last step went to"""


def reweigh(problem: Problem, begun: Look, rule: Weighting, floor: Floats) -> Solution:
    """The fixed point of each curve.

    Parameters
    ----------
    begun : Look
        Where the search at the weights of the problem ended, roughly.
    floor : ndarray, shape (b,)
        Smallest response used in a weight, in response units; 0 for none.

    Returns
    -------
    Solution
        `converged` tells which curves stand still.
    """
    count = len(floor)
    now = begun.rows(np.arange(count))
    fitted = _fitted(problem, now)
    at_hand = _begin(problem, now, fitted, rule)
    converged, going = np.zeros(count, dtype=bool), np.arange(count)
    for number in range(ROUNDS):
        if not going.size:
            break
        before = at_hand.theta[going]
        _take_weights(at_hand, going, problem, rule, floor)
        known = np.isfinite(at_hand.weights[going]).all(axis=1)
        if not known.all():
            going, before = going[known], before[known]
            if not going.size:
                break
        weights = at_hand.weights[going]
        root = np.sqrt(weights / weights.mean(axis=1)[:, None])
        here = replace(problem.rows(going), root=root)
        at = look(here, now.params[going], at_hand.ahead[:, going])
        step, away = undamped(here, at)
        closer = away < CLOSER * at_hand.away[going]
        shape, promised = _step(here, at, step, closer)
        now.put(going, at)
        fitted[going] = _fitted(here, at)
        still = (away <= STILL) & (np.abs(at_hand.theta[going] - before) <= 1e-7 * (1 + before))
        still &= _still(here, at_hand.seen[going], fitted[going], at)
        at_hand.away[going] = away
        _look_ahead(at_hand, going, here, shape, promised, closer, number >= CIRCLING)
        converged[going[still]] = True
        going = going[~still & np.isfinite(at.misfit)]
    theta, constant = at_hand.theta, np.nan_to_num(at_hand.constant)
    late = ~converged & np.isfinite(at_hand.weights).all(axis=1)
    converged |= late & (at_hand.away <= SETTLED)
    # The weights that belong to the last step.
    weights = weigh(fitted, theta, floor, constant) * at_hand.share
    converged &= np.isfinite(weights).all(axis=1)
    params, notes = params_of(problem, now), ((),) * count
    return Solution(params, weights, theta, floor, converged, constant, at_hand.share, notes)


def _begin(problem: Problem, now: Look, fitted: Floats, rule: Weighting) -> Rounds:
    count = len(fitted)
    return Rounds(
        problem.root**2,
        np.full(count, 1.0 if np.isnan(rule.theta) else rule.theta),
        np.full(count, np.nan if rule.constant else 0.0),
        np.ones_like(fitted),
        fitted.copy(),
        now.shape.copy(),
        np.full(count, np.inf),
        fitted.copy(),
        np.zeros_like(fitted),
        now.shape.copy(),
    )


def _take_weights(
    at_hand: Rounds, rows: Rows, problem: Problem, rule: Weighting, floor: Floats
) -> None:
    """Weights of the responses seen; what the rule leaves open is estimated first."""
    seen, floors, fitted_count = at_hand.seen[rows], floor[rows], int(problem.free.sum())
    theta, constant = at_hand.theta, at_hand.constant
    if np.isnan(rule.theta) or rule.constant:
        apart = apart_from(problem.rows(rows), seen)
        if np.isnan(rule.theta):
            theta[rows] = estimate_theta(apart, seen, floors, theta[rows])
        if rule.constant:
            shared = apart * np.sqrt(at_hand.share[rows]) if rule.robust else apart
            constant[rows] = estimate_constant(shared, seen, fitted_count, constant[rows])
    weights = weigh(seen, theta[rows], floors, constant[rows] if rule.constant else None)
    if rule.robust:
        at_hand.share[rows] = huber(apart, weights, fitted_count)
        weights = weights * at_hand.share[rows]
    at_hand.weights[rows] = weights


def _step(problem: Problem, at: Look, step: Floats, closer: Bools) -> tuple[Floats, Floats]:
    """Coordinates to go to, and the responses there.

    Those of the step where it came closer than the one before; where it did not, those that a
    lower misfit at the same weights is seen at.
    """
    rest = at.rest - np.vecdot(np.moveaxis(at.bends, 0, -1), step.T[:, None, :])
    shape, promised = at.shape + step, _response(problem, rest)
    unsure = np.flatnonzero(~closer)
    if not unsure.size or not len(shape):
        return shape, promised
    here = problem.rows(unsure)
    moved = look(here, at.params[unsure], shape[:, unsure])
    shape[:, unsure], promised[unsure] = moved.shape, _fitted(here, moved)
    climbs = np.flatnonzero(~(moved.misfit <= at.misfit[unsure]))
    if climbs.size:
        rows = unsure[climbs]
        here = problem.rows(rows)
        found, _ = descend(here, at.rows(rows), 1e-9, STEPS)
        shape[:, rows], promised[rows] = found.shape, _fitted(here, found)
    return shape, promised


def _look_ahead(
    at_hand: Rounds,
    rows: Rows,
    problem: Problem,
    shape: Floats,
    promised: Floats,
    closer: Bools,
    late: bool,
) -> None:
    """Set the coordinates and responses of the next round."""
    seen, last = at_hand.seen[rows], at_hand.moved[rows]
    moved = promised - seen
    turn = problem.root * (moved - last)
    size = np.vecdot(turn, turn)
    mix = np.vecdot(turn, problem.root * moved) / np.where(size > 0, size, np.inf)
    # Before the first round nothing has moved: then the mixture would be 1, this round's start.
    usable = last.any(axis=1) & (np.abs(mix) < MOST_MIX)
    mix = np.where(usable & closer if late else usable, mix, 0.0)
    next_seen = promised - mix[:, None] * (promised - at_hand.promised[rows])
    if late:
        next_seen = np.where(closer[:, None], next_seen, (next_seen + seen) / 2)
    at_hand.ahead[:, rows] = shape - mix * (shape - at_hand.stepped[:, rows])
    at_hand.seen[rows] = next_seen
    at_hand.stepped[:, rows], at_hand.promised[rows] = shape, promised
    at_hand.moved[rows] = moved


def _response(problem: Problem, rest: Floats) -> Floats:
    """The responses behind weighted residuals, shape (b, n)."""
    fitted = problem.y - rest / problem.root
    return np.exp(fitted) if problem.model.log_response else fitted


def _fitted(problem: Problem, at: Look) -> Floats:
    return _response(problem, at.rest)


def apart_from(problem: Problem, fitted: Floats) -> Floats:
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
