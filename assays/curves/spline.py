"""Natural cubic spline through the level means.

Between the standards it goes through the mean of each level; outside it says nothing. Concentration
runs on the axis ``log(x + lowest standard above zero)``, so that a zero standard has a place. The
spline is linear in the level means, so its error follows from the scatter of the replicates, and
without replicates there is no interval. Where the spline turns back, a response belongs to more
than one concentration and none is given.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assays.curves.contract import CurveModel

Floats = NDArray[np.float64]

LOOKS = 2001
"""Places between the first and the last standard where the spline is looked at for a crossing."""
HALVINGS = 60


def _split(params: Floats) -> tuple[Floats, Floats]:
    levels, means = np.split(np.asarray(params, dtype=np.float64), 2)
    return levels, means


def _axis(x: Floats, levels: Floats) -> Floats:
    return np.asarray(np.log(x + levels[levels > 0].min()))


def _basis(x: Floats, levels: Floats, order: int = 0) -> Floats:
    """Share of each level mean in the spline at x, shape (\\*x.shape, k); NaN outside."""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(
        _axis(levels, levels), np.eye(len(levels)), bc_type="natural", extrapolate=False
    )
    inside = (x >= levels[0]) & (x <= levels[-1])
    at = np.clip(_axis(np.where(inside, x, levels[0]), levels), *_axis(levels, levels)[[0, -1]])
    return np.where(inside[..., None], spline(at, nu=order), np.nan)


def forward(x: Floats, params: Floats) -> Floats:
    """Response at concentrations x; NaN outside the standards."""
    levels, means = _split(params)
    return np.asarray(_basis(np.asarray(x, dtype=np.float64), levels) @ means)


def gradient(x: Floats, params: Floats) -> Floats:
    """Derivatives by the levels (given, so 0) and by their means; shape (\\*x.shape, 2 k)."""
    levels, _ = _split(params)
    shares = _basis(np.asarray(x, dtype=np.float64), levels)
    return np.concatenate([np.zeros_like(shares), shares], axis=-1)


def slope(x: Floats, params: Floats) -> Floats:
    """Derivative of the response by x; NaN outside the standards."""
    levels, means = _split(params)
    x = np.asarray(x, dtype=np.float64)
    by_axis = _basis(x, levels, 1) @ means
    return np.asarray(by_axis / (x + levels[levels > 0].min()))


def domain(params: Floats) -> tuple[float, float]:
    """From the lowest to the highest standard."""
    levels, _ = _split(params)
    return float(levels[0]), float(levels[-1])


def inverse(y: Floats, params: Floats) -> Floats:
    """Concentration of a response; NaN where none or more than one belongs to it."""
    levels, _ = _split(params)
    first, *_, last = _axis(levels, levels)
    shift = levels[levels > 0].min()
    x = np.clip(np.exp(np.linspace(first, last, LOOKS)) - shift, levels[0], levels[-1])
    x[[0, -1]] = levels[[0, -1]]
    curve = forward(x, params)
    flat = np.asarray(y, dtype=np.float64).ravel()
    above = curve[None, :] >= flat[:, None]
    crossings = above[:, 1:] != above[:, :-1]
    at = crossings.argmax(axis=1)
    low, high = x[at], x[at + 1]
    start = above[np.arange(len(flat)), at]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        same = (forward(middle, params) >= flat) == start
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    found = np.where(crossings.sum(axis=1) == 1, (low + high) / 2, np.nan)
    # The end where the curve just reaches the response has no crossing of its own.
    for end in (0, -1):
        found = np.where((flat == curve[end]) & (crossings.sum(axis=1) == 0), x[end], found)
    return np.asarray(found.reshape(np.shape(y)))


def knots(x: Floats, y: Floats) -> tuple[float | None, ...]:
    """The levels are given, their means are fitted."""
    del y
    levels = np.unique(x)
    return (*(float(level) for level in levels), *(None for _ in levels))


def sized(x: Floats) -> CurveModel:
    """The spline with as many knots as there are levels."""
    count = len(np.unique(x))
    names = tuple(f"{axis}{i + 1}" for axis in "xy" for i in range(count))
    none, linear = (False,) * len(names), (False,) * count + (True,) * count
    return replace(MODEL, names=names, positive=none, linear=linear)


MODEL = CurveModel(
    "spline",
    "natural cubic spline",
    "natural cubic spline through the level means (x1, y1), (x2, y2), … over log(x + lowest level)",
    (),
    (),
    4,
    forward,
    gradient,
    slope,
    inverse,
    fixed=knots,
    domain=domain,
    sized=sized,
)
