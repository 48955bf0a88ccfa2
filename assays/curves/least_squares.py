"""Weighted least squares of a curve model, for one curve or thousands side by side.

Every array has the curves as its first axis (or behind the parameters' axis), and all of them take
their steps together: Levenberg–Marquardt with analytic derivatives. Positive parameters move on a
log scale, so that B and C cannot leave their range and a step means the same at 1 pg/mL and at
1 µg/mL. Parameters that the response is linear in (the ends A and D) are solved for at every step:
where the plateau was not seen, D and C run away together along a bent valley that a search over all
of them creeps through.

Each curve's numbers are worked out along its own row, so that a curve has the same answer alone and
among others.

References
----------
Moré (1978), The Levenberg–Marquardt algorithm, Lecture Notes in Mathematics 630.
Golub & Pereyra (2003), Separable nonlinear least squares, Inverse Problems 19, R1.
Kaufman (1975), BIT 15, 49: the step of the curved parameters alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]

NEAR = 0.05
"""A coordinate this close to its bound is at it: the standards cannot tell the two apart."""
TINY = 1e-28
"""A column that this share of its square is left of, once the others are taken out, is one of
the others."""
FARTHEST = 690.0
"""Logs of positive parameters stay within +- this: the range of a float."""


@contextmanager
def quiet() -> Iterator[None]:
    """Numbers that run out of range on a trial step are no news: such a step is not taken."""
    with np.errstate(all="ignore"):
        yield


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One model, b sets of points, and which parameters may move."""

    model: CurveModel
    x: Floats
    """shape (b, n)"""
    y: Floats
    """shape (b, n), on the scale that least squares are taken on"""
    root: Floats
    """shape (b, n), square roots of the weights"""
    free: Bools
    """shape (k,)"""
    log_x: Floats
    """shape (b, n)"""
    extent: Floats
    """shape (2, b), logs of the lowest concentration above zero and of the highest"""
    curved: NDArray[np.intp]
    """shape (p,), parameters that a step moves; the other free ones are solved for."""
    logs: Bools
    """shape (p, 1), whether a curved parameter moves on a log scale"""
    moving: Bools
    """shape (q,), which of a model's parameters that are no ends are curved ones; the others are
    given"""
    all_move: bool
    """Whether none of them is given."""
    ends: tuple[int, ...]
    """Places of the parameters that the response is linear in."""

    def rows(self, chosen: Rows) -> Problem:
        """The same for some of the curves."""
        if len(chosen) == len(self.x):
            return self
        return replace(
            self,
            x=self.x[chosen],
            y=self.y[chosen],
            root=self.root[chosen],
            log_x=self.log_x[chosen],
            extent=self.extent[:, chosen],
        )


