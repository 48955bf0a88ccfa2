"""One tube per condition: what a run finds, and what it owes to a declaration."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from assays.flow import fcs
from assays.flow.run import process_flow
from assays.protocol_text import parse
from assays.sample_sheet import check_files, read_samples


def test_sheet_and_truth_are_what_the_generator_describes(nfkb: Any) -> None:
    described = nfkb.script("describe")
    assert described.samples() == (nfkb.folder / "samples.csv").read_bytes()
    assert json.loads(described.truth()) == nfkb.truth


def test_the_folder_is_complete_and_small(nfkb: Any) -> None:
    files = sorted((nfkb.place / "fcs").iterdir())
    tubes = read_samples(nfkb.folder / "samples.csv")
    assert not check_files(tubes, [path.name for path in files])
    assert sum(path.stat().st_size for path in files) < 2e6


def test_gates_find_the_cells_that_were_put_in(nfkb: Any) -> None:
    rows = [row for row in nfkb.run.populations if row.population == "CLL"]
    assert len(rows) == len(nfkb.truth["tubes"])
    for row in rows:
        put_in = nfkb.truth["tubes"][row.file]["single_cells"]["CLL"]
        assert row.count == pytest.approx(put_in, rel=0.02, abs=8), row.file


def test_p_p65_rises_and_falls_with_the_true_peak_and_time(nfkb: Any) -> None:
    courses = {row.readout: row for row in nfkb.run.kinetics}
    assert {row.status for row in courses.values()} == {"ok"}
    for true in nfkb.truth["courses"]:
        row = courses[true["readout"]]
        assert row.peak_times_min[0] <= true["peak_time_min"] <= row.peak_times_min[1]
        assert row.peak == pytest.approx(true["peak"], rel=0.15)
        assert row.area_interval[0] <= true["area"] <= row.area_interval[1]


def test_the_two_sites_of_p65_are_two_readouts_with_two_potencies(nfkb: Any) -> None:
    found = {row.readout: row for row in nfkb.run.dose_responses}
    for true in nfkb.truth["ic50"]:
        row = found[true["readout"]]
        assert row.fixed == "B = 1.0, D = unstimulated"
        low, high = row.ic50_interval
        if true["ic50"] < row.doses[row.doses > 0].min():
            assert row.status == "< lowest dose" and math.isnan(row.ic50)
            assert low <= true["ic50"] <= high
        else:
            assert row.status == "ok"
            assert row.ic50 == pytest.approx(true["ic50"], rel=0.4)
    assert {row.status for row in found.values()} == {"ok", "< lowest dose"}


def test_intervals_come_from_the_declared_scatter_of_tubes(nfkb: Any) -> None:
    rows = nfkb.run.inhibition
    assert rows and {row.status for row in rows} == {"ok"}
    assert {row.interval_kind for row in rows} == {"declared tube CV (Fieller)"}
    assert {row.sd for row in nfkb.run.scatter} == {nfkb.truth["tube_cv"]}


def test_without_the_declaration_nothing_is_testable(nfkb: Any) -> None:
    protocol = parse((nfkb.folder / "assay.toml").read_text(encoding="utf-8")).flow
    assert protocol is not None
    bare = protocol.model_copy(
        update={"inhibition": protocol.inhibition.model_copy(update={"tube_cv_percent": None})}
    )
    tubes = read_samples(nfkb.folder / "samples.csv")
    run = process_flow(tubes, lambda tube: fcs.read(nfkb.place / "fcs" / tube.file), bare)
    assert {row.status for row in run.inhibition} == {"not testable"}
    assert {row.interval_kind for row in run.inhibition} == {"events only (technical)"}
