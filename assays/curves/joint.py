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
        natural = np.where(self.logs, np.exp(np.where(self.logs, own, 0.0)), own)
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
    """Coordinates, weighted Jacobian, weighted misfit, and whether the search settled."""
    from scipy.optimize import least_squares

    model = layout.model
    ends = np.cumsum([0, *(curve.n for curve in own)])

    def rest(at: Floats) -> Floats:
        found = []
        for i, curve in enumerate(own):
            fitted = model.forward(curve.x, layout.vector(at, i))
            apart = np.log(curve.y / fitted) if model.log_response else curve.y - fitted
            found.append(np.sqrt(curve.weights) * apart)
        every = np.concatenate(found)
        return np.where(np.isfinite(every), every, 1e150)

    def bends(at: Floats) -> Floats:
        out = np.zeros((ends[-1], layout.size))
        for i, curve in enumerate(own):
            vector = layout.vector(at, i)
            gradient = model.gradient(curve.x, vector) * np.where(layout.logs, vector, 1.0)
            if model.log_response:
                gradient = gradient / model.forward(curve.x, vector)[:, None]
            for j, place in enumerate(layout.place[i]):
                if place >= 0:
                    out[ends[i] : ends[i + 1], place] = -np.sqrt(curve.weights) * gradient[:, j]
        return np.where(np.isfinite(out), out, 0.0)

    best = None
    # From the median of the plates, and from two of them: the valley of an unseen plateau is bent.
    for lead in (None, 0, len(own) - 1):
        with np.errstate(all="ignore"):
            found = least_squares(
                rest,
                _start(layout, own, lead),
                bends,
                x_scale="jac",
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
                max_nfev=1000,
            )
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    return np.asarray(best.x), np.asarray(best.jac), 2 * float(best.cost), bool(best.status > 0)


def root_of(jacobian: Floats, sd: float) -> Floats:
    """R with R R' = s² (J'J)⁻¹ over all coordinates; NaN where they are not pinned down."""
    size = np.sqrt((jacobian * jacobian).sum(axis=0))
    if not (size > 0).all() or not np.isfinite(sd):
        return np.full((jacobian.shape[1],) * 2, np.nan)
    _, singular, rows = np.linalg.svd(jacobian / size, full_matrices=False)
    if singular[-1] <= 1e-13 * singular[0]:
        return np.full((jacobian.shape[1],) * 2, np.nan)
    return np.asarray(sd * rows.T / singular / size[:, None])
