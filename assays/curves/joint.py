"""The search for parameters that several plates share: one vector of coordinates for all of them.

Positive parameters move on a log scale; each plate's rows of the Jacobian touch its own coordinates
and the shared ones. The derivatives are the models' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel
from assays.curves.standard_curve import StandardCurve
from assays.errors import CurveFitError

Floats = NDArray[np.float64]

MOST_LOOKS = 300
FARTHEST = 690.0
"""Logs of positive parameters stay within +- this: the range of a float."""
TINY = 1e-12
"""Share of the largest singular value below which ends cannot be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each plate's parameters stand in the vector of all coordinates."""

    model: CurveModel
    place: NDArray[np.intp]
    """shape (plates, k), -1 for a given one"""
    given: Floats
    """shape (plates, k), values of the given ones"""
    logs: NDArray[np.bool_]
    """shape (k,)"""
    size: int

    def vector(self, at: Floats, plate: int) -> Floats:
        """Parameters of one plate."""
        place = self.place[plate]
        own = np.where(place >= 0, at[place], 0.0)
        natural = np.where(
            self.logs, np.exp(np.clip(np.where(self.logs, own, 0.0), -FARTHEST, FARTHEST)), own
        )
        return np.where(place >= 0, natural, self.given[plate])


def laid_out(model: CurveModel, own: Sequence[StandardCurve], shared: tuple[str, ...]) -> Places:
    """Give every parameter of every plate its coordinate, shared ones one between them.

    Raises
    ------
    CurveFitError
        When a shared parameter is given, not fitted.
    """
    k = len(model.names)
    place, given, size = np.full((len(own), k), -1), np.zeros((len(own), k)), 0
    for j, name in enumerate(model.names):
        held = [i for i, curve in enumerate(own) if name in curve.fixed]
        if name in shared and held:
            raise CurveFitError(
                f"{name} is given in {model.name}, not fitted: there is nothing to share",
                hint="Leave it out of the shared parameters: all plates have it already.",
            )
        for i, curve in enumerate(own):
            if i in held:
                given[i, j] = curve.params[name]
                continue
            place[i, j] = size
            size += name not in shared
        size += name in shared
    return Places(model, place, given, np.array(model.positive, dtype=bool), size)


def _start(layout: Places, own: Sequence[StandardCurve], lead: int | None) -> Floats:
    """Coordinates of the own fits, shared ones those of one plate, or their median."""
    at = np.zeros(layout.size)
    natural = np.stack([curve.vector for curve in own])
    coordinates = np.where(layout.logs, np.log(np.where(layout.logs, natural, 1.0)), natural)
    for j in range(natural.shape[1]):
        places = layout.place[:, j]
        if (places >= 0).all() and len(set(places.tolist())) == 1:
            column = coordinates[:, j]
            at[places[0]] = float(np.median(column)) if lead is None else column[lead]
            continue
        kept = places >= 0
        at[places[kept]] = coordinates[kept, j]
    return at


def together(layout: Places, own: Sequence[StandardCurve]) -> tuple[Floats, Floats, float, bool]:
    """Coordinates, weighted Jacobian, weighted misfit, and whether the search settled.

    Only the curved coordinates are searched; those that the response is linear in (the ends A and
    D) are solved for at every step, with what they make up for taken out of the derivatives.
    """
    from scipy.optimize import least_squares

    data = _Data.of(layout, own)
    curved, linear = np.flatnonzero(~data.linear), np.flatnonzero(data.linear)
    if not len(curved):
        at, rest, _ = _solved(data, np.zeros(layout.size), linear, curved)
        return at, data.design(at)[1], float(rest @ rest), True
    best, settled = None, False
    # From the median of the plates, and from two of them.
    for lead in (None, 0, len(own) - 1):
        look = _Look(data, _start(layout, own, lead), linear, curved)
        with np.errstate(all="ignore"):
            found = least_squares(
                look.residuals,
                look.begun[curved],
                look.jacobian,
                x_scale="jac",
                xtol=1e-12,
                ftol=1e-14,
                gtol=1e-14,
                max_nfev=MOST_LOOKS,
            )
        if best is None or 2 * found.cost < float(best[1] @ best[1]):
            best, settled = look.at(found.x), bool(found.status > 0)
    assert best is not None
    at, rest, _ = best
    return at, data.design(at)[1], float(rest @ rest), settled


