"""Events from the time when the sample flowed steadily.

A clog, a bubble or a burst changes the rate of events; what is recorded then is
doubtful. Counts in bins of 0.5 s, or 1 % of the run, are held against their
median (see the check `rate`). By default the gate keeps every event and tells
what it would have removed: with `remove = true` the bins are taken out. The
score is the share of events that came steadily.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from assays.flow.gates.automatic import Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.found import Spans, everything
from assays.flow.rate import rate_of


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check `remove`."""
    return partial(find, remove=params.flag("remove", default=False))


def find(pool: Pool, *, remove: bool) -> Found | NoGate:
    """Look at the rate of one file."""
    rate = rate_of(pool.values[:, 0], pool.time_step_s)
    if isinstance(rate, str):
        return NoGate(f"{pool.channels[0]}: {rate}")
    spans = rate.spans()
    reasons = [f"{100 * rate.share_out:.1f} % of events came at an unusual rate"]
    if np.isnan(rate.seconds_per_bin):
        reasons.append("the file does not say how long a tick is: bins are 1 % of the run")
    if spans and not remove:
        reasons.append("flagged, not removed")
    size = len(pool.channels)
    if not (remove and spans):
        return Found(everything(size), 1 - rate.share_out, tuple(reasons))
    starts, ends = np.array(spans).T
    return Found(Spans(starts, ends, size), 1 - rate.share_out, tuple(reasons))


GATE = GateMethod(
    name="stable",
    summary="Events from the time of steady flow; flags by default, removes on request.",
    dimensions=(1, 1),
    params={
        "remove": "take unsteady spans out; false when left out: they are told and kept",
        "fallback": "what to take when the rate cannot be judged: all (when left out) or none",
    },
    search=Search("technical", "file", prepare, fallback="all", whole_file=True),
)
