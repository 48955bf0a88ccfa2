"""Findings as the page tells them: the gravest first, forty alike as one line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assays.reports.words import MINUS, count, fixed, listed, significant, units_in_words
from plates.digits import half_up
from plates.findings import Finding, Severity, by_severity

SIGNS = {Severity.STOP: "\u2716", Severity.LOOK: "\u25b2", Severity.NOTE: "\u25cf"}
"""A sign beside each word, so that colour never stands alone."""
FOLD_FROM = 3
"""So many findings of one rule are folded into one line."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of the list: a finding, or several of one rule."""

    severity: str
    sign: str
    rule: str
    where: str
    sentence: str
    observed: str
    limit: str
    alike: tuple[FindingLine, ...] = ()
    """The single findings, when this line stands for several."""


def finding_lines(findings: Sequence[Finding]) -> tuple[FindingLine, ...]:
    """Group findings by severity and rule."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in by_severity(list(findings)):
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    lines: list[FindingLine] = []
    for group in groups.values():
        single = [_line(finding) for finding in group]
        lines += [_together(group, single)] if len(group) >= FOLD_FROM else single
    return tuple(lines)


def _line(finding: Finding) -> FindingLine:
    return FindingLine(
        str(finding.severity),
        SIGNS[finding.severity],
        in_words(finding.rule),
        finding.where,
        typographic(finding.message),
        with_unit(finding.observed, finding.unit),
        with_unit(finding.limit, finding.unit),
    )


def _together(group: list[Finding], single: list[FindingLine]) -> FindingLine:
    first = group[0]
    places = [finding.where for finding in group if finding.where]
    observed = [f.observed for f in group if math.isfinite(f.observed)]
    limits = {f.limit for f in group if math.isfinite(f.limit)}
    units = {f.unit for f in group}
    span = ""
    if observed and len(units) == 1:
        low, high = with_unit(min(observed), ""), with_unit(max(observed), "")
        span = (
            f"{low} to {high} {units_in_words(first.unit)}".strip()
            if low != high
            else single[0].observed
        )
    return FindingLine(
        str(first.severity),
        SIGNS[first.severity],
        in_words(first.rule),
        listed(places),
        f"{count(len(group), 'finding')} of this kind. The first: {typographic(first.message)}",
        span,
        with_unit(limits.pop(), first.unit) if len(limits) == 1 and len(units) == 1 else "",
        tuple(single),
    )


def typographic(sentence: str) -> str:
    """The sentence with real minus signs, µ and powers of ten; the csv keeps ASCII."""
    return units_in_words(re.sub(r"(?<![\w.-])-(?=\d)", MINUS, sentence))


def in_words(rule: str) -> str:
    """``replicate-cv`` as ``replicate cv``."""
    return rule.replace("-", " ").replace("_", " ")


def with_unit(value: float, unit: str) -> str:
    """A number with its unit; empty when there is none.

    >>> with_unit(1.0, "samples"), with_unit(0.0, "samples"), with_unit(1.0, "s")
    ('1 sample', '0 samples', '1 s')
    """
    if math.isnan(value):
        return ""
    # Limits and counts are whole as a rule; 20 % is not 20.0 %.
    shown = fixed(value, 0) if value == half_up(value, 0) else significant(value)
    if value == 1 and _COUNTED.fullmatch(unit):
        unit = unit[:-1]
    return f"{shown} {units_in_words(unit)}".strip()


_COUNTED = re.compile("[a-z]{3,}s")
"""Things that are counted, such as wells and events; no unit of measurement is as long."""


def tally(findings: Sequence[Finding]) -> str:
    """``1 to stop at, 42 to look at, 1 note``."""
    if not findings:
        return "Nothing to remark."
    told = []
    for severity, phrase in ((Severity.STOP, "to stop at"), (Severity.LOOK, "to look at")):
        n = sum(finding.severity == severity for finding in findings)
        told += [f"{n} {phrase}"] if n else []
    notes = sum(finding.severity == Severity.NOTE for finding in findings)
    told += [count(notes, "note")] if notes else []
    return ", ".join(told) + "."
