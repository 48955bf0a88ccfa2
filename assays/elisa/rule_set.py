"""Rule sets: the numbers a plate is held against, and where each is written.

``research`` asks that standards read back and that controls, where there are any, hit their
target. ``m10`` follows ICH M10 for ligand-binding assays as far as one run can show it; biomarker
assays are outside that guideline's scope, so it is worded "ICH M10-style". ``own`` takes its
numbers from `[elisa.rules]`.
"""

from __future__ import annotations

from dataclasses import dataclass

from assays.protocol import Elisa, Rules

OURS = "this project's rule"
M10 = "ICH M10 (2022), 4.2"
SEEN = f"{M10}; wording seen"
QUOTED = f"{M10}; as generally quoted, document not seen"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where each rule is written, and whether that was seen."""

    standards: str
    levels: str
    replicates: str
    ends: str
    qcs: str
    qc_levels: str
    qc_cv: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a plate must keep; 0 and None ask for nothing."""

    title: str
    standards_percent: float
    """Allowed deviation of a standard read back."""
    ends_percent: float
    """The same for lowest and highest standard, and for controls at a limit."""
    standards_share: float
    levels: int
    blank: bool
    """Whether a zero standard or a blank must be on the plate."""
    replicates: int
    keep_ends: bool
    leave_out_anchors: bool
    """Whether zeros and standards beyond the declared limits stay out of the regression."""
    qc_percent: float
    qc_share: float
    qc_share_each_level: float
    qc_levels: int
    qc_replicates: int
    qc_cv_percent: float | None
    by_well: bool
    """Whether each well of a control counts, or the mean of its wells."""
    qcs_wanted: bool
    """Whether a plate without controls is not assessable."""
    sources: Sources


RESEARCH = RuleSet(
    title="research",
    standards_percent=20.0,
    ends_percent=25.0,
    standards_share=0.75,
    levels=0,
    blank=False,
    replicates=0,
    keep_ends=False,
    leave_out_anchors=False,
    qc_percent=20.0,
    qc_share=2 / 3,
    qc_share_each_level=0.0,
    qc_levels=0,
    qc_replicates=0,
    qc_cv_percent=None,
    by_well=False,
    qcs_wanted=True,
    sources=Sources(
        standards=f"{OURS}, after {M10}; 75 % seen, 20/25 % as generally quoted",
        levels=OURS,
        replicates=OURS,
        ends=OURS,
        qcs=f"{OURS}, after {M10}; as generally quoted, document not seen",
        qc_levels=OURS,
        qc_cv=OURS,
    ),
)
M10_STYLE = RuleSet(
    title="ICH M10-style",
    standards_percent=20.0,
    ends_percent=25.0,
    standards_share=0.75,
    levels=6,
    blank=True,
    replicates=2,
    keep_ends=True,
    leave_out_anchors=True,
    qc_percent=20.0,
    qc_share=2 / 3,
    qc_share_each_level=0.5,
    qc_levels=3,
    qc_replicates=2,
    qc_cv_percent=None,
    by_well=True,
    qcs_wanted=True,
    sources=Sources(
        standards=f"{M10}; 75 % seen, 20/25 % and six levels as generally quoted",
        levels=f"{QUOTED} (six non-zero levels seen for FDA BMV, 2018)",
        replicates=QUOTED,
        ends=SEEN,
        qcs=QUOTED,
        qc_levels=QUOTED,
        qc_cv=QUOTED,
    ),
)
TITLES = {"research": RESEARCH.title, "m10": M10_STYLE.title, "own": "own rules"}


def rule_set(protocol: Elisa) -> RuleSet:
    """The rule set that a protocol names."""
    if protocol.rules is not None:
        return _own(protocol.rules)
    return M10_STYLE if protocol.acceptance == "m10" else RESEARCH


def _own(rules: Rules) -> RuleSet:
    said = f"{rules.source}; as declared in assay.toml"
    return RuleSet(
        title=TITLES["own"],
        standards_percent=rules.standards_percent,
        ends_percent=rules.ends_percent,
        standards_share=rules.standards_share,
        levels=rules.levels,
        blank=False,
        replicates=rules.replicates,
        keep_ends=rules.keep_ends,
        leave_out_anchors=rules.leave_out_anchors,
        qc_percent=rules.qc_percent,
        qc_share=rules.qc_share,
        qc_share_each_level=rules.qc_share_each_level,
        qc_levels=rules.qc_levels,
        qc_replicates=rules.qc_replicates,
        qc_cv_percent=rules.qc_cv_percent,
        by_well=True,
        qcs_wanted=rules.qc_levels > 0,
        sources=Sources(said, said, said, said, said, said, said),
    )
