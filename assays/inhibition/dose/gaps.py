"""A dose that lies far from all others of its inhibitor: a slip of its unit, most often.

``300 µM`` among 3 to 1000 nM is a dose that can be computed with, so nothing refuses it. But doses
of a series are chosen in even steps: one that lies a hundredfold beyond its neighbour, where the
others lie at most tenfold apart, is worth another look.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.doses import on_footing
from assays.samples import Agent, Tube
from plates.findings import Finding, Severity

RULE = "dose-far-off"
FAR_FOLD = 100.0
"""From the next dose."""
STEP_FOLD = 10.0
"""Largest step between the doses that it is far from."""
LEAST_DOSES = 3
"""That show how far apart doses are chosen."""
MOST_NAMED = 6
"""Files that one sentence names."""
ROUNDING = 1e-9

_Given = tuple[float, Agent, str]
"""Dose on common footing, the agent as written, the file."""


def far_doses(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Doses of an inhibitor that lie a hundredfold off the others, over all donors of a sheet.

    Parameters
    ----------
    tubes : sequence of Tube
        Rows of the sample sheet.
    masses : mapping
        Molar masses by name of the agent, g/mol.

    Yields
    ------
    Finding
        One per inhibitor. Doses that cannot be turned into one another are told elsewhere.
    """
    groups: dict[tuple[str, str], list[_Given]] = {}
    for tube in tubes:
        for agent in tube.inhibitors:
            dose, unit = on_footing(agent, masses)
            if math.isfinite(dose) and dose > 0:
                key = (agent.name.strip().casefold(), unit)
                groups.setdefault(key, []).append((dose, agent, tube.file))
    for group in groups.values():
        group.sort(key=lambda given: given[0])
        yield from _far(group)


def _far(group: Sequence[_Given]) -> Iterable[Finding]:
    """Where one wide step leaves an even series on one side, and fewer doses on the other."""
    wide = [
        at
        for at in range(1, len(group))
        if group[at][0] >= FAR_FOLD * (1 - ROUNDING) * group[at - 1][0]
    ]
    if len(wide) != 1:
        return
    sides = group[: wide[0]], group[wide[0] :]
    off, series = sorted(sides, key=_distinct)
    if _distinct(series) < LEAST_DOSES or _distinct(off) == _distinct(series):
        return
    steps = [high[0] / low[0] for low, high in itertools.pairwise(series)]
    if max(steps) > STEP_FOLD * (1 + ROUNDING):
        return
    above = off[0][0] > series[0][0]
    nearest, edge = (off[0], series[-1]) if above else (off[-1], series[0])
    fold = max(nearest[0], edge[0]) / min(nearest[0], edge[0])
    usual = Counter(agent.unit.strip() for _, agent, _ in series).most_common(1)[0][0]
    unit = nearest[1].unit.strip()
    asked = f" Is it meant in {usual}, as the others?" if unit != usual else " Is its unit right?"
    files = [file for _, _, file in off]
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    yield Finding(
        RULE,
        Severity.LOOK,
        files[0] if len(files) == 1 else "",
        f"{nearest[1].name} is given at {_dose(nearest[1])} in {', '.join(files[:MOST_NAMED])}"
        f"{more}: {fold:,.0f}-fold {'above' if above else 'below'} the next dose, "
        f"{_dose(edge[1])}, while the others lie at most {max(steps):.2g}-fold apart.{asked}",
        fold,
        FAR_FOLD,
    )


def _distinct(group: Sequence[_Given]) -> int:
    return len({f"{dose:.9g}" for dose, _, _ in group})


def _dose(agent: Agent) -> str:
    return f"{agent.dose:g} {agent.unit.strip()}"
