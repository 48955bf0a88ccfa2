"""Percent inhibition between two controls, and the share that a drug's own effect leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.inhibition.magnitude import computable

Floats = NDArray[np.float64]


def percent_inhibition(
    treated: ArrayLike, stimulated: ArrayLike, unstimulated: ArrayLike
) -> Floats:
    """Share of the stimulated response that a treatment removes.

    100 (S - I) / (S - U). The formula is blind to direction: total IκBα falls on
    activation, and the same line serves. It does not judge whether the window is
    real; `assays.inhibition.interval` does.

    Parameters
    ----------
    treated : ndarray, shape (n,)
        Stimulus plus inhibitor, in the readout's unit.
    stimulated, unstimulated : float
        Control means: the 0 % and the 100 % anchor. Arrays of shape (n,) give each
        treated value its own controls.

    Returns
    -------
    ndarray, shape (n,)
        Percent, not clipped: below 0 the treatment raised the response, above 100 it
        pushed it past the unstimulated level. NaN when the controls leave no window
        or a value is missing.

    Examples
    --------
    >>> percent_inhibition(np.array([5.0]), 10.0, 2.5).round(1)
    array([66.7])
    """
    i, s, u = (computable(value) for value in (treated, stimulated, unstimulated))
    return _share(s - i, s - u)


def percent_inhibition_own_floor(
    treated: ArrayLike, inhibitor_alone: ArrayLike, stimulated: ArrayLike, unstimulated: ArrayLike
) -> Floats:
    """Share of the stimulated gain that is gone, measured from the drug's own floor.

    100 (1 - (I - B) / (S - U)): a drug that lowers the tonic signal by itself seems to
    inhibit more than it blocks; here only the gain over inhibitor alone counts.

    Parameters
    ----------
    treated, inhibitor_alone : ndarray, shape (n,)
        With and without the stimulus, at the same dose, in the readout's unit.
    stimulated, unstimulated : float
        Control means.

    Returns
    -------
    ndarray, shape (n,)
        Percent, not clipped. NaN when the controls leave no window.

    Examples
    --------
    >>> percent_inhibition_own_floor(np.array([5.0]), np.array([2.0]), 10.0, 2.5).round(1)
    array([60.])
    """
    i, b, s, u = (
        computable(value) for value in (treated, inhibitor_alone, stimulated, unstimulated)
    )
    return 100.0 - _share(i - b, s - u)


def _share(part: Floats, window: Floats) -> Floats:
    usable = np.isfinite(part) & np.isfinite(window) & (window != 0.0)
    out = np.full(usable.shape, np.nan)
    with np.errstate(over="ignore"):
        np.divide(100.0 * part, window, out=out, where=usable)
    # A window next to nothing would make any part of it endless.
    return computable(out)
