"""What two inhibitors should do together if neither minds the other.

Effects are shares of the response removed: 0 nothing, 1 all of it. Divide a percent
inhibition by 100 first. Nothing is clipped: a measured effect may be below 0 or above 1.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.inhibition.magnitude import LARGEST, computable

Floats = NDArray[np.float64]


def bliss(first: ArrayLike, second: ArrayLike) -> Floats:
    """Expected joint effect of two inhibitors that act independently.

    E = Ea + Eb - Ea Eb (Bliss 1939, Ann. Appl. Biol. 26:585): the second removes its
    share of what the first has left.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Effect of each alone, as a share from 0 to 1.

    Returns
    -------
    ndarray, shape (n,)
        Expected share. A measured one above it is more than independent action.
        NaN where an effect is missing.

    Examples
    --------
    >>> float(bliss(0.5, 0.4))
    0.7
    """
    a, b = computable(first), computable(second)
    return np.asarray(a + b - a * b, dtype=np.float64)


def hsa(first: ArrayLike, second: ArrayLike) -> Floats:
    """Expected joint effect if the pair does no more than the better one: highest single agent.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Effect of each alone, as a share from 0 to 1.

    Returns
    -------
    ndarray, shape (n,)
        The larger share. NaN where an effect is missing.

    Examples
    --------
    >>> float(hsa(0.5, 0.4))
    0.5
    """
    a, b = computable(first), computable(second)
    return np.asarray(np.maximum(a, b), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SingleCurve:
    """What one inhibitor alone does with dose: e = most / (1 + (half / dose) ** slope)."""

    most: float
    """Share removed at infinite dose."""
    half: float
    """Dose of half of that."""
    slope: float

    def part(self, dose: float, effect: float) -> float:
        """A dose as part of the dose that alone removes this share; 0 when no dose does."""
        if effect >= self.most:
            return 0.0
        # In logarithms: a flat curve needs doses that no float holds.
        odds = math.log(effect) - math.log(self.most - effect)
        log = math.log(dose) - math.log(self.half) - odds / self.slope
        return math.exp(min(log, 700.0))


def loewe(first_dose: float, second_dose: float, first: SingleCurve, second: SingleCurve) -> float:
    """Expected joint effect if one inhibitor were a dilution of the other: Loewe additivity.

    The effect E at which d1 / D1(E) + d2 / D2(E) = 1, with D the dose of each alone that does
    the same (Loewe 1953, Arzneimittelforschung 3:285). Beyond what the weaker one can do at
    any dose, only the stronger counts.

    Parameters
    ----------
    first_dose, second_dose : float
        Doses in the pair, each in the unit of its own curve.
    first, second : SingleCurve
        Fitted to each alone, in the same donor.

    Returns
    -------
    float
        Expected share; NaN when a dose or a curve is unknown or runs the wrong way.

    Examples
    --------
    >>> curve = SingleCurve(1.0, 10.0, 1.0)
    >>> round(loewe(5.0, 5.0, curve, curve), 3)  # half and half of one drug: its dose 10
    0.5
    """
    numbers = (first_dose, second_dose, *astuple(first), *astuple(second))
    if not all(0 < number <= LARGEST for number in numbers):
        return math.nan
    low, high = 0.0, max(first.most, second.most)

    def parts(effect: float) -> float:
        return first.part(first_dose, effect) + second.part(second_dose, effect)

    # The sum falls from infinity to below 1: halving finds the place to the last bit.
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if parts(middle) > 1.0 else (low, middle)
    return 0.5 * (low + high)
