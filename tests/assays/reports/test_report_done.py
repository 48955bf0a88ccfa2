from dataclasses import replace

from assays.protocol import Reagent, Trace
from assays.reports.choices import choices_of
from assays.reports.page_done import choices, defaults, done_tables
from assays.reports.page_elisa import curve
from plates.findings import Finding, Severity


def shown(run, key):
    return next(each for each in done_tables(run) if each.key == key)


def floor_of(run):
    rows = (*choices(run).rows, *defaults(run).rows)
    (told,) = [row[1].text for row in rows if row[0].text == "elisa.curve.floor"]
    return told


def test_a_floor_that_was_used_stands_beside_the_choice_and_the_curve(elisa_run):
    held = Finding("weights-floored", Severity.NOTE, "P1", "Weights were held.", 2.0, unit="%")
    run = replace(elisa_run, elisa=replace(elisa_run.elisa, findings=(held,)))
    assert floor_of(run) == "0; used: 2 % of the response range (see findings)"
    note = curve(run.elisa, run.elisa.plates[0]).note
    assert "Weights held at 2 % of the response range." in note
    assert floor_of(elisa_run) == "0"


def test_the_floor_of_one_plate_of_two_names_the_plate(elisa_run):
    held = Finding("weights-floored", Severity.NOTE, "P2", "Weights were held.", 2.0, unit="%")
    plate = elisa_run.elisa.plates[0]
    plates = (plate, replace(plate, plate="P2"))
    run = replace(elisa_run, elisa=replace(elisa_run.elisa, plates=plates, findings=(held,)))
    assert "range on plate P2" in floor_of(run)
    assert "Weights held" not in curve(run.elisa, plates[0]).note


def test_a_flow_run_has_no_blank_kit_and_a_marker_names_an_antibody(flow_run):
    update = {"trace": Trace(antibodies=(Reagent(marker="CD19", clone="HIB19"),))}
    bare = flow_run.provenance.protocol.model_copy(update=update)
    run = replace(flow_run, provenance=replace(flow_run.provenance, protocol=bare))
    rows = {row[0].text: row[1].text for row in shown(run, "trace").rows}
    assert rows["Antibody 1"] == "CD19, clone HIB19, lot left blank, expiry left blank"
    assert not {"Plates", "Kit", "Standard"} & set(rows)
    assert rows["Operator"] == "left blank"


def test_the_time_of_reading_is_told_as_the_export_wrote_it(elisa_run):
    assert "Read at, as exported" in [head.text for head in shown(elisa_run, "exports").heads]


def test_what_was_chosen_stands_apart_from_what_was_left_at_its_default(flow_run):
    tables = {each.key: each for each in done_tables(flow_run)}
    chosen = {row[0].text for row in tables["choices"].rows}
    left = {row[0].text for row in tables["defaults"].rows}
    assert chosen and left and not chosen & left
    assert chosen | left == {each.key for each in choices_of(flow_run.provenance.protocol)}
    assert tables["defaults"].folded
    assert tables["defaults"].kept_in == "run.json"
