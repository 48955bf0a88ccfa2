"""What leaves a run for other programs: its gates as Gating-ML, the events of its populations."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow import fcs
from assays.flow.exchange import gatingml
from assays.flow.run import process_flow
from assays.flow.strategy import Population
from assays.results.flow import FlowRun
from assays.samples import Tube
from assays.workflow.demo import copy_examples
from assays.workflow.folder import open_folder
from assays.workflow.process import TubeOpener, process_tubes, read_tubes
from plates.source import Source


@pytest.fixture(scope="module")
def blockade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled example, a few of its tubes."""
    place = tmp_path_factory.mktemp("demo")
    folder = next(path for path in copy_examples(place) if path.name == "il6_blockade")
    rows = list(csv.reader((folder / "samples.csv").read_text().splitlines()))
    kept = [rows[0], *rows[1:7]]
    names = {row[0] for row in kept}
    with (folder / "samples.csv").open("w", newline="") as out:
        csv.writer(out).writerows(kept)
    for path in (folder / "fcs").iterdir():
        if path.name not in names:
            path.unlink()
    return folder


def changed(folder: Path, more: str) -> None:
    place = folder / "assay.toml"
    text = place.read_text()
    head, found, rest = text.partition("[flow.gating]\n")
    if found:
        rest = rest[rest.index("[flow.scales.default]") :]
        text = head + rest
    place.write_text(text.replace("[flow.scales.default]", f"{more}[flow.scales.default]", 1))


def test_gates_written_by_a_run_give_the_same_members_when_read_back(blockade: Path) -> None:
    changed(blockade, "")
    folder = open_folder(blockade)
    tubes, _ = read_tubes(folder)
    assert folder.protocol.flow is not None
    opener = TubeOpener(folder, tubes, verify=False)
    kept: dict[tuple[str, str], np.ndarray] = {}

    def keep(tube: Tube, found: dict[str, Population]) -> None:
        kept.update({(tube.file, name): one.mask for name, one in found.items()})

    run = process_flow(tubes, opener, folder.protocol.flow, keep=keep)  # type: ignore[arg-type]
    (written,) = run.gate_files
    assert written.name == "gates.xml"
    assert set(written.tubes) == {tube.file for tube in tubes}
    strategy = gatingml.read(Source.from_bytes("gates.xml", written.text.encode()))
    compared = 0
    for tube in tubes:
        found = strategy.apply(opener(tube))
        for (file, name), mask in kept.items():
            if file == tube.file:
                assert np.array_equal(found[name.replace(" ", "_")].mask, mask), (file, name)
                compared += 1
    assert compared == len(tubes) * 6


@pytest.mark.parametrize("ending", ["fcs", "csv"])
def test_events_of_a_population_are_written_as_they_were_recorded(
    blockade: Path, ending: str
) -> None:
    changed(blockade, f'[flow.gating]\nexport = ["CLL", "cells"]\nformat = "{ending}"\n')
    folder = open_folder(blockade)
    files: dict[str, bytes] = {}
    run: FlowRun = process_tubes(folder, written=files)
    assert len(files) == 2 * len(run.tubes)
    counts = {(row.file, row.population): row.count for row in run.populations}
    first = run.event_files[0]
    assert first.count == counts[first.file, first.population]
    data = files[first.name]
    if ending == "csv":
        assert first.name == "events/D01_unstim_DMSO_1_CLL.csv"
        assert data.count(b"\r\n") == first.count + 1
        return
    back = fcs.read(Source.from_bytes("back.fcs", data))
    whole = fcs.read(blockade / "fcs" / first.file)
    assert len(back) == first.count
    assert [c.name for c in back.channels] == [c.name for c in whole.channels]
    assert back.spillover is not None
    recorded = {row.tobytes() for row in whole.values}
    assert all(row.tobytes() in recorded for row in back.values)


def test_a_population_that_is_not_there_cannot_be_exported(blockade: Path) -> None:
    changed(blockade, '[flow.gating]\nexport = ["CLl"]\n')
    with pytest.raises(GatingError, match=r"gating\.export names population 'CLl'") as told:
        process_tubes(open_folder(blockade), written={})
    assert told.value.hint == "Did you mean 'CLL'?"
