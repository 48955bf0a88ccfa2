"""Wide tables: what names a row stays in sight, intervals stand below, shares are complete."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assays.reports.cells import Head, figure, stacked, table, words
from assays.reports.html import environment, render, style_sheet
from assays.reports.page_dose_response import dose_response
from assays.reports.page_flow import populations
from assays.reports.page_inhibition import inhibition_matrices
from assays.reports.tables import tables_of
from assays.reports.tables_arms import arms_on_page, combination_arms
from assays.reports.tables_combination import combinations_on_page
from assays.results.flow import PopulationCount
from assays.results.inhibition import PairMember
from assays.samples import Agent


def shown(found) -> str:
    template = environment().from_string('{% import "parts.html" as p %}{{ p.table(t) }}')
    return " ".join(template.render(t=found).split())


def test_on_a_narrow_screen_the_first_column_names_the_row_whole():
    heads = (Head("Inhibitor"), Head("Dose"), Head("D1", number=True))
    page = shown(table("t", "T", heads, [(words("anti-IL-6R"), words("1 ug/mL"), figure("77.9"))],
                       named=2))  # fmt: skip
    assert 'class="named-2"' in page
    assert '<bdi>Inhibitor</bdi><span class="alias">Dose</span>' in page
    assert '<bdi>anti-IL-6R</bdi><span class="alias">1 µg/mL</span>' in page
    style = style_sheet()
    assert ".alias { display: none;" in style
    assert 'table[class*="named-"] tr > :nth-child(2)' in style.partition("max-width: 40rem")[2]


def test_a_table_named_by_one_column_says_it_once():
    page = shown(table("t", "T", (Head("Key"), Head("Value")), [(words("a"), words("b"))]))
    assert "alias" not in page
    assert "named-" not in page


def test_inhibitor_and_dose_or_donor_readout_and_inhibitor_name_a_row(flow_run):
    flow = flow_run.flow
    matrix = next(inhibition_matrices(flow))
    assert [head.text for head in matrix.heads[: matrix.named]] == ["Inhibitor", "Dose"]
    series = dose_response(flow)
    assert [head.text for head in series.heads[: series.named]] == ["Donor", "Readout", "Inhibitor"]


def test_on_paper_no_head_of_a_table_stands_alone():
    paper = style_sheet().partition("@media print")[2]
    assert "thead { display: table-header-group; }" in paper
    assert "tr, h1, .note-line { break-inside: avoid; }" in paper
    assert "tbody tr:nth-child(-n+2), tbody tr:last-child { break-before: avoid; }" in paper


def test_a_population_shows_its_share_of_the_parent_its_events_and_its_share_of_all(flow_run):
    found = PopulationCount("a.fcs", "D1", "unstimulated", "CLL", "live", 4321, 86.42, 43.21, True)
    page = populations(replace(flow_run.flow, populations=(found,)))
    (cell,) = page.rows[0][3:]
    assert (cell.text, cell.below) == ("86.4", "4321 · 43.2 %")
    assert "share of all events" in page.note


def test_a_stacked_interval_stands_below_with_the_decimals_of_its_value():
    cell = stacked(-6.31, (-10.84, -1.9), 1)
    assert (cell.text, cell.below) == ("−6.3", "(−10.8 to −1.9)")
    assert stacked(math.nan, (math.nan, math.nan), 1).below == ""


def test_a_pair_shows_what_each_model_expects_and_how_far_above_it_lies(flow_run):
    agents = (Agent("anti-IL-6R", 0.3, "ug/mL"), Agent("JAK2 inhibitor", 30.0, "nM"))
    members = tuple(PairMember(*each) for each in zip(agents, (59.3, 43.6), strict=True))
    pair = replace(
        flow_run.flow.inhibition[0], inhibitors=agents,
        percent=70.7, interval=(67.3, 73.9), members=members, expected_bliss=77.05,
        excess_bliss=-6.3, excess_bliss_interval=(-10.8, -1.9), expected_loewe=65.7,
        excess_loewe=5.0, excess_loewe_interval=(-0.9, 10.9), status="ok",
    )  # fmt: skip
    run = replace(flow_run, flow=replace(flow_run.flow, inhibition=(pair,)))
    found = combinations_on_page(run.flow)
    told = dict(zip((head.text for head in found.heads), found.rows[0], strict=True))
    assert told["Inhibitors"].below == "0.3 µg/mL + 30 nM"
    assert told["Loewe expects, %"].text == "65.7"
    assert told["Above Loewe, points"].below == "(−0.9 to 10.9)"
    assert "A + B − A × B / 100" in found.note
    assert "Above Bliss, arms against own vehicle" not in told
    assert b"Above Loewe" in render(run, (), tables_of(run))


def test_each_arm_of_a_pair_can_be_worked_out_again_from_the_page(flow_run):
    agents = (Agent("anti-IL-6R", 0.3, "ug/mL"), Agent("JAK2 inhibitor", 30.0, "nM"))
    arm = PairMember(
        agents[0], 33.3, 1200.0, 1600.0, 400.0, "IgG1", "DMSO + IgG1", 50.0, 2000.0, 400.0, -16.7,
        note="carries IgG1 alone: held against controls with DMSO + IgG1",
    )  # fmt: skip
    other = replace(
        arm, agent=agents[1], percent=55.0, treated=940.0, vehicle="DMSO + IgG1",
        own_percent=55.0, own_off=0.0, note="",
    )  # fmt: skip
    pair = replace(
        flow_run.flow.inhibition[0], inhibitors=agents, members=(arm, other), percent=80.0,
        treated=640.0, stimulated=1600.0, unstimulated=400.0, excess_bliss=10.0,
        excess_bliss_own=2.5, excess_bliss_own_interval=(-7.5, 12.5),
    )  # fmt: skip
    run = replace(flow_run.flow, inhibition=(pair,))
    page = arms_on_page(run)
    cells = [dict(zip((h.text for h in page.heads), row, strict=True)) for row in page.rows]
    for row, own in zip(cells, ("50.0", "", ""), strict=True):
        i, s, u = (float(row[k].text) for k in ("Treated", "Stimulated", "Unstimulated"))
        assert float(row["Removed, %"].text) == pytest.approx(100 * (s - i) / (s - u), abs=0.1)
        assert row["Against own vehicle, %"].text == own
    assert cells[0]["Given"].text == "anti-IL-6R 0.3 µg/mL"
    assert "counts as its own in the first" in page.note
    above = combinations_on_page(run)
    beside = dict(zip((head.text for head in above.heads), above.rows[0], strict=True))
    assert beside["Above Bliss, arms against own vehicle"].text == "2.5"
    assert "trust what both columns say" in above.note
    kept = combination_arms(run)
    names = [column.key for column in kept.columns]
    told = [dict(zip(names, row, strict=True)) for row in kept.rows]
    assert [row["arm"] for row in told] == ["anti-IL-6R 0.3 ug/mL", "JAK2 inhibitor 30 nM", "both"]
    assert told[0]["own_stimulated"] == 2000.0
    assert told[0]["note"].startswith("carries IgG1 alone")


def test_an_ic50_that_is_not_bracketed_shows_what_remains_possible(flow_run):
    known = next(each for each in flow_run.flow.dose_responses if each.status == "ok")
    for interval, told in (
        ((0.0, math.inf), "(any dose)"),
        ((2.5, math.inf), "(≥ 2.5)"),
        ((0.0, 3100.0), "(≤ 3100)"),
        ((0.24, 3100.0), "(0.24–3100)"),
    ):
        open_ended = replace(known, ic50=math.nan, ic50_interval=interval, status="not bracketed")
        found = dose_response(replace(flow_run.flow, dose_responses=(open_ended,)))
        assert [cell.text for cell in found.rows[0][3:5]] == ["—", told]
        assert "Not bracketed:" in found.note
    assert "Not bracketed" not in dose_response(flow_run.flow).note


def of_donors(flow, count, doses=1, name="D{}"):
    own = flow.inhibition[0]
    agent = own.inhibitors[0]
    rows = tuple(
        replace(own, donor=name.format(n), inhibitors=(replace(agent, dose=float(dose + 1)),))
        for n in range(1, count + 1)
        for dose in range(doses)
    )
    return replace(flow, inhibition=rows)


def test_donors_that_do_not_fit_side_by_side_take_tables_of_their_own(flow_run):
    flow = of_donors(flow_run.flow, 27, doses=7)
    found = list(inhibition_matrices(flow))
    assert [len(page.heads) - page.named for page in found] == [9, 9, 9]
    assert len({page.key for page in found}) == 3
    assert found[1].title.endswith(", donors D10 to D18")
    (one,) = inhibition_matrices(of_donors(flow_run.flow, 9, doses=7))
    assert "donors" not in one.title
    long = list(inhibition_matrices(of_donors(flow_run.flow, 9, 7, "CLL-2024-Koeln-0017-{}")))
    assert len(long) > 1, "long names take the room of more donors"


def test_long_intervals_take_the_room_of_donors_too(flow_run):
    flow = of_donors(flow_run.flow, 9, doses=7)
    vague = tuple(replace(each, interval=(-1234.5, 1345.6)) for each in flow.inhibition)
    found = list(inhibition_matrices(replace(flow, inhibition=vague)))
    assert [len(page.heads) - page.named for page in found] == [5, 4]
    assert "background: linear-gradient" in style_sheet(), "what lies beyond the edge is hinted at"


def test_donors_stand_in_natural_order_whatever_the_order_of_the_sheet(flow_run):
    flow = of_donors(flow_run.flow, 5, doses=7)
    (own,) = {each.readout for each in flow.inhibition}
    order = ("D10", "D3", "D1", "D7", "D2")
    mixed = tuple(replace(flow.inhibition[0], donor=donor, readout=own) for donor in order)
    (page,) = inhibition_matrices(replace(flow, inhibition=mixed))
    assert [head.text for head in page.heads[page.named :]] == ["D1", "D2", "D3", "D7", "D10"]


def test_many_donors_with_few_conditions_stand_below_one_another(flow_run):
    (page,) = inhibition_matrices(of_donors(flow_run.flow, 40, doses=2))
    assert page.heads[0].text == "Donor"
    assert len(page.heads) == 3
    assert [row[0].text for row in page.rows] == [f"D{n}" for n in range(1, 41)]
    assert all(cell.text for row in page.rows for cell in row)
