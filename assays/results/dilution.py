"""Samples at several dilutions, and samples with a spike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assays.results.range_status import RangeStatus
from plates.well import Well


@dataclass(frozen=True, slots=True)
class DilutionStep:
    """One dilution of a series."""

    dilution_factor: float
    wells: tuple[Well, ...]
    corrected: float
    """Times the dilution, in the series' unit; NaN outside the limits."""
    interval: tuple[float, float]
    percent_of_first: float
    """Of the least diluted one within the limits; NaN without a number."""
    percent_of_previous: float
    status: RangeStatus


@dataclass(frozen=True, slots=True)
class DilutionSeriesResult:
    """One sample over its dilutions, and whether it runs in parallel with the standard."""

    plate: str
    sample: str
    labels: Mapping[str, str]
    unit: str
    steps: tuple[DilutionStep, ...]
    """From the least diluted one on."""
    n_known: int
    """Dilutions with a number."""
    mean: float
    """Of the corrected concentrations."""
    cv_percent: float
    """Of the corrected concentrations; NaN for fewer than two."""
    slope: float
    """Of log corrected by log dilution: 0 in parallel with the standard, above 0 for a hook or a
    matrix that thins out. NaN for fewer than three."""
    slope_interval: tuple[float, float]
    linear: bool | None
    """Whether each dilution lies within `linear_percent` of the first; None for fewer than two."""
    linear_percent: float
    parallel: bool | None
    """Whether the corrected concentrations differ by a CV of at most `parallel_cv_percent`."""
    parallel_cv_percent: float
    source: str
    """Where both limits are written, and whether that was seen."""
    f_p_value: float = math.nan
    """Of the F-test that sample and standard share all but their place; NaN where the dilutions
    carry no curve of their own."""
    slope_ratio: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """B of the sample over that of the standard, with its 90 % interval."""
    equivalent: bool | None = None
    """Whether slope and range agree within 0.80 to 1.25; None where not tested."""


@dataclass(frozen=True, slots=True)
class SpikeResult:
    """A sample with a known amount added, beside itself without."""

    plate: str
    sample: str
    dilution_factor: float
    spike: float
    """Added, in the undiluted sample, in `unit`."""
    neat: float
    """NaN where it has no number."""
    spiked: float
    unit: str
    recovery_percent: float
    """100 x (spiked - neat) / spike; NaN where either has no number."""
    interval: tuple[float, float]
    """95 %; where the sample itself lies below the LLOQ, what is possible between 0 and that."""
    within: bool | None
    limit_percent: float
    source: str
    said: str
    """Why there is no number; empty when there is one."""
