"""Gates, readouts, inhibition and dose response: what is drawn, and where."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.reports.figures.conditions import brief, colours_of, scaled_dose, tube_key
from assays.reports.figures.contact_sheet import grid_for
from assays.reports.figures.density import shares, smoothed, upright
from assays.reports.figures.dose_response import draw_dose_responses, verdict
from assays.reports.figures.flow import flow_pictures, flow_work, representative
from assays.reports.figures.gate_histogram import spans_of
from assays.reports.figures.gate_labels import find_place
from assays.reports.figures.gate_outline import drawable
from assays.reports.figures.gate_panels import panels_of, percent
from assays.reports.figures.gates import draw_gates
from assays.reports.figures.inhibition import arms_of, draw_inhibition, main_stimulus
from assays.reports.figures.readouts import draw_readout, labels_of, rows_of
from assays.reports.figures.style import spread
from assays.reports.figures.words import of_inhibition
from assays.reports.words import with_interval
from assays.samples import Agent, TubeRole


@pytest.fixture
def run(flow_run_of):
    return flow_run_of(donors=3, doses=2, long_series=1, inactive=(2,))


def words_on(figure) -> str:
    return "\n".join(
        text
        for axes in figure.axes
        for text in [axes.get_title(loc="left"), axes.get_title(loc="right"), axes.get_xlabel()]
        + [text.get_text() for text in axes.texts]
    )


def test_each_gate_names_its_parent_and_its_share_of_it(run) -> None:
    own = [gate for gate in run.gates if gate.file == run.tubes[0].file]
    figure = draw_gates(own)
    words = words_on(figure)
    assert len(figure.axes) == len(own)
    for gate in own:
        assert gate.population in words
        assert percent(gate.percent_of_parent) in words
    assert "in all events" in words
    assert "in singlets" in words


def test_quadrants_of_one_parent_share_a_panel(run) -> None:
    gate = run.gates[0]
    quadrants = [replace(gate, population=name) for name in ("Q1", "Q2", "Q3", "Q4")]
    assert len(panels_of(quadrants)) == 1
    figure = draw_gates(quadrants)
    assert all(name in words_on(figure) for name in ("Q1", "Q2", "Q3", "Q4"))


def test_axes_are_ticked_in_original_units(run) -> None:
    axes = draw_gates(run.gates[:1]).axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["0", "10²", "10³", "10⁴", "10⁵"]


def test_open_ends_of_a_gate_stop_at_the_edge_of_the_picture(run) -> None:
    gate = run.gates[0]
    outline = np.array(
        [(0.2, -np.inf), (np.inf, -np.inf), (np.inf, 0.7), (0.2, 0.7), (0.2, np.nan)]
    )
    (drawn,) = drawable(replace(gate, outlines=(outline,)))
    assert drawn.tolist() == [[0.2, 0.0], [1.0, 0.0], [1.0, 0.7], [0.2, 0.7]]


def test_a_slanted_side_that_leaves_the_picture_keeps_its_slope(run) -> None:
    band = np.array([(0.1, 0.2), (1.1, 2.2), (1.1, 2.0), (0.1, 0.0), (0.1, 0.2)])
    (drawn,) = drawable(replace(run.gates[0], outlines=(band,)))
    assert drawn[0].tolist() == drawn[-1].tolist()
    rises = drawn[:, 1] - 2 * drawn[:, 0]
    assert {round(rise, 9) for rise in rises} == {0.0, -0.2}
    assert drawn.min() >= 0.0
    assert drawn.max() <= 1.0
    assert drawable(replace(run.gates[0], outlines=(band + 5,))) == []


def test_words_beside_a_gate_stand_where_the_fewest_events_are() -> None:
    density = np.zeros((40, 40))
    density[:, 25:] = 1.0
    square = np.array([(0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6), (0.3, 0.3)])
    box = find_place([square], (0.2, 0.1), density, [])
    assert box[3] <= 0.3
    other = find_place([square], (0.2, 0.1), density, [box])
    assert other[3] <= box[1] or other[2] <= box[0] or other[0] >= box[2] or other[1] >= box[3]


@pytest.mark.parametrize(
    ("cuts", "share", "spans"),
    [
        ((0.5,), 90.0, [(0.0, 0.5)]),
        ((0.5,), 10.0, [(0.5, 1.0)]),
        ((0.5, 0.75), 5.0, [(0.5, 0.75)]),
        ((0.5, 0.75), 95.0, [(0.0, 0.5), (0.75, 1.0)]),
        ((), 50.0, []),
    ],
)
def test_the_side_of_a_cut_is_told_by_the_share_of_the_parent(run, cuts, share, spans) -> None:
    gate = next(gate for gate in run.gates if gate.y is None)
    counts = np.full(len(gate.counts), 10)
    counts[: len(counts) // 2] = 90
    outlines = (np.array(cuts)[:, None],) if cuts else ()
    gate = replace(gate, counts=counts, outlines=outlines, percent_of_parent=share)
    assert spans_of(gate) == spans


def test_smoothing_loses_no_event() -> None:
    counts = np.random.default_rng(1).poisson(3, (30, 20))
    assert smoothed(counts).sum() == pytest.approx(counts.sum())


def test_a_picture_of_a_density_stands_upright() -> None:
    counts = np.zeros((8, 4), dtype=np.int64)
    counts[7, 3] = 10
    image = upright(counts, 16, 32)
    assert np.unravel_index(image.argmax(), image.shape)[0] < 4
    assert np.unravel_index(image.argmax(), image.shape)[1] > 26
    assert shares(np.zeros((3, 3))).max() == 0


def test_strips_show_each_donors_first_unstimulated_and_stimulated_tube(run) -> None:
    files = {tube.file for tube in run.tubes}
    chosen = representative(run.tubes, files)
    assert [tube.role for tube in chosen] == [TubeRole.UNSTIMULATED, TubeRole.STIMULATED] * 3
    assert {tube.replicate for tube in chosen} == {1}
    only_treated = [tube for tube in run.tubes if tube.role is TubeRole.TREATED]
    assert len(representative(only_treated, files)) == 3


def test_strips_of_every_tube_are_drawn_on_request(run) -> None:
    def strips(of) -> int:
        return sum(section == "gates" for section, _ in flow_work(of))

    gated = {gate.file for gate in run.gates}
    assert strips(run) < len(gated)
    assert strips(replace(run, every_tube_drawn=True)) == len(gated)


def test_a_sheet_fits_on_a_page() -> None:
    for tubes in (2, 24, 118, 1000):
        grid = grid_for(tubes)
        assert grid.columns * grid.side_mm < 180
        assert grid.tiles >= 24


def test_conditions_stand_in_dose_order_whatever_their_units() -> None:
    doses = [Agent("x", 1, "µmol/L"), Agent("x", 30, "nmol/L"), Agent("x", 100, "nmol/L")]
    assert [agent.dose for agent in sorted(doses, key=scaled_dose)] == [30, 100, 1]


def test_rows_of_a_readout_begin_with_controls_and_join_replicates(run) -> None:
    own = [h for h in run.histograms if h.donor == "CLL-01" and h.readout.startswith("pSTAT3")]
    rows = rows_of(tuple(reversed(own)))
    assert [len(row) for row in rows][:3] == [2, 1, 2]
    doses = [row[0].tube.inhibitors[0].dose for row in rows[3:10]]
    assert doses == sorted(doses)
    keys = [tube_key(row[0].tube) for row in rows]
    assert keys == sorted(keys)


def test_a_readout_draws_median_threshold_and_share(run) -> None:
    own = [h for h in run.histograms if h.donor == "CLL-02" and h.readout.startswith("pSTAT3")]
    shares_above = {h.file: 12.34 for h in own}
    figure = draw_readout(own, colours_of(h.tube.inhibitors for h in own), shares_above)
    axes = figure.axes[0]
    upright_lines = [
        line.get_xdata()[0] for line in axes.lines if len(set(map(float, line.get_xdata()))) == 1
    ]
    assert {h.median for h in own} <= set(upright_lines)
    assert own[0].threshold in upright_lines
    assert words_on(figure).count("12.3 %") == len(rows_of(own))


def test_a_dose_is_never_cut_from_a_label(run) -> None:
    for tube in run.tubes:
        for agent in tube.inhibitors[:1] if len(tube.inhibitors) == 1 else ():
            assert f"{agent.dose:g} " in brief(tube, 14)
        assert len(brief(tube, 16)) <= 16


def test_colours_keep_their_meaning_and_lighten_with_the_dose() -> None:
    low, high = (Agent("ruxolitinib", dose, "nmol/L") for dose in (10.0, 1000.0))
    antibody = Agent("tocilizumab", 1.0, "µg/mL")
    palette = colours_of([(low,), (high,), (antibody,), (antibody, high)])
    assert palette.of((low,)) == "#56b4e9"
    assert palette.of((high,)) == "#0072b2"
    assert palette.of((antibody,)) == "#009e73"
    assert palette.of((antibody, high)) == "#cc79a7"


def test_undefined_donors_stand_in_the_margin(run) -> None:
    rows = [row for row in run.inhibition if row.readout.startswith("pSTAT3")]
    figure = draw_inhibition(rows, colours_of(row.inhibitors for row in rows))
    axes = figure.axes[0]
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    lost = [r for r in rows if math.isnan(r.percent) and r.inhibitor == arms_of(rows)[0].name]
    assert len(crosses) == len(lost) > 0
    assert "defined" in words_on(figure)
    assert "CLL-03" in words_on(figure)


def test_a_cross_of_a_donor_with_dots_elsewhere_carries_its_name_and_the_caption_its_reason(
    run,
) -> None:
    one = replace(run.inhibition[0], percent=50.0, interval=(40.0, 60.0), status="ok")
    lost = replace(one, percent=math.nan, interval=(math.nan, math.nan))
    higher = (replace(one.inhibitors[0], dose=9e9),)
    rows = [
        replace(lost, donor="P2", status="few events"),
        replace(one, donor="P2", inhibitors=higher),
        replace(lost, donor="P6", status="no activation: inhibition undefined"),
    ]
    axes = draw_inhibition(rows, colours_of([row.inhibitors for row in rows])).axes[0]
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    few = min(float(line.get_xdata()[0]) for line in crosses)
    names = [(text.get_text(), float(text.xy[0])) for text in axes.texts if hasattr(text, "xy")]
    assert ("P2", few) in names
    assert [name for name, _ in names].count("P6") == 1, "its name stands at the end, as before"
    caption, _ = of_inhibition(rows, 0.95)
    assert "undefined: few events (P2); no activation (P6)." in caption
    assert "strip" not in of_inhibition(rows[1:2], 0.95)[0], "no cross, nothing to explain"


def test_inhibition_is_not_clipped_but_written_when_it_leaves_the_axis(run) -> None:
    rows = [replace(run.inhibition[0], percent=-812.0, interval=(-900.0, math.inf))]
    figure = draw_inhibition(rows, colours_of([rows[0].inhibitors]))
    assert "\u2212812" in words_on(figure)


def test_every_dose_says_in_how_many_donors_inhibition_is_defined(run) -> None:
    one = replace(run.inhibition[0], percent=50.0, interval=(40.0, 60.0), status="ok")
    rows = [replace(one, donor=f"P{n}") for n in range(17)]
    rows.append(replace(one, donor="P99", percent=math.nan, status="no activation"))
    figure = draw_inhibition(rows, colours_of([one.inhibitors]))
    assert "17" in [text.get_text() for text in figure.axes[0].texts]
    few = draw_inhibition(rows[:2], colours_of([one.inhibitors]))
    width, narrow = (each.axes[0].get_position().width for each in (figure, few))
    assert width > 1.5 * narrow, "more donors at a dose have more room"


def test_the_same_dose_with_another_vehicle_stands_beside_the_line(run) -> None:
    one = replace(run.inhibition[0], percent=50.0, interval=(40.0, 60.0), status="ok")
    higher = replace(one, inhibitors=(replace(one.inhibitors[0], dose=9e9),), percent=90.0)
    other = replace(one, percent=55.0, vehicle="another")
    axes = draw_inhibition([one, other, higher], colours_of([one.inhibitors])).axes[0]
    joined = [line for line in axes.lines if line.get_color() == "#9aa3ad"]
    assert [list(line.get_ydata()) for line in joined] == [[50.0, 90.0]]
    dots = {float(line.get_ydata()[0]): float(line.get_xdata()[0]) for line in axes.lines
            if line.get_marker() == "o"}  # fmt: skip
    assert dots[55.0] > dots[50.0]


def test_an_ic50_beyond_the_doses_is_said_at_the_edge(run) -> None:
    series = run.dose_responses
    assert "IC50 > highest dose" in words_on(draw_dose_responses(series, "p (a.u.)", "#0072B2"))
    found = next(own for own in series if math.isfinite(own.ic50))
    assert verdict(found).startswith("IC50 60 (")
    lost = replace(found, ic50=math.nan, status="no activation: inhibition undefined")
    assert "no activation" in words_on(draw_dose_responses([lost], "p", "#0072B2"))


def test_the_ic50_has_the_digits_of_the_table(run) -> None:
    found = next(own for own in run.dose_responses if math.isfinite(own.ic50))
    wide = replace(found, ic50=0.30388, ic50_interval=(0.07733, 0.98399), unit="ug/mL")
    shown, ends = with_interval(wide.ic50, wide.ic50_interval)
    assert verdict(wide) == f"IC50 {shown} ({ends})" == "IC50 0.30 (0.077\u20130.98)"
    assert "\u00b5g/mL" in words_on(draw_dose_responses([wide], "p", "#0072B2"))


def test_a_share_that_is_not_quite_all_or_nothing_does_not_read_so() -> None:
    shown = [percent(value) for value in (0.0, 0.01, 12.34, 99.97, 100.0, math.nan)]
    assert shown == ["0.0 %", "< 0.1 %", "12.3 %", "> 99.9 %", "100.0 %", "–"]


def test_labels_move_apart_and_keep_their_order() -> None:
    placed = spread([5.0, 5.1, 5.2, 9.9], 1.0, 0.0, 10.0)
    assert placed == sorted(placed)
    assert min(np.diff(placed)) >= 1.0 - 1e-9
    assert max(placed) <= 10.0
    crowded = spread([1.0] * 30, 1.0, 0.0, 10.0)
    assert (min(crowded), max(crowded)) == (0.0, 10.0)
    assert spread([], 1.0, 0.0, 1.0) == []


def test_no_colour_of_a_contact_sheet_drifts_to_another_meaning(run) -> None:
    import io

    from PIL import Image

    from assays.reports.figures.density import palette
    from assays.reports.figures.flow import flow_pictures

    only = [gate for gate in run.gates if gate.population == "cells"]
    small = replace(run, gates=tuple(only), histograms=(), inhibition=(), dose_responses=())
    sheet = next(picture for picture in flow_pictures(small) if picture.section == "contact")
    with Image.open(io.BytesIO(sheet.png)) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    shown = {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.unique(pixels, axis=0)}
    colours = colours_of(tube.inhibitors for tube in run.tubes)
    doses = {colours.of_tube(tube).lower() for tube in run.tubes}
    assert doses <= {colour.lower() for colour in colours.every}
    assert {palette()[-1], *doses} <= shown
    greys = {colour for colour in shown if len({colour[1:3], colour[3:5], colour[5:7]}) == 1}
    assert shown <= {*palette(), *doses} | greys


def test_inhibition_is_drawn_for_the_stimulus_that_most_donors_have(run) -> None:
    low = tuple(
        replace(row, stimulus="IL-6 0.1 ng/mL") for row in run.inhibition if row.donor == "CLL-01"
    )
    both = replace(run, inhibition=low + run.inhibition, gates=(), histograms=())
    assert main_stimulus(both.inhibition, ()) == "IL-6 10 ng/mL"
    assert main_stimulus(low + tuple(replace(r, stimulus="IL-6 1 ng/mL") for r in low), ()) == (
        "IL-6 0.1 ng/mL"
    )
    pictures = {p.name: p for p in flow_pictures(both) if p.name.startswith("inhibition-")}
    assert len(pictures) == 2
    for picture in pictures.values():
        assert "Stimulated with IL-6 10 ng/mL; other stimuli are in the table." in picture.caption
    assert "other stimuli" not in next(
        p for p in flow_pictures(replace(run, gates=(), histograms=()))
        if p.name.startswith("inhibition-")
    ).caption  # fmt: skip


def test_an_ic50_that_is_not_bracketed_is_said_so_over_a_dashed_curve(run) -> None:
    known = next(each for each in run.dose_responses if each.status == "ok")
    open_ended = replace(known, ic50=math.nan, ic50_interval=(0.0, math.inf),
                         status="not bracketed")  # fmt: skip
    assert verdict(open_ended) == "IC50 not bracketed"
    for each, style in ((known, "-"), (open_ended, "--")):
        axes = draw_dose_responses([each], "pSTAT3, median (a.u.)", "#0072B2").axes[0]
        (curve,) = [line for line in axes.lines if line.get_linewidth() == 1.3]
        assert curve.get_linestyle() == style
    ends = [line.get_marker() for line in axes.lines if line.get_marker() in ("<", ">")]
    assert ends == ["<", ">"]


def test_a_positive_control_is_not_drawn_as_unstimulated(run) -> None:
    palette = colours_of([tube.inhibitors for tube in run.tubes])
    tube = next(tube for tube in run.tubes if tube.role is TubeRole.STIMULATED)
    roles = (TubeRole.UNSTIMULATED, TubeRole.STIMULATED, TubeRole.POSITIVE, TubeRole.FMO)
    colours = [palette.of_tube(replace(tube, role=role)) for role in roles]
    assert len(set(colours)) == 4
    assert set(colours) <= set(palette.every)


def test_rows_of_histograms_name_the_time_only_where_it_differs(run) -> None:
    rows = rows_of([h for h in run.histograms if h.donor == "CLL-03"])
    same = [[replace(h, tube=replace(h.tube, time_min=15.0)) for h in row] for row in rows]
    assert not any("min" in label for label in labels_of(same))
    other = [*same[:-1], [replace(h, tube=replace(h.tube, time_min=60.0)) for h in same[-1]]]
    assert ", 60 min" in labels_of(other)[-1]
