import json
import math
from dataclasses import replace

import numpy as np

from assays.reports import run_json
from assays.reports.tables import tables_of


def record_of(run):
    def refuse(text):
        raise AssertionError(f"{text} is not JSON")

    data = run_json.render(run, tables_of(run))
    return json.loads(data, parse_constant=refuse)


def test_the_record_holds_inputs_choices_versions_and_results(elisa_run):
    record = record_of(elisa_run)
    assert record["schema"] == 1
    assert record["run_id"] == elisa_run.provenance.run_id
    assert record["inputs"][1]["sha256"] == "bb" * 32
    choice = elisa_run.provenance.protocol.elisa.curve.weighting
    assert record["protocol"]["elisa"]["curve"]["weighting"] == choice
    assert record["protocol"]["schema"] == 1
    assert record["libraries"]["numpy"] == "2.4.6"
    assert record["verdict"]["line"] == "Plate accepted; 2 samples need a repeat."
    assert len(record["results"]["concentrations"]) == 18


def test_what_cannot_be_known_is_null_and_an_open_end_is_inf():
    assert run_json.plain(
        {"a": math.nan, "b": -math.inf, "c": np.float64(0.1), "d": (np.int64(3), np.True_)}
    ) == {"a": None, "b": "-inf", "c": 0.1, "d": [3, True]}


def test_a_value_reads_back_to_the_last_digit(elisa_run):
    rows = record_of(elisa_run)["results"]["wells"]
    wells = elisa_run.elisa.plates[0].wells
    assert [row["signal"] for row in rows] == [well.signal for well in wells]


def test_the_same_run_gives_the_same_bytes(elisa_run, flow_run):
    for run in (elisa_run, flow_run):
        once, twice = (run_json.render(run, tables_of(run)) for _ in range(2))
        assert once == twice
        assert once.isascii()


def test_a_hostile_name_is_kept_as_it_was_given(elisa_run):
    name = '</script>\x1b[31m\u202e"'
    assert record_of(replace(elisa_run, title=name))["title"] == name
