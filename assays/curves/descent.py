"""Walk curves downhill to their least misfit, all of them side by side.

Levenberg–Marquardt steps until a step is worth nothing, then undamped ones that polish; whether
each curve arrived is told by what a last step would still be worth.

References
----------
Moré (1978), The Levenberg–Marquardt algorithm, Lecture Notes in Mathematics 630.
"""

from __future__ import annotations

import numpy as np

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
SETTLED = 1e-5
"""Share of the root misfit that a last step may still be worth."""
MOST_DAMPING = 1e12


def free_bends(at: Look) -> Floats:
    """Derivatives by the coordinates; 0 for one at its bound that would go beyond."""
    if not at.bound.any():
        return at.bends
    held = at.bound * np.vecdot(at.bends, at.rest) > 0
    return np.where(held[:, :, None], 0.0, at.bends)


def descend(problem: Problem, start: Look, close: float = CLOSE) -> Look:
    """Walk every curve downhill until a step is worth no more than `close` of its misfit."""
    if not len(start.bends):
        return start
    now = start.rows(np.arange(len(start.misfit)))
    weighted = problem.root * problem.y
    exact = 1e-29 * np.vecdot(weighted, weighted)
    damping, size = np.full(len(exact), 1e-3), np.zeros(now.shape.shape)
    going = np.flatnonzero(np.isfinite(now.misfit) & (now.misfit > exact))
    for _ in range(STEPS):
        if not going.size:
            break
        here, at, ease = problem.rows(going), now.rows(going), damping[going]
        bends = free_bends(at)
        size[:, going] = np.maximum(size[:, going], np.sqrt(np.vecdot(bends, bends)))
        unit = np.where(size[:, going] > 0, size[:, going], 1.0)
        step, worth = _damped(bends / unit[:, :, None], at.rest, ease)
        trial = look(here, at.params, at.shape + step / unit)
        worthless = ~(worth > close * at.misfit)
        better = (trial.misfit < at.misfit) & ~worthless
        gain = (at.misfit - trial.misfit) / worth
        easier = np.where(gain > 0.75, 0.1, np.where(gain > 0.25, 0.5, 4.0))
        ease = np.maximum(ease * np.where(better, easier, 8.0), 1e-14)
        damping[going] = ease
        kept = np.flatnonzero(better)
        now.put(going[kept], trial if len(kept) == len(going) else trial.rows(kept))
        going = going[~(worthless | (ease > MOST_DAMPING) | (now.misfit[going] <= exact[going]))]
    return now


def _damped(bends: Floats, rest: Floats, damping: Floats) -> tuple[Floats, Floats]:
    """Steps (p, b), and by how much each should lower the misfit."""
    count = len(bends)
    system = np.moveaxis(np.vecdot(bends[:, None], bends[None]), -1, 0).copy()
    system[:, range(count), range(count)] += damping[:, None]
    downhill = np.vecdot(bends, rest)
    known = np.isfinite(system).all(axis=(1, 2)) & np.isfinite(downhill).all(axis=0)
    if not known.all():
        system[~known] = np.eye(count)
        downhill = np.where(known, downhill, 0.0)
    step = np.linalg.solve(system, downhill.T[:, :, None])[:, :, 0].T
    return step, (step * (downhill + damping * step)).sum(axis=0)


def undamped(problem: Problem, at: Look) -> tuple[Floats, Floats]:
    """The Gauss–Newton step (p, b), and what share of the root misfit it is worth (b,)."""
    if not len(at.bends):
        return at.shape, np.zeros(len(at.misfit))
    bends, rest = free_bends(at), at.rest
    usable = np.isfinite(at.misfit) & np.isfinite(bends).all(axis=(0, 2))
    if not usable.all():
        bends, rest = (np.where(usable[:, None], one, 0.0) for one in (bends, rest))
    _, triangle, shares = orthogonal(bends, rest)
    worth, total = np.sqrt((shares * shares).sum(axis=0)), np.sqrt(at.misfit)
    # A curve that goes through its points up to rounding has no direction left.
    weighted = problem.root * problem.y
    exact = total <= EXACT * np.sqrt(np.vecdot(weighted, weighted))
    away = np.where(exact, 0.0, worth / np.where(total > 0, total, 1.0))
    return solve_triangle(triangle, shares), np.where(usable, away, np.inf)


def polish(problem: Problem, at: Look, rounds: int = 12) -> tuple[Look, Bools]:
    """Undamped steps, kept while they come closer to the minimum; and whether each arrived."""
    step, away = undamped(problem, at)
    going = np.flatnonzero(np.isfinite(away) & (away > 1e-13))
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
        going = kept[away[kept] > 1e-13]
    settled = (away <= SETTLED) | np.any(at.bound != 0, axis=0)
    return at, np.asarray(settled & np.isfinite(at.misfit))


def minimise(problem: Problem, starts: Floats, close: float = CLOSE) -> tuple[Look, Bools]:
    """Lowest misfit that any of the starts leads to, and whether each curve arrived.

    Parameters
    ----------
    starts : ndarray, shape (b, s, k)
        Rows that are not finite are passed over.
    """
    count, many = starts.shape[:2]
    each = problem.rows(np.repeat(np.arange(count), many)) if many > 1 else problem
    flat = starts.reshape(count * many, -1)
    usable = np.asarray(np.isfinite(flat).all(axis=1))
    flat = np.where(usable[:, None] | ~problem.free, flat, 1.0)
    begun = look(each, flat, coordinates(each, flat))
    begun.misfit[~usable] = np.inf
    found = descend(each, begun, max(close, ROUGH) if many > 1 else close)
    best = found.misfit.reshape(count, many).argmin(axis=1)
    chosen = found.rows(np.arange(count) * many + best)
    if close >= ROUGH:
        return chosen, np.isfinite(chosen.misfit)
    return polish(problem, descend(problem, chosen, close))
