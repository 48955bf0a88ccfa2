"""One agent in units that cannot be turned into one another: its donors are never compared.

``IL-6 10 IU/mL`` and ``IL-6 10 ng/mL`` may be one dose or two; no arithmetic tells. Within a donor
a tube loses its controls by it, and over donors a donor is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.doses import on_footing
from assays.inhibition.sheet.rehearsal import named
from assays.samples import SAMPLE_ROLES, Agent, Tube
from plates.findings import Finding, Severity

RULE = "units-apart"
_OF_MASSES = {"nmol/L", "g/L"}

Given = dict[str, list[tuple[Agent, str]]]
"""Agents with their donors, by the unit that their doses can all be turned into."""


def units_apart(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Stimuli and inhibitors whose doses cannot be held against one another, with the donors.

    Parameters
    ----------
    tubes : sequence of Tube
    masses : mapping
        Molar masses by name of the agent, g/mol: with one, ng/mL and nM are the same kind.

    Returns
    -------
    iterable of Finding
        One per agent, ``look``. An inhibitor in two units within one donor is left to the tubes
        that it takes off the curve there.
    """
    stimuli: dict[str, Given] = {}
    inhibitors: dict[str, Given] = {}
    for tube in tubes:
        if tube.role not in SAMPLE_ROLES:
            continue
        for agent in (tube.stimulus, *tube.inhibitors):
            if agent is None or math.isnan(agent.dose):
                continue
            kind = stimuli if agent is tube.stimulus else inhibitors
            own = kind.setdefault(agent.name.strip().casefold(), {})
            own.setdefault(on_footing(agent, masses)[1], []).append((agent, tube.donor))
    for what, found in (("stimulus", stimuli), ("inhibitor", inhibitors)):
        for given in found.values():
            if len(given) < 2 or (what == "inhibitor" and _within_a_donor(given)):
                continue
            yield _finding(what, given)


def _within_a_donor(given: Given) -> bool:
    donors = [_donors(group) for group in given.values()]
    return len({donor for own in donors for donor in own}) < sum(len(own) for own in donors)


def _finding(what: str, given: Given) -> Finding:
    groups = sorted(given.values(), key=lambda group: (len(_donors(group)), len(group)))
    name = groups[-1][0][0].name
    told = "; ".join(f"{_doses(g)} in {named(_donors(g))}" for g in groups)
    mass = (
        " If both are right, write its molar mass under [flow.molar_mass_g_per_mol]."
        if set(given) == _OF_MASSES
        else ""
    )
    return Finding(
        RULE,
        Severity.LOOK,
        named(_donors(groups[0])),
        f"The {what} {name} is given in units that cannot be turned into one another: {told}. "
        "These count as different doses, so that their tubes are not paired and their donors not "
        f"compared. Is one of the units wrong?{mass}",
    )


def _donors(group: Sequence[tuple[Agent, str]]) -> list[str]:
    return list(dict.fromkeys(donor for _, donor in group))


def _doses(group: Sequence[tuple[Agent, str]]) -> str:
    """``10 IU/mL``, or the span of a series; each unit that is written."""
    units: dict[str, list[float]] = {}
    for agent, _ in group:
        units.setdefault(agent.unit, []).append(agent.dose)
    spans = []
    for unit, doses in units.items():
        low, high = min(doses), max(doses)
        spans.append(f"{low:g} {unit}" if low == high else f"{low:g} to {high:g} {unit}")
    return " and ".join(spans)
