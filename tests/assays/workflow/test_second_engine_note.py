"""What `verify = true` leaves in the record: how many files both engines agree on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assays.flow import fcs
from assays.flow.events import Channel, Events
from assays.workflow.folder import open_folder
from assays.workflow.process import TubeOpener, process_tubes, read_tubes
from plates.findings import Finding, Severity

PROTOCOL = """schema = 1
kind = ["flow"]
[flow]
compensation = "none"
verify = VERIFY
[[flow.gates]]
population = "cells"
method = "interval"
channels = ["FSC-A"]
params = { low = 10 }
[[flow.readouts]]
name = "pSTAT3"
channel = "B530-A"
population = "cells"
"""
SHEET = "file,donor,stimulus,stimulus_dose,stimulus_unit\na.fcs,D1,,,\nb.fcs,D1,IL-6,10,ng/mL\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rising = np.arange(400, dtype=np.float32).reshape(200, 2) + 20
    channels = (Channel("FSC-A", None, 1024.0), Channel("B530-A", None, 1024.0))
    for name in ("a.fcs", "b.fcs"):
        fcs.write(tmp_path / name, Events(rising, channels))
    (tmp_path / "samples.csv").write_text(SHEET)
    (tmp_path / "assay.toml").write_text(PROTOCOL.replace("VERIFY", "true"))
    return tmp_path


def test_both_engines_agree_on_every_file(place: Path) -> None:
    told = "Both engines agree on every value of 2 files (verify = true)."
    assert told in process_tubes(open_folder(place)).notes


def test_without_verify_nothing_is_said_of_engines(place: Path) -> None:
    (place / "assay.toml").write_text(PROTOCOL.replace("VERIFY", "false"))
    assert not [n for n in process_tubes(open_folder(place)).notes if "engines" in n]


def test_a_file_that_the_second_engine_reads_otherwise_is_not_counted(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assays.flow.fcs import second_engine

    other = Finding(second_engine.RULE, Severity.LOOK, "a.fcs", "fcs: a value differs.")
    monkeypatch.setattr(
        second_engine, "compare", lambda source, _: (other,) if source.name == "a.fcs" else ()
    )
    folder = open_folder(place)
    tubes, _ = read_tubes(folder)
    opener = TubeOpener(folder, tubes, verify=True)
    for tube in tubes:
        opener(tube)
    assert opener.verified().startswith("Both engines agree on 1 of 2 files")
