"""Events in the tail of one main peak, or without the tail.

Where only one peak exists, its inner flank, which no other cells reach, tells
how wide noise alone is: the cut stands `k` robust standard deviations from the
peak on the side of the tail. The score is how alike the two flanks are at half
height; with a peak that is lopsided there the width says nothing, and below 0.4
there is no gate. Nor is there one when most events up to the next valley lie beyond the
cut: they are no tail, and the peak is not the main one.
"""

from __future__ import annotations

import math
from functools import partial

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.peak import beyond, main_peak, out_of_range

MOST = 0.5
"""Share of the events up to the next valley that a tail may hold (a choice)."""


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check side, tail and `k`."""
    return partial(
        find,
        side=params.text("side", ("+", "-"), "+"),
        tail=params.text("tail", ("right", "left"), "right"),
        k=params.between("k", 0.5, 20.0, 3.0),
    )


def find(pool: Pool, *, side: str, tail: str, k: float) -> Found | NoGate:
    """Cut beside the main peak."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few to see a tail; {FEWEST} are the least")
    turn = 1.0 if tail == "right" else -1.0
    places = turn * pool.placed()[:, 0]
    peak = main_peak(places)
    if isinstance(peak, str):
        return NoGate(f"{pool.channels[0]}: {peak}")
    place = turn * (peak.place + k * peak.spread)
    own = places[places < (math.inf if peak.valley is None else peak.valley)]
    share = float((own > turn * place).mean())
    if share > MOST:
        return NoGate(
            f"{pool.channels[0]}: {100 * share:.0f} % of the events around the peak lie beyond "
            "the cut; they are no tail"
        )
    middle, cut = (float(x) for x in pool.scales[0].inverse([turn * peak.place, place]))
    if over := out_of_range(cut, pool.tops[0]):
        return NoGate(f"{pool.channels[0]}: {over}")
    reasons = [f"peak at {told(middle)}, cut {k:g} robust SD beside it at {told(cut)}"]
    if peak.valley is not None:
        other = float(pool.scales[0].inverse(turn * peak.valley))
        reasons.append(f"there is a valley at {told(other)}: method valley suits better")
    return Found(in_original_units(beyond(place, side), pool.scales), peak.evenness, tuple(reasons))


GATE = GateMethod(
    name="tail",
    summary="Events in the tail of one main peak, or, with side -, without it.",
    dimensions=(1, 1),
    params={
        "side": "+ above or - below the cut; + when left out",
        "tail": "right or left: on which side of the peak the cut stands; right when left out",
        "k": "robust standard deviations from the peak to the cut, 0.5 to 20; 3 when left out",
        **SHARED,
    },
    search=Search("lineage", "donor", prepare),
)
