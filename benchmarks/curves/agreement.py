"""How many independent answers of the corpus the curves agree with, by kind.

    ASSAYS_CORPUS=… python -m benchmarks.curves.agreement [--all]

Every number of an expected file that the project claims to compute is one comparison, at the
tolerance of that file. Prints sets and comparisons by kind, then those that disagree (`--all`: each
comparison). The tests in tests/corpus hold the same answers with their exceptions explained; this
is the count.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import warnings
from collections import defaultdict
from pathlib import Path

from benchmarks.curves.answers import Check
from benchmarks.curves.hard_curves import hard_real, hard_sim
from benchmarks.curves.immunoassays import drc, immunoassay
from benchmarks.curves.lines_and_limits import inverse, limits, linear
from benchmarks.curves.software_exports import software_export
from benchmarks.curves.worked_examples import potency, worked

KINDS = {
    "immunoassay": immunoassay,
    "drc": drc,
    "hard_real": hard_real,
    "hard_sim": hard_sim,
    "linear": linear,
    "inverse": inverse,
    "limits": limits,
    "potency": potency,
    "worked": worked,
    "software_export": software_export,
}


def main() -> None:
    """Compare and print."""
    folder = Path(os.environ["ASSAYS_CORPUS"]) / "curves"
    every: dict[str, dict[str, list[Check]]] = defaultdict(dict)
    with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        sets = list(csv.DictReader(file))
    for one in sets:
        check = KINDS.get(one["kind"]) or (linear if one["id"] == "nist_norris_linear" else None)
        if check is None:
            continue
        answer = json.loads((folder / one["expected"]).read_text(encoding="utf-8"))
        with (folder / one["data"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        every[one["kind"]][one["id"]] = list(check(answer, rows))
    print("kind              sets that agree   comparisons that agree")
    for kind, found in every.items():
        each = [good for checks in found.values() for _, good in checks]
        whole = sum(all(good for _, good in checks) for checks in found.values())
        print(f"{kind:16s} {whole:6d} of {len(found):3d} {sum(each):14d} of {len(each)}")
    print()
    for kind, found in every.items():
        for name, checks in found.items():
            for what, good in checks:
                if not good or "--all" in sys.argv:
                    print(f"{'agrees' if good else 'DIFFERS'}  {kind} {name}: {what}")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main()
