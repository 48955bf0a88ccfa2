"""What was in a tube, as columns that several tables share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.reports.columns import number
from assays.results.table import Column
from assays.samples import Agent, Tube

DOSES = (
    number("dose_1", "Dose of the first inhibitor, a number"),
    Column("dose_1_unit", "Its unit"),
    number("dose_2", "Dose of the second inhibitor, a number"),
    Column("dose_2_unit", "Its unit"),
)


def dose_numbers(agents: Sequence[Agent]) -> tuple[object, ...]:
    """Doses as numbers with their units, in the order of `DOSES`; blank where there is none."""
    found: list[object] = []
    for place in range(2):
        agent = agents[place] if place < len(agents) else None
        found += [math.nan, ""] if agent is None else [agent.dose, agent.unit]
    return tuple(found)


TUBE = (
    Column("role", "Role"),
    Column("stimulus", "Stimulus"),
    Column("inhibitor", "Inhibitor"),
    Column("dose", "Dose"),
    *DOSES,
    Column("vehicle", "Vehicle"),
    number("replicate", "Replicate", kind="count"),
    Column("plate", "Plate"),
    number("time_min", "Time", "min"),
)


def tube_values(tube: Tube) -> tuple[object, ...]:
    """What was in a tube, in the order of `TUBE`."""
    stimulus = str(tube.stimulus) if tube.stimulus else ""
    time = math.nan if tube.time_min is None else tube.time_min
    given = (tube.inhibitor, tube.dose, *dose_numbers(tube.inhibitors))
    return (str(tube.role), stimulus, *given, tube.vehicle, tube.replicate, tube.plate, time)
