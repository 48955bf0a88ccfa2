"""Walk curves downhill to their least misfit, all of them side by side.

Levenberg–Marquardt steps until a step is worth nothing, then undamped ones that polish; whether
each curve arrived is told by what a last step would still be worth.

References
----------
Moré (1978), The Levenberg–Marquardt algorithm, Lecture Notes in Mathematics 630.
"""

from __future__ import annotations

import numpy as np

from assays.curves.held import fewer_ways, open_ways, within_reach
from assays.curves.least_squares import (
    Bools,
    Floats,
    Look,
    Problem,
    coordinates,
    look,
    orthogonal,
    solve_triangle,
)

STEPS = 400
CLOSE = 1e-15
"""A step counts as nothing when it would lower the misfit by this share."""
ROUGH = 1e-7
"""The same for a start that only has to be told from the others."""
EXACT = 1e-13
"""Residuals below this share of the responses are rounding."""
FIRST_STEPS = 4
"""Steps for each curved parameter that every start is followed for."""
FEW_STEPS, WITHIN = 2, 0.1
"""The same for a start that has to go deeper than a solution that is known, and how near it has to
be by then, as a share of the misfit."""
DEEPER = 1e-6
"""Share of the misfit by which a minimum counts as deeper."""
NOWHERE, POLISHED = 1e-13, 1e-10
"""Shares of the root misfit: a step worth less is not taken; beyond, polishing did not do."""
SETTLED = 1e-5
"""Share of the root misfit that a last step may still be worth."""
MOST_DAMPING = 1e12


def descend(
    problem: Problem, start: Look, close: float = CLOSE, steps: int = STEPS
) -> tuple[Look, Bools]:
    """Walk every curve downhill until a step is worth no more than `close` of its misfit.

    Returns
    -------
    Look
        Where each curve ended.
    ndarray, shape (b,)
        Whether it was still on its way when the steps were used up.
    """
    now = start.rows(np.arange(len(start.misfit)))
    on_its_way = np.zeros(len(start.misfit), dtype=bool)
    if not len(start.bends):
        return now, on_its_way
    weighted = problem.root * problem.y
    exact = 1e-29 * np.vecdot(weighted, weighted)
    # Curves that have arrived stand still among the others until half of them have.
    rows = np.flatnonzero(np.isfinite(now.misfit) & (now.misfit > exact))
    live, here, at = np.ones(len(rows), dtype=bool), problem.rows(rows), now.rows(rows)
    damping, size = np.full(len(rows), 1e-3), np.zeros((len(now.shape), len(rows)))
    for _ in range(steps):
        if not rows.size:
            break
        ways = open_ways(here, at)
        np.maximum(size, np.sqrt(np.vecdot(ways.bends, ways.bends)), out=size)
        unit = np.where(size > 0, size, 1.0)
        step, worth = _damped(ways.bends / unit[:, :, None], at.rest, damping)
        fewer = fewer_ways(here, at, ways, step)
        if fewer is not None:
            ways = fewer
            step, worth = _damped(ways.bends / unit[:, :, None], at.rest, damping)
        trial = look(here, at.params, at.shape + ways.along(step / unit))
        worthless = ~(worth > close * at.misfit)
        better = (trial.misfit < at.misfit) & ~worthless & live
        gain = (at.misfit - trial.misfit) / worth
        easier = np.where(gain > 0.75, 0.1, np.where(gain > 0.25, 0.5, 4.0))
        damping = np.maximum(damping * np.where(better, easier, 8.0), 1e-14)
        if better.all():
            at = trial
        else:
            kept = np.flatnonzero(better)
            at.put(kept, trial.rows(kept))
        live &= ~(worthless | (damping > MOST_DAMPING) | (at.misfit <= exact[rows]))
        left = np.count_nonzero(live)
        if 2 * left <= len(rows):
            now.put(rows, at)
            rows, size, damping = rows[live], size[:, live], damping[live]
            here, at, live = problem.rows(rows), now.rows(rows), np.ones(left, dtype=bool)
    now.put(rows, at)
    on_its_way[rows[live]] = True
    return now, on_its_way


def _damped(bends: Floats, rest: Floats, damping: Floats) -> tuple[Floats, Floats]:
    """Steps (p, b), and by how much each should lower the misfit."""
    count = len(bends)
    system = np.moveaxis(np.vecdot(bends[:, None], bends[None]), -1, 0).copy()
    system[:, range(count), range(count)] += damping[:, None]
    downhill = np.vecdot(bends, rest)
    try:
        step = np.linalg.solve(system, downhill.T[:, :, None])[:, :, 0].T
    except np.linalg.LinAlgError:
        # Where a curve has no finite derivatives: no step.
        known = np.isfinite(system).all(axis=(1, 2))[:, None, None]
        system = np.where(known, system, np.eye(count)) + 1e-300 * np.eye(count)
        step = np.linalg.solve(system, downhill.T[:, :, None])[:, :, 0].T
    return step, (step * (downhill + damping * step)).sum(axis=0)


def undamped(problem: Problem, at: Look) -> tuple[Floats, Floats]:
    """The Gauss–Newton step (p, b), and what share of the root misfit it is worth (b,)."""
    if not len(at.bends):
        return at.shape, np.zeros(len(at.misfit))
    ways = open_ways(problem, at)
    step, away = _gauss_newton(problem, at, ways.bends)
    fewer = fewer_ways(problem, at, ways, step)
    if fewer is not None:
        ways = fewer
        step, away = _gauss_newton(problem, at, ways.bends)
    return ways.along(within_reach(at, step)), away


