"""Shapes and scales against the truth, event by event, of the Gating-ML test suites."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from defusedxml.ElementTree import parse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assays.flow import scales
from assays.flow.events import Events
from assays.flow.fcs import read
from assays.flow.gates import inside
from assays.flow.gates.shapes import Mask
from assays.flow.strategy import check_strategy
from assays.protocol import Gate

TRANSFORMS = {
    "fasinh": scales.Arcsinh,
    "logicle": scales.Logicle,
    "flog": scales.Log,
    "flin": scales.Linear,
}


def bare(name: str) -> str:
    return name.rpartition("}")[2]


def children(node: Element, name: str) -> list[Element]:
    return [child for child in node.iter() if bare(child.tag) == name]


def attributes(node: Element) -> dict[str, str]:
    return {bare(key): value for key, value in node.attrib.items()}


def channel_of(dimension: Element) -> str:
    named = [*children(dimension, "fcs-dimension"), *children(dimension, "parameter")]
    return attributes(named[0])["name"]


def members(events: Events, gate: Element, used: dict[str, scales.Scale]) -> Mask:
    """Events of a rectangle, polygon or ellipse, through the strategy as a run uses it."""
    dimensions = children(gate, "dimension")
    names = tuple(channel_of(dimension) for dimension in dimensions)
    limits = [attributes(dimension) for dimension in dimensions]
    chosen = {
        name: used[limit["transformation-ref"]]
        for name, limit in zip(names, limits, strict=True)
        if "transformation-ref" in limit
    }
    row: dict[str, object] = {"channels": names, "on": "scale" if chosen else "original"}
    rows: list[dict[str, object]] = []
    if bare(gate.tag) == "RectangleGate":
        for name, limit in zip(names, limits, strict=True):
            ends = {
                key: float(limit[end])
                for key, end in (("low", "min"), ("high", "max"))
                if end in limit
            }
            parent = f"g{len(rows) - 1}" if rows else "root"
            interval = {"channels": (name,), "method": "interval", "params": ends}
            rows.append(row | interval | {"population": f"g{len(rows)}", "parent": parent})
    elif bare(gate.tag) == "PolygonGate":
        corners = [
            [float(attributes(c)["value"]) for c in children(v, "coordinate")]
            for v in children(gate, "vertex")
        ]
        params: dict[str, object] = {"vertices": corners}
        rows.append(row | {"population": "g0", "method": "polygon", "params": params})
    else:
        numbers = [float(attributes(e)["value"]) for e in children(gate, "entry")]
        center = [float(attributes(c)["value"]) for c in children(gate, "coordinate")]
        square = float(attributes(children(gate, "distanceSquare")[0])["value"])
        params = {
            "center": center,
            "covariance": [numbers[:2], numbers[2:]],
            "distance_squared": square,
        }
        rows.append(row | {"population": "g0", "method": "ellipse", "params": params})
    strategy = check_strategy([Gate.model_validate(r) for r in rows])
    return strategy.apply(events, chosen)[str(rows[-1]["population"])].mask


def gates_of(path: Path) -> tuple[dict[str, Element], dict[str, scales.Scale]]:
    root = parse(path).getroot()
    assert root is not None
    gates = {
        attributes(node)["id"]: node
        for node in root.iter()
        if bare(node.tag) in ("RectangleGate", "PolygonGate", "EllipsoidGate")
    }
    used = {
        attributes(node)["id"]: TRANSFORMS[bare(node[0].tag)](
            **{key: float(value) for key, value in attributes(node[0]).items()}
        )
        for node in children(root, "transformation")
        if bare(node[0].tag) in TRANSFORMS
    }
    return gates, used


GATINGML_20 = (
    ("range", "Range1"),
    ("rect1", "Rectangle1"),
    ("poly1", "Polygon1"),
    ("ellipse1", "Ellipse1"),
    ("time_range", "Range2"),
    ("transform_asinh_range1", "ScaleRange1"),
    ("transform_linear_range3", "ScaleRange3"),
    ("transform_logicle_range4", "ScaleRange4"),
    ("transform_log_range6", "ScaleRange6"),
)


@pytest.mark.parametrize(("file", "gate"), GATINGML_20)
def test_gating_ml_20_truth_is_met_in_every_event(corpus: Path, file: str, gate: str) -> None:
    folder = corpus / "gating" / "gatingml20"
    events = read(folder / "data1.fcs")
    gates, used = gates_of(folder / "gml" / f"gml_{file}_gate.xml")
    truth = np.loadtxt(folder / "truth" / f"Results_{gate}.txt", dtype=int) == 1
    np.testing.assert_array_equal(members(events, gates[gate], used), truth)


@pytest.mark.parametrize("quadrant", ["--", "-+", "+-", "++"])
def test_gating_ml_20_quadrants_are_met_in_every_event(corpus: Path, quadrant: str) -> None:
    folder = corpus / "gating" / "gatingml20"
    events = read(folder / "data1.fcs")
    gate = Gate(
        population="q",
        method="quadrant",
        channels=("FL2-H", "FL4-H"),
        params={"x": 12.14748, "y": 14.22417, "quadrant": quadrant},
    )
    first, second = ("P" if sign == "+" else "N" for sign in quadrant)
    name = f"Results_FL2{first}-FL4{second}.txt"
    truth = np.loadtxt(folder / "truth" / name, dtype=int) == 1
    found = check_strategy([gate]).apply(events)["q"].mask
    np.testing.assert_array_equal(found, truth)


@pytest.mark.parametrize(
    "suite", ["01Rectangular", "02CtSRectangular", "04PolygonGates", "06LargePolygons",
              "07ComplicatedPolygons"],
)  # fmt: skip
def test_gating_ml_15_rectangles_and_polygons_are_met_in_every_event(
    corpus: Path, suite: str
) -> None:
    folder = corpus / "gating" / "gatingml15"
    with (folder / "summary.csv").open(newline="") as handle:
        cases = [row for row in csv.DictReader(handle) if row["Set"] == suite]
    assert cases
    gates, _ = gates_of(folder / "xml" / f"{suite}.xml")
    wrong = []
    for case in cases:
        # Gating-ML 1.5 gates channel values as stored.
        events = read(folder / "fcs" / case["Data File"], scaled=False)
        lines = (folder / "expected" / suite / f"{case['Gate ID']}.txt").read_text().split()
        truth = np.array([line == "1" for line in lines[1:]])
        if not np.array_equal(members(events, gates[case["Gate ID"]], {}), truth):
            wrong.append(case["Gate ID"])
    assert not wrong, f"{len(wrong)} of {len(cases)}"


@given(st.integers(0, 2**32 - 1), st.integers(3, 30), st.sampled_from([1.0, 0.125, 1e-9, 1e12]))
@settings(max_examples=40, deadline=None)
def test_a_polygon_over_many_events_is_the_same_edge_by_edge(
    seed: int, corners: int, unit: float
) -> None:
    rng = np.random.default_rng(seed)
    # Whole numbers: many events lie exactly on edges and corners, and edges cross.
    vertices = rng.integers(0, 40, (corners, 2)) * unit
    points = rng.integers(-5, 45, (20_000, 2)) * unit + rng.choice([0.0, 0.3 * unit], (20_000, 2))
    points[:4] = [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, np.nan], [1e308, -1e308]]
    points[4 : 4 + corners] = vertices
    some = points[:: max(1, corners // 3)]
    assume(np.ptp(vertices, axis=0).min() > 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inside, "MANY", 1)
        gridded = inside.in_polygon(vertices, some)
        patch.setattr(inside, "MANY", 10**12)
        np.testing.assert_array_equal(gridded, inside.in_polygon(vertices, some))
    assert inside.in_polygon(vertices, vertices).all()
    assert not inside.in_polygon(vertices, points[:4]).any()


def test_a_polygon_without_area_holds_its_own_line() -> None:
    line = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 0.0]])
    points = np.tile([[1.0, 0.0], [1.0, 0.5], [5.0, 0.0]], (200_000, 1))
    assert inside.in_polygon(line, points)[:3].tolist() == [True, False, False]
