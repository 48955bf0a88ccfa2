"""One picture of a tube: how its events lie on two channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.results.axis import Axis


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """Events of one tube on two channels, ready to draw."""

    x: Axis
    y: Axis
    counts: NDArray[np.int64]
    """Events per bin, shape (x bins, y bins); those beyond the axes are in the outermost bins."""
    light: bool
    """Whether both channels are forward and side scatter; False: the nearest that the file has."""

    @property
    def events(self) -> int:
        """Events in the picture; those without a number on either channel are left out."""
        return int(self.counts.sum())
