"""Log-logit curve: a four-parameter logistic whose ends are given, not fitted.

    logit((y - D) / (A - D)) = -B * (log x - log C)

The line of radioimmunoassays. A is the mean response of the zero standard; the far end is 0 for a
falling (competitive) response, B/B0, and for a rising one 5 % of the range above the highest
level. Least squares are taken on the response, with the weights of the fit, so that readings at an
end count as they are instead of being lost to a logarithm.

References
----------
Rodbard & Lewald (1970), Acta Endocrinol. 64 (Suppl. 147), 79.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.logistic import (
    SLOPES,
    STARTS,
    best_starts,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_share,
    four_slope,
    middles,
    shares,
)

Floats = NDArray[np.float64]

BEYOND = 0.05
"""The far end of a rising curve lies above the highest level by this share of the range."""


def ends(x: Floats, y: Floats) -> tuple[float | None, ...]:
    """A from the lowest standard, D beyond the highest; B and C are fitted."""
    levels = np.unique(x)
    means = np.array([y[x == level].mean() for level in levels])
    first, last = float(means[0]), float(means[-1])
    if last < first:
        return first, None, None, min(0.0, float(means.min()) - BEYOND * (first - last))
    return first, None, None, float(means.max()) + BEYOND * (last - first)


def trials(x: Floats) -> tuple[Floats, Floats]:
    """A grid over B and C, and the share of A at each of its points."""
    grid = np.stack(np.meshgrid(SLOPES, middles(x), indexing="ij"), axis=-1)
    low, _ = shares(x, grid[..., :1], grid[..., 1:])
    return grid, low


def starts(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Best points of a grid over B and C."""
    found = np.empty((len(x), STARTS, 4))
    for i in range(len(x)):
        given = ends(x[i], y[i])
        row = slice(i, i + 1)
        found[row] = best_starts(trials, x[row], y[row], weights[row], (given[0], given[3]))
    return found[..., [2, 0, 1, 3]]


MODEL = CurveModel(
    "loglogit",
    "log-logit line",
    "y = D + (A - D) / (1 + (x / C)^B), A and D given by the standards",
    ("A", "B", "C", "D"),
    (False, True, True, False),
    4,
    four_forward,
    four_gradient,
    four_slope,
    four_inverse,
    starts,
    (True, False, False, True),
    four_share,
    four_bounds,
    fixed=ends,
)
