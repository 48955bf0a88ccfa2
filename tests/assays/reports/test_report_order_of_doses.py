"""Doses rise on the page, in the csv and in the workbook, whatever the order of the sheet."""

from __future__ import annotations

import math
from dataclasses import replace

from assays.reports.dose_order import by_dose
from assays.reports.figures.conditions import whole_condition
from assays.reports.html import style_sheet
from assays.reports.page_flow import controls
from assays.reports.page_inhibition import inhibition_matrices
from assays.reports.tables import tables_of
from assays.reports.tube_columns import dose_numbers
from assays.samples import Agent, Tube, TubeRole

DRUG, ANTIBODY = "JAK2 inhibitor", "anti-IL-6R"


def shuffled(flow_run):
    """As a sheet made from file names has them: 1000, 100, 10, 1, then a pair, then µM."""
    row = next(each for each in flow_run.flow.inhibition if each.status == "ok")
    given = [
        (Agent(ANTIBODY, 1.0, "ug/mL"), Agent(DRUG, 100.0, "nM")),
        *((Agent(DRUG, dose, "nM"),) for dose in (1000.0, 100.0, 10.0, 300.0)),
        (Agent(DRUG, 0.2, "uM"),),
    ]
    rows = tuple(
        replace(row, donor=donor, inhibitors=agents) for donor in ("D2", "D1") for agents in given
    )
    return replace(flow_run, flow=replace(flow_run.flow, inhibition=rows))


def test_doses_rise_within_an_inhibitor_and_pairs_come_last(flow_run):
    run = shuffled(flow_run)
    (matrix,) = inhibition_matrices(run.flow)
    doses = [row[1].text for row in matrix.rows]
    assert doses == ["10 nM", "100 nM", "0.2 µM", "300 nM", "1000 nM", "1 µg/mL + 100 nM"]
    assert [head.text for head in matrix.heads[-2:]] == ["D1", "D2"]
    given = [row[1].below.partition(", ")[0] for row in controls(run.flow).rows]
    assert given == doses * 2


def test_the_csv_has_the_doses_in_order_and_as_numbers(flow_run):
    table = tables_of(shuffled(flow_run))["inhibition"]
    assert table.column("dose_1")[:6] == (10.0, 100.0, 0.2, 300.0, 1000.0, 1.0)
    assert table.column("dose_1_unit")[:6] == ("nM", "nM", "uM", "nM", "nM", "ug/mL")
    assert math.isnan(table.column("dose_2")[0])
    assert table.column("dose_2")[5] == 100.0
    assert table.column("dose_2_unit")[5] == "nM"
    assert "dose_1" in [column.key for column in tables_of(flow_run)["readings"].columns]
    assert dose_numbers(())[1::2] == ("", "")


def test_donors_stay_in_the_order_of_the_sheet(flow_run):
    rows = by_dose(shuffled(flow_run).flow.inhibition)
    assert list(dict.fromkeys(row.donor for row in rows)) == ["D2", "D1"]


def test_a_long_condition_keeps_every_dose():
    both = (Agent(ANTIBODY, 0.3, "ug/mL"), Agent(DRUG, 30.0, "nM"))
    tube = Tube("a.fcs", "D1", TubeRole.TREATED, Agent("IL-6", 10.0, "ng/mL"), both, "DMSO + IgG1")
    for most in (48, 42, 38):
        told = whole_condition(tube, most)
        assert len(told) <= most
        assert all(dose in told for dose in ("0.3 µg/mL", "30 nM"))
        # Where not even three letters of each name fit, what all conditions share is left out.
        assert told.startswith("IL-6 10 ng/mL") == (most > 38)
    alone = Tube("a.fcs", "D1", TubeRole.UNSTIMULATED, vehicle="DMSO")
    assert whole_condition(alone, 42) == "unstimulated + DMSO"


def test_long_names_in_findings_wrap_on_a_narrow_screen():
    assert ".findings, .findings > li { min-width: 0; overflow-wrap: anywhere; }" in style_sheet()
