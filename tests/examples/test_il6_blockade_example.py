"""The simulated tubes: they repeat themselves, and the run recovers the truth behind them."""

from __future__ import annotations

import csv
import json
import math
from typing import Any

import numpy as np
import pytest

import plates
from assays.cohort.autocrine import Secreted, correlations
from assays.dose_units import spelt
from assays.elisa.run import process_elisa
from assays.flow import fcs
from assays.protocol_text import parse
from assays.sample_sheet import check_files, read_samples
from assays.workflow.secretion import read_donor_table
from plates.source import Source


def test_sheet_and_truth_are_what_the_generator_describes(blockade: Any) -> None:
    described = blockade.script("describe")
    assert described.samples() == (blockade.folder / "samples.csv").read_bytes()
    assert json.loads(described.truth()) == blockade.truth


def test_the_same_tube_is_the_same_bytes_again(blockade: Any, tmp_path: Any) -> None:
    for tube in blockade.generator.conditions()[::40]:
        fcs.write(tmp_path / tube.file, blockade.generator.tube_events(tube)[0])
        written = blockade.place / "fcs" / tube.file
        assert (tmp_path / tube.file).read_bytes() == written.read_bytes()


def test_a_tube_that_is_there_already_is_left_alone(blockade: Any) -> None:
    told = []
    folder = blockade.place / "fcs"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    blockade.generator.write(blockade.place, lambda done, total, what: told.append((done, total)))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert told[-1] == (len(before), len(before))


def test_the_folder_is_complete_and_small(blockade: Any) -> None:
    files = sorted((blockade.place / "fcs").iterdir())
    tubes = read_samples(blockade.folder / "samples.csv")
    assert not check_files(tubes, [path.name for path in files])
    assert sum(path.stat().st_size for path in files) < 15e6


def test_files_carry_the_true_spillover(blockade: Any) -> None:
    events = fcs.read(blockade.place / "fcs" / "D01_IL6_DMSO_1.fcs")
    assert events.notes == ()
    assert events.spillover is not None
    assert np.array_equal(events.spillover.matrix, blockade.generator.SPILLOVER)
    markers = {channel.marker for channel in events.channels} - {None}
    assert markers == {"CD3", "CD5", "CD19", "p-p65", "pSTAT3", "Viability"}


def test_gates_find_the_cells_that_were_put_in(blockade: Any) -> None:
    for row in blockade.run.populations:
        cells = blockade.truth["tubes"][row.file]["single_cells"]
        if row.population == "CLL":
            assert row.count == pytest.approx(cells["CLL"], rel=0.02, abs=8), row.file
        if row.population == "live":
            alive = sum(cells[kind] for kind in ("CLL", "B", "T", "myeloid"))
            assert row.count == pytest.approx(alive, rel=0.02, abs=8), row.file


def test_medians_are_those_of_the_cells_within_the_scatter_of_tubes(blockade: Any) -> None:
    off = [
        math.log(r.median / blockade.truth["tubes"][r.file]["medians"][r.readout])
        for r in blockade.run.readings
        if r.count > 500
    ]
    assert abs(float(np.mean(off))) < 0.01
    assert float(np.std(off)) == pytest.approx(blockade.truth["tube_cv"], rel=0.25)


def test_only_the_donor_without_activation_is_undefined(blockade: Any) -> None:
    undefined = {
        row.donor for row in blockade.run.inhibition if row.status not in ("ok", "few events")
    }
    assert undefined == set(blockade.truth["no_activation"]) == {"D06"}
    told = [finding for finding in blockade.run.findings if finding.rule == "no-activation"]
    assert told and all("D06" in finding.where for finding in told)


def test_positive_controls_show_that_the_silent_donor_can_respond(blockade: Any) -> None:
    assert len(blockade.run.positive_controls) == 14
    assert {row.status for row in blockade.run.positive_controls} == {"responds"}
    silent = [finding for finding in blockade.run.findings if finding.rule == "no-activation"]
    assert silent and all("these cells can respond" in finding.message for finding in silent)
    assert not any(finding.rule == "positive-control-failed" for finding in blockade.run.findings)


def test_ic50s_are_found_and_the_one_out_of_reach_is_a_bound(blockade: Any) -> None:
    found = {(row.donor, row.inhibitor, row.readout): row for row in blockade.run.dose_responses}
    assert len(found) == len(blockade.truth["ic50"]) == 6
    for expected in blockade.truth["ic50"]:
        row = found[expected["donor"], expected["inhibitor"], expected["readout"]]
        if expected["ic50"] > 1000:
            assert row.status == "> highest dose"
            assert math.isnan(row.ic50)
        else:
            assert row.status == "ok"
            assert row.ic50 == pytest.approx(expected["ic50"], rel=0.5)


def test_both_inhibitors_do_what_independence_lets_expect(blockade: Any) -> None:
    pairs = [row for row in blockade.run.inhibition if len(row.inhibitors) == 2]
    assert {row.donor for row in pairs} == {"D01", "D03"}
    for row in pairs:
        assert row.expected_hsa < row.expected_bliss
        if row.readout.startswith("pSTAT3"):
            low, high = row.excess_bliss_interval
            assert low <= 0.0 <= high


def test_a_drug_that_lowers_tonic_p_p65_blocks_less_than_it_seems(blockade: Any) -> None:
    rows = [
        row
        for row in blockade.run.inhibition
        if row.inhibitor == "JAK2 inhibitor"
        and row.readout.startswith("p-p65")
        and not math.isnan(row.percent_own_floor)
    ]
    assert len(rows) == 6
    assert np.mean([row.percent - row.percent_own_floor for row in rows]) > 4


