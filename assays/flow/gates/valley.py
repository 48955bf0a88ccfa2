"""Events on one side of a density valley: the low place between two peaks.

On one channel, or on two with a valley looked for on each. The density is
estimated on the channels' scales. With `low` and `high` the cut must lie within
this prior range, which settles which of several valleys is meant; without a
range the clearest one is taken and the others are told. On two channels each
cut is looked at once more among the events wanted on the other. A few events at the
detector's top, brighter than it can tell, are no peak of cells and have no say. The
score is the depth of the valley, ``1 - valley / lower peak``; when there is no valley
there is no gate.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST, SHARE, clearest_valley, density_of, valleys_of
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.peak import main_peak
from assays.flow.gates.shapes import Box, Floats

NEAR_TOP = 0.98
"""Share of a channel's range from which an event counts as beyond it; compensation moves some."""
FEW_BEYOND = 0.05
"""Share of the events up to which those at the top are left out; more are cells (a choice)."""
SIDES = (("+", "-"), ("++", "+-", "-+", "--"))


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check side, range and smoothing."""
    allowed = SIDES[params.channels - 1]
    side = params.text("side", allowed, "+" if params.channels == 1 else None)
    low, high = params.ends("low", -math.inf), params.ends("high", math.inf)
    for bottom, top in zip(low, high, strict=True):
        if not bottom < top:
            raise params.error(f"low must be below high; found {bottom:g} and {top:g}")
    smoothing = params.between("smoothing", 0.2, 5.0, 1.0)
    return partial(find, side=side, low=low, high=high, smoothing=smoothing)


def find(
    pool: Pool, *, side: str, low: tuple[float, ...], high: tuple[float, ...], smoothing: float
) -> Found | NoGate:
    """Look for one valley per channel."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few to see a valley; {FEWEST} are the least")
    places = pool.placed()
    cuts, score = np.empty(len(side)), 1.0
    reasons: list[str] = []
    for index, scale in enumerate(pool.scales):
        ends = (float(scale.forward(low[index])), float(scale.forward(high[index])))
        told_apart, beyond = _below_the_top(pool, places, index)
        seen = clearest_valley(told_apart, ends, smoothing)
        if isinstance(seen, str):
            return NoGate(f"{pool.channels[index]}: {seen}{beyond}")
        valley, others = seen
        cuts[index], score = valley.place, min(score, valley.depth)
        left, middle, right = (
            told(float(x)) for x in scale.inverse([valley.left, valley.place, valley.right])
        )
        reasons.append(
            f"{pool.channels[index]}: valley at {middle} between peaks at {left} and "
            f"{right}, {100 * valley.depth:.0f} % below the lower one{beyond}"
        )
        if others:
            places_of = ", ".join(f"{told(float(scale.inverse(other.place)))}" for other in others)
            reasons.append(f"other valleys at {places_of}: give low and high to choose one")
    if len(side) == 2:
        tops = [float(s.forward(x)) for s, x in zip(pool.scales, high, strict=True)]
        bottoms = [float(s.forward(x)) for s, x in zip(pool.scales, low, strict=True)]
        moved = np.clip(among_the_wanted(places, cuts, side), bottoms, tops)
        for index, scale in enumerate(pool.scales):
            if moved[index] != cuts[index]:
                there = float(scale.inverse(moved[index]))
                reasons.append(
                    f"{pool.channels[index]}: cut moved to {told(there)} among the events "
                    "wanted on the other channel"
                )
        cuts = moved
    plus = np.array([sign == "+" for sign in side])
    bottom, top = np.where(plus, cuts, -math.inf), np.where(plus, math.inf, cuts)
    shape = in_original_units(Box(tuple(bottom.tolist()), tuple(top.tolist())), pool.scales)
    return Found(shape, score, tuple(reasons))


def _below_the_top(pool: Pool, places: Floats, index: int) -> tuple[Floats, str]:
    """Places without the few events at the detector's top, and how many those are in words."""
    top = pool.tops[index]
    piled = pool.values[:, index] >= NEAR_TOP * top if top > 0 else np.zeros(len(pool), dtype=bool)
    share = float(piled.mean())
    if not 0 < share <= FEW_BEYOND:
        return places[:, index], ""
    words = f"; {100 * share:.1f} % of events at the detector's top are left out of the search"
    return places[~piled, index], words if share >= SHARE else ""


def among_the_wanted(places: Floats, cuts: Floats, side: str) -> Floats:
    """Cuts of two channels, each looked at again among the events wanted on the other.

    A valley of all events lies where the other cells begin, and may clip the tail of
    the wanted ones although the other channel parts them already. Among the events on
    the wanted side of the other channel the cut stands in their own valley; when they
    make one peak, it stands equally many robust standard deviations from that peak and
    from the peak of all events across the cut, unless that is nearer than the valley.
    """
    moved = cuts.copy()
    for index, sign in enumerate(side):
        other = 1 - index
        wanted = (places[:, other] >= cuts[other]) == (side[other] == "+")
        own = places[wanted, index]
        density = density_of(own)
        if density is None:
            continue
        valleys = valleys_of(density)
        if valleys:
            moved[index] = min((v.place for v in valleys), key=lambda v: abs(v - cuts[index]))
            continue
        # Turned so that the wanted cells lie on the left of the cut.
        turn = -1.0 if sign == "+" else 1.0
        cut = turn * cuts[index]
        across = turn * places[:, index]
        near, far = main_peak(turn * own), main_peak(-across[across > cut])
        if isinstance(near, str) or isinstance(far, str) or near.place >= cut:
            continue
        share = near.spread / (near.spread + far.spread)
        moved[index] = turn * max(cut, near.place + share * (-far.place - near.place))
    return moved


GATE = GateMethod(
    name="valley",
    summary="Events on one side of the density valley between two peaks.",
    dimensions=(1, 2),
    params={
        "side": "+ above or - below the valley (+ when left out); ++, +-, -+ or -- on two channels",
        "low": "smallest value at which the cut may lie; a list on two channels",
        "high": "largest value at which the cut may lie",
        "smoothing": "factor on the width of the density's kernel, 0.2 to 5; 1 when left out",
        **SHARED,
    },
    search=Search("lineage", "donor", prepare),
)
