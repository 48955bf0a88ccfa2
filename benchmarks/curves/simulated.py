"""Sandwich-ELISA plates with known truth: standards in duplicate and ten unknowns each.

Four classes of plates: ``typical``; ``middle``, whose standards never see the upper plateau;
``noisy``, with CVs of 8 to 20 % and 5 % error of each standard's own concentration; ``hard``, with
an asymmetric truth, few levels, a clipped reader, bad wells and a subtracted blank. Random streams
are keyed by seed, class and plate, so that every plate is the same whoever draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLASSES = ("typical", "middle", "noisy", "hard")
SEED, PLATES = 20240611, 500
TOP, UNKNOWNS, WELLS, ADDED_SD, READER_TOP = 300.0, 10, 2, 0.004, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One simulated plate."""

    kind: str
    x: Floats
    """shape (n,), concentrations of the standard wells"""
    y: Floats
    """shape (n,)"""
    unknown: Floats
    """shape (10,), true concentrations"""
    wells: Floats
    """shape (10, 2), their responses"""


def plates(kind: str, count: int = PLATES, seed: int = SEED) -> list[Plate]:
    """The first `count` plates of a class."""
    return [_plate(seed, CLASSES.index(kind), i) for i in range(count)]


def third_of(concentration: Floats) -> NDArray[np.intp]:
    """0, 1, 2 for the lowest, middle and highest part of the range (below 18, to 75, above)."""
    return np.digitize(concentration, [18.0, 75.0])


def _plate(seed: int, number: int, i: int) -> Plate:
    rng = np.random.Generator(np.random.PCG64([seed, number, i]))
    kind = CLASSES[number]
    low, high, slope = rng.uniform(0.04, 0.10), rng.uniform(2.2, 3.8), rng.uniform(0.9, 1.4)
    middle = np.exp(rng.uniform(np.log(100), np.log(900)))
    exponent, cv = 1.0, rng.uniform(0.02, 0.06)
    levels = np.append(TOP / 2.0 ** np.arange(7), 0.0)
    clip, prepared, bad = np.inf, 0.0, 0.0
    if kind == "middle":
        levels = TOP / 2.0 ** np.arange(8)
        middle, high = TOP * rng.uniform(1.0, 10.0), rng.uniform(4.0, 12.0)
    elif kind == "noisy":
        cv, prepared = rng.uniform(0.08, 0.20), 0.05
    elif kind == "hard":
        exponent = np.exp(rng.uniform(np.log(0.4), np.log(2.5)))
        count, fold = int(rng.integers(5, 8)), float(rng.choice([2.0, 3.0, 4.0]))
        levels = np.append(TOP / fold ** np.arange(count - 1), 0.0)
        high, clip, bad = rng.uniform(2.5, 6.0), READER_TOP, 0.3

    def read(x: float) -> Floats:
        mean = high + (low - high) / (1 + (np.full(WELLS, x) / middle) ** slope) ** exponent
        noise = rng.normal(size=WELLS) * np.sqrt(ADDED_SD**2 + (cv * mean) ** 2)
        return np.asarray(np.minimum(mean + noise, clip))

    found = []
    for level in levels:
        true = level * np.exp(prepared * rng.normal()) if prepared and level > 0 else level
        found.append(read(true))
    y = np.concatenate(found)
    if bad and rng.uniform() < bad:
        y[int(rng.integers(0, len(y)))] *= rng.uniform(0.3, 0.6)
    lowest = levels[levels > 0].min()
    unknown = np.exp(rng.uniform(np.log(lowest * 1.5), np.log(TOP * 0.8), size=UNKNOWNS))
    wells = np.stack([read(x) for x in unknown])
    blank = float(read(0.0).mean()) if kind == "hard" else 0.0
    return Plate(kind, np.repeat(levels, WELLS), y - blank, unknown, wells - blank)
