"""Tubes that nobody measured: how the example runs draw cells and what a cytometer makes of them.

Each example says which cells are in a tube and how bright they are. Here is what all of them
share: scatter, the spread from cell to cell, cells that stick together, debris, spillover,
counting of photoelectrons, electronic noise, and the FCS file. Every number is drawn from
a generator seeded by a name, so that the same bytes come out every time.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assays.flow import fcs
from assays.flow.events import Channel, Events, Spillover
from assays.workflow.messages import Progress

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

RANGE = 262_144.0
"""Of every detector."""
THRESHOLD = 8_000.0
"""FSC-A below which the cytometer records nothing."""
SCATTER = ("FSC-A", "FSC-H", "SSC-A")
SHARED, OWN = 0.35, 0.94
"""Parts of a cell's log brightness that its size and chance decide: a larger cell carries more."""


class Detector(NamedTuple):
    """One fluorescence detector and the dye that it is for."""

    name: str
    marker: str
    noise: float
    """SD of its electronic noise, arbitrary units."""
    per_electron: float
    """Arbitrary units per photoelectron."""


# Kind of cell: FSC-A, its CV, SSC-A, its CV, then CD3, CD5, CD19 and Viability as medians.
BLOOD = {
    "CLL": (74_000, 0.085, 21_000, 0.20, 70, 2100, 5200, 130),
    "B": (79_000, 0.090, 23_000, 0.20, 70, 90, 8800, 130),
    "T": (82_000, 0.085, 24_000, 0.20, 9200, 13_000, 75, 130),
    "myeloid": (128_000, 0.110, 78_000, 0.22, 110, 120, 110, 190),
    "dead": (60_000, 0.140, 38_000, 0.28, 160, 1700, 3000, 15_000),
    "debris": (17_000, 0.340, 9_000, 0.40, 60, 80, 90, 420),
}
SURFACE = {"CD3": 4, "CD5": 5, "CD19": 6, "Viability": 7}
"""Column of each marker in `BLOOD`."""
SURFACE_SPREAD = {"CD3": 0.30, "CD5": 0.38, "CD19": 0.34, "Viability": 0.38}
"""SD of the natural logarithm from cell to cell."""
DOUBLETS, DEAD, DEBRIS = 0.045, 0.07, 0.11
"""Shares of all events."""


