"""What single-stained controls gave: a matrix or spectra, and how well they are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.results.axis import Axis

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StainRow:
    """One single-stained control."""

    file: str
    channel: str
    """Detector that the stain is meant for ($PnN); of a spectral control the one it peaks in."""
    stain: str
    """As the sample sheet names it."""
    material: str
    """``beads``, ``cells``, or empty when the sheet does not say."""
    negative: str
    """What the stained events are held against, in words."""
    events: int
    """In the file."""
    positive: int
    """Stained events used."""
    negatives: int
    """Unstained events used."""
    brightness: float
    """Median of the stained events in their own detector, arbitrary units, as recorded."""
    background: float
    """Median of the unstained events there."""
    separation: float
    """Distance of the two medians in robust standard deviations of the unstained events."""
    off_scale_percent: float
    """Stained events beyond the range of a detector; they are left out."""
    top: float
    """99th percentile of the stained events in their own detector, less the background."""
    needed: float = math.nan
    """99th percentile of the brightest tube of the run there, compensated; NaN when unknown."""
    used: bool = True
    """False for a second control of a detector that a brighter one stands for."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """One coefficient of the matrix."""

    source: str
    """Detector of the stain that spills."""
    target: str
    """Detector that it spills into."""
    coefficient: float
    """Share of the source's signal."""
    standard_error: float
    residual: float
    """Slope that is left after compensation, by the method that did not make the matrix."""
    residual_low: float
    """95 % interval of it, with the uncertainty of the coefficient."""
    residual_high: float
    status: str
    """``ok``, ``residual``, ``below zero``."""


@dataclass(frozen=True, slots=True, eq=False)
class PairPicture:
    """One control before and after compensation, in two detectors."""

    file: str
    source: str
    target: str
    x: Axis
    y: Axis
    before: NDArray[np.int64]
    """Events, shape (x bins, y bins)."""
    after: NDArray[np.int64]
    levels_before: tuple[float, float]
    """Medians of unstained and stained events in the target, on its scale."""
    levels_after: tuple[float, float]
    coefficient: float
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Signatures of the components that raw spectral events are unmixed into."""

    components: tuple[str, ...]
    """Fluorochromes as the sample sheet names them, then autofluorescence."""
    detectors: tuple[str, ...]
    signatures: Floats
    """shape (components, detectors), each with its peak at 1."""
    similarity: Floats
    """shape (components, components), cosine of each two signatures, 0 to 1."""
    complexity: float
    """Condition number of the similarity matrix."""
    residual_percent: tuple[tuple[str, float], ...]
    """By file: what the signatures do not explain, percent of the signal (root of squares)."""


@dataclass(frozen=True, slots=True, eq=False)
class ControlRecord:
    """How compensation or unmixing was worked out from controls."""

    method: str
    """In words."""
    stains: tuple[StainRow, ...]
    pairs: tuple[PairRow, ...] = ()
    """The worst first."""
    pictures: tuple[PairPicture, ...] = ()
    """The worst pairs, first."""
    condition: float = math.nan
    """Condition number of the matrix; NaN for unmixing."""
    spectra: Spectra | None = None
