"""A run folder whose gates were drawn in FlowJo, or written as Gating-ML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow import fcs
from assays.flow.events import Channel, Events
from assays.workflow.check import check
from assays.workflow.folder import open_folder
from assays.workflow.process import process_tubes
from plates.findings import Severity

SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
    for prefix, name in (
        ("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes"),
    )
)  # fmt: skip
SPILL = np.array([[1.0, 0.5], [0.0, 1.0]])
MATRIX = (
    '<transforms:spilloverMatrix prefix="Comp-" name="mine" suffix="">'
    + "".join(
        f'<transforms:spillover data-type:parameter="{dye}">'
        + "".join(
            f'<transforms:coefficient data-type:parameter="{name}" transforms:value="{share}"/>'
            for name, share in zip(("CD5-A", "pS-A"), row, strict=True)
        )
        + "</transforms:spillover>"
        for dye, row in zip(("CD5-A", "pS-A"), SPILL, strict=True)
    )
    + "</transforms:spilloverMatrix>"
)
PROTOCOL = """schema = 1
kind = ["flow"]
[flow]
compensation = "{compensation}"
min_events_warn = 100
[flow.gating]
strategy = "{strategy}"
{more}
[[flow.readouts]]
name = "pSTAT3"
channel = "pS-A"
population = "{population}"
cofactor = 150
"""


def rectangle(channel: str, low: float) -> str:
    return (
        f'<Gate><gating:RectangleGate><gating:dimension gating:min="{low}">'
        f'<data-type:fcs-dimension data-type:name="{channel}"/></gating:dimension>'
        "</gating:RectangleGate></Gate>"
    )


def sample(number: int, count: int, low: float = 100.0) -> str:
    bright = f'<Population name="CLL" count="{count}">{rectangle("Comp-CD5-A", low)}</Population>'
    return (
        f'<Sample><DataSet uri="file:/C:/data/t{number}.fcs" sampleID="{number}"/>{MATRIX}'
        f'<SampleNode name="t{number}" count="400" sampleID="{number}"><Subpopulations>'
        f'<Population name="cells" count="300">{rectangle("FSC-A", 1000.0)}<Subpopulations>'
        f"{bright}</Subpopulations></Population></Subpopulations></SampleNode></Sample>"
    )


def tube(number: int) -> Events:
    """300 cells and 100 bits of debris; 200 of the cells are CLL; pSTAT3 is 10 x the number."""
    values = np.zeros((400, 3))
    values[:300, 0] = 5000.0
    values[:200, 1] = 1000.0
    values[:, 2] = 10.0 * number
    values[:, 1:] = values[:, 1:] @ SPILL
    channels = tuple(Channel(name, None, 262144.0) for name in ("FSC-A", "CD5-A", "pS-A"))
    return Events(values.astype(np.float32), channels, name=f"t{number}.fcs")


def folder(
    place: Path, *samples: str, compensation: str = "gating", more: str = "", population: str = ""
) -> Path:
    (place / "fcs").mkdir()
    for number in (1, 2):
        fcs.write(place / "fcs" / f"t{number}.fcs", tube(number))
    (place / "samples.csv").write_text("file,donor,stimulus\nt1.fcs,D1,\nt2.fcs,D1,IL-6\n")
    (place / "book.wsp").write_text(
        f'<Workspace version="20.0" flowJoVersion="10.8.1" {SPACES}>'
        f"<SampleList>{''.join(samples)}</SampleList></Workspace>"
    )
    (place / "assay.toml").write_text(
        PROTOCOL.format(
            compensation=compensation,
            strategy="book.wsp",
            more=more,
            population=population or "root/cells/CLL",
        )
    )
    return place


def test_flowjo_populations_and_matrix_serve_a_run(tmp_path: Path) -> None:
    place = folder(tmp_path, sample(1, 200), sample(2, 190))
    run = process_tubes(open_folder(place))
    counts = {(row.file, row.population): row for row in run.populations}
    assert counts["t1.fcs", "root/cells"].count == 300
    assert counts["t1.fcs", "root/cells/CLL"].count == 200
    assert counts["t2.fcs", "root/cells/CLL"].stored == 190
    assert [round(reading.median, 3) for reading in run.readings] == [10.0, 20.0]
    assert run.compensation == "the matrix of book.wsp, 2 × 2 channels, inverse applied"
    assert run.gating == "book.wsp (FlowJo 10.8.1)"
    told = [f for f in run.findings if f.rule == "stored-count-differs"]
    assert [(f.where, f.observed, f.limit) for f in told] == [("t2.fcs", 200, 190)]
    pictures = {(one.file, one.population): one for one in run.gates}
    assert pictures["t1.fcs", "root/cells/CLL"].x.channel == "CD5-A"
    assert len(pictures["t1.fcs", "root/cells/CLL"].outlines[0]) == 1


def test_own_gates_may_stand_below_and_combine_the_others(tmp_path: Path) -> None:
    more = """
