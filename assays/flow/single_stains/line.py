"""How much of one detector's signal another one sees: two ways to a slope.

Of medians: ``(m⁺ - m⁻) / (M⁺ - M⁻)``, the difference of the other detector's
medians over that of the stain's own (Bagwell & Adams 1993; the form that flowCore's
``spillover`` takes too). By regression: a straight line of the other detector on the
stain's own through every event, weighted by the noise at that brightness and with
Huber's weights, so that a few odd events have no say. Unstained events stand at one
place, their median, on the stain's own detector: autofluorescence makes them bright or
dim in both detectors at once, and that slope is not the stain's.

References
----------
Bagwell & Adams (1993), Ann. N.Y. Acad. Sci. 677:167.
Huber (1964), Ann. Math. Stat. 35:73, with the usual k = 1.345.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TUKEY_K = 1.345
"""Huber's bend: 95 % efficient under normal noise."""
MAD_TO_SD = 1.482602218505602
MEDIAN_SE = 1.2533141373155001
"""Standard error of a median of normal values, in units of sd / sqrt(n): sqrt(pi / 2)."""
BINS = 24
"""Groups of equal size along the stain's own detector in which the noise is measured."""
ROUNDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """Slope of every detector on the stain's own."""

    values: Floats
    """shape (k,); 1 for the own detector."""
    errors: Floats
    """shape (k,), standard errors; 0 for the own detector."""


def of_medians(positive: Floats, negative: Floats, own: int) -> Slopes:
    """Slopes from the medians of two populations.

    Parameters
    ----------
    positive, negative : ndarray, shape (n, k)
        Events with and without the stain, linear values.
    own : int
        Column of the stain's own detector.

    Returns
    -------
    Slopes
        NaN where the own detector sees no difference.
    """
    rise = np.median(positive, axis=0) - np.median(negative, axis=0)
    variance = median_error(positive) ** 2 + median_error(negative) ** 2
    span = rise[own]
    if not span > 0:
        return Slopes(np.full(len(rise), math.nan), np.full(len(rise), math.nan))
    values = rise / span
    errors = np.sqrt(variance + values**2 * variance[own]) / span
    errors[own] = 0.0
    return Slopes(values, errors)


def median_error(values: Floats) -> Floats:
    """Standard error of each column's median, from its median absolute deviation."""
    return MEDIAN_SE * robust_sd(values) / math.sqrt(max(len(values), 1))


def robust_sd(values: Floats) -> Floats:
    """Standard deviation of each column from its median absolute deviation."""
    spread: Floats = np.median(np.abs(values - np.median(values, axis=0)), axis=0)
    return MAD_TO_SD * spread


def by_regression(positive: Floats, negative: Floats, own: int) -> Slopes:
    """Slopes of robust straight lines through all events.

    Parameters
    ----------
    positive, negative : ndarray, shape (n, k)
        Events with and without the stain, linear values.
    own : int
        Column of the stain's own detector.
    """
    events = np.concatenate([positive, negative])
    x = events[:, own]
    x[len(positive) :] = np.median(negative[:, own])
    groups = _groups(x)
    values, errors = np.zeros(events.shape[1]), np.zeros(events.shape[1])
    for column in range(events.shape[1]):
        if column == own:
            values[column] = 1.0
            continue
        values[column], errors[column] = _line(x, events[:, column], groups)
    return Slopes(values, errors)


def _groups(x: Floats) -> list[NDArray[np.intp]]:
    """Rows of events of like brightness."""
    order = np.argsort(x, kind="stable")
    return [part for part in np.array_split(order, min(BINS, max(1, len(x) // 20))) if len(part)]


def _line(x: Floats, y: Floats, groups: list[NDArray[np.intp]]) -> tuple[float, float]:
    """Slope and standard error of one weighted Huber line."""
    slope, intercept = _start(x, y, groups)
    noise = np.empty(len(x))
    error = math.nan
    for _ in range(ROUNDS):
        residual = y - intercept - slope * x
        for part in groups:
            noise[part] = np.median(np.abs(residual[part]))
        noise *= MAD_TO_SD
        known = noise[noise > 0]
        # Detectors that saw the same number in most events: any noise will do, as none is seen.
        np.maximum(noise, float(np.median(known)) * 1e-3 if len(known) else 1.0, out=noise)
        scaled = np.abs(residual) / noise
        weight = np.minimum(1.0, TUKEY_K / np.maximum(scaled, 1e-12)) / noise**2
        total = weight.sum()
        middle_x, middle_y = (weight @ x) / total, (weight @ y) / total
        spread = weight @ (x - middle_x) ** 2
        if not spread > 0:
            return math.nan, math.nan
        new = float(weight @ ((x - middle_x) * (y - middle_y)) / spread)
        new_intercept = float(middle_y - new * middle_x)
        # The sandwich: honest also where the noise was not as the weights have it.
        meat = weight**2 @ ((x - middle_x) ** 2 * (y - new_intercept - new * x) ** 2)
        error = float(math.sqrt(meat) / spread)
        moved, slope, intercept = abs(new - slope), new, new_intercept
        if moved < 1e-9 + 1e-3 * error:
            break
    return slope, error


def _start(x: Floats, y: Floats, groups: list[NDArray[np.intp]]) -> tuple[float, float]:
    """A line through the medians of the dimmest and the brightest group."""
    low, high = groups[0], groups[-1]
    rise = float(np.median(x[high]) - np.median(x[low]))
    slope = float(np.median(y[high]) - np.median(y[low])) / rise if rise > 0 else 0.0
    return slope, float(np.median(y - slope * x))
