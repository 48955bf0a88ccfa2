"""How an inhibitor moves the dose response of a stimulus: EC50s, dose ratios, Schild slope."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]
UNKNOWN: Interval = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Moved:
    """The dose response of the stimulus at one dose of the inhibitor."""

    dose: float
    """Of the inhibitor."""
    ec50: float
    """Of the stimulus; NaN unless `status` is ``ok``."""
    ec50_interval: Interval
    ratio: float
    """Dose ratio: EC50 over that without inhibitor; NaN unless both are known."""
    ratio_interval: Interval
    """At the level asked for; open ends are 0 and infinite."""
    status: str
    """``ok``, ``> highest dose``, ``< lowest dose`` (of the EC50), ``too few doses``."""


@dataclass(frozen=True, slots=True)
class Schild:
    """How the dose ratio rises with the dose of the inhibitor."""

    slope: float = math.nan
    """1 for one antagonist on one site; NaN with fewer than two doses of it."""
    slope_interval: Interval = UNKNOWN
    slope_p: float = math.nan
    """That the slope is 1, by the extra sum of squares."""
    pa2: float = math.nan
    """-log10 of the dose that doubles the EC50."""
    pa2_interval: Interval = UNKNOWN
    pkb: float = math.nan
    """The same with a slope of 1: -log10 of the dissociation constant. NaN where `slope_p` refuses
    that; with one dose of inhibitor it is taken for granted."""
    pkb_interval: Interval = UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class DoseShift:
    """Dose responses of a stimulus in one donor, without and with an inhibitor."""

    donor: str
    readout: str
    stimulus: str
    """Name, without a dose."""
    unit: str
    """Of the stimulus' doses and EC50s."""
    inhibitor: str
    """Empty where the stimulus was given alone only."""
    inhibitor_unit: str
    vehicle: str
    """Of the stimulated tubes that were used."""
    doses: Floats
    """shape (n,), of the stimulus, 0 for unstimulated tubes."""
    inhibitor_doses: Floats
    """shape (n,), 0 without."""
    responses: Floats
    """shape (n,), on `scale`."""
    status: str
    """``ok``, ``too few doses``, ``no response``, ``< lowest dose``, ``> highest dose``: of the
    EC50 without inhibitor."""
    ec50: float
    """Without inhibitor; NaN unless `status` is ``ok``."""
    ec50_interval: Interval
    slope: float
    bottom: float
    top: float
    moved: tuple[Moved, ...]
    """By rising dose of the inhibitor."""
    schild: Schild
    """pA2 and pKB as -log10 of `schild_unit`."""
    schild_unit: str
    """``mol/L``, or the unit of the inhibitor where that is not molar."""
    tops_p: float
    """That all series reach the same highest response; NaN where that cannot be asked."""
    n: int
    """Tubes in the fit."""
    level: float = 0.95
    scale: str = "linear"
    note: str = ""
    schild_offset: float = 0.0
    """pA2 and pKB are this more than -log10 of a dose in `inhibitor_unit`."""