def _gauss_newton(problem: Problem, at: Look, bends: Floats) -> tuple[Floats, Floats]:
    rest, usable = at.rest, np.isfinite(at.misfit) & np.isfinite(bends).all(axis=(0, 2))
    if not usable.all():
        bends, rest = (np.where(usable[:, None], one, 0.0) for one in (bends, rest))
    _, triangle, shares = orthogonal(bends, rest)
    worth, total = np.sqrt((shares * shares).sum(axis=0)), np.sqrt(at.misfit)
    # A curve that goes through its points up to rounding has no direction left.
    weighted = problem.root * problem.y
    exact = total <= EXACT * np.sqrt(np.vecdot(weighted, weighted))
    away = np.where(exact, 0.0, worth / np.where(total > 0, total, 1.0))
    return solve_triangle(triangle, shares), np.where(usable, away, np.inf)


def polish(problem: Problem, at: Look, rounds: int = 12) -> Floats:
    """Undamped steps, kept while they come closer to the minimum.

    Returns
    -------
    ndarray, shape (b,)
        Share of the root misfit that one more step would be worth.
    """
    step, away = undamped(problem, at)
    going = np.flatnonzero(np.isfinite(away) & (away > NOWHERE))
    for _ in range(rounds):
        if not going.size:
            break
        here, now = problem.rows(going), at.rows(going)
        trial = look(here, now.params, now.shape + step[:, going])
        further, next_away = undamped(here, trial)
        better = (trial.misfit <= now.misfit * (1 + 1e-12)) & (next_away < away[going])
        chosen = np.flatnonzero(better)
        kept = going[chosen]
        at.put(kept, trial.rows(chosen))
        step[:, kept], away[kept] = further[:, chosen], next_away[chosen]
        going = kept[away[kept] > NOWHERE]
    return away


def deeper(problem: Problem, starts: Floats, misfit: Floats) -> tuple[Look, Bools]:
    """Where starts lead below a misfit that is known, and which do.

    A start that a few steps have not brought near that misfit is given up.

    Parameters
    ----------
    starts : ndarray, shape (b, s, k)
    misfit : ndarray, shape (b,)
    """
    count, many = starts.shape[:2]
    each, begun = _begin(problem, starts)
    found, moving = descend(each, begun, ROUGH, FEW_STEPS * len(problem.curved))
    near = moving & (found.misfit < (1 + WITHIN) * np.repeat(misfit, many))
    going = np.flatnonzero(near)
    if going.size:
        found.put(going, descend(each.rows(going), found.rows(going), ROUGH)[0])
    best = found.misfit.reshape(count, many).argmin(axis=1) + np.arange(count) * many
    chosen = found.rows(best)
    return chosen, np.asarray(chosen.misfit < misfit * (1 - DEEPER))


def minimise(problem: Problem, starts: Floats, close: float = CLOSE) -> tuple[Look, Bools]:
    """Lowest misfit that any of the starts leads to, and whether each curve arrived.

    Parameters
    ----------
    starts : ndarray, shape (b, s, k)
        Rows that are not finite are passed over.
    """
    chosen = _lowest(problem, starts)
    if close >= ROUGH:
        return chosen, np.isfinite(chosen.misfit)
    away = polish(problem, chosen)
    rough = np.flatnonzero(np.isfinite(chosen.misfit) & ~(away <= POLISHED))
    if rough.size:
        here = problem.rows(rough)
        walked, _ = descend(here, chosen.rows(rough), close)
        away[rough] = polish(here, walked)
        chosen.put(rough, walked)
    return chosen, np.asarray((away <= SETTLED) & np.isfinite(chosen.misfit))


def _lowest(problem: Problem, starts: Floats) -> Look:
    """The start that leads lowest, walked down roughly.

    Once the lowest of a curve's starts has arrived, those that are still on their way above it
    are left: they creep along the valley where C and D run away.
    """
    count, many = starts.shape[:2]
    each, begun = _begin(problem, starts)
    found, moving = descend(each, begun, ROUGH, FIRST_STEPS * len(problem.curved))
    best = found.misfit.reshape(count, many).argmin(axis=1) + np.arange(count) * many
    waiting = np.flatnonzero(moving & np.repeat(moving[best], many))
    if waiting.size:
        found.put(waiting, descend(each.rows(waiting), found.rows(waiting), ROUGH)[0])
        best = found.misfit.reshape(count, many).argmin(axis=1) + np.arange(count) * many
    return found.rows(best)


def _begin(problem: Problem, starts: Floats) -> tuple[Problem, Look]:
    """Every start as a curve of its own."""
    count, many = starts.shape[:2]
    each = problem.rows(np.repeat(np.arange(count), many)) if many > 1 else problem
    flat = starts.reshape(count * many, -1)
    usable = np.asarray(np.isfinite(flat).all(axis=1))
    flat = np.where(usable[:, None] | ~problem.free, flat, 1.0)
    begun = look(each, flat, coordinates(each, flat))
    begun.misfit[~usable] = np.inf
    return each, begun
