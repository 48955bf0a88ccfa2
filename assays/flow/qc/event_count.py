"""Whether a tube holds events at all."""

from __future__ import annotations

from collections.abc import Iterable

from assays.flow.qc.contract import FlowCheck, TubeLook
from plates.findings import Finding, Severity


def inspect(look: TubeLook) -> Iterable[Finding]:
    """Tell of an empty tube."""
    if len(look.events) == 0:
        yield Finding(
            "no-events",
            Severity.LOOK,
            look.tube.file,
            "The file holds no events; its populations are empty and it has no readings.",
            0.0,
            1.0,
            "events",
        )


CHECK = FlowCheck(
    name="no-events",
    summary="A file without a single event.",
    source="choice of this project",
    inspect=inspect,
)
