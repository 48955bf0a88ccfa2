"""The MIFlowCyt list: filled from files, sheet and assay.toml, blanks seen."""

from __future__ import annotations

from dataclasses import replace

from assays.protocol import Experiment, Reagent, Trace
from assays.reports.miflowcyt import miflowcyt, miflowcyt_items
from assays.reports.page_done import miflowcyt as on_page
from assays.samples import Agent


def answers(run, name):
    return [item.value for item in miflowcyt_items(run) if item.name == name]


def with_protocol(run, **changes):
    protocol = run.provenance.protocol.model_copy(update=changes)
    return replace(run, provenance=replace(run.provenance, protocol=protocol))


def test_the_files_answer_for_the_cytometer(flow_run):
    assert answers(flow_run, "Model") == ["FACSCanto"]
    assert answers(flow_run, "Serial number") == ["V123"]
    assert answers(flow_run, "Light sources") == ["Blue"]
    assert answers(flow_run, "Optical filters") == ["B530-A 530 BP"]


def test_a_voltage_that_was_changed_between_tubes_is_seen(flow_run):
    (told,) = answers(flow_run, "Detector voltage and gain")
    assert told == "B530-A 480 V (3 tubes); B530-A 490 V (1 tube)"


def test_what_nobody_said_is_left_blank_and_counted(flow_run):
    blank = [item.name for item in miflowcyt_items(flow_run) if not item.value]
    assert {"Primary contact", "Conclusions", "Characteristics", "Manufacturer"} <= set(blank)
    assert on_page(flow_run).note.startswith(f"{len(blank)} items left blank")
    assert miflowcyt(flow_run).column("value").count(None) == len(blank)


def test_one_donor_one_tube_and_one_dose_are_counted_as_one(flow_run):
    first = replace(flow_run.flow.tubes[0], inhibitors=(Agent("ruxolitinib", 100.0, "nM"),))
    alone = replace(flow_run, flow=replace(flow_run.flow, tubes=(first,)))
    (material,) = answers(alone, "Material")
    assert material.endswith("1 donor, 1 tube")
    assert "ruxolitinib (1 dose)" in "; ".join(item.value for item in miflowcyt_items(alone))


def test_assay_toml_answers_for_the_rest(flow_run):
    told = with_protocol(
        flow_run,
        experiment=Experiment(contact="lab@example.org", data_location="FR-FCM-0000"),
        trace=Trace(antibodies=(Reagent(marker="CD19", clone="SJ25C1", maker="Example Bio"),)),
    )
    assert answers(told, "Primary contact") == ["lab@example.org"]
    assert answers(told, "List-mode data files")[0].endswith("kept at FR-FCM-0000")
    assert answers(told, "Fluorescence reagent") == [
        "analyte CD19, reporter left blank, clone SJ25C1, manufacturer Example Bio, "
        "catalogue number left blank, lot left blank"
    ]


def test_each_gate_tells_its_boundary_and_its_share(flow_run):
    names = {row.population for row in flow_run.flow.strategy}
    assert len(answers(flow_run, "Gate boundaries")) == len(names)
    told = " ".join(answers(flow_run, "Gate statistics"))
    assert all(f"{name} in" in told for name in names)
    assert "% of parent over" in told


def test_a_plate_alone_has_no_such_list(elisa_run):
    assert miflowcyt_items(elisa_run) == ()
