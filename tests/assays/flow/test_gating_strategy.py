"""Rows become a tree; shapes take the events they say; faults are named."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.gates.contract import methods
from assays.flow.scales import Arcsinh, Logicle
from assays.flow.strategy import check_strategy
from assays.protocol import Gate, Override


def gate(population: str, method: str = "interval", **more: Any) -> Gate:
    given: dict[str, Any] = {"channels": ("x",), "params": {"low": 0.0}}
    return Gate.model_validate({"population": population, "method": method} | given | more)


def plane(points: Any) -> Events:
    values = np.asarray(points, dtype=np.float64)
    return Events(values, (Channel("x", "X", 1e5), Channel("y", "Y", 1e5)), name="a.fcs")


def inside(points: Any, method: str, params: dict[str, Any], **more: Any) -> list[bool]:
    channels = ("x",) if method == "interval" else ("x", "y")
    row = gate("p", method, channels=channels, params=params, **more)
    mask = check_strategy([row]).apply(plane(points))["p"].mask
    return [bool(value) for value in mask]


def test_an_interval_takes_its_low_end_and_leaves_its_high_end() -> None:
    points = [[0.99, 0], [1, 0], [1.99, 0], [2, 0], [math.nan, 0], [math.inf, 0]]
    assert inside(points, "interval", {"low": 1, "high": 2}) == [False, True, True] + [False] * 3
    assert inside(points, "interval", {"low": 1}) == [False, True, True, True, False, True]


def test_the_four_quadrants_share_no_event_and_miss_none() -> None:
    points = [[x, y] for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)]
    signs = ("++", "+-", "-+", "--")
    found = [inside(points, "quadrant", {"x": 0, "y": 0, "quadrant": sign}) for sign in signs]
    assert np.sum(found, axis=0).tolist() == [1] * 9
    assert [sum(mask) for mask in found] == [4, 2, 2, 1]


def test_events_exactly_on_a_polygons_edge_or_corner_are_inside() -> None:
    diamond = {"vertices": [[0, 2], [2, 0], [0, -2], [-2, 0]]}
    on = [[1, 1], [1, -1], [-1, -1], [-1, 1], [0, 2], [2, 0], [0, -2], [-2, 0], [0, 0], [1.9, 0]]
    off = [[1.01, 1], [2.01, 0], [-3, 0], [3, 0], [0, 2.01], [2, 2], [-2, -2], [math.nan, 0]]
    assert inside(on, "polygon", diamond) == [True] * 10
    assert inside(off, "polygon", diamond) == [False] * 8


def test_a_polygon_that_crosses_itself_follows_even_odd() -> None:
    star = [[0, 3], [2, -3], [-3, 1], [3, 1], [-2, -3]]
    assert inside([[0, 0], [0, 2], [2, 0.9]], "polygon", {"vertices": star}) == [False, True, True]


@given(st.integers(3, 12), st.floats(0, 6), st.lists(st.floats(-1.5, 1.5), min_size=2, max_size=2))
def test_a_polygon_does_not_depend_on_where_it_starts_or_its_direction(
    corners: int, turn: float, point: list[float]
) -> None:
    angles = turn + np.arange(corners) * 2 * math.pi / corners
    vertices = [[math.cos(angle), math.sin(angle)] for angle in angles]
    # On an edge that is neither upright nor level, rounding decides.
    sides = zip(vertices, vertices[1:] + vertices[:1], strict=True)
    assume(all(abs((x1 - x0) * (point[1] - y0) - (point[0] - x0) * (y1 - y0)) > 1e-9
               for (x0, y0), (x1, y1) in sides))  # fmt: skip
    first = inside([point], "polygon", {"vertices": vertices})
    assert inside([point], "polygon", {"vertices": vertices[::-1]}) == first
    assert inside([point], "polygon", {"vertices": vertices[1:] + vertices[:2]}) == first or (
        corners == 3
    )


def test_an_ellipse_is_the_same_by_covariance_and_by_axes() -> None:
    # Half-axes 10 and 5 at 45 degrees, as in the Gating-ML 2.0 suite.
    rng = np.random.default_rng(np.frombuffer(b"ellipses", dtype=np.uint8))
    points = rng.uniform(-5, 30, (2000, 2))
    center = [12.99701, 16.22941]
    drawn = {"center": center, "axes": [10, 5], "angle_deg": 45}
    stated = {"center": center, "covariance": [[62.5, 37.5], [37.5, 62.5]]}
    assert inside(points, "ellipse", drawn) == inside(points, "ellipse", stated)
    assert inside(
        [[10, 0], [0, 5], [10.01, 0]], "ellipse", {"center": [0, 0], "axes": [10, 5]}
    ) == [
        True,
        True,
        False,
    ]


def test_the_outside_of_a_gate_leaves_out_what_has_no_number() -> None:
    points = [[0, 0], [5, 5], [math.nan, 0]]
    box = {"low": [-1, -1], "high": [1, 1]}
    assert inside(points, "rectangle", box, exclude=True) == [False, True, False]


@pytest.mark.parametrize("scale", [Arcsinh(5.0), Logicle(T=1e5, W=0.7)])
def test_a_cut_on_the_scale_is_the_cut_in_original_units(scale: Any) -> None:
    rng = np.random.default_rng(np.frombuffer(b"cut on the scale", dtype=np.uint8))
    events = plane(rng.normal(200, 800, (5000, 2)))
    for value in (-300.0, 0.0, 500.0):
        cut = float(scale.forward(value))
        on_scale = check_strategy([gate("p", params={"low": cut}, on="scale")])
        mask = on_scale.apply(events, {"x": scale})["p"].mask
        np.testing.assert_array_equal(mask, events.values[:, 0] >= value)


def test_a_polygon_on_the_scale_has_straight_edges_there() -> None:
    scale = Arcsinh(1.0)
    triangle = {"vertices": [[0, 0], [4, 0], [4, 4]]}
    row = gate("p", "polygon", channels=("x", "y"), params=triangle, on="scale")
    points = [[math.sinh(3), math.sinh(2.9)], [math.sinh(3), math.sinh(3.1)]]
    mask = check_strategy([row]).apply(plane(points), {"x": scale, "y": scale})["p"].mask
    assert mask.tolist() == [True, False]


def test_children_never_hold_more_than_their_parent_and_rows_may_stand_in_any_order() -> None:
    rows = [
        gate("grandchild", parent="child", params={"high": 0.5}),
        gate("child", parent="top", params={"low": -0.5}),
        gate("top", params={"low": -1.0}),
    ]
    rng = np.random.default_rng(np.frombuffer(b"children", dtype=np.uint8))
    events = plane(rng.normal(0, 1, (1000, 2)))
    found = check_strategy(rows).apply(events)
    assert list(found) == ["root", "top", "child", "grandchild"]
    x = events.values[:, 0]
    np.testing.assert_array_equal(found["grandchild"].mask, (x >= -0.5) & (x < 0.5))
    assert found["grandchild"].count == found["grandchild"].mask.sum()
    assert found["grandchild"].count <= found["child"].count <= found["top"].count <= 1000


TRIANGLE = [[0, 0], [1, 0], [1, 1]]
FAULTS: list[tuple[list[Gate], str, str]] = [
    ([gate("lymphocytes"), gate("p", parent="lymph")], "'lymph'", "'lymphocytes'"),
    ([gate("a", parent="b"), gate("b", parent="a")], "a → b → a", ""),
    ([gate("a"), gate("a")], "twice", ""),
    ([gate("root")], "named 'root'", ""),
    ([gate("p", "polygone")], "'polygone'", "'polygon'"),
    ([gate("p", params={"lo": 1})], "'lo'", "'low'"),
    ([gate("p", params={})], "low, high or both", ""),
    ([gate("p", params={"low": 2, "high": 1})], "below high", ""),
    ([gate("p", params={"low": math.nan})], "finite", ""),
    ([gate("p", params={"low": True})], "must be a number", ""),
    ([gate("p", params={"low": 10**400})], "finite", ""),
    ([gate("p", channels=("x", "y"))], "takes 1 channel", ""),
    ([gate("p", channels=())], "takes 1 channel", ""),
    ([gate("p", "polygon", channels=("x", "x"), params={"vertices": TRIANGLE})], "same", ""),
    ([gate("p", "polygon", channels=("x", "y"), params={"vertices": TRIANGLE[:2]})], "3", ""),
    ([gate("p", "polygon", channels=("x", "y"), params={"vertices": [[0], [1], [2]]})], "2 n", ""),
    ([gate("p", "polygon", channels=("x", "y"), params={"vertices": "here"})], "list of", ""),
    ([gate("p", "polygon", channels=("x", "y"), params={"vertices": TRIANGLE * 4000})], "most", ""),
    ([gate("p", "ellipse", channels=("x", "y"), params={"center": [0, 0]})], "either", ""),
    (
        [gate("p", "ellipse", channels=("x", "y"),
              params={"center": [0, 0], "covariance": [[1, 2], [2, 1]]})],
        "no area", "",
    ),
    (
        [gate("p", "ellipse", channels=("x", "y"), params={"center": [0, 0], "axes": [1, 1e300]})],
        "no area", "",
    ),
    (
        [gate("p", "quadrant", channels=("x", "y"), params={"x": 0, "y": 0, "quadrant": "+"})],
        "one of", "",
    ),
    ([gate("p", "rectangle", channels=("x", "y"), params={"low": [0]})], "2 numbers", ""),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "words", "hint"), FAULTS)
def test_a_strategy_that_cannot_be_understood_is_refused(
    rows: list[Gate], words: str, hint: str
) -> None:
    with pytest.raises(GatingError) as caught:
        check_strategy(rows)
    assert words in str(caught.value)
    assert hint in caught.value.hint


def test_an_unknown_channel_is_named_with_the_nearest() -> None:
    strategy = check_strategy([gate("p", channels=("X1",))])
    with pytest.raises(GatingError, match="'X1'") as caught:
        strategy.apply(plane([[0, 0]]))
    assert "'X'" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"population": "q"}, "'q'"),
        ({"file": "b.fcs"}, "'b.fcs'"),
        ({"why": " "}, "who, when and why"),
        ({"params": {"lo": 1}}, "'lo'"),
    ],
)
def test_an_override_that_fits_nothing_is_refused(change: dict[str, Any], words: str) -> None:
    good = {
        "file": "a.fcs",
        "population": "p",
        "params": {"low": 3.0},
        "who": "AB",
        "when": "2024-03-01",
        "why": "shifted",
    }
    rows = [gate("p")]
    moved = check_strategy(rows, [Override.model_validate(good)], ["a.fcs"])
    assert moved.apply(plane([[2, 0], [3, 0]]), file="a.fcs")["p"].count == 1
    assert moved.apply(plane([[2, 0], [3, 0]]), file="c.fcs")["p"].count == 2
    with pytest.raises(GatingError, match=words):
        check_strategy(rows, [Override.model_validate(good).model_copy(update=change)], ["a.fcs"])


def test_every_gate_method_tells_what_it_takes() -> None:
    assert set(methods()) >= {"interval", "rectangle", "polygon", "ellipse", "quadrant"}
    for name, method in methods().items():
        assert name == method.name
        assert method.summary.endswith(".")
        assert method.params
