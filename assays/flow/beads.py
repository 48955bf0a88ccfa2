"""From intensity to molecules: peaks of calibration beads, and the line through them.

The plan. Beads of several known brightnesses make as many peaks. The events are placed on an
arcsinh scale, counted in even bins and smoothed; a peak is a bump that rises clearly above its
valleys, and its beads are the events between these. Only where exactly as many peaks are found as
the maker assigned values is there a line; to drop or invent a peak would shift every other one. A
peak whose median lies at the top of the scale is recorded as saturated and takes no part, nor does
a blank in the line between logarithms. The line is fitted by least squares to log10 of the values
against log10 of the medians (slope near 1 where the detector is linear), or to the numbers
themselves (Schwartz et al. 1998, Cytometry 33:106; Wang et al. 2008, Cytometry A 73A:279).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assays.protocol import Beads
from assays.results.activation import BeadPeak, Calibration
from assays.results.flow import Reading
from assays.samples import SAMPLE_ROLES
from plates.findings import Finding, Severity

Floats = NDArray[np.float64]

BINS = 512
SMOOTHING_BINS = 3.0
PROMINENCE = 0.15
"""Of a peak, as a share of its own height."""
SMALLEST = 0.03
"""Height of the smallest peak, as a share of the largest."""
FEWEST_EVENTS = 50
"""In a peak."""
COFACTORS = (2e-3, 5e-4, 1e-4, 2e-5)
"""Of the scale that peaks are looked for on, as shares of its top: blanks that scatter around zero
make one bump only where the scale is straight there."""
SATURATED = 0.98
"""Share of the top above which a median tells the detector's end, not the beads."""
GOOD_FIT = 0.99
SPREAD = 3.0
"""Robust standard deviations of scatter kept around the densest spot."""


