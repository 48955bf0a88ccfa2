"""A blank or a dash on the page is explained where it stands."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports import tables_inhibition
from assays.reports.page_dose_response import dose_response
from assays.reports.page_inhibition import inhibition_matrices
from assays.reports.page_readings import readings
from assays.reports.page_scatter import student


def notes(flow):
    return " ".join(table.note for table in inhibition_matrices(flow))


def test_a_dose_that_a_donor_was_not_given_is_told_to_be_that(flow_run):
    flow = flow_run.flow
    whole = [each for each in flow.inhibition if math.isfinite(each.percent)]
    one = replace(whole[0], status="ok")
    other = replace(one, donor="another donor", inhibitors=(replace(one.inhibitors[0], dose=7.0),))
    assert "Blank: not given to this donor." in notes(replace(flow, inhibition=(one, other)))
    same = replace(one, donor="another donor")
    assert "Blank" not in notes(replace(flow, inhibition=(one, same)))


def test_a_sign_before_a_percentage_is_told(flow_run):
    flow = flow_run.flow
    one = next(each for each in flow.inhibition if math.isfinite(each.percent))
    doubtful = replace(one, status="not testable")
    assert "not testable: read the findings" in notes(replace(flow, inhibition=(doubtful,)))


def test_what_undefined_means_stands_under_the_title(flow_run):
    flow = flow_run.flow
    one = next(each for each in flow.inhibition if math.isfinite(each.percent))
    silent = replace(
        one, donor="D99", percent=math.nan, status="no activation: inhibition undefined"
    )
    assert "Undefined: the stimulus did not move" in notes(replace(flow, inhibition=(one, silent)))


def test_a_falling_readout_says_below_in_the_head_and_at_the_threshold(flow_run):
    flow = flow_run.flow
    name = flow.readings[0].readout
    fallen = tuple(
        replace(
            r, positive_side="below", falls=True, threshold=812.0, threshold_from="unstimulated"
        )
        if r.readout == name
        else r
        for r in flow.readings
    )
    table = readings(replace(flow, readings=fallen), name)
    heads = [head.text for head in table.heads]
    assert "Positive (below threshold), %" in heads
    assert table.rows[0][heads.index("Positive (below threshold), %")].below == "< 812"
    assert "below the 1st percentile" in table.note


@pytest.mark.parametrize(
    ("df", "expected"), [(14.0, 2.144787), (1.0, 12.706205), (math.inf, 1.959964)]
)
def test_students_t_is_that_of_the_tables(df, expected):
    assert student(0.95, df) == pytest.approx(expected, abs=1e-6)
    assert math.isnan(student(0.95, math.nan))


def test_a_relative_ic50_whose_interval_is_open_is_no_number(flow_run):
    one = replace(
        flow_run.flow.dose_responses[0], relative_ic50=300.0, relative_ic50_interval=(160, math.inf)
    )
    flow = replace(flow_run.flow, dose_responses=(one,))
    page, table = dose_response(flow), tables_inhibition.dose_response(flow)
    place = [head.text for head in page.heads].index("Relative IC50 (interval)") + 1
    assert (page.rows[0][place].text, page.rows[0][place].below) == ("—", "(≥ 160)")
    assert "half-way between them" in page.note
    assert math.isnan(table.column("relative_ic50")[0])
    assert table.column("relative_status")[0] != "ok"
    closed = replace(one, relative_ic50_interval=(160.0, 500.0))
    found = tables_inhibition.dose_response(replace(flow, dose_responses=(closed,)))
    assert found.column("relative_ic50") == (300.0,)
    assert found.column("relative_status") == ("ok",)
