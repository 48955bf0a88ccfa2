"""Reading plate exports, beside allotropy on the same files in the same run.

    ASSAYS_CORPUS=folder ALLOTROPY_PYTHON=path/to/python python benchmarks/exports.py [FILES]

Prints, for each vendor, the median seconds (warm) of its typical file: the one whose size
is in the middle; then how long FILES (500) files take one after another in a fresh process,
imports included; then a 96-well text and 1536-well time courses that it makes itself.
allotropy pins old libraries: it runs under the Python that ALLOTROPY_PYTHON names, with the
vendor given, so that it need not search. Without it, ours alone are printed.
"""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from exports_peers import VENDORS

PEERS = Path(__file__).with_name("exports_peers.py")
RUNS = 7
GOALS = {"96 wells, text": 0.010, "1536 wells × 200, text": 2.0, "1536 wells × 200, xlsx": 4.0}
File = tuple[str, str]
"""Vendor and path."""


def ask(python: str, files: Sequence[File], *words: str) -> tuple[dict[str, float], float]:
    """Answer of the other script, and the wall seconds that its process took."""
    start = time.perf_counter()
    done = subprocess.run(
        # -P: this file has the name of the package that is measured.
        [python, "-P", str(PEERS), *words],
        input="".join(f"{vendor}\t{path}\n" for vendor, path in files),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), time.perf_counter() - start


def readable(corpus: Path) -> list[File]:
    """Files of the corpus that are to be read."""
    with (corpus / "plates" / "MANIFEST.csv").open(encoding="utf-8", newline="") as handle:
        return [
            (row["vendor"], str(corpus / "plates" / row["path"]))
            for row in csv.DictReader(handle)
            if row["expect"] == "reads"
        ]


def typical(files: Sequence[File]) -> list[File]:
    """Of each vendor, the file whose size is in the middle."""
    chosen = []
    for vendor in dict.fromkeys(vendor for vendor, _ in files):
        own = sorted(
            (path for name, path in files if name == vendor), key=lambda p: Path(p).stat().st_size
        )
        chosen.append((vendor, own[(len(own) - 1) // 2]))
    return chosen


def compare(files: Sequence[File], peer: str | None) -> None:
    """Each vendor's typical file."""
    chosen = typical(files)
    ours, _ = ask(sys.executable, chosen, "warm", "assays", str(RUNS))
    known = [(vendor, path) for vendor, path in chosen if vendor in VENDORS]
    theirs = ask(peer, known, "warm", "allotropy", "3")[0] if peer else {}
    print(f"{'vendor':22s} {'kB':>7s} {'ours, ms':>9s} {'allotropy, ms':>14s} {'ratio':>7s}")
    for vendor, path in chosen:
        size, own, other = Path(path).stat().st_size / 1000, ours[path], theirs.get(path)
        if other is None:
            told = f"{'no reader' if peer else '':>14s}"
        elif math.isnan(other):
            told = f"{'refused':>14s}"
        else:
            told = f"{1000 * other:14.1f} {other / own:6.0f}x"
        print(f"{vendor:22s} {size:7.1f} {1000 * own:9.2f} {told}")


def in_a_row(files: Sequence[File], count: int, peer: str | None) -> None:
    """Many files in one fresh process, imports included."""
    both = [(vendor, path) for vendor, path in files if vendor in VENDORS]
    if peer:
        read, _ = ask(peer, both, "warm", "allotropy", "1")
        both = [(vendor, path) for vendor, path in both if not math.isnan(read[path])]
    row = [both[i % len(both)] for i in range(count)]
    _, ours = ask(sys.executable, row, "row", "assays")
    print(f"\n{count} files in a row ({len(both)} different), imports included: {ours:.2f} s")
    if peer:
        _, theirs = ask(peer, row, "row", "allotropy")
        print(f"  allotropy, the same files: {theirs:.1f} s, {theirs / ours:.0f} times longer")


def made(folder: Path) -> dict[str, File]:
    """Gen5 exports: an endpoint plate, and a time course of 1536 wells as text and as xlsx."""
    random = np.random.default_rng(1536)
    head = [
        ["Software Version", "3.12.08"], [], ["Plate Number", "Plate 1"], ["Date", "3/1/2024"],
        ["Time", "10:15:00 AM"], ["Reader Type:", "Synergy H1"], [], ["Procedure Details"], [],
        ["Plate Type", "{} WELL PLATE (Use plate lid)"],
        ["Read", "Absorbance {}"], ["", "Full Plate"], ["", "Wavelengths:  450"], [],
    ]  # fmt: skip
    names = [f"{chr(65 + r) if r < 26 else 'A' + chr(39 + r)}{c + 1}"
             for r in range(32) for c in range(48)]  # fmt: skip

    def filled(wells: int, kind: str) -> list[list[object]]:
        return [[text.format(wells if "WELL" in text else kind) for text in row] for row in head]

    course: list[list[object]] = [*filled(1536, "Kinetic"), ["450"], [], ["Time", "T° 450", *names]]
    for step in range(200):
        clock = f"{step // 60}:{step % 60:02d}:00"
        course.append([clock, 37.0, *(float(v) for v in random.uniform(0, 3, 1536).round(3))])
    grid: list[list[object]] = [*filled(96, "Endpoint"), ["Results"], ["", *range(1, 13)]]
    grid += [
        ["ABCDEFGH"[r], *(float(v) for v in random.uniform(0, 3, 12).round(3)), "450"]
        for r in range(8)
    ]
    found = {}
    for name, rows in (("96 wells, text", grid), ("1536 wells × 200, text", course)):
        path = folder / f"{len(rows)}.txt"
        lines = "\r\n".join("\t".join(str(cell) for cell in row) for row in rows)
        path.write_text(lines + "\r\n", encoding="utf-8", newline="")
        found[name] = ("agilent_gen5", str(path))
    found["1536 wells × 200, xlsx"] = ("agilent_gen5", str(_workbook(folder, course)))
    return found


def _workbook(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    from xlsxwriter import Workbook

    path = folder / "course.xlsx"
    book = Workbook(str(path))
    sheet = book.add_worksheet("Plate 1 - Sheet1")
    for number, row in enumerate(rows):
        # Gen5 leaves the first column empty beside its tables of results.
        for column, value in enumerate(row, start=int(len(row) > 2)):
            if value != "":
                sheet.write(number, column, value)
    book.close()
    return path


def main() -> None:
    """Measure and print."""
    peer = os.environ.get("ALLOTROPY_PYTHON")
    corpus = os.environ.get("ASSAYS_CORPUS")
    if not peer:
        print("allotropy is absent: ALLOTROPY_PYTHON names no Python that has it\n")
    if corpus:
        files = readable(Path(corpus))
        compare(files, peer)
        in_a_row(files, int(sys.argv[1]) if len(sys.argv) > 1 else 500, peer)
    else:
        print("no corpus: ASSAYS_CORPUS names no folder of exports\n")
    with tempfile.TemporaryDirectory() as place:
        own = made(Path(place))
        seconds, _ = ask(sys.executable, list(own.values()), "warm", "assays", "5")
        print()
        for name, (_, path) in own.items():
            print(f"{name:24s} {1000 * seconds[path]:8.1f} ms   (goal {1000 * GOALS[name]:g} ms)")


if __name__ == "__main__":
    main()
