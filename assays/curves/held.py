"""Coordinates at the bounds of a search: held there, or let go.

A coordinate at its bound that would go beyond is held. Where its bound moves with another
coordinate (the farthest C moves with B) it moves along, and the derivative by that other one is
taken along the bound: the least misfit within the bounds, not a place where a step was cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assays.curves.least_squares import NEAR, Bools, Floats, Look, Problem, bounds_of

NUDGE = 1e-6
"""Step of a coordinate that shows how a bound moves with it."""
LONGEST = 3.0
"""An undamped step goes no farther than this (in logs, a factor of 20)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The ways that are open to a step."""

    bends: Floats
    """shape (p, b, n), derivatives; 0 for a coordinate that is held"""
    bound: Floats | None
    """shape (p, b), 1 at an upper bound, -1 at a lower one, else 0; None when all are 0"""
    held: Bools | None = None
    """shape (p, b); None when nothing is"""
    follow: Floats | None = None
    """shape (p, p, b), by how much coordinate j, held, moves with i at [i, j]"""
    gap: Floats | None = None
    """shape (p, b), what each held coordinate is short of its bound"""

    def along(self, step: Floats) -> Floats:
        """The step with held coordinates put on their bounds, shape (p, b)."""
        if self.follow is None or self.gap is None:
            return step
        return np.asarray(step + (step[:, None] * self.follow).sum(axis=0) + self.gap)


def bound_of(at: Look) -> Floats | None:
    """1 for a coordinate at its upper bound, -1 at its lower one, else 0; None for no 1 or -1."""
    upper, lower = at.shape >= at.high - NEAR, at.shape <= at.low + NEAR
    return np.subtract(upper, lower, dtype=float) if (upper | lower).any() else None


def open_ways(problem: Problem, at: Look) -> Ways:
    """Hold what would go beyond its bound by going downhill alone."""
    bound = bound_of(at)
    if bound is None:
        return Ways(at.bends, None)
    return _hold(problem, at, bound, bound * np.vecdot(at.bends, at.rest) > 0)


def fewer_ways(problem: Problem, at: Look, ways: Ways, step: Floats) -> Ways | None:
    """Hold what a step takes beyond its bound, too; None when it takes nothing there."""
    if ways.bound is None:
        return None
    held = ways.bound * step > 0
    if ways.held is not None:
        held |= ways.held
        if np.array_equal(held, ways.held):
            return None
    return _hold(problem, at, ways.bound, held) if held.any() else None


def _hold(problem: Problem, at: Look, bound: Floats, held: Bools) -> Ways:
    if not held.any():
        return Ways(at.bends, bound)
    follow = np.zeros((len(held), *held.shape))
    bends = np.where(held[:, :, None], 0.0, at.bends)
    upper = bound > 0
    edge = np.where(upper, at.high, at.low)
    for i in range(len(held)):
        nudged = at.shape.copy()
        nudged[i] += NUDGE
        low, high = bounds_of(problem, at.params, nudged)
        moves = (np.where(upper, high, low) - edge) / NUDGE
        follow[i] = np.where(held & ~held[i] & np.isfinite(moves), moves, 0.0)
        bends[i] += (follow[i][:, :, None] * at.bends).sum(axis=0)
    return Ways(bends, bound, held, follow, np.where(held, edge - at.shape, 0.0))


def within_reach(at: Look, step: Floats) -> Floats:
    """The step, shortened to end at the nearest bound and to go no farther than it may.

    Coordinates that go together, such as C and G along a valley, stop together.
    """
    room = np.where(step > 0, at.high, at.low) - at.shape
    beyond = np.where(np.abs(room) > NEAR, step / room, 0.0)
    return np.asarray(
        step / np.maximum(np.maximum(beyond, np.abs(step) / LONGEST).max(axis=0), 1.0)
    )
