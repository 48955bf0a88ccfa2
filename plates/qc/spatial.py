"""Patterns over a plate: median polish, B-score, Moran's I, edges and gradients.

A NaN in a plate is a well that is not there: it leaves every sum and the
neighbour graph.

References
----------
Tukey (1977), Exploratory Data Analysis, p. 378: median polish.
Brideau et al. (2003), J. Biomol. Screen. 8(6), 634-647: B-score.
Moran (1950), Biometrika 37, 17-23; Geary (1954); Cliff & Ord (1981): variances.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plates.qc.spread import mad

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Polish:
    """A plate taken apart: value = overall + row + column + residual."""

    overall: float
    row: Floats
    """shape (rows,); NaN for a row without a number."""
    column: Floats
    """shape (columns,); NaN for a column without a number."""
    residuals: Floats
    """shape (rows, columns); NaN where the plate has no number."""


def median_polish(plate: ArrayLike, *, eps: float = 0.01, iterations: int = 10) -> Polish:
    """Take out row and column medians in turn, rows first.

    Parameters
    ----------
    plate : array_like, shape (rows, columns)
    eps : float
        Stop when the sum of absolute residuals changes by less than this share.
        0.01 with 10 iterations is R's default, 1e-5 with 200 is cellHTS2's.
    """
    rest = np.array(plate, dtype=np.float64)
    rows, columns = np.zeros(rest.shape[0]), np.zeros(rest.shape[1])
    overall, last = 0.0, 0.0
    for _ in range(iterations):
        step = _medians(rest, axis=1)
        rest -= step[:, None]
        rows += step
        shift = _median(columns)
        columns -= shift
        overall += shift
        step = _medians(rest, axis=0)
        rest -= step[None, :]
        columns += step
        shift = _median(rows)
        rows -= shift
        overall += shift
        total = float(np.nansum(np.abs(rest)))
        if total == 0 or abs(total - last) < eps * total:
            break
        last = total
    return Polish(overall, rows, columns, rest)


def _medians(values: Floats, axis: int) -> Floats:
    with warnings.catch_warnings():
        # A row or column without a number has no effect that could be known: NaN.
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmedian(values, axis=axis))


def _median(values: Floats) -> float:
    return float(np.nanmedian(values))


def b_scores(plate: ArrayLike, *, eps: float = 0.01, iterations: int = 10) -> Floats:
    """Residuals of a median polish divided by their MAD (Brideau 2003).

    Other programs call the undivided residual B-score; say which when showing it.
    NaN when the residuals have no spread.
    """
    residuals = median_polish(plate, eps=eps, iterations=iterations).residuals
    scale = mad(residuals)
    return residuals / scale if scale > 0 else np.full_like(residuals, math.nan)


@dataclass(frozen=True, slots=True)
class Autocorrelation:
    """Whether neighbouring wells are alike."""

    moran: float
    """About 0 without a pattern, towards 1 when neighbours are alike."""
    expected: float
    """Of `moran` without a pattern, -1 / (n - 1)."""
    variance: float
    """Of `moran` under randomisation."""
    geary: float
    """About 1 without a pattern, towards 0 when neighbours are alike."""

    @property
    def z(self) -> float:
        """How many SDs above the expected value."""
        return (self.moran - self.expected) / math.sqrt(self.variance)


def autocorrelation(
    plate: ArrayLike, *, queen: bool = False, row_standardised: bool = True
) -> Autocorrelation:
    """Moran's I and Geary's C of a plate, variance under randomisation (Cliff & Ord 1981).

    Parameters
    ----------
    plate : array_like, shape (rows, columns)
        Missing wells (NaN) leave the neighbour graph, and so do wells without a neighbour.
    queen : bool
        Diagonal neighbours count too.
    row_standardised : bool
        Each well's neighbours weigh 1 together; otherwise each weighs 1.

    Returns
    -------
    Autocorrelation
        All NaN when fewer than four wells have neighbours or all are equal.
    """
    values = np.asarray(plate, dtype=np.float64)
    i, j = _neighbours(values, queen)
    n = int(np.isfinite(values).sum())
    flat = values.ravel()
    x = flat - np.nanmean(flat) if n else flat
    second = float(np.nansum(x**2)) / n if n else 0.0
    if n < 4 or not i.size or second == 0:
        return Autocorrelation(math.nan, math.nan, math.nan, math.nan)
    weights = np.ones(i.size)
    if row_standardised:
        weights /= np.bincount(i, minlength=flat.size)[i]
    s0 = float(weights.sum())
    moran = float((weights * x[i] * x[j]).sum()) / s0 / second
    geary = (n - 1) * float((weights * (x[i] - x[j]) ** 2).sum()) / (2 * s0 * n * second)
    return Autocorrelation(moran, -1 / (n - 1), _variance(x, i, j, weights, n, second), geary)


def _variance(
    x: Floats, i: NDArray[np.intp], j: NDArray[np.intp], w: Floats, n: int, second: float
) -> float:
    """Variance of Moran's I under randomisation; the graph is symmetric, weights need not be."""
    back = dict(zip(zip(i.tolist(), j.tolist(), strict=True), w.tolist(), strict=True))
    other = np.array([back[b, a] for a, b in zip(i.tolist(), j.tolist(), strict=True)])
    s0, s1 = w.sum(), 0.5 * ((w + other) ** 2).sum()
    out, into = np.bincount(i, w, x.size), np.bincount(j, w, x.size)
    s2 = ((out + into) ** 2).sum()
    kurtosis = float(np.nansum(x**4)) / n / second**2
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    less = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    square = (first - less) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return float(square - 1 / (n - 1) ** 2)


