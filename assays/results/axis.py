"""One axis of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of a picture, on the scale that was gated."""

    channel: str
    marker: str
    scale: str
    """In words: ``logicle (T 262144, W 0.8, M 4.5, A 0)``."""
    edges: Floats
    """Bin edges, on the scale."""
    ticks: Floats
    """Tick positions, on the scale."""
    tick_labels: tuple[str, ...]
    """In original units."""
