"""Weighted least squares of a curve model: Levenberg–Marquardt with analytic derivatives.

Positive parameters move on a log scale, so that B and C cannot leave their range and a step means
the same at 1 pg/mL and at 1 µg/mL. Parameters that the response is linear in (the ends A and D) are
solved for at every step: where the plateau was not seen, D and C run away together along a bent
valley that a search over all of them creeps through.

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
CLOSE = 1e-15
"""A step counts as nothing when it would lower the misfit by this share."""
POLISH = 80
"""Undamped steps at most; they close in slowly where the misfit stays large."""
SETTLED = 1e-5
"""Share of the root misfit that a last step may still be worth."""
NEAR = 1e-6
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

    @property
    def linear(self) -> NDArray[np.bool_]:
        """shape (k,): parameters that the response is linear in, solved for at every step."""
        return np.array(self.model.linear or [False] * len(self.model.names))

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
        return self.within(moved)

    def within(self, params: Floats) -> Floats:
        """Parameters moved to the bounds that they lie beyond."""
        if self.model.bounds is None:
            return params
        low, high = self.model.bounds(params, self.x)
        return np.where(self.free, np.clip(params, low, high), params)

    def bound(self, params: Floats) -> NDArray[np.int_]:
        """shape (k,): 1 at the upper bound, -1 at the lower one, 0 between."""
        if self.model.bounds is None:
            return np.zeros(len(params), dtype=int)
        low, high = self.model.bounds(params, self.x)
        tells = self.positive & self.free
        upper, lower = params >= high * (1 - NEAR), params <= low * (1 + NEAR)
        return np.where(tells, upper.astype(int) - lower.astype(int), 0)

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


def project(problem: Problem, params: Floats) -> Floats:
    """Linear parameters at their best for the others: a small linear least-squares problem."""
    solved = problem.free & problem.linear
    if not solved.any():
        return params
    bare = params.copy()
    bare[solved] = 0.0
    root = np.sqrt(problem.weights)
    with np.errstate(all="ignore"):
        design = root[:, None] * problem.model.gradient(problem.x, bare)[:, solved]
        if problem.model.log_response:
            design = design / problem.model.forward(problem.x, bare)[:, None]
        rest = root * (problem.y - problem.response(bare))
    if not (np.isfinite(design).all() and np.isfinite(rest).all()):
        return params
    size = np.linalg.norm(design, axis=0)
    size = np.where(size > 0, size, 1.0)
    best, *_ = np.linalg.lstsq(design / size, rest, rcond=1e-14)
    bare[solved] = best / size
    return bare


def bent(problem: Problem, params: Floats) -> tuple[Floats, Floats]:
    """Weighted Jacobian of the parameters that are not linear, and the residuals.

    What the linear parameters can make up for is taken out (Kaufman's form of variable projection),
    so that a step of the others alone is a step of all.

    References
    ----------
    Golub & Pereyra (2003), Inverse Problems 19, R1.
    """
    jacobian, rest = problem.scaled(params)
    linear = problem.linear[problem.free]
    straight, other = jacobian[:, linear], jacobian[:, ~linear]
    if straight.shape[1] and np.isfinite(jacobian).all():
        size = np.linalg.norm(straight, axis=0)
        axes, _ = np.linalg.qr(straight / np.where(size > 0, size, 1.0))
        other = other - axes @ (axes.T @ other)
    at = problem.bound(params)[problem.free][~linear]
    # A parameter at its bound that would go beyond stays where it is.
    held = at * (other.T @ rest) > 0
    return np.where(held, 0.0, other), rest


def step_to(problem: Problem, params: Floats, step: Floats) -> Floats:
    """Move the parameters that are not linear, then solve for those that are."""
    full = np.zeros(int(problem.free.sum()))
    full[~problem.linear[problem.free]] = step
    return project(problem, problem.move(params, full))


def descend(problem: Problem, start: Floats) -> tuple[Floats, float]:
    """Walk downhill from one start: params and misfit (inf where the model has no answer)."""
    params = project(problem, problem.within(start))
    misfit = problem.misfit(params)
    scale = float(problem.weights @ problem.y**2)
    count = int((problem.free & ~problem.linear).sum())
    if not np.isfinite(misfit) or count == 0:
        return params, misfit
    damping, size = 1e-3, np.zeros(count)
    for _ in range(STEPS):
        if misfit <= 1e-29 * scale:
            break
        jacobian, rest = bent(problem, params)
        if not np.isfinite(jacobian).all():
            break
        size = np.maximum(size, np.linalg.norm(jacobian, axis=0))
        unit = np.where(size > 0, size, 1.0)
        j = jacobian / unit
        normal, downhill = j.T @ j, j.T @ rest
        expected = np.inf
        while damping <= 1e12:
            step = np.linalg.solve(normal + damping * np.eye(count), downhill)
            expected = float(step @ (downhill + damping * step))
            if expected <= CLOSE * misfit:
                break
            moved = step_to(problem, params, step / unit)
            trial = problem.misfit(moved)
            if trial < misfit:
                gain = (misfit - trial) / expected
                damping = max(damping * (0.1 if gain > 0.75 else 0.5 if gain > 0.25 else 4), 1e-14)
                params, misfit = moved, trial
                break
            damping *= 8.0
        if expected <= CLOSE * misfit or damping > 1e12:
            break
    return params, misfit


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
    return params, misfit, bool(away <= SETTLED) or bool(problem.bound(params).any())


def minimise(problem: Problem, starts: Floats) -> tuple[Floats, float, bool]:
    """Lowest misfit that any of the starts leads to: params, misfit, converged."""
    found = [descend(problem, start) for start in starts if np.isfinite(start).all()]
    if not found:
        return np.full(len(problem.free), np.nan), np.inf, False
    params, misfit = min(found, key=lambda one: one[1])
    return polish(problem, params, misfit)
