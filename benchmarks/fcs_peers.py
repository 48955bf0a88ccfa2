"""FCS readers side by side, each called in a process of its own by `fcs.py`.

Nothing of the project is imported before its own reader is asked for, so that a
peer which wants other libraries can run under another Python.

    python fcs_peers.py time   READER RUNS DTYPE PATH [PATH …]
    python fcs_peers.py text   READER RUNS PATH
    python fcs_peers.py peak   READER DTYPE PATH WARM
    python fcs_peers.py traced READER DTYPE PATH WARM
"""

from __future__ import annotations

import io
import json
import logging
import statistics
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BEGIN = 8192
"""Byte at which DATA starts in every file of the benchmark."""


def with_fromfile(path: str, dtype: str) -> Any:
    """What no reader can avoid: the bytes, turned into native float32."""
    values = np.fromfile(path, dtype=dtype, offset=BEGIN)
    return values.astype(np.float32, copy=False)


def with_assays(path: str, dtype: str) -> Any:
    from assays.flow import fcs

    return fcs.read(path, scaled=False).values


class Swappable(np.ndarray):  # type: ignore[type-arg]
    """An array that can still turn its byte order round, as before numpy 2."""

    def newbyteorder(self, order: str = "S") -> Any:
        return self.view(self.dtype.newbyteorder(order))


def with_fcsparser(path: str, dtype: str) -> Any:
    """fcsparser, mended for numpy 2 from outside; with `dtype=None`, its fastest."""
    from fcsparser import api

    original = api.fromfile
    api.fromfile = lambda *args, **kwargs: original(*args, **kwargs).view(Swappable)
    try:
        return api.FCSParser(path, channel_naming="$PnN").data
    finally:
        api.fromfile = original


def with_flowio(path: str, dtype: str) -> Any:
    import flowio

    data = flowio.FlowData(io.BytesIO(Path(path).read_bytes()))
    return np.reshape(np.asarray(data.events, dtype=np.float32), (-1, data.channel_count))


def with_flowcal(path: str, dtype: str) -> Any:
    """FlowCal copies the bytes as they lie: the table keeps the file's byte order."""
    from FlowCal.io import FCSFile

    return FCSFile(path).data


def with_flowcal_native(path: str, dtype: str) -> Any:
    """The same, as numbers of this machine, as all other readers here give them."""
    return with_flowcal(path, dtype).astype(np.float32, copy=False)


READERS: dict[str, Callable[[str, str], Any]] = {
    "fromfile": with_fromfile,
    "assays": with_assays,
    "fcsparser": with_fcsparser,
    "FlowIO": with_flowio,
    "FlowCal": with_flowcal,
    "FlowCal, native": with_flowcal_native,
}


def text_with_assays(path: str) -> Any:
    from assays.flow import fcs

    return fcs.read_keywords(path)


def text_with_fcsparser(path: str) -> Any:
    from fcsparser import api

    return api.FCSParser(path, read_data=False).annotation


def text_with_flowio(path: str) -> Any:
    import flowio

    return flowio.FlowData(path, only_text=True).text


def text_with_flowcal(path: str) -> Any:
    """FlowCal has no call for keywords alone; these are the two that read them."""
    from FlowCal.io import read_fcs_header_segment, read_fcs_text_segment

    with Path(path).open("rb") as stream:
        header = read_fcs_header_segment(stream)
        return read_fcs_text_segment(stream, header.text_begin, header.text_end)


TEXTS: dict[str, Callable[[str], Any]] = {
    "assays": text_with_assays,
    "fcsparser": text_with_fcsparser,
    "FlowIO": text_with_flowio,
    "FlowCal": text_with_flowcal,
}


def median_seconds(call: Callable[[], Any], runs: int) -> float:
    """Median of warm runs."""
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        found = call()
        taken.append(time.perf_counter() - start)
        del found
    return statistics.median(taken[1:])


def plate(reader: Callable[[str, str], Any], dtype: str, paths: list[str]) -> None:
    for path in paths:
        reader(path, dtype)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    verb, name, *rest = sys.argv[1:]
    if verb == "time":
        runs, dtype, *paths = rest
        print(json.dumps(median_seconds(lambda: plate(READERS[name], dtype, paths), int(runs))))
    elif verb == "text":
        print(json.dumps(median_seconds(lambda: TEXTS[name](rest[1]), int(rest[0]))))
    elif verb == "traced":
        dtype, path, warm = rest
        READERS[name](warm, "<f4")
        tracemalloc.start()
        values = READERS[name](path, dtype)
        print(json.dumps([tracemalloc.get_traced_memory()[1], values.nbytes]))
    elif verb == "peak":
        dtype, path, warm = rest
        READERS[name](warm, "<f4")
        print("ready", flush=True)
        sys.stdin.readline()
        values = READERS[name](path, dtype)
        print(json.dumps(values.nbytes), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main()
