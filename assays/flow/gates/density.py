"""How densely events lie along a channel, and where the valleys between peaks are.

The density is a Gaussian kernel estimate on an even grid. A valley counts when
the lower of its two peaks stands out from it by more than counting noise, is
deeper than a share of that peak, and holds enough events; a shallower one is a
ripple and is filled.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from assays.flow.gates.shapes import Floats

GRID = 512
NOISE = 2.5
"""Standard errors by which a valley must lie below its lower peak: none was seen in 5,000
simulated samples of one peak, of 150 to 20,000 events."""
DEPTH = 0.2
"""Share of the lower peak by which a valley must lie below it (a choice)."""
SHARE = 0.01
"""Share of the events that a peak must hold (a choice)."""
FEWEST = 100
"""Fewer events show no shape."""
ALIKE = 1e-9
"""Spread, as a share of the largest value, below which events differ by rounding alone."""
MOST_TRIED = 10_000
"""Events whose numbers are counted."""
FEWEST_VALUES = 10
"""Fewer different numbers are steps of the digitiser, and every step would be a peak."""
PILE = 0.2
"""Share of the events at one number from which it is a pile (zeros of a mass cytometer, the end
of a range), not a step of the digitiser."""
STEP = 0.6
"""Least width of the kernel in steps: it leaves ripples of 0.2 % (2 exp(-2 pi^2 0.36))."""
UNSEEN = "all events are alike, or of a few different values"
"""Why there is no density."""


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A smoothed histogram."""

    places: Floats
    """shape (512,), even."""
    heights: Floats
    """shape (512,), per unit of the axis; the area is about 1."""
    width: float
    """Standard deviation of the kernel."""
    n: int


@dataclass(frozen=True, slots=True)
class Valley:
    """A low place between two peaks."""

    place: float
    depth: float
    """1 less valley over lower peak: 1 when no event lies between."""
    noise: float
    """Height of the lower peak above the valley, in standard errors."""
    left: float
    """Where the peak on the left is."""
    right: float


def density_of(values: Floats, smoothing: float = 1.0) -> Density | None:
    """Kernel density of finite values; None for too few or when all are alike.

    The kernel's width is Silverman's ``0.9 min(sd, IQR / 1.349) n^(-1/5)`` (1986,
    eq. 3.31) times `smoothing`, and not below `STEP` steps between neighbouring numbers:
    whole numbers are no comb of peaks. One event in a thousand at
    either end is left out, or as many more as lie very far away.
    """
    values = values[np.isfinite(values)]
    if len(values) < FEWEST or len(np.unique(values[:MOST_TRIED])) < FEWEST_VALUES:
        return None
    low, first, third, high = np.quantile(values, (0.001, 0.25, 0.75, 0.999))
    inner = values[(values >= low) & (values <= high)]
    spread = float(np.std(inner))
    if third > first:
        spread = min(spread, float(third - first) / 1.349)
    if not spread > ALIKE * max(abs(low), abs(high)) or not math.isfinite(spread):
        return None
    width = max(0.9 * spread * len(inner) ** -0.2 * smoothing, STEP * _step_between(inner))
    for share in (0.001, 0.01, 0.05):
        # A few events very far away must not leave the grid too coarse for the rest.
        low, high = np.quantile(values, (share, 1 - share))
        start, stop = low - 4 * width, high + 4 * width
        step = (stop - start) / (GRID - 1)
        if step <= width:
            break
    else:
        return None
    inner = inner[(inner >= low) & (inner <= high)]
    # Each event is shared between its two neighbours on the grid.
    at = (inner - start) / step
    below = np.floor(at).astype(np.intp)
    share = at - below
    counts = np.bincount(below, 1 - share, GRID + 1)[:GRID]
    counts += np.bincount(below + 1, share, GRID + 1)[:GRID]
    reach = math.ceil(4 * width / step)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    heights = np.convolve(counts, kernel / kernel.sum(), mode="full")[reach:-reach]
    return Density(np.linspace(start, stop, GRID), heights / (len(inner) * step), width, len(inner))


