"""One thing under two names, and one tube under one name twice: pairs that would be missed.

``IL-6`` and ``IL6`` are two stimuli to a program and one to a reader. Tubes named in different
ways are never paired by guess; the sheet's author is told instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assays.inhibition.arms import agent_key, agents_key, vehicle_key
from assays.inhibition.pairing import pairing_key
from assays.samples import Tube
from plates.findings import Finding, Severity

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


def bare(name: str) -> str:
    """Letters and digits of a name, lower case: ``IL-6`` and ``il 6`` are both ``il6``."""
    folded = name.casefold().translate(_GREEK)
    return "".join(sign for sign in folded if sign.isalnum()) or folded


def twice(tubes: Sequence[Tube], masses: Mapping[str, float]) -> Iterable[Finding]:
    """Tubes with the same contents and the same replicate number."""
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
            yield Finding(
                "replicate-twice",
                Severity.LOOK,
                tube.file,
                f"{first.file} and {tube.file} are both replicate {tube.replicate} of "
                f"{tube.condition} in donor {tube.donor}. Both count as replicates; is one of "
                "them another condition or another donor?",
            )
