"""Spillover from real single stains, and raw spectral files told from all others."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from assays.errors import ControlError
from assays.flow import fcs
from assays.flow.correction import Correction
from assays.flow.single_stains.line import of_medians
from assays.flow.single_stains.matrix import matrix_from_controls
from assays.flow.spectral.recognise import raw_spectral
from assays.protocol import SingleStains
from assays.samples import Tube, TubeRole
from plates.errors import LabError

STAINS = ("FL1-H", "FL2-H", "FL3-H", "FL4-H")


@pytest.fixture
def flowcore(corpus: Path) -> Path:
    return corpus / "gating" / "compensation" / "from_controls" / "flowcore"


def sheet(folder: Path) -> dict[str, str]:
    with (folder / "comp_match").open(newline="") as handle:
        return {row["channel"]: row["filename"] for row in csv.DictReader(handle)}


def reference(folder: Path, name: str) -> np.ndarray:
    lines = (folder / name).read_text().splitlines()[1:]
    return np.array([[float(cell) for cell in line.split()[1:]] for line in lines])


def test_medians_of_whole_tubes_are_those_of_flowcore(flowcore: Path) -> None:
    """compref1: medians less those of the unstained tube, over the stain's own; 16 of 16."""
    files = sheet(flowcore)
    tubes = {name: fcs.read(flowcore / "data" / file) for name, file in files.items()}
    columns = [tubes["unstained"].index(name) for name in STAINS]
    dark = tubes["unstained"].values[:, columns].astype(np.float64)
    found = [
        of_medians(tubes[name].values[:, columns].astype(np.float64), dark, row).values
        for row, name in enumerate(STAINS)
    ]
    # flowCore holds single precision numbers, as these events do.
    np.testing.assert_allclose(found, reference(flowcore, "compref1"), rtol=0, atol=3e-7)


def test_gated_single_stains_agree_with_flowcore_within_their_own_errors(flowcore: Path) -> None:
    """Stained events in one scatter gate against unstained ones in the same: 16 of 16 within
    0.0025, though flowCore took whole tubes. The 7-AAD control bends, which is told."""
    tubes = [
        Tube(file, "", TubeRole.SINGLE_STAIN, stain=name)
        if name in STAINS
        else Tube(file, "", TubeRole.UNSTAINED)
        for name, file in sheet(flowcore).items()
    ]
    made = matrix_from_controls(
        tubes, lambda tube: fcs.read(flowcore / "data" / tube.file), SingleStains()
    )
    order = [made.spillover.channels.index(name) for name in STAINS]
    matrix = made.spillover.matrix[np.ix_(order, order)]
    np.testing.assert_allclose(matrix, reference(flowcore, "compref1"), rtol=0, atol=0.0025)
    assert [(f.rule, f.where) for f in made.findings] == [("residual-slope", "060909.005")]


RAW = {
    "aurora_fcs31_5l.fcs",
    "aurora_hash_delim_beads.fcs",
    "cytek_nl2000_no_final_delim.fcs",
}


def test_three_raw_spectral_files_are_recognised_and_no_other(corpus: Path) -> None:
    """Every FCS file of four corpora: the SA3800 wrote unmixed events, MACSQuants number V2, B1."""
    found, seen = set(), 0
    for folder in ("fcs", "gating", "phospho", "qc"):
        for path in sorted((corpus / folder).rglob("*")):
            if path.is_dir():
                continue
            try:
                events = fcs.read(path, events=slice(0, 1))
            except LabError:
                continue
            seen += 1
            if raw_spectral(events):
                found.add(path.name)
    assert found == RAW
    assert seen >= 105


@pytest.mark.parametrize("name", sorted(RAW))
def test_no_matrix_compensates_a_raw_spectral_file(corpus: Path, name: str) -> None:
    events = fcs.read(corpus / "fcs" / name, events=slice(0, 10))
    with pytest.raises(ControlError, match="raw spectral") as caught:
        Correction("file", None).apply(events)
    assert "detectors on" in caught.value.message and "Aurora" in caught.value.message
    assert "unmix" in caught.value.hint
    assert Correction("none", None).apply(events) is events
