"""Undo a scale whose value has a formula and whose position has none.

Logicle, hyperlog and FlowJo's biex are written as original value over position,
odd about the position of zero. The position of a value is found from a table,
then by Halley's method, which converges cubically: a first guess within 1e-4
reaches the last bits in two steps, one above the table in five. `pieces` makes
of this what millions of values are placed with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assays.flow.scales.contract import Floats

Curve = Callable[[Floats], tuple[Floats, Floats, Floats]]
"""From the distance to zero (>= 0) to value, slope and bend; rising, bent upwards."""

TABLE = 2049


def distance(
    size: Floats, curve: Curve, reach: float, beyond: Callable[[Floats], Floats]
) -> Floats:
    """Distance from the position of zero at which the curve has a value.

    Parameters
    ----------
    size : ndarray
        Values >= 0, finite.
    curve : callable
        Value, slope and bend over the distance.
    reach : float
        Where the table ends: the top of the scale.
    beyond : callable
        First guess for values above the table; at or above the true distance.

    Returns
    -------
    ndarray
        Distances >= 0.
    """
    # Far beyond any detector a step may overflow; there the first guess is exact enough.
    with np.errstate(over="ignore", invalid="ignore"):
        u = np.array(_distance(size, curve, reach, beyond))
        lost = np.isnan(u)
        u[lost] = beyond(size[lost])
        return u


def _distance(
    size: Floats, curve: Curve, reach: float, beyond: Callable[[Floats], Floats]
) -> Floats:
    places = np.linspace(0.0, max(reach, 1e-9), TABLE)
    table = curve(places)[0]
    u = np.asarray(np.interp(size, table, places))
    above = size > table[-1]
    if above.any():
        u = np.where(above, beyond(np.maximum(size, table[-1])), u)
    for _ in range(5):
        value, slope, bend = curve(u)
        miss = value - size
        u = np.maximum(u - 2 * miss * slope / (2 * slope * slope - miss * bend), 0.0)
    return np.asarray(u)
