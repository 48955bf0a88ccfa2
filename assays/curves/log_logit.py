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
    four_axes,
    four_bounds,
    four_forward,
    four_gradient,
    four_inverse,
    four_share,
    four_slope,
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
    axes=four_axes,
    linear=(True, False, False, True),
    share=four_share,
    bounds=four_bounds,
    fixed=ends,
)
