"""Dilution series and spikes on a plate."""

from __future__ import annotations

import math

import pytest

from assays.elisa.run import process_elisa
from assays.protocol import Elisa, Limits
from assays.results.elisa import ElisaRun
from plates.errors import LabError
from plates.findings import Severity

LIMITS = Limits(lloq=3.125, uloq=200.0)


def run_of(made) -> ElisaRun:
    return process_elisa([("p.txt", made.export())], made.layout, Elisa(limits=LIMITS))


def rules_of(run: ElisaRun) -> list[str]:
    return [finding.rule for finding in run.findings]


def test_dilutions_that_agree_are_linear_and_in_parallel(bench) -> None:
    made = bench("parallel", cv=0.01).standards()
    for fold in (2, 4, 8, 16):
        made.add("CLL-1", 500.0, dilution=fold)
    (series,) = run_of(made).plates[0].dilutions
    assert series.sample == "CLL-1"
    assert [step.dilution_factor for step in series.steps] == [2, 4, 8, 16]
    assert math.isnan(series.steps[0].corrected)
    assert series.n_known == 3
    assert series.linear
    assert series.parallel
    assert series.mean == pytest.approx(500, rel=0.06)
    assert series.slope_interval[0] < 0 < series.slope_interval[1]
    assert "not seen" in series.source


def test_a_matrix_that_thins_out_is_neither(bench) -> None:
    made = bench("matrix", cv=0.01).standards()
    for fold, share in ((2, 0.4), (4, 0.65), (8, 0.9), (16, 1.0)):
        made.add("CLL-1", 300.0 * share, dilution=fold)
    run = run_of(made)
    (series,) = run.plates[0].dilutions
    assert series.linear is False
    assert series.parallel is False
    assert series.slope_interval[0] > 0
    assert "dilution-linearity" in rules_of(run)


@pytest.mark.parametrize(("strong", "linear"), [(215.0, False), (225.0, True)])
def test_the_finding_and_the_table_hold_dilutions_to_one_rule(bench, strong, linear) -> None:
    made = bench("one rule", cv=0.0).standards()
    made.add("P6", 273.0, dilution=4)
    made.add("P6", strong, dilution=8)
    run = run_of(made)
    (series,) = run.plates[0].dilutions
    assert series.linear is linear
    (told,) = [each for each in run.findings if each.rule == "dilution-linearity"]
    assert f"Dilutions of P6 {'agree' if linear else 'disagree'}: 1:4 gives 273" in told.message
    assert f"1:8 is {100 * strong / 273:.0f} % of 1:4, allowed 80\u2013120 %" in told.message
    assert told.severity == (Severity.NOTE if linear else Severity.LOOK)


def test_a_long_series_is_held_against_the_standard_curve_itself(bench) -> None:
    made = bench("own curve", cv=0.02).standards()
    for fold in (1, 2, 4, 8, 16, 32, 64):
        made.add("strong", 900.0, dilution=fold)
    (series,) = run_of(made).plates[0].dilutions
    assert series.f_p_value > 0.01
    low, high = series.slope_ratio[1:]
    assert low < 1 < high


def test_one_dilution_makes_no_series(bench) -> None:
    made = bench("single").standards()
    made.add("CLL-1", 50.0, dilution=2)
    assert run_of(made).plates[0].dilutions == ()


def test_a_spike_is_found_again_and_is_no_result_of_its_donor(bench) -> None:
    made = bench("spike", cv=0.01).standards()
    made.add("CLL-1", 40.0, labels={"donor": "D1"})
    made.add("CLL-1", 90.0, labels={"donor": "D1", "spike": "0.05 ng/mL"})
    run = run_of(made)
    (spike,) = run.plates[0].spikes
    assert spike.spike == pytest.approx(50.0)
    assert spike.recovery_percent == pytest.approx(100, abs=8)
    assert spike.interval[0] < spike.recovery_percent < spike.interval[1]
    assert spike.within
    assert [sample.spike for sample in run.plates[0].samples] == [0, pytest.approx(50.0)]
    assert "spike-recovery" not in rules_of(run)


def test_a_spike_that_is_lost_is_told(bench) -> None:
    made = bench("lost", cv=0.01).standards()
    made.add("CLL-1", 40.0)
    made.add("CLL-1", 60.0, labels={"spike": "50"})
    run = run_of(made)
    assert run.plates[0].spikes[0].within is False
    assert "spike-recovery" in rules_of(run)


def test_a_sample_below_the_limit_leaves_a_span_of_recoveries(bench) -> None:
    made = bench("span", cv=0.01).standards()
    made.add("CLL-1", 0.5)
    made.add("CLL-1", 100.0, labels={"spike": "100"})
    made.add("CLL-2", 100.0, labels={"spike": "100 pg/mL"})
    first, alone = run_of(made).plates[0].spikes
    assert math.isnan(first.recovery_percent)
    assert first.interval[1] - first.interval[0] == pytest.approx(3.125)
    assert first.within
    assert "not on the plate" in alone.said
    assert alone.within is None


@pytest.mark.parametrize("text", ["much", "-5", "50 cells/mL", "inf"])
def test_a_spike_that_is_no_amount_is_an_error(bench, text: str) -> None:
    made = bench("no amount").standards()
    made.add("CLL-1", 90.0, labels={"spike": text})
    with pytest.raises(LabError):
        run_of(made)
