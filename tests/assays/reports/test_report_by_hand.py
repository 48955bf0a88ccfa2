"""What a bench scientist works out again from the page alone agrees with what it prints."""

from __future__ import annotations

import itertools
import math
import re
import statistics
from dataclasses import replace

import pytest
from scipy.stats import t as student

from assays.inhibition.over_tubes import inhibitions, scatters
from assays.protocol import Flow, Gate, Readout
from assays.reports.page_controls import controls
from assays.reports.page_differences import differences_on_page, next_donor_on_page
from assays.reports.page_dose_response import dose_curves, dose_response
from assays.reports.page_elisa import curve
from assays.reports.page_readings import readings as readings_on_page
from assays.reports.page_scatter import scatter
from assays.reports.page_scatter import scatters as scatter_table
from assays.reports.page_signals import signals
from assays.reports.tables_correlation import correlation_on_page
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison
from assays.samples import Agent, Tube, TubeRole
from plates.well import Well

PROTOCOL = Flow(
    compensation="none",
    gates=(Gate(population="CLL", parent="root", method="interval", channels=("CD5",),
                params={"low": 450}),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=150),),
)  # fmt: skip
IL6, BLOCK = Agent("IL-6", 10.0, "ng/mL"), Agent("anti-IL-6R", 1.0, "ug/mL")
MEDIANS = {
    (TubeRole.UNSTIMULATED, ()): (300.0, 322.0),
    (TubeRole.STIMULATED, ()): (2830.0, 2990.0),
    (TubeRole.TREATED, (BLOCK,)): (905.0, 866.0),
}


def tubes():
    for (role, inhibitors), medians in MEDIANS.items():
        for n, median in enumerate(medians):
            stimulus = None if role is TubeRole.UNSTIMULATED else IL6
            tube = Tube(f"{role}{n}.fcs", "D1", role, stimulus, inhibitors, "IgG1")
            yield Reading(
                tube.file, "D1", tube, "pSTAT3", "CLL", "pSTAT3", 5000, median, 5.0, 150.0,
                math.nan, 41.7, 634.4, "", "ok", threshold_from="unstimulated",
            )  # fmt: skip


@pytest.fixture
def flow(flow_run):
    read = tuple(tubes())
    return replace(
        flow_run.flow, readings=read, inhibition=inhibitions(read, protocol=PROTOCOL),
        scatter=scatters(read, PROTOCOL), inhibition_scale="linear",
    )  # fmt: skip


def told(page, row=0):
    """Text of each column, and what stands below it."""
    cells = iter(page.rows[row])
    found = {}
    for head in page.heads:
        cell = next(cells)
        found[head.text] = cell.text
        found[f"{head.text}, below"] = cell.below
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("\u202f", ""))


def ends(text: str) -> list[float]:
    return [number(part) for part in re.split(r"–| to ", text.strip("()"))]


def test_percent_window_and_interval_follow_from_the_numbers_on_the_page(flow):
    row, spread = told(controls(flow)), told(scatter(flow))
    names = [f"{role} (tubes)" for role in ("Unstimulated", "Stimulated", "Treated")]
    u, s, i = (number(row[name]) for name in names)
    n = [int(row[f"{name}, below"].removeprefix("n = ")) for name in names]
    sd, offset = number(spread["Scatter of tubes, %"]) / 100, number(spread["Offset"])
    t = student.ppf(0.975, number(spread["Degrees of freedom"]))
    v_u, v_s, v_i = (
        (sd * math.hypot(mean, offset)) ** 2 / tubes
        for mean, tubes in zip((u, s, i), n, strict=True)
    )
    assert 100 * (s - i) / (s - u) == pytest.approx(
        number(row["Inhibition, % (interval)"]), abs=0.06
    )
    half = t * math.sqrt(v_s + v_u)
    assert ends(row["Window (interval), below"]) == pytest.approx(
        [s - u - half, s - u + half], rel=0.01
    )
    for end in ends(row["Inhibition, % (interval), below"]):
        r = end / 100
        off = abs((s - i) - r * (s - u))
        allowed = t * math.sqrt(v_i + (1 - r) ** 2 * v_s + r**2 * v_u)
        assert off == pytest.approx(allowed, rel=0.02)


