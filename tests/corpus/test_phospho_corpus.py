"""Real phospho files: readings equal those that were worked out independently."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from assays.flow.compensate import compensate, read_spillover_csv
from assays.flow.events import Events
from assays.flow.fcs import read
from assays.flow.run import process_flow
from assays.flow.scales import Arcsinh
from assays.protocol import Flow
from assays.samples import Agent, Tube, TubeRole
from benchmarks.inhibition import phospho_files
from benchmarks.inhibition.check import differing


def test_every_patient_and_marker_reads_as_expected(corpus: Path) -> None:
    checks = list(phospho_files.bcr_xl(corpus))
    assert len(checks) == 5 * 10 * 13
    assert not differing(checks)


def test_receptors_are_held_against_their_isotype_in_every_channel(corpus: Path) -> None:
    checks = list(phospho_files.isotypes(corpus))
    assert len(checks) == 2 * 13 * 6
    assert not differing(checks)


def test_a_rare_population_is_read_but_told(corpus: Path) -> None:
    run, _ = phospho_files.receptors(corpus)
    rare = [row for row in run.readings if row.donor == "T_reg_naive"]
    assert {row.count for row in rare} == {191, 142}
    assert {row.status for row in rare} == {"ok"}
    assert any(f.rule == "few-events" and "191" in f.message for f in run.findings)


@pytest.fixture(scope="module")
def lsr2(corpus: Path) -> Events:
    return read(corpus / "fcs" / "lsr2_pstat3_comp_example.fcs")


def test_the_files_own_identity_matrix_changes_nothing(lsr2: Events, corpus: Path) -> None:
    # The corpus' expected events are those of the matrix in the file, an identity.
    assert lsr2.spillover is not None
    folder = corpus / "gating" / "compensation" / "applied"
    mine = compensate(lsr2, lsr2.spillover).values
    theirs = np.fromfile(folder / "test_comp_example.npy", dtype="<f8").reshape(mine.shape)
    np.testing.assert_array_equal(mine, theirs)


def test_compensated_events_spill_back_to_what_was_recorded(lsr2: Events, corpus: Path) -> None:
    folder = corpus / "gating" / "compensation" / "applied"
    spillover = read_spillover_csv(folder / "comp_complete_example.csv")
    columns = [lsr2.index(name) for name in spillover.channels]
    true = compensate(lsr2, spillover).values[:, columns].astype(np.float64)
    seen = lsr2.values[:, columns]
    np.testing.assert_allclose(true @ spillover.matrix, seen, rtol=1e-5, atol=0.05)
    assert abs(true - seen).max() > 1000


def test_the_pstat3_tube_is_gated_and_pictured(lsr2: Events, corpus: Path) -> None:
    csv_file = corpus / "gating" / "compensation" / "applied" / "comp_complete_example.csv"
    protocol = Flow.model_validate(
        {
            "compensation": "comp_complete_example.csv",
            "gates": (
                {
                    "population": "cells",
                    "method": "polygon",
                    "channels": ("FSC-A", "SSC-A"),
                    "params": {
                        "vertices": [[4e4, 0], [2e5, 0], [2e5, 1e5], [1e5, 1.2e5], [4e4, 6e4]]
                    },
                },
                {
                    "population": "T cells",
                    "parent": "cells",
                    "method": "quadrant",
                    "channels": ("CD3", "CD20"),
                    "params": {"x": 1000.0, "y": 1000.0, "quadrant": "+-"},
                },
            ),
            "readouts": ({"name": "pSTAT3", "channel": "pStat3", "population": "T cells"},),
        }
    )
    tube = Tube("lsr2_pstat3_comp_example.fcs", "1", TubeRole.STIMULATED, Agent("IL-6"))
    run = process_flow([tube], lambda _: lsr2, protocol, spillover=read_spillover_csv(csv_file))
    cells, t_cells = run.gates
    assert cells.counts.sum() == 10703
    assert t_cells.counts.sum() == cells.count > 1000
    assert t_cells.count > 100
    assert t_cells.x.marker == "CD3"
    assert "logicle" in t_cells.x.scale
    assert run.spillover is not None
    assert run.spillover.shape == (14, 14)
    assert math.isfinite(run.readings[0].median)
    assert run.readings[0].status == "no control"


def test_an_arcsinh_cut_on_the_scale_is_the_same_cut_in_original_units() -> None:
    scale = Arcsinh(5.0)
    assert scale.inverse(1.5) == pytest.approx(5 * math.sinh(1.5), rel=1e-15)
