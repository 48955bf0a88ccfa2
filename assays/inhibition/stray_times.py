"""Tubes whose time no other side of the blockade has: a slip of hours for minutes, most often.

A stimulated tube is the control of treated tubes of its own time. One with a time that no treated
tube of its donor has serves none of them, and with the tubes of the right time it would look like a
course over time. A series of times of one stimulus stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assays.inhibition.arms import agent_key
from assays.samples import SAMPLE_ROLES, Tube, TubeRole

SERIES = 3
"""Times of a stimulus in one donor that make a course of their own, not a control and a slip."""
_OTHER = {TubeRole.STIMULATED: TubeRole.TREATED, TubeRole.TREATED: TubeRole.STIMULATED}


def stray_in_time(tubes: Sequence[Tube], masses: Mapping[str, float]) -> list[tuple[Tube, float]]:
    """Stimulated and treated tubes whose time is none of those of their counterparts.

    Parameters
    ----------
    tubes : sequence of Tube
    masses : mapping
        g/mol by name of the agent.

    Returns
    -------
    list of (tube, time)
        The tube, and the time (min) at which the donor has both stimulated and treated tubes with
        its stimulus. Without such a time nothing tells which of them is the slip.
    """
    times: dict[object, dict[TubeRole, set[float]]] = {}
    for tube in tubes:
        if tube.role in _OTHER and tube.time_min is not None:
            sides = times.setdefault((tube.donor, agent_key(tube.stimulus, masses)), {})
            sides.setdefault(tube.role, set()).add(tube.time_min)
    found = []
    for tube in tubes:
        if tube.role not in _OTHER or tube.time_min is None:
            continue
        sides = times[tube.donor, agent_key(tube.stimulus, masses)]
        mine, others = sides[tube.role], sides.get(_OTHER[tube.role], set())
        paired = mine & others
        if paired and tube.time_min not in others and len(mine) < SERIES:
            found.append((tube, min(paired)))
    return found


def off_course(tubes: Sequence[Tube], masses: Mapping[str, float]) -> frozenset[str]:
    """Files of such tubes whose time no other tube of the run has: one of them is no course."""
    at = [tube.time_min for tube in tubes if tube.role in SAMPLE_ROLES]
    strays = stray_in_time(tubes, masses)
    return frozenset(tube.file for tube, _ in strays if at.count(tube.time_min) == 1)