def _step_between(values: Floats) -> float:
    """Distance to the nearest other number, of the middle event that lies in no pile."""
    numbers, counts = np.unique(values, return_counts=True)
    if len(numbers) > 0.5 * len(values):
        return 0.0
    apart = np.diff(numbers)
    nearest = np.minimum(np.append(apart, math.inf), np.insert(apart, 0, math.inf))
    counts = np.where(counts > PILE * len(values), 0, counts)
    order = np.argsort(nearest)
    along = np.cumsum(counts[order])
    return float(nearest[order][np.searchsorted(along, along[-1] / 2)]) if along[-1] else 0.0


def peaks_of(density: Density, noise: float = NOISE, share: float = SHARE) -> list[int]:
    """Grid indices of peaks that are parted by true valleys, from left to right."""
    heights = density.heights
    rises = np.diff(np.concatenate([[0.0], heights])) > 0
    falls = np.diff(np.concatenate([heights, [0.0]])) <= 0
    peaks: list[int] = np.flatnonzero(rises & falls).tolist()
    while len(peaks) > 1:
        between = [_low(heights, a, b) for a, b in itertools.pairwise(peaks)]
        standing = [
            _standing(density, peaks[i], peaks[i + 1], low) for i, low in enumerate(between)
        ]
        weakest = int(np.argmin([min(d / DEPTH, z / noise) for d, z in standing]))
        if min(standing[weakest][0] / DEPTH, standing[weakest][1] / noise) < 1:
            left, right = peaks[weakest], peaks[weakest + 1]
            peaks.remove(left if heights[left] < heights[right] else right)
            continue
        # Ripples are filled first, so that a small peak is not lost in its own pieces.
        mass = np.add.reduceat(heights, [0, *between]) / heights.sum()
        if mass.min() >= share:
            break
        peaks.pop(int(mass.argmin()))
    return peaks


def valleys_of(density: Density, noise: float = NOISE, share: float = SHARE) -> tuple[Valley, ...]:
    """Valleys between the peaks, from left to right.

    Parameters
    ----------
    density : Density
    noise : float
        Standard errors by which a valley must lie below its lower peak.
    share : float
        Share of the events that a peak must hold.
    """
    peaks = peaks_of(density, noise, share)
    found = []
    for left, right in itertools.pairwise(peaks):
        low = _low(density.heights, left, right)
        depth, standing = _standing(density, left, right, low)
        place = _floor_middle(density, left, right, low)
        ends = (float(density.places[left]), float(density.places[right]))
        found.append(Valley(place, depth, standing, *ends))
    return tuple(found)


def clearest_valley(
    places: Floats, ends: tuple[float, float], smoothing: float = 1.0
) -> tuple[Valley, list[Valley]] | str:
    """The clearest valley within the range and the others there, or why there is none."""
    density = density_of(places, smoothing)
    if density is None:
        return UNSEEN
    valleys = valleys_of(density)
    if not valleys:
        return "there is one peak and no valley"
    inside = [valley for valley in valleys if ends[0] <= valley.place <= ends[1]]
    if not inside:
        return "no valley lies within the prior range"
    best = int(np.argmax([valley.noise for valley in inside]))
    return inside[best], inside[:best] + inside[best + 1 :]


def _low(heights: Floats, left: int, right: int) -> int:
    return int(left + np.argmin(heights[left : right + 1]))


def _standing(density: Density, left: int, right: int, low: int) -> tuple[float, float]:
    """Depth as a share, and in standard errors of the kernel estimate."""
    heights = density.heights
    peak, valley = float(min(heights[left], heights[right])), float(heights[low])
    if not peak > 0:
        return 0.0, 0.0
    # Var f(x) = f(x) / (2 sqrt(pi) n h) for a Gaussian kernel (Silverman 1986, eq. 3.9).
    variance = (peak + valley) / (2 * math.sqrt(math.pi) * density.n * density.width)
    return 1 - valley / peak, (peak - valley) / math.sqrt(variance)


def _floor_middle(density: Density, left: int, right: int, low: int) -> float:
    """Middle of the valley's floor: a wide floor has no steady lowest point."""
    heights = density.heights
    peak = min(heights[left], heights[right])
    floor = heights[low] + 0.05 * (peak - heights[low])
    first, last = low, low
    while first > left and heights[first - 1] <= floor:
        first -= 1
    while last < right and heights[last + 1] <= floor:
        last += 1
    return float(density.places[first] + density.places[last]) / 2
