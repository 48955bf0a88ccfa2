"""Weighted least squares of a curve model: Levenberg–Marquardt with analytic derivatives.

Positive parameters move on a log scale, so that B and C cannot leave their range and a step means
the same at 1 pg/mL and at 1 µg/mL. The search is a plain loop per start: curves have a handful of
parameters and tens of points.

References
----------
Moré (1978), The Levenberg–Marquardt algorithm, Lecture Notes in Mathematics 630.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]

STEPS = 400
EXACT = 1e-13
"""Residuals below this share of the responses are rounding."""
CLOSE = 1e-10
"""A step counts as nothing when it would lower the misfit by this share of its square root."""
POLISH = 80
"""Undamped steps at most; they close in slowly where the misfit stays large."""
FARTHEST = 690.0
"""Logs of positive parameters stay within +- this: the range of a float."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A model, its points, and which parameters may move."""

    model: CurveModel
    x: Floats
    y: Floats
    weights: Floats
    free: NDArray[np.bool_]
    """shape (k,)"""

    @property
    def positive(self) -> NDArray[np.bool_]:
        """shape (k,): parameters on a log scale."""
        return np.array(self.model.positive)

    def response(self, params: Floats) -> Floats:
        """The model at the points, on the scale that least squares are taken on."""
        fitted = self.model.forward(self.x, params)
        return np.log(fitted) if self.model.log_response else fitted

    def misfit(self, params: Floats) -> float:
        """Weighted residual sum of squares; inf where the model has no finite answer."""
        with np.errstate(all="ignore"):
            value = float(self.weights @ (self.y - self.response(params)) ** 2)
        return value if np.isfinite(value) else np.inf

    def jacobian(self, params: Floats) -> Floats:
        """Derivatives by the moving coordinates (logs of positive parameters), shape (n, f)."""
        with np.errstate(all="ignore"):
            jacobian = self.model.gradient(self.x, params)
            if self.model.log_response:
                jacobian = jacobian / self.model.forward(self.x, params)[:, None]
            return (jacobian * np.where(self.positive, params, 1.0))[:, self.free]

    def move(self, params: Floats, step: Floats) -> Floats:
        """Parameters after a step of the moving coordinates."""
        full = np.zeros(len(params))
        full[self.free] = step
        moved = params.copy()
        plain = ~self.positive
        moved[plain] += full[plain]
        on_log = np.log(params[self.positive]) + full[self.positive]
        moved[self.positive] = np.exp(np.clip(on_log, -FARTHEST, FARTHEST))
        return moved

    def scaled(self, params: Floats) -> tuple[Floats, Floats]:
        """Weighted Jacobian and residuals, ready for a linear least-squares step."""
        root = np.sqrt(self.weights)
        with np.errstate(all="ignore"):
            rest = root * (self.y - self.response(params))
        return root[:, None] * self.jacobian(params), rest


def gauss_newton(problem: Problem, params: Floats) -> tuple[Floats, float]:
    """Undamped step, and by how much of the misfit it is still away (0 at the minimum)."""
    jacobian, rest = problem.scaled(params)
    size = np.linalg.norm(jacobian, axis=0)
    if not (np.isfinite(jacobian).all() and np.isfinite(rest).all()):
        return np.full(jacobian.shape[1], np.nan), np.inf
    size = np.where(size > 0, size, 1.0)
    step, *_ = np.linalg.lstsq(jacobian / size, rest, rcond=1e-13)
    gain = float(np.linalg.norm(jacobian / size @ step))
    total = float(np.linalg.norm(rest))
    # A curve that goes through its points up to rounding has no direction left.
    exact = total <= EXACT * float(np.linalg.norm(np.sqrt(problem.weights) * problem.y))
    return step / size, 0.0 if exact else gain / total


def descend(problem: Problem, start: Floats) -> tuple[Floats, float, bool]:
    """Walk downhill from one start.

    Returns
    -------
    params : ndarray, shape (k,)
    misfit : float
    converged : bool
        Whether a further step would not lower the misfit.
    """
    params, misfit = start.copy(), problem.misfit(start)
    if not np.isfinite(misfit):
        return params, np.inf, False
    damping, size = 1e-3, np.zeros(int(problem.free.sum()))
    scale = float(problem.weights @ problem.y**2)
    for _ in range(STEPS):
        if misfit <= 1e-29 * scale:
            return params, misfit, True
        jacobian, rest = problem.scaled(params)
        if not np.isfinite(jacobian).all():
            return params, misfit, False
        size = np.maximum(size, np.linalg.norm(jacobian, axis=0))
        unit = np.where(size > 0, size, 1.0)
        j = jacobian / unit
        normal, downhill = j.T @ j, j.T @ rest
        while True:
            step = np.linalg.solve(normal + damping * np.eye(len(unit)), downhill)
            expected = float(step @ (downhill + damping * step))
            moved = problem.move(params, step / unit)
            trial = problem.misfit(moved)
            if trial < misfit:
                gain = (misfit - trial) / expected if expected > 0 else 1.0
                damping = max(damping * (0.1 if gain > 0.75 else 0.5 if gain > 0.25 else 4), 1e-14)
                params, misfit = moved, trial
                break
            damping *= 8.0
            if damping > 1e12 or expected <= CLOSE**2 * misfit:
                return params, misfit, True
        if expected <= CLOSE**2 * misfit:
            return params, misfit, True
    return params, misfit, False


def polish(problem: Problem, params: Floats, misfit: float) -> tuple[Floats, float, bool]:
    """A few undamped steps, kept only while they come closer to the minimum."""
    step, away = gauss_newton(problem, params)
    for _ in range(POLISH):
        if not np.isfinite(away) or away <= 1e-13:
            break
        moved = problem.move(params, step)
        trial = problem.misfit(moved)
        if not trial <= misfit * (1 + 1e-12):
            break
        further, next_away = gauss_newton(problem, moved)
        if not next_away < away:
            break
        params, misfit, step, away = moved, trial, further, next_away
    return params, misfit, bool(away <= 1e-5)


def minimise(problem: Problem, starts: Floats) -> tuple[Floats, float, bool]:
    """Lowest misfit that any of the starts leads to: params, misfit, converged."""
    found = [descend(problem, start) for start in starts if np.isfinite(start).all()]
    if not found:
        return np.full(len(problem.free), np.nan), np.inf, False
    params, misfit, _ = min(found, key=lambda one: one[1])
    return polish(problem, params, misfit)
