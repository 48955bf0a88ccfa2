"""Which of several models a plate asks for: the simpler one, unless the richer one earns its place.

A richer model is taken when all of this holds, each at the weights of the simpler fit:

- AICc is lower;
- the extra-sum-of-squares F-test finds what it adds beyond chance (p < 0.05);
- it is identified: the condition number of its weighted, column-scaled Jacobian stays below 5,000
  and no parameter stands at a bound of the search.

The reasons stand in a finding, whichever way it goes.

References
----------
Hurvich & Tsai (1989), Biometrika 76, 297: AICc.
Bates & Watts (1988), Nonlinear Regression Analysis, section 3.10: extra sum of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assays.curves.descent import minimise
from assays.curves.fitting import choose, fit
from assays.curves.held import bound_of
from assays.curves.hold import hold
from assays.curves.least_squares import design_of, orthogonal, problem_of, quiet
from assays.curves.least_squares import params_of as parameters_of
from assays.curves.standard_curve import StandardCurve
from assays.curves.starts import starts_of
from assays.errors import CurveFitError
from plates.findings import Finding, Severity

CHANCE = 0.05
WORST_CONDITION = 5000.0
"""Identified five-parameter curves of real plates lie below 2,500, the others above 7,000."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A richer model held against a simpler one, both at the simpler one's weights."""

    simpler: str
    richer: str
    f_ratio: float
    p_value: float
    """Of the extra-sum-of-squares F-test; NaN without degrees of freedom."""
    aicc_gain: float
    """AICc of the simpler minus that of the richer: above 0 speaks for the richer."""
    condition: float
    """Of the richer model; inf where a parameter stands at its bound."""

    @property
    def identified(self) -> bool:
        """Whether the standards pin the richer model's parameters down."""
        return self.condition < WORST_CONDITION

    @property
    def preferred(self) -> str:
        """Name of the model to take."""
        earned = self.aicc_gain > 0 and self.p_value < CHANCE
        return self.richer if earned and self.identified else self.simpler


def compare(simpler: StandardCurve, richer: str) -> Comparison:
    """Hold a richer model against a fitted curve.

    Parameters
    ----------
    simpler : StandardCurve
        Its points and weights are used for both.
    richer : str
        Name of a model with more parameters that holds the simpler one as a special case.

    Raises
    ------
    CurveFitError
        When the model is unknown, or has no more parameters.
    """
    from scipy.special import fdtrc

    model = hold(choose(richer), dict(simpler.model.held))
    points = simpler.x[None], simpler.y[None], simpler.weights[None]
    fitted = len(model.names) - len(model.held)
    extra = fitted - (simpler.n - simpler.df)
    if extra < 1 or (model.starts is None and model.axes is None):
        raise CurveFitError(f"{richer} has no more parameters than {simpler.model.name}")
    with quiet():
        fixed = model.given(simpler.x, simpler.y)
        problem = problem_of(model, *points, np.isnan(fixed))
        found, _ = minimise(problem, starts_of(model, *points, fixed[None]))
        columns, _ = design_of(problem, parameters_of(problem, found))
        size = np.sqrt(np.vecdot(columns, columns))
        _, triangle, _ = orthogonal(columns / size[:, :, None], points[1] * 0)
        singular = np.linalg.svd(triangle[:, :, 0], compute_uv=False)
        at_bound = bound_of(found) is not None or not np.isfinite(singular).all()
        condition = np.inf if at_bound or singular[-1] == 0 else singular[0] / singular[-1]
    rss, df = float(found.misfit[0]), simpler.df - extra
    ratio = (simpler.rss - rss) / extra / (rss / df) if df > 0 and rss > 0 else np.nan
    p_value = float(fdtrc(extra, df, max(ratio, 0.0))) if df > 0 and rss > 0 else np.nan
    gain = _aicc(simpler.rss, simpler.n, simpler.n - simpler.df)
    gain -= _aicc(rss, simpler.n, simpler.n - df)
    return Comparison(simpler.model.name, richer, ratio, p_value, float(gain), float(condition))


def _aicc(rss: float, n: int, fitted: int) -> float:
    p = fitted + 1
    if n <= p + 1 or rss <= 0:
        return float("inf") if rss > 0 else float("-inf")
    return float(n * np.log(rss / n) + 2 * p + 2 * p * (p + 1) / (n - p - 1))


def select(
    concentration: ArrayLike,
    response: ArrayLike,
    models: Sequence[str] = ("4pl", "5pl"),
    weighting: str = "1/yhat^2",
    on: str = "wells",
    floor: float = 0.0,
    direction: str | None = None,
) -> StandardCurve:
    """Fit the simplest of the named models that the standards do not refuse.

    Parameters
    ----------
    models : sequence of str
        From the simplest to the richest, each a special case of the next.

    Returns
    -------
    StandardCurve
        With a finding ``model-choice`` that gives the reasons.

    Raises
    ------
    CurveFitError
        As `fit`, for the simplest model.
    """
    if not models:
        raise CurveFitError("no model is named to choose from", hint='Try ("4pl", "5pl").')
    curve = fit(concentration, response, models[0], weighting, on, floor, direction)
    told: list[Finding] = []
    for richer in models[1:]:
        if curve.n_levels < choose(richer).min_levels:
            break
        found = compare(curve, richer)
        told.append(_finding(found))
        if found.preferred != richer:
            break
        fitted = fit(concentration, response, richer, weighting, on, floor, direction)
        if not fitted.converged:
            break
        curve = fitted
    return replace(curve, told=(*curve.told, *told))


def _finding(found: Comparison) -> Finding:
    known = found.condition < 1e9
    condition = f"condition number {found.condition:.3g}" if known else "a parameter runs away"
    said = (
        f"AICc {'falls' if found.aicc_gain > 0 else 'rises'} by {abs(found.aicc_gain):.1f}, "
        f"F-test p = {found.p_value:.2g}, {condition}"
        + ("" if found.identified else f": not identified (limit {WORST_CONDITION:.0f})")
    )
    return Finding(
        "model-choice",
        Severity.NOTE,
        "",
        f"{found.preferred} was chosen between {found.simpler} and {found.richer}: "
        f"with {found.richer}, {said}.",
        found.p_value,
        CHANCE,
    )
