"""Donors whose doses stand in another unit: the same condition perhaps, and never compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assays.inhibition.arms import AgentKey, agent_key, agents_key
from assays.inhibition.donors.tubes import Pair


def in_other_units(
    pairs: Sequence[Pair], groups: Mapping[object, Sequence[Pair]], masses: Mapping[str, float]
) -> dict[str, str]:
    """Donors that a condition leaves out because a dose cannot be turned into its unit.

    Parameters
    ----------
    pairs : sequence of Pair
        Of the condition.
    groups : mapping
        All conditions of the readout.
    masses : mapping
        g/mol by name of the agent.

    Returns
    -------
    dict
        What the donor was given, by donor: ``{"D01": "IL-6 10 IU/mL"}``.
    """
    mine = _keys(pairs[0], masses)
    here = {pair.donor for pair in pairs}
    found: dict[str, str] = {}
    for others in groups.values():
        theirs = _keys(others[0], masses)
        if others[0].tube.time_min != pairs[0].tube.time_min or not _but_for_units(mine, theirs):
            continue
        for pair in others:
            if pair.donor not in here:
                agents = (pair.tube.stimulus, *pair.tube.inhibitors)
                odd = [str(a) for a in agents if a and agent_key(a, masses) not in mine]
                found.setdefault(pair.donor, " + ".join(odd))
    return found


def _keys(pair: Pair, masses: Mapping[str, float]) -> tuple[AgentKey, ...]:
    agents = (pair.tube.stimulus, *pair.tube.inhibitors)
    return agents_key([agent for agent in agents if agent], masses)


def _but_for_units(mine: Sequence[AgentKey], theirs: Sequence[AgentKey]) -> bool:
    """Whether the agents are the same, and so are the doses as far as they can be compared."""
    if [key[0] for key in mine] != [key[0] for key in theirs]:
        return False
    pairs = list(zip(mine, theirs, strict=True))
    known = all(None not in (one[1], other[1]) for one, other in pairs)
    same = all(one[1] == other[1] for one, other in pairs if one[2] == other[2])
    return known and same and any(one[2] != other[2] for one, other in pairs)
