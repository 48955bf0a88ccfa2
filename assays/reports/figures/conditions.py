"""Conditions in dose order, in few words, each in its own colour."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assays.reports.figures import style
from assays.reports.words import units_in_words
from assays.samples import STAINING, Agent, Tube, TubeRole
from plates.lettering import printable

_PREFIX = {"m": 1e-3, "µ": 1e-6, "μ": 1e-6, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_ANTIBODY = re.compile(r"(?i)^anti\b|^α|mab\b|\bigg|6r\b|antibod|\bab\b")
_RANK = {
    TubeRole.UNSTAINED: 0,
    TubeRole.SINGLE_STAIN: 1,
    TubeRole.FMO: 2,
    TubeRole.ISOTYPE: 3,
    TubeRole.UNSTIMULATED: 4,
    TubeRole.INHIBITOR_ALONE: 5,
    TubeRole.STIMULATED: 6,
    TubeRole.TREATED: 7,
    TubeRole.POSITIVE: 8,
    TubeRole.BEADS: 9,
}
_ALONE = ", alone"
PALEST = 0.45
"""Share of its colour that the lowest dose keeps."""


def scaled_dose(agent: Agent) -> float:
    """A dose without its prefix, for sorting only; unknown doses come first."""
    if math.isnan(agent.dose):
        return -1.0
    unit = agent.unit.strip()
    has_prefix = len(unit) > 1 and unit[0] in _PREFIX and unit.split("/")[0] != "m"
    return agent.dose * (_PREFIX[unit[0]] if has_prefix else 1.0)


def dose_key(agents: tuple[Agent, ...]) -> tuple[object, ...]:
    """Sort by number of inhibitors, their names, then their doses."""
    names = tuple(agent.name.casefold() for agent in agents)
    return (len(agents), names, tuple(scaled_dose(agent) for agent in agents))


def tube_key(tube: Tube) -> tuple[object, ...]:
    """Sort tubes of a donor: controls, then inhibitors by name in dose order, then replicates."""
    stimulus = tube.stimulus
    return (
        _RANK[tube.role],
        *dose_key(tube.inhibitors),
        stimulus.name if stimulus else "",
        scaled_dose(stimulus) if stimulus else -1.0,
        tube.vehicle,
        tube.replicate or 0,
    )


def plain_condition(tube: Tube) -> Tube:
    """A tube that stands for its condition in every donor: no file, vehicle, replicate, plate."""
    return replace(tube, file="", donor="", vehicle="", replicate=None, note="", plate="")


def several_stimuli(tubes: Iterable[Tube]) -> bool:
    """Whether stimulated tubes differ in the dose of their stimulus: then it must be named."""
    given = [tube.stimulus for tube in tubes if tube.role is TubeRole.STIMULATED]
    return len({(agent.name, agent.dose, agent.unit) for agent in given if agent}) > 1


def at_several_times(tubes: Iterable[Tube]) -> set[str]:
    """Files of tubes whose condition the same donor has at another time too."""
    groups: dict[Tube, list[Tube]] = {}
    for tube in tubes:
        same = replace(plain_condition(tube), donor=tube.donor, vehicle=tube.vehicle, time_min=None)
        groups.setdefault(same, []).append(tube)
    return {
        tube.file
        for group in groups.values()
        if len({other.time_min for other in group}) > 1
        for tube in group
    }


def brief(tube: Tube, most: int, *, dosed: bool = False, timed: bool = False) -> str:
    """A tube in at most so many letters; a dose is never cut, a name is.

    With `dosed` a stimulus shows its dose, not its vehicle; with `timed` it shows its time, and
    its vehicle only where all of it has room.

    >>> tube = Tube("", "", TubeRole.STIMULATED, Agent("IL-6"), vehicle="DMSO", time_min=15.0)
    >>> brief(tube, 18, timed=True), brief(tube, 14, timed=True)
    ('IL-6, DMSO, 15 min', 'IL-6, 15 min')
    """
    if timed and tube.time_min is not None:
        time = f", {tube.time_min:g} min"
        whole = brief(tube, 10 * most, dosed=dosed)
        if len(whole) + len(time) <= most:
            return whole + time
        bare = replace(tube, vehicle="")
        return brief(bare, max(most - len(time), 1), dosed=dosed) + time
    if tube.inhibitors:
        doses = "+".join(short_dose(agent) for agent in tube.inhibitors)
        if tube.role is TubeRole.INHIBITOR_ALONE and len(doses) + len(_ALONE) <= most:
            return brief_dose(tube.inhibitors, most - len(_ALONE)) + _ALONE
        return brief_dose(tube.inhibitors, most)
    if tube.role in (TubeRole.STIMULATED, TubeRole.POSITIVE) and tube.stimulus is not None:
        if dosed:
            return brief_dose((tube.stimulus,), most)
        text = tube.stimulus.name + (f", {tube.vehicle}" if tube.vehicle else "")
        return cut(text, most)
    text = "unstim." if tube.role is TubeRole.UNSTIMULATED else str(tube.role)
    text = "FMO" if tube.role is TubeRole.FMO else text
    return cut(text + (f", {tube.vehicle}" if tube.vehicle else ""), most)


def whole_condition(tube: Tube, most: int) -> str:
    """A condition in at most so many letters: every dose stays, names are shortened for it.

    >>> both = (Agent("anti-IL-6R", 0.3, "ug/mL"), Agent("JAK2 inhibitor", 30, "nM"))
    >>> whole_condition(Tube("", "", TubeRole.TREATED, Agent("IL-6", 10, "ng/mL"), both), 42)
    'IL-6 10 ng/mL + ant… 0.3 µg/mL + JA… 30 nM'
    """
    told = printable(units_in_words(tube.condition))
    told = f"FMO{told[3:]}" if tube.role is TubeRole.FMO else told
    agents = [agent for agent in (tube.stimulus, *tube.inhibitors) if agent is not None]
    if len(told) <= most or len(agents) < 2:
        return printable(told, most)
    time = "" if tube.time_min is None else f", {tube.time_min:g} min"
    most -= len(time)
    if _room(agents, most) < 3 * len(agents) and tube.inhibitors:
        # What all of them share gives way before a dose does.
        agents = list(tube.inhibitors)
    doses, room = [short_dose(agent) for agent in agents], _room(agents, most)
    names = [len(agent.name) for agent in agents]
    # The longest names give way first.
    while sum(names) > max(room, 3 * len(names)):
        widest = max(range(len(names)), key=lambda n: (names[n], len(agents[n].name)))
        names[widest] -= 1
    parts = [
        f"{cut(agent.name, kept)} {dose}".rstrip()
        for agent, kept, dose in zip(agents, names, doses, strict=True)
    ]
    return " + ".join(parts) + time


def _room(agents: Sequence[Agent], most: int) -> int:
    """Letters that doses and plus signs leave for the names."""
    return most - sum(len(short_dose(agent)) + 1 for agent in agents) - 3 * (len(agents) - 1)


def brief_dose(agents: tuple[Agent, ...], most: int) -> str:
    """Inhibitors with doses in at most so many letters."""
    doses = "+".join(short_dose(agent) for agent in agents)
    room = most - len(doses) - 1
    names = "+".join(agent.name for agent in agents)
    if not doses:
        return cut(names, most)
    return f"{cut(names, room)} {doses}" if room >= 3 else cut(doses, most)


def cut(text: str, most: int) -> str:
    """The first letters of a text; unlike names of samples, agents differ at their beginnings."""
    line = printable(text)
    return line if len(line) <= most else line[: most - 1].rstrip(" ,.-+") + "…"


def short_dose(agent: Agent) -> str:
    """Dose with unit; ``nmol/L`` is written ``nM``."""
    if math.isnan(agent.dose):
        return ""
    unit = re.sub(r"mol/[lL]$", "M", agent.unit.strip())
    return printable(units_in_words(f"{agent.dose:g} {unit}".rstrip()))


@dataclass(frozen=True, slots=True)
class Colours:
    """Colour of every inhibitor of a run, lighter for lower doses."""

    ends: dict[str, tuple[str, str]]
    """By inhibitor: colour of its lowest and of its highest dose."""
    doses: dict[str, tuple[float, ...]]
    """By inhibitor: distinct doses in ascending order."""

    def of(self, agents: tuple[Agent, ...]) -> str:
        """Colour of one treatment."""
        name = _name(agents)
        if name not in self.ends:
            return style.NOTE
        own = self.doses[name]
        dose = _dose(agents)
        share = own.index(dose) / (len(own) - 1) if len(own) > 1 and dose in own else 1.0
        return style.between(*self.ends[name], share)

    @property
    def every(self) -> tuple[str, ...]:
        """All colours that tubes can have."""
        own = [
            style.between(*self.ends[name], rank / (len(doses) - 1) if len(doses) > 1 else 1.0)
            for name, doses in self.doses.items()
            for rank in range(len(doses))
        ]
        others = (style.UNSTIMULATED, style.STIMULATED, style.POSITIVE, style.BLANK)
        return tuple(dict.fromkeys([*others, *own]))

    def full(self, name: str) -> str:
        """Colour of an inhibitor's highest dose."""
        return self.ends.get(name, (style.NOTE, style.NOTE))[1]

    def of_tube(self, tube: Tube) -> str:
        """Colour of a tube by its role, or by its inhibitor."""
        if tube.role in STAINING:
            return style.BLANK
        if tube.inhibitors:
            return self.of(tube.inhibitors)
        roles = {TubeRole.STIMULATED: style.STIMULATED, TubeRole.POSITIVE: style.POSITIVE}
        return roles.get(tube.role, style.UNSTIMULATED)