def find_peaks(values: NDArray[np.floating], wanted: int, top: float) -> list[Floats]:
    """Events of every peak, dimmest first.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One channel of the beads, without NaN, original units.
    wanted : int
        Peaks that the maker assigned values to.
    top : float
        Top of the channel's scale; NaN: the largest value.

    Returns
    -------
    list of ndarray
        As many as were found on the scale that shows a number nearest to `wanted`.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks as bumps

    values = np.sort(np.asarray(values, dtype=np.float64))
    if len(values) < FEWEST_EVENTS * 2:
        return []
    reach = top if math.isfinite(top) and top > 0 else float(values[-1])
    if not reach > 0:
        return []
    best: list[Floats] = []
    for share in COFACTORS:
        scaled = np.arcsinh(values / (share * reach))
        low, high = np.quantile(scaled, (0.0005, 0.9995))
        edges = np.linspace(low - 0.2, high + 0.2, BINS + 1)
        counts = gaussian_filter1d(np.histogram(scaled, edges)[0].astype(float), SMOOTHING_BINS)
        places, about = bumps(counts, height=SMALLEST * counts.max(), prominence=0.0)
        clear = about["prominences"] >= PROMINENCE * about["peak_heights"]
        places = places[clear]
        valleys = [a + int(np.argmin(counts[a:b])) for a, b in pairwise(places)]
        cuts = np.searchsorted(scaled, [edges[valley] for valley in valleys])
        groups = [one for one in np.split(values, cuts) if len(one) >= FEWEST_EVENTS]
        if abs(len(groups) - wanted) < abs(len(best) - wanted):
            best = groups
    return best


def densest(scatter: Sequence[NDArray[np.floating]]) -> NDArray[np.bool_]:
    """Events around the densest spot of scatter: single beads, without doublets and debris.

    Parameters
    ----------
    scatter : sequence of ndarray, each shape (n,)
        Scatter channels; none: nothing is left out.
    """
    kept = np.ones(len(scatter[0]) if scatter else 0, dtype=bool)
    for values in scatter:
        low, high = np.quantile(values, (0.005, 0.995))
        counts, edges = np.histogram(values, np.linspace(low, high, 101) if high > low else 1)
        place = int(np.argmax(counts))
        middle = (edges[place] + edges[place + 1]) / 2
        near = values[abs(values - middle) <= 0.15 * max(abs(middle), 1e-12)]
        width = 1.4826 * float(np.median(abs(near - np.median(near)))) if len(near) else 0.0
        if width > 0:
            kept &= abs(values - np.median(near)) <= SPREAD * width
    return kept


def calibrate(
    beads: Beads, values: NDArray[np.floating], top: float, files: Sequence[str] = ()
) -> Calibration:
    """The line from medians to molecules.

    Parameters
    ----------
    beads : Beads
        Assigned values, dimmest first.
    values : ndarray, shape (n,)
        The channel in the single beads, compensated as the samples are.
    top : float
        Top of the channel's scale; NaN when unknown.
    files : sequence of str
        Where the beads were recorded.

    Returns
    -------
    Calibration
        With a status and no line where another number of peaks was found, or fewer than two of
        them can be used.
    """
    found = find_peaks(values[~np.isnan(values)], len(beads.values), top)
    medians = [float(np.median(one)) for one in found]
    nan = math.nan
    empty = Calibration(
        beads.channel, beads.unit, tuple(files), beads.lot, beads.fit, nan, nan, nan, nan, nan, ()
    )
    if len(found) != len(beads.values):
        told = (
            f"{len(found)} peak{'s' * (len(found) != 1)} found, {len(beads.values)} values assigned"
        )
        peaks = tuple(
            BeadPeak(nan, m, len(one), nan, False) for m, one in zip(medians, found, strict=True)
        )
        return dataclasses.replace(empty, peaks=peaks, status=told)
    notes = [_unused(beads, value, m, top) for value, m in zip(beads.values, medians, strict=True)]
    used = [k for k, note in enumerate(notes) if not note]
    if len(used) < 2:
        peaks = tuple(
            BeadPeak(value, m, len(one), nan, False, note)
            for value, m, one, note in zip(beads.values, medians, found, notes, strict=True)
        )
        return dataclasses.replace(empty, peaks=peaks, status="fewer than two peaks can be used")
    x, y = np.array(medians)[used], np.array(beads.values)[used]
    if beads.fit == "log-log":
        x, y = np.log10(x), np.log10(y)
    slope, intercept = (float(one) for one in np.polyfit(x, y, 1))
    total = float(((y - y.mean()) ** 2).sum())
    rest = float(((y - intercept - slope * x) ** 2).sum())
    line = dataclasses.replace(
        empty,
        slope=slope,
        intercept=intercept,
        r_squared=1.0 - rest / total,
        low=medians[used[0]],
        high=medians[used[-1]],
    )
    peaks = tuple(
        BeadPeak(value, m, len(one), line.molecules(m)[0] if not note else nan, not note, note)
        for value, m, one, note in zip(beads.values, medians, found, notes, strict=True)
    )
    return dataclasses.replace(line, peaks=peaks)


def _unused(beads: Beads, value: float, median: float, top: float) -> str:
    """Why a peak takes no part in the line; empty when it does."""
    if math.isfinite(top) and median >= SATURATED * top:
        return "at the top of the scale"
    if beads.fit == "log-log" and value == 0:
        return "blank"
    if beads.fit == "log-log" and median <= 0:
        return "median not above zero"
    return ""


def with_molecules(
    readings: Sequence[Reading], calibrations: Mapping[str, Calibration]
) -> tuple[Reading, ...]:
    """Readings with their medians in molecules, where their channel was calibrated.

    Parameters
    ----------
    calibrations : mapping
        By channel as the readouts name it.
    """
    done = []
    for reading in readings:
        line = calibrations.get(reading.channel)
        if line is None or reading.unit != "a.u.":
            done.append(reading)
            continue
        value, status = line.molecules(reading.median)
        done.append(
            dataclasses.replace(
                reading, calibrated=value, calibrated_unit=line.unit, calibrated_status=status
            )
        )
    return tuple(done)


def bead_findings(
    calibrations: Sequence[Calibration], readings: Sequence[Reading]
) -> tuple[Finding, ...]:
    """Beads without a line, lines that do not fit, and readings beyond the beads."""
    found = []
    for line in calibrations:
        where = f"beads on {line.channel}"
        if line.status != "ok":
            found.append(
                Finding(
                    "beads-without-a-line",
                    Severity.LOOK,
                    where,
                    f"The beads on {line.channel} give no {line.unit}: {line.status}. Look at "
                    "their histogram, and at the values in assay.toml ([[flow.beads]]).",
                )
            )
            continue
        if line.r_squared < GOOD_FIT:
            found.append(
                Finding(
                    "beads-fit",
                    Severity.LOOK,
                    where,
                    f"The line through the beads on {line.channel} has R² {line.r_squared:.4f}: "
                    "are the values those of this lot, dimmest first?",
                    line.r_squared,
                    GOOD_FIT,
                )
            )
        beyond = [
            r
            for r in readings
            if r.channel == line.channel
            # An FMO or isotype tube is dim by design: nothing about it needs saying.
            and r.tube.role in SAMPLE_ROLES
            and r.calibrated_status.endswith(" the beads")
        ]
        if beyond:
            many = len(beyond) > 1
            found.append(
                Finding(
                    "beyond-the-beads",
                    Severity.NOTE,
                    where,
                    f"{len(beyond)} reading{'s' * many} on {line.channel} lie{'s' * (not many)} "
                    f"beyond the beads (medians {_few(line.low)} to {_few(line.high)}): their "
                    f"{line.unit} are extrapolated.",
                    len(beyond),
                    0,
                    "readings",
                )
            )
    return tuple(found)


def _few(value: float) -> str:
    """Three significant digits, never a power of ten."""
    return f"{float(f'{value:.3g}'):.12g}"