def problem_of(model: CurveModel, x: Floats, y: Floats, weights: Floats, free: Bools) -> Problem:
    """Put the points of b curves together; x, y, weights have shape (b, n)."""
    with np.errstate(divide="ignore"):
        log_x = np.log(x)
    lowest = np.where(x > 0, log_x, np.inf).min(axis=1, initial=np.inf)
    extent = np.stack([lowest, log_x.max(axis=1, initial=-np.inf)])
    linear = np.array(model.linear or free & False)
    alone = model.share is not None or bool(linear[free].all())
    curved = np.flatnonzero(free & ~(linear & alone))
    logs = np.array(model.positive, dtype=bool)[curved][:, None]
    moving = free[~linear]
    ends = tuple(np.flatnonzero(linear).tolist())
    root, all_move = np.sqrt(weights), bool(moving.all())
    return Problem(model, x, y, root, free, log_x, extent, curved, logs, moving, all_move, ends)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The curves at some coordinates, the parameters that are solved for at their best for them."""

    shape: Floats
    """shape (p, b), coordinates of the curved parameters: logs of the positive ones"""
    low: Floats
    """shape (p, b), lowest coordinates; -inf where there is no bound"""
    high: Floats
    """shape (p, b), highest coordinates"""
    params: Floats
    """shape (b, k); the curved ones are written by `params_of`"""
    rest: Floats
    """shape (b, n), weighted residuals"""
    misfit: Floats
    """shape (b,), weighted residual sum of squares; inf where the model has no finite answer"""
    bends: Floats
    """shape (p, b, n), weighted derivatives by the coordinates, with what the parameters solved
    for make up for taken out"""

    def put(self, rows: Rows, other: Look) -> None:
        """Write what was found for some curves into their places."""
        self.params[rows], self.rest[rows] = other.params, other.rest
        self.misfit[rows], self.bends[:, rows] = other.misfit, other.bends
        self.shape[:, rows] = other.shape
        self.low[:, rows], self.high[:, rows] = other.low, other.high

    def rows(self, chosen: Rows) -> Look:
        """The same for some of the curves, apart from these."""
        return Look(
            self.shape[:, chosen],
            self.low[:, chosen],
            self.high[:, chosen],
            self.params[chosen],
            self.rest[chosen],
            self.misfit[chosen],
            self.bends[:, chosen],
        )


def coordinates(problem: Problem, params: Floats) -> Floats:
    """Coordinates (p, b) of the curved parameters in vectors of shape (b, k)."""
    own = params[:, problem.curved].T
    return np.where(problem.logs, np.log(np.where(problem.logs, own, 1.0)), own)


def params_of(problem: Problem, at: Look) -> Floats:
    """Parameter vectors, shape (b, k)."""
    natural = np.where(problem.logs, np.exp(np.where(problem.logs, at.shape, 0.0)), at.shape)
    at.params[:, problem.curved] = natural.T
    return at.params


def look(problem: Problem, params: Floats, shape: Floats) -> Look:
    """Go to coordinates, or the bounds they pass; solve for the rest; take derivatives there.

    Parameters
    ----------
    params : ndarray, shape (b, k)
        Fixed parameters count, and are kept.
    shape : ndarray, shape (p, b)
    """
    model = problem.model
    if model.bounds is None:
        low, high = np.full_like(shape, -np.inf), np.full_like(shape, np.inf)
    else:
        low, high = bounds_of(problem, params, shape)
        shape = np.minimum(np.maximum(shape, low), high)
    params = params.copy()
    if model.share is not None:
        rest, bends = _look_between_ends(problem, params, shape)
    elif len(problem.curved):
        rest, bends = _look_plain(problem, params, shape)
    else:
        rest, bends = _look_straight(problem, params)
    misfit = np.vecdot(rest, rest)
    misfit = np.where(np.isfinite(misfit), misfit, np.inf)
    return Look(shape, low, high, params, rest, misfit, bends)


def bounds_of(problem: Problem, params: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest coordinates, shape (p, b) each, for a model that has bounds."""
    assert problem.model.bounds is not None
    low, high = problem.model.bounds(_with_given(problem, params, shape), problem.extent)
    if problem.all_move:
        return low, high
    return low[problem.moving], high[problem.moving]


def _with_given(problem: Problem, params: Floats, shape: Floats) -> Floats:
    """Logs of all parameters that are no ends: where the search stands, and what is given."""
    if problem.all_move:
        return shape
    curved = [i for i in range(params.shape[1]) if i not in problem.ends]
    every = np.log(params[:, curved].T)
    every[problem.moving] = shape
    return every