@dataclass(slots=True, eq=False)
class _Look:
    """What the search asks for at its coordinates; the last answer is kept."""

    data: _Data
    begun: Floats
    linear: NDArray[np.intp]
    curved: NDArray[np.intp]
    key: bytes = b""
    last: tuple[Floats, Floats, Floats] | None = None

    def at(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """All coordinates, weighted residuals and their derivatives."""
        key = values.tobytes()
        if self.last is None or key != self.key:
            coordinates = self.begun.copy()
            coordinates[self.curved] = values
            self.key, self.last = key, _solved(self.data, coordinates, self.linear, self.curved)
        return self.last

    def residuals(self, values: Floats) -> Floats:
        return self.at(values)[1]

    def jacobian(self, values: Floats) -> Floats:
        return self.at(values)[2]


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """The plates' points one below the other."""

    layout: Places
    own: Sequence[StandardCurve]
    ends: NDArray[np.intp]
    y: Floats
    """shape (n,), on the scale that least squares are taken on"""
    root: Floats
    """shape (n,), square roots of the weights"""
    linear: NDArray[np.bool_]
    """shape (size,), coordinates that the response is linear in"""

    @classmethod
    def of(cls, layout: Places, own: Sequence[StandardCurve]) -> _Data:
        logs = layout.model.log_response
        y = np.concatenate([np.log(curve.y) if logs else curve.y for curve in own])
        root = np.sqrt(np.concatenate([curve.weights for curve in own]))
        linear = np.zeros(layout.size, dtype=bool)
        for j, straight in enumerate(layout.model.linear):
            places = layout.place[:, j]
            linear[places[places >= 0]] = straight
        ends = np.cumsum([0, *(curve.n for curve in own)])
        return cls(layout, own, ends, y, root, linear)

    def design(self, at: Floats) -> tuple[Floats, Floats]:
        """Response (n,) and weighted derivatives by every coordinate (n, size)."""
        model, layout = self.layout.model, self.layout
        out, every = np.zeros((len(self.y), layout.size)), np.zeros(len(self.y))
        with np.errstate(all="ignore"):
            for i, curve in enumerate(self.own):
                rows = slice(self.ends[i], self.ends[i + 1])
                vector = layout.vector(at, i)
                fitted = model.forward(curve.x, vector)
                gradient = model.gradient(curve.x, vector) * np.where(layout.logs, vector, 1.0)
                if model.log_response:
                    gradient, fitted = gradient / fitted[:, None], np.log(fitted)
                kept = layout.place[i] >= 0
                out[rows, layout.place[i][kept]] = gradient[:, kept] * self.root[rows, None]
                every[rows] = fitted
        return every, np.where(np.isfinite(out), out, 0.0)


def _solved(
    data: _Data, at: Floats, linear: NDArray[np.intp], curved: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """Linear coordinates at their best; weighted residuals; derivatives of these by the others.

    Kaufman (1975), BIT 15, 49.
    """
    with np.errstate(all="ignore"):
        return _at_their_best(data, at.copy(), linear, curved)


def _at_their_best(
    data: _Data, at: Floats, linear: NDArray[np.intp], curved: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    at[linear] = 0.0
    fitted, columns = data.design(at)
    rest = data.root * (data.y - fitted)
    axes = np.zeros((len(rest), 0))
    if len(linear):
        straight = columns[:, linear]
        size = np.sqrt((straight * straight).sum(axis=0))
        size = np.where(size > 0, size, 1.0)
        axes, singular, rows = np.linalg.svd(straight / size, full_matrices=False)
        kept = singular > TINY * singular[0]
        axes = axes[:, kept]
        shares = axes.T @ rest
        at[linear] = (shares / singular[kept]) @ rows[kept] / size
        rest = rest - axes @ shares
        _, columns = data.design(at)
    bends = columns[:, curved]
    bends = bends - axes @ (axes.T @ bends)
    return at, np.where(np.isfinite(rest), rest, 1e150), -bends


def root_of(jacobian: Floats, sd: float) -> Floats:
    """R with R R' = s² (J'J)⁻¹ over all coordinates; NaN where they are not pinned down."""
    size = np.sqrt((jacobian * jacobian).sum(axis=0))
    if not (size > 0).all() or not np.isfinite(sd):
        return np.full((jacobian.shape[1],) * 2, np.nan)
    _, singular, rows = np.linalg.svd(jacobian / size, full_matrices=False)
    if singular[-1] <= 1e-13 * singular[0]:
        return np.full((jacobian.shape[1],) * 2, np.nan)
    return np.asarray(sd * rows.T / singular / size[:, None])
