"""Plain arcsinh axes as Gating-ML 2.0 has them: the same scale, stretched by a constant.

The standard's ``fasinh`` with A = 0 is ``asinh(x sinh(M ln 10) / T) / (M ln 10)``. With
``T = c sinh(M ln 10)`` that is the plain ``asinh(x / c)`` divided by ``M ln 10``, so a shape
on the plain scale is the same shape, divided alike, on the standard's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assays.flow.gates.shapes import Box, Ellipse, Floats, Polygon, Shape
from assays.flow.scales import Arcsinh, Scale

DECADES = 4.5
"""M of the standard's scale; any would do."""


def of_the_standard(scales: Sequence[Scale], shape: Shape) -> tuple[list[Scale], Shape]:
    """Scales and the shape on them, with plain arcsinh taken as the standard's.

    Parameters
    ----------
    scales : sequence of Scale
        One per dimension.
    shape : Shape
        On these scales.

    Returns
    -------
    scales, shape
        Unchanged where no scale is a plain arcsinh, or the shape is none that can be stretched.
    """
    plain = [isinstance(s, Arcsinh) and s.span == 1 and s.shift == 0 for s in scales]
    if not any(plain) or not isinstance(shape, (Box, Polygon, Ellipse)):
        return list(scales), shape
    span = DECADES * math.log(10)
    factors = np.where(plain, 1 / span, 1.0)
    taken = [
        Arcsinh(T=scale.cofactor * math.sinh(span), M=DECADES) if isinstance(scale, Arcsinh) and own
        else scale
        for scale, own in zip(scales, plain, strict=True)
    ]  # fmt: skip
    return taken, _stretched(shape, factors)


def _stretched(shape: Box | Polygon | Ellipse, factors: Floats) -> Shape:
    if isinstance(shape, Box):
        low, high = (np.multiply(ends, factors).tolist() for ends in (shape.low, shape.high))
        return Box(tuple(low), tuple(high))
    if isinstance(shape, Polygon):
        return Polygon(shape.vertices * factors)
    covariance = shape.covariance * np.outer(factors, factors)
    return Ellipse(shape.center * factors, covariance, shape.distance_squared)
