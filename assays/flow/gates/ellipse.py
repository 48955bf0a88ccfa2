"""Events inside an ellipse, or an ellipsoid of more channels; its very edge is inside.

Given as Gating-ML 2.0 does (centre, covariance, squared distance), or on two channels
as drawn: centre, two half-axes and the angle of the first, anticlockwise from the x axis.
"""

from __future__ import annotations

import math

import numpy as np

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Ellipse, Floats, Shape

MOST = 16
"""Channels; no clinical panel gates on more at once."""


def build(params: Params) -> Shape:
    """Ellipse from either of its descriptions."""
    center = np.array(params.numbers("center", params.channels))
    drawn = "axes" in params or "angle_deg" in params
    if drawn == ("covariance" in params):
        raise params.error("needs either covariance, or axes with angle_deg")
    if drawn:
        if params.channels != 2:
            raise params.error("axes with angle_deg describe two channels; give a covariance")
        if "distance_squared" in params:
            raise params.error("distance_squared belongs to covariance, not to axes")
        return Ellipse(center, _with_area(params, _from_axes(params)), 1.0)
    distance = params.number("distance_squared", 1.0)
    if distance <= 0:
        raise params.error(f"distance_squared must be > 0, found {distance:g}")
    return Ellipse(center, _with_area(params, _given(params)), distance)


def _from_axes(params: Params) -> Floats:
    long, wide = params.numbers("axes", 2)
    if not (0 < long < 1e100 and 0 < wide < 1e100):
        raise params.error(f"half-axes of {long:g} and {wide:g} give no area")
    angle = math.radians(params.number("angle_deg", 0.0))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(turn @ np.diag([long**2, wide**2]) @ turn.T)


def _given(params: Params) -> Floats:
    size = params.channels
    rows = params.matrix("covariance", size, most=size)
    matrix = np.array(rows)
    if matrix.shape != (size, size) or not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0.0):
        raise params.error(f"covariance must be a symmetric {size} x {size} matrix, found {rows}")
    return matrix


def _with_area(params: Params, matrix: Floats) -> Floats:
    """The matrix, unless the ellipse is a line, a point, or beyond what numbers can hold."""
    largest = abs(matrix).max()
    if not 1e-200 < largest < 1e200 or np.linalg.eigvalsh(matrix).min() <= 1e-12 * largest:
        raise params.error(
            "the covariance is not positive definite within rounding: the ellipse has no area"
        )
    return matrix


GATE = GateMethod(
    name="ellipse",
    summary="Events inside an ellipse, or an ellipsoid of more channels, its edge included.",
    dimensions=(2, MOST),
    params={
        "center": "one number per channel",
        "covariance": "symmetric matrix, a row per channel",
        "distance_squared": "squared Mahalanobis distance of the edge; 1 when left out",
        "axes": "the two half-axes, on two channels",
        "angle_deg": "angle of the first half-axis, anticlockwise; 0 when left out",
    },
    build=build,
)
