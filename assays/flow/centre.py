"""The middle of the events of one tube, and how sure it is: median, geometric mean, iMFI.

Compensated dim events scatter around zero, so a geometric mean of them is refused rather than
worked out from those that lie above it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

Z95 = 1.959963984540054


def asinh_median(values: Values, cofactor: float) -> float:
    """Median of ``asinh(x / cofactor)``; NaN without events.

    For an odd number of events this is asinh of the median; for an even number the
    two middle events are averaged after the transformation, not before it.
    """
    n = len(values)
    if n == 0:
        return math.nan
    middle = sorted({(n - 1) // 2, n // 2})
    return float(np.mean(np.arcsinh(np.partition(values, middle)[middle] / cofactor)))


def median_standard_error(values: Values) -> float:
    """Standard error of a median from the spread of the values around it.

    Half the distance between the two order statistics that bound the median's 95 %
    interval, divided by 1.96 (McKean & Schrader 1984, Commun. Stat. Simul. Comput.
    13:751). It speaks of the events of one tube only, not of another tube.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN.

    Returns
    -------
    float
        In the unit of the values; NaN for fewer than 8 values.
    """
    n = len(values)
    rank = round((n + 1) / 2 - Z95 * math.sqrt(n / 4))
    if n < 8 or rank < 1:
        return math.nan
    ordered = np.partition(values, (rank - 1, n - rank))
    return float((float(ordered[n - rank]) - float(ordered[rank - 1])) / (2 * Z95))


def means(values: Values, cofactor: float) -> tuple[float, float]:
    """Geometric mean, and the mean on the arcsinh scale carried back.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN.
    cofactor : float

    Returns
    -------
    tuple of float
        In the unit of the values. The geometric mean is NaN where a value is not above
        zero; leaving such values out would raise it. The second is defined for every
        value and near the first for bright ones.
    """
    if not len(values):
        return math.nan, math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        back = cofactor * math.sinh(float(np.mean(np.arcsinh(values / cofactor))))
    if not values.min() > 0:
        return math.nan, back
    return math.exp(float(np.mean(np.log(values)))), back


def integrated_mfi(values: Values, threshold: float) -> float:
    """Percent above a threshold times the median of what lies above it.

    Integrated MFI (Darrah et al. 2007, Nat. Med. 13:843).

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN; at least one.
    threshold : float

    Returns
    -------
    float
        Percent times the unit of the values; 0 when nothing lies above, NaN when the
        median of what does is not above zero.
    """
    positive = values[values > threshold]
    if not len(positive):
        return 0.0
    median = float(np.median(positive))
    return 100.0 * len(positive) / len(values) * median if median > 0 else math.nan
