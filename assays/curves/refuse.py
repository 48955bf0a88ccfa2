"""Standards that no curve can be made of: said with the reason, before any fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.points import Points
from assays.errors import CurveFitError

Floats = NDArray[np.float64]

CHANCE = 0.05
"""A response that chance alone gives this often is no response."""
ORDERED = 0.9
"""Rank correlation from which levels count as ordered."""


def refuse(points: Points, model: CurveModel, direction: str | None) -> None:
    """Raise when the standards are too few, flat, or in reverse order.

    Parameters
    ----------
    direction : {"rising", "falling"} or None
        What the assay's response must do; None when either will do.

    Raises
    ------
    CurveFitError
        With the reason and what to try.
    """
    levels = points.levels
    if len(levels) < model.min_levels:
        raise CurveFitError(
            f"{model.name} needs {model.min_levels} standard levels with a reading, "
            f"{len(levels)} found",
            hint="Add standards, or choose a curve with fewer parameters.",
        )
    with np.errstate(all="ignore"):
        _check_order(points, direction)
        flat = _flat(points)
    if flat:
        low, high = points.level_means.min(), points.level_means.max()
        raise CurveFitError(
            f"no response: the standards read {low:.3g} to {high:.3g} at every concentration, "
            "no more apart than replicates or chance put them",
            hint="Check that standards, detection antibody and substrate went in.",
        )


def rank_correlation(x: Floats, y: Floats) -> float:
    """Spearman's rho with mid-ranks; 0 when either does not vary."""
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    return float(a @ b) / size if size > 0 else 0.0


def _ranks(values: Floats) -> Floats:
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[index], dtype=np.float64)


def _flat(points: Points) -> bool:
    """Neither the order of the levels nor their differences tell of a response.

    Flat by both: Spearman's correlation between concentration and response, and a one-way analysis
    of variance over the levels (when they have replicates).
    """
    from scipy.special import stdtr

    means = points.level_means
    size = float(np.max(np.abs(points.y)))
    if np.ptp(means) <= 1e-9 * size:
        return True
    if points.replicate_df > 0 and points.replicate_sd > 0 and _levels_differ(points):
        return False
    n = len(points.x)
    rho = abs(rank_correlation(points.x, points.y))
    if rho >= 1 - 1e-12:
        return False
    ordered = 2 * float(stdtr(n - 2, -rho * np.sqrt((n - 2) / (1 - rho**2))))
    if ordered <= CHANCE:
        return False
    if points.replicate_df == 0 or not points.replicate_sd > 0:
        # Single wells say nothing about noise: only no order and little change are no response.
        return bool(rho < 0.5 and np.ptp(means) < 0.5 * size)
    return True


def _levels_differ(points: Points) -> bool:
    """One-way analysis of variance over the levels."""
    from scipy.special import fdtrc

    means, levels = points.level_means, points.levels
    begin = np.searchsorted(points.x, levels)
    between = np.add.reduceat(points.wells, begin)
    grand = (between @ means) / between.sum()
    square = float(between @ (means - grand) ** 2) / (len(levels) - 1)
    ratio = square / points.replicate_sd**2
    return bool(fdtrc(len(levels) - 1, points.replicate_df, ratio) <= CHANCE)


def _check_order(points: Points, direction: str | None) -> None:
    levels, means = points.levels, points.level_means
    above = levels > 0
    trend = rank_correlation(levels[above], means[above])
    if direction is not None and trend * (1 if direction == "rising" else -1) <= -0.5:
        found = "falls" if direction == "rising" else "rises"
        raise CurveFitError(
            f"reversed: the response {found} with concentration, but the assay is {direction}",
            hint="Were the standards entered in reverse order? "
            "Declare the other direction if the assay has it.",
        )
    if above.all() or above.sum() < 4 or abs(trend) < ORDERED:
        return
    # The zero standard belongs next to the lowest level. Beyond the far end of an
    # otherwise ordered series it says that the series was entered in reverse.
    zero, ordered = means[~above][0], means[above]
    beyond = zero <= ordered[-1] if trend < 0 else zero >= ordered[-1]
    if beyond:
        raise CurveFitError(
            f"reversed: the standards run from {ordered[0]:.3g} at {levels[above][0]:g} to "
            f"{ordered[-1]:.3g} at {levels[-1]:g}, but the zero standard reads {zero:.3g}",
            hint="Were the standards entered in reverse order?",
        )
