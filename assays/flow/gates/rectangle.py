"""Events between two values on each of several channels.

As for an interval, ``low`` is inside and ``high`` outside on every channel. Use
a single list entry per channel; leave out ``low`` or ``high`` altogether when
the gate is open on that side on every channel.
"""

from __future__ import annotations

import math

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Box, Shape


def build(params: Params) -> Shape:
    """Box of as many dimensions as channels."""
    if "low" not in params and "high" not in params:
        raise params.error("needs low, high or both")
    size = params.channels
    low = params.numbers("low", size) if "low" in params else (-math.inf,) * size
    high = params.numbers("high", size) if "high" in params else (math.inf,) * size
    for bottom, top in zip(low, high, strict=True):
        if not bottom < top:
            raise params.error(f"low must be below high; found {bottom:g} and {top:g}")
    return Box(low, high)


GATE = GateMethod(
    name="rectangle",
    summary="Events between two values on each of several channels.",
    dimensions=(1, 32),
    params={"low": "smallest values inside", "high": "smallest values above, outside"},
    build=build,
)
