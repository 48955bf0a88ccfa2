"""One power of the mean for many plates.

A plate's sixteen wells give the power theta with an SD of about 0.3; what it is, belongs to the
assay and not to the plate. Each plate keeps its own curve and its own size of noise, theta is the
one that all plates together make most likely.

References
----------
Davidian & Giltinan (1995), Nonlinear Models for Repeated Measurement Data, chapter 5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.fitting import fit_many
from assays.curves.standard_curve import StandardCurve
from assays.errors import CurveFitError

FEWEST_PLATES = 5
ROUNDS = 30
STILL = 1e-6
RANGE = (0.0, 3.0)


def fit_pooled(
    concentrations: Sequence[ArrayLike],
    responses: Sequence[ArrayLike],
    model: str = "4pl",
    on: str = "wells",
    floor: float = 0.0,
    direction: str | None = None,
) -> list[StandardCurve]:
    """Fit plates of one assay, weighted by a power of the mean that they share.

    Returns
    -------
    list of StandardCurve
        The `theta` of each is the shared one.

    Raises
    ------
    CurveFitError
        With fewer than 5 plates, or as `fit`.
    """
    if len(concentrations) < FEWEST_PLATES:
        raise CurveFitError(
            f"a shared power needs {FEWEST_PLATES} plates, {len(concentrations)} found",
            hint='Use weighting "two-component" for fewer plates.',
        )
    theta = 1.0
    for _ in range(ROUNDS):
        fitted = fit_many(
            concentrations, responses, model, "power", on, floor, direction, power=theta
        )
        found = _shared_power(fitted, theta)
        if abs(found - theta) <= STILL:
            break
        theta = found
    return fitted


def _shared_power(fitted: Sequence[StandardCurve], start: float) -> float:
    """Newton's method on the sum of the plates' profile log-likelihoods, convex in theta."""
    parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for curve in fitted:
        response = np.maximum(np.abs(curve.forward(curve.x)), max(curve.floor, 1e-300))
        square, size = (curve.y - curve.forward(curve.x)) ** 2, np.log(response)
        if square.sum() > 0:
            parts.append((square, size - size.mean()))
    theta = start
    for _ in range(50):
        down = bent = 0.0
        for square, size in parts:
            share = square * np.exp(-2 * (theta - start) * size - 2 * start * size)
            share /= share.sum()
            middle = float(share @ size)
            down += len(size) * middle
            bent += 2 * len(size) * float(share @ (size - middle) ** 2)
        step = float(np.clip(down / bent if bent > 0 else 0.0, -0.5, 0.5))
        theta = float(np.clip(theta + step, *RANGE))
        if abs(step) < 1e-10:
            break
    return theta
