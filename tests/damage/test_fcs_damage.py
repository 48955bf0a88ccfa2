"""FCS files cut at every byte and mutated at random: only our own errors come out."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest

from assays.flow import fcs
from assays.flow.events import Channel, Events, Spillover
from plates.errors import LabError
from plates.source import Source

MUTATIONS = 3000


@pytest.fixture(scope="module")
def small() -> bytes:
    """A small file as the project writes it."""
    values = np.arange(30, dtype=np.float32).reshape(10, 3)
    channels = (
        Channel("FSC-A", None, 262144.0),
        Channel("FITC-A", "CD19", 262144.0),
        Channel("Time", None, 1024.0),
    )
    spillover = Spillover(("FSC-A", "FITC-A"), np.array([[1.0, 0.1], [0.0, 1.0]]))
    stream = io.BytesIO()
    fcs.write(stream, Events(values, channels, spillover, 0.01, {"$CYT": "Aria"}))
    return stream.getvalue()


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


def mutated(seed: int, raw: bytes) -> bytes:
    """Change, insert, drop or repeat a few bytes, mostly in HEADER and TEXT."""
    key = hashlib.sha256(f"fcs damage {seed}".encode()).digest()
    rng = np.random.default_rng(np.frombuffer(key, dtype=np.uint32))
    data = bytearray(raw)
    words = (b"0", b"-1", b"99999999", b"1e9", b"//", b"\0", b"$TOT", b"$PAR", b"\xff", b"*", b",")
    for _ in range(int(rng.integers(1, 6))):
        front = rng.random() < 0.9
        at = int(rng.integers(0, min(600, len(data)) if front else len(data)))
        action = int(rng.integers(0, 5))
        if action == 0:
            data[at] = int(rng.integers(0, 256))
        elif action == 1:
            data[at] = int(rng.integers(48, 58))
        elif action == 2:
            word = words[int(rng.integers(len(words)))]
            data[at : at + len(word)] = word
        elif action == 3:
            del data[at : at + int(rng.integers(1, 9))]
        else:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
    return bytes(data)


def test_only_our_own_errors_come_out_of_mutated_files(small: bytes) -> None:
    refused = 0
    for seed in range(MUTATIONS):
        source = Source.from_bytes("mutated.fcs", mutated(seed, small))
        for call in (
            lambda s: fcs.read(s),
            lambda s: fcs.read(s, salvage=True, scaled=False),
            fcs.count_datasets,
            fcs.read_analysis,
        ):
            try:
                call(source)
            except LabError:
                refused += 1
    assert refused > MUTATIONS // 10
