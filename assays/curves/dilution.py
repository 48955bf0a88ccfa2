"""Dilutions and spikes of one sample: does what was found add up?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError

Floats = NDArray[np.float64]

WITHIN_PERCENT = 20.0
"""ICH M10 (2022), 4.2: dilution linearity within 20 % of nominal."""
CV_PERCENT = 30.0
"""ICH M10 (2022), 4.2: parallelism, CV of the corrected concentrations."""


@dataclass(frozen=True, slots=True, eq=False)
class DilutionSeries:
    """One sample over its dilutions, from the strongest to the weakest."""

    factor: Floats
    """shape (n,), ascending: 1 is neat"""
    corrected: Floats
    """shape (n,), observed × dilution"""
    percent_of_first: Floats
    """shape (n,), of the least diluted one"""
    percent_of_previous: Floats
    """shape (n,), NaN for the first"""
    mean: float
    cv_percent: float
    """Of the corrected concentrations, n - 1; NaN for a single one."""
    slope: float
    """Of log corrected by log dilution: 0 where dilutions agree, above 0 for a hook or an
    interfering matrix that thins out. NaN for fewer than three."""
    slope_interval: tuple[float, float]
    """95 %."""

    @property
    def linear(self) -> bool:
        """Whether every dilution lies within 20 % of the first."""
        return bool(np.all(np.abs(self.percent_of_first - 100) <= WITHIN_PERCENT))

    @property
    def parallel(self) -> bool:
        """Whether the corrected concentrations differ by a CV of at most 30 %."""
        return bool(self.cv_percent <= CV_PERCENT)


def dilution_series(factor: ArrayLike, observed: ArrayLike) -> DilutionSeries:
    """Correct concentrations for dilution and hold them against one another.

    Parameters
    ----------
    factor : array_like, shape (n,)
        Dilution factors, 1 and above.
    observed : array_like, shape (n,)
        Concentrations in the well; NaN (out of range) are left out.

    Raises
    ------
    CurveFitError
        When nothing is left, or a factor is below 1.

    Examples
    --------
    >>> series = dilution_series([1, 2, 4], [288.0, 150.2, 77.9])
    >>> series.corrected.tolist(), series.linear
    ([288.0, 300.4, 311.6], True)
    """
    fold, found = np.asarray(factor, dtype=float).ravel(), np.asarray(observed, dtype=float).ravel()
    if fold.shape != found.shape:
        raise CurveFitError(f"{len(fold)} dilutions stand beside {len(found)} concentrations")
    kept = np.isfinite(fold) & np.isfinite(found)
    order = np.argsort(fold[kept], kind="stable")
    fold, found = fold[kept][order], found[kept][order]
    if not len(fold) or fold[0] < 1:
        raise CurveFitError("a dilution series needs concentrations at factors of 1 or more")
    corrected = fold * found
    with np.errstate(divide="ignore", invalid="ignore"):
        previous = np.append(np.nan, 100 * corrected[1:] / corrected[:-1])
        first = 100 * corrected / corrected[0]
    mean = float(corrected.mean())
    cv = 100 * float(corrected.std(ddof=1)) / mean if len(fold) > 1 and mean else np.nan
    slope, interval = _slope(fold, corrected)
    return DilutionSeries(fold, corrected, first, previous, mean, cv, slope, interval)


def _slope(fold: Floats, corrected: Floats) -> tuple[float, tuple[float, float]]:
    from scipy.special import stdtrit

    if len(fold) < 3 or np.any(corrected <= 0) or fold[0] == fold[-1]:
        return np.nan, (np.nan, np.nan)
    x, y = np.log(fold), np.log(corrected)
    apart = x - x.mean()
    slope = float(apart @ y / (apart @ apart))
    rest = y - y.mean() - slope * apart
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (apart @ apart)))
    half = float(stdtrit(len(x) - 2, 0.975)) * error
    return slope, (slope - half, slope + half)


def spike_recovery_percent(spiked: ArrayLike, neat: ArrayLike, spike: ArrayLike) -> Floats:
    """Share of an added amount that is found: 100 × (spiked − neat) / spike; NaN for no spike.

    Examples
    --------
    >>> float(spike_recovery_percent(475.0, 288.0, 200.0))
    93.5
    """
    added = np.asarray(spike, dtype=float)
    more = np.asarray(spiked, dtype=float) - np.asarray(neat, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(added > 0, 100 * more / added, np.nan))
