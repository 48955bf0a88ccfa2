"""The example plate: its files come from its generator, and the run recovers the truth."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "il6_elisa"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("il6_elisa_generate", FOLDER / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generator_writes_the_files_of_the_example_byte_for_byte(
    generator: ModuleType, tmp_path: Path
) -> None:
    generator.regenerate(tmp_path)
    written = sorted(tmp_path.iterdir())
    assert written
    for path in written:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_the_plate_holds_what_the_example_promises(generator: ModuleType) -> None:
    wells = generator.fill()
    roles = [filled.role for filled in wells]
    assert len({filled.well for filled in wells}) == len(wells)
    assert roles.count("standard") == 16 and roles.count("qc") == 6 and roles.count("medium") == 2
    truth = json.loads((FOLDER / "truth.json").read_text())
    values = [sample["concentration_pg_ml"] for sample in truth["samples"].values()]
    low, high = truth["limits_pg_ml"]
    assert len(values) == 30
    assert sum(value < low for value in values) >= 2
    assert sum(value > high for value in values) >= 2