def colours_of(treatments: Iterable[tuple[Agent, ...]]) -> Colours:
    """Give each inhibitor of a run its colour.

    Antibodies are green, the first other inhibitor sky blue to blue, two at once
    purple-red; further ones take further colours in alphabetical order.
    """
    doses: dict[str, set[float]] = {}
    double: set[str] = set()
    for agents in treatments:
        if agents:
            doses.setdefault(_name(agents), set()).add(_dose(agents))
            if len(agents) > 1:
                double.add(_name(agents))
    antibodies = [name for name in sorted(doses) if name not in double and _ANTIBODY.search(name)]
    others = [name for name in sorted(doses) if name not in double and name not in antibodies]
    ends: dict[str, tuple[str, str]] = {}
    further = iter(style.FURTHER)
    for names, (pale, full) in (
        (antibodies, (style.tint(style.ANTIBODY, PALEST), style.ANTIBODY)),
        (others, style.KINASE),
        (sorted(double), (style.tint(style.BOTH, PALEST), style.BOTH)),
    ):
        for rank, name in enumerate(names):
            colour = full if rank == 0 else next(further, style.NOTE)
            ends[name] = (pale, full) if rank == 0 else (style.tint(colour, PALEST), colour)
    return Colours(ends, {name: tuple(sorted(own)) for name, own in doses.items()})


def _name(agents: tuple[Agent, ...]) -> str:
    return " + ".join(agent.name for agent in agents)


def _dose(agents: tuple[Agent, ...]) -> float:
    return sum(scaled_dose(agent) for agent in agents)