[[flow.gates]]
population = "rest"
parent = "root/cells"
method = "boolean"
params = { not = "root/cells/CLL" }
"""
    place = folder(tmp_path, sample(1, 200), sample(2, 200), more=more, population="rest")
    run = process_tubes(open_folder(place))
    assert [row.count for row in run.populations if row.population == "rest"] == [100, 100]
    assert [reading.count for reading in run.readings] == [100, 100]


def test_each_tube_has_the_gates_of_its_own_sample(tmp_path: Path) -> None:
    place = folder(tmp_path, sample(1, 200), sample(2, 0, low=5000.0))
    run = process_tubes(open_folder(place))
    assert [r.count for r in run.populations if r.population == "root/cells/CLL"] == [200, 0]
    rows = {row.population: row for row in run.strategy}
    assert rows["root/cells/CLL"].reasons == "2 different ones"
    assert rows["root/cells"].definition == "FSC-A ≥ 1,000"


def test_one_sample_may_serve_every_tube(tmp_path: Path) -> None:
    place = folder(tmp_path, sample(1, 200), more='sample = "t1"')
    run = process_tubes(open_folder(place))
    assert [r.count for r in run.populations if r.population == "root/cells/CLL"] == [200, 200]


def test_what_does_not_fit_is_told_by_check_before_the_run(tmp_path: Path) -> None:
    place = folder(tmp_path, sample(1, 200), population="CLL")
    report = check(place)
    assert any("no sample for 't2.fcs'" in p.message for p in report.problems)
    (place / "assay.toml").write_text(
        (place / "assay.toml").read_text().replace('"book.wsp"\n', '"book.wsp"\nsample = "t1"\n')
    )
    report = check(place)
    assert "gates: book.wsp (FlowJo 10.8.1)" in report.facts
    (problem,) = report.problems
    assert "names population 'CLL'" in problem.message
    assert problem.hint == "Did you mean 'root/cells/CLL'?"


def test_a_channel_that_a_tube_lacks_is_named_with_its_gate_and_line(tmp_path: Path) -> None:
    place = folder(tmp_path, sample(1, 200).replace("FSC-A", "FSC-H"), sample(2, 200))
    with pytest.raises(GatingError, match="gate 'root/cells': there is no channel 'FSC-H'") as told:
        process_tubes(open_folder(place))
    assert "book.wsp:1" in told.value.where
    assert "FSC-A" in told.value.hint


def test_gates_on_recorded_fluorescence_are_told_when_the_run_compensates(tmp_path: Path) -> None:
    text = sample(1, 200).replace("Comp-CD5-A", "CD5-A")
    place = folder(tmp_path, text, more='sample = "t1"')
    run = process_tubes(open_folder(place))
    (told,) = [f for f in run.findings if f.rule == "gate-uncompensated"]
    assert told.severity == Severity.LOOK
    assert "root/cells/CLL" in told.message
    assert {one.population for one in run.gates} == {"root/cells"}
