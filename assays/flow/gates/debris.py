"""Cells without debris: events above the density valley of forward scatter.

Debris is small. The valley between it and the cells is looked for on the first
channel; a second channel is only drawn. When the cytometer's threshold left no
debris there is no valley, and by default every event is kept and that is told.
A lower peak of more than half the cells' scatter is taken for other cells, not
for debris, and so is one that holds more than 95 % of the events. The score is the
depth of the valley, less where more than half of the events lie below it: then the
cells may be what was taken for debris.
"""

from __future__ import annotations

import math
from functools import partial

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST, clearest_valley
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.shapes import Box

HALF = 0.5
"""Share of the cells' scatter that the debris peak may have at most; share of the events that
debris may be without doubt (a choice)."""

MOST = 0.95
"""Share of the events that may be debris (a choice)."""


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check the range."""
    low, high = params.number("low", -math.inf), params.number("high", math.inf)
    if not low < high:
        raise params.error(f"low must be below high; found {low:g} and {high:g}")
    return partial(find, low=low, high=high)


def find(pool: Pool, *, low: float, high: float) -> Found | NoGate:
    """Look for the valley below the cells."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few to see debris; {FEWEST} are the least")
    scale = pool.scales[0]
    ends = (float(scale.forward(low)), float(scale.forward(high)))
    seen = clearest_valley(pool.placed()[:, 0], ends)
    if isinstance(seen, str):
        return NoGate(f"{pool.channels[0]}: {seen}")
    valley, others = seen
    # Of several valleys the lowest parts debris from cells; the rest part cells from cells.
    valley = min([valley, *others], key=lambda one: one.place)
    small, large = (float(x) for x in scale.inverse([valley.left, valley.right]))
    if large <= 0:
        return NoGate(f"{pool.channels[0]}: the peak at {told(large)} lies below zero", grave=True)
    if small > HALF * large:
        return NoGate(
            f"{pool.channels[0]}: the lower peak, {told(small)}, is more than half of the next, "
            f"{told(large)}; two kinds of cells, not debris"
        )
    open_ends = len(pool.channels) - 1
    shape = Box((valley.place, *[-math.inf] * open_ends), (math.inf, *[math.inf] * open_ends))
    cut, peak = float(scale.inverse(valley.place)), float(scale.inverse(valley.left))
    below = float((pool.values[:, 0] < cut).mean())
    if below > MOST:
        return NoGate(
            f"{pool.channels[0]}: {100 * below:.1f} % of events lie below the valley at "
            f"{told(cut)}; they may be the cells",
            grave=True,
        )
    reasons = (
        f"valley at {told(cut)}, {100 * valley.depth:.0f} % below the lower peak; debris "
        f"peak at {told(peak)}, {100 * below:.1f} % of events lie below the cut",
    )
    score = valley.depth * min(1.0, (1 - below) / HALF)
    return Found(in_original_units(shape, pool.scales), score, reasons)


GATE = GateMethod(
    name="debris",
    summary="Cells: events above the density valley that parts them from debris.",
    dimensions=(1, 2),
    params={
        "low": "smallest value at which the cut may lie",
        "high": "largest value at which the cut may lie",
        **SHARED,
    },
    search=Search("lineage", "plate", prepare, fallback="all"),
)
