"""What one tube holds of a readout: its events, or their ratio to the total protein.

The plan. A phospho-signal may be divided by the total of its protein, stained in the same tube:
as the median of each cell's ratio, or as the ratio of the two medians. A total that is not above
zero has no ratio: such a cell is left out and counted, and a tube where that is more than a few
cells, or whose median total is not above zero, gets a status instead of a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assays.flow.centre import asinh_median, median_standard_error
from assays.protocol import Readout

Values = NDArray[np.floating]

NO_TOTAL = "total not above zero"
"""Status of a tube whose signal cannot be divided by the total."""
MOST_WITHOUT_TOTAL = 0.05
"""Share of cells without a ratio above which the rest no longer stands for the population."""


@dataclass(frozen=True, eq=False)
class Signal:
    """One readout in the events of one tube, on the scale that is reported."""

    values: Values
    """shape (n,), without NaN; signal, or per-cell ratio. Of the signal alone for a ratio of
    medians."""
    count: int
    """Events in the population, with or without a number."""
    total_median: float = math.nan
    """Median of the total protein; NaN where the readout is not normalised."""
    total_error: float = math.nan
    of_medians: bool = False
    """Whether the number of a tube is a ratio of two medians: then no event has a ratio of its
    own, and nothing that compares distributions is told."""
    refused: str = ""
    """Why the tube has no number although it has events."""
    remark: str = ""

    def __len__(self) -> int:
        """Events with a number."""
        return len(self.values)

    @cached_property
    def median(self) -> float:
        """Median of the signal or of the cells' ratios, or the ratio of two medians."""
        if self.refused or not len(self.values):
            return math.nan
        middle = float(np.median(self.values))
        return middle / self.total_median if self.of_medians else middle

    @cached_property
    def error(self) -> float:
        """Standard error of that from the events of this tube alone; NaN when unknown."""
        if self.refused:
            return math.nan
        own = median_standard_error(self.values)
        if not self.of_medians:
            return own
        # Delta method; signal and total of a cell rise together, so this is on the wide side.
        middle = self.median
        return math.hypot(own, middle * self.total_error) / self.total_median

    def level(self, cofactor: float) -> float:
        """Median on the arcsinh scale."""
        if self.refused:
            return math.nan
        if self.of_medians:
            return math.asinh(self.median / cofactor)
        return asinh_median(self.values, cofactor)


def signal_of(readout: Readout, values: Values, total: Values | None = None) -> Signal:
    """A tube's events of a readout, normalised as the readout declares.

    Parameters
    ----------
    readout : Readout
    values : ndarray, shape (n,)
        The readout channel in the population, compensated, original units; NaN: no number.
    total : ndarray, shape (n,), optional
        The channel of the total protein, of the same events.
    """
    if total is None or not readout.total:
        return Signal(values[~np.isnan(values)].astype(np.float64), len(values))
    both = ~(np.isnan(values) | np.isnan(total))
    signal, whole = values[both].astype(np.float64), total[both].astype(np.float64)
    middle = float(np.median(whole)) if len(whole) else math.nan
    if readout.normalise == "ratio of medians":
        return Signal(
            signal,
            len(values),
            total_median=middle,
            total_error=median_standard_error(whole),
            of_medians=True,
            refused="" if middle > 0 or not len(whole) else NO_TOTAL,
            remark=_not_above(middle, readout) if middle <= 0 else "",
        )
    above = whole > 0
    lost = int(np.count_nonzero(~above))
    remark = ""
    if lost:
        remark = f"{lost:,} of {len(whole):,} cells have no {readout.total} above zero, no ratio"
    refused = len(whole) and not (middle > 0 and lost <= MOST_WITHOUT_TOTAL * len(whole))
    return Signal(
        signal[above] / whole[above],
        len(values),
        total_median=middle,
        refused=NO_TOTAL if refused else "",
        remark=remark,
    )


def _not_above(middle: float, readout: Readout) -> str:
    return f"no ratio: the median of {readout.total} is {middle:.3g}, not above zero"
