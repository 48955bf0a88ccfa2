"""What the stimulus did: positive controls, protection, courses over time, calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNKNOWN = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class PositiveControl:
    """Whether the cells of a donor answered a stimulus that they must answer."""

    donor: str
    readout: str
    stimulus: str
    """With dose."""
    value: float
    """Mean of the positive control's tubes, on the scale of inhibition."""
    unstimulated: float
    window: float
    """Positive control minus unstimulated."""
    window_interval: tuple[float, float]
    """At `level`."""
    n: int
    n_unstimulated: int
    status: str
    """``responds``, ``does not respond``, ``not testable``, ``control missing``, ``few events``,
    ``no events``, ``total not above zero``."""
    plate: str = ""
    time_min: float | None = None
    level: float = 0.95
    interval_kind: str = ""
    unit: str = ""
    """Of value, unstimulated and window."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Share of the spontaneous death that a stimulus prevents, in one donor."""

    donor: str
    readout: str
    stimulus: str
    """With dose."""
    vehicle: str
    percent: float
    """100 (dead without - dead with) / dead without, not clipped; NaN when undefined."""
    interval: tuple[float, float]
    """At `level`; NaN when undefined."""
    dead_without: float
    """Mean of the unstimulated tubes, percent of cells."""
    dead_with: float
    n_without: int
    n_with: int
    status: str
    """``ok``, ``not testable``, ``no death: protection undefined``, ``control missing``,
    ``few events``."""
    plate: str = ""
    time_min: float | None = None
    level: float = 0.95
    interval_kind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Kinetics:
    """The course of a readout over time in one donor and condition."""

    donor: str
    readout: str
    condition: str
    """Stimulus and inhibitors with doses, without the time."""
    vehicle: str
    plate: str
    unit: str
    """Of the response: ``a.u.``, ``ratio``, ``%``."""
    times_min: Floats
    """shape (n,), rising."""
    responses: Floats
    """shape (n,), mean of the tubes at each time."""
    baselines: Floats
    """shape (n,), mean of the unstimulated tubes that each time is held against."""
    tubes: tuple[int, ...]
    """At each time."""
    errors: Floats
    """shape (n,), standard error of response minus baseline; NaN when unknown."""
    peak: float
    """Largest response minus baseline (smallest, where the readout falls on activation)."""
    peak_interval: tuple[float, float]
    """At `level`, of the time that was found largest."""
    peak_time_min: float
    peak_times_min: tuple[float, float]
    """Earliest and latest time whose response cannot be told from the peak."""
    area: float
    """Area between response and baseline by trapezoids, response unit times minutes."""
    area_interval: tuple[float, float]
    status: str
    """``ok``, ``no activation``, ``not testable``."""
    level: float = 0.95
    interval_kind: str = ""

    @property
    def area_unit(self) -> str:
        """``a.u. · min``."""
        return f"{self.unit} · min"


@dataclass(frozen=True, slots=True)
class BeadPeak:
    """One peak of calibration beads."""

    assigned: float
    """Value of the maker."""
    median: float
    """Found, arbitrary units."""
    events: int
    fitted: float
    """What the line makes of the median; NaN for a peak that the line did not use."""
    used: bool
    note: str = ""

    @property
    def recovery_percent(self) -> float:
        """Fitted over assigned."""
        return 100.0 * self.fitted / self.assigned if self.assigned > 0 else math.nan


@dataclass(frozen=True, slots=True)
class Calibration:
    """From intensity to molecules on one channel."""

    channel: str
    unit: str
    """``MESF``, ``ABC`` or ``ERF``."""
    files: tuple[str, ...]
    lot: str
    fit: str
    """``log-log`` or ``linear``."""
    slope: float
    intercept: float
    """Of log10 molecules against log10 intensity, or of the numbers themselves."""
    r_squared: float
    """On the scale of the fit."""
    low: float
    high: float
    """Medians of the dimmest and brightest peak of the line: readings beyond are extrapolated."""
    peaks: tuple[BeadPeak, ...]
    status: str = "ok"
    """``ok``, or why there is no line."""

    def molecules(self, intensity: float) -> tuple[float, str]:
        """Molecules of an intensity, and where it lies: ``ok``, below or above the beads.

        NaN with a status where the beads gave no line, or the logarithm of an intensity at or
        below zero would be needed.
        """
        if self.status != "ok" or math.isnan(intensity):
            return math.nan, self.status if self.status != "ok" else "no reading"
        if self.fit == "log-log":
            if intensity <= 0:
                return math.nan, "below the beads"
            value = 10.0 ** (self.intercept + self.slope * math.log10(intensity))
        else:
            value = self.intercept + self.slope * intensity
        if intensity < self.low:
            return value, "below the beads"
        return value, "above the beads" if intensity > self.high else "ok"
