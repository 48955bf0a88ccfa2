"""How many events are piled up at the top of a channel.

An event brighter than the detector's range is recorded at its last value; many
of them share exactly one number. Their true value is unknown, so a median is
only right while fewer than half of a population is there, and gates drawn near
the top take or lose them all.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assays.flow.axes import top_of
from assays.flow.qc.contract import FlowCheck, TubeLook
from plates.findings import Finding, Severity

MOST_PERCENT = 10.0
"""Share of events at the margin above which somebody should look."""


def inspect(look: TubeLook) -> Iterable[Finding]:
    """Tell of channels with more events at the top than the limit."""
    events = look.events
    if not len(events):
        return
    for name in dict.fromkeys(look.channels):
        index = events.index(name)
        channel = events.channels[index]
        top = top_of(channel, events.keywords)
        if channel.name.lower() == "time" or not np.isfinite(top):
            continue
        values = events.values[:, index]
        highest = values.max()
        # Floats stop a little short of $PnR, integers at $PnR - 1.
        if not highest >= 0.99 * top:
            continue
        percent = 100.0 * float(np.count_nonzero(values == highest)) / len(values)
        if percent > MOST_PERCENT:
            yield Finding(
                "margin",
                Severity.LOOK,
                look.tube.file,
                f"{percent:.1f} % of events are at the top of {channel.marker or channel.name}: "
                "lower its voltage or dilute the stain.",
                percent,
                MOST_PERCENT,
                "%",
            )


CHECK = FlowCheck(
    name="margin",
    summary="More than 10 % of events at the very top of a channel that is gated or read.",
    source="margin rule as in PeacoQC (Emmaneel 2022, Cytometry A); the limit is a choice",
    inspect=inspect,
)
