"""What each tube of a dose series does to the curve that was fitted to all of them.

Least squares follows its tubes: where one of them had read a little more, A, B, C and D would have
moved by (J'WJ)^-1 J'W, with J the derivatives of the curve by its parameters and W the weights
(Bates & Watts 1988, Nonlinear Regression Analysis, ch. 2). So a number that is read from the curve
and from some of its tubes again, as from shared controls, knows what they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.dose.curve import share
from assays.inhibition.dose.response import DoseFit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Derivatives of a curve's parameters by its tubes."""

    files: tuple[str, ...]
    slopes: Floats
    """shape (n, 5): of A, B, C, D and U by the response of each tube; NaN where the tubes do not
    hold the parameters."""
    variance: Floats
    """shape (n,): of each tube's response, from the scatter about the curve."""


def influence(
    fit: DoseFit,
    doses: Sequence[float],
    files: Sequence[str],
    floor_files: Sequence[str],
    cofactor: float | None,
) -> Influence:
    """What each tube does to a fitted curve.

    Parameters
    ----------
    fit : DoseFit
        With a curve.
    doses : sequence of float, shape (n,)
        Of the tubes with a dose, 0 for stimulated controls.
    files, floor_files : sequence of str
        Of these tubes, and of the unstimulated ones.
    cofactor : float, optional
        That the weights of the fit followed; equal weights when absent.
    """
    p = fit.params
    a, b, c, d = (p[name] for name in "ABCD")
    u = p.get("U", math.nan)
    x = np.asarray(doses, dtype=np.float64)
    left = share(x, np.asarray(b), np.log(np.asarray(c)))
    bend = (a - d) * left * (1.0 - left)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_slope = np.where(x > 0, -bend * np.log(x / c), 0.0)
    moves = np.column_stack([left, by_slope, bend * b / c, 1.0 - left])
    m = len(floor_files)
    # Where the unstimulated tubes hold D, they stand at infinite dose and U is D.
    held = fit.level_variance == 0.0 and m > 0
    moves = np.vstack([moves, np.tile([0.0, 0.0, 0.0, float(held)], (m, 1))])
    level = np.r_[d + (a - d) * left, np.full(m, u)]
    even = np.ones_like(level) if cofactor is None else level**2 + cofactor**2
    variance = fit.residual_sd**2 * even
    if fit.covariance is None:
        return Influence((), np.empty((0, 5)), np.empty(0))
    slopes = moves @ fit.covariance / variance[:, None] if fit.residual_sd > 0 else 0.0 * moves
    floor = slopes[:, 3] if held else np.r_[np.zeros(x.size), np.full(m, 1.0 / max(m, 1))]
    return Influence((*files, *floor_files), np.column_stack([slopes, floor]), variance)
