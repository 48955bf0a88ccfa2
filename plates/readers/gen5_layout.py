"""The layout block of a Gen5 export: a line of well identifiers per row, then their facts."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from plates.grid import Block, parse_number
from plates.layout import Role, WellContent
from plates.roles import role_of
from plates.well import Well


@dataclass(slots=True)
class WellFacts:
    """What the lines of a layout block say about one well, by name of the line."""

    lines: dict[str, str] = field(default_factory=dict)


def read_wells(block: Block) -> dict[Well, WellFacts]:
    """Collect the lines of every well that has an identifier."""
    facts: dict[Well, WellFacts] = {}
    for line in block.lines:
        name = line.label or "Well ID"
        for column, text in enumerate(line.cells):
            if text:
                facts.setdefault(Well(line.letter, column), WellFacts()).lines[name] = text
    return {well: fact for well, fact in facts.items() if "Well ID" in fact.lines}


def contents_of(
    facts: dict[Well, WellFacts], mark: str
) -> tuple[dict[Well, WellContent], list[str]]:
    """Turn identifiers into contents.

    ``STD`` is a standard and its ``Conc/Dil`` a concentration; ``SPL`` a sample
    and its ``Conc/Dil`` a dilution, printed as the fraction 0.25 for 1 in 4.

    Returns
    -------
    tuple
        Contents by well, and notes on what had to be interpreted.
    """
    contents: dict[Well, WellContent] = {}
    notes: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for well in sorted(facts):
        lines = facts[well].lines
        identifier = lines["Well ID"]
        role = role_of(identifier)
        if role is None:
            role = Role.CONTROL
            notes[
                f"Well ID {identifier!r} is no standard, sample or blank; taken as a control."
            ] = None
        number = parse_number(lines.get("Conc/Dil", ""), mark)
        seen[identifier] += 1
        # SPL1:2 is the second dilution of sample 1.
        series = re.fullmatch(r"(.+?):\d+", identifier)
        sample = lines.get("Name") or (series[1] if series else identifier)
        extra = {key: text for key, text in lines.items() if key not in ("Conc/Dil", "Name")}
        nominal = number if role in (Role.STANDARD, Role.QC) and number is not None else math.nan
        contents[well] = WellContent(
            role,
            sample,
            nominal=nominal,
            dilution_factor=_factor(number) if role is Role.SAMPLE else 1.0,
            replicate=seen[identifier],
            labels={key.lower().replace(" ", "_"): text for key, text in extra.items()},
        )
    return contents, list(notes)


def _factor(dilution: float | None) -> float:
    """Times diluted: Gen5 prints 0.25, or the factor itself where the user typed 4."""
    if dilution is None or dilution <= 0:
        return 1.0
    if dilution >= 1:
        return dilution
    factor = 1 / dilution
    # 0.333 stands for one third: the factor was a whole number before it was printed.
    return float(round(factor)) if abs(factor - round(factor)) < 0.005 * factor else factor
