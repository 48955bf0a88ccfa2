import math
from dataclasses import replace

import pytest

from assays.reports.page_concentrations import concentrations
from assays.reports.tables import tables_of
from assays.results.elisa import RangeStatus
from plates.findings import Finding, Severity
from plates.well import Well

SIDE = {RangeStatus.BELOW_LLOQ: "<", RangeStatus.ABOVE_ULOQ: ">"}

STATUS = -2
"""Place of the status on the page: the factor per cells follows, its origin beneath."""


def diluted(run, *rows, provisional=False, findings=()):
    """CLL-30 at several dilutions: a status for each."""
    plate = run.elisa.plates[0]
    samples = tuple(
        replace(
            plate.samples[0],
            sample="CLL-30",
            dilution_factor=factor,
            status=status,
            wells=(Well(number, 0),),
            qualifier=SIDE.get(status, ""),
            limit=200.0 * factor if status in SIDE else math.nan,
            concentration=math.nan if status in SIDE else 550.0,
        )
        for number, (factor, status) in enumerate(rows)
    )
    limits = replace(plate.limits, provisional=provisional)
    plate = replace(plate, samples=samples, limits=limits)
    return replace(run, elisa=replace(run.elisa, plates=(plate,), findings=findings))


def used(run, name="concentrations"):
    table = tables_of(run)[name]
    rows = zip(table.column("dilution_factor"), table.column("use"), strict=True)
    return {dilution for dilution, use in rows if use}


OK, OVER, UNDER = RangeStatus.OK, RangeStatus.ABOVE_ULOQ, RangeStatus.BELOW_LLOQ


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (((2, OVER), (10, OK), (20, OK)), {10}),
        (((2, OVER), (10, OVER)), {10}),
        (((2, UNDER), (10, UNDER)), {2}),
        (((2, RangeStatus.HIGH_CV), (10, OK)), {10}),
        (((2, RangeStatus.HIGH_CV),), set()),
        (((2, OVER), (10, UNDER)), set()),
        (((2, RangeStatus.REJECTED), (10, RangeStatus.REJECTED)), set()),
    ],
)
def test_the_lowest_dilution_in_range_is_the_row_to_use(elisa_run, rows, expected):
    run = diluted(elisa_run, *rows)
    assert used(run) == expected
    assert used(run, "cohort") == expected


def test_after_a_hook_the_strongest_dilution_is_the_row_to_use(elisa_run):
    said = "CLL-30 reads higher at 1:20 (2.1) than at 1:10 (1.2): a high-dose hook."
    for where in ("P1: CLL-30", "CLL-30"):
        hook = Finding("high-dose-hook", Severity.LOOK, where, said)
        run = diluted(elisa_run, (2, OK), (10, OK), (20, OK), findings=(hook,))
        assert used(run) == {20}


def test_the_page_marks_the_row_only_where_there_is_a_choice(elisa_run):
    run = diluted(elisa_run, (2, OVER), (10, OK), (20, OK))
    shown = concentrations(run.elisa, run.elisa.plates[0])
    assert [row[STATUS].text for row in shown.rows] == [
        "\u25b2 > ULOQ: dilute",
        "\u2714 ok: use this row",
        "ok, not this row",
    ]
    single = diluted(elisa_run, (2, OK))
    shown = concentrations(single.elisa, single.elisa.plates[0])
    assert shown.rows[0][STATUS].text == "ok"
    assert "\u2714" not in shown.note


@pytest.mark.parametrize("name", ["concentrations", "cohort"])
def test_provisional_limits_are_called_so_beside_each_result(elisa_run, name):
    for provisional, said in ((True, "provisional"), (False, "declared")):
        run = diluted(elisa_run, (1, UNDER), provisional=provisional)
        assert set(tables_of(run)[name].column("limits")) == {said}


def test_the_page_says_provisional_in_the_note_and_beside_the_limit(elisa_run):
    run = diluted(elisa_run, (1, UNDER), provisional=True)
    shown = concentrations(run.elisa, run.elisa.plates[0])
    assert "Limits are provisional (3.13\u2013200 pg/mL" in shown.note
    status = shown.rows[0][STATUS]
    assert (status.text, status.below) == ("< LLOQ", "provisional limit")
    declared = diluted(elisa_run, (1, UNDER))
    assert "provisional" not in concentrations(declared.elisa, declared.elisa.plates[0]).note


def test_a_cohort_row_of_a_tube_is_used_only_with_a_number(flow_run):
    table = tables_of(flow_run)["cohort"]
    kinds = zip(*(table.column(k) for k in ("donor", "measure", "use")), strict=True)
    found = {(donor, use) for donor, measure, use in kinds if measure == "percent inhibition"}
    assert found == {("D1", True), ("D2", True), ("D3", False)}


def test_an_amount_below_the_limit_has_its_qualifier_and_limit(elisa_run):
    run = diluted(elisa_run, (1, UNDER))
    plate = run.elisa.plates[0]
    sample = replace(plate.samples[0], per_cells=math.nan, per_cells_limit=1.56)
    elisa = replace(run.elisa, plates=(replace(plate, samples=(sample,)),))
    table = tables_of(replace(run, elisa=elisa))["cohort"]
    row = table.column("measure").index("amount per cells")
    assert (table.column("qualifier")[row], table.column("limit")[row]) == ("<", 1.56)


def test_a_matrix_that_thins_out_is_left_for_the_dilution_where_results_settle(elisa_run):
    run = diluted(elisa_run, (1, OK), (2, OK), (4, OK), (8, OK))
    plate = run.elisa.plates[0]
    values = dict(zip((1, 2, 4, 8), (82.0, 116.0, 143.0, 158.0), strict=True))
    samples = tuple(replace(s, concentration=values[s.dilution_factor]) for s in plate.samples)
    rising = replace(run, elisa=replace(run.elisa, plates=(replace(plate, samples=samples),)))
    assert used(rising) == {4}
    falling = tuple(replace(s, concentration=100 / s.dilution_factor) for s in plate.samples)
    run = replace(run, elisa=replace(run.elisa, plates=(replace(plate, samples=falling),)))
    assert used(run) == {1}


def test_a_spiked_sample_is_never_the_row_to_use(elisa_run):
    run = diluted(elisa_run, (1, OK), (2, OK))
    plate = run.elisa.plates[0]
    first = replace(plate.samples[0], spike=50.0, labels={"spike": "50"})
    samples = (first, *plate.samples[1:])
    run = replace(run, elisa=replace(run.elisa, plates=(replace(plate, samples=samples),)))
    assert used(run) == {2}
    shown = concentrations(run.elisa, run.elisa.plates[0])
    assert shown.rows[0][0].below == "with 50.0 pg/mL added"
    assert shown.rows[0][STATUS].text == "spiked: no result"
