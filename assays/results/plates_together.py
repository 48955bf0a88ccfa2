"""What the plates of a run say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ControlPrecision:
    """One control over plates: how far its results lie apart, within a plate and in all."""

    sample: str
    nominal: float
    """Target in `unit`; NaN without one."""
    unit: str
    mean: float
    recovery_percent: float
    n_results: int
    """Wells, each a result."""
    n_plates: int
    intra_cv_percent: float
    """Within a plate (repeatability)."""
    intra_interval: Interval
    """95 %, as the next ones."""
    inter_cv_percent: float
    """Of one result on any plate: within and between together (intermediate precision)."""
    inter_interval: Interval
    between_cv_percent: float
    """The part between plates alone; 0 where nothing is left of it."""
    between_interval: Interval
    enough: bool
    """Whether there are plates enough for the spread between them to be known."""


@dataclass(frozen=True, slots=True)
class BridgePair:
    """One sample on two plates."""

    sample: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class BridgeResult:
    """Two plates held against one another by what was measured on both."""

    first: str
    """Plate that the other is held against."""
    second: str
    unit: str
    pairs: tuple[BridgePair, ...]
    ratio: float
    """Geometric mean of second / first; NaN with fewer than three pairs."""
    interval: Interval
    """95 %."""
    limits: Interval
    """Within which the plates count as alike."""
    alike: bool | None
    """Whether the interval lies within the limits; None with too few pairs."""
    mean_percent: float
    """Of 100 (second - first) / mean of both."""
    agreement_percent: Interval
    """Limits of agreement: mean ± 1.96 SD."""
    slope: float
    """Of the Deming line, second against first."""
    slope_interval: Interval
    intercept: float
    intercept_interval: Interval
    concordance: float
    """Lin's coefficient."""


@dataclass(frozen=True, slots=True)
class LevelOverPlates:
    """One standard concentration read back on several plates."""

    nominal: float
    n_plates: int
    n_results: int
    recovery_percent: float
    cv_percent: float
    """Of a single well on any plate."""
    within_cv_percent: float
    between_cv_percent: float
    total_error_percent: float
    """|recovery - 100| + CV."""
    inside: bool
    inside_as_end: bool
    why: str
    """What fails; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class RangeOverPlates:
    """Limits of quantitation that the plates of a run support together."""

    unit: str
    lloq: float
    """NaN where no two levels make a range."""
    uloq: float
    n_plates: int
    enough: bool
    """Whether there are as many plates as the source asks of a validation."""
    source: str
    levels: tuple[LevelOverPlates, ...]


@dataclass(frozen=True, slots=True)
class SharedFit:
    """Curves of all plates with some parameters in common, beside curves of their own."""

    plates: tuple[str, ...]
    shared: Mapping[str, float]
    f_ratio: float
    df: tuple[float, float]
    p_value: float
    """A small p: the plates do not share these parameters."""
    apart: bool
