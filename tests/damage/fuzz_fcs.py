"""Mutated FCS files, as many as wanted: only our own errors, at once, in little memory.

The tests run a seeded slice. The long run, outside CI:

    python tests/damage/fuzz_fcs.py 200000
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assays.flow import fcs
from assays.flow.events import Channel, Events, Spillover
from plates.errors import LabError
from plates.source import Source

WORDS = (
    b"0 1 -1 8 16 99999999 1e9 18446744073709551616 // / \\ * , . - x $TOT $PAR $NEXTDATA $P1B "
    b"$P1R $BYTEORD $DATATYPE 4,3,2,1 3,4,1,2 I F D A $BEGINDATA $ENDDATA SPILL $SPILLOVER"
).split()


@dataclass(frozen=True)
class Outcome:
    """What a run over many files found."""

    files: int
    refused: int
    read: int
    slowest_s: float
    """Processor time, so that a busy machine does not count."""
    largest_excess_bytes: int
    """Memory beyond three times the decoded bytes; negative when always below."""


def odd_writer() -> Any:
    """The tests' own FCS writer."""
    path = Path(__file__).parents[1] / "assays/flow/fcs/conftest.py"
    spec = importlib.util.spec_from_file_location("odd_fcs_writer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Odd


def written() -> bytes:
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


def samples() -> list[bytes]:
    """Files of every kind to start from."""
    odd = odd_writer()
    mixed = odd(
        rows=[(n, 10 * n, 100 * n) for n in range(20)],
        kind="I",
        bits=(8, 24, 16),
        order="4,3,2,1",
        ranges=(256, 1000, 4096),
        words={"$P3E": "4,1", "$P1G": "2", "$DFC1TO2": "3", "$FIL": "a//b"},
        raw_text=b"$SRC//$OP/J\xf6rg/",
        supplement=b"/EXTRA/1/",
        analysis=b"/GATE/1/",
        begin=1024,
    )
    comma = {"SPILL": "2;C1;C2;1;0,1;0;1", "$TIMESTEP": "0,01", "$P2N": "Time"}
    text = odd(rows=[(0, 0)] * 3, kind="A", bits="*", data=b"1,2 3\t4\r\n5 6 ", begin=1024)
    each = odd(
        version="FCS3.2",
        rows=[(7, 0.5, 0.1)] * 5,
        bits=(16, 32, 64),
        words={"$P1DATATYPE": "I", "$P3DATATYPE": "D"},
        begin=1024,
    )
    first = odd(words=comma, last=False, begin=1024).build()
    second = odd(kind="I", bits="10", ranges=(1024, 1024), begin=1024).build()
    whole = written()
    return [whole, mixed.build(), first + second, text.build(), each.build(), gzip.compress(whole)]


def mutated(seed: int, raw: bytes) -> bytes:
    """Change, insert, drop or repeat a few bytes, mostly in HEADER and TEXT."""
    key = hashlib.sha256(f"fcs damage {seed}".encode()).digest()
    rng = np.random.default_rng(np.frombuffer(key, dtype=np.uint32))
    data = bytearray(raw)
    for _ in range(int(rng.integers(1, 6))):
        front = rng.random() < 0.9
        at = int(rng.integers(0, min(800, len(data)) if front else len(data)))
        action = int(rng.integers(0, 7))
        if action == 0:
            data[at] = int(rng.integers(0, 256))
        elif action == 1:
            data[at] = int(rng.integers(48, 58))
        elif action == 2:
            word = WORDS[int(rng.integers(len(WORDS)))]
            data[at : at + len(word)] = word
        elif action == 3:
            del data[at : at + int(rng.integers(1, 9))]
        elif action == 4:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
        elif action == 5:
            data[at:at] = WORDS[int(rng.integers(len(WORDS)))]
        else:
            del data[-int(rng.integers(1, 60)) :]
    return bytes(data) or b"\0"


CALLS: tuple[Callable[[Source], object], ...] = (
    fcs.read,
    lambda source: fcs.read(source, 1),
    lambda source: fcs.read(source, scaled=False, salvage=True),
    fcs.count_datasets,
    fcs.read_analysis,
)


def run(files: int, *, first: int = 0, watched: bool = False) -> Outcome:
    """Read mutated files in every way; anything but our own errors goes through.

    Parameters
    ----------
    files : int
        How many.
    first : int
        Seed of the first.
    watched : bool
        Measure time and memory of each, which takes twice as long.
    """
    starts = samples()
    refused = read = 0
    slowest, excess = 0.0, -(1 << 62)
    if watched:
        tracemalloc.start()
    for seed in range(first, first + files):
        source = Source.from_bytes("mutated.fcs", mutated(seed, starts[seed % len(starts)]))
        for call in CALLS:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            begun = time.process_time()
            decoded = 0
            try:
                found = call(source)
                read += 1
                decoded = found.values.nbytes if isinstance(found, Events) else 0
                del found
            except LabError as problem:
                assert problem.where, f"seed {seed}: {problem.message}"
                refused += 1
            except Exception as problem:
                raise AssertionError(f"seed {seed}: {type(problem).__name__}") from problem
            slowest = max(slowest, time.process_time() - begun)
            peak = tracemalloc.get_traced_memory()[1] - before
            excess = max(excess, peak - 3 * decoded)
    tracemalloc.stop()
    return Outcome(files, refused, read, slowest, excess)


if __name__ == "__main__":
    outcome = run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, watched=True)
    print(outcome)
    print(
        f"{outcome.files:,} files: {outcome.read:,} reads, {outcome.refused:,} refusals, "
        f"slowest {outcome.slowest_s:.3f} s, at most "
        f"{outcome.largest_excess_bytes / 2**20:.2f} MB beyond three times the decoded bytes"
    )
