"""Plates made in the test: known truth in, readings out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from assays.curves.logistic import four_forward as forward
from plates.layout import Layout, Role, WellContent
from plates.plateread import Export, PlateRead
from plates.well import FORMATS, Well

TRUTH = np.array([0.05, 1.15, 180.0, 3.2])
STANDARDS = (200.0, 100.0, 50.0, 25.0, 12.5, 6.25, 3.125, 0.0)
PLATE = FORMATS[96]


@dataclass
class Bench:
    """Pipettes a plate: standards in A1-H2, then pairs of wells for whatever else is asked."""

    seed: str = "bench"
    cv: float = 0.02
    params: np.ndarray = field(default_factory=lambda: TRUTH)
    values: np.ndarray = field(default_factory=lambda: np.full((8, 12), math.nan))
    contents: dict[tuple[str, Well], WellContent] = field(default_factory=dict)
    flags: dict[Well, str] = field(default_factory=dict)
    next_pair: int = 0

    def __post_init__(self) -> None:
        seed = np.frombuffer(hashlib.sha256(self.seed.encode()).digest(), dtype=np.uint32)
        self.rng = np.random.default_rng(seed)

    def signal(self, concentration: float) -> float:
        return float(forward(np.array(concentration), self.params)) * (
            1 + self.cv * self.rng.normal()
        )

    def standards(self, levels: tuple[float, ...] = STANDARDS, unit: str = "pg/mL") -> Bench:
        for row, level in enumerate(levels):
            for column in (0, 1):
                well = Well(row, column)
                self.contents["", well] = WellContent(Role.STANDARD, "", level, unit)
                self.values[row, column] = self.signal(level)
        return self

    def add(
        self,
        name: str,
        concentration: float,
        *,
        role: Role = Role.SAMPLE,
        dilution: float = 1.0,
        nominal: float = math.nan,
        signals: tuple[float, ...] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Well, ...]:
        """Two wells of a sample whose undiluted concentration is known."""
        row, pair = self.next_pair % 8, self.next_pair // 8
        self.next_pair += 1
        wells = tuple(Well(row, 2 + 2 * pair + i) for i in range(2))
        for i, well in enumerate(wells):
            self.contents["", well] = WellContent(
                role, name, nominal, "pg/mL", dilution, labels=labels or {}
            )
            made = self.signal(concentration / dilution)
            self.values[well.row, well.column] = signals[i] if signals else made
        return wells

    def read(self, plate: str = "Plate 1", wavelength: str = "450", number: int = 1) -> PlateRead:
        return PlateRead(
            plate,
            number,
            "1",
            PLATE,
            "absorbance",
            wavelength,
            self.values.copy(),
            dict(self.flags),
        )

    def export(self, *more: PlateRead) -> Export:
        return Export("Gen5", "gen5", (self.read(), *more))

    @property
    def layout(self) -> Layout:
        return Layout(PLATE, dict(self.contents), "layout.xlsx")


@pytest.fixture
def bench() -> Callable[..., Bench]:
    return Bench
