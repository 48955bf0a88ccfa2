"""What a curve model must offer, and what reading back gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

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


def everywhere(params: Floats) -> tuple[float, float]:
    """Every concentration: where most curves are defined, whatever their parameters."""
    del params
    return 0.0, np.inf


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
    starts: Callable[[Floats, Floats, Floats], Floats] | None = None
    """``(x, y, weights)`` of b curves, shape (b, n) each, to at least three parameter vectors for
    every curve, shape (b, s, k). None for a model with `axes`, and when the response is linear in
    every parameter: then least squares need no start."""
    axes: Callable[[Floats], tuple[Floats, ...]] | None = None
    """In place of `starts` for a response between two ends: ``(x)`` of one curve to the values
    tried for each parameter that is not an end. See `assays.curves.starts`."""
    linear: tuple[bool, ...] = ()
    """Parameters that the response is linear in: its gradient by them does not depend on them, and
    it is 0 when they are. Empty for none."""
    share: Callable[[Floats, Floats], tuple[Floats, Floats, Floats]] | None = None
    """For a response ``A * low + D * (1 - low)`` between two ends: ``(log x, logs of the other
    parameters)``, shapes (b, n) and (p, b, 1), to low and 1 - low, (b, n) each, and the
    derivatives of low by those logs, (p, b, n). The model is then fitted in the other parameters
    alone, and its linear ones are the two ends."""
    bounds: Callable[[Floats, Floats], tuple[Floats, Floats]] | None = None
    """``(logs of the curved parameters, extent)``, shapes (p, b) and (2, b), to the lowest and
    highest logs that the standards can still tell apart, shape (p, b) each; the search goes no
    farther. Extent: logs of the lowest concentration above zero and of the highest."""
    fixed: Callable[[Floats, Floats], tuple[float | None, ...]] | None = None
    """``(x, y)`` to parameters that are not fitted (their value) and those that are (None)."""
    log_response: bool = False
    """Whether least squares are taken on log y; zero standards then have no place in the fit."""
    domain: Callable[[Floats], tuple[float, float]] = everywhere
    """Concentrations the curve is defined on, from its parameters."""
    sized: Callable[[Floats], CurveModel] | None = None
    """``(x)`` to the same model with as many parameters as these concentrations ask for."""
    held: tuple[tuple[str, float], ...] = ()
    """Parameters that whoever asked for the fit gave, with their values; see `hold`."""

    def given(self, x: Floats, y: Floats) -> Floats:
        """Values of the parameters that are not fitted, shape (k,); NaN for those that are."""
        values = self.fixed(x, y) if self.fixed is not None else (None,) * len(self.names)
        named = dict(self.held)
        return np.array(
            [
                named.get(name, np.nan if value is None else value)
                for name, value in zip(self.names, values, strict=True)
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Inversion:
    """Concentrations read back from responses; every field has the responses' shape."""

    value: Floats
    """NaN where no concentration belongs to the response."""
    lower: Floats
    """Lower end of the confidence set; 0 when it is open below, NaN when unknown."""
    upper: Floats
    """Upper end of the confidence set; inf when it is open above, NaN when unknown."""
    near_lower: Floats
    """Lower end of the part of the set that holds the estimate, see `assays.curves.inverse`."""
    near_upper: Floats
    """Upper end of that part."""
    standard_error: Floats
    """From the curve and from the response's own noise, by the delta method."""
    status: NDArray[np.str_]
    """Values of `Place`."""
    level: float
    """Confidence of the interval, such as 0.95."""
    interval: str = "inversion"
    """How the limits were found: ``inversion``, ``wald``, ``wald-log`` or ``bootstrap``."""