def _neighbours(values: Floats, queen: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of neighbouring wells with a number, both ways, as positions in the flat plate."""
    steps = [(0, 1), (1, 0)] + ([(1, 1), (1, -1)] if queen else [])
    rows, columns = values.shape
    index = np.arange(values.size).reshape(values.shape)
    pairs = []
    for down, right in steps:
        here = index[: rows - down, max(0, -right) : columns - max(0, right)]
        there = index[down:, max(0, right) : columns - max(0, -right)]
        pairs.append(np.column_stack([here.ravel(), there.ravel()]))
    both = np.concatenate(pairs)
    both = both[np.isfinite(values.ravel()[both]).all(axis=1)]
    i = np.concatenate([both[:, 0], both[:, 1]])
    return i, np.concatenate([both[:, 1], both[:, 0]])


def edge_mask(rows: int, columns: int) -> NDArray[np.bool_]:
    """True for the outermost wells, shape (rows, columns)."""
    mask = np.ones((rows, columns), dtype=bool)
    mask[1:-1, 1:-1] = False
    return mask


def edge_percent(plate: ArrayLike) -> float:
    """Mean of the outermost wells above that of the rest, in percent of the rest; NaN without."""
    values = np.asarray(plate, dtype=np.float64)
    mask = edge_mask(*values.shape) & np.isfinite(values)
    inner = ~mask & np.isfinite(values)
    if not mask.any() or not inner.any() or values[inner].mean() == 0:
        return math.nan
    return float(100 * (values[mask].mean() / values[inner].mean() - 1))


def drift_percent(plate: ArrayLike, axis: int) -> float:
    """Fitted change of the means from the first to the last column (axis 1) or row (axis 0).

    A straight line through the column (row) means, in percent of the mean of those means.
    NaN with fewer than three columns (rows) with a number.
    """
    values = np.asarray(plate, dtype=np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        means = np.nanmean(values, axis=1 - axis)
    there = np.flatnonzero(np.isfinite(means))
    if there.size < 3 or np.nanmean(means) == 0:
        return math.nan
    slope = float(np.polyfit(there, means[there], 1)[0])
    return 100 * slope * float(there[-1] - there[0]) / float(np.nanmean(means))
