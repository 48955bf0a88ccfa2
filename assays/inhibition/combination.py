"""What two inhibitors should do together if neither minds the other.

Effects are shares of the response removed: 0 nothing, 1 all of it. Divide a percent
inhibition by 100 first. Nothing is clipped: a measured effect may be below 0 or above 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
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
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return np.asarray(np.maximum(a, b), dtype=np.float64)
