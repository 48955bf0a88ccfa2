"""The arms of an inhibition plot: one inhibitor each, its doses in order, and what they did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assays.reports.figures.conditions import dose_key, short_dose
from assays.results.inhibition import Inhibition
from assays.samples import Agent

LETTER_MM = 1.43
"""Mean width of a letter of 7 points."""
SLOT_MM = 5.0
"""Narrowest width of a dose."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One inhibitor: its doses in order, and what they did."""

    name: str
    doses: tuple[tuple[Agent, ...], ...]
    found: tuple[Inhibition, ...]


def arms_of(rows: Sequence[Inhibition]) -> tuple[Arm, ...]:
    """Rows by inhibitor; single inhibitors first, doses ascending."""
    names: dict[str, list[Inhibition]] = {}
    for row in sorted(rows, key=lambda row: dose_key(row.inhibitors)):
        names.setdefault(row.inhibitor, []).append(row)
    return tuple(
        Arm(name, tuple(dict.fromkeys(row.inhibitors for row in own)), tuple(own))
        for name, own in names.items()
    )


def labels_of(arm: Arm) -> tuple[tuple[str, ...], str]:
    """Labels of the doses, and their unit when it is the same for all of them, else empty."""
    units = {agent.unit for agents in arm.doses for agent in agents}
    if len(units) == 1 and len(arm.doses[0]) == 1:
        doses = (agents[0].dose for agents in arm.doses)
        return tuple("–" if math.isnan(dose) else f"{dose:g}" for dose in doses), units.pop()
    return tuple("\n+ ".join(short_dose(agent) or "–" for agent in own) for own in arm.doses), ""


def narrowest_slot(arm: Arm) -> float:
    """Width that the labels of an arm's doses need, in millimetres."""
    longest = max(len(line) for label in labels_of(arm)[0] for line in label.split("\n"))
    return max(SLOT_MM, longest * LETTER_MM + 1.0)
