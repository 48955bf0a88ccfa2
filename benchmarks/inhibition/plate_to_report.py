"""A plate of 96 tubes from FCS files to the full report, on one core and on two.

    python -m benchmarks.inhibition.plate_to_report [FOLDER]

The files (`benchmarks/gating/blockade_plate.py`: 50,000 events on 12 channels, eight automatic
gates) are written to FOLDER, else to a temporary one. Prints the seconds of the wall clock, of the
processor and of every stage, how often progress was told, the largest process, and whether both
runs left the same bytes. The goal is 60 s on two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.gating import blockade_plate

GOAL_S = 60


def plate_of_96(folder: Path) -> None:
    """Write the plate, run it, print what it took."""
    blockade_plate.write(folder)
    print(f"{blockade_plate.TUBES} tubes of {blockade_plate.EVENTS:,} events × 12 channels to the "
          f"full report (goal {GOAL_S} s on 2 cores)")  # fmt: skip
    made = [run(folder, jobs) for jobs in (1, 2)]
    differ = [str(name) for name in made[0].keys() | made[1].keys()
              if made[0].get(name) != made[1].get(name)]  # fmt: skip
    print(f"    files that differ between them: {', '.join(sorted(differ)) or 'none'}")
    try:
        import resource
    except ImportError:  # Windows has no such record.
        return
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"    largest process {peak:.0f} MB")


def run(folder: Path, jobs: int) -> dict[Path, bytes]:
    """One run; the files that it left, by name."""
    out = folder / f"results {jobs}"
    words = [sys.executable, "-m", "assays.cli", "run", str(folder), "--out", str(out)]
    before = os.times()
    done = subprocess.run(
        [*words, "--jobs", str(jobs)], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    after = os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    told = done.stderr.splitlines()
    print(f"    --jobs {jobs}  {after.elapsed - before.elapsed:6.1f} s, {cpu:.1f} s of CPU")
    print(f"        progress told {len(told)} times, last: {told[-1].strip() if told else 'never'}")
    record = json.loads((out / "execution.json").read_text(encoding="utf-8"))
    for stage, taken in record["seconds"].items():
        print(f"        {stage:40s} {taken:6.2f} s")
    files = [file for file in sorted(out.rglob("*")) if file.is_file()]
    return {file.relative_to(out): file.read_bytes() for file in files}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        plate_of_96(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as place:
            plate_of_96(Path(place))
