"""How steadily the events came, and whether time stood still or ran backwards.

A clog, a bubble or a burst changes the rate; what is recorded then is doubtful.
Only told here: the gate `stable` with `remove = true` takes such spans out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assays.flow.qc.contract import FlowCheck, TubeLook
from assays.flow.rate import LIMIT, FlowRate, rate_of
from plates.findings import Finding, Severity

MANY_PERCENT = 5.0
"""Share of events at an unusual rate from which somebody should look (a choice)."""


def inspect(look: TubeLook) -> Iterable[Finding]:
    """Tell of spans with an unusual rate, of gaps, and of time that runs backwards."""
    events = look.events
    times = [i for i, c in enumerate(events.channels) if c.time or c.name.strip().lower() == "time"]
    if len(times) != 1:
        return
    rate = rate_of(events.values[:, times[0]], events.time_step_s)
    if isinstance(rate, str):
        return
    if rate.backwards:
        yield Finding(
            "time-backwards",
            Severity.NOTE,
            look.tube.file,
            f"Time runs backwards {rate.backwards:,} times: was the file put together from "
            "several, or are its events sorted? Its rate is judged by the times as they stand.",
            rate.backwards,
            0,
            "times",
        )
    if rate.out.any():
        yield _unsteady(look, rate)


def _unsteady(look: TubeLook, rate: FlowRate) -> Finding:
    percent = 100 * rate.share_out
    gaps = int(np.count_nonzero(rate.counts == 0))
    start = rate.edges[0]
    known = np.isfinite(rate.seconds_per_bin)
    per_tick = rate.seconds_per_bin / (rate.edges[1] - start) if known else 1.0
    unit = "s" if known else "ticks"
    spans = [f"{(a - start) * per_tick:.3g}-{(b - start) * per_tick:.3g}" for a, b in rate.spans()]
    more = " …" if len(spans) > 4 else ""
    stood = f" In {gaps} of {len(rate.counts)} bins no event came at all." if gaps else ""
    return Finding(
        "flow-rate",
        Severity.LOOK if percent > MANY_PERCENT or gaps else Severity.NOTE,
        look.tube.file,
        f"{percent:.1f} % of events came at an unusual rate, at {', '.join(spans[:4])}{more} "
        f"{unit} of the run.{stood} Was the sample clogged, or air in the line? A gate with "
        "method stable and remove = true takes these spans out.",
        float(abs(rate.z).max()),
        LIMIT,
        "z",
    )


CHECK = FlowCheck(
    name="flow-rate",
    summary="Bins of 0.5 s or 1 % of the run whose count lies more than 4.5 robust standard "
    "deviations from the median; time that runs backwards.",
    source="deviance residuals of Poisson counts over max(1, 1.4826 MAD); at this limit 1 in 1,000 "
    "steady files is told",
    inspect=inspect,
)
