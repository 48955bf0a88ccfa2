"""What a fit left: a model with its parameters, how sure they are, and the standards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assays.curves.contract import CurveModel, Floats
from assays.curves.points import Points
from plates.findings import Finding


@dataclass(frozen=True, slots=True, eq=False)
class FittedCurve:
    """A model with fitted parameters, which reads responses forward."""

    model: CurveModel
    params: Mapping[str, float]
    covariance: Floats
    """shape (k, k), s² (J'WJ)⁻¹ in the order of `params`; NaN without degrees of freedom."""
    root: Floats
    """shape (k, f) over the f fitted parameters, R with R R' = `covariance`: sums along it keep
    their digits where the parameters are all but unknown."""
    weighting: str
    on: str
    """``wells`` or ``means``."""
    theta: float
    """Power of the mean that the standard deviation follows: 0, 0.5, 1 or estimated."""
    floor: float
    """Smallest response used in a weight, in response units; 0 when there is no floor."""
    constant: float
    """Response at which the constant part of the variance equals the proportional one; 0 when the
    weighting has no constant part."""
    rss: float
    """Weighted residual sum of squares."""
    residual_sd: float
    """Of a point of weight 1; NaN without degrees of freedom."""
    df: int
    n: int
    """Points fitted."""
    n_levels: int
    """Different concentrations fitted."""
    wells_per_point: float
    """1 for wells; for means the (harmonic) mean number of wells in one."""
    r_squared: float
    """Weighted."""
    loglik: float
    aicc: float
    """Normal likelihood, sigma counted as a parameter; inf when the points are too few."""
    condition: float
    """Condition number of the weighted, column-scaled Jacobian."""
    converged: bool
    told: tuple[Finding, ...]
    """What was told while the curve was made; `findings` has all."""
    x: Floats
    """shape (n,), concentrations fitted."""
    y: Floats
    """shape (n,), responses fitted."""
    weights: Floats
    """shape (n,), at the solution."""
    points: Points
    """The standards as they were collected."""

    @property
    def vector(self) -> Floats:
        """Parameters as an array, in the model's order."""
        return np.array([self.params[name] for name in self.model.names])

    @property
    def standard_errors(self) -> dict[str, float]:
        """Of each parameter; NaN without degrees of freedom, 0 for a fixed parameter."""
        errors = np.sqrt(np.diag(self.covariance))
        return dict(zip(self.model.names, (float(e) for e in errors), strict=True))

    @property
    def fixed(self) -> dict[str, float]:
        """Parameters that were given instead of fitted, by the caller or by the model."""
        values = self.model.given(self.x, self.y)
        pairs = zip(self.model.names, values, strict=True)
        return {name: float(value) for name, value in pairs if np.isfinite(value)}

    @property
    def rising(self) -> bool:
        """Whether the response grows with concentration."""
        low, high = self.forward(np.array([self.x.min(), self.x.max()]))
        return bool(high >= low)

    def forward(self, x: ArrayLike) -> Floats:
        """Response at concentrations x, any shape; x = 0 is used as it is."""
        with np.errstate(all="ignore"):
            return self.model.forward(np.asarray(x, dtype=np.float64), self.vector)
