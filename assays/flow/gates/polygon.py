"""Events inside a polygon on two channels; an event exactly on its edge is inside.

Edges are straight in the units of the vertices: in original units, or on the
scales with ``on = "scale"``. A polygon that crosses itself takes what a ray
leaves an odd number of times (even-odd), as Gating-ML does.
"""

from __future__ import annotations

import numpy as np

from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.shapes import Polygon, Shape

MOST_VERTICES = 10_000


def build(params: Params) -> Shape:
    """Polygon from its vertices; a last vertex that repeats the first is dropped."""
    rows = params.matrix("vertices", 2, most=MOST_VERTICES)
    if len(rows) > 1 and rows[0] == rows[-1]:
        rows = rows[:-1]
    if len(set(rows)) < 3:
        raise params.error(f"needs at least 3 different vertices, found {len(set(rows))}")
    return Polygon(np.array(rows, dtype=np.float64))


GATE = GateMethod(
    name="polygon",
    summary="Events inside a polygon on two channels, its edge included.",
    dimensions=(2, 2),
    params={"vertices": "corners in order, each [x, y]"},
    build=build,
)
