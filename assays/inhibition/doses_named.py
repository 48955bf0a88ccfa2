"""A dose is a number with a unit: one without cannot be held against any other."""

from __future__ import annotations

import math
from collections.abc import Iterable

from assays.errors import ControlError
from assays.samples import Tube


def require_units(tubes: Iterable[Tube]) -> None:
    """Refuse tubes whose dose has no unit.

    Raises
    ------
    ControlError
        Names the tube, the agent and the dose. A sheet is refused on reading already.
    """
    for tube in tubes:
        for agent in (tube.stimulus, *tube.inhibitors):
            if agent is not None and math.isfinite(agent.dose) and not agent.unit.strip():
                raise ControlError(
                    f"the dose {agent.dose:g} of {agent.name} has no unit",
                    tube.where or tube.file,
                    "Give it one: ng/mL, nM, µg/mL …",
                )
