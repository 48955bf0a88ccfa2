"""The example plate: its files come from its generator, and the run recovers the truth."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import plates
from assays.elisa.run import process_elisa
from assays.protocol_text import parse
from assays.results.elisa import ElisaRun, RangeStatus, Verdict

FOLDER = Path(__file__).parents[2] / "examples" / "il6_elisa"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("il6_elisa_generate", FOLDER / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "truth.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def run() -> ElisaRun:
    protocol = parse((FOLDER / "assay.toml").read_text(encoding="utf-8"))
    assert protocol.elisa is not None
    export = plates.read(FOLDER / "il6_plate1.txt")
    layout = plates.read_layout(FOLDER / "layout.xlsx")
    return process_elisa([("il6_plate1.txt", export)], layout, protocol.elisa)


def test_the_generator_writes_the_files_of_the_example(
    generator: ModuleType, tmp_path: Path
) -> None:
    generator.regenerate(tmp_path)
    written = sorted(tmp_path.iterdir())
    assert len(written) == 3
    for path in written:
        if path.suffix == ".xlsx":
            # Another zlib packs the same workbook into other bytes.
            made, shipped = plates.read_layout(path), plates.read_layout(FOLDER / path.name)
            assert made.contents == shipped.contents
        else:
            assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_the_generator_repeats_itself_byte_for_byte(generator: ModuleType) -> None:
    assert generator.files() == generator.files()


def test_the_plate_holds_what_the_example_promises(
    generator: ModuleType, truth: dict[str, Any]
) -> None:
    wells = generator.fill()
    roles = [filled.role for filled in wells]
    assert len({filled.well for filled in wells}) == len(wells)
    assert roles.count("standard") == 16
    assert roles.count("qc") == 6
    assert roles.count("medium") == 2
    values = [sample["concentration_pg_ml"] for sample in truth["samples"].values()]
    low, high = truth["limits_pg_ml"]
    assert len(values) == 30
    assert sum(value < low for value in values) >= 2
    assert sum(value > high for value in values) >= 2


def test_concentrations_hold_the_truth_about_as_often_as_their_intervals_claim(
    run: ElisaRun, truth: dict[str, Any]
) -> None:
    results = [
        s for s in run.plates[0].samples if s.status == RangeStatus.OK and s.sample[0] == "C"
    ]
    inside = 0
    for result in results:
        value = truth["samples"][result.sample]["concentration_pg_ml"]
        assert result.concentration == pytest.approx(value, rel=0.15), result.sample
        inside += result.interval[0] <= value <= result.interval[1]
    assert len(results) >= 22
    # 95 % intervals: fewer than 85 % of some 25 would happen once in thirty such plates.
    assert inside >= 0.85 * len(results)


def test_samples_outside_the_limits_are_limits_and_not_numbers(
    run: ElisaRun, truth: dict[str, Any]
) -> None:
    low, high = truth["limits_pg_ml"]
    seen = set()
    for result in run.plates[0].samples:
        if result.sample not in truth["samples"]:
            continue
        value = truth["samples"][result.sample]["concentration_pg_ml"] / result.dilution_factor
        if value < 0.9 * low or value > 1.1 * high:
            assert result.concentration != result.concentration, result.sample
            assert result.qualifier == ("<" if value < low else ">")
            seen.add(result.qualifier)
    assert seen == {"<", ">"}


def test_the_short_well_is_told_and_the_bubble_stays_out_of_the_curve(run: ElisaRun) -> None:
    plate = run.plates[0]
    by_name = {(s.sample, s.dilution_factor): s for s in plate.samples}
    assert by_name["CLL-12", 1.0].status == RangeStatus.HIGH_CV
    assert [str(well) for level in plate.standards for well in level.excluded] == ["E2"]
    assert plate.curve_with_excluded is not None
    assert run.verdict == Verdict.ACCEPTED


def test_the_diluted_series_agrees_with_itself(run: ElisaRun, truth: dict[str, Any]) -> None:
    series = {s.dilution_factor: s for s in run.plates[0].samples if s.sample == "CLL-30"}
    assert series[2.0].status == RangeStatus.ABOVE_ULOQ
    value = truth["samples"]["CLL-30"]["concentration_pg_ml"]
    for factor in (4.0, 8.0):
        assert series[factor].concentration == pytest.approx(value, rel=0.1)
        assert series[factor].per_cells == pytest.approx(series[factor].concentration / 2, rel=1e-9)


def test_a_culture_that_was_given_il6_tells_nothing_of_its_own(
    run: ElisaRun, truth: dict[str, Any]
) -> None:
    withdrawn = [s for s in run.plates[0].samples if s.sample in truth["withdrawn"]]
    assert len(withdrawn) == 1
    assert withdrawn[0].concentration != withdrawn[0].concentration
    told = [f for f in run.findings if f.rule == "analyte-added"]
    assert len(told) == 1 and truth["withdrawn"][0] in told[0].message
