"""Single cells: events near a robust line through pulse area and height, or of usual width.

Two cells in one drop have the height of one and the area of both, so they leave
the line that single cells follow. On two channels (area and height, or height
and width) a line is fitted that outliers cannot pull (Huber weights), with a
spread that may grow along it; on one channel (a pulse width) the main peak takes
the line's place. The gate ends `k` robust standard deviations from the line, or
in the density valley between single cells and the rest where there is one
further out than 3. Where doublets make a peak of their own in height over area, or
in width, the line is fitted without them. The score is how much sparser events are
at the cut than on the line, less where fewer than half of the events are inside, or
two peaks are.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import ALIKE, FEWEST, density_of, valleys_of
from assays.flow.gates.found import in_original_units
from assays.flow.gates.one_cell import single_cells, two_peaks
from assays.flow.gates.shapes import Box, Floats, Polygon

MOST = 20_000
"""Events that a line is fitted to, evenly spaced over the pool."""
HUBER = 1.345
"""Standard deviations beyond which an event weighs less (Huber 1964: 95 % efficiency)."""
NOISE = 2.0
"""Standard errors that make a valley here: wherever it ends the gate, few events are near."""
SMOOTHING = 0.8
DOUBLETS = 0.1
"""Share of the events beyond 2 SD that must lie beyond the valley."""
DOUBTFUL = 0.4
"""Score at most of a gate that holds two peaks (a choice)."""
REACH = 6.0
VALLEY = (3.0, 12.0)
"""Standard deviations from the line between which a valley may end the gate."""


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check `k` and `valley`."""
    return partial(
        find, k=params.between("k", 1.0, 20.0, 5.0), valley=params.flag("valley", default=True)
    )


def find(pool: Pool, *, k: float, valley: bool) -> Found | NoGate:
    """Fit the line and its spread; end the gate on either side of it."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few to see single cells; {FEWEST} is least")
    places = pool.placed()
    known = np.isfinite(places).all(axis=1)
    places, values = places[known], pool.values[known]
    if len(places) < FEWEST:
        return NoGate(f"{len(places):,} events have a place on the scale; {FEWEST} are the least")
    reach = places[:, 0]
    thin = np.arange(min(MOST, len(places))) * len(places) // min(MOST, len(places))
    places, values = places[thin], values[thin]
    x = places[:, 0] if places.shape[1] == 2 else np.zeros(len(places))
    y = places[:, -1]
    single = single_cells(pool.channels, values)
    fitted = np.ones(len(x), dtype=bool) if single is None else single
    line = robust_line(x[fitted], y[fitted])
    away = y - line[0] - line[1] * x
    spread = spread_line(x[fitted], away[fitted])
    if not spread[2] > ALIKE * float(abs(y).max()):
        alone = len(pool.channels) == 1
        how = "is the same in most events" if alone else "follow one another exactly"
        return NoGate(f"{' and '.join(pool.channels)} {how}")
    z = away / np.maximum(spread[0] + spread[1] * x, spread[2])
    ends, reasons = _ends(z, k, valley)
    inside = (z >= ends[0]) & (z <= ends[1])
    if single is not None:
        reach = x[single]
        inside &= (x >= reach.min()) & (x <= reach.max())
    share = float(inside.mean())
    if share < 0.5 and single is None:
        return NoGate(f"only {100 * share:.0f} % of events lie near the line")
    core = max(1, int(np.count_nonzero(abs(z) < 0.5)))
    edge = max(np.count_nonzero(abs(z - end) < 0.5) for end in ends)
    reasons += (f"{100 * share:.1f} % of events are inside",)
    if single is not None:
        reasons += (f"{100 - 100 * float(single.mean()):.1f} % have no say in the line: doublets",)
    if places.shape[1] == 1:
        low, high = (line[0] + end * spread[0] for end in ends)
        shape = in_original_units(Box((low,), (high,)), pool.scales)
    else:
        shape = in_original_units(
            _band(pool, reach, line, spread, ends, single is None), pool.scales
        )
    score = max(0.0, 1 - float(edge) / core) * min(1.0, share / 0.5)
    if two_peaks(z[inside]):
        score = min(score, DOUBTFUL)
        reasons += ("two peaks lie inside: it may hold doublets",)
    return Found(shape, score, reasons)


def _ends(z: Floats, k: float, valley: bool) -> tuple[tuple[float, float], tuple[str, ...]]:
    """Where the gate ends below and above the line, in standard deviations."""
    ends, reasons = [-k, k], []
    for side, turned in enumerate((-z, z)):
        # Beyond 2 SD few events remain: their own spread gives the kernel its width.
        tail = turned[(turned > 2) & (turned < 3 * VALLEY[1])]
        density = density_of(tail, SMOOTHING) if valley else None
        for low in valleys_of(density, NOISE, DOUBLETS) if density else ():
            if VALLEY[0] <= low.place <= VALLEY[1]:
                ends[side] = low.place if side else -low.place
                where = "above" if side else "below"
                reasons.append(f"a valley {low.place:.1f} SD {where} the line ends the gate there")
                break
    if not reasons:
        reasons.append(f"{k:g} robust SD on both sides of the line")
    return (ends[0], ends[1]), tuple(reasons)


def robust_line(x: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope that outliers cannot pull: Huber's weights, iterated.

    It starts from the line through the medians of the lower and the upper third. Events
    more than `REACH` robust standard deviations along the line have no say: Huber's
    weights bound how far off an event is, not how long its lever.
    """
    from_middle = abs(x - np.median(x))
    near = from_middle <= REACH * 1.4826 * np.median(from_middle)
    if np.count_nonzero(near) >= 8:
        x, y = x[near], y[near]
    first, second = np.quantile(x, (1 / 3, 2 / 3))
    low, high = x <= first, x >= second
    run = float(np.median(x[high]) - np.median(x[low]))
    if not run > 0:
        return float(np.median(y)), 0.0
    slope = float(np.median(y[high]) - np.median(y[low])) / run
    intercept = float(np.median(y - slope * x))
    for _ in range(50):
        away = y - intercept - slope * x
        size = 1.4826 * float(np.median(abs(away)))
        if not size > 0:
            break
        weight = np.minimum(1.0, HUBER * size / np.maximum(abs(away), 1e-300))
        mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
        before = slope
        lever = float(np.sum(weight * (x - mean_x) ** 2))
        if not lever > 0:
            break
        slope = float(np.sum(weight * (x - mean_x) * (y - mean_y)) / lever)
        intercept = float(mean_y - slope * mean_x)
        if abs(slope - before) <= 1e-10 * max(1.0, abs(slope)):
            break
    return intercept, slope


