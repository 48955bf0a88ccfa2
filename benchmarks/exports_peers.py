"""Readers of plate exports side by side, each called in a process of its own by `plates.py`.

Nothing is imported before its own reader is asked for, so that the peer can run
under another Python, with the libraries that it pins.

    python exports_peers.py warm READER RUNS < paths     median seconds of each file
    python exports_peers.py row  READER      < paths     read one after another, once

A path stands on a line of its own, behind its vendor and a tab.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

VENDORS = {
    "agilent_gen5": "AGILENT_GEN5",
    "bmg_mars": "BMG_MARS",
    "bmg_smart_control": "BMG_LABTECH_SMART_CONTROL",
    "luminex_xponent": "LUMINEX_XPONENT",
    "moldev_softmax_pro": "MOLDEV_SOFTMAX_PRO",
    "msd_methodical_mind": "METHODICAL_MIND",
    "msd_workbench": "MSD_WORKBENCH",
    "perkinelmer_envision": "PERKIN_ELMER_ENVISION",
    "revvity_kaleido": "REVVITY_KALEIDO",
    "tecan_magellan": "TECAN_MAGELLAN",
    "thermo_skanit": "THERMO_SKANIT",
}
"""What allotropy calls the software; it has no reader for the other folders."""


def with_assays(vendor: str, path: str) -> Any:
    """Recognised by content and read, as a user's file is."""
    import plates

    return plates.read(path)


def with_allotropy(vendor: str, path: str) -> Any:
    """Read and checked against its schema, with the vendor named, which saves it the search."""
    from allotropy.parser_factory import Vendor
    from allotropy.to_allotrope import allotrope_from_file

    return allotrope_from_file(path, Vendor[VENDORS[vendor]])


READERS: dict[str, Callable[[str, str], Any]] = {
    "assays": with_assays,
    "allotropy": with_allotropy,
}


def median_seconds(read: Callable[[str, str], Any], vendor: str, path: str, runs: int) -> float:
    """Median of warm runs; NaN where the reader refuses the file."""
    taken = []
    try:
        read(vendor, path)
        for _ in range(runs):
            start = time.perf_counter()
            read(vendor, path)
            taken.append(time.perf_counter() - start)
    # A peer may fail with any error of its own; the table says that it did.
    except Exception:
        return float("nan")
    return statistics.median(taken)


def main() -> None:
    """Answer one question in JSON."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    what, name, *more = sys.argv[1:]
    files = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    if what == "warm":
        found = {p: median_seconds(READERS[name], vendor, p, int(more[0])) for vendor, p in files}
        print(json.dumps(found))
        return
    for vendor, path in files:
        READERS[name](vendor, path)
    print(json.dumps({"files": len(files)}))


if __name__ == "__main__":
    main()
