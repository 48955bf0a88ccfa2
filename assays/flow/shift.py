"""How far the whole distribution of a tube lies from that of its controls.

A median says where the middle moved; these say how much of the population moved with it, and
need no threshold. All three compare ranks, so that no scale and no cofactor has a part in
them. Events are pooled over the control tubes. None of them is an effect size between tubes:
with ten thousand events the smallest drift of the instrument makes a sure but small shift.

References
----------
KS D: Kolmogorov-Smirnov, the largest distance between two distribution functions. AUROC: Mann
& Whitney (1947), Ann. Math. Stat. 18:50. Overton (1988), Cytometry 9:619; he defined his
percentage as the maximum of the cumulative difference (Purdue cytometry list, 2007-06-21),
which is what is given here. Programs that subtract histograms channel by channel give more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Shift:
    """Distance between two distributions of events; NaN where either has no events."""

    ks_d: float = math.nan
    """Largest distance between the distribution functions, whichever lies above; 0 to 1."""
    auroc: float = math.nan
    """Chance that an event is brighter than one of the controls, ties half: 0.5 is no shift."""
    overton_percent: float = math.nan
    """Overton's maximum difference: percent of events beyond the controls, on the side of
    activation; never below 0."""


def compare(values: Values, control: Values, *, falls: bool = False) -> Shift:
    """Hold the events of a tube against those of its controls.

    Parameters
    ----------
    values, control : ndarray, shape (n,) and (m,)
        One channel, without NaN; the unit does not matter.
    falls : bool
        Whether activation makes the events dimmer: Overton's percentage then counts those below
        the controls. KS D has no side, and AUROC tells it: below 0.5 is dimmer.

    Returns
    -------
    Shift

    Examples
    --------
    >>> import numpy as np
    >>> compare(np.array([3.0, 4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    Shift(ks_d=0.5, auroc=0.875, overton_percent=50.0)
    """
    n, m = len(values), len(control)
    if not n or not m:
        return Shift()
    mine, theirs = np.sort(values), np.sort(control)
    below = np.searchsorted(theirs, mine, side="left")
    not_above = np.searchsorted(theirs, mine, side="right")
    # Whole numbers until the last division: pairs of events may be counted in any order.
    pairs = int(below.sum(dtype=np.int64)) + int(not_above.sum(dtype=np.int64))
    places = np.concatenate([mine, theirs])
    share_mine = np.searchsorted(mine, places, side="right") / n
    share_theirs = np.searchsorted(theirs, places, side="right") / m
    ahead = float(np.max(share_theirs - share_mine))
    behind = float(np.max(share_mine - share_theirs))
    beyond = behind if falls else ahead
    return Shift(max(ahead, behind), pairs / (2 * n * m), 100.0 * max(beyond, 0.0))
