"""Whether a plate may be used, and by which rules."""

from __future__ import annotations

import pytest

from assays.elisa.run import process_elisa
from assays.protocol import Elisa, Limits
from assays.results.elisa import ElisaRun, RuleResult, Verdict
from plates.layout import Role

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
