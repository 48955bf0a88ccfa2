"""A fitted curve as a plain record, sampled for drawing."""

from __future__ import annotations

import numpy as np

from assays import curves
from assays.curves import StandardCurve
from assays.results.elisa import CurveRecord

POINTS = 161
BEYOND = 3.0
"""How many times below the lowest and above the highest standard the drawing goes on."""


def record_of(plate: str, curve: StandardCurve, refused: str = "", wells: int = 2) -> CurveRecord:
    """Parameters, errors and the curve sampled between and a little beyond its standards.

    `wells` are averaged in the precision profile.
    """
    positive = curve.x[curve.x > 0]
    low, high = curve.model.domain(curve.vector)
    x = np.geomspace(max(positive.min() / BEYOND, low), min(positive.max() * BEYOND, high), POINTS)
    below, above = curve.band(x)
    detected = curves.minimum_detectable(curve)
    least = min(x[0], max(detected, low)) if detected > 0 else x[0]
    profile_x = np.geomspace(least, x[-1], POINTS)
    return CurveRecord(
        plate,
        curve.model.name,
        curve.model.formula,
        dict(curve.params),
        curve.standard_errors,
        curve.weighting,
        curve.on,
        curve.rss,
        curve.residual_sd,
        curve.df,
        curve.n,
        curve.r_squared,
        curve.converged,
        not refused,
        refused,
        x,
        curve.forward(x),
        below,
        above,
        float(curve.forward(0.0)),
        profile_x,
        curves.precision_profile(curve, profile_x, wells),
        wells,
    )
