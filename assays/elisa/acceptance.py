"""Acceptance rules: which a plate is held against, what they ask, where they are written.

``research`` asks that standards read back and that controls, where there are any, hit their
target. ``m10`` follows ICH M10 for ligand-binding assays as far as one plate can show it; biomarker
assays are outside that guideline's scope, so it is worded "ICH M10-style".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assays.elisa.qc_samples import tolerance_percent
from assays.elisa.standards import TOLERANCE_ENDS_PERCENT, TOLERANCE_PERCENT
from assays.results.elisa import (
    QcResult,
    QuantRange,
    RuleResult,
    StandardLevel,
    Verdict,
    WellReading,
)
from plates.layout import Role

NAMES = {"research": "research", "m10": "ICH M10-style"}
M10_SEEN = "ICH M10 (2022), 4.2; wording seen"
M10_UNSEEN = "ICH M10 (2022), 4.2; as generally quoted, not seen"
RESEARCH = "this project's research rules, after ICH M10 (2022), 4.2"

FRACTION_STANDARDS, LEVELS, REPLICATES = 0.75, 6, 2
FRACTION_QCS, FRACTION_QCS_LEVEL, QC_LEVELS = 2 / 3, 0.5, 3


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the rules look at: one plate."""

    plate: str
    fitted: bool
    refused: str
    levels: tuple[StandardLevel, ...]
    qcs: tuple[QcResult, ...]
    wells: tuple[WellReading, ...]
    limits: QuantRange


Rule = Callable[[Evidence], RuleResult]


def judge(evidence: Evidence, rule_set: str) -> tuple[tuple[RuleResult, ...], Verdict]:
    """Hold one plate against a rule set.

    A rule that the plate gives no grounds for (no controls, say) is not assessable, and so is the
    plate unless another rule fails.
    """
    rules = tuple(rule(evidence) for rule in RULES[rule_set])
    return rules, verdict_of([rule.passed for rule in rules])


def verdict_of(passed: Sequence[bool | None]) -> Verdict:
    """Failed if any rule failed; else not assessable if any could not be judged."""
    if False in passed:
        return Verdict.FAILED
    return Verdict.NOT_ASSESSABLE if None in passed else Verdict.ACCEPTED


def _curve_fitted(e: Evidence) -> RuleResult:
    observed = "a curve was fitted" if e.fitted else f"refused: {e.refused}"
    return RuleResult(
        e.plate, "standard curve", observed, "a curve", e.fitted, "this project's rules"
    )


def _judged(e: Evidence) -> list[StandardLevel]:
    return [level for level in e.levels if level.within is not None]


def _standards(source: str, fewest: int) -> Rule:
    def rule(e: Evidence) -> RuleResult:
        judged = _judged(e)
        within = sum(level.within is True for level in judged)
        needed = max(math.ceil(FRACTION_STANDARDS * len(judged)), fewest)
        limit = (
            f"at least {100 * FRACTION_STANDARDS:.0f} %"
            + (f" and {fewest} levels" if fewest else "")
            + f" within {TOLERANCE_PERCENT:g} % ({TOLERANCE_ENDS_PERCENT:g} % at the ends)"
        )
        return RuleResult(
            e.plate,
            "standards read back",
            f"{within} of {len(judged)} levels within tolerance",
            limit,
            bool(judged) and within >= needed,
            source,
        )

    return rule


def _enough_levels(e: Evidence) -> RuleResult:
    count = sum(level.in_fit and level.nominal > 0 and bool(level.wells) for level in e.levels)
    return RuleResult(
        e.plate,
        "levels",
        f"{count} levels above zero in the regression",
        f"at least {LEVELS} and a blank",
        count >= LEVELS,
        M10_SEEN,
    )


