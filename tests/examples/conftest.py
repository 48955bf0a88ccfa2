"""The example runs of flow cytometry, simulated and processed once for all tests here."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assays.flow import fcs
from assays.flow.run import process_flow
from assays.protocol_text import parse
from assays.results.flow import FlowRun
from assays.sample_sheet import read_samples

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A bundled run, its simulated tubes, what a run finds, and the truth behind it."""

    folder: Path
    """In the repository."""
    place: Path
    """Where its FCS files were written."""
    generator: ModuleType
    truth: dict[str, Any]
    run: FlowRun

    def script(self, name: str) -> ModuleType:
        return load(self.folder, name)


def load(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{folder.name}_{name}", folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def process(name: str, place: Path) -> Example:
    folder = EXAMPLES / name
    generator = load(folder, "generate")
    generator.write(place)
    protocol = parse((folder / "assay.toml").read_text(encoding="utf-8"))
    assert protocol.flow is not None
    tubes = read_samples(folder / "samples.csv")
    run = process_flow(tubes, lambda tube: fcs.read(place / "fcs" / tube.file), protocol.flow)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Example(folder, place, generator, truth, run)


@pytest.fixture(scope="session")
def blockade(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return process("il6_blockade", tmp_path_factory.mktemp("il6_blockade"))


@pytest.fixture(scope="session")
def signalling(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return process("il6_signalling", tmp_path_factory.mktemp("il6_signalling"))


@pytest.fixture(scope="session")
def viability(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return process("il6_viability", tmp_path_factory.mktemp("il6_viability"))


@pytest.fixture(scope="session")
def nfkb(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return process("il6_nfkb", tmp_path_factory.mktemp("il6_nfkb"))
