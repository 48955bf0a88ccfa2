"""A cytometer in numbers: controls and tubes whose spillover is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from assays.flow.events import Channel, Events
from assays.samples import Tube, TubeRole

TOP = 262143.0
DETECTORS = ("FITC-A", "PE-A", "PE-Cy7-A", "APC-A", "BV421-A", "BV510-A")
SPILLOVER = np.array(
    [
        [1.0, 0.22, 0.012, 0.0, 0.0, 0.035],
        [0.018, 1.0, 0.025, 0.001, 0.0, 0.004],
        [0.003, 0.03, 1.0, 0.006, 0.0, 0.0],
        [0.0, 0.002, 0.011, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.002, 0.0, 1.0, 0.13],
        [0.06, 0.009, 0.001, 0.0, 0.31, 1.0],
    ]
)
"""Row: fluorochrome, column: detector."""
CELLS_GLOW = np.array([260.0, 140.0, 60.0, 45.0, 210.0, 380.0])
BEADS_GLOW = np.array([40.0, 25.0, 15.0, 20.0, 60.0, 70.0])


@dataclass
class Cytometer:
    """Photon noise, electronic noise, and a detector that ends at its top."""

    detectors: Sequence[str] = DETECTORS
    spillover: np.ndarray = field(default_factory=lambda: SPILLOVER)
    glow: Mapping[str, np.ndarray] = field(
        default_factory=lambda: {"cells": CELLS_GLOW, "beads": BEADS_GLOW}
    )
    photoelectrons: float = 0.25
    """Per unit of signal."""
    electronic: float = 18.0
    top: float = TOP

    def events(
        self,
        name: str,
        stain: Mapping[int, float],
        *,
        material: str = "cells",
        stained: float = 0.5,
        n: int = 5000,
        debris: float = 0.05,
        volts: Mapping[str, float] | None = None,
        markers: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
        cv: float = 0.35,
    ) -> Events:
        """Events of a tube in which a share of the particles bears the stains (median by row)."""
        rng = np.random.default_rng(
            np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint32)
        )
        amounts = np.zeros((n, len(self.spillover)))
        bears = np.arange(n) < round(stained * n)
        for row, median in stain.items():
            amounts[:, row] = np.where(bears, median * np.exp(cv * rng.normal(size=n)), 0.0)
        spread = 0.3 if material == "cells" else 0.08
        glow = self.glow[material] * np.exp(spread * rng.normal(size=(n, 1)))
        small = rng.random(n) < debris
        forward = np.where(small, 9_000, 90_000 if material == "cells" else 30_000)
        side = np.where(small, 6_000, 40_000 if material == "cells" else 70_000)
        scatter = np.stack([forward, side], axis=1) * np.exp(0.12 * rng.normal(size=(n, 2)))
        amounts[small] = 0.0
        glow[small] *= 0.2
        mean = amounts @ self.spillover + glow
        seen = rng.poisson(mean * self.photoelectrons) / self.photoelectrons
        seen = np.minimum(seen + rng.normal(0, self.electronic, seen.shape), self.top)
        values = np.concatenate([scatter, seen], axis=1)[rng.permutation(n)]
        names = ("FSC-A", "SSC-A", *self.detectors)
        markers = markers or {}
        channels = tuple(Channel(c, markers.get(c), self.top + 1) for c in names)
        keywords = {f"$P{i}N": c for i, c in enumerate(names, 1)} | dict(extra or {})
        volts = volts or {}
        keywords |= {f"$P{i}V": str(volts.get(c, 450.0)) for i, c in enumerate(names, 1) if i > 2}
        return Events(values.astype(np.float32), channels, None, keywords=keywords, name=name)


@dataclass
class Rack:
    """Tubes with their events."""

    cytometer: Cytometer
    tubes: list[Tube] = field(default_factory=list)
    events: dict[str, Events] = field(default_factory=dict)

    def add(self, file: str, role: str, events: Events | None = None, **more: Any) -> Tube:
        tube = Tube(file, more.pop("donor", ""), TubeRole(role), **more)
        self.tubes.append(tube)
        if events is not None:
            self.events[file] = events
        return tube

    def single_stains(
        self, material: str = "cells", brightness: float = 12_000.0, **more: Any
    ) -> Rack:
        """A single stain for every detector, and the unstained tube of the same material."""
        for row, name in enumerate(self.cytometer.detectors):
            file = f"{name} {material}.fcs"
            made = self.cytometer.events(file, {row: brightness}, material=material, **more)
            self.add(file, "single stain", made, stain=name, material=material)
        file = f"unstained {material}.fcs"
        blank = {key: value for key, value in more.items() if key in ("n", "volts", "extra")}
        made = self.cytometer.events(file, {}, material=material, **blank)
        self.add(file, "unstained", made, material=material)
        return self

    def open(self, tube: Tube) -> Events:
        return self.events[tube.file]

    def without(self, file: str) -> Rack:
        self.tubes = [tube for tube in self.tubes if tube.file != file]
        return self


@pytest.fixture
def cytometer() -> Cytometer:
    return Cytometer()


@pytest.fixture
def rack(cytometer: Cytometer) -> Rack:
    return Rack(cytometer)
