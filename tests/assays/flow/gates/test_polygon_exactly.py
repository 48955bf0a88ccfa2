"""Polygons beside arithmetic with fractions, which rounds nothing: every event, every edge."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from assays.flow.gates import inside
from assays.flow.gates.shapes import Floats, Mask, Polygon

UNITS = (1.0, 0.1, 1 / 3, 1e-9, 1e12, 1e150, 1e300, 1e-160, 1e-300, 5e-324)


def with_fractions(vertices: Floats, points: Floats) -> Mask:
    """Even-odd, the edge inside; an event without a number is outside."""
    corners = [tuple(map(Fraction, corner)) for corner in vertices.tolist()]
    found = []
    for point in points.tolist():
        if not np.isfinite(point).all():
            found.append(False)
            continue
        x, y = map(Fraction, point)
        odd = on_edge = False
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
            side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
            on_edge |= side == 0 and min(x0, x1) <= x <= max(x0, x1) and (
                min(y0, y1) <= y <= max(y0, y1)
            )  # fmt: skip
            if (y0 <= y) != (y1 <= y):
                odd ^= (side > 0) == (y1 > y0) and side != 0
        found.append(odd or on_edge)
    return np.array(found)


def hostile(kind: str, unit: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A polygon, and events on its corners, on its edges, as near to them as numbers go."""
    count = int(rng.integers(4, 13))
    corners = rng.integers(-6, 7, (count, 2)).astype(np.float64)
    if kind == "corners repeated":
        corners[1], corners[-1] = corners[0], corners[-2]
    elif kind == "level edges":
        corners[:, 1] = rng.integers(-1, 2, count)
    elif kind == "no grid":
        corners = rng.normal(0, 4, (count, 2))
    corners *= unit
    along, edge = rng.random((40, 1)), rng.integers(0, count, 40)
    following = np.roll(corners, -1, axis=0)
    near = corners[edge] * (1 - along) + following[edge] * along
    lattice = rng.integers(-7, 8, (60, 2)) * unit
    odd = [[np.nan, 0.0], [0.0, np.nan], [np.inf, 0.0], [-np.inf, np.inf], [-0.0, 0.0]]
    return corners, np.vstack([corners, (corners + following) / 2, near, lattice, odd])


@pytest.mark.parametrize("kind", ["crossing", "corners repeated", "level edges", "no grid"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_event_is_where_fractions_put_it(
    kind: str, unit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng([len(kind), UNITS.index(unit)])
    for _ in range(6):
        corners, events = hostile(kind, unit, rng)
        truth = with_fractions(corners, events)
        for many in (1, 10**12):  # over a grid, and edge by edge
            monkeypatch.setattr(inside, "MANY", many)
            np.testing.assert_array_equal(Polygon(corners).contains(events), truth)


def test_coordinates_at_the_end_of_what_a_number_holds() -> None:
    most = 1.7e308
    corners = np.array([[-most, -most], [most, -most], [most, most], [-most, most]])
    events = np.array([[0.0, 0.0], [most, most], [most, 0.0], [1.79e308, 0.0], [np.inf, 0.0]])
    assert Polygon(corners).contains(events).tolist() == [True, True, True, False, False]
    slanted = Polygon(corners[:3])
    assert slanted.contains(events[:2]).all()
    beside = np.array([[0.0, 1e290], [1e290, 0.0]])
    assert slanted.contains(beside).tolist() == [False, True]


def test_a_million_events_on_a_slanted_edge_are_all_inside() -> None:
    x = np.random.default_rng(7).random(1_000_000).astype(np.float32).astype(np.float64)
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert Polygon(corners).contains(np.stack([x, x], axis=1)).all()
    apart = np.stack([np.nextafter(x, 2.0), x], axis=1)
    assert not Polygon(corners).contains(apart).any()


def test_the_grid_that_is_kept_belongs_to_its_own_corners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inside, "MANY", 1)
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    events = np.array([[1.0, 1.0], [5.0, 5.0]])
    shape = Polygon(corners)
    assert shape.contains(events).tolist() == [True, False]
    assert Polygon(corners + 3.0).contains(events).tolist() == [False, True]
    assert Polygon(np.asfortranarray(corners)).contains(events).tolist() == [True, False]
    corners += 3.0  # the same array, moved
    assert shape.contains(events).tolist() == [False, True]