def test_the_own_floor_follows_from_the_numbers_on_the_page(flow):
    alone = Tube("alone.fcs", "D1", TubeRole.INHIBITOR_ALONE, None, (BLOCK,), "IgG1")
    first = flow.readings[0]
    read = (*flow.readings, replace(first, file="alone.fcs", tube=alone, median=250.0))
    page = controls(replace(flow, readings=read, inhibition=inhibitions(read, protocol=PROTOCOL)))
    row = told(page)
    u, s, i, b = (
        number(row[f"{role} (tubes)"])
        for role in ("Unstimulated", "Stimulated", "Treated", "Alone")
    )
    floor = 100 * (1 - (i - b) / (s - u))
    assert floor == pytest.approx(number(row["Own floor, % (interval)"]), abs=0.06)
    assert row["Alone (tubes), below"] == "n = 1"
    page = controls(flow)
    assert "Own floor, % (interval)" not in told(page)
    assert "No inhibitor was given alone" in page.note


def test_the_same_inhibitor_against_two_doses_of_the_stimulus_is_two_telling_rows(flow):
    (one, *_) = flow.inhibition
    pair = (replace(one, stimulus="IL-6 1 ng/mL"), replace(one, stimulus="IL-6 100 ng/mL"))
    rows = controls(replace(flow, inhibition=pair)).rows
    dose = one.dose.replace("ug", "µg")
    assert [row[1].below for row in rows] == [
        f"{dose}, against IL-6 1 ng/mL, IgG1",
        f"{dose}, against IL-6 100 ng/mL, IgG1",
    ]
    times = tuple(replace(each, time_min=at) for each, at in zip(pair, (15, 60), strict=True))
    rows = controls(replace(flow, inhibition=times)).rows
    assert [row[1].below.rpartition(", ")[2] for row in rows] == ["15 min", "60 min"]


def test_an_ic50_follows_from_the_parameters_on_the_page(flow_run):
    one = flow_run.flow.dose_responses[0]
    params = {"A": 2913.0, "B": 1.065, "C": 0.2116, "D": 436.2, "U": 302.6}
    fitted = replace(one, params=params, ic50=0.23418, unit="ug/mL", status="ok")
    page = dose_curves(replace(flow_run.flow, dose_responses=(fitted,)))
    assert page.rows
    for place, _ in enumerate(page.rows):
        row = told(page, place)
        heads = ("A: without inhibitor", "D: full effect", "U: unstimulated", "B: slope")
        a, d, u, slope = (number(row[head]) for head in heads)
        half = (a + u) / 2
        found = number(row["C: half-way dose"]) * ((a - half) / (half - d)) ** (1 / slope)
        assert found == pytest.approx(number(row["IC50"]), rel=0.005)
        assert row["Unit of doses"]


def test_the_interval_beside_a_bound_is_told_to_be_no_work_for_the_hand(flow_run):
    assert "cannot be worked out by hand" in dose_response(flow_run.flow).note


def test_what_is_said_over_donors_follows_from_the_differences_on_the_page(flow_run):
    steps = (-1.61, -0.42, -1.92, -1.10, -1.75)
    one = DonorComparison(
        "pSTAT3", "inhibition", "IL-6 + anti-IL-6R", "IL-6", "anti-IL-6R", "10 ug/mL", "arcsinh",
        tuple(f"D{n}" for n in range(1, 6)), steps, 0.6, -1.36, (-2.1, -0.62), 0.01, -1.425,
        (-1.92, -0.42), 0.9375, 0.0625, 0.0625, family=2, controls=(3.0, 2.9, 3.1, 2.8, 3.2),
    )  # fmt: skip
    page = differences_on_page(replace(flow_run.flow, donors=(one,)))
    found = [number(row[4].text) for row in page.rows]
    assert found == pytest.approx(list(steps), abs=0.0005)
    assert [number(row[3].text) for row in page.rows] == pytest.approx(list(one.controls))
    pairs = itertools.combinations_with_replacement(found, 2)
    assert statistics.median((a + b) / 2 for a, b in pairs) == pytest.approx(
        one.estimate, abs=0.005
    )


