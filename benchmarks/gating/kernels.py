"""The arithmetic of gating on a million events, one implementation per call.

    python kernels.py ours  FOLDER
    python kernels.py peers FOLDER      (under a Python that has FlowUtils)

FOLDER holds the same arrays for both; each leaves its results there for comparison and
prints seconds by operation, of the wall clock and of the processor, the best of several
runs in one process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 5
CHANNELS = 10
Case = tuple[str, Callable[[], Any]]


def make(folder: Path, events: int) -> None:
    """Skewed intensities with a negative side, a spillover matrix, points and a polygon."""
    rng = np.random.default_rng(6)
    size = (events, CHANNELS)
    sign = np.where(rng.random(size) < 0.3, -0.05, 1.0)
    np.save(folder / "values.npy", np.minimum(rng.lognormal(6, 2, size) * sign, 262_143.0))
    np.save(folder / "spill.npy", np.eye(CHANNELS) + 0.05 * (1 - np.eye(CHANNELS)))
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rim = (1 + 0.3 * np.cos(3 * angle))[:, None]
    np.save(folder / "polygon.npy", rim * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    np.save(folder / "points.npy", rng.normal(0, 1, (events, 2)))


def ours(values: Any, spill: Any, polygon: Any, points: Any) -> Iterator[Case]:
    from assays.flow import scales
    from assays.flow.compensate import compensate
    from assays.flow.events import Channel, Events, Spillover
    from assays.flow.gates.shapes import Polygon

    names = tuple(f"FL{n}" for n in range(CHANNELS))
    matrix = Spillover(names, spill)
    channels = tuple(Channel(name, None, 262_144.0) for name in names)
    wide, narrow = (Events(x, channels) for x in (values, values.astype(np.float32)))
    yield "compensation", lambda: compensate(wide, matrix).values
    yield "compensation, float32", lambda: compensate(narrow, matrix).values
    for name, scale in (
        ("logicle", scales.Logicle(262_144.0, 0.5, 4.5, 0.0)),
        ("hyperlog", scales.Hyperlog(262_144.0, 0.5, 4.5, 0.0)),
        ("arcsinh", scales.Arcsinh(T=262_144.0, M=4.5, A=0.0)),
    ):
        placed = scale.forward(values)
        yield name, lambda scale=scale: scale.forward(values)  # type: ignore[misc]
        yield f"{name}, inverse", lambda scale=scale, placed=placed: scale.inverse(placed)  # type: ignore[misc]
    yield "biex", lambda: scales.Biex(262_144.0, 4.418539922, 0.0, -100.0).forward(values)
    shape = Polygon(polygon)
    yield "polygon, 20 vertices", lambda: shape.contains(points)


def peers(values: Any, spill: Any, polygon: Any, points: Any) -> Iterator[Case]:
    from flowutils import compensate, gating, transforms

    every = list(range(CHANNELS))
    narrow = values.astype(np.float32)
    yield "compensation", lambda: compensate.compensate(values, spill, every)
    yield "compensation, float32", lambda: compensate.compensate(narrow, spill, every)
    for name in ("logicle", "hyperlog", "asinh"):
        forward, back = getattr(transforms, name), getattr(transforms, f"{name}_inverse")
        numbers = (262_144, 4.5, 0) if name == "asinh" else (262_144, 4.5, 0.5, 0)
        called = "arcsinh" if name == "asinh" else name
        placed = forward(values, every, *numbers)
        yield called, lambda f=forward, n=numbers: f(values, every, *n)  # type: ignore[misc]
        yield f"{called}, inverse", lambda b=back, p=placed, n=numbers: b(p, every, *n)  # type: ignore[misc]
    try:
        import flowkit
    except ImportError:
        print("biex is not compared: this Python has no FlowKit", file=sys.stderr)
    else:
        biex = flowkit.transforms.WSPBiexTransform(0, -100.0, 4.418539922, 262_144.0)
        yield "biex", lambda: biex.apply(values) / 4096  # a table with straight lines between
    yield "polygon, 20 vertices", lambda: gating.points_in_polygon(polygon, points)


def main() -> None:
    who, folder = sys.argv[1], Path(sys.argv[2])
    given = [np.load(folder / f"{name}.npy") for name in ("values", "spill", "polygon", "points")]
    for name, call in (ours if who == "ours" else peers)(*given):
        taken, worked = [], []
        for _ in range(RUNS):
            start, before = time.perf_counter(), time.process_time()
            found = call()
            taken.append(time.perf_counter() - start)
            worked.append(time.process_time() - before)
            # The next result finds the memory that this one leaves, as the first did.
            kept, found = found, None
        file = folder / f"{who}, {name}.npy"
        np.save(file, kept)
        print(json.dumps({"case": name, "seconds": min(taken), "cpu": min(worked),
                          "result": str(file)}), flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
