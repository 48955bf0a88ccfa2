"""Fit a standard curve.

The same path for every model: collect the points, refuse what cannot be a curve, weigh, search
from several starts and keep the lowest weighted misfit, then work out how sure it is. Weights that
follow the fitted response are taken again after each step until nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import ArrayLike

from assays.curves.contract import CurveModel
from assays.curves.describe import describe
from assays.curves.doubts import doubts_about
from assays.curves.hold import hold, refuse_given
from assays.curves.points import Points, collect
from assays.curves.refuse import refuse
from assays.curves.solve import solve
from assays.curves.standard_curve import StandardCurve
from assays.curves.weights import STEADY_FLOOR, WEIGHTINGS, Weighting
from assays.errors import CurveFitError
from plates.findings import Finding, Severity
from plates.plugins import collect as collect_records


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
        near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        raise CurveFitError(
            f"no curve model is called {name!r}",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}.",
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
    power: float | None = None,
    fix: Mapping[str, float] | None = None,
) -> StandardCurve:
    """Fit a standard curve to concentrations and responses.

    Parameters
    ----------
    concentration : array_like, shape (n,)
        Known concentrations, any unit; a zero standard counts at 0.
    response : array_like, shape (n,)
        Readings, such as OD. Zeros and negatives are kept; NaN is a missing well.
    model : str
        ``4pl``, ``5pl``, ``3pl``, ``linear``, ``quadratic``, ``loglog``, ``loglogit`` or
        ``spline``.
    weighting : str
        ``none``; ``1/y``, ``1/y^2`` of each observed reading; ``1/yhat``, ``1/yhat^2`` of the
        fitted one, iterated to the fixed point; ``power``: variance goes with a power of the
        fitted response, estimated or given; ``two-component``: with its square plus an estimated
        constant; ``robust``: as that, and wells far from the curve count less.
    on : {"wells", "means"}
        Fit every well, or the mean of each concentration.
    floor : float
        Smallest response used in a weight, as a share of the range of the level means; 0 for none.
    direction : {"rising", "falling"}, optional
        What the assay's response must do; the other way round is refused.
    power : float, optional
        For ``power``: the SD goes with this power of the response (0.75, say), known from many
        plates, see `assays.curves.pooled`; estimated from this plate when not given.
    fix : mapping of parameter name to value, optional
        Parameters of a logistic curve that are given instead of fitted: ``{"A": 1.2, "B": 1.0}``.
        Degrees of freedom, errors and intervals then count the fitted ones only.

    Returns
    -------
    StandardCurve
        Its `findings` say what is doubtful.

    Raises
    ------
    CurveFitError
        When model or weighting is unknown, a parameter to fix unknown or not finite, or the
        standards are too few, flat or reversed.
    """
    series = [concentration], [response]
    return _fit_all(*series, model, weighting, on, floor, direction, power, fix)[0]


def fit_many(
    concentrations: Sequence[ArrayLike],
    responses: Sequence[ArrayLike],
    model: str = "4pl",
    weighting: str = "1/yhat^2",
    on: str = "wells",
    floor: float = 0.0,
    direction: str | None = None,
    power: float | None = None,
    fix: Mapping[str, float] | None = None,
) -> list[StandardCurve]:
    """Fit many curves together; the same results as `fit` one by one, in a fraction of the time.

    Parameters
    ----------
    concentrations, responses : sequence of array_like
        One pair per curve; lengths may differ. An array of shape (curves, n) will do.
    model, weighting, on, floor, direction, power, fix
        As for `fit`; the same for every curve.

    Raises
    ------
    CurveFitError
        As `fit`; the place says which curve, counted from 0.
    """
    if len(concentrations) != len(responses):
        raise CurveFitError(
            f"{len(concentrations)} series stand beside {len(responses)} of responses"
        )
    return _fit_all(concentrations, responses, model, weighting, on, floor, direction, power, fix)


def _fit_all(
    concentrations: Sequence[ArrayLike],
    responses: Sequence[ArrayLike],
    model: str,
    weighting: str,
    on: str,
    floor: float,
    direction: str | None,
    power: float | None,
    fix: Mapping[str, float] | None,
) -> list[StandardCurve]:
    if weighting not in WEIGHTINGS:
        known = ", ".join(WEIGHTINGS)
        raise CurveFitError(f"no weighting is called {weighting!r}", hint=f"Known: {known}.")
    if not 0 <= floor < 1:
        raise CurveFitError(f"the floor {floor:g} is no share of the response range")
    chosen, rule = hold(choose(model), fix), WEIGHTINGS[weighting]
    if power is not None:
        if weighting != "power" or not 0 <= power <= 3:
            raise CurveFitError(
                f"the power {power:g} does not go with weighting {weighting!r}",
                hint='Give a power from 0 to 3, with weighting "power".',
            )
        rule = replace(rule, theta=power)
    gathered: list[tuple[CurveModel, Points, tuple[Finding, ...]]] = []
    for i, pair in enumerate(zip(concentrations, responses, strict=True)):
        try:
            gathered.append(_gather(*pair, chosen, on, direction))
        except CurveFitError as error:
            if len(concentrations) == 1:
                raise
            raise CurveFitError(error.message, f"curve {i}", error.hint) from error
    alike: dict[object, list[int]] = {}
    for i, (one, points, _) in enumerate(gathered):
        fixed = np.isnan(one.given(points.x, points.y))
        key = (one.names, len(points.x), fixed.tobytes())
        alike.setdefault(key, []).append(i)
    curves: list[StandardCurve] = [None] * len(gathered)  # type: ignore[list-item]
    for rows in alike.values():
        together = [gathered[i] for i in rows]
        for i, curve in zip(rows, _fit_alike(together, rule, on, floor), strict=True):
            curves[i] = curve
    return curves


def _gather(
    concentration: ArrayLike,
    response: ArrayLike,
    model: CurveModel,
    on: str,
    direction: str | None,
) -> tuple[CurveModel, Points, tuple[Finding, ...]]:
    points = collect(concentration, response, on)
    left_out: tuple[Finding, ...] = ()
    if model.log_response:
        points, left_out = _without_logless(points)
    refuse(points, model, direction)
    refuse_given(model, points.x, points.y)
    return model.sized(points.x) if model.sized is not None else model, points, left_out


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
    return points.only(usable), (finding,)


def _fit_alike(
    gathered: Sequence[tuple[CurveModel, Points, tuple[Finding, ...]]],
    rule: Weighting,
    on: str,
    floor: float,
) -> list[StandardCurve]:
    """Curves with the same model and number of points."""
    model, every = gathered[0][0], [points for _, points, _ in gathered]
    x, y = np.stack([points.x for points in every]), np.stack([points.y for points in every])
    span = np.array([float(np.ptp(points.level_means)) for points in every])
    solution = solve(model, x, y, rule, floor * span, np.maximum(floor, STEADY_FLOOR) * span)
    described = describe(model, every, rule, on, solution)
    return [
        replace(curve, told=(*left_out, *notes), doubt=doubts_about)
        for curve, (_, _, left_out), notes in zip(described, gathered, solution.notes, strict=True)
    ]