def test_where_the_next_donor_is_expected_follows_from_the_differences_on_the_page(flow_run):
    steps = (-1.61, -0.42, -1.92, -1.10, -1.75)
    mean, sd = statistics.fmean(steps), statistics.stdev(steps)
    half = student.ppf(0.975, 4) * sd * math.sqrt(1 + 1 / 5)
    one = DonorComparison(
        "pSTAT3", "inhibition", "IL-6 + anti-IL-6R", "IL-6", "anti-IL-6R", "10 ug/mL", "arcsinh",
        tuple(f"D{n}" for n in range(1, 6)), steps, sd, mean, (-2.1, -0.62), 0.01, -1.425,
        (-1.92, -0.42), 0.9375, 0.0625, 0.0625, family=2, heterogeneity_p=0.0003,
        prediction=(mean - half, mean + half),
    )  # fmt: skip
    page = next_donor_on_page(replace(flow_run.flow, donors=(one,)))
    row = told(page)
    assert row["p, donors respond alike"] == "< 0.001"
    assert ends(row["Next donor, Δarcsinh"]) == pytest.approx([mean - half, mean + half], abs=0.005)
    few = replace(one, prediction=(math.nan, math.nan))
    assert not next_donor_on_page(replace(flow_run.flow, donors=(few,))).rows


def test_the_scatter_is_that_of_the_replicate_tubes(flow):
    pairs = [[math.asinh(value / 150) for value in medians] for medians in MEDIANS.values()]
    sd = math.sqrt(sum((a - b) ** 2 / 2 for a, b in pairs) / 3)
    row = told(scatter(flow))
    assert number(row["Scatter of tubes, %"]) == pytest.approx(100 * sd, abs=0.006)
    assert (row["Degrees of freedom"], row["Conditions with replicates"]) == ("3", "3")
    assert row["Intervals from"] == "replicate tubes (Fieller)"
    assert "√(median² + offset²)" in scatter(flow).note


def test_the_scatter_is_written_in_full_precision_beside_the_page(flow):
    table = scatter_table(flow)
    assert table.column("df") == (3,)
    assert table.column("scatter_percent")[0] == pytest.approx(
        number(told(scatter(flow))["Scatter of tubes, %"]), abs=0.005
    )
    bare = replace(flow, inhibition=(), positive_controls=(), protections=(), kinetics=())
    assert not scatter_table(bare).rows


def test_without_replicates_nothing_is_known_of_the_scatter_and_it_is_said(flow):
    single = tuple(reading for reading in flow.readings if reading.file.endswith("0.fcs"))
    row = told(scatter(replace(flow, scatter=scatters(single, PROTOCOL))))
    assert row["Scatter of tubes, %"] == "—"
    assert row["Degrees of freedom"] == "—"
    assert row["Intervals from"] == "events only (technical)"
    declared = PROTOCOL.model_copy(
        update={"inhibition": PROTOCOL.inhibition.model_copy(update={"tube_cv_percent": 8.0})}
    )
    row = told(scatter(replace(flow, scatter=scatters(single, declared))))
    assert (row["Scatter of tubes, %"], row["Degrees of freedom"]) == ("8.00", "declared")


def test_the_threshold_stands_below_each_percent_positive(flow):
    page = readings_on_page(flow, "pSTAT3")
    place = [head.text for head in page.heads].index("Positive, %")
    assert {(row[place].text, row[place].below) for row in page.rows} == {("41.7", "> 634")}
    assert "which stands below each percentage" in page.note


