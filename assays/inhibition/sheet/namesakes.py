"""One thing under two names, and one tube under one name twice: pairs that would be missed.

``IL-6`` and ``IL6`` are two stimuli to a program and one to a reader. Tubes named in different
ways are never paired by guess; the sheet's author is told instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from assays.errors import ControlError
from assays.inhibition.arms import agent_key, agents_key, vehicle_key
from assays.inhibition.pairing import pairing_key
from assays.samples import Tube, TubeRole
from plates.findings import Finding, Severity

SHORTEST, SHORTEST_SWAPPED = 6, 4
"""Signs of the shortest names in which one sign may be a slip, and two that changed places."""
MOST_NAMES = 300
"""Different names of one kind that are held against each other."""
_ANCHORS = (TubeRole.UNSTIMULATED, TubeRole.STIMULATED)
_LOOKALIKE = str.maketrans({"0": "o", "1": "l", "5": "s"})
_GREEK = str.maketrans({"α": "a", "β": "b", "γ": "g", "κ": "k", "µ": "u", "μ": "u"})


def named_two_ways(tubes: Sequence[Tube]) -> Iterable[Finding]:
    """Donors, stimuli, inhibitors and vehicles whose names differ in signs alone."""
    kinds: tuple[tuple[str, list[str], bool], ...] = (
        ("donor", [tube.donor for tube in tubes], True),
        ("stimulus", [tube.stimulus.name for tube in tubes if tube.stimulus], False),
        ("inhibitor", [agent.name for tube in tubes for agent in tube.inhibitors], False),
        ("vehicle", [tube.vehicle for tube in tubes], False),
    )
    for kind, names, with_case in kinds:
        groups: dict[str, dict[str, str]] = {}
        for name in names:
            # Agents and vehicles are paired whatever their case; donors are not.
            same = name if with_case else vehicle_key(name)
            if name.strip():
                groups.setdefault(bare(name), {}).setdefault(same, name)
        for spellings in groups.values():
            if len(spellings) > 1:
                written = " and ".join(repr(name) for name in spellings.values())
                yield Finding(
                    "named-two-ways",
                    Severity.LOOK,
                    kind,
                    f"The {kind} is written {written}: these count as different, so their tubes "
                    "are not paired. Write one of them throughout.",
                )


def named_alike(tubes: Sequence[Tube]) -> Iterable[Finding]:
    """Stimuli, inhibitors and vehicles whose names are one slip of the pen apart."""
    kinds: tuple[tuple[str, Sequence[tuple[str, Tube]]], ...] = (
        ("stimulus", [(tube.stimulus.name, tube) for tube in tubes if tube.stimulus]),
        ("inhibitor", [(agent.name, tube) for tube in tubes for agent in tube.inhibitors]),
        ("vehicle", [(tube.vehicle, tube) for tube in tubes if tube.vehicle.strip()]),
    )
    for kind, given in kinds:
        found: dict[str, list[tuple[str, Tube]]] = {}
        for name, tube in given:
            found.setdefault(vehicle_key(name), []).append((name, tube))
        # A sheet has a handful of names; thousands of them are no list of agents.
        for one, other in combinations(list(found)[:MOST_NAMES], 2):
            if slip_of_the_pen(one, other):
                rare, usual = sorted((found[one], found[other]), key=len)
                first = rare[0][1]
                yield Finding(
                    "names-alike",
                    Severity.LOOK,
                    first.file,
                    f"{first.file}: the {kind} {rare[0][0]!r} ({_tubes(rare)}) is nearly "
                    f"{usual[0][0]!r} ({_tubes(usual)}). Did you mean that? As they are, they "
                    "count as different and their tubes are not paired.",
                )


def _tubes(named: Sequence[tuple[str, Tube]]) -> str:
    return f"{len(named)} tube{'s' * (len(named) > 1)}"


def slip_of_the_pen(one: str, other: str) -> bool:
    """Whether two different names differ by one sign that was mistyped, dropped or swapped.

    Numbers and the variants that stand at a word's end are names of their own: IgG1 and IgG2,
    IL-6 and IL-10, IFN-a and IFN-b are not one thing.

    Examples
    --------
    >>> slip_of_the_pen("DMS0", "DMSO"), slip_of_the_pen("JAK2 inhibitr", "JAK2 inhibitor")
    (True, True)
    >>> slip_of_the_pen("IgG1 isotype", "IgG2 isotype"), slip_of_the_pen("anti-IL-6", "anti-IL-6R")
    (False, False)
    """
    a, b = vehicle_key(one), vehicle_key(other)
    if bare(a) == bare(b):
        return False
    if a.translate(_LOOKALIKE) == b.translate(_LOOKALIKE):
        return True
    if re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return False
    short, long = sorted((a, b), key=len)
    start = next((i for i, sign in enumerate(short) if sign != long[i]), len(short))
    left, right = short[start:], long[start:]
    if len(short) == len(long):
        if left[2:] == right[2:] and left[:2] == right[1::-1]:
            return len(short) >= SHORTEST_SWAPPED
        ends = start + 1 == len(long) or not long[start + 1].isalnum()
        return len(short) >= SHORTEST and left[1:] == right[1:] and not ends
    if len(short) < SHORTEST or left != right[1:]:
        return False
    word = re.split(r"[^a-z0-9]+", long[: start + 1])[-1]
    ends = start + 1 == len(long) or not long[start + 1].isalnum()
    return not (ends and (len(word) < SHORTEST or re.search(r"\d", word)))


def bare(name: str) -> str:
    """Letters and digits of a name, lower case: ``IL-6`` and ``il 6`` are both ``il6``."""
    folded = name.casefold().translate(_GREEK)
    return "".join(sign for sign in folded if sign.isalnum()) or folded


def twice(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Tubes with the same contents and the same replicate number, where no control is refused."""
    numbered = _numbered(tubes)
    for first, tube in _namesakes(tubes, masses):
        if tube.role not in _ANCHORS or tube.donor not in numbered:
            yield Finding(
                "replicate-twice",
                Severity.LOOK,
                tube.file,
                f"{_both(first, tube)}. Both count as replicates; is one of them another condition "
                "or another donor? If not, number them 1, 2 … or leave the column replicate blank.",
            )


