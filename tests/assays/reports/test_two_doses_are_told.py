"""A donor with two doses of an inhibitor has no row among the dose responses: the note says why."""

from __future__ import annotations

from dataclasses import replace

from assays.reports.page_dose_response import dose_response
from assays.reports.two_doses import without_a_row
from assays.results.inhibition import Inhibition
from assays.samples import Agent


def rows_at(flow_run, donor: str, *doses: tuple[float, str], vehicle="DMSO") -> list[Inhibition]:
    one = flow_run.flow.inhibition[0]
    return [
        replace(one, donor=donor, vehicle=vehicle, inhibitors=(Agent("JAK2 inhibitor", *dose),))
        for dose in doses
    ]


def test_two_doses_are_named_with_the_donors_that_have_them(flow_run) -> None:
    rows = [
        *rows_at(flow_run, "D03", (1000.0, "nM"), (100.0, "nM")),
        *rows_at(flow_run, "D04", (100.0, "nM"), (1000.0, "nM")),
    ]
    told = "Two doses are too few for a curve: JAK2 inhibitor at 100 and 1000 nM in D03, D04."
    assert without_a_row(rows) == told
    run = replace(flow_run.flow, inhibition=tuple(rows))
    assert dose_response(run).note.endswith(told)


def test_one_dose_three_doses_and_one_dose_written_twice_are_not_told(flow_run) -> None:
    assert not without_a_row(rows_at(flow_run, "D06", (1000.0, "nM")))
    assert not without_a_row(rows_at(flow_run, "D06", (1000.0, "nM"), (1.0, "µM")))
    three = rows_at(flow_run, "D01", (1.0, "nM"), (3.0, "nM"), (10.0, "nM"))
    assert not without_a_row(three)
    # Another vehicle is another series.
    apart = rows_at(flow_run, "D01", (30.0, "nM"), vehicle="DMSO + IgG1 isotype")
    assert not without_a_row([*three, *apart])


def test_doses_in_two_units_keep_both(flow_run) -> None:
    told = without_a_row(rows_at(flow_run, "D03", (1.0, "µM"), (100.0, "nM")))
    assert "JAK2 inhibitor at 100 nM and 1 µM in D03" in told
