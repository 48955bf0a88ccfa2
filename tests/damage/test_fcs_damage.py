"""FCS files cut at every byte and mutated at random: only our own errors come out."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from assays.flow import fcs
from plates.errors import LabError
from plates.source import Source

MUTATIONS = 3000


def fuzz() -> ModuleType:
    """The long run beside this file, of which a slice is tested here."""
    spec = importlib.util.spec_from_file_location(
        "fuzz_fcs", Path(__file__).with_name("fuzz_fcs.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def small() -> bytes:
    """A small file as the project writes it."""
    found = fuzz().written()
    assert isinstance(found, bytes)
    return found


def test_a_file_cut_at_any_byte_is_refused_or_whole(small: bytes) -> None:
    whole = fcs.read(Source.from_bytes("whole.fcs", small)).values
    for length in range(1, len(small)):
        source = Source.from_bytes("cut.fcs", small[:length])
        try:
            events = fcs.read(source)
        except LabError as problem:
            assert problem.where.startswith("cut.fcs")
            continue
        # Only the checksum after DATA may go.
        assert length >= len(small) - 8
        assert np.array_equal(events.values, whole)


def test_salvage_of_a_cut_file_returns_its_first_events(small: bytes) -> None:
    whole = fcs.read(Source.from_bytes("whole.fcs", small)).values
    for length in range(len(small) - 8 - whole.nbytes, len(small) - 8):
        events = fcs.read(Source.from_bytes("cut.fcs", small[:length]), salvage=True)
        assert np.array_equal(events.values, whole[: len(events)])
        assert len(events) + events.missing == len(whole)


def test_only_our_own_errors_come_out_of_mutated_files() -> None:
    outcome = fuzz().run(MUTATIONS)
    assert outcome.refused > MUTATIONS // 10
    assert outcome.read > MUTATIONS // 10


def test_a_mutated_file_takes_no_more_memory_than_its_events() -> None:
    assert fuzz().run(120, first=MUTATIONS, watched=True).largest_excess_bytes < 16 << 20
