"""Events within the range of the detectors, on one or several channels.

An event brighter than a detector's range is recorded at the last value, which
then many events share; its true value is unknown. Those at the very top are left
out, and on scatter channels also those at or below zero, where no cell can be.
Only a value that more events share than one in ten thousand (and at least two)
counts as the top. The score is 1: there is nothing to doubt.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from assays.flow.axes import is_fluorescence
from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Box

NEAR_TOP = 0.99
"""Share of the declared range from which a shared highest value is the detector's last."""
ABOVE_ZERO = 1e-6
"""What lies above zero, in original units."""


def prepare(params: Params) -> partial[Found | NoGate]:
    """There is nothing to check beyond the channels."""
    return partial(find)


def find(pool: Pool) -> Found | NoGate:
    """Look at both ends of every channel."""
    low, high, reasons = [], [], []
    for name, values, top in zip(pool.channels, pool.values.T, pool.tops, strict=True):
        limit = _last_value(values, top)
        high.append(limit)
        if math.isfinite(limit):
            share = float((values >= limit).mean())
            reasons.append(f"{name}: {100 * share:.2f} % of events at the top, {limit:,.6g}")
        scatter = not is_fluorescence(name)
        under = float((values <= 0).mean()) if scatter and len(values) else 0.0
        low.append(ABOVE_ZERO if scatter else -math.inf)
        if under:
            reasons.append(f"{name}: {100 * under:.2f} % of events at or below zero")
    reasons = reasons or ["no event at either end"]
    return Found(Box(tuple(low), tuple(high)), 1.0, tuple(reasons))


def _last_value(values: np.ndarray[tuple[int], np.dtype[np.float64]], top: float) -> float:
    """The value where events pile up at the top; infinite when there is no pile."""
    if not len(values):
        return math.inf
    highest = float(values.max())
    if not math.isfinite(top) or highest < NEAR_TOP * top:
        return math.inf
    shared = int(np.count_nonzero(values == highest))
    return highest if shared >= max(2, 1e-4 * len(values)) else math.inf


GATE = GateMethod(
    name="boundary",
    summary="Events within the detectors' range: not at the very top, scatter above zero.",
    dimensions=(1, 32),
    params=dict(SHARED),
    search=Search("technical", "file", prepare, fallback="all", whole_file=True),
)
