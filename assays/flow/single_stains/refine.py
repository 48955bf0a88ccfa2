"""Put what is left after compensation back into the matrix, until nothing is left.

When a control is compensated with a matrix S that is nearly right, its line in each
other detector has a small slope e instead of none: the compensated events lie along
``(I + E)`` times the stain, so the recorded ones lie along ``(I + E) S``. The next
matrix is that, each row divided by its diagonal. The idea, and the robust regression
in it, are AutoSpill's; the update is written out above and no code is taken from it.

References
----------
Roca et al. (2021), Nat. Commun. 12:2890.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.flow.single_stains.line import by_regression

Floats = NDArray[np.float64]

ROUNDS = 30
SETTLED = 1e-5
"""Largest slope that is left when the matrix counts as settled."""


def refine(matrix: Floats, controls: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Iterate a spillover matrix over its controls.

    Parameters
    ----------
    matrix : ndarray, shape (k, k)
        First estimate; row and control of the same number belong together.
    controls : sequence of two ndarrays, each of shape (n, k)
        Stained and unstained events of each control as recorded.

    Returns
    -------
    matrix, errors : ndarray, shape (k, k)
        The settled matrix, or the best one met, and standard errors of its coefficients.
    """
    best, least = matrix, np.inf
    errors = np.zeros_like(matrix)
    for _ in range(ROUNDS):
        undo = np.linalg.inv(matrix)
        found = [
            by_regression(positive @ undo, negative @ undo, row)
            for row, (positive, negative) in enumerate(controls)
        ]
        left = np.array([slopes.values for slopes in found]) - np.eye(len(matrix))
        worst = float(np.abs(left).max())
        if not np.isfinite(worst) or worst >= least:
            break
        best, least = matrix, worst
        errors = np.array([slopes.errors for slopes in found])
        if worst < SETTLED:
            break
        matrix = (np.eye(len(matrix)) + left) @ matrix
        matrix = matrix / matrix.diagonal()[:, None]
        if not np.linalg.cond(matrix) < 1e6:
            break
    return best, errors