def spread_line(x: Floats, away: Floats) -> tuple[float, float, float]:
    """Robust standard deviation around the line as it grows along it.

    Returns
    -------
    tuple of float
        Intercept, slope, and the least spread anywhere, a third of the overall one.
    """
    overall = 1.4826 * float(np.median(abs(away)))
    cuts = np.quantile(x, np.linspace(0, 1, 9))
    least = overall / 3
    if not cuts[-1] > cuts[0]:
        return overall, 0.0, least
    bins = np.clip(np.searchsorted(cuts, x, side="right") - 1, 0, 7)
    pairs = [
        (np.median(x[bins == b]), 1.4826 * np.median(abs(away[bins == b])))
        for b in range(8)
        if np.count_nonzero(bins == b) >= 20
    ]
    if len(pairs) < 4:
        return overall, 0.0, least
    middle, sizes = np.array(pairs).T
    intercept, slope = robust_line(middle, sizes)
    # A spread that vanishes where events are was bent by doublets at the other end.
    ends = intercept + slope * np.quantile(x, (0.001, 0.999))
    if ends.min() < least:
        return overall, 0.0, least
    return intercept, slope, least


def _band(
    pool: Pool,
    x: Floats,
    line: tuple[float, float],
    spread: tuple[float, float, float],
    ends: tuple[float, float],
    whole: bool,
) -> Polygon:
    """Band around the line, over the events it was found in; over the channel for other tubes.

    Where doublets were told apart it ends with the single cells: cells of one size make no
    line, and doublets of the same height would lie in its continuation.
    """
    left, right = float(x.min()), float(x.max())
    if whole and len(pool.tubes) != 1:
        ends_of = [0.0, pool.tops[0]] if math.isfinite(pool.tops[0]) else [0.0]
        places = [float(pool.scales[0].forward(end)) for end in ends_of]
        left, right = min(left, *places), max(right, *places)
    margin = 0.05 * (right - left)
    left, right = left - margin, right + margin
    along = [left, right]
    if spread[1]:
        # The spread stops shrinking there: the edges bend.
        along.insert(1, min(max((spread[2] - spread[0]) / spread[1], left), right))
    edges = [
        [
            (place, line[0] + line[1] * place + end * max(spread[0] + spread[1] * place, spread[2]))
            for place in along
        ]
        for end in ends
    ]
    return Polygon(np.array(edges[0] + edges[1][::-1], dtype=np.float64))


GATE = GateMethod(
    name="singlets",
    summary="Single cells: near a robust line through area and height, or of usual width.",
    dimensions=(1, 2),
    params={
        "k": "robust standard deviations from the line to the edge, 1 to 20; 5 when left out",
        "valley": "whether a valley beyond 3 SD may end the gate; true when left out",
        **SHARED,
    },
    search=Search("technical", "file", prepare, fallback="all"),
)
