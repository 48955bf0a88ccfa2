"""The bundled example of three plates, held against the truth behind it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import plates
from assays.elisa.run import process_elisa
from assays.protocol_text import parse
from assays.results.elisa import ElisaRun, RangeStatus, Verdict

FOLDER = Path(__file__).parents[2] / "examples" / "il6_plates"


@pytest.fixture(scope="module")
def run() -> ElisaRun:
    protocol = parse((FOLDER / "assay.toml").read_text(encoding="utf-8"))
    assert protocol.elisa is not None
    exports = [(path.name, plates.read(path)) for path in sorted(FOLDER.glob("il6_plate*.txt"))]
    return process_elisa(exports, plates.read_layout(FOLDER / "layout.xlsx"), protocol.elisa)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
    return found


def test_the_files_are_what_the_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location("il6_plates_generate", FOLDER / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for name, content in module.files().items():
        if not name.endswith(".xlsx"):
            assert content == (FOLDER / name).read_bytes(), name


def test_every_plate_is_accepted_by_the_laboratorys_own_rules(run: ElisaRun) -> None:
    assert run.verdict == Verdict.ACCEPTED
    assert run.rule_set == "own rules"
    assert [plate.plate for plate in run.plates] == ["Plate 1", "Plate 2", "Plate 3"]


def test_concentrations_come_back_within_their_intervals(
    run: ElisaRun, truth: dict[str, Any]
) -> None:
    inside = total = 0
    for plate, values, weak in zip(
        run.plates, truth["samples"], truth["weak_standard"], strict=True
    ):
        for sample in plate.samples:
            if sample.sample in values and sample.status == RangeStatus.OK and not sample.spike:
                expected = values[sample.sample] / weak
                assert sample.concentration == pytest.approx(expected, rel=0.15), sample.sample
                inside += sample.interval[0] <= expected <= sample.interval[1]
                total += 1
    assert total > 40
    assert inside >= 0.88 * total


def test_the_weak_standard_of_plate_3_shows_in_the_bridge(run: ElisaRun) -> None:
    second, third = run.bridges
    assert second.interval[0] < 1 < second.interval[1]
    assert third.interval[0] < 1 / 0.91 < third.interval[1]
    assert third.alike
    assert "bridge-shift" in [finding.rule for finding in run.findings]
    assert {pair.sample for pair in third.pairs} >= {"Pool A", "Pool B", "Pool C", "Pool D"}
    for one in run.precision:
        assert one.intra_cv_percent < 6
        assert one.inter_cv_percent > 4


def test_series_spikes_and_zeros_say_what_was_put_in(run: ElisaRun, truth: dict[str, Any]) -> None:
    first, second, _ = run.plates
    (series,) = first.dilutions
    assert series.mean == pytest.approx(truth["series_pg_ml"][series.sample], rel=0.06)
    assert series.parallel and series.linear
    assert series.f_p_value > 0.01
    (matrix,) = second.dilutions
    assert matrix.linear is False
    assert matrix.slope_interval[0] > 0
    for spike in first.spikes:
        low, high = spike.interval
        assert low < truth["spike_recovery_percent"][spike.sample] < high
    assert first.limits.lod_source == "mean + 2 SD of 10 zeros"
    assert second.limits.lod_source.startswith("from the curve")
    assert run.range is not None
    assert (run.range.lloq, run.range.uloq) == (3.125, 200.0)


def test_amounts_are_per_million_cells_and_hour(run: ElisaRun) -> None:
    sample = next(each for each in run.plates[0].samples if each.sample == "CLL-05")
    assert sample.labels is not None
    cells = float(sample.labels["cell_density"].split()[0])
    assert sample.per_cells_unit == "pg/10⁶ cells/h"
    assert sample.per_cells == pytest.approx(sample.concentration * 1e6 / cells / 24)
    assert sample.per_cells_factor == pytest.approx(1e6 / cells / 24)
