"""Fit a standard curve.

The same path for every model: collect the points, refuse what cannot be a curve, weigh, search
from several starts and keep the lowest weighted misfit, then work out how sure it is. Weights that
follow the fitted response are taken again after each step until nothing moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.curves.contract import CurveModel
from assays.curves.doubts import doubts_about
from assays.curves.least_squares import Problem
from assays.curves.points import Points, collect
from assays.curves.refuse import refuse
from assays.curves.solve import Solution, solve
from assays.curves.standard_curve import StandardCurve
from assays.curves.weights import WEIGHTINGS, Weighting
from assays.errors import CurveFitError
from plates.findings import Finding, Severity
from plates.plugins import collect as collect_records

Floats = NDArray[np.float64]

WORST_CONDITION = 1e13
"""Beyond this, rounding decides what the parameters' errors are."""


def models() -> dict[str, CurveModel]:
    """Every curve model by name."""
    return {model.name: model for model in collect_records("assays.curves", "MODEL")}


def choose(name: str) -> CurveModel:
    """The curve model of a name.

    Raises
    ------
    CurveFitError
        When there is none, with the names there are.
    """
    known = models()
    if name not in known:
        raise CurveFitError(
            f"no curve model is called {name!r}", hint=f"Known: {', '.join(known)}."
        )
    return known[name]


def fit(
    concentration: ArrayLike,
    response: ArrayLike,
    model: str = "4pl",
    weighting: str = "1/yhat^2",
    on: str = "wells",
    floor: float = 0.0,
    direction: str | None = None,
) -> StandardCurve:
    """Fit a standard curve to concentrations and responses.

    Parameters
    ----------
    concentration : array_like, shape (n,)
        Known concentrations, any unit; a zero standard counts at 0.
    response : array_like, shape (n,)
        Readings, such as OD. Zeros and negatives are kept; NaN is a missing well.
    model : str
        ``4pl``, ``5pl``, ``3pl``, ``linear``, ``quadratic``, ``loglog`` or ``spline``.
    weighting : str
        ``none``; ``1/y``, ``1/y^2`` of each observed reading; ``1/yhat``, ``1/yhat^2`` of the
        fitted one, iterated to the fixed point; ``power``: the power is estimated as well.
    on : {"wells", "means"}
        Fit every well, or the mean of each concentration.
    floor : float
        Smallest response used in a weight, as a share of the range of the level means; 0 for none.
    direction : {"rising", "falling"}, optional
        What the assay's response must do; the other way round is refused.

    Returns
    -------
    StandardCurve
        Its `findings` say what is doubtful.

    Raises
    ------
    CurveFitError
        When model or weighting is unknown, or the standards are too few, flat or reversed.
    """
    if weighting not in WEIGHTINGS:
        known = ", ".join(WEIGHTINGS)
        raise CurveFitError(f"no weighting is called {weighting!r}", hint=f"Known: {known}.")
    if not 0 <= floor < 1:
        raise CurveFitError(f"the floor {floor:g} is no share of the response range")
    curve_model = choose(model)
    points = collect(concentration, response, on)
    if curve_model.log_response:
        points, left_out = _without_logless(points)
    else:
        left_out = ()
    refuse(points, curve_model, direction)
    if curve_model.sized is not None:
        curve_model = curve_model.sized(points.x)
    rule = WEIGHTINGS[weighting]
    least = floor * float(np.ptp(points.level_means))
    solution, notes = solve(curve_model, points, rule, least)
    curve = _describe(curve_model, points, rule, on, solution)
    return replace(curve, findings=(*left_out, *notes, *doubts_about(curve, points)))


def fit_many(
    concentrations: Sequence[ArrayLike], responses: Sequence[ArrayLike], **choices: object
) -> list[StandardCurve]:
    """Fit many curves; the same results as `fit` one by one.

    Parameters
    ----------
    concentrations, responses : sequence of array_like
        One pair per curve; lengths may differ. An array of shape (curves, n) will do.
    **choices
        As for `fit`.
    """
    if len(concentrations) != len(responses):
        raise CurveFitError(
            f"{len(concentrations)} series stand beside {len(responses)} of responses"
        )
    pairs = zip(concentrations, responses, strict=True)
    return [fit(x, y, **choices) for x, y in pairs]  # type: ignore[arg-type]


def _without_logless(points: Points) -> tuple[Points, tuple[Finding, ...]]:
    usable = (points.x > 0) & (points.y > 0)
    if usable.all():
        return points, ()
    out = int((~usable).sum())
    finding = Finding(
        "no-logarithm",
        Severity.NOTE,
        "",
        f"{out} points at concentration or response 0 or below have no logarithm and stand "
        "outside a log-log fit.",
        float(out),
    )
    kept = (points.x[usable], points.y[usable], points.wells[usable])
    return Points(*kept, points.missing, points.replicate_sd, points.replicate_df), (finding,)


def _describe(
    model: CurveModel, points: Points, rule: Weighting, on: str, solution: Solution
) -> StandardCurve:
    y = np.log(points.y) if model.log_response else points.y
    params, weights = solution.params, solution.weights
    fixed = model.fixed(points.x, points.y) if model.fixed else (None,) * len(model.names)
    free = np.array([value is None for value in fixed])
    problem = Problem(model, points.x, y, weights, free)
    rss = problem.misfit(params)
    n, k = len(points.x), int(free.sum())
    df = n - k
    root, condition = _uncertainty(problem, params, rss, df)
    mean = float(np.average(y, weights=weights))
    total = float(weights @ (y - mean) ** 2)
    spread = np.log(2 * np.pi * rss / n) + 1 if rss > 0 else -np.inf
    loglik = float(-0.5 * n * spread + 0.5 * np.sum(np.log(weights)))
    p = k + 1
    aicc = -2 * loglik + 2 * p + 2 * p * (p + 1) / (n - p - 1) if n > p + 1 else np.inf
    return StandardCurve(
        model,
        dict(zip(model.names, (float(value) for value in params), strict=True)),
        root @ root.T,
        root,
        rule.name,
        on,
        solution.theta,
        solution.floor,
        rss,
        df,
        n,
        len(points.levels),
        float(n / np.sum(1 / points.wells)),
        1 - rss / total if total > 0 else np.nan,
        loglik,
        aicc,
        condition,
        solution.converged,
        (),
        points.x,
        points.y,
        weights,
    )


def _uncertainty(
    problem: Problem, params: Floats, rss: float, df: int
) -> tuple[NDArray[np.float64], float]:
    """Root R of the covariance s² (J'WJ)⁻¹ = R R', and the condition of the scaled Jacobian."""
    unknown = np.full((len(params), int(problem.free.sum())), np.nan)
    jacobian, _ = problem.scaled(params)
    natural = np.where(problem.positive, params, 1.0)[problem.free]
    size = np.linalg.norm(jacobian, axis=0)
    if not np.isfinite(jacobian).all() or not (size > 0).all():
        return unknown, np.inf
    _, singular, rows = np.linalg.svd(jacobian / size, full_matrices=False)
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else np.inf
    if df <= 0 or condition > WORST_CONDITION:
        return unknown, condition
    root = np.zeros_like(unknown)
    root[problem.free] = (rows.T / singular) / size[:, None] * natural[:, None]
    return np.sqrt(rss / df) * root, condition
