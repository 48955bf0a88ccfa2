"""A run that takes its spillover from single stains: readings, tables, page and pictures."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow.compensate import read_spillover_csv
from assays.flow.events import Spillover
from assays.flow.run import process_flow
from assays.protocol import Flow
from assays.reports import csv
from assays.reports.figures.compensation import compensation_work
from assays.reports.page_compensation import compensation_on_page
from assays.reports.tables_compensation import tables_of_compensation
from assays.results.flow import FlowRun
from assays.samples import Agent
from plates.source import Source

IL6 = Agent("IL-6", 10.0, "ng/mL")
MARKERS = {"PE-A": "pSTAT3", "APC-A": "CD19", "FITC-A": "CD5"}


def protocol(**more: Any) -> Flow:
    gate = {"population": "B cells", "method": "interval", "channels": ("CD19",),
            "params": {"low": 2500.0}}  # fmt: skip
    readout = {"name": "pSTAT3", "channel": "pSTAT3", "population": "B cells"}
    made = {"compensation": "controls", "gates": (gate,), "readouts": (readout,)}
    return Flow.model_validate(made | more)


@pytest.fixture
def tubes(rack: Any, cytometer: Any) -> Any:
    """Bead controls, then one donor: pSTAT3 at 300 and 2,000 beside a bright CD5 and CD19."""
    rack.single_stains("beads")
    for role, signal in (("unstimulated", 300.0), ("stimulated", 2_000.0)):
        file = f"{role}.fcs"
        made = cytometer.events(
            file, {0: 6_000.0, 1: signal, 3: 9_000.0}, stained=0.7, markers=MARKERS
        )
        stimulus = IL6 if role == "stimulated" else None
        rack.add(file, role, made, donor="CLL1", stimulus=stimulus)
    return rack


@pytest.fixture
def run(tubes: Any) -> FlowRun:
    return process_flow(tubes.tubes, tubes.open, protocol())


def test_medians_are_those_of_the_dye_and_the_glow_alone(run: FlowRun, cytometer: Any) -> None:
    medians = [reading.median for reading in run.readings]
    # The glow of the cells is compensated as all light is; what is left of it in PE-A stays.
    glow = (cytometer.glow["cells"] @ np.linalg.inv(cytometer.spillover))[1]
    np.testing.assert_allclose(medians, [300 + glow, 2_000 + glow], rtol=0.05)
    assert "from the single stains" in run.compensation
    assert run.controls is not None
    assert {row.channel: row.needed < row.top for row in run.controls.stains}["PE-A"]
    assert not [finding for finding in run.findings if finding.rule == "not-a-sample"]


def test_the_matrix_leaves_as_a_csv_that_another_run_can_take(run: FlowRun) -> None:
    tables = {table.name: table for table in tables_of_compensation(run)}
    written = csv.to_bytes(tables["spillover"])
    again = read_spillover_csv(Source.from_bytes("spillover.csv", written))
    assert again.channels == run.spillover_channels
    assert run.spillover is not None
    assert (again.matrix == run.spillover).all()
    assert len(tables["single_stains"].rows) == 6 and len(tables["spillover_pairs"].rows) == 30
    assert not tables["spectra"].rows


def test_page_and_pictures_tell_of_every_control(run: FlowRun) -> None:
    stains, pairs = compensation_on_page(run)
    assert len(stains.rows) == 6 and len(pairs.rows) == 30
    assert "all are well" in pairs.note
    pictures = [draw() for draw in compensation_work(run)]
    assert [picture.name for picture in pictures] == [
        "compensation-matrix",
        "compensation-pairs-1",
        "compensation-pairs-2",
    ]
    assert all(picture.section == "compensation" and picture.data for picture in pictures)
    assert "BV510-A into BV421-A" in pictures[0].alt


def test_a_used_channel_without_control_stops_the_run_unless_declared(tubes: Any) -> None:
    tubes.without("APC-A beads.fcs")
    with pytest.raises(ControlError, match="no single stain for APC-A") as caught:
        process_flow(tubes.tubes, tubes.open, protocol())
    assert 'without = ["APC-A"]' in caught.value.hint
    run = process_flow(tubes.tubes, tubes.open, protocol(single_stains={"without": ("APC-A",)}))
    assert "control-declared-missing" in {finding.rule for finding in run.findings}


def test_a_stained_channel_that_nothing_reads_is_told(tubes: Any) -> None:
    tubes.without("FITC-A beads.fcs")
    run = process_flow(tubes.tubes, tubes.open, protocol())
    (told,) = [one for one in run.findings if one.rule == "control-missing-unused"]
    assert "FITC-A (CD5)" in told.message


def test_a_tube_at_other_voltages_is_refused(tubes: Any, cytometer: Any) -> None:
    tubes.events["stimulated.fcs"] = cytometer.events(
        "other", {1: 900.0}, markers=MARKERS, volts={"PE-A": 500.0}
    )
    with pytest.raises(ControlError, match="PE-A was recorded at 500 V in this tube"):
        process_flow(tubes.tubes, tubes.open, protocol())


def test_tubes_brighter_than_their_control_are_told(tubes: Any, cytometer: Any) -> None:
    tubes.events["stimulated.fcs"] = cytometer.events(
        "stimulated.fcs", {1: 90_000.0, 3: 9_000.0}, stained=0.7, markers=MARKERS
    )
    run = process_flow(tubes.tubes, tubes.open, protocol())
    (told,) = [one for one in run.findings if one.rule == "control-dimmer"]
    assert told.where == "PE-A beads.fcs" and told.severity == "look"
    assert told.observed > 2 * told.limit


def carrying(tubes: Any, spillover: Spillover) -> None:
    """The tubes of the run carry a matrix of their own; the controls do not."""
    for file in ("unstimulated.fcs", "stimulated.fcs"):
        tubes.events[file] = dataclasses.replace(tubes.events[file], spillover=spillover)


def test_a_file_whose_own_matrix_says_otherwise_is_told_with_the_worst_pair(
    tubes: Any, run: FlowRun
) -> None:
    channels = run.spillover_channels
    assert run.spillover is not None
    like = run.spillover.copy()
    carrying(tubes, Spillover(channels, like, "$SPILLOVER"))
    same = process_flow(tubes.tubes, tubes.open, protocol())
    assert "spillover-unlike-file" not in {one.rule for one in same.findings}

    row, column = channels.index("FITC-A"), channels.index("PE-A")
    other = like.copy()
    other[row, column] += 0.08
    other[column, row] += 0.03
    carrying(tubes, Spillover(channels, other * 2.0, "$SPILLOVER"))
    found = process_flow(tubes.tubes, tubes.open, protocol())
    (told,) = [one for one in found.findings if one.rule == "spillover-unlike-file"]
    assert told.observed == pytest.approx(8.0) and told.limit == 2.0 and told.severity == "look"
    assert "FITC-A in PE-A" in told.message and "So does 1 more pair of this file" in told.message

    carrying(tubes, Spillover(channels, np.eye(len(channels)), "$SPILLOVER"))
    none = process_flow(tubes.tubes, tubes.open, protocol())
    assert "spillover-unlike-file" not in {one.rule for one in none.findings}
