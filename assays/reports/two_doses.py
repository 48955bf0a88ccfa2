"""Inhibitors that a donor has at two doses: too few for a curve, and told so."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.inhibition.doses import on_footing
from assays.results.inhibition import Inhibition
from assays.samples import Agent

TWO = 2
MOST_NAMED = 4
"""Inhibitors with their doses that one sentence names."""


def without_a_row(rows: Sequence[Inhibition]) -> str:
    """A sentence on inhibitors at two doses, which have no row among the dose responses.

    Three doses have a row that says they are too few; a single dose is no series.

    Returns
    -------
    str
        Empty without such inhibitors.
    """
    series: dict[tuple[object, ...], dict[str, Agent]] = {}
    for row in rows:
        if len(row.inhibitors) == 1:
            agent = row.inhibitors[0]
            dose, unit = on_footing(agent, {})
            if math.isfinite(dose):
                key = (agent.name.strip().casefold(), row.donor, row.stimulus, row.vehicle,
                       row.plate, row.time_min)  # fmt: skip
                series.setdefault(key, {}).setdefault(f"{dose:.9g} {unit}", agent)
    told: dict[str, dict[str, None]] = {}
    for (_, donor, *_), doses in series.items():
        if len(doses) == TWO:
            told.setdefault(_words(tuple(doses.values())), {})[str(donor)] = None
    if not told:
        return ""
    named = [f"{what} in {', '.join(donors)}" for what, donors in told.items()]
    more = f"; and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"Two doses are too few for a curve: {'; '.join(named[:MOST_NAMED])}{more}."


def _words(agents: tuple[Agent, ...]) -> str:
    low, high = sorted(agents, key=lambda agent: on_footing(agent, {})[0])
    unit = "" if low.unit == high.unit else f" {low.unit}"
    return f"{low.name} at {low.dose:g}{unit} and {high.dose:g} {high.unit}"
