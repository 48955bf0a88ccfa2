"""Gating-ML 1.5: the functions that the suite's files at hand do not use, and odd gates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.exchange import gatingml
from assays.flow.exchange.columns import Columns
from assays.flow.exchange.gate import ShapeGate
from assays.flow.exchange.gatingml.functions15 import (
    Exponential,
    ExponentialLine,
    HyperbolicSine,
    HyperlogRoot,
    InverseSine,
    InverseSplitScale,
    NaturalLog,
    Quadratic,
    SplitScale,
    SquareRoot,
)
from assays.flow.exchange.strategy import SharedStrategy
from assays.flow.scales import Floats
from plates.source import Source

SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v1.5/{name}"'
    for prefix, name in (
        ("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes"),
    )
)  # fmt: skip


def strategy(body: str) -> SharedStrategy:
    text = f"<gating:Gating-ML {SPACES}>\n{body}\n</gating:Gating-ML>"
    return gatingml.read(Source.from_bytes("old.xml", text.encode()))


def measured(formula: str) -> Floats:
    """The formula over A = 1, 4, 9, -4 and B = 2, 2, 0, 2."""
    read = strategy(
        '<gating:RectangleGate gating:id="r"><gating:dimension gating:min="0">'
        f"<transforms:transformation>{formula}</transforms:transformation>"
        "</gating:dimension></gating:RectangleGate>"
    )
    events = Events(
        np.array([[1.0, 2.0], [4.0, 2.0], [9.0, 0.0], [-4.0, 2.0]]),
        (Channel("A", None, 1024.0), Channel("B", None, 1024.0)),
        name="tube.fcs",
    )
    gate = read.gates[0]
    assert isinstance(gate, ShapeGate)
    with np.errstate(divide="ignore"):
        return Columns(events, read.matrices, read.basis).of(gate.axes[0])


def of(name: str, parameters: str = "", inputs: str = "A") -> str:
    inner = "".join(f'<data-type:parameter data-type:name="{n}"/>' for n in inputs)
    return f"<transforms:{name} {parameters}>{inner}</transforms:{name}>"


def test_the_functions_that_the_suite_at_hand_does_not_use() -> None:
    np.testing.assert_allclose(measured(of("sqrt", 'transforms:a="4"')), [0.5, 1, 1.5, 1])
    np.testing.assert_allclose(measured(of("ratio", inputs="AB")), [0.5, 2, math.inf, -2])
    np.testing.assert_allclose(
        measured(of("sinh", 'transforms:a="2" transforms:b="4"'))[1], math.sinh(1) / 2
    )


PAIRS = [
    (InverseSine(0.3, 7.0), HyperbolicSine(0.3, 7.0)),
    (NaturalLog(0.3, 7.0), Exponential(0.3, 7.0)),
    (HyperlogRoot(200.0, 35.0), ExponentialLine(200.0, 35.0)),
    (SplitScale(192.0, 262144.0, 64.0), InverseSplitScale(SplitScale(192.0, 262144.0, 64.0))),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda f: type(f).__name__)
def test_functions_of_a_pair_undo_one_another(one: NaturalLog, other: Exponential) -> None:
    x = np.concatenate([np.geomspace(1e-3, 262144.0, 200), -np.geomspace(1e-3, 500.0, 50)])
    if isinstance(one, NaturalLog):
        x = x[x > 0]
    np.testing.assert_allclose(other.forward(one.forward(x)), x, rtol=1e-11, atol=1e-12)


def test_roots_and_squares_meet_and_a_logarithm_of_nothing_is_nought() -> None:
    x = np.array([0.5, 3.0])
    np.testing.assert_allclose(SquareRoot(2.0).forward(Quadratic(2.0).forward(x)), x)
    assert NaturalLog(1.0, 4.0).forward([0.0, -5.0]).tolist() == [0.0, 0.0]
    assert math.isnan(float(NaturalLog(1.0, 4.0).forward(math.nan)))
    assert HyperlogRoot(200.0, 1.0).forward([0.0, math.inf]).tolist() == [0.0, math.inf]


def test_values_are_gated_as_stored_though_the_events_were_linearised() -> None:
    read = strategy(
        '<gating:RectangleGate gating:id="r"><gating:dimension gating:min="512">'
        '<data-type:parameter data-type:name="A"/></gating:dimension></gating:RectangleGate>'
    )
    channel = Channel("A", None, 1024.0, amplification=(4.0, 1.0), kind="I")
    stored = np.array([511.0, 512.0, 1023.0])
    linear = (10 ** (4 * stored / 1024)).astype(np.float32)
    events = Events(linear[:, None], (channel,), name="tube.fcs")
    assert read.apply(events)["r"].mask.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (of("cube", 'transforms:a="4"'), "unknown function 'cube'"),
        (of("sqrt", 'transforms:a="0"'), "needs a other than 0"),
        (of("hyperlog", 'transforms:a="1" transforms:b="-1"'), "needs b above 0"),
        (of("ratio"), "takes two inputs, found 1"),
        (of("dg1polynomial", inputs="AB"), "take 3 coefficients, found 0"),
        (of("compensation", 'transforms:spilloverMatrixRef="M"'), "spillover matrix 'M'"),
    ],
)
def test_formulas_that_cannot_be_understood_name_the_gate(formula: str, message: str) -> None:
    with pytest.raises(GatingError, match=message) as caught:
        measured(formula)
    assert "'r'" in caught.value.message
    assert caught.value.where == "old.xml:2"


def test_a_matrix_may_mix_formulas() -> None:
    """Light that is compensated after a transformation."""
    halves = "".join(
        f'<transforms:transformation transforms:id="half {name}"><transforms:dg1polynomial>'
        f'<data-type:parameter data-type:name="{name}"/><transforms:coefficient '
        'transforms:value="0.5"/><transforms:coefficient transforms:value="0"/>'
        "</transforms:dg1polynomial></transforms:transformation>"
        for name in "AB"
    )
    inputs = "".join(
        f'<transforms:transformationReference transforms:ref="half {n}"/>' for n in "AB"
    )
    rows = "".join(
        "<transforms:spillover>"
        + "".join(f'<transforms:coefficient transforms:value="{x}"/>' for x in row)
        + "</transforms:spillover>"
        for row in ((1, 0.5), (0, 1))
    )
    read = strategy(
        f'{halves}<transforms:spilloverMatrix transforms:id="M"><transforms:parameters>{inputs}'
        f"</transforms:parameters>{rows}</transforms:spilloverMatrix>"
        '<gating:RectangleGate gating:id="r"><gating:dimension gating:min="0">'
        '<transforms:transformation><transforms:compensation transforms:spilloverMatrixRef="M">'
        '<transforms:transformationReference transforms:ref="half A"/></transforms:compensation>'
        "</transforms:transformation></gating:dimension></gating:RectangleGate>"
    )
    events = Events(
        np.array([[8.0, 4.0], [1.0, 6.0]]),
        (Channel("A", None, 1024.0), Channel("B", None, 1024.0)),
        name="tube.fcs",
    )
    gate = read.gates[0]
    assert isinstance(gate, ShapeGate)
    # Half of A holds half of half B: 4 - 1 = 3, and 0.5 - 1.5 = -1.
    np.testing.assert_allclose(Columns(events, read.matrices, read.basis).of(gate.axes[0]), [3, -1])
    assert read.apply(events)["r"].mask.tolist() == [True, False]


def test_a_formula_that_doubles_at_every_step_is_refused() -> None:
    double = "".join(
        f'<transforms:transformation transforms:id="t{n}"><transforms:dg1polynomial>'
        + 2 * f'<transforms:transformationReference transforms:ref="t{n + 1}"/>'
        + 3 * '<transforms:coefficient transforms:value="1"/>'
        + "</transforms:dg1polynomial></transforms:transformation>"
        for n in range(45)
    )
    last = of("quadratic", 'transforms:a="1"')
    with pytest.raises(GatingError, match="formula of more than 2,000 terms"):
        strategy(
            f'{double}<transforms:transformation transforms:id="t45">{last}'
            '</transforms:transformation><gating:RectangleGate gating:id="r"><gating:dimension>'
            '<transforms:transformationReference transforms:ref="t0"/></gating:dimension>'
            "</gating:RectangleGate>"
        )


def test_events_on_the_border_of_a_polytope_and_an_ellipsoid_are_inside() -> None:
    """Numbers that are not whole in binary miss their border by a rounding."""
    axes = "".join(
        f'<gating:dimension><data-type:parameter data-type:name="{n}"/></gating:dimension>'
        for n in "AB"
    )
    half = "".join(f'<gating:entry data-type:value="{x}"/>' for x in (0.1, 0.2, -0.7))
    rows = "".join(
        "<gating:row>"
        + "".join(f'<gating:entry data-type:value="{x}"/>' for x in row)
        + "</gating:row>"
        for row in ((0.49, 0.0), (0.0, 0.49))
    )
    center = 2 * '<gating:coordinate data-type:value="0"/>'
    read = strategy(
        f'<gating:PolytopeGate gating:id="p">{axes}<gating:halfspace>{half}</gating:halfspace>'
        f'</gating:PolytopeGate><gating:EllipsoidGate gating:id="e">{axes}<gating:mean>{center}'
        f"</gating:mean><gating:covarianceMatrix>{rows}</gating:covarianceMatrix>"
        '<gating:distanceSquare data-type:value="100"/></gating:EllipsoidGate>'
    )
    names = (Channel("A", None, 1024.0), Channel("B", None, 1024.0))
    on_plane = Events(np.array([[3.0, 2.0], [1.0, 3.0], [5.0, 1.0], [7.0, 1e-9]]), names)
    assert read.apply(on_plane)["p"].mask.tolist() == [True, True, True, False]
    on_edge = Events(np.array([[7.0, 0.0], [0.0, -7.0], [4.2, 5.6], [7.0, 1e-3]]), names)
    assert read.apply(on_edge)["e"].mask.tolist() == [True, True, True, False]


def test_transformations_that_refer_to_one_another_end() -> None:
    ring = "".join(
        f'<transforms:transformation transforms:id="{one}"><transforms:quadratic '
        f'transforms:a="1"><transforms:transformationReference transforms:ref="{other}"/>'
        "</transforms:quadratic></transforms:transformation>"
        for one, other in (("x", "y"), ("y", "x"))
    )
    gate = (
        '<gating:RectangleGate gating:id="r"><gating:dimension>'
        '<transforms:transformationReference transforms:ref="x"/></gating:dimension>'
        "</gating:RectangleGate>"
    )
    with pytest.raises(GatingError, match="without end"):
        strategy(ring + gate)


def again(read: SharedStrategy, events: Events) -> SharedStrategy:
    """Written as version 2.0 for a file, and read back."""
    text = gatingml.to_xml(read, events.channels)
    return gatingml.read(Source.from_bytes("new.xml", text.encode()))


def test_version_15_is_written_as_20_only_with_the_channels_of_a_file() -> None:
    read = strategy(
        '<gating:RectangleGate gating:id="r"><gating:dimension gating:min="1">'
        '<data-type:parameter data-type:name="A"/></gating:dimension></gating:RectangleGate>'
    )
    with pytest.raises(GatingError, match="values as stored"):
        gatingml.to_xml(read)
    with pytest.raises(GatingError, match="no channel 'A'"):
        gatingml.to_xml(read, (Channel("B", None, 1.0),))


def test_gains_and_amplifiers_are_undone_on_the_way_to_version_20() -> None:
    axes = "".join(
        f'<gating:dimension gating:min="5" gating:max="700">'
        f'<data-type:parameter data-type:name="{n}"/></gating:dimension>'
        for n in "AB"
    )
    bare = axes.replace(' gating:min="5" gating:max="700"', "")
    corners = "".join(
        "<gating:vertex>"
        + "".join(f'<gating:coordinate data-type:value="{x}"/>' for x in corner)
        + "</gating:vertex>"
        for corner in ((0.5, 0.5), (900.5, 3.5), (500.5, 800.5))
    )
    read = strategy(
        f'<gating:RectangleGate gating:id="r">{axes}</gating:RectangleGate>'
        f'<gating:PolygonGate gating:id="p">{bare}{corners}</gating:PolygonGate>'
    )
    channels = (
        Channel("A", None, 1024.0, amplification=(4.0, 1.0), kind="I"),
        Channel("B", None, 1024.0, gain=3.7, kind="I"),
    )
    stored = np.random.default_rng(15).integers(0, 1024, (4000, 2)).astype(np.float64)
    stored[:4] = [[5, 5], [4, 5], [700, 699], [699, 700]]
    scaled = np.stack([10 ** (4 * stored[:, 0] / 1024), stored[:, 1] / 3.7], axis=1)
    events = Events(scaled.astype(np.float32), channels, name="tube.fcs")
    before, after = read.apply(events), again(read, events).apply(events)
    assert before["r"].mask[:4].tolist() == [True, False, False, False]
    for name in ("r", "p"):
        assert 100 < before[name].count < 3900
        np.testing.assert_array_equal(after[name].mask, before[name].mask)


RISING = {
    "asinh": 'transforms:a="0.1" transforms:b="3"', "sinh": 'transforms:a="2" transforms:b="400"',
    "exponential": 'transforms:a="2" transforms:b="400"', "ln": 'transforms:a="1" transforms:b="2"',
    "EH": 'transforms:a="900" transforms:b="5"', "hyperlog": 'transforms:a="20" transforms:b="5"',
    "split-scale":
        'transforms:r="192" transforms:maxValue="1000" transforms:transitionChannel="64"',
}  # fmt: skip


@pytest.mark.parametrize("name", RISING)
def test_a_rectangle_on_a_rising_formula_becomes_one_on_the_values(name: str) -> None:
    values = np.linspace(-500, 1000, 1501)
    events = Events(values[:, None], (Channel("A", None, 1024.0),), name="tube.fcs")
    place = strategy(
        '<gating:RectangleGate gating:id="r"><gating:dimension gating:min="{}" gating:max="{}">'
        f"<transforms:transformation>{of(name, RISING[name])}</transforms:transformation>"
        "</gating:dimension></gating:RectangleGate>".format(*ends_of(name))
    )
    before, after = place.apply(events)["r"], again(place, events).apply(events)["r"]
    assert 100 < before.count < 1400
    np.testing.assert_array_equal(after.mask, before.mask)


def ends_of(name: str) -> tuple[float, float]:
    """What the formula makes of 10.5 and 700.5."""
    read = strategy(
        '<gating:RectangleGate gating:id="r"><gating:dimension><transforms:transformation>'
        f"{of(name, RISING[name])}</transforms:transformation></gating:dimension>"
        "</gating:RectangleGate>"
    )
    gate = read.gates[0]
    assert isinstance(gate, ShapeGate)
    events = Events(np.array([[10.5], [700.5]]), (Channel("A", None, 1024.0),))
    low, high = Columns(events, read.matrices, read.basis).of(gate.axes[0]).tolist()
    return low, high


def test_a_decision_tree_becomes_boxes_and_a_polytope_is_refused_by_name() -> None:
    one, other = (f'<data-type:parameter data-type:name="{n}"/>' for n in "AB")
    read = strategy(
        f'<gating:DecisionTreeGate gating:id="tree"><gating:rootNode gating:threshold="5">{one}'
        f'<gating:nodeLT gating:threshold="2">{other}<gating:leafLT gating:inside="true"/>'
        '<gating:leafGTE gating:inside="false"/></gating:nodeLT>'
        f'<gating:nodeGTE gating:threshold="7">{other}<gating:leafLT gating:inside="false"/>'
        '<gating:leafGTE gating:inside="true"/></gating:nodeGTE></gating:rootNode>'
        "</gating:DecisionTreeGate>"
    )
    grid = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), axis=-1).reshape(-1, 2)
    names = (Channel("A", None, 1024.0), Channel("B", None, 1024.0))
    events = Events(grid, names, name="tube.fcs")
    written = again(read, events)
    assert [gate.name for gate in written.gates] == ["tree_part_1_", "tree_part_2_", "tree"]
    before = read.apply(events)["tree"].mask
    assert before.sum() == 5 * 2 + 5 * 3
    np.testing.assert_array_equal(written.apply(events)["tree"].mask, before)
    axes = f"<gating:dimension>{one}</gating:dimension><gating:dimension>{other}</gating:dimension>"
    half = "".join(f'<gating:entry data-type:value="{x}"/>' for x in (1, 1, -5))
    slanted = strategy(
        f'<gating:PolytopeGate gating:id="p">{axes}<gating:halfspace>{half}</gating:halfspace>'
        "</gating:PolytopeGate>"
    )
    with pytest.raises(GatingError, match=r"'p': Gating-ML 2\.0 has no Polytope"):
        gatingml.to_xml(slanted, names)
