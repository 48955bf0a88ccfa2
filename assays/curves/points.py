"""Standards made ready for a fit: missing wells counted, replicates averaged when asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError

Floats = NDArray[np.float64]

SMALLEST, LARGEST = 1e-100, 1e100
"""Sizes that concentrations above zero, and the largest response, lie between."""
MOST_POINTS = 200_000
"""More points than any plate has; keeps a hostile input from taking the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Concentrations and responses that go into a fit, ascending by concentration."""

    x: Floats
    """shape (n,)"""
    y: Floats
    """shape (n,)"""
    wells: Floats
    """shape (n,), wells behind each point: 1, or the size of the mean."""
    levels: Floats
    """Different concentrations, ascending."""
    level_means: Floats
    """Mean response of each level."""
    missing: int
    """Wells without a number, left out."""
    replicate_sd: float
    """Pooled over levels; NaN when no level has two wells."""
    replicate_df: int

    def only(self, kept: NDArray[np.bool_]) -> Points:
        """Some of the points; what replicates said of noise stays."""
        found = _grouped(self.x[kept], self.y[kept])[:2]
        wells = self.wells[kept]
        noise = self.replicate_sd, self.replicate_df
        return Points(self.x[kept], self.y[kept], wells, *found, self.missing, *noise)


def _grouped(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Levels, their mean responses and numbers of wells; x ascending."""
    if not len(x):
        return x, y, y
    begin = np.flatnonzero(np.concatenate([[True], x[1:] != x[:-1]]))
    counts = np.diff(np.append(begin, len(x))).astype(np.float64)
    return x[begin], np.add.reduceat(y, begin) / counts, counts


def _check_size(what: str, sizes: Floats) -> None:
    """Squares and ratios of numbers beyond these leave the range of a float."""
    if len(sizes) and not SMALLEST <= sizes.min() <= sizes.max() <= LARGEST:
        wrong = sizes.min() if sizes.min() < SMALLEST else sizes.max()
        raise CurveFitError(
            f"{what} of {wrong:.3g} are in no unit that a curve can be fitted in",
            hint=f"Expected sizes from {SMALLEST:g} to {LARGEST:g}.",
        )


def collect(concentration: ArrayLike, response: ArrayLike, on: str) -> Points:
    """Check and sort the standards.

    Parameters
    ----------
    concentration, response : array_like, shape (n,)
        Zero standards count at 0; zeros and negative responses stay. A NaN in either is a missing
        well and is left out.
    on : {"wells", "means"}
        Fit each well, or the mean of each concentration (every level then counts once).

    Raises
    ------
    CurveFitError
        When the arrays do not match, a concentration is negative or infinite, or numbers are of a
        size that no unit gives.
    """
    x = np.asarray(concentration, dtype=np.float64).ravel()
    y = np.asarray(response, dtype=np.float64).ravel()
    if on not in ("wells", "means"):
        raise CurveFitError(f"a curve is fitted on 'wells' or on 'means', not on {on!r}")
    if len(x) != len(y):
        raise CurveFitError(f"{len(x)} concentrations stand beside {len(y)} responses")
    if len(x) > MOST_POINTS:
        raise CurveFitError(f"{len(x)} points are more than a standard curve has")
    kept = np.isfinite(y) & ~np.isnan(x)
    missing = int(len(x) - kept.sum())
    order = np.lexsort((y[kept], x[kept]))
    x, y = x[kept][order], y[kept][order]
    if len(x) and (x[0] < 0 or np.isinf(x[-1])):
        wrong = x[0] if x[0] < 0 else x[-1]
        raise CurveFitError(f"a standard has the concentration {wrong:g}; expected 0 or above")
    _check_size("concentrations", x[x > 0])
    highest = np.abs(y).max(initial=0.0)
    _check_size("responses", np.array([highest] if highest else []))
    levels, means, counts = _grouped(x, y)
    spread = y - np.repeat(means, counts.astype(int)) if len(x) else y
    df = len(x) - len(levels)
    with np.errstate(over="ignore"):
        sd = float(np.sqrt((spread @ spread) / df)) if df else np.nan
    if on == "means":
        return Points(levels, means, counts, levels, means, missing, sd, df)
    return Points(x, y, np.ones(len(x)), levels, means, missing, sd, df)
