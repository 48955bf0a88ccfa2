"""A dose is a number with a known unit: any other cannot be held against its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable

from assays.dose_units import known_unit
from assays.errors import ControlError
from assays.samples import Tube


def require_units(tubes: Iterable[Tube]) -> None:
    """Refuse tubes whose dose has no unit, or one that nobody writes.

    Raises
    ------
    ControlError, UnitError
        Names the tube, the agent and the dose. A sheet is refused on reading already.
    """
    for tube in tubes:
        for agent in (tube.stimulus, *tube.inhibitors):
            if agent is None or not math.isfinite(agent.dose):
                continue
            if not agent.unit.strip():
                raise ControlError(
                    f"the dose {agent.dose:g} of {agent.name} has no unit",
                    tube.where or tube.file,
                    "Give it one: ng/mL, nM, µg/mL …",
                )
            known_unit(agent.unit, tube.where or tube.file)
