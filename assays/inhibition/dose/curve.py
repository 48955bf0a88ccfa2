"""Least squares of a logistic dose-response curve, everywhere at once.

    y = D + (A - D) / (1 + (x / C) ** B)

A is the response without inhibitor, D at full effect, C the dose half-way, B > 0 the slope.

The plan. For a given pair (B, C) the curve is a straight line in A and D, so those follow
by linear least squares; only B and C are searched, on a grid wide enough to hold every
answer the doses can support. No start values, no local optimum: the classic curves on
which iterative programs stop early come out right.

The unstimulated tubes join as a level U of their own. The IC50 is then the dose at which
the curve has lost half of the window, f(x) = (A + U) / 2, and its profile is exact: the
demand is linear in (A, D, U), so it costs (c β)² / (c M c') on top of the free optimum at
each (B, C), with β the free solution and M the inverse of its normal matrix. Without
unstimulated tubes the half-way level is (A + D) / 2 and the IC50 is C itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLOPE_LIMITS = (0.05, 16.0)
"""Searched slopes B. At 16 a three-fold step in dose takes the curve from 1 to 2e-8 of its span:
anything steeper is the same step to any assay, and only moves the IC50 between two doses."""
BEYOND_DECADES = 4.0
"""How far beyond the tested doses C is searched."""
PER_DECADE = 8
"""Coarse grid points of C, and of B, per decade; `refine` goes on from the best of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """What is fitted: tubes with a dose, and tubes that hold the levels."""

    dose: Floats
    """shape (n,), 0 for the stimulated control, infinite for tubes that hold D."""
    response: Floats
    """shape (n,)."""
    weight: Floats
    """shape (n,), inverse variance up to a common factor."""
    floor: Floats
    """shape (m,), responses of the unstimulated tubes; empty without."""
    floor_weight: Floats
    """shape (m,)."""
    top: float | None
    """A, when it is known and not fitted."""
    bottom: float | None
    """D, when it is known and not fitted."""
    slope: float | None = None
    """B, when it is known and not fitted."""
    anchored: bool = False
    """Whether D is held by tubes of its own, which stand at infinite dose."""

    @property
    def n(self) -> int:
        """Tubes in the fit."""
        return int(self.dose.size + self.floor.size)

    @property
    def free(self) -> int:
        """Fitted parameters."""
        held = (self.top, self.bottom, self.slope)
        return 1 + sum(value is None for value in held) + bool(self.floor.size)

    @property
    def tested(self) -> Floats:
        """Distinct doses of inhibitor, ascending; neither 0 nor infinite."""
        return np.unique(self.dose[(self.dose > 0) & np.isfinite(self.dose)])

    @property
    def slope_limits(self) -> tuple[float, float]:
        """Slopes that are searched: one where it is known."""
        return SLOPE_LIMITS if self.slope is None else (self.slope, self.slope)

    def slopes(self, per_decade: int) -> Floats:
        """Slopes at which a search starts, ascending."""
        if self.slope is not None:
            return np.array([self.slope])
        decades = math.log10(SLOPE_LIMITS[1] / SLOPE_LIMITS[0])
        return np.geomspace(*SLOPE_LIMITS, math.ceil(decades * per_decade))


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Best fit at every (B, C): all arrays broadcast over their shape."""

    slope: Floats
    log_c: Floats
    """Natural logarithm of C."""
    top: Floats
    bottom: Floats
    floor: Floats
    """U; NaN without unstimulated tubes."""
    rss: Floats
    """Weighted residual sum of squares."""
    inverse: Floats
    """shape (..., 2, 2): inverse normal matrix of (A, D); zero rows for a fixed one."""
    floor_variance: float
    """The same for U."""


def share(dose: Floats, slope: Floats, log_c: Floats) -> Floats:
    """Share of A that is left, 1 / (1 + (x / C) ** B): 1 at dose 0, 0 at infinite."""
    from scipy.special import expit

    with np.errstate(divide="ignore"):
        log_dose = np.log(dose)
    with np.errstate(invalid="ignore"):
        left = expit(-slope * (log_dose - log_c))
    return np.asarray(left, dtype=np.float64)


def solve(points: Points, slope: Floats, log_c: Floats) -> Surface:
    """Best A, D and U at each (B, C), and what they leave unexplained."""
    g = share(points.dose, slope[..., None], log_c[..., None])
    w, y = points.weight, points.response
    basis = (g, 1.0 - g)
    fixed = (points.top, points.bottom)
    rest = y - sum(
        (value * part for value, part in zip(fixed, basis, strict=True) if value is not None),
        np.zeros_like(g),
    )
    gram = np.zeros((*g.shape[:-1], 2, 2))
    right = np.zeros((*g.shape[:-1], 2))
    for i in range(2):
        if fixed[i] is not None:
            continue
        right[..., i] = (w * basis[i] * rest).sum(-1)
        for j in range(2):
            if fixed[j] is None:
                gram[..., i, j] = (w * basis[i] * basis[j]).sum(-1)
    inverse = _inverse(gram)
    beta = (inverse @ right[..., None])[..., 0]
    left = rest - beta[..., 0, None] * g * (fixed[0] is None)
    left = left - beta[..., 1, None] * (1.0 - g) * (fixed[1] is None)
    rss = (w * left**2).sum(-1)
    top = beta[..., 0] if fixed[0] is None else np.full(g.shape[:-1], fixed[0])
    bottom = beta[..., 1] if fixed[1] is None else np.full(g.shape[:-1], fixed[1])
    level, variance = np.nan, 0.0
    if points.floor.size:
        total = points.floor_weight.sum()
        level = float((points.floor_weight * points.floor).sum() / total)
        variance = float(1.0 / total)
        rss = rss + float((points.floor_weight * (points.floor - level) ** 2).sum())
    return Surface(slope, log_c, top, bottom, np.full(top.shape, level), rss, inverse, variance)


def _inverse(gram: Floats) -> Floats:
    """Inverse of symmetric 2 x 2 matrices; of the free part alone where one row is zero.

    A matrix that is singular to rounding (all doses on one plateau) loses its second
    direction: then D cannot be told from A and follows it at no cost.
    """
    a, b, d = gram[..., 0, 0], gram[..., 0, 1], gram[..., 1, 1]
    scale = np.maximum(a, d)
    det = a * d - b * b
    full = det > 1e-12 * scale**2
    out = np.zeros_like(gram)
    with np.errstate(divide="ignore", invalid="ignore"):
        out[..., 0, 0] = np.where(full, d / det, np.where(a >= d, 1.0 / a, 0.0))
        out[..., 1, 1] = np.where(full, a / det, np.where(a < d, 1.0 / d, 0.0))
        out[..., 0, 1] = out[..., 1, 0] = np.where(full, -b / det, 0.0)
    return np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)


def cost_of_half(surface: Surface, log_x50: Floats) -> Floats:
    """Residual sum of squares when the curve must be half-way at the dose exp(`log_x50`).

    At infinite `log_x50` the demand is that the curve just reaches half-way at full effect.
    """
    half = np.where(np.isposinf(log_x50), 0.0, share(np.exp(log_x50), surface.slope, surface.log_c))
    demand = np.stack([half - 0.5, 1.0 - half], axis=-1)
    miss = demand[..., 0] * surface.top + demand[..., 1] * surface.bottom - 0.5 * surface.floor
    give = np.einsum("...i,...ij,...j->...", demand, surface.inverse, demand)
    give = give + 0.25 * surface.floor_variance
    return np.asarray(surface.rss + miss**2 / give, dtype=np.float64)


def log_dose_limits(points: Points) -> tuple[float, float]:
    """Natural logarithms of the doses between which C is searched."""
    tested = np.log(points.tested)
    beyond = BEYOND_DECADES * np.log(10.0)
    return float(tested.min() - beyond), float(tested.max() + beyond)
