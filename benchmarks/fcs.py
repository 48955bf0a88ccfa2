"""Reading FCS files, beside numpy.fromfile, fcsparser and FlowIO in the same run.

Run with: python benchmarks/fcs.py [folder for the files it makes]
Prints medians of several warm runs, each reader's ratio to `numpy.fromfile` of
the same DATA bytes turned into native float32, and the peak of anonymous memory
in a fresh process, as a multiple of the table returned.
"""

from __future__ import annotations

import io
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from assays.flow import fcs

BEGIN = 8192
EVENTS, CHANNELS = 1_000_000, 20
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


def with_fromfile(path: Path, dtype: str) -> Any:
    """What no reader can avoid: the bytes, turned into native float32."""
    values = np.fromfile(path, dtype=dtype, offset=BEGIN)
    return values.astype(np.float32, copy=False)


def with_fcsparser(path: Path, dtype: str) -> Any:
    """fcsparser, mended for numpy 2 from outside as `second_engine` does."""
    from fcsparser import api

    from assays.flow.fcs.second_engine import _Swappable

    original = api.fromfile
    api.fromfile = lambda *args, **kwargs: original(*args, **kwargs).view(_Swappable)
    try:
        return api.FCSParser(str(path), channel_naming="$PnN").data
    finally:
        api.fromfile = original


def with_flowio(path: Path, dtype: str) -> Any:
    import flowio

    data = flowio.FlowData(io.BytesIO(path.read_bytes()))
    return np.reshape(np.asarray(data.events, dtype=np.float32), (-1, data.channel_count))


def with_assays(path: Path, dtype: str) -> Any:
    return fcs.read(path, scaled=False).values


READERS: dict[str, Callable[[Path, str], Any]] = {
    "fromfile": with_fromfile,
    "assays": with_assays,
    "fcsparser": with_fcsparser,
    "FlowIO": with_flowio,
}


def seconds(call: Callable[[], Any], runs: int) -> float:
    """Median of warm runs."""
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        found = call()
        taken.append(time.perf_counter() - start)
        del found
    return statistics.median(taken[1:])


def anonymous_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def peak_memory(reader: str, path: str, dtype: str) -> float:
    """Peak of anonymous memory while reading, per byte of the table; for a fresh process."""
    READERS[reader](Path(path).with_name("warm.fcs"), "<f4")
    before, peak, done = anonymous_bytes(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    values = READERS[reader](Path(path), dtype)
    peak = max(peak, anonymous_bytes())
    done.set()
    watcher.join()
    return (peak - before) / values.nbytes


def compare(folder: Path, name: str, dtype: str, top: int) -> None:
    path = folder / f"{dtype[1:]}{'be' if dtype[0] == '>' else 'le'}.fcs"
    make(path, dtype, top, EVENTS, CHANNELS)
    taken = {}
    for reader, call in READERS.items():
        # FlowIO masks number by number: one run of it is enough.
        runs = 1 if reader == "FlowIO" and dtype[1] == "u" else 7
        taken[reader] = seconds(lambda call=call: call(path, dtype), runs)
    print(f"\n{name}, {EVENTS:,} events x {CHANNELS}")
    for reader, time_s in taken.items():
        command = [sys.executable, __file__, "--peak", reader, str(path), dtype]
        peak = subprocess.run(command, capture_output=True, text=True, check=True)
        print(
            f"  {reader:10} {time_s:8.4f} s  {time_s / taken['fromfile']:6.2f} x fromfile"
            f"  peak {json.loads(peak.stdout):5.2f} x the table"
        )
    path.unlink()


def many(folder: Path) -> None:
    """A whole plate: 96 files of 50,000 events x 15, big-endian."""
    paths = [folder / f"well{n}.fcs" for n in range(96)]
    for path in paths:
        make(path, ">f4", 1 << 18, 50_000, 15)
    print("\n96 files of 50,000 events x 15, float32, big-endian")
    for reader, call in READERS.items():

        def plate(call: Callable[[Path, str], Any] = call) -> None:
            for path in paths:
                call(path, ">f4")

        time_s = seconds(plate, 5)
        print(f"  {reader:10} {time_s:8.4f} s")
    for path in paths:
        path.unlink()


def keywords(folder: Path) -> None:
    """Keywords only, of a file with 30 channels."""
    import flowio
    from fcsparser import api

    path = folder / "keywords.fcs"
    make(path, "<f4", 1 << 18, 10_000, 30)
    print("\nkeywords only, 30 channels")
    readers: dict[str, Callable[[], Any]] = {
        "assays": lambda: fcs.read_keywords(path),
        "fcsparser": lambda: api.FCSParser(str(path), read_data=False).annotation,
        "FlowIO": lambda: flowio.FlowData(str(path), only_text=True).text,
    }
    for reader, call in readers.items():
        print(f"  {reader:10} {seconds(call, 500) * 1e6:8.0f} microseconds")
    path.unlink()


def main() -> None:
    """Run all comparisons."""
    warnings.simplefilter("ignore")
    logging.disable()
    if sys.argv[1:2] == ["--peak"]:
        print(json.dumps(peak_memory(*sys.argv[2:])))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)
        make(folder / "warm.fcs", "<f4", 1 << 18, 100, 5)
        for name, (dtype, top) in CASES.items():
            compare(folder, name, dtype, top)
        many(folder)
        keywords(folder)
        (folder / "warm.fcs").unlink()


if __name__ == "__main__":
    main()
