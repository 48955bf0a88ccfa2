"""Which row of a sample to use, when it was read at several dilutions.

The lowest dilution within the limits: the least is multiplied there. Where corrected results rise
with dilution (a matrix that thins out), the lowest one that no stronger one exceeds by more than
may be. Where a finding tells of a high-dose hook, the strongest dilution only, as it says. A
sample that every dilution puts below the limits is told by its lowest dilution,
one above them all by its highest: these limits say most. Wells that disagree or
give no reading are no result.
"""

from __future__ import annotations

from collections.abc import Iterable

from assays.results.elisa import ElisaRun, RangeStatus, SampleConcentration
from plates.findings import Finding
from plates.well import Well

RISE = 0.20
"""Allowed deviation of a dilution (ICH M10, 4.2, as generally quoted)."""
HOOK = "high-dose-hook"
SILENT = (
    RangeStatus.EXCLUDED,
    RangeStatus.NO_SIGNAL,
    RangeStatus.REJECTED,
    RangeStatus.ADDED,
)
"""Statuses of rows that say nothing of the sample."""

Place = tuple[str, float, tuple[Well, ...]]


def place_of(sample: SampleConcentration) -> Place:
    """What tells one row of a run from every other."""
    return (sample.plate, sample.dilution_factor, (*sample.wells, *sample.excluded))


def rows_to_use(run: ElisaRun) -> frozenset[Place]:
    """Places of the rows to use: one for each sample and plate, or none."""
    groups: dict[tuple[object, ...], dict[str, list[SampleConcentration]]] = {}
    for plate in run.plates:
        for sample in plate.samples:
            if sample.spike:
                continue
            labels = tuple(sorted((sample.labels or {}).items()))
            by_plate = groups.setdefault((sample.sample, sample.role, labels), {})
            by_plate.setdefault(sample.plate, []).append(sample)
    found: set[Place] = set()
    for by_plate in groups.values():
        chosen = [_of_plate(rows, run.findings) for rows in by_plate.values()]
        known = [each for each in chosen if each is not None]
        # A number on one plate says more than a limit on another.
        numbers = [each for each in known if not each.qualifier]
        found |= {place_of(each) for each in numbers or known}
    return frozenset(found)


def _of_plate(
    rows: Iterable[SampleConcentration], findings: Iterable[Finding]
) -> SampleConcentration | None:
    """The row of one sample on one plate to use; None when there is no result."""
    series = sorted(rows, key=lambda row: row.dilution_factor)
    if any(_hooked(series[0], each) for each in findings):
        series = series[-1:]
    inside = [row for row in series if row.status == RangeStatus.OK]
    if inside:
        return _settled(inside)
    told = [row for row in series if row.status not in SILENT]
    sides = {row.qualifier for row in told}
    if sides == {"<"}:
        return told[0]
    return told[-1] if sides == {">"} else None


def _settled(inside: list[SampleConcentration]) -> SampleConcentration:
    """The first of the dilutions that no stronger one exceeds by more than may be."""
    for place, row in enumerate(inside):
        later = [each.concentration for each in inside[place + 1 :]]
        if not any(value > row.concentration * (1 + RISE) for value in later):
            return row
    return inside[-1]


def _hooked(sample: SampleConcentration, finding: Finding) -> bool:
    """Whether a finding tells of a hook in this sample on this plate."""
    if finding.rule != HOOK:
        return False
    named = finding.message.startswith(f"{sample.sample} ") or finding.where == sample.sample
    own = not sample.plate or sample.plate in finding.where or finding.where == sample.sample
    return own and (named or finding.where.endswith(f": {sample.sample}"))
