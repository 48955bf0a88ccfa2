"""Numbers that can be computed with: finite, and not so large that their squares are none.

No assay reads 10^50 of anything. A number beyond that is a slip of another program, and sums of
squares over it would be infinite: it is treated like one that is missing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LARGEST = 1e50


def computable(values: ArrayLike) -> Floats:
    """The values, NaN in place of infinite ones and of those beyond 1e50; any shape.

    Examples
    --------
    >>> computable([3.0, -np.inf, 1e300])
    array([ 3., nan, nan])
    """
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(array) <= LARGEST, array, np.nan)


def brief(value: float) -> str:
    """Three significant digits without an exponent: ``1550``, ``43.9``, ``0.441``."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, decimals):.{max(decimals, 0)}f}"
