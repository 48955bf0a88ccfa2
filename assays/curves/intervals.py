"""Intervals of a concentration beside the one by inversion: Wald, Wald on log x, bootstrap.

Wald takes the curve as straight around the estimate: x ± t SE. It is even where the truth is
lopsided, reaches below zero near zero, and never opens towards a plateau. On log x it is
x · exp(± t SE / x): above zero, and closer to the truth where the curve is a power of x.

The bootstrap refits plates that this curve could have given. Each of them draws its own residual
SD (s² df / chi²), new standard wells with the variance function of the weighting, and a new mean
of m wells at the response asked about; the interval lies between the percentiles of what is read
back. A draw below the curve counts as 0, one above it as inf: the interval opens by itself. The
weights stay those of the fit. Drawing the SD makes the width follow Student's t, not the normal
distribution.

References
----------
Bates & Watts (1988), Nonlinear Regression Analysis, section 2.3: Wald.
Huet et al. (2004), Statistical Tools for Nonlinear Regression, 2nd ed., section 2.4: bootstrap.
Greenwell & Schubert Kabban (2014), R Journal 6, 90: bootstrap of an inverse prediction.
"""

from __future__ import annotations

import numpy as np

from assays.curves.contract import Floats
from assays.curves.descent import ROUGH, minimise
from assays.curves.fitted_curve import FittedCurve
from assays.curves.least_squares import params_of, problem_of, quiet
from assays.curves.weights import variance
from assays.errors import CurveFitError

INTERVALS = ("inversion", "wald", "wald-log", "bootstrap")
"""The intervals by name; the first is the default."""

DRAWS = 1999
SEED = tuple(b"curves.bootstrap")
"""Named, so that the same curve gives the same interval again."""
CHUNK = 256
PLACES = 1000
MOST_NUMBERS = 1_000_000
"""Wells drawn at one time: plates of the usual size go in one piece."""


def wald(value: Floats, error: Floats, t: float) -> tuple[Floats, Floats]:
    """x ± t SE; a lower limit below zero is given as it comes out."""
    with np.errstate(all="ignore"):
        return value - t * error, value + t * error


def wald_log(value: Floats, error: Floats, t: float) -> tuple[Floats, Floats]:
    """x · exp(± t SE / x); NaN at x = 0, which has no logarithm."""
    with np.errstate(all="ignore"):
        factor = np.exp(t * error / np.where(value > 0, value, np.nan))
        return value / factor, value * factor


def bootstrap(curve: FittedCurve, y: Floats, noise: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile limits over refitted plates.

    Parameters
    ----------
    y, noise : ndarray, shape (n,)
        Mean responses, and the variance of each mean at the curve's residual SD.

    Raises
    ------
    CurveFitError
        When the level leaves less than one draw beyond a limit.
    """
    beyond = (DRAWS + 1) * (1 - level) / 2
    if beyond < 1:
        raise CurveFitError(
            f"{DRAWS} bootstrap draws cannot tell a {100 * level:g} % interval",
            hint="Use a level of 0.999 or below, or the interval by inversion.",
        )
    with np.errstate(all="ignore"):
        return _percentiles(curve, y, noise, int(beyond))


def _percentiles(
    curve: FittedCurve, y: Floats, noise: Floats, beyond: int
) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(SEED)
    stretch = np.sqrt(curve.df / rng.chisquare(curve.df, size=DRAWS))
    vectors = _refitted(curve, stretch, rng)
    logs = curve.model.log_response
    # A line on logs has its noise as a share of the response.
    spread = np.sqrt(noise) / np.abs(y) if logs else np.sqrt(noise)
    lower, upper = np.full_like(y, np.nan), np.full_like(y, np.nan)
    low = beyond - 1
    for i in range(0, len(y), CHUNK):
        part = slice(i, i + CHUNK)
        away = stretch[:, None] * rng.normal(size=(DRAWS, len(y[part]))) * spread[part]
        drawn = y[part] * np.exp(away) if logs else y[part] + away
        found = np.stack([_read(curve, *one) for one in zip(vectors, drawn, strict=True)])
        found = np.sort(found, axis=0)
        known = np.isfinite(y[part])
        lower[part] = np.where(known, found[low], np.nan)
        upper[part] = np.where(known, found[DRAWS - 1 - low], np.nan)
    return lower, upper


def _refitted(curve: FittedCurve, stretch: Floats, rng: np.random.Generator) -> Floats:
    """Parameters of plates drawn from the curve, shape (DRAWS, k)."""
    model, vector = curve.model, curve.vector
    fitted = curve.forward(curve.x)
    if model.log_response:
        weights, centre = curve.weights, np.log(fitted)
    else:
        spread = variance(fitted, curve.theta, curve.floor, curve.constant)
        # Where the fitted response is 0 its own weight has no bound: the fit's stands in.
        weights, centre = (
            np.where(spread > 0, 1 / np.maximum(spread, 1e-300), curve.weights),
            fitted,
        )
    sd = curve.residual_sd / np.sqrt(weights)
    free = np.asarray((curve.root != 0).any(axis=1))
    block, every = max(MOST_NUMBERS // curve.n, 1), []
    for i in range(0, DRAWS, block):
        wide = stretch[i : i + block, None]
        drawn = centre + wide * sd * rng.normal(size=(len(wide), curve.n))
        with quiet():
            x, w = np.broadcast_to(curve.x, drawn.shape), np.broadcast_to(weights, drawn.shape)
            problem = problem_of(model, x, drawn, w, free)
            begun = np.broadcast_to(vector, (len(wide), 1, len(vector))).copy()
            found, _ = minimise(problem, begun, ROUGH)
            every.append(params_of(problem, found))
    return np.concatenate(every)


def _read(curve: FittedCurve, vector: Floats, y: Floats) -> Floats:
    """Concentrations of one drawn plate; 0 below its curve, inf above."""
    model = curve.model
    low, high = model.domain(vector)
    with np.errstate(all="ignore"):
        if np.isfinite(high):
            return _read_table(curve, vector, y)
        value = model.inverse(y, vector)
        start = model.forward(np.asarray(low), vector)
    outside = ~(np.isfinite(value) & (value >= low) & (value <= high))
    nearer = (y <= start) if curve.rising else (y >= start)
    return np.where(outside, np.where(nearer, 0.0, np.inf), value)


def _read_table(curve: FittedCurve, vector: Floats, y: Floats) -> Floats:
    """The same for a curve that ends at its standards, from a table: its inverse is a search.

    Between two places of the table the curve is a straight line to one part in a million; where it
    turns back, nothing is known and the draw counts as inf.
    """
    x = np.append(0.0, np.geomspace(curve.x[curve.x > 0][0], curve.x[-1], PLACES))
    x = x if curve.x[0] == 0 else x[1:]
    response = curve.model.forward(x, vector)
    above = response[None, :] >= y[:, None]
    crossings = above[:, 1:] != above[:, :-1]
    at = crossings.argmax(axis=1)
    part = (y - response[at]) / (response[at + 1] - response[at])
    value = x[at] + part * (x[at + 1] - x[at])
    # Where the curve turns back the first point's side says nothing.
    below = (crossings.sum(axis=1) == 0) & (above[:, 0] == curve.rising)
    return np.where(crossings.sum(axis=1) == 1, value, np.where(below, 0.0, np.inf))