def _replicates(e: Evidence) -> RuleResult:
    fitted = [level for level in e.levels if level.in_fit and level.nominal > 0]
    fewest = min((len(level.wells) for level in fitted), default=0)
    return RuleResult(
        e.plate,
        "replicates",
        f"{fewest} wells at the level with fewest",
        f"at least {REPLICATES} per level",
        fewest >= REPLICATES,
        M10_UNSEEN,
    )


def _ends_kept(e: Evidence) -> RuleResult:
    ends = [level for level in e.levels if level.in_fit and level.nominal > 0]
    known = len(ends) > 1
    good = [level for level in (ends[0], ends[-1]) if level.within] if known else []
    return RuleResult(
        e.plate,
        "lowest and highest level kept",
        f"{len(good)} of 2 within {TOLERANCE_ENDS_PERCENT:g} %",
        "LLOQ and ULOQ levels must stand",
        known and len(good) == 2,
        M10_SEEN,
    )


def _qc_results(e: Evidence) -> RuleResult:
    judged = [qc for qc in e.qcs if qc.within is not None]
    good = sum(qc.within is True for qc in judged)
    limit = (
        f"two thirds within {TOLERANCE_PERCENT:g} % ({TOLERANCE_ENDS_PERCENT:g} % at the limits)"
    )
    if not judged:
        return RuleResult(e.plate, "QC samples", "no QC samples", limit, None, RESEARCH)
    passed = good >= FRACTION_QCS * len(judged) - 1e-9
    return RuleResult(
        e.plate, "QC samples", f"{good} of {len(judged)} within tolerance", limit, passed, RESEARCH
    )


def _qc_wells(e: Evidence) -> dict[float, list[bool]]:
    """Whether each QC well is within tolerance, by target concentration."""
    found: dict[float, list[bool]] = {}
    for well in e.wells:
        if well.role != Role.QC or well.excluded_why or not well.nominal > 0:
            continue
        in_well = well.nominal / well.dilution_factor
        recovery = 100 * well.concentration / in_well
        good = bool(abs(recovery - 100) <= tolerance_percent(in_well, e.limits))
        found.setdefault(well.nominal, []).append(good)
    return found


def _qc_design(e: Evidence) -> RuleResult:
    levels = _qc_wells(e)
    fewest = min((len(each) for each in levels.values()), default=0)
    limit = f"at least {QC_LEVELS} levels of {REPLICATES} wells"
    name = "QC levels"
    if not levels:
        return RuleResult(e.plate, name, "no QC samples", limit, None, M10_UNSEEN)
    return RuleResult(
        e.plate,
        name,
        f"{len(levels)} levels of {fewest} or more wells",
        limit,
        True if len(levels) >= QC_LEVELS and fewest >= REPLICATES else None,
        M10_UNSEEN,
    )


def _qc_counts(e: Evidence) -> RuleResult:
    levels = _qc_wells(e)
    each = [good for found in levels.values() for good in found]
    limit = (
        f"two thirds of all and half per level within {TOLERANCE_PERCENT:g} %, each well counted"
    )
    if not each:
        return RuleResult(e.plate, "QC samples", "no QC samples", limit, None, M10_UNSEEN)
    halves = all(sum(found) >= FRACTION_QCS_LEVEL * len(found) for found in levels.values())
    worst = min(levels, key=lambda nominal: sum(levels[nominal]) / len(levels[nominal]))
    return RuleResult(
        e.plate,
        "QC samples",
        f"{sum(each)} of {len(each)} wells; level {worst:g}: "
        f"{sum(levels[worst])} of {len(levels[worst])}",
        limit,
        halves and sum(each) >= FRACTION_QCS * len(each) - 1e-9,
        M10_UNSEEN,
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "research": (_curve_fitted, _standards(RESEARCH, 0), _qc_results),
    "m10": (
        _curve_fitted,
        _enough_levels,
        _replicates,
        _standards(M10_SEEN, LEVELS),
        _ends_kept,
        _qc_design,
        _qc_counts,
    ),
}
"""The rule sets by their name in `assay.toml`."""
