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
    with np.errstate(all="ignore"):
        corrected = fold * found
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


@dataclass(frozen=True, slots=True)
class Hook:
    """A sample that reads lower where it is stronger."""

    factor: float
    """Strongest dilution that reads too low."""
    peak_factor: float
    """Dilution with the highest reading: quantify from this one on, or weaker."""
    fall_percent: float
    """By how much the reading at `factor` lies below that at `peak_factor`."""


FALL_PERCENT = 10.0
"""A fall within the agreement of duplicates is none."""


def hook_in_dilutions(
    factor: ArrayLike, response: ArrayLike, rising: bool = True, cv_percent: float = 0.0
) -> Hook | None:
    """Does a sample read lower undiluted than diluted?

    With more antigen than antibodies can bind, a sandwich falls apart and a sample of 100 ng/mL may
    read like one of 1. Responses tell it where concentrations cannot: the strongest wells may lie
    on either side of the peak.

    Parameters
    ----------
    factor, response : array_like, shape (n,)
        Dilution factor and raw response of every well of one sample; NaN are left out, inf (past
        the end of the reader) is the highest reading.
    rising : bool
        Whether the assay's response rises with concentration; a falling one has no such hook.
    cv_percent : float
        CV of replicate wells, where known from the plate: a fall must exceed 10 %, and three
        standard errors of the difference.

    Returns
    -------
    Hook or None
        None where readings fall with dilution as they should, or there are fewer than two
        dilutions.

    References
    ----------
    Tate & Ward (2004), Clin. Biochem. Rev. 25, 105.

    Examples
    --------
    >>> hook_in_dilutions([1, 10, 100, 1000], [1.0, 4.0, 2.4, 0.6])
    Hook(factor=1.0, peak_factor=10.0, fall_percent=75.0)
    """
    fold, read = np.asarray(factor, dtype=float).ravel(), np.asarray(response, dtype=float).ravel()
    if fold.shape != read.shape:
        raise CurveFitError(f"{len(fold)} dilutions stand beside {len(read)} responses")
    kept = np.isfinite(fold) & ~np.isnan(read)
    levels, index, counts = np.unique(fold[kept], return_inverse=True, return_counts=True)
    if not rising or len(levels) < 2:
        return None
    means = np.bincount(index, read[kept]) / counts
    peak = int(means.argmax())
    if peak == 0 or not means[peak] > 0:
        return None
    # A finite reading beside one past the end of the reader fell by nobody knows how much.
    fall = 100 * (1 - means[0] / means[peak]) if np.isfinite(means[peak]) else 100.0
    error = cv_percent * np.hypot(1 / np.sqrt(counts[0]), 1 / np.sqrt(counts[peak]))
    if fall <= max(FALL_PERCENT, 3 * error):
        return None
    return Hook(float(levels[0]), float(levels[peak]), float(fall))


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