def refuse_control_twice(tubes: Sequence[Tube], masses: Mapping[str, float]) -> None:
    """Refuse an anchor of every percentage that two tubes claim to be.

    Only where the donor's replicates are numbered: a sheet that has 1 everywhere, or nothing,
    says nothing by it, and gets a remark at most.

    Raises
    ------
    ControlError
        Two stimulated or two unstimulated tubes of one donor with the same contents, plate, time
        and replicate number.
    """
    numbered = _numbered(tubes)
    for first, tube in _namesakes(sorted(tubes, key=lambda each: each.file), masses):
        if tube.role in _ANCHORS and tube.donor in numbered:
            raise ControlError(
                f"{_both(first, tube)}: which of them is the control cannot be known",
                tube.where or tube.file,
                "If one is of another donor, condition, plate or time, correct its row. If both "
                "are right, give each a number of its own, or leave the column replicate blank.",
            )


def _namesakes(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[tuple[Tube, Tube]]:
    """Each tube with the first one of the same contents and replicate number."""
    seen: dict[object, Tube] = {}
    for tube in tubes:
        if tube.replicate is None or not tube.donor:
            continue
        key = (
            tube.donor,
            tube.role,
            agent_key(tube.stimulus, masses),
            agents_key(tube.inhibitors, masses),
            vehicle_key(tube.vehicle),
            pairing_key(tube),
            tube.stain,
            tube.note,
            tube.replicate,
        )
        first = seen.setdefault(key, tube)
        if first is not tube:
            yield first, tube


def _numbered(tubes: Sequence[Tube]) -> set[str]:
    """Donors whose replicates are numbered: not 1 throughout."""
    return {tube.donor for tube in tubes if tube.replicate not in (None, 1)}


def _both(first: Tube, tube: Tube) -> str:
    return (
        f"{first.file} and {tube.file} are both replicate {tube.replicate} of {tube.condition} "
        f"in donor {tube.donor}"
    )
