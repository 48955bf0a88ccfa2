"""Where an axis has its ticks, and what they say in original units."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def decades(
    forward: Callable[[ArrayLike], Floats], low: float, high: float
) -> tuple[Floats, tuple[str, ...]]:
    """Zero and ± powers of ten within the limits, at least a tenth of the axis apart.

    Parameters
    ----------
    forward : callable
        From original units to the position on the axis.
    low, high : float
        Ends of the axis, original units.

    Returns
    -------
    positions, labels
        On the axis, and in original units (``10³``); nothing when the ends are no axis.
    """
    reach = max(abs(low), abs(high))
    if not (math.isfinite(reach) and high > low and reach > 0):
        return np.empty(0), ()
    top = math.floor(math.log10(reach) + 1e-9)
    powers = [10.0**k for k in range(top, top - 12, -1)]
    # Zero first, then the largest decades: what crowds against them is left out.
    wanted = [0.0, *(value for power in powers for value in (power, -power))]
    ends = forward([low, high])
    apart = float(ends[1] - ends[0]) / 10
    kept: dict[float, float] = {}
    for value in wanted:
        place = float(forward(value))
        if low <= value <= high and all(abs(place - other) >= apart for other in kept):
            kept[place] = value
    places = sorted(place for place in kept if math.isfinite(place))
    return np.array(places), tuple(_power(kept[place]) for place in places)


def _power(value: float) -> str:
    if value == 0:
        return "0"
    exponent = str(round(math.log10(abs(value)))).translate(_SUPERSCRIPTS)
    return f"{'−' if value < 0 else ''}10{exponent}"


def round_numbers(low: float, high: float) -> Floats:
    """About five round numbers between two values."""
    span = high - low
    if not 1e-300 < span < math.inf:
        return np.empty(0)
    rough = 10.0 ** math.floor(math.log10(span / 4))
    step = next(m * rough for m in (1, 2, 2.5, 5, 10) if span / (m * rough) <= 6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return np.array([step * k for k in range(first, last + 1)], dtype=np.float64)


def thousands(value: float) -> str:
    """A number in few characters: ``50k`` for 50,000, with a true minus sign."""
    text = f"{value / 1000:g}k" if abs(value) >= 10000 else f"{value:g}"
    return text.replace("-", "−")
