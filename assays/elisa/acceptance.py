"""Hold a plate against its rule set: each rule with what was seen, the limit and its source."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assays.elisa.qc_samples import tolerance_percent
from assays.elisa.rule_set import OURS, RuleSet
from assays.results.elisa import (
    QcResult,
    QuantRange,
    RuleResult,
    StandardLevel,
    Verdict,
    WellReading,
)
from plates.layout import Role

ROUNDING = 1e-9


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


Rule = Callable[[Evidence, RuleSet], RuleResult | None]


def judge(evidence: Evidence, rules: RuleSet) -> tuple[tuple[RuleResult, ...], Verdict]:
    """Hold one plate against a rule set.

    A rule that the plate gives no grounds for (no controls, say) is not assessable, and so is the
    plate unless another rule fails. What the set does not ask for is not in the result.
    """
    found = (rule(evidence, rules) for rule in RULES)
    results = tuple(result for result in found if result is not None)
    return results, verdict_of([result.passed for result in results])


def verdict_of(passed: Sequence[bool | None]) -> Verdict:
    """Failed if any rule failed; else not assessable if any could not be judged."""
    if False in passed:
        return Verdict.FAILED
    return Verdict.NOT_ASSESSABLE if None in passed else Verdict.ACCEPTED


def _curve_fitted(e: Evidence, _: RuleSet) -> RuleResult:
    observed = "a curve was fitted" if e.fitted else f"refused: {e.refused}"
    return RuleResult(e.plate, "standard curve", observed, "a curve", e.fitted, OURS)


def _in_fit(e: Evidence) -> list[StandardLevel]:
    return [level for level in e.levels if level.in_fit and level.nominal > 0]


def _enough_levels(e: Evidence, rules: RuleSet) -> RuleResult | None:
    if not rules.levels:
        return None
    count = sum(bool(level.wells) for level in _in_fit(e))
    nothing = any(w.role == Role.BLANK or (w.role == Role.STANDARD and w.nominal == 0)
                  for w in e.wells)  # fmt: skip
    observed = f"{count} level{'s' * (count != 1)} above zero in the regression"
    observed += f", {'a' if nothing else 'no'} zero or blank" if rules.blank else ""
    limit = f"at least {rules.levels}" + (" and a blank" if rules.blank else "")
    passed = count >= rules.levels and (nothing or not rules.blank)
    return RuleResult(e.plate, "levels", observed, limit, passed, rules.sources.levels)


def _replicates(e: Evidence, rules: RuleSet) -> RuleResult | None:
    if not rules.replicates:
        return None
    fewest = min((len(level.wells) for level in _in_fit(e)), default=0)
    return RuleResult(
        e.plate,
        "replicates",
        f"{fewest} well{'s' * (fewest != 1)} at the level with fewest",
        f"at least {rules.replicates} per level",
        fewest >= rules.replicates,
        rules.sources.replicates,
    )


def _standards(e: Evidence, rules: RuleSet) -> RuleResult:
    judged = [level for level in e.levels if level.within is not None]
    within = sum(level.within is True for level in judged)
    needed = max(math.ceil(rules.standards_share * len(judged) - ROUNDING), rules.levels)
    limit = (
        f"at least {100 * rules.standards_share:g} %"
        + (f" and {rules.levels} levels" if rules.levels else "")
        + f" within {rules.standards_percent:g} % ({rules.ends_percent:g} % at the ends)"
    )
    return RuleResult(
        e.plate,
        "standards read back",
        f"{within} of {len(judged)} levels within tolerance",
        limit,
        bool(judged) and within >= needed,
        rules.sources.standards,
    )


def _ends_kept(e: Evidence, rules: RuleSet) -> RuleResult | None:
    if not rules.keep_ends:
        return None
    ends = _in_fit(e)
    known = len(ends) > 1
    good = [level for level in (ends[0], ends[-1]) if level.within] if known else []
    return RuleResult(
        e.plate,
        "lowest and highest level kept",
        f"{len(good)} of 2 within {rules.ends_percent:g} %",
        "LLOQ and ULOQ levels must stand",
        known and len(good) == 2,
        rules.sources.ends,
    )


def _qc_wells(e: Evidence, rules: RuleSet) -> dict[float, list[bool]]:
    """Whether each QC well is within tolerance, by target concentration."""
    found: dict[float, list[bool]] = {}
    for well in e.wells:
        if well.role != Role.QC or well.excluded_why or not well.nominal > 0:
            continue
        in_well = well.nominal / well.dilution_factor
        recovery = 100 * well.concentration / in_well
        good = bool(abs(recovery - 100) <= tolerance_percent(in_well, e.limits, rules))
        found.setdefault(well.nominal, []).append(good)
    return found


def _qc_design(e: Evidence, rules: RuleSet) -> RuleResult | None:
    if not rules.qc_levels:
        return None
    levels = _qc_wells(e, rules)
    fewest = min((len(each) for each in levels.values()), default=0)
    limit = f"at least {rules.qc_levels} levels"
    limit += f" of {rules.qc_replicates} wells" if rules.qc_replicates else ""
    observed = "no QC samples"
    if levels:
        observed = f"{len(levels)} level{'s' * (len(levels) != 1)} of {fewest} or more wells"
    enough = bool(levels) and len(levels) >= rules.qc_levels and fewest >= rules.qc_replicates
    return RuleResult(
        e.plate, "QC levels", observed, limit, True if enough else None, rules.sources.qc_levels
    )


def _qcs(e: Evidence, rules: RuleSet) -> RuleResult | None:
    return _qcs_by_well(e, rules) if rules.by_well else _qcs_by_mean(e, rules)


def _no_qcs(e: Evidence, rules: RuleSet, limit: str) -> RuleResult | None:
    if not rules.qcs_wanted:
        return None
    return RuleResult(e.plate, "QC samples", "no QC samples", limit, None, rules.sources.qcs)


def _qcs_by_mean(e: Evidence, rules: RuleSet) -> RuleResult | None:
    judged = [qc for qc in e.qcs if qc.within is not None]
    good = sum(qc.within is True for qc in judged)
    limit = (
        f"{_share(rules.qc_share)} within {rules.qc_percent:g} % "
        f"({rules.ends_percent:g} % at the limits)"
    )
    if not judged:
        return _no_qcs(e, rules, limit)
    passed = good >= rules.qc_share * len(judged) - ROUNDING
    observed = f"{good} of {len(judged)} within tolerance"
    return RuleResult(e.plate, "QC samples", observed, limit, passed, rules.sources.qcs)


def _qcs_by_well(e: Evidence, rules: RuleSet) -> RuleResult | None:
    levels = _qc_wells(e, rules)
    each = [good for found in levels.values() for good in found]
    limit = f"{_share(rules.qc_share)} of all"
    if rules.qc_share_each_level:
        limit += f" and {_share(rules.qc_share_each_level)} per level"
    limit += f" within {rules.qc_percent:g} % ({rules.ends_percent:g} % at the limits)"
    limit += ", each well counted"
    if not each:
        return _no_qcs(e, rules, limit)
    least = rules.qc_share_each_level
    kept = all(sum(found) >= least * len(found) - ROUNDING for found in levels.values())
    worst = min(levels, key=lambda nominal: sum(levels[nominal]) / len(levels[nominal]))
    return RuleResult(
        e.plate,
        "QC samples",
        f"{sum(each)} of {len(each)} wells; level {worst:g}: "
        f"{sum(levels[worst])} of {len(levels[worst])}",
        limit,
        kept and sum(each) >= rules.qc_share * len(each) - ROUNDING,
        rules.sources.qcs,
    )


def _qc_spread(e: Evidence, rules: RuleSet) -> RuleResult | None:
    if rules.qc_cv_percent is None:
        return None
    known = [qc for qc in e.qcs if not math.isnan(qc.cv_concentration_percent)]
    limit = f"at most {rules.qc_cv_percent:g} %"
    if not known:
        return RuleResult(e.plate, "CV of QC samples", "not known", limit, None,
                          rules.sources.qc_cv)  # fmt: skip
    worst = max(known, key=lambda qc: qc.cv_concentration_percent)
    return RuleResult(
        e.plate,
        "CV of QC samples",
        f"largest {worst.cv_concentration_percent:.1f} % ({worst.sample})",
        limit,
        worst.cv_concentration_percent <= rules.qc_cv_percent,
        rules.sources.qc_cv,
    )


def _share(share: float) -> str:
    """A share in the words of a guideline: ``two thirds``, ``half``, ``80 %``."""
    return {2 / 3: "two thirds", 0.5: "half"}.get(share, f"{100 * share:g} %")


RULES: tuple[Rule, ...] = (
    _curve_fitted,
    _enough_levels,
    _replicates,
    _standards,
    _ends_kept,
    _qc_design,
    _qcs,
    _qc_spread,
)
"""Every rule, in the order of the report."""