def blood_kinds(cll: float, n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Kind of each of `n` events of a donor whose living cells are leukaemic by the share `cll`."""
    living, rest = 1.0 - DEAD - DEBRIS, 1.0 - cll
    share = {
        "CLL": living * cll,
        "B": living * rest * 0.10,
        "T": living * rest * 0.72,
        "myeloid": living * rest * 0.18,
        "dead": DEAD,
        "debris": DEBRIS,
    }
    return rng.choice(np.array(list(share)), size=n, p=list(share.values()))


def seeded(example: str, name: str) -> np.random.Generator:
    """Random numbers that depend on nothing but the names."""
    digest = hashlib.sha256(f"{example}, {name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def shapes(forms: Floats, debris: Mask, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Size and scatter of cells.

    Parameters
    ----------
    forms : ndarray, shape (n, 4)
        FSC-A, its CV, SSC-A and its CV for each event.
    debris : ndarray, shape (n,)
        Events that have no typical size: they thin out from the trigger threshold upwards.

    Returns
    -------
    tuple of ndarray
        Size in standard deviations of its logarithm, shape (n,), and FSC-A, FSC-H and SSC-A,
        shape (n, 3).
    """
    n = len(forms)
    size = rng.standard_normal(n)
    fsc = forms[:, 0] * np.exp(forms[:, 1] * size)
    ssc = forms[:, 2] * np.exp(forms[:, 3] * (0.4 * size + 0.92 * rng.standard_normal(n)))
    fsc[debris] = THRESHOLD + rng.exponential(6_000.0, int(debris.sum()))
    height = 0.78 * fsc * (1.0 + 0.028 * rng.standard_normal(n))
    return size, np.column_stack([fsc, height, ssc])


def brightness(median: Floats, spread: Floats, size: Floats, rng: np.random.Generator) -> Floats:
    """One dye on every cell: lognormal around the median, `spread` the SD of the logarithm."""
    chance = rng.standard_normal(len(size))
    return np.asarray(median * np.exp(spread * (SHARED * size + OWN * chance)))


def stick(scatter: Floats, colours: Floats, share: float, rng: np.random.Generator) -> Mask:
    """Turn a share of the cells into doublets with a neighbour, in place; says which.

    Areas and colours add up, height hardly.
    """
    n = len(scatter)
    first = rng.random(n) < share
    partner = rng.integers(0, n, size=n)
    heights = np.maximum(scatter[:, 1], scatter[partner, 1]) * (1.0 + 0.12 * rng.random(n))
    scatter[first] = (scatter + scatter[partner])[first]
    scatter[first, 1] = heights[first]
    colours[first] = (colours + colours[partner])[first]
    return first


@dataclass(frozen=True, slots=True, eq=False)
class Cytometer:
    """Detectors and the spillover between them."""

    detectors: tuple[Detector, ...]
    spillover: Floats
    """Row: fluorochrome, column: detector, as in ``$SPILLOVER``."""
    tells: bool = True
    """Whether its files carry the matrix."""

    @property
    def markers(self) -> list[str]:
        """What each detector is for."""
        return [detector.marker for detector in self.detectors]

    def detect(self, colours: Floats, rng: np.random.Generator) -> Floats:
        """What the detectors see of the dyes, shape (n, detectors)."""
        seen = colours @ self.spillover
        noise = np.array([detector.noise for detector in self.detectors])
        per_electron = np.array([detector.per_electron for detector in self.detectors])
        variance = noise**2 + per_electron * seen
        return np.asarray(seen + np.sqrt(variance) * rng.standard_normal(seen.shape))

    def record(
        self,
        file: str,
        source: str,
        scatter: Floats,
        colours: Floats,
        seconds: float,
        rng: np.random.Generator,
    ) -> Events:
        """The events as they are written: in order of time, on the range of the detectors.

        Parameters
        ----------
        file, source : str
            ``$FIL`` and ``$SRC``.
        scatter : ndarray, shape (n, 3)
        colours : ndarray, shape (n, detectors)
            Dyes on the cells, not yet detected.
        seconds : float
            How long the tube was recorded.
        """
        ticks = np.sort(rng.random(len(scatter))) * 100.0 * seconds
        values = np.column_stack([scatter, self.detect(colours, rng), np.floor(ticks)])
        values[:, :-1] = np.minimum(values[:, :-1], RANGE - 1.0)
        dyes = [(detector.name, detector.marker) for detector in self.detectors]
        named = [*((name, None) for name in SCATTER), *dyes, ("Time", None)]
        channels = tuple(Channel(n, marker, RANGE, time=n == "Time") for n, marker in named)
        own = Spillover(tuple(name for name, _ in dyes), self.spillover, "$SPILLOVER")
        return Events(
            # Seven digits are all that a float keeps, and all that an exponential is sure of.
            values=values.astype(np.float32),
            channels=channels,
            spillover=own if self.tells else None,
            time_step_s=0.01,
            keywords={"$CYT": "simulated cytometer", "$FIL": file, "$SRC": source},
            name=file,
        )


def peak_and_area(points: Sequence[tuple[float, float]]) -> dict[str, float]:
    """What a true course comes to: its peak, when, and the area by trapezoids.

    Parameters
    ----------
    points : sequence of (minutes, answer less baseline)
        From time 0 on.
    """
    when, peak = max(points, key=lambda point: abs(point[1]))
    steps = itertools.pairwise(points)
    area = math.fsum((t1 - t0) * (y0 + y1) / 2.0 for (t0, y0), (t1, y1) in steps)
    return {
        "peak": float(f"{peak:.6g}"),
        "peak_time_min": when,
        "area": float(f"{area:.6g}"),
    }


def write_tubes(
    folder: Path, tubes: Iterable[tuple[str, Callable[[], Events]]], progress: Progress | None
) -> None:
    """Write FCS files into ``folder/fcs``; files that are there already stay."""
    place = Path(folder) / "fcs"
    place.mkdir(parents=True, exist_ok=True)
    work = list(tubes)
    for done, (file, make) in enumerate(work, 1):
        path = place / file
        if not path.exists():
            # Whole or not at all: an interrupted run leaves nothing that looks like a tube.
            half = path.with_suffix(".part")
            fcs.write(half, make())
            half.replace(path)
        if progress is not None:
            progress(done, len(work), file)
