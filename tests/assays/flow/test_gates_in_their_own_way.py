"""Gates on scales and under a compensation of their own: members, pictures, exchange, refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assays.errors import ControlError, GatingError, ProtocolError
from assays.flow.events import Channel, Events, Spillover
from assays.flow.exchange import gatingml
from assays.flow.run import process_flow
from assays.flow.scales import Arcsinh, Logicle
from assays.flow.strategy import Population
from assays.protocol import Flow
from assays.protocol_text import parse
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole
from assays.workflow.folder import open_folder
from assays.workflow.process import read_matrices
from plates.source import Source

NAMES = ("FSC-A", "FITC-A", "PE-A", "APC-A")
MARKERS = (None, "CD19", "pSTAT3", "CD5")
CHANNELS = tuple(Channel(n, m, 262144.0) for n, m in zip(NAMES, MARKERS, strict=True))
OF_FILE = Spillover(("FITC-A", "PE-A"), np.array([[1.0, 0.3], [0.02, 1.0]]), "$SPILLOVER")
OF_LAB = Spillover(("FITC-A", "PE-A"), np.array([[1.0, 0.1], [0.0, 1.0]]), "lab.csv")
SHEET = (
    Tube("u.fcs", "CLL1", TubeRole.UNSTIMULATED),
    Tube("s.fcs", "CLL1", TubeRole.STIMULATED, Agent("IL-6", 10.0, "ng/mL")),
)


def recorded(tube: Tube) -> Events:
    digest = hashlib.sha256(tube.file.encode()).digest()
    rng = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
    n = 3000
    values = np.stack(
        [
            rng.normal(90_000, 9_000, n),
            np.where(rng.random(n) < 0.5, rng.normal(9000, 1500, n), rng.normal(0, 150, n)),
            rng.normal(400, 200, n),
            rng.normal(700, 300, n),
        ],
        axis=1,
    )
    values[:, 1:3] = values[:, 1:3] @ OF_FILE.matrix
    return Events(values, CHANNELS, OF_FILE, name=tube.file)


def flow(*gates: dict[str, Any], **more: Any) -> Flow:
    readouts = ({"name": "p", "channel": "APC-A", "population": "root"},)
    return Flow.model_validate(
        {"compensation": "file", "gates": gates, "readouts": readouts} | more
    )


def row(population: str, **more: Any) -> dict[str, Any]:
    plain = {"method": "interval", "channels": ("pSTAT3",), "params": {"low": 500.0}}
    return {"population": population} | plain | more


def process(settings: Flow, **more: Any) -> tuple[FlowRun, dict[str, dict[str, Population]]]:
    kept: dict[str, dict[str, Population]] = {}
    run = process_flow(
        SHEET, recorded, settings, keep=lambda tube, found: kept.update({tube.file: found}), **more
    )
    return run, kept


def test_one_gate_may_stand_on_events_as_recorded_and_another_under_a_csv() -> None:
    settings = flow(
        row("of the run"),
        row("as recorded", compensation="none"),
        row("of the lab", compensation="lab.csv"),
        row("of the file", compensation="file"),
    )
    _, kept = process(settings, matrices={"lab.csv": OF_LAB})
    raw = recorded(SHEET[0]).values
    found = {name: one.mask for name, one in kept["u.fcs"].items()}
    by_file = raw[:, 1:3] @ np.linalg.inv(OF_FILE.matrix)
    by_lab = raw[:, 1:3] @ np.linalg.inv(OF_LAB.matrix)
    assert (found["of the run"] == (by_file[:, 1] >= 500)).all()
    assert (found["of the file"] == found["of the run"]).all()
    assert (found["as recorded"] == (raw[:, 2] >= 500)).all()
    assert (found["of the lab"] == (by_lab[:, 1] >= 500)).all()
    assert len({one.sum() for one in found.values()}) == 4


def test_a_polygon_has_straight_edges_on_its_own_scale() -> None:
    corners = [[2.0, 1.0], [7.0, 1.0], [7.0, 5.0]]
    own = {"method": "arcsinh", "cofactor": 50.0}
    settings = flow(
        row(
            "drawn",
            method="polygon",
            channels=("CD19", "CD5"),
            params={"vertices": corners},
            on="scale",
            scales={"CD19": own, "CD5": own},
        )
    )
    run, kept = process(settings)
    values = recorded(SHEET[0]).values
    by_file = values[:, 1:3] @ np.linalg.inv(OF_FILE.matrix)
    x, y = np.arcsinh(by_file[:, 0] / 50), np.arcsinh(values[:, 3] / 50)
    # Below the line from the first corner to the last, within the other two edges.
    inside = (y >= 1) & (x <= 7) & (y <= 1 + (x - 2) * 0.8)
    mask = kept["u.fcs"]["drawn"].mask
    assert 0 < mask.sum() < len(mask)
    assert (mask == inside).all()
    (picture, _) = run.gates
    assert picture.y is not None
    assert picture.x.scale == picture.y.scale == Arcsinh(50.0).words
    assert picture.x.channel == "CD19 (arcsinh 50)"


def test_a_gate_found_in_the_data_is_found_in_its_own_way() -> None:
    valley = {"method": "valley", "channels": ("CD19",), "params": {}}
    own = {"CD19": {"method": "logicle", "w": 0.5, "t": 262144.0}}
    settings = flow(
        {"population": "plain", **valley},
        {"population": "own", "compensation": "none", "scales": own, **valley},
    )
    run, kept = process(settings)
    rows = {one.population: one for one in run.strategy}
    assert "CD19 (as recorded, logicle t 262144 w 0.5): valley at" in rows["own"].reasons
    low = float(kept["u.fcs"]["own"].step.shape.bounds()[0, 0])  # type: ignore[union-attr]
    raw = recorded(SHEET[0]).values[:, 1]
    assert (kept["u.fcs"]["own"].mask == (raw >= low)).all()
    scales = {one.x.scale for one in run.gates if one.population == "own"}
    assert scales == {Logicle(262144.0, 0.5).words}
    with pytest.raises(GatingError, match="is a readout"):
        process(flow({"population": "x", **valley, "channels": ("CD5",), "compensation": "none"}))


@pytest.mark.parametrize(
    "shape",
    [
        {"method": "polygon", "params": {"vertices": [[2, 1], [7, 1], [7, 5]]}},
        {
            "method": "ellipse",
            "params": {"center": [5.8, 3.2], "axes": [0.5, 1.0], "angle_deg": 30},
        },
        {"method": "rectangle", "params": {"low": [4.5, 2.5], "high": [6.0, 4.0]}},
    ],
    ids=lambda one: str(one["method"]),
)
def test_a_plain_arcsinh_is_written_as_the_standards(shape: dict[str, Any]) -> None:
    own = {"method": "arcsinh", "cofactor": 50.0}
    gate = row("drawn", channels=("CD19", "CD5"), on="scale", scales={"CD19": own, "CD5": own})
    run, kept = process(flow(gate | shape))
    (written,) = run.gate_files
    assert "fasinh" in written.text
    strategy = gatingml.read(Source.from_bytes("gates.xml", written.text.encode()))
    population = kept["u.fcs"]["drawn"]
    assert 100 < population.count < 2900
    assert (strategy.apply(recorded(SHEET[0]))["drawn"].mask == population.mask).all()


def test_gates_of_their_own_way_are_written_and_read_back_with_the_same_members() -> None:
    own = {"method": "logicle", "t": 262144.0, "w": 0.5}
    settings = flow(
        row("plain"),
        row("recorded", compensation="none", parent="plain"),
        row("lab", compensation="lab.csv"),
        row(
            "drawn",
            method="polygon",
            channels=("CD19", "pSTAT3"),
            params={"vertices": [[0.2, 0.1], [0.8, 0.1], [0.8, 0.7]]},
            on="scale",
            scales={"CD19": own, "pSTAT3": own},
            compensation="lab.csv",
        ),
    )
    run, kept = process(settings, matrices={"lab.csv": OF_LAB})
    assert not [note for note in run.notes if "Gating-ML" in note]
    (written,) = run.gate_files
    strategy = gatingml.read(Source.from_bytes("gates.xml", written.text.encode()))
    again = strategy.apply(recorded(SHEET[0]))
    for name, population in kept["u.fcs"].items():
        if name != "root":
            assert 0 < population.count < 3000
            assert (again[name].mask == population.mask).all(), name


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('scales = { CD5 = { method = "arcsinh" } }', "none of its channels"),
        ('scales = { CD19 = { method = "biexp" } }', "linear"),
        ('scales = { CD19 = { cofactr = 5 } }', "cofactor"),
        ('compensation = "controls"', "none, file or a csv"),
        ('scales = { CD19 = { method = "arcsinh", w = 0.5 } }', "has no 'w'"),
        ('scales = { CD19 = { method = "linear", t = 5 } }', "it takes nothing"),
        ('scales = { CD19 = { method = "arcsinh", cofactor = 1e-320 } }', "1e-30"),
        ('scales = { CD19 = { method = "logicle", t = inf } }', "1e-30"),
    ],
)  # fmt: skip
def test_what_no_gate_can_have_is_refused_with_the_key(more: str, words: str) -> None:
    text = f"""
