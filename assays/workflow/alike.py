"""Findings that say the same of several places, told once with all their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plates.findings import Finding, Severity, by_severity

FOLD_FROM = 3
"""So many findings that say the same are told in one line."""
MOST_PLACES = 8
"""Places that one line names."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line for the terminal."""

    finding: Finding
    """The finding, or the first of several."""
    others: tuple[str, ...] = ()
    """Places of the others that say the same."""

    @property
    def more(self) -> str:
        """``Likewise 13 more: pp38, pStat5 …``; empty for a finding that stands alone."""
        if not self.others:
            return ""
        shown = ", ".join(self.others[:MOST_PLACES])
        rest = len(self.others) - MOST_PLACES
        return f" Likewise {len(self.others)} more: {shown}{f' and {rest} more' * (rest > 0)}."


def told_once(findings: Sequence[Finding]) -> tuple[Told, ...]:
    """Group findings whose sentences differ in their places alone; the gravest first.

    In notes the numbers may differ too: that 40 tubes have few events is one thing to know. What
    asks for a look keeps its own numbers.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in by_severity(tuple(findings)):
        key = (finding.severity, finding.rule, _shape(finding), bool(finding.where))
        groups.setdefault(key, []).append(finding)
    lines: list[Told] = []
    for group in groups.values():
        places = list(dict.fromkeys(finding.where for finding in group))
        if len(group) >= FOLD_FROM and len(places) == len(group):
            lines.append(Told(group[0], tuple(places[1:])))
        else:
            lines += [Told(finding) for finding in group]
    return tuple(lines)


def _shape(finding: Finding) -> str:
    """The sentence without the place that it is about, and in notes without its numbers."""
    shape = finding.message.casefold()
    if finding.where:
        shape = shape.replace(finding.where.casefold(), "…")
    if finding.severity == Severity.NOTE:
        shape = re.sub(r"\d[\d.,]*", "0", shape)
    return shape
