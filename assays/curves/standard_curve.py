"""A fitted standard curve: forward, back, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from assays.curves import inverse as back
from assays.curves.contract import Floats, Inversion
from assays.curves.fitted_curve import FittedCurve
from assays.curves.points import Points
from plates.findings import Finding


def no_doubt(curve: StandardCurve, points: Points) -> tuple[Finding, ...]:
    """Nothing is asked of a curve whose fit is not one of standards alone."""
    del curve, points
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class StandardCurve(FittedCurve):
    """A model with fitted parameters: reads responses forward and concentrations back."""

    doubt: Callable[[StandardCurve, Points], tuple[Finding, ...]] = no_doubt
    """Says what is doubtful about the curve."""
    doubts: list[tuple[Finding, ...]] = field(default_factory=list, repr=False)
    """What `doubt` said, once it was asked."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was told while the curve was made, and what is doubtful about it.

        Looked for when first asked, see `assays.curves.doubts`: it takes longer than the fit.
        """
        if not self.doubts:
            self.doubts.append(self.doubt(self, self.points))
        return (*self.told, *self.doubts[0])

    def inverse(
        self,
        y: ArrayLike,
        wells: ArrayLike = 1,
        level: float = 0.95,
        interval: str = "inversion",
    ) -> Inversion:
        """Concentrations of mean responses, each the mean of `wells` wells.

        See `assays.curves.inverse.invert`.
        """
        return back.invert(self, y, wells, level, interval)

    def read_back(self, y: ArrayLike) -> Floats:
        """Concentrations of responses, without intervals; NaN where there is none."""
        return back.read_back(self, np.asarray(y, dtype=np.float64))

    def band(self, x: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
        """Confidence limits of the mean response at x; NaN without degrees of freedom."""
        return back.band(self, x, level)

    def prediction_band(
        self, x: ArrayLike, wells: float = 1, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Limits that the mean of so many new wells at x falls between."""
        return back.prediction_band(self, x, wells, level)
