"""Whether a plate may be used, and by which rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from assays.elisa.inspect import inspect_plate
from assays.elisa.run import process_elisa
from assays.protocol import Elisa, Limits, Rules
from assays.results.elisa import ElisaRun, RuleResult, Verdict
from plates.layout import Role
from plates.well import Well

LIMITS = Limits(lloq=3.125, uloq=200.0)
TARGETS = {"low": 8.0, "mid": 40.0, "high": 140.0}


def run_of(bench, **choices: object) -> ElisaRun:
    protocol = Elisa(limits=LIMITS, **choices)
    return process_elisa([("plate.txt", bench.export())], bench.layout, protocol)


def rule_of(run: ElisaRun, name: str) -> RuleResult:
    return next(rule for rule in run.plates[0].rules if rule.rule == name)


def with_qcs(bench, name: str, factor: float = 1.0):
    made = bench(name).standards()
    for qc, target in TARGETS.items():
        made.add(qc, target * factor, role=Role.QC, nominal=target)
    return made


def test_a_good_plate_with_controls_is_accepted(bench) -> None:
    run = run_of(with_qcs(bench, "good"))
    assert run.verdict == Verdict.ACCEPTED
    assert run.rule_set == "research"
    for qc in run.plates[0].qcs:
        assert qc.within
        assert qc.recovery_percent == pytest.approx(100, abs=12)


def test_a_plate_without_controls_is_not_assessable_and_not_failed(bench) -> None:
    for acceptance in ("research", "m10"):
        run = run_of(bench("no controls").standards(), acceptance=acceptance)
        assert run.verdict == Verdict.NOT_ASSESSABLE
        assert rule_of(run, "QC samples").passed is None


def test_controls_off_target_fail_the_plate(bench) -> None:
    run = run_of(with_qcs(bench, "off target", 1.6))
    assert run.verdict == Verdict.FAILED
    assert rule_of(run, "QC samples").passed is False
    assert [finding.rule for finding in run.findings].count("qc-outside") == 3


def test_standards_that_do_not_read_back_fail_the_plate(bench) -> None:
    made = with_qcs(bench, "bad standards")
    made.values[1, :2] *= 0.5
    made.values[3, :2] *= 1.8
    made.values[5, :2] *= 0.6
    run = run_of(made)
    assert rule_of(run, "standards read back").passed is False
    assert run.verdict == Verdict.FAILED
    assert "standard-recovery" in [finding.rule for finding in run.findings]


def test_m10_style_keeps_zeros_and_anchors_out_of_the_regression(bench) -> None:
    made = bench("anchors").standards((400.0, 200.0, 100.0, 50.0, 12.5, 6.25, 3.125, 0.0))
    for qc, target in TARGETS.items():
        made.add(qc, target, role=Role.QC, nominal=target)
    run = run_of(made, acceptance="m10")
    levels = {level.nominal: level for level in run.plates[0].standards}
    assert not levels[0.0].in_fit
    assert not levels[400.0].in_fit
    assert levels[400.0].within is None
    assert run.plates[0].curve is not None
    assert run.plates[0].curve.n == 12
    assert run.rule_set == "ICH M10-style"
    assert run.verdict == Verdict.ACCEPTED
    assert any("outside the scope of ICH M10" in finding.message for finding in run.findings)


def test_every_rule_says_where_it_is_written_and_whether_that_was_seen(bench) -> None:
    for acceptance in ("research", "m10"):
        for rule in run_of(with_qcs(bench, "sources"), acceptance=acceptance).plates[0].rules:
            assert rule.source
            if "ICH M10 (2022), 4.2;" in rule.source:
                assert "seen" in rule.source
            assert rule.observed
            assert rule.limit


def test_m10_style_asks_for_six_levels(bench) -> None:
    made = bench("five levels").standards((200.0, 100.0, 50.0, 12.5, 3.125, 0.0))
    run = run_of(made, acceptance="m10")
    assert rule_of(run, "levels").passed is False
    assert run.verdict == Verdict.FAILED


OWN = {
    "source": "SOP 12, section 4",
    "standards_percent": 15.0,
    "ends_percent": 20.0,
    "levels": 6,
    "replicates": 2,
    "keep_ends": True,
    "qc_levels": 3,
    "qc_replicates": 2,
    "qc_cv_percent": 15.0,
}


def test_rules_of_ones_own_are_kept_and_name_their_source(bench) -> None:
    run = run_of(with_qcs(bench, "own rules"), acceptance="own", rules=Rules(**OWN))
    assert run.verdict == Verdict.ACCEPTED
    assert run.rule_set == "own rules"
    assert [rule.rule for rule in run.plates[0].rules] == [
        *("standard curve", "levels", "replicates", "standards read back"),
        *("lowest and highest level kept", "QC levels", "QC samples", "CV of QC samples"),
    ]
    for rule in run.plates[0].rules[1:]:
        assert rule.source == "SOP 12, section 4; as declared in assay.toml"
    assert rule_of(run, "standards read back").limit.endswith("within 15 % (20 % at the ends)")


def test_one_well_and_one_level_are_counted_as_one(bench) -> None:
    made = bench("one well").standards()
    made.add("QC", 50.0, role=Role.QC, nominal=50.0)
    del made.contents["", Well(1, 1)]
    run = run_of(made, acceptance="own", rules=Rules(**OWN))
    assert rule_of(run, "replicates").observed == "1 well at the level with fewest"
    assert rule_of(run, "QC levels").observed == "1 level of 2 or more wells"


def test_a_tighter_rule_of_ones_own_fails_what_the_usual_one_accepts(bench) -> None:
    made = with_qcs(bench, "tight", 1.12)
    assert run_of(made).verdict == Verdict.ACCEPTED
    tight = Rules(source="SOP 12", qc_percent=5.0, ends_percent=5.0)
    assert rule_of(run_of(made, acceptance="own", rules=tight), "QC samples").passed is False


def test_own_rules_that_ask_for_no_controls_accept_a_plate_without(bench) -> None:
    run = run_of(bench("none asked").standards(), acceptance="own", rules=Rules(source="SOP 12"))
    assert run.verdict == Verdict.ACCEPTED


def test_m10_style_wants_a_zero_or_a_blank(bench) -> None:
    made = bench("no zero").standards((400.0, 200.0, 100.0, 50.0, 25.0, 12.5, 6.25, 3.125))
    rule = rule_of(run_of(made, acceptance="m10"), "levels")
    assert rule.passed is False
    assert "no zero or blank" in rule.observed


@pytest.mark.parametrize(
    "choice", [{"acceptance": "own"}, {"rules": Rules(source="SOP")}, {"kit_range": (300.0, 3.0)}]
)
def test_rules_and_the_choice_of_them_belong_together(choice: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Elisa(**choice)


@pytest.mark.parametrize(
    ("recovery", "said"), [(125.1, "125.1 %"), (74.97, "74.97 %"), (131.2, "131 %")]
)
def test_a_breach_that_rounding_would_hide_is_shown(bench, recovery, said) -> None:
    plate = run_of(with_qcs(bench, "narrowly")).plates[0]
    level = replace(plate.standards[-1], within=False, recovery_percent=recovery)
    (told,) = [
        finding
        for finding in inspect_plate(replace(plate, standards=(level,)), Elisa(limits=LIMITS))
        if finding.rule == "standard-recovery"
    ]
    assert f": {said}, allowed 75\u2013125 %" in told.message
