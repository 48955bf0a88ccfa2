"""Walk downhill in two variables from many places at once.

A damped Newton walk (Levenberg 1944, Marquardt 1963) on numerical derivatives. Valleys of
dose-response fits are narrow and lie askew between slope and half-way dose, so that a
search along the axes stops half-way down; Newton's step follows them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cost = Callable[[Floats, Floats], Floats]
"""Takes two arrays of shape (rows, k), gives the cost at each, same shape."""

STEPS = 60
STENCIL = 1e-3
"""Distance for derivatives: the variables are logarithms, so 0.1 %."""
SMALL = 1e-6
"""A row is done when its step is shorter: the cost is then known to twice as many digits."""
STIFF = 1e5
"""A row is done when only shorter steps than this damping allows would help."""
LONGEST = 1.0
_A = np.array([0.0, 1.0, -1.0, 0.0, 0.0, 1.0, -1.0])
_B = np.array([0.0, 0.0, 0.0, 1.0, -1.0, 1.0, -1.0])


def descend(
    cost: Cost,
    a: Floats,
    b: Floats,
    *,
    a_limits: tuple[float, float],
    b_limits: tuple[float, float],
    hold_b: bool = False,
) -> tuple[Floats, Floats]:
    """Bottom of the valley that each starting place lies in.

    Parameters
    ----------
    cost : callable
    a, b : ndarray, shape (rows,)
        Starting places.
    a_limits, b_limits : tuple of float
        The walk stays inside.
    hold_b : bool
        Walk along `a` only.

    Returns
    -------
    tuple of ndarray, shape (rows,)
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    damping = np.full(a.shape, 1e-2)
    now = cost(a[:, None], b[:, None])[:, 0]
    for _ in range(STEPS):
        gradient, curvature = _derivatives(cost, a, b, hold_b)
        step_a, step_b = _step(gradient, curvature, damping)
        to_a = np.clip(a + step_a, *a_limits)
        to_b = b if hold_b else np.clip(b + step_b, *b_limits)
        then = cost(to_a[:, None], to_b[:, None])[:, 0]
        better = then < now
        length = np.maximum(np.abs(to_a - a), np.abs(to_b - b))
        a, b = np.where(better, to_a, a), np.where(better, to_b, b)
        now = np.where(better, then, now)
        damping = np.clip(np.where(better, damping * 0.2, damping * 6.0), 1e-12, STIFF)
        if np.all((length < SMALL) | (damping >= STIFF)):
            break
    return a, b


def _derivatives(
    cost: Cost, a: Floats, b: Floats, hold_b: bool
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
    """Gradient, and second derivatives aa, bb and ab, by differences."""
    h = STENCIL
    points = 3 if hold_b else _A.size
    f = cost(a[:, None] + h * _A[:points], b[:, None] + h * _B[:points])
    g_a, aa = (f[:, 1] - f[:, 2]) / (2 * h), (f[:, 1] - 2 * f[:, 0] + f[:, 2]) / h**2
    if hold_b:
        nothing = np.zeros_like(g_a)
        return (g_a, nothing), (aa, np.ones_like(g_a), nothing)
    g_b, bb = (f[:, 3] - f[:, 4]) / (2 * h), (f[:, 3] - 2 * f[:, 0] + f[:, 4]) / h**2
    ab = (f[:, 5] + f[:, 6] - 2 * f[:, 0]) / (2 * h**2) - 0.5 * (aa + bb)
    return (g_a, g_b), (aa, bb, ab)


def _step(
    gradient: tuple[Floats, Floats], curvature: tuple[Floats, Floats, Floats], damping: Floats
) -> tuple[Floats, Floats]:
    """Newton's step with every curvature made positive, damped, and no longer than `LONGEST`."""
    (g_a, g_b), (aa, bb, ab) = gradient, curvature
    mean, half = 0.5 * (aa + bb), np.hypot(0.5 * (aa - bb), ab)
    angle = 0.5 * np.arctan2(2 * ab, aa - bb)
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = g_a * cos + g_b * sin, -g_a * sin + g_b * cos
    scale = np.abs(mean) + half
    floor = 1e-14 * scale + 1e-300
    first = -along / (np.maximum(np.abs(mean + half), floor) + damping * scale)
    second = -across / (np.maximum(np.abs(mean - half), floor) + damping * scale)
    step_a, step_b = first * cos - second * sin, first * sin + second * cos
    length = np.hypot(step_a, step_b)
    shrink = np.minimum(1.0, LONGEST / np.maximum(length, 1e-300))
    return np.nan_to_num(step_a * shrink), np.nan_to_num(step_b * shrink)
