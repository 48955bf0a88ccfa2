"""Events inside an ellipse on two channels; an event exactly on its edge is inside.

Given as Gating-ML 2.0 does (centre, covariance, squared distance), or as drawn:
centre, two half-axes and the angle of the first, anticlockwise from the x axis.
"""

from __future__ import annotations

import math

import numpy as np

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Ellipse, Floats, Shape


def build(params: Params) -> Shape:
    """Ellipse from either of its descriptions."""
    center = np.array(params.numbers("center", 2))
    drawn = "axes" in params or "angle_deg" in params
    if drawn == ("covariance" in params):
        raise params.error("needs either covariance, or axes with angle_deg")
    if drawn:
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
    rows = params.matrix("covariance", 2, most=2)
    matrix = np.array(rows)
    if matrix.shape != (2, 2) or not math.isclose(matrix[0, 1], matrix[1, 0], rel_tol=1e-9):
        raise params.error(f"covariance must be a symmetric 2 x 2 matrix, found {rows}")
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
    summary="Events inside an ellipse on two channels, its edge included.",
    dimensions=(2, 2),
    params={
        "center": "[x, y]",
        "covariance": "2 x 2 matrix",
        "distance_squared": "squared Mahalanobis distance of the edge; 1 when left out",
        "axes": "the two half-axes",
        "angle_deg": "angle of the first half-axis, anticlockwise; 0 when left out",
    },
    build=build,
)
