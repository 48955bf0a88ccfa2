"""What a curve model must offer, and what a fitted curve is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plates.findings import Finding

Floats = NDArray[np.float64]


class Place(StrEnum):
    """Where a response lies on a curve."""

    OK = "ok"
    """Between the lowest and the highest standard."""
    EXTRAPOLATED = "extrapolated"
    """On the curve, but outside the standards."""
    BELOW = "below the curve"
    """Beyond the response at zero concentration: no concentration belongs to it."""
    ABOVE = "above the curve"
    """Beyond the response at infinite concentration."""
    UNKNOWN = "no reading"
    """The response is not a number."""


@dataclass(frozen=True, slots=True)
class CurveModel:
    """An equation with parameters that are not known yet."""

    name: str
    """Short name: ``4pl``."""
    title: str
    formula: str
    names: tuple[str, ...]
    """Names of the parameters, in the order of every parameter vector, shape (k,)."""
    positive: tuple[bool, ...]
    """Parameters that are above zero and fitted on a log scale."""
    min_levels: int
    """Fewest different concentrations that can carry the model."""
    forward: Callable[[Floats, Floats], Floats]
    """``(x, params)`` to response; x of any shape, 0 and inf included."""
    gradient: Callable[[Floats, Floats], Floats]
    """``(x, params)`` to the derivatives by each parameter, shape (\\*x.shape, k)."""
    slope: Callable[[Floats, Floats], Floats]
    """``(x, params)`` to the derivative by x."""
    inverse: Callable[[Floats, Floats], Floats]
    """``(y, params)`` to concentration; NaN where the curve never reaches y."""
    starts: Callable[[Floats, Floats, Floats], Floats]
    """``(x, y, weights)`` to at least three parameter vectors, shape (s, k)."""
    fixed: Callable[[Floats, Floats], tuple[float | None, ...]] | None = None
    """``(x, y)`` to parameters that are not fitted (their value) and those that are (None)."""
    log_response: bool = False
    """Whether least squares are taken on log y; zero standards then have no place in the fit."""
    on_knots: bool = False
    """Whether the curve goes through the level means, so that no error can be worked out."""
    domain: Callable[[Floats], tuple[float, float]] = field(default=lambda _: (0.0, np.inf))
    """Concentrations the curve is defined on, from its parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class Inversion:
    """Concentrations read back from responses; every field has the responses' shape."""

    value: Floats
    """NaN where no concentration belongs to the response."""
    lower: Floats
    """Lower end of the confidence set; 0 when it is open below, NaN when unknown."""
    upper: Floats
    """Upper end of the confidence set; inf when it is open above, NaN when unknown."""
    standard_error: Floats
    """From the curve and from the response's own noise, by the delta method."""
    status: NDArray[np.str_]
    """Values of `Place`."""
    level: float
    """Confidence of the interval, such as 0.95."""


@dataclass(frozen=True, slots=True, eq=False)
class StandardCurve:
    """A model with fitted parameters: reads responses forward and concentrations back."""

    model: CurveModel
    params: Mapping[str, float]
    covariance: Floats
    """shape (k, k), s² (J'WJ)⁻¹ in the order of `params`; NaN without degrees of freedom."""
    weighting: str
    on: str
    """``wells`` or ``means``."""
    theta: float
    """Power of the mean that the standard deviation follows: 0, 0.5, 1 or estimated."""
    floor: float
    """Smallest response used in a weight, in response units; 0 when there is no floor."""
    rss: float
    """Weighted residual sum of squares."""
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
    findings: tuple[Finding, ...]
    x: Floats
    """shape (n,), concentrations fitted."""
    y: Floats
    """shape (n,), responses fitted."""
    weights: Floats
    """shape (n,), at the solution."""

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
    def residual_sd(self) -> float:
        """Of a point of weight 1; NaN without degrees of freedom."""
        return float(np.sqrt(self.rss / self.df)) if self.df > 0 else np.nan

    @property
    def rising(self) -> bool:
        """Whether the response grows with concentration."""
        low, high = self.forward(np.array([self.x.min(), self.x.max()]))
        return bool(high >= low)

    def forward(self, x: ArrayLike) -> Floats:
        """Response at concentrations x, any shape; x = 0 is used as it is."""
        return self.model.forward(np.asarray(x, dtype=np.float64), self.vector)

    def inverse(self, y: ArrayLike, wells: ArrayLike = 1, level: float = 0.95) -> Inversion:
        """Concentrations of mean responses, each the mean of `wells` wells.

        See `assays.curves.inverse.invert`.
        """
        from assays.curves.inverse import invert

        return invert(self, y, wells, level)

    def band(self, x: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
        """Confidence limits of the mean response at x; NaN without degrees of freedom."""
        from assays.curves.inverse import band

        return band(self, x, level)

    def prediction_band(
        self, x: ArrayLike, wells: float = 1, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Limits that the mean of so many new wells at x falls between."""
        from assays.curves.inverse import prediction_band

        return prediction_band(self, x, wells, level)
