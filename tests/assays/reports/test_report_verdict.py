import math
from dataclasses import replace

from assays.reports.verdict import advice, headline, verdict_line
from assays.results.elisa import RangeStatus, Verdict
from plates.findings import Finding, Severity


def with_samples(run, *samples, **changes):
    plate = replace(run.elisa.plates[0], samples=samples, **changes)
    elisa = replace(run.elisa, plates=(plate,), verdict=plate.verdict, findings=())
    return replace(run, elisa=elisa)


def sample(run, name, status, dilution=1.0):
    return replace(
        run.elisa.plates[0].samples[0], sample=name, status=status, dilution_factor=dilution
    )


def test_the_verdict_counts_samples_that_need_a_repeat(elisa_run):
    assert verdict_line(elisa_run) == "Plate accepted; 2 samples need a repeat."
    assert advice(elisa_run) == "Repeat CLL-10 (CV above limit), CLL-13 (> ULOQ)."


def test_a_sample_that_one_dilution_brings_into_range_needs_no_repeat(elisa_run):
    run = with_samples(
        elisa_run,
        sample(elisa_run, "S1", RangeStatus.ABOVE_ULOQ),
        sample(elisa_run, "S1", RangeStatus.OK, 10.0),
    )
    assert verdict_line(run) == "Plate accepted; no sample needs a repeat."
    assert headline(run) == Severity.NOTE


def test_a_sample_below_the_limit_is_a_result(elisa_run):
    run = with_samples(elisa_run, sample(elisa_run, "S1", RangeStatus.BELOW_LLOQ))
    assert verdict_line(run) == "Plate accepted; no sample needs a repeat."


def test_one_sample_needs_and_two_need(elisa_run):
    run = with_samples(elisa_run, sample(elisa_run, "S1", RangeStatus.HIGH_CV))
    assert verdict_line(run) == "Plate accepted; 1 sample needs a repeat."


def test_a_failed_plate_says_so_and_stops(elisa_run):
    good = sample(elisa_run, "S1", RangeStatus.OK)
    run = with_samples(elisa_run, good, verdict=Verdict.FAILED)
    assert verdict_line(run).startswith("Plate failed")
    assert headline(run) == Severity.STOP


def test_a_plate_without_controls_is_not_called_failed(elisa_run):
    good = sample(elisa_run, "S1", RangeStatus.OK)
    run = with_samples(elisa_run, good, verdict=Verdict.NOT_ASSESSABLE)
    assert verdict_line(run) == ("Plate read; acceptance not assessable; no sample needs a repeat.")
    assert headline(run) == Severity.LOOK


def test_a_plate_without_a_curve_counts_no_repeats(elisa_run):
    rejected = sample(elisa_run, "S1", RangeStatus.REJECTED)
    run = with_samples(elisa_run, rejected, curve=None, verdict=Verdict.FAILED)
    assert verdict_line(run) == "Plate has no standard curve."
    assert headline(run) == Severity.STOP


def test_several_plates_are_told_apart(elisa_run):
    plate = elisa_run.elisa.plates[0]
    second = replace(plate, plate="P2", verdict=Verdict.FAILED, samples=())
    elisa = replace(elisa_run.elisa, plates=(replace(plate, samples=()), second))
    line = verdict_line(replace(elisa_run, elisa=elisa))
    assert line.startswith("2 plates: 1 accepted, 1 failed (P2)")


def test_two_plates_alike_are_both_accepted(elisa_run):
    plate = replace(elisa_run.elisa.plates[0], samples=())
    elisa = replace(elisa_run.elisa, plates=(plate, replace(plate, plate="P2")))
    line = verdict_line(replace(elisa_run, elisa=elisa))
    assert line == "Both plates accepted; no sample needs a repeat."


def test_a_grave_finding_about_one_well_asks_to_look_and_about_a_plate_to_stop(elisa_run):
    run = with_samples(elisa_run, sample(elisa_run, "S1", RangeStatus.OK))
    plate = run.elisa.plates[0].plate
    told = {"A1": "", plate: f"dark plate ({plate})", "": "dark plate"}
    for where, why in told.items():
        finding = Finding("dark-plate", Severity.STOP, where, "Something.", math.nan)
        stopped = replace(run, elisa=replace(run.elisa, findings=(finding,)))
        assert headline(stopped) == (Severity.STOP if why else Severity.LOOK)
        begins = f"Not to be used as it is: {why}. " if why else ""
        assert verdict_line(stopped) == f"{begins}Plate accepted; no sample needs a repeat."


def test_a_copied_tube_stops_a_flow_run_and_stands_first(flow_run):
    copies = tuple(
        Finding("same-file-twice", Severity.STOP, f"D{n}.fcs", "The same file.") for n in range(5)
    )
    run = replace(flow_run, flow=replace(flow_run.flow, findings=copies))
    assert headline(run) == Severity.STOP
    assert verdict_line(run).startswith(
        "Not to be used as it is: one file stands for several tubes of the sheet "
        "(D0.fcs, D1.fcs, D2.fcs and 2 more). 18 tubes of 3 donors read;"
    )
    assert run.failed


def test_a_donor_without_activation_is_named(flow_run):
    assert verdict_line(flow_run) == (
        "18 tubes of 3 donors read; inhibition undefined in 1 donor (no activation: D3)."
    )


def test_the_readout_is_named_when_only_one_is_undefined(flow_run):
    kept = tuple(
        each for each in flow_run.flow.inhibition if (each.donor, each.readout[:2]) != ("D3", "p-")
    )
    other = replace(flow_run.flow.inhibition[0], donor="D3", readout="p-p65 (S529)")
    run = replace(flow_run, flow=replace(flow_run.flow, inhibition=(*kept, other)))
    assert "(no activation: D3 in pSTAT3 (Y705))" in verdict_line(run)
