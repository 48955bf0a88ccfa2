"""The strategy that `assays init viability` writes, on tubes whose deaths are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assays.results.flow import FlowRun
from assays.workflow.demo import copy_examples
from assays.workflow.folder import open_folder
from assays.workflow.process import process_tubes
from assays.workflow.start import start


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("viability")
    return next(path for path in copy_examples(place) if path.name == "il6_viability")


@pytest.fixture(scope="module")
def run(example: Path) -> FlowRun:
    folder = example.parent / "started"
    start("viability", folder, export=example / "fcs")
    (folder / "samples.xlsx").unlink()
    shutil.copy(example / "samples.csv", folder)
    for path in (example / "fcs").iterdir():
        shutil.copy(path, folder / "fcs")
    return process_tubes(open_folder(folder))


def test_no_living_cells_are_chosen_beforehand_and_small_ones_are_kept(run: FlowRun) -> None:
    assert "live" not in {row.population for row in run.strategy}
    (cells,) = (row for row in run.strategy if row.population == "cells")
    assert cells.method == "interval" and cells.group_by == "all"
    kept = [r.percent_of_parent for r in run.populations if r.population == "cells"]
    assert min(kept) > 90


def test_the_four_quadrants_hold_every_single_cell(run: FlowRun) -> None:
    parts = ("viable", "early apoptotic", "late apoptotic", "necrotic")
    for file in {r.file for r in run.populations}:
        count = {r.population: r.count for r in run.populations if r.file == file}
        assert sum(count[name] for name in parts) == count["singlets"]


def test_protection_comes_back_where_there_is_one_and_not_where_there_is_none(
    run: FlowRun, example: Path
) -> None:
    """All single cells are read, CLL cells and others: a part of it is diluted."""
    truth = json.loads((example / "truth.json").read_text())
    dead = {
        (r.donor, r.tube.condition): r.median for r in run.readings if r.readout == "dead cells"
    }
    for donor, percent in {(one["donor"], one["percent"]) for one in truth["protection"]}:
        without = [v for (d, c), v in dead.items() if d == donor and c.startswith("unstim")]
        with_it = [
            v
            for (d, c), v in dead.items()
            if d == donor and c.startswith("IL-6") and "anti" not in c and "JAK" not in c
        ]
        found = 100 * (1 - sum(with_it) / len(with_it) / (sum(without) / len(without)))
        assert found == pytest.approx(percent, abs=6), donor
