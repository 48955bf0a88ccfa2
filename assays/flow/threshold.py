"""Where a readout's positive events begin, and on which side of it they lie.

The plan. Percent positive asks how many cells have answered. A readout that rises on activation
answers above the 99th percentile of its unstimulated events. One that falls (total IκBα) answers
below the 1st: above the 99th there is one event in a hundred whether it answers or not. An FMO or
isotype tube asks something else, namely which cells carry the stain at all, and that lies above
the 99th percentile whichever way the readout goes. An expression is such a question, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assays.flow.centre import Values, integrated_mfi
from assays.protocol import Readout

QUANTILE = 0.99
"""Of a control's events: what lies strictly above it is called positive."""
QUANTILE_BELOW = 0.01
"""The same for a readout that falls: strictly below. Not 1 - 0.99, which is a hair above 0.01
and would make an event that lies on the threshold positive."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of percent positive in one tube."""

    value: float = math.nan
    """In the unit of the events; NaN without a control."""
    below: bool = False
    """Whether positive events lie below it."""

    @property
    def side(self) -> str:
        """``above`` or ``below``; empty without a threshold."""
        if math.isnan(self.value):
            return ""
        return "below" if self.below else "above"

    def percent(self, values: Values) -> float:
        """Percent of events strictly beyond the threshold, on its side; NaN without either.

        Parameters
        ----------
        values : ndarray, shape (n,)
            Without NaN.
        """
        if math.isnan(self.value) or not len(values):
            return math.nan
        beyond = values < self.value if self.below else values > self.value
        return 100.0 * int(np.count_nonzero(beyond)) / len(values)

    def integrated(self, values: Values) -> float:
        """Percent positive times the median of the positive events.

        NaN below a threshold: there cells get dimmer as more of them answer, and the product of
        the two would say neither.
        """
        if math.isnan(self.value) or not len(values) or self.below:
            return math.nan
        return integrated_mfi(values, self.value)


def falls(readout: Readout) -> bool:
    """Whether a readout's cells are held against unstimulated ones and get dimmer on activation."""
    return readout.kind == "signal" and readout.activation == "down"


def threshold_of(readout: Readout, controls: Sequence[Values]) -> Threshold:
    """The threshold that control tubes give a readout.

    Parameters
    ----------
    readout : Readout
        Names the tubes that give it, and where activation moves it.
    controls : sequence of ndarray, each shape (n,)
        Events of these tubes, without NaN; pooled.

    Returns
    -------
    Threshold
        99th percentile (linear interpolation) with the positive events above; of a readout that
        falls, against unstimulated tubes, the 1st with the positive events below.
    """
    below = falls(readout) and readout.threshold_from == "unstimulated"
    if not controls:
        return Threshold(below=below)
    pooled = np.concatenate(controls)
    if not len(pooled):
        return Threshold(below=below)
    share = QUANTILE_BELOW if below else QUANTILE
    return Threshold(float(np.quantile(pooled, share)), below)
