"""Donors down, conditions across: every response of a readout in one picture."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.reports.figures.conditions import at_several_times, brief, colours_of
from assays.reports.figures.flow import flow_work
from assays.reports.figures.responses import (
    LEAST_REACH,
    MOST_COLUMNS,
    draw_responses,
    labels_of,
    responses_of,
    sheets_of,
    words_of_responses,
)
from assays.results.flow import FlowRun, Reading
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
NOBODY = colours_of([])


def reading(delta: float, donor: str, *inhibitors: Agent, vehicle: str = "DMSO") -> Reading:
    role = TubeRole.TREATED if inhibitors else TubeRole.STIMULATED
    tube = Tube(f"{donor}{inhibitors}{vehicle}.fcs", donor, role, IL6, inhibitors, vehicle)
    return Reading(
        tube.file, donor, tube, "pSTAT3", "CLL", "R660-A", 900, 500.0, 4.0, 150.0, delta,
        50.0, 300.0, "u.fcs", "ok",
    )  # fmt: skip


def test_a_cell_is_the_mean_over_replicates_and_vehicles() -> None:
    drug = Agent("ruxolitinib", 100.0, "nM")
    found = responses_of(
        [
            reading(2.0, "D1"), reading(1.0, "D1", vehicle="IgG1"), reading(-0.5, "D1", drug),
            reading(1.5, "D2"), reading(math.nan, "D2", drug),
        ]
    )  # fmt: skip
    assert found.donors == ("D1", "D2")
    np.testing.assert_array_equal(found.values, [[1.5, -0.5], [1.5, math.nan]])
    caption, alt = words_of_responses("pSTAT3", found, 150.0)
    assert "cofactor 150" in caption
    assert "IL-6 1.50 to 1.50" in alt


def test_noise_alone_does_not_fill_the_colours() -> None:
    assert responses_of([reading(0.03, "D1"), reading(-0.02, "D2")]).reach == LEAST_REACH


def test_what_does_not_fit_a_page_goes_on_another() -> None:
    many = [reading(1.0, "D1", Agent("x", float(dose), "nM")) for dose in range(1, 61)]
    sheets = sheets_of(responses_of(many))
    assert [len(sheet.conditions) for sheet in sheets] == [MOST_COLUMNS, 60 - MOST_COLUMNS]
    for sheet in sheets:
        draw_responses(sheet, 1.0, NOBODY)


def test_a_donor_without_a_condition_has_a_dash_and_a_small_value_no_minus_sign() -> None:
    found = responses_of([reading(-0.01, "D1"), reading(1.0, "D2", Agent("x", 1.0, "nM"))])
    written = [text.get_text() for text in draw_responses(found, 1.0, NOBODY).axes[0].texts]
    assert written == ["0.0", "–", "–", "1.0"]


@pytest.mark.parametrize("donors", [1, 3])
def test_a_run_has_one_map_per_readout(flow_run_of, donors: int) -> None:  # type: ignore[no-untyped-def]
    run: FlowRun = flow_run_of(donors=donors, doses=2, long_series=1, inactive=())
    pictures = [draw() for section, draw in flow_work(run) if section == "inhibition"]
    maps = [picture for picture in pictures if picture.name.startswith("responses-")]
    assert len(maps) == len({one.readout for one in run.readings})
    empty = replace(run, readings=tuple(replace(r, delta_asinh=math.nan) for r in run.readings))
    names = [draw().name for section, draw in flow_work(empty) if section == "inhibition"]
    assert not [name for name in names if name.startswith("responses-")]


def test_columns_name_the_dose_of_the_stimulus_where_it_differs():
    il6 = Agent("IL-6", 10.0, "ng/mL")
    block = (Agent("anti-IL-6R", 0.3, "ug/mL"),)
    stimulated = Tube("", "", TubeRole.STIMULATED, il6)
    low = replace(stimulated, stimulus=replace(il6, dose=0.3))
    treated = Tube("", "", TubeRole.TREATED, il6, block)
    assert labels_of([stimulated, treated]) == ["IL-6", "anti-IL-6R 0.3 µg/mL"]
    assert labels_of([low, stimulated, treated]) == [
        "IL-6 0.3 ng/mL", "IL-6 10 ng/mL", "IL-6 10 ng/mL + anti-IL… 0.3 µg/mL",
    ]  # fmt: skip
    assert brief(low, 14, dosed=True) == "IL-6 0.3 ng/mL"
    assert brief(Tube("", "", TubeRole.FMO), 14) == "FMO"


def test_a_contact_sheet_names_the_time_where_one_condition_has_several():
    il6, drug = Agent("IL-6", 10.0, "ng/mL"), Agent("IKK2 inhibitor", 10_000.0, "nM")
    course = [
        Tube(f"{time}", "D1", TubeRole.STIMULATED, il6, vehicle="DMSO", time_min=time)
        for time in (5.0, 15.0, 120.0)
    ]
    once = Tube("i", "D1", TubeRole.TREATED, il6, (drug,), "DMSO", time_min=15.0)
    start = Tube("u", "D1", TubeRole.UNSTIMULATED, vehicle="DMSO")
    other = replace(course[0], file="other", donor="D2")
    assert at_several_times([start, *course, once, other]) == {tube.file for tube in course}
    told = [brief(tube, 19, timed=True) for tube in course]
    assert told == ["IL-6, DMSO, 5 min", "IL-6, DMSO, 15 min", "IL-6, DMSO, 120 min"]
    # Where letters are few the time stays and the vehicle goes; no dose is lost either.
    assert [brief(tube, 14, timed=True) for tube in course][2] == "IL-6, 120 min"
    assert brief(once, 17, timed=True) == "10000 nM, 15 min"
    assert brief(start, 17, timed=True) == "unstim., DMSO"


def test_a_contact_sheet_tells_the_inhibitor_alone_from_the_treated_tube():
    drug = (Agent("IKK2 inhibitor", 10_000.0, "nM"),)
    treated = Tube("t", "D1", TubeRole.TREATED, Agent("IL-6", 10.0, "ng/mL"), drug)
    alone = Tube("a", "D1", TubeRole.INHIBITOR_ALONE, None, drug)
    assert (brief(treated, 19), brief(alone, 19)) == ("IKK2 inhi… 10000 nM", "IK… 10000 nM, alone")
    # Where letters are too few the dose stays.
    assert brief(alone, 12) == brief(treated, 12) == "IK… 10000 nM"


def test_the_key_of_the_colours_stays_inside_the_picture_for_a_single_donor():
    found = responses_of([reading(1.0, "D1"), reading(0.5, "D1", Agent("drug", 1.0, "nM"))])
    figure = draw_responses(found, 1.0, NOBODY)
    assert all(axes.get_position().y1 <= 1.0 for axes in figure.axes)


def test_many_donors_fill_the_map_and_its_key_stays_short() -> None:
    found = responses_of([reading(1.0, f"P{n:03d}") for n in range(40)])
    figure = draw_responses(found, found.reach, NOBODY)
    cells, key = figure.axes[0], figure.axes[1]
    assert cells.get_ylim() == (39.5, -0.5), "no empty strip above the first donor"
    assert cells.get_xlim() == (-0.5, 0.5)
    assert key.get_position().height < 0.5 * cells.get_position().height
    assert key.get_position().y1 == pytest.approx(cells.get_position().y1)
