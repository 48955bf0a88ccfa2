"""Does the curve fit its standards, and does it hang on a single well?

Lack of fit holds the distance between curve and level means against the distance between
replicates, both weighted as in the fit, with n wells at L levels and p parameters:

    F = (RSS - PE) / (L - p) / (PE / (n - L)),  PE = sum w (y - level mean)²

A well's influence comes from how far it lies from the curve and how hard it pulls on it. Leverage
h is its own share in its fitted value (between 0 and 1, p in all). The studentised residual leaves
the well itself out of the SD it is measured with; Cook's distance is by how much all fitted values
move when the well is taken out, in units of their own uncertainty.

References
----------
Bates & Watts (1988), Nonlinear Regression Analysis, section 3.12: lack of fit.
Cook & Weisberg (1982), Residuals and Influence in Regression, sections 2.2 and 3.2.
Belsley, Kuh & Welsch (1980), Regression Diagnostics, section 2.1: studentised residuals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from assays.curves.standard_curve import StandardCurve

Floats = NDArray[np.float64]

LACKING = 0.01
"""Lack of fit below this p is told."""
OUTLYING = 0.01
"""A well is told apart when chance puts one so far out on this share of plates (Bonferroni)."""
MUCH = 1.0
"""Cook's distance from which one well moves the curve as far as its own uncertainty."""


@dataclass(frozen=True, slots=True)
class LackOfFit:
    """The F-test of a curve against its replicates; NaN where there is nothing to test."""

    f_ratio: float
    p_value: float
    """A small p: the curve misses level means by more than replicates explain."""
    df_lack: int
    df_pure: int


def lack_of_fit(curve: StandardCurve) -> LackOfFit:
    """Test a fitted curve for lack of fit.

    Returns
    -------
    LackOfFit
        NaN without replicates (a fit on means has none), without more levels than parameters, or
        where replicates never differ.
    """
    from scipy.special import fdtrc

    logs = curve.model.log_response
    y = np.log(curve.y) if logs else curve.y
    begin = np.flatnonzero(np.concatenate([[True], curve.x[1:] != curve.x[:-1]]))
    sizes = np.diff(np.append(begin, curve.n))
    with np.errstate(all="ignore"):
        # A level whose fitted response is 0 can have a weight without bound: nothing is tested.
        means = np.add.reduceat(curve.weights * y, begin) / np.add.reduceat(curve.weights, begin)
        pure = float(curve.weights @ (y - np.repeat(means, sizes)) ** 2)
        rounding = 1e-24 * float(curve.weights @ y**2)
    df_pure, df_lack = curve.n - len(begin), len(begin) - (curve.n - curve.df)
    if df_pure <= 0 or df_lack <= 0 or not pure > rounding:
        return LackOfFit(np.nan, np.nan, max(df_lack, 0), df_pure)
    ratio = max(curve.rss - pure, 0.0) / df_lack / (pure / df_pure)
    return LackOfFit(ratio, float(fdtrc(df_lack, df_pure, ratio)), df_lack, df_pure)


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """How each point of a fit bears on the curve, in the order of `StandardCurve.x`.

    NaN without degrees of freedom, and where the parameters are not pinned down.
    """

    leverage: Floats
    """shape (n,), 0 to 1"""
    standardised: Floats
    """shape (n,), residuals over the SD they should have"""
    studentised: Floats
    """shape (n,), the same with the SD of all the other points"""
    cooks_distance: Floats
    """shape (n,)"""
    p_value: Floats
    """shape (n,), that chance puts any of n points so far out (Bonferroni)"""

    @property
    def outlying(self) -> NDArray[np.intp]:
        """Points that chance puts so far out on less than 1 % of plates."""
        return np.flatnonzero(self.p_value < OUTLYING)

    @property
    def pulling(self) -> NDArray[np.intp]:
        """Points that move the whole curve by more than its uncertainty (Cook above 1)."""
        return np.flatnonzero(self.cooks_distance > MUCH)


def influence(curve: StandardCurve) -> Influence:
    """Leverage, studentised residual and Cook's distance of every point of a fit."""
    from scipy.special import stdtr

    n, p, df = curve.n, curve.n - curve.df, curve.df
    unknown = np.full(n, np.nan)
    if df <= 0 or not np.isfinite(curve.root).all() or not curve.residual_sd > 0:
        return Influence(unknown, unknown, unknown, unknown, unknown)
    with np.errstate(all="ignore"):
        fitted = curve.forward(curve.x)
        gradient = curve.model.gradient(curve.x, curve.vector)
        apart = curve.y - fitted
        if curve.model.log_response:
            gradient, apart = gradient / fitted[:, None], np.log(curve.y / fitted)
        root = np.sqrt(curve.weights)
        spread = np.square((gradient * root[:, None]) @ curve.root).sum(axis=1)
        leverage = np.clip(spread / curve.residual_sd**2, 0.0, 1.0)
        left = 1 - leverage
        usable = left > 1e-9
        scaled = root * apart / curve.residual_sd
        standardised = np.where(usable, scaled / np.sqrt(np.where(usable, left, 1.0)), np.nan)
        cook = standardised**2 * leverage / (p * np.where(usable, left, np.nan))
        if df == 1:
            return Influence(leverage, standardised, unknown, cook, unknown)
        rest = np.maximum(df - standardised**2, 0.0)
        studentised = standardised * np.sqrt((df - 1) / rest)
        chance = 2 * n * stdtr(df - 1, -np.abs(studentised))
    return Influence(leverage, standardised, studentised, cook, np.minimum(chance, 1.0))
