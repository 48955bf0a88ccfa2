"""Findings that say the same of several places, told once with all their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plates.findings import Finding, Severity, by_severity

FOLD_FROM = 3
"""So many findings that say the same are told in one line."""
FOLD_LOOKS_FROM = 6
"""So many that ask for a look are, where their numbers differ."""
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
    asks for a look keeps its own numbers as long as a screen holds them.
    """
    lines: list[Told] = []
    for group in _grouped(by_severity(tuple(findings)), numbers=False):
        if len(group) >= _enough(group[0]) and _apart(group):
            lines.append(_together(group))
            continue
        for same in _grouped(group, numbers=True):
            if len(same) >= FOLD_FROM and _apart(same):
                lines.append(_together(same))
            else:
                lines += [Told(finding) for finding in same]
    return tuple(lines)


def _enough(finding: Finding) -> int:
    return FOLD_FROM if finding.severity == Severity.NOTE else FOLD_LOOKS_FROM


def _apart(group: Sequence[Finding]) -> bool:
    """Whether each is about a place of its own."""
    return len({finding.where for finding in group}) == len(group)


def _together(group: Sequence[Finding]) -> Told:
    return Told(group[0], tuple(finding.where for finding in group[1:]))


def _grouped(findings: Sequence[Finding], *, numbers: bool) -> list[list[Finding]]:
    """Findings of one rule that say the same, with the same numbers or with any."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        shape = finding.message.casefold()
        if finding.where:
            shape = shape.replace(finding.where.casefold(), "…")
        if not numbers:
            shape = re.sub(r"\d[\d.,]*", "0", shape)
        groups.setdefault((finding.severity, finding.rule, shape), []).append(finding)
    return list(groups.values())
