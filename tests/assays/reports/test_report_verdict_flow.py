import math
from dataclasses import replace

from assays.reports.verdict import headline, verdict_line
from assays.results.activation import PositiveControl
from assays.results.inhibition import DonorComparison
from assays.samples import TubeRole
from plates.findings import Finding, Severity


def changed(run, **parts):
    return replace(run, flow=replace(run.flow, **parts))


def test_a_gate_off_the_scale_is_no_result_and_stops(flow_run):
    flow = flow_run.flow
    empty = tuple(replace(p, count=0) if p.population == "CLL" else p for p in flow.populations)
    silent = tuple(replace(r, count=0, median=math.nan, status="no events") for r in flow.readings)
    run = changed(flow_run, populations=empty, readings=silent, inhibition=(), findings=())
    assert verdict_line(run) == (
        "No result: CLL holds no event in any tube; 18 tubes of 3 donors read."
    )
    assert headline(run) == Severity.STOP


def test_one_readout_without_a_number_is_named(flow_run):
    flow = flow_run.flow
    silent = tuple(
        replace(r, median=math.nan, status="few events") if r.readout.startswith("p-") else r
        for r in flow.readings
    )
    run = changed(flow_run, readings=silent, findings=())
    assert "no result for p-p65 (S529): few events in every tube" in verdict_line(run)
    assert headline(run) == Severity.STOP


def test_a_donor_without_unstimulated_tubes_is_in_the_verdict(flow_run):
    flow = flow_run.flow
    tubes = tuple(
        t for t in flow.tubes if not (t.donor == "D2" and t.role == TubeRole.UNSTIMULATED)
    )
    rows = tuple(
        replace(i, percent=math.nan, unstimulated=math.nan, status="control missing")
        if i.donor == "D2"
        else i
        for i in flow.inhibition
    )
    run = changed(flow_run, tubes=tubes, inhibition=rows, findings=())
    assert verdict_line(run) == (
        "17 tubes of 3 donors read; inhibition undefined in 2 donors "
        "(no activation: D3; no unstimulated tube: D2)."
    )
    assert headline(run) == Severity.LOOK


def test_a_mistyped_donor_is_in_the_verdict(flow_run):
    flow = flow_run.flow
    tubes = tuple(replace(t, donor="d01") if t.file == "D1_0.fcs" else t for t in flow.tubes)
    line = verdict_line(changed(flow_run, tubes=tubes, findings=()))
    assert "no stimulated tube: d01" in line
    assert "no unstimulated tube: D1" in line


def test_without_any_control_the_run_stops(flow_run):
    rows = tuple(
        replace(i, percent=math.nan, status="control missing") for i in flow_run.flow.inhibition
    )
    run = changed(flow_run, inhibition=rows, findings=())
    assert "no matching control: D1, D2, D3" in verdict_line(run)
    assert headline(run) == Severity.STOP


def test_too_few_events_are_told_as_the_reason(flow_run):
    rows = tuple(
        replace(i, percent=math.nan, status="few events") if i.donor == "D1" else i
        for i in flow_run.flow.inhibition
    )
    assert "few events: D1" in verdict_line(changed(flow_run, inhibition=rows))


def held(donor, status, readout="pSTAT3 (Y705)"):
    nan = math.nan
    return PositiveControl(donor, readout, "IL-10", nan, nan, nan, (nan, nan), 1, 1, status)


def test_a_positive_control_that_fails_is_in_the_verdict(flow_run):
    controls = (held("D1", "responds"), held("D2", "does not respond"))
    run = changed(flow_run, positive_controls=controls, findings=())
    assert "positive control failed in D2" in verdict_line(run)
    assert headline(run) == Severity.LOOK


def test_a_positive_control_that_fails_in_every_donor_stops(flow_run):
    controls = tuple(held(donor, "does not respond") for donor in ("D1", "D2"))
    silent = tuple(replace(i, status="no activation") for i in flow_run.flow.inhibition)
    run = changed(flow_run, positive_controls=controls, inhibition=silent, findings=())
    assert headline(run) == Severity.STOP
    # What the stimulus itself moved, no failed control can condemn.
    run = changed(flow_run, positive_controls=controls, findings=())
    assert headline(run) == Severity.LOOK


def test_replicates_that_make_the_scatter_of_the_run_are_in_the_verdict(flow_run):
    apart = Finding("replicates-apart", Severity.LOOK, "donor D1", "Replicate tubes lie apart.")
    run = changed(flow_run, findings=(apart,))
    assert "; replicate tubes of D1 lie far apart and widen every interval;" in verdict_line(run)
    assert headline(run) == Severity.LOOK


def test_a_positive_control_that_fails_beside_one_that_works_is_none_of_the_verdict(flow_run):
    controls = (held("D1", "responds"), held("D1", "does not respond"))
    run = changed(flow_run, positive_controls=controls, findings=())
    assert "positive control" not in verdict_line(run)


def test_a_positive_control_that_fails_in_one_readout_names_it(flow_run):
    controls = (held("D1", "responds"), held("D1", "does not respond", "p-p65 (S529)"))
    run = changed(flow_run, positive_controls=controls, findings=())
    assert "positive control failed in D1 in p-p65 (S529)" in verdict_line(run)


def test_a_donor_who_was_given_no_inhibitor_has_nothing_undefined(flow_run):
    flow = flow_run.flow
    tubes = tuple(t for t in flow.tubes if not (t.donor == "D3" and t.inhibitors))
    rows = tuple(i for i in flow.inhibition if i.donor != "D3")
    run = changed(flow_run, tubes=tubes, inhibition=rows, findings=())
    assert verdict_line(run).endswith(
        "of 3 donors read; inhibition defined in every other donor; no inhibitor given to D3."
    )
    assert headline(run) == Severity.NOTE


