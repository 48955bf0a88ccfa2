"""One of the four quadrants around a point on two channels.

``+`` takes values from the cut upwards, ``-`` those below it, so that the four
quadrants share no event and miss none.
"""

from __future__ import annotations

import math

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Box, Shape


def build(params: Params) -> Shape:
    """Box open on two sides."""
    cuts = (params.number("x"), params.number("y"))
    signs = params.text("quadrant", ("++", "+-", "-+", "--"))
    low = [cut if sign == "+" else -math.inf for cut, sign in zip(cuts, signs, strict=True)]
    high = [math.inf if sign == "+" else cut for cut, sign in zip(cuts, signs, strict=True)]
    return Box((low[0], low[1]), (high[0], high[1]))


GATE = GateMethod(
    name="quadrant",
    summary="One of the four quadrants around a point on two channels.",
    dimensions=(2, 2),
    params={
        "x": "cut on the first channel",
        "y": "cut on the second channel",
        "quadrant": "++, +-, -+ or --: side of the first, then of the second cut",
    },
    build=build,
)
