"""Everything that the gating rooms are held against, in one run.

    ASSAYS_CORPUS=… python -m benchmarks.gating.run [--peer PYTHON] [--events N] [--tubes N]

PYTHON is an interpreter that has FlowUtils and FlowKit; without it ours are printed alone and
that is said. Ours and the peer's processes take turns, so that both meet the same noise; each
time is the best of all runs, by the wall clock and, where other work is on the machine, by
the processor's own. Results are compared value by value.

1. one million events on ten channels: compensation, scales and their inverses, a polygon
2. the Gating-ML 2.0 suite of the corpus, parsing and reading included
3. a plate of 96 tubes, 50,000 events on 12 channels: read, compensated, gated (8 gates), measured
4. automatic gates beside the labels that people gave (`labels.py`)
5. every scale and the compensation beside arithmetic of forty digits (`forty_digits.py`)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gating import blockade_plate, forty_digits, kernels, labels

HERE = Path(__file__).parent
TURNS = 3


def answers(python: str, *words: str) -> list[dict[str, Any]]:
    """What a script of this folder prints under an interpreter, a record per line."""
    done = subprocess.run([python, *words], check=True, capture_output=True, text=True, cwd=HERE)
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_turns(peer: str | None, *words: str) -> tuple[list[list[dict[str, Any]]], ...]:
    """Answers of ours and of the peer, several processes each, one after the other."""
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(answers(sys.executable, words[0], "ours", *words[1:]))
        if peer:
            theirs.append(answers(peer, words[0], "peers", *words[1:]))
    return ours, theirs


def best(runs: list[list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The quickest answer of each case, by either clock."""
    found: dict[str, dict[str, Any]] = {}
    for answer in (one for run in runs for one in run):
        kept = found.setdefault(answer.get("case", ""), answer)
        for clock in ("seconds", "cpu"):
            kept[clock] = min(kept[clock], answer[clock])
    return found


def load() -> str:
    """How busy the machine is: programs that want a processor, over the last minute."""
    cores = os.cpu_count()
    return f"load {os.getloadavg()[0]:.1f} on {cores} cores" if hasattr(os, "getloadavg") else ""


def arithmetic(peer: str | None, events: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        kernels.make(Path(place), events)
        ours, theirs = (best(runs) for runs in in_turns(peer, "kernels.py", place))
        print(f"{events:,} events × {kernels.CHANNELS} channels, ms, the best of "
              f"{TURNS * kernels.RUNS} runs; {load()}")  # fmt: skip
        print(f"{'':26}{'ours':>9}{'peer':>9}{'times':>8}{'ours, CPU':>12}{'peer, CPU':>12}"
              f"{'times':>8}")  # fmt: skip
        for name, one in ours.items():
            line = f"  {name:24}{1000 * one['seconds']:9.1f}"
            if name not in theirs:
                line += f"{'':17}{1000 * one['cpu']:12.1f}"
            else:
                other = theirs[name]
                line += f"{1000 * other['seconds']:9.1f}{other['seconds'] / one['seconds']:8.1f}"
                line += f"{1000 * one['cpu']:12.1f}{1000 * other['cpu']:12.1f}"
                line += f"{other['cpu'] / one['cpu']:8.1f}"
                mine, hers = np.load(one["result"]), np.load(other["result"])
                if mine.dtype == bool:
                    line += f"   {int((mine != hers).sum())} events differ"
                else:
                    line += f"   largest difference {float(np.nanmax(abs(mine - hers))):.1e}"
            print(line)


def suite(peer: str | None, corpus: Path) -> None:
    folder = str(corpus / "gating" / "gatingml20")
    ours, theirs = (best(runs) for runs in in_turns(peer, "plate.py", "suite", folder))
    print(f"\nGating-ML 2.0 suite, parsing included (aim 0.5 s); {load()}")
    for who, found in (("ours", ours), ("FlowKit", theirs)):
        for one in found.values():
            print(f"  {who:8} {one['seconds']:6.3f} s, {one['cpu']:6.3f} s of CPU, "
                  f"{one['agreed']} of {one['cases']} agree")  # fmt: skip


def plate(peer: str | None, tubes: int, folder: Path) -> None:
    blockade_plate.write(folder, tubes)
    ours, theirs = (best(runs) for runs in in_turns(peer, "plate.py", "plate", str(folder)))
    events = tubes * blockade_plate.EVENTS
    print(f"\n{tubes} tubes of {blockade_plate.EVENTS:,} events × 12 channels, one process: read, "
          f"compensated, 8 gates, measured; {load()}")  # fmt: skip
    for who, found in (("ours", ours), ("FlowKit", theirs)):
        for one in found.values():
            print(f"  {who:8} {one['seconds']:7.2f} s, {events / one['seconds']:12,.0f} events/s; "
                  f"{one['cpu']:7.2f} s of CPU, {events / one['cpu']:12,.0f} events/s")  # fmt: skip
    if theirs:
        one, other = ours[""], theirs[""]
        far = np.max(abs(np.array(one["medians"]) / np.array(other["medians"]) - 1))
        same = sum(a == b for a, b in zip(one["counts"], other["counts"], strict=True))
        print(f"  {other['seconds'] / one['seconds']:.1f} times as fast, by CPU "
              f"{other['cpu'] / one['cpu']:.1f} times; {same} of {tubes} counts are "
              f"equal, medians differ by {far:.1e} at most")  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--peer", help="Python that has FlowUtils and FlowKit")
    asked.add_argument("--events", type=int, default=1_000_000)
    asked.add_argument("--tubes", type=int, default=blockade_plate.TUBES)
    asked.add_argument("--plate", type=Path, help="folder for the plate's files, to keep them")
    given = asked.parse_args()
    if not given.peer:
        print("FlowUtils and FlowKit are not asked: no --peer PYTHON was given\n")
    arithmetic(given.peer, given.events)
    corpus = Path(os.environ["ASSAYS_CORPUS"]) if "ASSAYS_CORPUS" in os.environ else None
    if corpus:
        suite(given.peer, corpus)
    else:
        print("\nASSAYS_CORPUS is not set: no Gating-ML suite, no labels")
    with tempfile.TemporaryDirectory() as place:
        plate(given.peer, given.tubes, given.plate or Path(place))
    if corpus:
        print("\nAutomatic gates beside labels")
        labels.main()
    print()
    forty_digits.main()


if __name__ == "__main__":
    main()
