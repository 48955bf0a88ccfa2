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
    for readout in ("pSTAT3 (Y705) / STAT3", "pSTAT3 (Y705) / STAT3, per cell"):
        assert off(readout) == pytest.approx(math.sqrt(2) * own, rel=0.3)


def test_a_cells_own_total_takes_out_what_cells_differ_in(signalling: Any) -> None:
    """Tyr705 of a cell goes with its STAT3: their ratio differs less from cell to cell."""
    own = {row.readout: row for row in signalling.run.readings if row.file == "D01_IL6-10_1.fcs"}
    per_cell, medians = own["pSTAT3 (Y705) / STAT3, per cell"], own["pSTAT3 (Y705) / STAT3"]
    assert per_cell.median == pytest.approx(medians.median, rel=0.03)
    assert per_cell.median_se / per_cell.median < 0.9 * medians.median_se / medians.median
    # Only cells that each have a number have a distribution.
    assert per_cell.ks_d > 0.9 and math.isnan(medians.ks_d)


def test_the_two_sites_of_stat3_are_two_readouts_and_ser727_stays_silent(signalling: Any) -> None:
    own = [row for row in signalling.run.inhibition if row.readout == "pSTAT3 (S727)"]
    assert own
    assert {row.status for row in own} == {"no activation: inhibition undefined"}
    assert all(math.isnan(row.percent) for row in own)


def test_ikba_falls_and_comes_back_while_tyr705_rises(signalling: Any) -> None:
    courses = {(row.donor, row.readout): row for row in signalling.run.kinetics}
    for true in signalling.truth["courses"]:
        row = courses[true["donor"], true["readout"]]
        assert row.status == "ok"
        assert (true["peak"] < 0) == (true["readout"] == "IkBa (total)") == (row.peak < 0)
        assert row.peak_times_min[0] <= true["peak_time_min"] <= row.peak_times_min[1]
    assert courses["D01", "pSTAT3 (S727)"].status == "no activation"


def test_the_antibody_moves_the_dose_response_to_the_right_and_nothing_else(
    signalling: Any,
) -> None:
    rows = {row.readout: row for row in signalling.run.shifts}
    for readout in signalling.script("describe").ANSWERING:
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
        assert row.threshold_from == "isotype"
        found.setdefault(row.donor, []).append(row.percent_positive)
    assert min(found["D01"]) > 99
    assert max(found["D06"]) < 20


def test_beads_make_a_straight_line(signalling: Any) -> None:
    assert len(signalling.run.calibrations) == 2
    for line, beads in zip(
        signalling.run.calibrations, signalling.generator.CALIBRATIONS, strict=True
    ):
        assert (line.channel, line.unit) == (beads.marker, beads.unit)
        assert line.status == "ok" and line.slope == pytest.approx(1.0, abs=0.01)
        assert [peak.assigned for peak in line.peaks] == list(beads.values)
        assert all(peak.fitted == pytest.approx(peak.assigned, rel=0.03) for peak in line.peaks)


def test_medians_become_the_molecules_that_were_put_on_the_cells(signalling: Any) -> None:
    """Antibodies bound (ABC) to CD126, and dye (MESF) on Tyr705, over three tubes each."""
    made = signalling.generator
    tube = {"CD126": made.STAINING_CV}
    tube["pSTAT3 (Y705)"] = math.hypot(made.STAINING_CV, made.PERMEABILITY_CV)
    for true in signalling.truth["molecules"]:
        rows = [
            row
            for row in signalling.run.readings
            if (row.donor, row.readout) == (true["donor"], true["readout"])
            and row.tube.role in (TubeRole.UNSTIMULATED, TubeRole.STIMULATED)
            and (row.tube.stimulus.dose if row.tube.stimulus else 0.0) == true["il6_ng_ml"]
            and row.tube.time_min in (None, made.USUAL_TIME)
        ]
        assert len(rows) == 3
        assert {row.calibrated_unit for row in rows} == {true["unit"]}
        mean = math.fsum(row.calibrated for row in rows) / len(rows)
        events = math.fsum(row.median_se / row.median for row in rows) / len(rows)
        # The line through the beads adds a little, most where cells are dimmer than they.
        error = math.hypot(tube[true["readout"]], events) / math.sqrt(3)
        assert mean == pytest.approx(true["molecules"], rel=3.5 * error + 0.02), true


def test_dimmer_than_the_beads_is_told(signalling: Any) -> None:
    """D06 has next to no receptor."""
    told = {f.where for f in signalling.run.findings if f.rule == "beyond-the-beads"}
    assert "beads on CD126" in told
