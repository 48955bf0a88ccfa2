"""What a colleague would say about gates that were taken from another program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.flow.exchange.drawn import innermost, is_compensated_by_run
from assays.flow.exchange.gate import ShapeGate
from assays.flow.exchange.quantity import Recorded
from assays.flow.exchange.strategy import SharedStrategy
from assays.results.flow import PopulationCount
from plates.findings import Finding, Severity

NEAR_PERCENT = 0.1
"""A count may differ from the stored one by this share of the parent: programs bin differently."""


def as_recorded(strategies: Iterable[SharedStrategy], name: str) -> list[Finding]:
    """Gates on fluorescence as recorded, in a run that compensates."""
    told: dict[str, str] = {}
    for strategy in strategies:
        for gate in strategy.gates:
            for axis in gate.axes if isinstance(gate, ShapeGate) else ():
                inner = innermost(axis)
                if isinstance(inner, Recorded) and is_compensated_by_run(inner.channel):
                    told.setdefault(gate.name, inner.channel)
    return [
        Finding(
            "gate-uncompensated",
            Severity.LOOK,
            gate,
            f"{name} gates {channel!r} in {gate!r} as recorded, while this run compensates. Is "
            "that meant? The gate is applied as it stands and not drawn.",
        )
        for gate, channel in told.items()
    ]


def other_files(totals: Mapping[str, tuple[int, int]], name: str) -> list[Finding]:
    """Files with another number of events than the program knew.

    Parameters
    ----------
    totals : mapping
        By file, the events that the program knew (-1: unknown) and those that are here.
    """
    return [
        Finding(
            "other-events",
            Severity.LOOK,
            file,
            f"{name} knows {stored:,} events of this file; here are {total:,}. Is it the same "
            "recording?",
            total,
            stored,
            "events",
        )
        for file, (stored, total) in totals.items()
        if stored >= 0 and stored != total
    ]


def differing(counts: Sequence[PopulationCount], name: str) -> list[Finding]:
    """Populations whose count lies further from the stored one than bins explain.

    Only the first in the tree is told: what lies below inherits its events.
    """
    by_key = {(each.file, each.population): each for each in counts}
    off: set[tuple[str, str]] = set()
    found = []
    for each in counts:
        above = by_key.get((each.file, each.parent))
        size = each.count / each.percent_of_parent * 100 if each.percent_of_parent else 0
        if (each.file, each.parent) in off:
            off.add((each.file, each.population))
            continue
        away = abs(each.count - each.stored)
        limit = max(1.0, NEAR_PERCENT / 100 * max(size, above.count if above else 0))
        if each.stored >= 0 and away > limit:
            off.add((each.file, each.population))
            found.append(
                Finding(
                    "stored-count-differs",
                    Severity.LOOK,
                    each.file,
                    f"{each.population!r} has {each.count:,} events here; {name} stored "
                    f"{each.stored:,}. What lies below it differs too. Is the workspace up to "
                    "date, and the file the same?",
                    each.count,
                    each.stored,
                    "events",
                )
            )
    return found
