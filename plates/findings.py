"""A quality remark: what was seen, where, and what the limit was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from plates.sameness import SameWhenUnknown


class Severity(StrEnum):
    """How much a finding matters to the reader of a report."""

    STOP = "stop"
    """The result must not be used as it is."""
    LOOK = "look"
    """Somebody should look before the result is used."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding(SameWhenUnknown):
    """A measurement that deserves a remark; nothing stops because of it."""

    rule: str
    """Short stable name of the rule, such as ``replicate-cv``."""
    severity: Severity
    where: str
    """Well, tube, donor or file the remark is about; empty for the whole run."""
    message: str
    """A sentence of a colleague: what was seen, and what to do."""
    observed: float = math.nan
    """The observed value, in `unit`; NaN where the remark has no number."""
    limit: float = math.nan
    """The limit it was held against, in `unit`; NaN where there is none."""
    unit: str = ""


ORDER = {Severity.STOP: 0, Severity.LOOK: 1, Severity.NOTE: 2}


def by_severity(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """Sort findings, the gravest first; equal ones keep their order."""
    return tuple(sorted(findings, key=lambda finding: ORDER[finding.severity]))
