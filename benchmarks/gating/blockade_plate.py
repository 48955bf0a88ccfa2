"""A plate of 96 tubes for the benchmarks: 50,000 events on 12 channels each.

The cells are those of ``examples/il6_blockade``, more of them, with SSC-H and FSC-W
beside; the strategy is the automatic template of that assay, eight gates.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from assays.flow import fcs
from assays.flow.events import Channel
from assays.workflow.demo import load_generator

EXAMPLE = Path(__file__).parents[2] / "examples" / "il6_blockade"
TUBES, EVENTS = 96, 50_000
GATES = (
    ("stable", "root", "stable", ["Time"], ""),
    ("in range", "stable", "boundary", ["FSC-A", "SSC-A"], ""),
    ("cells", "in range", "debris", ["FSC-A", "SSC-A"], ""),
    ("singlets", "cells", "singlets", ["FSC-A", "FSC-H"], ""),
    ("singlets by side", "singlets", "singlets", ["SSC-A", "SSC-H"], ""),
    ("live", "singlets by side", "live", ["Viability"], ""),
    ("B cells", "live", "valley", ["CD19", "CD3"], 'side = "+-"'),
    ("CLL", "B cells", "valley", ["CD5"], "fallback = { low = 450 }"),
)


def write(folder: Path, tubes: int = TUBES, events: int = EVENTS) -> None:
    """Write FCS files, sample sheet and assay.toml; files that are there already stay."""
    example: Any = load_generator(EXAMPLE)
    example.EVENTS = events
    chosen = example.conditions()[:tubes]
    (folder / "fcs").mkdir(parents=True, exist_ok=True)
    for tube in chosen:
        path = folder / "fcs" / tube.file
        if not path.exists():
            half = path.with_suffix(".part")
            fcs.write(half, _wider(example.tube_events(tube)[0], example.generator(tube.file)))
            half.replace(path)
    names = {tube.file for tube in chosen}
    head, *rows = (EXAMPLE / "samples.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[0] in names]
    (folder / "samples.csv").write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    for table in EXAMPLE.glob("*.csv"):  # concentrations of the donors, which the protocol names
        if table.name != "samples.csv":
            shutil.copyfile(table, folder / table.name)
    (folder / "assay.toml").write_text(_protocol(), encoding="utf-8")


def _wider(events: Any, rng: np.random.Generator) -> Any:
    """With SSC-H and FSC-W: 12 channels."""
    columns = {name: events.column(name).astype(np.float64) for name in ("FSC-A", "FSC-H", "SSC-A")}
    height = 0.8 * columns["SSC-A"] * (1 + 0.03 * rng.standard_normal(len(events)))
    width = 65_536.0 * columns["FSC-A"] / np.maximum(columns["FSC-H"], 1.0)
    more = np.stack([np.clip(column, 0, 262_143) for column in (height, width)], axis=1)
    values = np.concatenate([more.astype(np.float32), events.values], axis=1)
    added = tuple(Channel(name, None, 262_144.0) for name in ("SSC-H", "FSC-W"))
    return dataclasses.replace(events, values=values, channels=added + events.channels)


def _protocol() -> str:
    """`assay.toml` of the example with the automatic gates in place of its own."""
    text = (EXAMPLE / "assay.toml").read_text(encoding="utf-8")
    before, after = text.split("[[flow.gates]]", 1)[0], text.split("[[flow.readouts]]", 1)[1]
    gates = [
        f'[[flow.gates]]\npopulation = "{name}"\nparent = "{parent}"\nmethod = "{method}"\n'
        f"channels = {channels}\nparams = {{ {params} }}\n".replace("'", '"')
        for name, parent, method, channels, params in GATES
    ]
    return before + "\n".join(gates) + "\n[[flow.readouts]]" + after
