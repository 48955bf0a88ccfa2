"""What a search ends with: parameters and the weights that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plates.findings import Finding

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]


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

    def rows(self, chosen: Rows) -> Solution:
        """The same for some of the curves."""
        return Solution(
            self.params[chosen],
            self.weights[chosen],
            self.theta[chosen],
            self.floor[chosen],
            self.converged[chosen],
            self.constant[chosen],
            self.share[chosen],
            tuple(self.notes[row] for row in chosen),
        )

    def put(self, rows: Rows, other: Solution, told: tuple[Finding, ...] = ()) -> Solution:
        """With what was found for some curves in their places; `told` says why."""
        notes = list(self.notes)
        for row in rows:
            notes[row] = told
        self.params[rows], self.weights[rows] = other.params, other.weights
        self.theta[rows], self.floor[rows] = other.theta, other.floor
        self.converged[rows], self.constant[rows] = other.converged, other.constant
        self.share[rows] = other.share
        return replace(self, notes=tuple(notes))
