"""How long a user waits: `assays --help`, an ELISA plate to tables, the demo, 96 tubes.

Run with: python -m benchmarks.journeys (the plate alone: benchmarks.inhibition.plate_to_report)
Prints seconds (median of several runs in fresh processes) and where they go.
The reference beside `--help` is the bare interpreter, in the same run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.inhibition.plate_to_report import plate_of_96

ELISA_TO_TABLES = """
import json, sys, time
start = time.perf_counter()
from assays.workflow.folder import open_folder
from assays.workflow.process import process_exports
from assays.results.run import Run
folder = open_folder(sys.argv[1])
read = time.perf_counter()
from assays.workflow.identity import provenance_of
run = process_exports(folder)
done = time.perf_counter()
from assays.reports.tables import tables_of
tables_of(Run("run", "run", provenance_of(folder), run, None))
end = time.perf_counter()
print(json.dumps({"opening": read - start, "export to concentrations": done - read,
                  "tables": end - done, "total": end - start}))
"""


def seconds_of(command: list[str], runs: int = 5) -> float:
    """Median wall seconds of a command in a fresh process, after one warm-up."""
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main() -> None:
    """Measure and print."""
    program = [sys.executable, "-m", "assays.cli"]
    bare = seconds_of([sys.executable, "-c", "pass"])
    shown = seconds_of([*program, "--help"])
    print(f"python -c pass       {bare:6.3f} s")
    print(f"assays --help        {shown:6.3f} s   (goal 0.3 on an idle core)")
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        subprocess.run([*program, "demo", place], check=True, capture_output=True)
        print(f"assays demo, first   {time.perf_counter() - start:6.2f} s")
        for run in sorted(Path(place).iterdir()):
            record = json.loads((run / "results" / "execution.json").read_text(encoding="utf-8"))
            print(f"  {run.name}")
            for stage, taken in record["seconds"].items():
                print(f"    {stage:40s} {taken:6.2f} s")
        words = [sys.executable, "-c", ELISA_TO_TABLES, str(Path(place) / "il6_elisa")]
        parts = [
            json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
            for _ in range(5)
        ]
        print("ELISA example, export to tables without figures (imports included)")
        for stage in parts[0]:
            print(f"    {stage:40s} {statistics.median(p[stage] for p in parts):6.2f} s")
        plate_of_96(Path(place) / "plate")


if __name__ == "__main__":
    main()
