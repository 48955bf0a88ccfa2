"""Doses of an inhibitor that were not given without a stimulus: their own floor is not known.

The run subtracts the inhibitor alone at the very same dose (see `arms.find_alone`). What a lower
dose does to a tonic signal is not what the highest does, so no dose stands in for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assays.inhibition.sheet.rehearsal import (
    Rehearsed,
    for_readouts,
    gathered,
    named,
    of_inhibitors,
)
from assays.protocol import Flow
from assays.samples import Agent, Tube
from plates.findings import Finding, Severity

_MOST_DOSES = 8
"""Doses that one sentence names."""
_MOST_PARTS = 5
"""Different sets of doses that one sentence names."""

_COST = (
    "there the column of the own floor stays blank, and what the inhibitor does to a tonic signal "
    "is counted as blockade"
)


def own_floors_missing(rehearsed: Sequence[Rehearsed], protocol: Flow) -> Iterable[Finding]:
    """One remark per inhibitor, naming doses and donors."""
    found = (
        ((inhibitors, lacking if given else (), given), name, donor)
        for each in rehearsed
        for (donor, inhibitors), (lacking, given) in _by_donor(each).items()
        if lacking
        for name in each.names
    )
    told: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
    for (inhibitors, lacking, given), readouts, donors in gathered(found):
        where = f"at any dose in {named(donors)}"
        if given:
            where = f"at {_listed(lacking)} in {named(donors)} (only at {_listed(given)})"
        of = for_readouts(readouts, protocol)
        told.setdefault((inhibitors, of), []).append((where, donors))
    for (inhibitors, of), parts in told.items():
        more = len(parts) - _MOST_PARTS
        words = [where for where, _ in parts[:_MOST_PARTS]]
        words += [f"in {more} more ways"] if more > 0 else []
        yield Finding(
            "inhibitor-alone-missing",
            Severity.NOTE,
            named(list(dict.fromkeys(donor for _, donors in parts for donor in donors))),
            f"{inhibitors} is not given without a stimulus {'; '.join(words)}: {_COST}{of}.",
        )


def _by_donor(
    each: Rehearsed,
) -> dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Doses without and with an own floor, by donor and inhibitors, rising."""
    doses: dict[tuple[str, str], tuple[list[Tube], list[Tube]]] = {}
    for one in each.conditions:
        sides = doses.setdefault((one.tube.donor, of_inhibitors(one.tube)), ([], []))
        sides[bool(one.alone)].append(one.tube)
    return {key: (_doses(without), _doses(having)) for key, (without, having) in doses.items()}


def _doses(tubes: Sequence[Tube]) -> tuple[str, ...]:
    rising = sorted(tubes, key=lambda tube: [(a.unit, a.dose) for a in _in_order(tube)])
    return tuple(dict.fromkeys(_dose(tube) for tube in rising))


def _in_order(tube: Tube) -> list[Agent]:
    return sorted(tube.inhibitors, key=lambda agent: agent.name.strip().casefold())


def _dose(tube: Tube) -> str:
    return " + ".join(f"{agent.dose:g} {agent.unit}".strip() for agent in _in_order(tube))


def _listed(doses: Sequence[str]) -> str:
    """``3, 10 and 30 nM``: the unit once where it is one."""
    more = len(doses) - _MOST_DOSES
    shown = list(doses[:_MOST_DOSES])
    units = {dose.partition(" ")[2] for dose in shown}
    if len(units) == 1 and not any(" + " in dose for dose in shown):
        unit = units.pop()
        shown = [dose.partition(" ")[0] for dose in shown[:-1]] + [shown[-1]] if unit else shown
    if more > 0:
        return f"{', '.join(shown)} and {more} more doses"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]
