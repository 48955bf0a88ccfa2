"""Compensation beside the inverse of its matrix in arithmetic of forty digits (mpmath)."""

from __future__ import annotations

import mpmath
import numpy as np
from mpmath import mp, mpf

from assays.flow.compensate import compensate
from assays.flow.events import Channel, Events, Spillover

DIGITS = 40


def compensation(
    size: int, spill: float, events: int, apart: float = 1.0
) -> tuple[float, float, float]:
    """Condition number of a matrix; the largest error as a share of the range, and of the results.

    Every pair of channels overlaps by `spill` at most; signals lie between -5 % and 100 %
    of a range of 262,144. The first two fluorochromes differ by `apart` of what they
    would: near 0 the results are far larger than the signals.
    """
    rng = np.random.default_rng(size)
    matrix = spill * rng.random((size, size))
    np.fill_diagonal(matrix, 1.0)
    matrix[1] = (1 - apart) * matrix[0] + apart * matrix[1]
    top = 262_144.0
    seen = rng.uniform(-0.05 * top, top, (events, size))
    names = tuple(f"FL{n}" for n in range(size))
    given = Events(seen, tuple(Channel(name, None, top) for name in names))
    found = compensate(given, Spillover(names, matrix)).values
    with mp.workdps(DIGITS):
        undo = mpmath.matrix(matrix.tolist()) ** -1
        exact = mpmath.matrix(seen.tolist()) * undo
        far = max(abs(mpf(float(found[i, j])) - exact[i, j])
                  for i in range(events) for j in range(size))  # fmt: skip
        largest = max(abs(one) for one in exact)
    return float(np.linalg.cond(matrix)), float(far) / top, float(far / largest)


MATRICES = ((2, 0.3, 1.0), (4, 0.5, 1.0), (6, 0.9, 1.0), (10, 0.2, 1.0), (10, 0.9, 1.0),
            (18, 0.5, 1.0), (30, 0.3, 1.0), (10, 0.3, 0.01), (10, 0.3, 1e-4))  # fmt: skip