schema = 1
kind = ["flow"]
[flow]
compensation = "none"
[[flow.gates]]
population = "B cells"
method = "interval"
channels = ["CD19"]
params = {{ low = 1 }}
{more}
[[flow.readouts]]
name = "p"
channel = "pSTAT3"
population = "B cells"
"""
    with pytest.raises(ProtocolError) as caught:
        parse(text)
    assert words in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.where == "assay.toml:6"


def test_a_gate_that_asks_for_a_matrix_the_file_lacks_is_named() -> None:
    def bare(tube: Tube) -> Events:
        made = recorded(tube)
        return Events(made.values, CHANNELS, name=tube.file)

    settings = flow(row("B", compensation="file"), compensation="none")
    with pytest.raises(ControlError, match=r"of a gate on 'pSTAT3'.*no spillover matrix"):
        process_flow(SHEET, bare, settings)


def test_the_csv_of_a_gate_is_an_input_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "fcs").mkdir()
    (tmp_path / "fcs" / "u.fcs").write_bytes(b"")
    (tmp_path / "samples.csv").write_text("file,donor,role\nu.fcs,CLL1,unstimulated\n")
    text = """
schema = 1
kind = ["flow"]
[flow]
compensation = "none"
[[flow.gates]]
population = "B cells"
method = "interval"
channels = ["CD19"]
params = { low = 1 }
compensation = "lab.csv"
[[flow.readouts]]
name = "p"
channel = "pSTAT3"
population = "B cells"
"""
    (tmp_path / "assay.toml").write_text(text)
    with pytest.raises(ProtocolError, match=r"lab\.csv") as caught:
        open_folder(tmp_path)
    assert caught.value.where == "assay.toml:6, population 'B cells'"
    (tmp_path / "lab.csv").write_text("FITC-A,PE-A\n1,0.1\n0,1\n")
    folder = open_folder(tmp_path)
    assert ("compensation", tmp_path / "lab.csv") in folder.files
    assert (read_matrices(folder)["lab.csv"].matrix == OF_LAB.matrix).all()
    (tmp_path / "assay.toml").write_text(text.replace('"lab.csv"', '"../lab.csv"'))
    with pytest.raises(ProtocolError, match="leaves the run folder"):
        open_folder(tmp_path)


def test_a_scale_that_cannot_be_names_its_channel() -> None:
    own = {"CD19": {"method": "logicle", "w": 9.0}}
    settings = flow(row("B", channels=("CD19",), on="scale", scales=own))
    with pytest.raises(GatingError, match="logicle scale") as caught:
        process(settings)
    assert caught.value.where == "assay.toml: scale of 'CD19 (logicle w 9)'"
