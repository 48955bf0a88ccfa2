"""Events in an ellipse that starts where a person put it and moves onto the cells.

Size and tilt stay as given; only the centre moves, to the median of the events
inside, again and again until it rests. It may not leave the ellipse it started
from: then the cells are elsewhere, and there is no gate. All on the channels'
scales. The score is 1 less how far it moved, as a share of the way to the edge.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from assays.flow.gates.automatic import SHARED, Found, NoGate, Pool, Search
from assays.flow.gates.contract import GateMethod, Params
from assays.flow.gates.density import FEWEST
from assays.flow.gates.found import in_original_units, told
from assays.flow.gates.shapes import Ellipse, Floats


def prepare(params: Params) -> partial[Found | NoGate]:
    """Check centre, half-axes and angle, in original units."""
    center, axes = params.numbers("center", 2), params.numbers("axes", 2)
    if not (0 < axes[0] < 1e100 and 0 < axes[1] < 1e100):
        raise params.error(f"half-axes of {axes[0]:g} and {axes[1]:g} give no area")
    return partial(
        find,
        center=center,
        axes=axes,
        angle_deg=params.number("angle_deg", 0.0),
        least=params.between("least_percent", 0.0, 100.0, 1.0),
    )


def find(
    pool: Pool,
    *,
    center: tuple[float, ...],
    axes: tuple[float, ...],
    angle_deg: float,
    least: float,
) -> Found | NoGate:
    """Move the ellipse onto the events."""
    if len(pool) < FEWEST:
        return NoGate(f"{len(pool):,} events are too few; {FEWEST} are the least")
    start, covariance = _on_scales(pool, center, axes, angle_deg)
    if not np.isfinite(covariance).all() or np.linalg.det(covariance) <= 0:
        return NoGate("the ellipse has no area on the channels' scales")
    places, middle = pool.placed(), start
    inside = np.zeros(len(places), dtype=bool)
    for _ in range(100):
        inside = Ellipse(middle, covariance, 1.0).contains(places)
        if np.count_nonzero(inside) < max(20, least / 100 * len(places)):
            return NoGate(
                f"the ellipse holds {100 * inside.mean():.2f} % of events, fewer than it should"
            )
        moved = np.median(places[inside], axis=0)
        rest = np.linalg.solve(covariance, moved - middle) @ (moved - middle)
        middle = moved
        if rest < 1e-6:
            break
    away = math.sqrt(float(np.linalg.solve(covariance, middle - start) @ (middle - start)))
    if away > 1:
        return NoGate("the nearest cells lie outside the ellipse that was given")
    at = ", ".join(f"{told(float(s.inverse(x)))}" for s, x in zip(pool.scales, middle, strict=True))
    reasons = (
        f"centre moved {100 * away:.0f} % of the way to the edge, to ({at}); "
        f"{100 * inside.mean():.1f} % inside",
    )
    shape = in_original_units(Ellipse(middle, covariance, 1.0), pool.scales)
    return Found(shape, 1 - away, reasons)


def _on_scales(
    pool: Pool, center: tuple[float, ...], axes: tuple[float, ...], angle_deg: float
) -> tuple[Floats, Floats]:
    """Centre and covariance on the scales: half-axes are measured around the centre there."""
    angle = math.radians(angle_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    rim = turn @ np.diag(axes)
    ends = np.array(center)[:, None] + np.concatenate([rim, -rim], axis=1)
    placed = np.stack([s.forward(x) for s, x in zip(pool.scales, ends, strict=True)])
    middle = np.array([float(s.forward(x)) for s, x in zip(pool.scales, center, strict=True)])
    half = (placed[:, :2] - placed[:, 2:]) / 2
    return middle, np.asarray(half @ half.T)


GATE = GateMethod(
    name="prior_ellipse",
    summary="Events in a given ellipse that moves onto the cells nearby.",
    dimensions=(2, 2),
    params={
        "center": "[x, y] where the cells should be, original units",
        "axes": "the two half-axes, original units",
        "angle_deg": "angle of the first half-axis, anticlockwise; 0 when left out",
        "least_percent": "share of events that it must hold; 1 when left out",
        **SHARED,
    },
    search=Search("lineage", "plate", prepare),
)
