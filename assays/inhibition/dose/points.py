"""Check what a dose series was given, before anything is fitted to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assays.errors import CurveFitError
from assays.inhibition.dose.curve import SLOPE_LIMITS, Points

Floats = NDArray[np.float64]
Fixed = Mapping[str, float | str]
"""Parameters that are given instead of fitted: ``{"B": 1.0, "D": "unstimulated"}``."""

MAX_TUBES = 1000
MAX_DECADES = 30
"""Between the lowest and the highest dose: bounds the search, and no assay comes near."""
SMALLEST, LARGEST = 1e-50, 1e50
"""Responses and weights whose squares, and the squares of these, are still numbers."""
FAINT = 1e-9
"""Of the largest response: a cofactor below it makes no difference."""
UNSTIMULATED = "unstimulated"
"""Said of D: full effect is the level of the unstimulated tubes."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A dose series that can be fitted."""

    points: Points
    """Responses in units of the largest."""
    unit: float
    """The largest response: what `points` are in."""
    fixed: tuple[str, ...]
    """Names of parameters that are given."""

    def weighed(self, response: Floats, floor: Floats, cofactor: float) -> Series:
        """With weights that follow these responses, shapes of `points`, in units of `unit`."""
        least = max(cofactor, FAINT * self.unit)
        weights = [1.0 / ((level * self.unit) ** 2 + least**2) for level in (response, floor)]
        points = replace(self.points, weight=weights[0], floor_weight=weights[1])
        return replace(self, points=points)


def check_series(
    doses: ArrayLike,
    responses: ArrayLike,
    unstimulated: ArrayLike | None,
    fix: Fixed,
    weights: ArrayLike | None,
    unstimulated_weights: ArrayLike | None,
) -> Series:
    """Drop tubes without a number, refuse what is no dose series."""
    x, y = _series(doses), _series(responses)
    w = np.ones_like(y) if weights is None else _series(weights)
    floor = np.empty(0) if unstimulated is None else _series(unstimulated)
    v = np.ones_like(floor) if unstimulated_weights is None else _series(unstimulated_weights)
    if x.shape != y.shape or w.shape != y.shape or v.shape != floor.shape:
        raise CurveFitError(
            f"doses, responses and weights differ in length: {x.size}, {y.size}, {w.size}",
            hint="Give one dose, and one weight if any, per tube.",
        )
    if x.size + floor.size > MAX_TUBES:
        raise CurveFitError(
            f"a dose series has at most {MAX_TUBES} tubes, here {x.size + floor.size}"
        )
    kept = np.isfinite(y) & ~np.isnan(x) & np.isfinite(w) & (w > 0)
    if np.any((x[kept] < 0) | np.isinf(x[kept])):
        raise CurveFitError(
            "a dose is negative or infinite",
            hint="Give doses as concentrations, not logarithms; 0 means no inhibitor.",
        )
    held = np.isfinite(floor) & np.isfinite(v) & (v > 0)
    x, y, w, floor, v = x[kept], y[kept], w[kept], floor[held], v[held]
    _check_weights(np.r_[w, v])
    tested = x[x > 0]
    if tested.size and not SMALLEST < tested.min() <= tested.max() < LARGEST:
        raise CurveFitError(
            f"doses of {tested.min():g} to {tested.max():g} cannot be computed with"
        )
    if tested.size and math.log10(tested.max()) - math.log10(tested.min()) > MAX_DECADES:
        raise CurveFitError(
            f"doses run from {tested.min():g} to {tested.max():g}, over more than "
            f"{MAX_DECADES} decades",
            hint="Is a dose in another unit than the rest?",
        )
    top, bottom, slope, anchored = check_fixed(fix)
    levels = np.abs(np.concatenate([y, floor, [value for value in (top, bottom) if value]]))
    unit = float(levels.max()) if levels.size and levels.max() > 0 else 1.0
    if not SMALLEST < unit < LARGEST:
        raise CurveFitError(f"responses of up to {unit:g} cannot be computed with")
    known = [None if value is None else value / unit for value in (top, bottom)]
    y, floor = y / unit, floor / unit
    if anchored:
        # Full effect is where the unstimulated tubes are: they stand at infinite dose.
        anchored = bool(floor.size)
        x, y = np.r_[x, np.full(floor.shape, np.inf)], np.r_[y, floor]
        w, floor, v = np.r_[w, v], np.empty(0), np.empty(0)
    points = Points(x, y, w, floor, v, known[0], known[1], slope, anchored)
    return Series(points, unit, tuple(sorted(fix)))


def _check_weights(weights: Floats) -> None:
    wrong = weights[(weights < SMALLEST) | (weights > LARGEST)]
    if wrong.size:
        raise CurveFitError(
            f"a weight of {wrong[0]:g} cannot be computed with",
            hint="Weights are inverse variances up to a common factor: 1 for all is a start.",
        )


def check_fixed(fix: Fixed) -> tuple[float | None, float | None, float | None, bool]:
    """A, D and B where they are numbers, and whether D is that of the unstimulated tubes.

    Raises
    ------
    CurveFitError
        When a name is not A, B or D, a value is no finite number, or a slope cannot be searched.
    """
    unknown = [name for name in fix if name not in ("A", "B", "D")]
    if unknown:
        raise CurveFitError(
            f"a dose response has no parameter {unknown[0]!r} that may be fixed",
            hint="A: without inhibitor. D: at full effect. B: the slope.",
        )
    anchored = fix.get("D") == UNSTIMULATED
    numbers: dict[str, float] = {}
    for name, value in fix.items():
        if name == "D" and anchored:
            continue
        if isinstance(value, (str, bool)) or not math.isfinite(value):
            raise CurveFitError(
                f"{name} is fixed at {value!r}, which is no number",
                hint='A number; D may also be "unstimulated". Left out, it is fitted.',
            )
        numbers[name] = float(value)
    slope = numbers.get("B")
    if slope is not None and not SLOPE_LIMITS[0] <= slope <= SLOPE_LIMITS[1]:
        raise CurveFitError(
            f"the slope B is fixed at {slope:g}",
            hint=f"It lies between {SLOPE_LIMITS[0]:g} and {SLOPE_LIMITS[1]:g}.",
        )
    if "A" in numbers and numbers["A"] == numbers.get("D"):
        raise CurveFitError(f"A and D are both fixed at {numbers['A']:g}: that is no curve")
    return numbers.get("A"), numbers.get("D"), slope, anchored


def _series(values: ArrayLike) -> Floats:
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise CurveFitError(f"a dose series holds something that is no number: {error}") from error
    if array.ndim != 1:
        raise CurveFitError(f"a dose series has one dimension, not {array.ndim}")
    return array
