"""Living cells: events without the bright tail of a viability dye.

Dead cells take the dye up. Where they make a peak of their own the cut stands in
the valley below it, whichever peak is larger; otherwise beside the peak of the
living, `k` robust standard deviations of its dim flank away. The score is the
depth of the valley, or how even the peak is, less where fewer than a tenth are living.
Do not use it in a viability panel, whose question it would answer beforehand.
"""

from __future__ import annotations

import math
from functools import partial

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST, clearest_valley
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.peak import beyond, main_peak, out_of_range

MOST = 0.5
"""Share of dead cells up to which they may be a tail without a valley (a choice)."""

FEW = 0.1
"""Share of living cells below which the cut is in doubt (a choice)."""


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check the range and `k`."""
    low, high = params.number("low", -math.inf), params.number("high", math.inf)
    if not low < high:
        raise params.error(f"low must be below high; found {low:g} and {high:g}")
    return partial(find, low=low, high=high, k=params.between("k", 0.5, 20.0, 4.0))


def find(pool: Pool, *, low: float, high: float, k: float) -> Found | NoGate:
    """Cut between the living and the dead."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few to tell the dead; {FEWEST} are the least")
    scale, places = pool.scales[0], pool.placed()[:, 0]
    ends = (float(scale.forward(low)), float(scale.forward(high)))
    seen = clearest_valley(places, ends)
    if not isinstance(seen, str):
        place, score = seen[0].place, seen[0].depth
        living = float(scale.inverse(seen[0].left))
        how = f"valley between the living at {told(living)} and the dead"
    else:
        peak = main_peak(places)
        if isinstance(peak, str):
            why = seen if seen == peak else f"{seen}; {peak}"
            return NoGate(f"{pool.channels[0]}: {why}")
        place, score = peak.place + k * peak.spread, peak.evenness
        how = f"no peak of dead cells; {k:g} robust SD above the living"
        if not ends[0] <= place <= ends[1]:
            return NoGate(f"{pool.channels[0]}: {seen}, and the tail lies outside the range")
        share = float((places > place).mean())
        if share > MOST:
            return NoGate(
                f"{pool.channels[0]}: {seen}, and {100 * share:.0f} % of events lie beyond the tail"
            )
    cut = float(scale.inverse(place))
    if over := out_of_range(cut, pool.tops[0]):
        return NoGate(f"{pool.channels[0]}: {over}")
    kept = float((pool.values[:, 0] < cut).mean())
    score *= min(1.0, kept / FEW)
    reasons = (f"{how}: cut at {told(cut)}, {100 * kept:.1f} % of events are below it",)
    return Found(in_original_units(beyond(place, "-"), pool.scales), score, reasons)


GATE = GateMethod(
    name="live",
    summary="Living cells: events below the bright peak or tail of a viability dye.",
    dimensions=(1, 1),
    params={
        "low": "smallest value at which the cut may lie",
        "high": "largest value at which the cut may lie",
        "k": "robust standard deviations above the living when the dead make no peak; 4",
        **SHARED,
    },
    search=Search("lineage", "plate", prepare),
)