def test_few_cells_are_told_and_too_few_give_no_number(blockade: Any) -> None:
    told = {f.where: f.observed for f in blockade.run.findings if f.rule == "few-events"}
    assert told.keys() == {"D07_IL6_JAK2i-1000_1.fcs", "D02_IL6_JAK2i-10_1.fcs"}
    assert 100 <= told["D07_IL6_JAK2i-1000_1.fcs"] < 500
    assert told["D02_IL6_JAK2i-10_1.fcs"] < 100
    lost = [row for row in blockade.run.inhibition if row.status == "few events"]
    assert {(row.donor, row.dose) for row in lost} == {("D02", "10 nM")}
    assert all(math.isnan(row.percent) for row in lost)


def test_each_arm_of_a_pair_is_held_against_the_controls_with_both_vehicles(blockade: Any) -> None:
    for row in blockade.run.inhibition:
        if len(row.inhibitors) == 2:
            assert row.control_vehicle == row.vehicle == blockade.generator.BOTH
            for arm in row.members:
                assert arm.stimulated_files == row.stimulated_files
                assert arm.unstimulated_files == row.unstimulated_files
                assert len(arm.stimulated_files) == 2


def test_loewe_is_what_the_true_curves_of_both_let_expect(blockade: Any) -> None:
    found = {
        (row.donor, row.readout): row
        for row in blockade.run.inhibition
        if not math.isnan(row.expected_loewe)
    }
    assert len(found) == len(blockade.truth["loewe"]) == 2
    for true in blockade.truth["loewe"]:
        row = found[true["donor"], true["readout"]]
        assert row.expected_loewe == pytest.approx(true["percent"], abs=8)
        assert row.expected_hsa < row.expected_loewe < row.expected_bliss


def test_differences_over_donors_are_the_true_ones_within_the_scatter_of_tubes(
    blockade: Any,
) -> None:
    """Of these donors: whom else one may expect is wider, and what the intervals are about."""
    scatter = {row.readout: row.sd for row in blockade.run.scatter}
    found = {(row.readout, row.member, row.dose): row for row in blockade.run.donors}
    mixed = 0
    for true in blockade.truth["over_donors"]:
        amount, unit = true["dose"].split(" ")
        row = found[true["readout"], true["member"], f"{amount} {spelt(unit)}"]
        assert row.n == true["donors"]
        # One treated tube and one control or more of each donor; a median of means of two donors
        # may hang on two of them.
        tube = scatter[row.readout] * math.sqrt(2.0)
        error = tube / math.sqrt(row.n)
        assert abs(row.mean - true["mean"]) < 3.5 * error
        assert abs(row.estimate - true["hodges_lehmann"]) < 3.5 * tube / math.sqrt(2.0)
        assert row.estimate_interval[0] <= true["hodges_lehmann"] <= row.estimate_interval[1]
        assert row.mean_interval[0] <= true["mean"] <= row.mean_interval[1]
        if not math.isnan(row.mixed):
            mixed += 1
            assert abs(row.mixed - true["mean"]) < 3.5 * error
            assert row.mixed_interval[0] <= true["mean"] <= row.mixed_interval[1]
    assert mixed >= 2


def test_hodges_lehmann_says_the_confidence_that_so_few_donors_attain(blockade: Any) -> None:
    attained = {row.n: 100.0 * row.confidence for row in blockade.run.donors if row.status == "ok"}
    assert attained == {4: 87.5, 5: 93.75, 7: pytest.approx(95.3125)}


def test_secretion_is_what_the_elisa_example_reports(blockade: Any) -> None:
    folder = blockade.folder.parent / "il6_elisa"
    protocol = parse((folder / "assay.toml").read_text(encoding="utf-8"))
    assert protocol.elisa is not None
    read = [("il6_plate1.txt", plates.read(folder / "il6_plate1.txt"))]
    elisa = process_elisa(read, plates.read_layout(folder / "layout.xlsx"), protocol.elisa)
    labels = {
        sample.sample: (sample.per_cells, sample.per_cells_limit, sample.qualifier)
        for plate in elisa.plates
        for sample in plate.samples
    }
    with (blockade.folder / "secretion.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["donor"] for row in rows] == [d.name for d in blockade.generator.DONORS]
    for row in rows:
        value, limit, qualifier = labels[row["elisa_sample"]]
        known = limit if qualifier else value
        told = row["concentration"]
        if not told:
            assert math.isnan(known)
            continue
        assert told.startswith("<") == (qualifier == "<")
        assert float(told.lstrip("<")) == pytest.approx(known, rel=5e-4)


def test_released_il6_goes_with_pstat3_but_not_with_p_p65(blockade: Any) -> None:
    table = Source.of(blockade.folder / "secretion.csv")
    secreted, unit = read_donor_table(table)
    assert Secreted("D06", 1.562, "<") in secreted
    rows = correlations(secreted, blockade.run, analyte="IL-6", unit=unit)
    found = {(row.readout, row.question): row for row in rows}
    assert found.keys() == {(t["readout"], t["question"]) for t in blockade.truth["correlation"]}
    for true in blockade.truth["correlation"]:
        row = found[true["readout"], true["question"]]
        assert row.spearman.n == row.pearson.n == 6
        for estimate, value in (
            (row.spearman, true["spearman"]),
            (row.pearson, true["pearson"]),
        ):
            assert estimate.interval[0] <= value <= estimate.interval[1]
            # Tubes move ranks of close neighbours, and the ELISA its concentrations, a little.
            assert estimate.coefficient == pytest.approx(value, abs=0.25)
    assert found["pSTAT3 (Y705)", "constitutive"].spearman.interval[0] > 0
    low, high = found["p-p65 (S529)", "constitutive"].spearman.interval
    assert low < 0 < high
