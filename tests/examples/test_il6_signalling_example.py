"""Receptor, dose and time: what the second panel of the example finds."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from assays.flow import fcs
from assays.sample_sheet import check_files, read_samples
from assays.samples import TubeRole


def test_sheet_and_truth_are_what_the_generator_describes(signalling: Any) -> None:
    described = signalling.script("describe")
    assert described.samples() == (signalling.folder / "samples.csv").read_bytes()
    assert json.loads(described.truth()) == signalling.truth


def test_the_folder_is_complete_and_small(signalling: Any) -> None:
    files = sorted((signalling.place / "fcs").iterdir())
    tubes = read_samples(signalling.folder / "samples.csv")
    assert not check_files(tubes, [path.name for path in files])
    assert sum(path.stat().st_size for path in files) < 6e6


def test_files_do_not_tell_the_spillover_and_single_stains_do(signalling: Any) -> None:
    assert fcs.read(signalling.place / "fcs" / "D01_unstim_1.fcs").spillover is None
    found = signalling.run.spillover
    names = [each.name for each in signalling.generator.DETECTORS]
    order = [names.index(channel) for channel in signalling.run.spillover_channels]
    truth = np.array(signalling.truth["spillover"])[np.ix_(order, order)]
    # Medians of beads: within 0.002 of the signal.
    assert np.abs(found - truth).max() < 0.002


def test_gates_find_the_cells_that_were_put_in(signalling: Any) -> None:
    tubes = signalling.truth["tubes"]
    rows = [row for row in signalling.run.populations if row.population == "CLL"]
    assert {row.file for row in rows} >= set(tubes)
    for row in rows:
        if row.file in tubes:
            put_in = tubes[row.file]["single_cll_cells"]
            assert put_in >= 500
            assert row.count == pytest.approx(put_in, rel=0.02, abs=8), row.file


def test_tyr705_is_positive_above_the_fmo_tube_of_its_donor(signalling: Any) -> None:
    rows = [
        row
        for row in signalling.run.readings
        if row.readout == "pSTAT3 (Y705)" and row.tube.role != TubeRole.FMO
    ]
    assert {row.threshold_from for row in rows} == {"fmo"}
    assert all(row.threshold_control == f"{row.donor}_IL6-10_fmo.fcs" for row in rows)
    driven = [row for row in rows if row.tube.role == TubeRole.STIMULATED and row.donor != "D06"]
    assert all(row.percent_positive > 95 for row in driven)


def test_total_stat3_takes_out_what_tubes_share(signalling: Any) -> None:
    """What differs in permeability goes with both dyes, and leaves their ratio."""

    def off(readout: str) -> float:
        logs = [
            math.log(row.median / signalling.truth["tubes"][row.file]["medians"][readout])
            for row in signalling.run.readings
            if row.readout == readout and row.file in signalling.truth["tubes"]
            and row.tube.role in (TubeRole.STIMULATED, TubeRole.TREATED)
        ]  # fmt: skip
        return float(np.std(logs))

    shared, own = signalling.generator.PERMEABILITY_CV, signalling.generator.STAINING_CV
    assert off("pSTAT3 (Y705)") == pytest.approx(math.hypot(shared, own), rel=0.3)
    assert off("pSTAT3 (Y705) / STAT3") == pytest.approx(math.sqrt(2) * own, rel=0.3)


def test_the_two_sites_of_stat3_are_two_readouts_and_ser727_stays_silent(signalling: Any) -> None:
    own = [row for row in signalling.run.inhibition if row.readout == "pSTAT3 (S727)"]
    assert own
    assert {row.status for row in own} == {"no activation: inhibition undefined"}
    assert all(math.isnan(row.percent) for row in own)


def test_ikba_falls_and_comes_back_while_tyr705_rises(signalling: Any) -> None:
    courses = {(row.donor, row.readout): row for row in signalling.run.kinetics}
    for readout, sign in (("pSTAT3 (Y705)", 1), ("IkBa (total)", -1)):
        row = courses["D01", readout]
        assert row.status == "ok"
        assert sign * row.peak > 0
        assert row.peak_times_min[0] <= 15.0 <= row.peak_times_min[1]
    assert courses["D01", "pSTAT3 (S727)"].status == "no activation"


def test_the_antibody_moves_the_dose_response_to_the_right_and_nothing_else(
    signalling: Any,
) -> None:
    rows = {row.readout: row for row in signalling.run.shifts}
    for readout in ("pSTAT3 (Y705)", "pSTAT3 (Y705) / STAT3", "IkBa (total)"):
        row = rows[readout]
        assert row.status == "ok" and row.schild_unit == "mol/L"
        assert [moved.status for moved in row.moved] == ["ok", "ok"]
        assert row.tops_p > 0.05 and row.schild.slope_p > 0.05
    assert rows["pSTAT3 (S727)"].status == "no response"


def test_the_donor_that_does_not_answer_has_next_to_no_receptor(signalling: Any) -> None:
    found: dict[str, list[float]] = {}
    for row in signalling.run.readings:
        if row.readout != "CD126" or row.tube.role == TubeRole.ISOTYPE:
            continue
        assert row.threshold_from == "isotype" and row.calibrated_unit == "ABC"
        truth = signalling.truth["tubes"][row.file]["medians"]["CD126"]
        molecules = truth * signalling.truth["molecules_per_unit"]
        assert row.calibrated == pytest.approx(molecules, rel=0.15), row.file
        found.setdefault(row.donor, []).append(row.percent_positive)
    assert min(found["D01"]) > 99
    assert max(found["D06"]) < 20
    silent = {f.where for f in signalling.run.findings if f.rule == "beyond-the-beads"}
    assert silent == {"beads on CD126"}


def test_beads_make_a_straight_line(signalling: Any) -> None:
    (line,) = signalling.run.calibrations
    assert line.status == "ok" and line.slope == pytest.approx(1.0, abs=0.01)
    assert [peak.assigned for peak in line.peaks] == list(signalling.generator.BEAD_VALUES)
    assert all(peak.fitted == pytest.approx(peak.assigned, rel=0.03) for peak in line.peaks)
