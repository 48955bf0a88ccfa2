"""From a solution to fitted curves: how sure each is, and how well it fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.least_squares import Problem, design_of, orthogonal, problem_of
from assays.curves.points import Points
from assays.curves.solution import Solution
from assays.curves.standard_curve import StandardCurve
from assays.curves.weights import Weighting

Floats = NDArray[np.float64]

WORST_CONDITION = 1e13
"""Beyond this, rounding decides what the parameters' errors are."""


def describe(
    model: CurveModel, every: Sequence[Points], rule: Weighting, on: str, solution: Solution
) -> list[StandardCurve]:
    """Curves with the same model and number of points, without findings."""
    x = np.stack([points.x for points in every])
    y = np.stack([np.log(p.y) if model.log_response else p.y for p in every])
    weights = solution.weights
    free = np.isnan(model.given(every[0].x, every[0].y))
    problem = problem_of(model, x, y, weights, free)
    n, k = x.shape[1], int(free.sum())
    df = n - k
    with np.errstate(all="ignore"):
        columns, fitted = design_of(problem, solution.params)
        rss = (weights * (y - fitted) ** 2).sum(axis=1)
        spread_rss, columns = _huber_spread(columns, weights, y - fitted, rss, solution.share)
        root, condition = _uncertainty(problem, columns, solution.params, spread_rss, df)
        mean = (weights * y).sum(axis=1) / weights.sum(axis=1)
        total = (weights * (y - mean[:, None]) ** 2).sum(axis=1)
        r_squared = np.where(total > 0, 1 - rss / total, np.nan)
        spread = np.where(rss > 0, np.log(2 * np.pi * rss / n) + 1, -np.inf)
        loglik = -0.5 * n * spread + 0.5 * np.log(weights).sum(axis=1)
        p = k + 1
        aicc = -2 * loglik + 2 * p
        aicc = aicc + 2 * p * (p + 1) / (n - p - 1) if n > p + 1 else np.full_like(aicc, np.inf)
        covariance = np.matmul(root, root.transpose(0, 2, 1))
    return [
        StandardCurve(
            model,
            dict(zip(model.names, solution.params[i].tolist(), strict=True)),
            covariance[i],
            root[i],
            rule.name,
            on,
            float(solution.theta[i]),
            float(solution.floor[i]),
            float(solution.constant[i]),
            float(rss[i]),
            _sd(float(spread_rss[i]), df),
            df,
            n,
            len(points.levels),
            float(n / np.sum(1 / points.wells)),
            float(r_squared[i]),
            float(loglik[i]),
            float(aicc[i]),
            float(condition[i]),
            bool(solution.converged[i] and np.isfinite(rss[i])),
            (),
            points.x,
            points.y,
            weights[i],
            points,
        )
        for i, points in enumerate(every)
    ]


def _sd(rss: float, df: int) -> float:
    return float(np.sqrt(rss / df)) if df > 0 else np.nan


def _huber_spread(
    columns: Floats, weights: Floats, apart: Floats, rss: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Residual sum of squares and derivatives that the errors of a robust fit are taken from.

    Huber (1981), equation 7.6.2: the sum of squared clipped residuals over the squared share of
    points that are not clipped, at weights without the clipping.
    """
    if (share == 1).all():
        return rss, columns
    inside = (share >= 1).mean(axis=1)
    clipped = (weights * share * apart**2).sum(axis=1) / inside**2
    return clipped, columns / np.sqrt(share)


def _uncertainty(
    problem: Problem, columns: Floats, params: Floats, rss: Floats, df: int
) -> tuple[Floats, Floats]:
    """Roots R of the covariances s² (J'WJ)⁻¹ = R R', shape (b, k, f), and the conditions (b,)."""
    count, k, f = len(params), params.shape[1], len(columns)
    natural = np.where(problem.model.positive, params, 1.0)[:, problem.free]
    size = np.sqrt((columns * columns).sum(axis=-1))
    usable = np.isfinite(columns).all(axis=(0, 2)) & (size > 0).all(axis=0)
    scaled = np.where(usable[:, None], columns / np.where(size > 0, size, 1.0)[:, :, None], 0.0)
    _, triangle, _ = orthogonal(scaled, np.zeros_like(params, shape=problem.x.shape))
    triangles = np.where(usable[:, None, None], np.moveaxis(triangle, -1, 0), np.eye(f))
    _, singular, rows = np.linalg.svd(triangles)
    condition = np.where(singular[:, -1] > 0, singular[:, 0] / singular[:, -1], np.inf)
    condition = np.where(usable, condition, np.inf)
    known = usable & (condition <= WORST_CONDITION) & (df > 0)
    root = np.zeros((count, k, f))
    inner = rows.transpose(0, 2, 1) / singular[:, None, :] / size.T[:, :, None]
    root[:, problem.free] = inner * natural[:, :, None]
    sd = np.sqrt(rss / df) if df > 0 else np.full(count, np.nan)
    root *= sd[:, None, None]
    root[~known] = np.nan
    return root, condition