def _look_between_ends(problem: Problem, params: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """``A * low + D * high`` with A and D at their best, or as given."""
    model, root = problem.model, problem.root
    assert model.share is not None
    whole = _with_given(problem, params, shape)
    low, high, slopes = model.share(problem.log_x, whole[:, :, None])
    if not problem.all_move:
        slopes = slopes[problem.moving]
    first, last = problem.ends
    rest = root * problem.y
    axes = []
    if problem.free[first] and problem.free[last]:
        a, b = low * root, high * root
        aa = np.vecdot(a, a)
        shared = np.vecdot(a, b) / aa
        size = np.vecdot(b, b)
        b = b - a * shared[:, None]
        bb = np.vecdot(b, b)
        bb = np.where(bb > TINY * size, bb, np.inf)
        from_a = np.vecdot(a, rest) / aa
        rest = rest - a * from_a[:, None]
        end = np.vecdot(b, rest) / bb
        rest -= b * end[:, None]
        params[:, first], params[:, last] = from_a - shared * end, end
        axes = [(a, aa), (b, bb)]
    else:
        ends = ((first, low), (last, high))
        for place, column in ends:
            if not problem.free[place]:
                rest = rest - root * column * params[:, place, None]
        for place, column in ends:
            if problem.free[place]:
                a = column * root
                aa = np.vecdot(a, a)
                params[:, place] = np.vecdot(a, rest) / aa
                rest = rest - a * params[:, place, None]
                axes.append((a, aa))
    bends = slopes * (root * (params[:, first] - params[:, last])[:, None])
    for a, aa in axes:
        bends -= a * (np.vecdot(bends, a) / aa)[:, :, None]
    return rest, bends


def _look_plain(problem: Problem, params: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """No parameter is solved for: the model's own response and gradient."""
    logs = problem.logs
    params[:, problem.curved] = np.where(logs, np.exp(np.where(logs, shape, 0.0)), shape).T
    columns, fitted = design_of(problem, params)
    return problem.root * (problem.y - fitted), columns


def _look_straight(problem: Problem, params: Floats) -> tuple[Floats, Floats]:
    """Every free parameter is solved for."""
    params[:, problem.free] = 0.0
    columns, at_zero = design_of(problem, params)
    rest = problem.root * (problem.y - at_zero)
    axes, triangle, shares = orthogonal(columns, rest)
    for axis, share in zip(axes, shares, strict=True):
        rest -= axis * share[:, None]
    params[:, problem.free] = solve_triangle(triangle, shares).T
    return rest, np.empty((0, *rest.shape))


def design_of(problem: Problem, params: Floats) -> tuple[Floats, Floats]:
    """Weighted derivatives by the free coordinates, shape (f, b, n), and the response.

    A model that cannot work on many curves at once (its fixed parameters are not the same number
    for each) is asked one curve at a time.
    """
    model = problem.model
    if model.fixed is not None and model.share is None:
        pairs = list(zip(problem.x, params, strict=True))
        gradient = np.stack([model.gradient(x, p) for x, p in pairs])
        fitted = np.stack([model.forward(x, p) for x, p in pairs])
    else:
        natural = params.T[:, :, None]
        gradient = model.gradient(problem.x, natural)
        fitted = np.broadcast_to(model.forward(problem.x, natural), problem.x.shape)
    if model.log_response:
        gradient, fitted = gradient / fitted[:, :, None], np.log(fitted)
    scale = np.where(model.positive, params, 1.0)[:, None, :]
    columns = np.moveaxis((gradient * scale)[:, :, problem.free], -1, 0)
    return np.ascontiguousarray(columns * problem.root), fitted


def orthogonal(columns: Floats, rest: Floats) -> tuple[Floats, Floats, Floats]:
    """Orthonormal axes of k columns, the triangle between them, and the residuals' shares.

    Gram–Schmidt taken twice, on all curves together; a column that the ones before it make up
    gets an axis of zeros.

    Parameters
    ----------
    columns : ndarray, shape (k, b, n)
    rest : ndarray, shape (b, n)

    Returns
    -------
    tuple of ndarray
        Axes (k, b, n), upper triangle (k, k, b), shares (k, b).
    """
    count = len(columns)
    axes = np.array(columns)
    triangle = np.zeros((count, count, columns.shape[1]))
    shares = np.zeros((count, columns.shape[1]))
    for j in range(count):
        axis = axes[j]
        whole = np.vecdot(axis, axis)
        for _ in range(2 if j else 0):
            for i in range(j):
                share = np.vecdot(axes[i], axis)
                triangle[i, j] += share
                axis -= axes[i] * share[:, None]
        size = np.vecdot(axis, axis) if j else whole
        size = np.sqrt(np.where(size > TINY * whole, size, 0.0))
        triangle[j, j] = size
        axis /= np.where(size > 0, size, np.inf)[:, None]
        shares[j] = np.vecdot(axis, rest)
    return axes, triangle, shares


def solve_triangle(triangle: Floats, shares: Floats) -> Floats:
    """Coefficients (k, b) of the columns behind `orthogonal`; 0 for a column without an axis."""
    found = np.zeros_like(shares)
    for i in reversed(range(len(shares))):
        left = shares[i]
        for j in range(i + 1, len(shares)):
            left = left - triangle[i, j] * found[j]
        found[i] = left / np.where(triangle[i, i] > 0, triangle[i, i], np.inf)
    return found
