"""Real phospho files: readings equal those that were worked out independently."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assays.flow.compensate import compensate, read_spillover_csv
from assays.flow.events import Events
from assays.flow.fcs import read
from assays.flow.run import process_flow
from assays.flow.scales import Arcsinh
from assays.protocol import Flow
from assays.results.flow import FlowRun
from assays.samples import Agent, Tube, TubeRole

MARKERS = ("pNFkB", "pp38", "pStat5", "pAkt", "pStat1", "pStat3", "pBtk", "pPlcg2", "pErk", "pS6")
ROLES = {"Ref": TubeRole.UNSTIMULATED, "BCRXL": TubeRole.STIMULATED}
DIGITS = 2e-6
"""Expected numbers are printed with six decimals."""

BCR_XL = Flow.model_validate(
    {
        "compensation": "none",
        # asinh(CD20 / 5) > 1.5 and asinh(CD3 / 5) < 2, said on the scale that was gated.
        "scales": {"default": {"method": "arcsinh", "cofactor": 5.0}},
        "gates": (
            {
                "population": "B cells",
                "method": "quadrant",
                "channels": ("CD20", "CD3"),
                "params": {"x": 1.5, "y": 2.0, "quadrant": "+-"},
                "on": "scale",
            },
        ),
        "readouts": tuple(
            {"name": marker, "channel": marker, "population": "B cells", "cofactor": 5.0}
            for marker in MARKERS
        ),
        "min_events": 1,
    }
)


@pytest.fixture(scope="module")
def bcr_xl(corpus: Path) -> FlowRun:
    folder = corpus / "phospho" / "bcr_xl"
    with (folder / "sample_table.csv").open(newline="") as handle:
        tubes = [
            Tube(
                row["file_name"],
                row["patient"],
                ROLES[row["condition"]],
                None if row["condition"] == "Ref" else Agent("BCR/FcR cross-linker"),
            )
            for row in csv.DictReader(handle)
        ]
    return process_flow(tubes, lambda tube: read(folder / tube.file), BCR_XL)


def test_every_patient_and_marker_reads_as_expected(bcr_xl: FlowRun, corpus: Path) -> None:
    with (corpus / "phospho" / "bcr_xl" / "expected_measures.csv").open(newline="") as handle:
        expected = list(csv.DictReader(handle))
    rows = {(r.donor, r.readout, r.tube.role): r for r in bcr_xl.readings}
    assert len(expected) * 2 == len(rows)
    wrong: list[Any] = []
    for line in expected:
        key = line["patient"], line["marker"]
        control = rows[(*key, TubeRole.UNSTIMULATED)]
        stimulated = rows[(*key, TubeRole.STIMULATED)]
        pairs = {
            "n_b_ref": control.count,
            "n_b_stim": stimulated.count,
            "median_raw_ref": control.median,
            "median_raw_stim": stimulated.median,
            "delta_asinh": stimulated.delta_asinh,
            "pct_pos_ref": control.percent_positive,
            "pct_pos_stim": stimulated.percent_positive,
            "ks_d": stimulated.ks_d,
            "overton_pct": stimulated.overton_percent,
            "auroc": stimulated.auroc,
        }
        wrong += [
            (*key, name, value, line[name])
            for name, value in pairs.items()
            if abs(value - float(line[name])) > DIGITS
        ]
    assert not wrong


def test_totals_are_those_of_the_files(bcr_xl: FlowRun) -> None:
    one = next(row for row in bcr_xl.populations if row.donor == "1")
    assert round(100 * one.count / one.percent_of_total) in (2739, 2838)


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