def test_every_parameter_and_limit_of_a_curve_has_its_unit(elisa_run):
    page = curve(elisa_run.elisa, elisa_run.elisa.plates[0])
    place = [head.text for head in page.heads].index("Unit")
    units = {row[0].text: row[place].text for row in page.rows}
    assert (units["A"], units["B"], units["C"], units["D"]) == ("OD", "", "pg/mL", "OD")
    assert units["LLOQ"] == units["ULOQ"] == "pg/mL"
    assert "D − A" in page.note or "A − D" in page.note
    assert "1/ŷ²" in page.note


def curve_of(run, plate):
    return curve(replace(run.elisa, plates=(plate,)), plate)


def test_parameters_carry_enough_digits_to_read_a_concentration_back(elisa_run):
    plate = elisa_run.elisa.plates[0]
    params = {"A": 0.0526497, "B": 1.3939343, "C": 0.2179628, "D": 1.8301287}
    errors = {"A": 0.0078, "B": 0.12, "C": 0.036, "D": 0.16}
    rough = replace(plate.curve, params=params, standard_errors=errors)
    page = curve_of(elisa_run, replace(plate, curve=rough))
    shown = {row[0].text: number(row[1].text) for row in page.rows if row[0].text in params}

    def back(signal, p):
        return p["C"] * ((p["A"] - p["D"]) / (signal - p["D"]) - 1) ** (1 / p["B"])

    for signal in (0.2, 0.9, 1.6):
        assert back(signal, shown) == pytest.approx(back(signal, params), rel=0.0005)


def test_a_limit_of_detection_that_is_not_known_says_why(elisa_run):
    plate = elisa_run.elisa.plates[0]
    limits = replace(plate.limits, mdc=math.nan, rdl=math.nan, lod=math.nan, lod_source="")
    without = tuple(level for level in plate.standards if level.nominal > 0)
    page = curve_of(elisa_run, replace(plate, limits=limits, standards=without))
    why = {row[0].text: row[-1].text for row in page.rows}
    assert why["MDC"] == why["RDL"] == why["LOD"] == "not known: no zero standard in the fit"
    zero = replace(plate.standards[0], nominal=0.0)
    page = curve_of(elisa_run, replace(plate, limits=limits, standards=(*without, zero)))
    assert {row[0].text: row[-1].text for row in page.rows}["LOD"].endswith("stands out from zero")


def test_a_concentration_follows_from_its_signal_and_the_parameters_on_the_page(elisa_run):
    plate = elisa_run.elisa.plates[0]
    params = {"A": 0.05, "B": 1.15, "C": 180.0, "D": 3.2}

    def forward(x):
        return params["D"] + (params["A"] - params["D"]) / (1 + (x / params["C"]) ** params["B"])

    found = tuple(
        replace(plate.samples[0], sample=f"S{n}", wells=(Well(n, 0), Well(n, 1)),
                concentration=4 * x, dilution_factor=4.0, signal=forward(x))
        for n, x in enumerate((3.75, 61.2, 188.0))
    )  # fmt: skip
    plate = replace(plate, samples=found, curve=replace(plate.curve, params=params))
    elisa = replace(elisa_run.elisa, plates=(plate,))
    p = {
        row[0].text: number(row[1].text)
        for row in curve(elisa, plate).rows
        if row[0].text in params
    }
    page = signals(elisa, plate, "OD")
    assert [row[1].text for row in page.rows] == ["A1 A2", "B1 B2", "C1 C2"]
    for place, sample in enumerate(found):
        row = told(page, place)
        y = number(row["Mean signal, OD"])
        x = p["C"] * ((p["A"] - p["D"]) / (y - p["D"]) - 1) ** (1 / p["B"])
        assert 4 * x == pytest.approx(sample.concentration, rel=0.0005)
        assert x == pytest.approx(number(row["In the well, pg/mL"]), rel=0.005)


def test_both_levels_of_unstimulated_tubes_say_how_they_are_averaged(flow_run):
    assert "the mean over a donor's vehicles" in differences_on_page(flow_run.flow).note
    assert "mean over all of a donor's unstimulated tubes" in correlation_on_page(flow_run).note
