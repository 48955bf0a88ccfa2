"""Events beyond a quantile of the donor's own control tubes.

The cut is the quantile of the control events (unstimulated, FMO or staining
isotype) of the same donor, every control tube giving equally many: never of the
tube that it judges, and never of another donor. The score falls when the
controls are few: it is 1 less the relative counting error of the events beyond
the cut, ``1 / sqrt(n (1 - quantile))``.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from assays.flow.gates.automatic import CONTROLS, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST
from assays.flow.gates.found import told
from assays.flow.gates.shapes import Box


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check quantile and side."""
    return partial(
        find,
        quantile=params.between("quantile", 0.5, 0.9999, 0.99),
        side=params.text("side", ("+", "-"), "+"),
    )


def find(pool: Pool, *, quantile: float, side: str) -> Found | NoGate:
    """Cut at the quantile of the controls."""
    least = max(FEWEST, math.ceil(1 / (1 - quantile)))
    if len(pool) < least:
        return NoGate(f"the controls hold {len(pool):,} events; {least:,} are the least")
    cut = float(np.quantile(pool.values[:, 0], quantile))
    if cut >= pool.tops[0]:
        return NoGate(
            f"the {quantile:.4g} quantile of the controls stands at the detector's top, "
            f"{told(cut)}: nothing can be brighter"
        )
    if pool.values[:, 0].min() == pool.values[:, 0].max():
        return NoGate(f"all {len(pool):,} events of the controls are alike, at {told(cut)}")
    # Strictly above: an event at the quantile itself is negative.
    cut = float(np.nextafter(cut, math.inf))
    shape = Box((cut,), (math.inf,)) if side == "+" else Box((-math.inf,), (cut,))
    beyond = len(pool) * (1 - quantile)
    count = len(pool.tubes)
    names = f"{pool.tubes[0]} and {count - 1} more" if count > 1 else "".join(pool.tubes)
    reasons = (f"{quantile:.4g} quantile of {len(pool):,} events of {names} at {told(cut)}",)
    return Found(shape, max(0.0, 1 - 1 / math.sqrt(beyond)), reasons)


GATE = GateMethod(
    name="control_quantile",
    summary="Events beyond a quantile of the same donor's control tubes.",
    dimensions=(1, 1),
    params={
        "control": f"{', '.join(CONTROLS)}: role of the control tubes; unstimulated when left out",
        "quantile": "share of control events at or below the cut, 0.5 to 0.9999; 0.99",
        "side": "+ above or - below the cut; + when left out",
        "match": "part of the file name or note that tells which FMO or isotype tubes are meant",
        "fallback": "all, none (when left out), or the parameters of a fixed gate",
    },
    search=Search("readout", "donor", prepare),
)
