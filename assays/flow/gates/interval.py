"""Events between two values of one channel.

``low`` is inside, ``high`` is outside (Gating-ML 2.0: ``min <= x < max``), so
that neighbouring intervals share no event. Either end may be left out.
"""

from __future__ import annotations

import math

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Box, Shape


def build(params: Params) -> Shape:
    """Box of one dimension."""
    low = params.number("low", -math.inf)
    high = params.number("high", math.inf)
    if "low" not in params and "high" not in params:
        raise params.error("needs low, high or both")
    if not low < high:
        raise params.error(f"low must be below high; found {low:g} and {high:g}")
    return Box((low,), (high,))


GATE = GateMethod(
    name="interval",
    summary="Events between two values of one channel.",
    dimensions=(1, 1),
    params={"low": "smallest value inside", "high": "smallest value above, outside"},
    build=build,
)
