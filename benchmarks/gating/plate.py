"""Tubes of a plate read, compensated, gated and measured; and the Gating-ML suite.

    python plate.py ours|peers plate FOLDER     (FOLDER: see `blockade_plate.py`)
    python plate.py ours|peers suite FOLDER     (FOLDER: corpus/gating/gatingml20)

Both programs read the same Gating-ML 2.0 file: eight gates, three of them on logicle
scales and compensated by the matrix in each FCS file. Prints the counts and medians as a
check, and the seconds of the wall clock and of the processor.
"""

from __future__ import annotations

import csv
import json
import sys
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

GATES = Path(__file__).parent / "eight_gates.xml"
MEASURED = ("Alexa Fluor 647-A", "PE-A")
"""pSTAT3 and p-p65."""
LAST = "CLL"


def strategy_by_assays() -> Any:
    from assays.flow.exchange import gatingml

    return gatingml.read(GATES)


def strategy_by_flowkit() -> Any:
    import flowkit

    return flowkit.parse_gating_xml(str(GATES))


def tube_by_assays(path: Path, strategy: Any) -> tuple[int, list[float]]:
    import numpy as np

    from assays.flow import fcs
    from assays.flow.compensate import compensate

    events = fcs.read(path)
    member = strategy.apply(events)[LAST].mask
    assert events.spillover is not None
    cells = compensate(events, events.spillover)
    medians = [float(np.median(cells.column(name)[member])) for name in MEASURED]
    return int(member.sum()), medians


def tube_by_flowkit(path: Path, strategy: Any) -> tuple[int, list[float]]:
    import flowkit
    import numpy as np

    sample = flowkit.Sample(str(path))
    found = strategy.gate_sample(sample)
    member = found.get_gate_membership(LAST)
    sample.apply_compensation(sample.metadata["spillover"])
    medians = [
        float(np.median(sample.get_channel_events(name, "comp")[member])) for name in MEASURED
    ]
    return int(member.sum()), medians


def plate(who: str, folder: Path) -> dict[str, Any]:
    tube = tube_by_assays if who == "ours" else tube_by_flowkit
    # By the sample sheet: a folder that was kept may hold files of an older plate too.
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as handle:
        files = sorted(folder / "fcs" / row["file"] for row in csv.DictReader(handle))
    strategy = strategy_by_assays() if who == "ours" else strategy_by_flowkit()
    tube(files[0], strategy)  # imports, and the file system's cache
    start, before = time.perf_counter(), time.process_time()
    found = [tube(path, strategy) for path in files]
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    counts, medians = zip(*found, strict=True)
    return {"seconds": seconds, "cpu": cpu, "tubes": len(files), "counts": counts,
            "medians": medians}  # fmt: skip


def suite(who: str, folder: Path) -> dict[str, Any]:
    cases = defaultdict(list)
    with (folder / "index.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            cases[row["gml"]].append((row["gate_id"], int(row["inside"])))
    best, cpu, agreed = float("inf"), float("inf"), 0
    for _ in range(3):
        start, before = time.perf_counter(), time.process_time()
        agreed = sum(_suite_by_assays(folder, cases) if who == "ours" else
                     _suite_by_flowkit(folder, cases))  # fmt: skip
        best = min(best, time.perf_counter() - start)
        cpu = min(cpu, time.process_time() - before)
    return {"seconds": best, "cpu": cpu, "agreed": agreed, "cases": sum(map(len, cases.values()))}


def _suite_by_assays(folder: Path, cases: Any) -> list[bool]:
    from assays.flow import fcs
    from assays.flow.exchange import gatingml

    events = fcs.read(folder / "data1.fcs")
    found = [(gatingml.read(folder / "gml" / f).apply(events), gates) for f, gates in cases.items()]
    return [one[name].count == inside for one, gates in found for name, inside in gates]


def _suite_by_flowkit(folder: Path, cases: Any) -> list[bool]:
    import flowkit

    sample = flowkit.Sample(str(folder / "data1.fcs"))
    found = [
        (flowkit.parse_gating_xml(str(folder / "gml" / f)).gate_sample(sample), gates)
        for f, gates in cases.items()
    ]
    return [int(one.get_gate_membership(n).sum()) == inside for one, gates in found
            for n, inside in gates]  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    who, what, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    print(json.dumps(plate(who, folder) if what == "plate" else suite(who, folder)))