def test_a_dose_that_does_not_activate_is_named_where_others_do(flow_run):
    flow = flow_run.flow
    low = tuple(
        replace(i, stimulus="IL-6 0.1 ng/mL", percent=math.nan,
                status="no activation: inhibition undefined")
        for i in flow.inhibition if i.donor == "D1"
    )  # fmt: skip
    rows = (*(i for i in flow.inhibition if i.donor == "D1"), *low)
    line = verdict_line(changed(flow_run, inhibition=rows, findings=()))
    assert "(no activation: D1 in pSTAT3 (Y705) with IL-6 0.1 ng/mL and" in line


def test_without_inhibitors_the_verdict_says_what_the_stimulus_moves(flow_run):
    def moved(readout, differences):
        mean = sum(differences) / len(differences)
        return DonorComparison(
            readout, "activation", "IL-6 10 ng/mL", "unstimulated", "IL-6", "10 ng/mL", "arcsinh",
            tuple(f"D{n}" for n in range(1, len(differences) + 1)), differences, 0.2, mean,
            (0.0, 0.0), 0.1, mean, (0.0, 0.0), 0.75, 0.25, 0.25, family=1,
        )  # fmt: skip

    rows = (moved("pERK", (0.1, -0.05, 0.1)), moved("pSTAT3", (1.9, 2.1, 1.7)),
            moved("IkBa", (-0.5, -0.4, -0.6)), moved("pAKT", (0.01, 0.0, 0.0)))  # fmt: skip
    run = changed(flow_run, inhibition=(), dose_responses=(), donors=rows, findings=())
    assert (
        "; pSTAT3 rises with IL-6 in 3 of 3 donors (mean Δarcsinh 1.90), 3 further readouts in "
        "the tables."
    ) in verdict_line(run)
    run = changed(flow_run, inhibition=(), dose_responses=(), donors=rows[:3], findings=())
    assert (
        "; pSTAT3 rises with IL-6 in 3 of 3 donors (mean Δarcsinh 1.90), IkBa falls with IL-6 in "
        "3 of 3 donors (mean Δarcsinh −0.50), pERK rises with IL-6 in 2 of 3 donors (mean Δarcsinh "
        "0.05)."
    ) in verdict_line(run)


def test_one_dose_with_too_few_cells_does_not_leave_its_donor_undefined(flow_run):
    whole = next(i for i in flow_run.flow.inhibition if i.status == "ok")
    agent = replace(whole.inhibitors[0], dose=7.0)
    lost = replace(
        whole, inhibitors=(agent,), percent=math.nan, status="few events", interval=(math.nan,) * 2
    )
    run = changed(flow_run, inhibition=(whole, lost), findings=())
    line = verdict_line(run)
    told = f"{whole.donor} with {agent.name} 7 {agent.unit}"
    assert f"no percentage for {told} (few events)" in line
    assert "inhibition defined in every donor" in line
    assert headline(run) == Severity.LOOK


def test_one_tube_per_condition_is_told_of_every_donor_and_the_readout_without_a_number(flow_run):
    rows = tuple(
        replace(i, percent=math.nan if i.donor == "D3" else 40.0, status="not testable")
        for i in flow_run.flow.inhibition
        if i.readout.startswith("pSTAT3")
    )
    other = replace(rows[0], readout="p-p65 (S529)", donor="D3", percent=12.5)
    lost = replace(other, percent=math.nan, inhibitors=(replace(other.inhibitors[0], dose=9.0),))
    line = verdict_line(changed(flow_run, inhibition=(*rows, other, lost), findings=()))
    assert "not testable in any of 3 donors: no replicate tubes" in line
    assert "undefined" not in line
    assert "no percentage for D3 in pSTAT3 (Y705), D3 in p-p65 (S529) with ruxolitinib 9" in line


def test_donors_are_counted_by_how_many_of_their_percentages_are_not_testable(flow_run):
    every = [i for i in flow_run.flow.inhibition if i.readout.startswith("pSTAT3")]
    ready = [replace(i, status="ok", percent=40.0) for i in every]
    rows = []
    for each in ready:
        status = "ok" if each.donor == "D2" else "not testable"
        rows.append(replace(each, status=status))
        # A second readout: D1 is not testable in both, D3 in one, D2 in none.
        second = "not testable" if each.donor == "D1" else "ok"
        rows.append(replace(each, readout="p-p65 (S529)", status=second))
    run = changed(flow_run, inhibition=tuple(rows), findings=())
    assert verdict_line(run).endswith(
        "; inhibition estimated, but not testable in 2 donors "
        "(no replicate tubes: D1, D3 in pSTAT3 (Y705))."
    )
    lost = [
        replace(row, percent=math.nan, status="few events")
        if (row.donor, row.readout) == ("D2", "p-p65 (S529)")
        else replace(row, status="ok")
        for row in rows
    ]
    line = verdict_line(changed(flow_run, inhibition=tuple(lost), findings=()))
    assert "inhibition undefined in 1 donor (few events: D2 in p-p65 (S529))." in line


def test_a_matrix_left_unused_without_a_reason_is_in_the_headline(flow_run):
    for severity in (Severity.LOOK, Severity.NOTE):
        unused = Finding("spillover-unused", severity, "a.fcs", "Left unused.")
        line = verdict_line(changed(flow_run, findings=(unused,)))
        said = "; not compensated, though files carry a spillover matrix;" in line
        assert said == (severity == Severity.LOOK)
