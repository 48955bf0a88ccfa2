"""How steadily events came: counts over time, and where they leave the usual rate.

Counts in bins of 0.5 s, or 1 % of the run when that is longer, are held against
their median m by the deviance of a Poisson count, signed and rooted:
``d = +-sqrt(2 (count ln(count / m) - (count - m)))``, which is close to normal even
where bins hold few events and counting noise is skewed (McCullagh and Nelder,
Generalized Linear Models, 2nd ed., section 2.4). ``z = d / max(1, 1.4826 MAD)``, so
that a restless pump is no accident either.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BIN_S = 0.5
BIN_SHARE = 0.01
LIMIT = 4.5
"""|z| above which a bin is out: in 100 bins of steady events once in 1,000 files."""
FEWEST_BINS = 10
FEWEST_PER_BIN = 10.0
"""Fewer events per bin say nothing about the rate."""


@dataclass(frozen=True, slots=True, eq=False)
class FlowRate:
    """Events over time."""

    edges: Floats
    """shape (bins + 1,), in the Time channel's units, even."""
    counts: NDArray[np.int64]
    z: Floats
    """Per bin; see the module."""
    seconds_per_bin: float
    """NaN when the file does not say how long a tick is."""
    backwards: int
    """How often time runs backwards from one event to the next."""

    @property
    def out(self) -> NDArray[np.bool_]:
        """Bins whose rate is not the usual one."""
        return np.asarray(abs(self.z) > LIMIT)

    @property
    def share_out(self) -> float:
        """Share of the events in such bins."""
        return int(self.counts[self.out].sum()) / max(1, int(self.counts.sum()))

    def spans(self) -> tuple[tuple[float, float], ...]:
        """Neighbouring bins that are out, as spans of time in ticks."""
        found = []
        for is_out, group in itertools.groupby(range(len(self.counts)), key=self.out.__getitem__):
            bins = list(group)
            if is_out:
                # The last event lies on the last edge; it belongs to the last bin.
                end = self.edges[bins[-1] + 1]
                last = bins[-1] == len(self.counts) - 1
                found.append(
                    (float(self.edges[bins[0]]), float(np.nextafter(end, np.inf) if last else end))
                )
        return tuple(found)


def rate_of(time: NDArray[np.floating], time_step_s: float | None) -> FlowRate | str:
    """Rate of a file's events, or why nothing can be said.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Time channel in ticks, in order of recording.
    time_step_s : float or None
        Seconds per tick; None: bins are 1 % of the run.
    """
    time = np.asarray(time, dtype=np.float64)
    time = time[np.isfinite(time)]
    if len(time) < FEWEST_BINS * FEWEST_PER_BIN:
        return f"{len(time):,} events are too few to judge the rate"
    start, span = float(time.min()), float(time.max() - time.min())
    if not span > 0:
        return "the Time channel stands still"
    known = time_step_s is not None and time_step_s > 0
    width = BIN_SHARE * span
    if known:
        assert time_step_s is not None
        width = max(width, BIN_S / time_step_s)
    bins = round(span / width)
    if bins < FEWEST_BINS:
        return "the run is too short to judge the rate"
    edges = np.linspace(start, start + span, bins + 1)
    counts = np.histogram(time, edges)[0]
    middle = float(np.median(counts))
    if middle < FEWEST_PER_BIN:
        return f"{middle:.0f} events per bin are too few to judge the rate"
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, counts * np.log(counts / middle), 0.0)
    off = np.sign(counts - middle) * np.sqrt(np.maximum(2 * (logs - (counts - middle)), 0.0))
    spread = max(1.0, 1.4826 * float(np.median(abs(off))))
    seconds = span / bins * time_step_s if known and time_step_s else float("nan")
    backwards = int(np.count_nonzero(np.diff(time) < 0))
    return FlowRate(edges, counts, off / spread, seconds, backwards)
