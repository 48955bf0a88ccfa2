"""Reading FCS files, beside numpy.fromfile, fcsparser, FlowIO and FlowCal in the same run.

    python benchmarks/fcs.py [folder for the files it makes]

Times are medians of warm runs in one process, the best of five processes per reader taken
in turn: what else the computer does makes a process slower, never faster. Memory is the
peak of anonymous memory while reading, as a multiple of the table returned: the larger of
two measures, what the kernel counts (`RssAnon`, sampled by another process, which may miss
a short peak) and what Python and numpy ask for (`tracemalloc`, which misses nothing of
theirs). Pages of a mapped file are not anonymous: the system drops them at will.

FlowCal copies numbers in the file's byte order; "native" adds turning them round, which the
first sum over them would do otherwise. It runs under the Python named by FLOWCAL_PYTHON
where it is not installed here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fcs_peers import BEGIN, READERS, TEXTS

EVENTS, CHANNELS = 1_000_000, 20
ROUNDS = 5
PEERS = Path(__file__).with_name("fcs_peers.py")
CASES = {
    "float32, big-endian": (">f4", 1 << 18),
    "float32, little-endian": ("<f4", 1 << 18),
    "16-bit masked, big-endian": (">u2", 1024),
    "16-bit masked, little-endian": ("<u2", 1024),
    "32-bit, little-endian": ("<u4", 1 << 32),
}


def make(path: Path, dtype: str, top: int, events: int, channels: int) -> None:
    """Write random events with a plain header."""
    kind = np.dtype(dtype)
    size = events * channels * kind.itemsize
    words = {
        "$BEGINDATA": str(BEGIN),
        "$ENDDATA": str(BEGIN + size - 1),
        "$BEGINSTEXT": "0",
        "$ENDSTEXT": "0",
        "$BEGINANALYSIS": "0",
        "$ENDANALYSIS": "0",
        "$BYTEORD": "4,3,2,1" if dtype[0] == ">" else "1,2,3,4",
        "$DATATYPE": "F" if kind.kind == "f" else "I",
        "$MODE": "L",
        "$NEXTDATA": "0",
        "$PAR": str(channels),
        "$TOT": str(events),
    }
    for n in range(1, channels + 1):
        words |= {f"$P{n}B": str(8 * kind.itemsize), f"$P{n}E": "0,0"}
        words |= {f"$P{n}N": f"C{n}", f"$P{n}R": str(top)}
    text = "/".join(("", *(token for pair in words.items() for token in pair), "")).encode()
    end = BEGIN + size - 1 if BEGIN + size <= 99_999_999 else 0
    fields = (58, 57 + len(text), BEGIN if end else 0, end, 0, 0)
    front = b"FCS3.0    " + b"".join(b"%8d" % field for field in fields) + text
    rng = np.random.default_rng(20)
    values = rng.integers(0, 60_000, events * channels).astype(kind)
    path.write_bytes(front.ljust(BEGIN) + values.tobytes())


def python_of(reader: str) -> str:
    return (
        os.environ.get("FLOWCAL_PYTHON", sys.executable) if "FlowCal" in reader else sys.executable
    )


def ask(verb: str, reader: str, *rest: object) -> float:
    command = [python_of(reader), str(PEERS), verb, reader, *map(str, rest)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def in_turn(verb: str, readers: Sequence[str], *rest: object) -> dict[str, float]:
    """Seconds by reader: each gets its turn in every round."""
    taken: dict[str, list[float]] = {reader: [] for reader in readers}
    for _ in range(ROUNDS):
        for reader in readers:
            taken[reader].append(ask(verb, reader, *rest))
    return {reader: min(found) for reader, found in taken.items()}


def peak_memory(reader: str, dtype: str, path: Path, warm: Path) -> float:
    """Peak of anonymous memory while reading, per byte of the table."""
    rest = [reader, dtype, str(path), str(warm)]
    traced = subprocess.run(
        [python_of(reader), str(PEERS), "traced", *rest], capture_output=True, text=True, check=True
    )
    asked, size = json.loads(traced.stdout)
    child = subprocess.Popen(
        [python_of(reader), str(PEERS), "peak", *rest],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    before = peak = anonymous_bytes(child.pid)
    child.stdin.write("\n")
    child.stdin.flush()
    os.set_blocking(child.stdout.fileno(), False)
    while not child.stdout.readline():
        peak = max(peak, anonymous_bytes(child.pid))
    peak = max(peak, anonymous_bytes(child.pid))
    child.communicate("\n")
    return float(max(asked, peak - before) / size)


def anonymous_bytes(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def one_file(folder: Path, readers: Sequence[str], name: str, dtype: str, top: int) -> None:
    path = folder / "one.fcs"
    make(path, dtype, top, EVENTS, CHANNELS)
    taken: dict[str, float] = {}
    # FlowIO masks number by number: one run of it is enough.
    slow = [reader for reader in readers if reader == "FlowIO" and dtype[1] == "u"]
    taken |= in_turn("time", [r for r in readers if r not in slow], 7, dtype, path)
    taken |= {reader: ask("time", reader, 1, dtype, path) for reader in slow}
    print(f"\n{name}, {EVENTS:,} events x {CHANNELS}")
    for reader in readers:
        peak = peak_memory(reader, dtype, path, folder / "warm.fcs")
        print(
            f"  {reader:16} {taken[reader]:8.4f} s  {taken[reader] / taken['fromfile']:7.2f} x"
            f" fromfile  peak {peak:5.2f} x the table",
            flush=True,
        )
    path.unlink()


def many_files(folder: Path, readers: Sequence[str]) -> None:
    """A whole plate: 96 files of 50,000 events x 15, big-endian."""
    paths = [folder / f"well{n}.fcs" for n in range(96)]
    for path in paths:
        make(path, ">f4", 1 << 18, 50_000, 15)
    print("\n96 files of 50,000 events x 15, float32, big-endian")
    for reader, time_s in in_turn("time", readers, 5, ">f4", *paths).items():
        print(f"  {reader:16} {time_s:8.4f} s", flush=True)
    for path in paths:
        path.unlink()


def keywords(folder: Path, readers: Sequence[str]) -> None:
    """Keywords only, of a file with 30 channels."""
    path = folder / "keywords.fcs"
    make(path, "<f4", 1 << 18, 10_000, 30)
    print("\nkeywords only, 30 channels")
    asked = [reader for reader in readers if reader in TEXTS]
    for reader, time_s in in_turn("text", asked, 500, path).items():
        print(f"  {reader:16} {time_s * 1e6:8.0f} microseconds", flush=True)
    path.unlink()


def there(folder: Path) -> list[str]:
    """Readers that can be run; the others are named."""
    found = []
    for reader in READERS:
        try:
            ask("time", reader, 1, "<f4", folder / "warm.fcs")
            found.append(reader)
        except (subprocess.CalledProcessError, OSError):
            print(f"{reader} is not installed under {python_of(reader)}; left out")
    return found


def main() -> None:
    """Run all comparisons."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)
        warm = folder / "warm.fcs"
        make(warm, "<f4", 1 << 18, 100, 5)
        readers = there(folder)
        for name, (dtype, top) in CASES.items():
            one_file(folder, readers, name, dtype, top)
        many_files(folder, readers)
        keywords(folder, readers)
        warm.unlink()


if __name__ == "__main__":
    main()
