"""Gating-ML at the bench: every kind of gate on events typed here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events, Spillover
from assays.flow.exchange import gatingml
from assays.flow.exchange.strategy import SharedStrategy
from plates.source import Source

SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
    for prefix, name in (
        ("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes"),
    )
)  # fmt: skip


def strategy(body: str) -> SharedStrategy:
    text = f"<gating:Gating-ML {SPACES}>\n{body}\n</gating:Gating-ML>"
    return gatingml.read(Source.from_bytes("gates.xml", text.encode()))


def dimension(name: str, more: str = "") -> str:
    return (
        f'<gating:dimension gating:compensation-ref="uncompensated" {more}>'
        f'<data-type:fcs-dimension data-type:name="{name}"/></gating:dimension>'
    )


def events(rows: list[list[float]], spillover: Spillover | None = None) -> Events:
    names = ("A", "B", "C", "D")[: len(rows[0])]
    channels = tuple(Channel(name, None, 262144.0) for name in names)
    return Events(np.array(rows, dtype=np.float64), channels, spillover, name="tube.fcs")


def rectangle(name: str, more: str, channel: str = "A", parent: str = "") -> str:
    above = f'gating:parent_id="{parent}"' if parent else ""
    return (
        f'<gating:RectangleGate gating:id="{name}" {above}>'
        f"{dimension(channel, more)}</gating:RectangleGate>"
    )


def test_a_rectangle_takes_its_lower_end_and_leaves_its_upper_one() -> None:
    found = strategy(rectangle("R", 'gating:min="1" gating:max="3"')).apply(
        events([[0.0], [1.0], [2.0], [3.0], [math.nan]])
    )
    assert found["R"].mask.tolist() == [False, True, True, False, False]
    assert found["R"].parent == "root"
    assert found["root"].count == 5


def test_members_of_a_gate_are_members_of_its_parent_whatever_the_order() -> None:
    body = rectangle("child", 'gating:min="0"', "B", "top") + rectangle("top", 'gating:max="5"')
    found = strategy(body).apply(events([[1.0, 1.0], [9.0, 1.0], [1.0, -1.0]]))
    assert list(found) == ["root", "top", "child"]
    assert found["child"].mask.tolist() == [True, False, False]
    assert found["child"].parent == "top"


def test_a_divider_with_three_values_cuts_an_axis_into_four_pieces() -> None:
    pieces = "".join(
        f'<gating:Quadrant gating:id="{name}"><gating:position gating:divider_ref="d" '
        f'gating:location="{place}"/></gating:Quadrant>'
        for name, place in (("none", -5), ("dim", 1.5), ("mid", 2), ("high", 99))
    )
    values = "".join(f"<gating:value>{cut}</gating:value>" for cut in (3, 1, 2))
    divider = (
        '<gating:divider gating:id="d" gating:compensation-ref="uncompensated">'
        f'<data-type:fcs-dimension data-type:name="A"/>{values}</gating:divider>'
    )
    found = strategy(
        f'<gating:QuadrantGate gating:id="Q">{divider}{pieces}</gating:QuadrantGate>'
    ).apply(events([[0.0], [1.0], [1.9], [2.0], [3.0], [math.inf]]))
    where = [[n for n in ("none", "dim", "mid", "high") if found[n].mask[i]] for i in range(6)]
    assert where == [["none"], ["dim"], ["dim"], ["mid"], ["high"], ["high"]]


def test_an_ellipsoid_in_three_dimensions() -> None:
    axes = "".join(dimension(name) for name in "ABC")
    mean = "".join(f'<gating:coordinate data-type:value="{x}"/>' for x in (1, 2, 3))
    rows = "".join(
        "<gating:row>"
        + "".join(f'<gating:entry data-type:value="{x}"/>' for x in row)
        + "</gating:row>"
        for row in ((4, 0, 0), (0, 9, 0), (0, 0, 1))
    )
    found = strategy(
        f'<gating:EllipsoidGate gating:id="E">{axes}<gating:mean>{mean}</gating:mean>'
        f"<gating:covarianceMatrix>{rows}</gating:covarianceMatrix>"
        '<gating:distanceSquare data-type:value="1"/></gating:EllipsoidGate>'
    ).apply(events([[1, 2, 3], [3, 2, 3], [3.01, 2, 3], [1, 5, 3], [1, 2, 4.1]]))
    assert found["E"].mask.tolist() == [True, True, False, True, False]


def combined(operation: str, *references: str) -> str:
    inside = "".join(f"<gating:gateReference {reference}/>" for reference in references)
    return (
        f'<gating:BooleanGate gating:id="{operation}"><gating:{operation}>{inside}'
        f"</gating:{operation}></gating:BooleanGate>"
    )


def test_gates_are_combined_by_reference_and_complement() -> None:
    body = (
        rectangle("a", 'gating:min="1"')
        + rectangle("b", 'gating:min="1"', "B")
        + combined("and", 'gating:ref="a"', 'gating:ref="b" gating:use-as-complement="true"')
        + combined("or", 'gating:ref="a"', 'gating:ref="b"')
        + combined("not", 'gating:ref="a"')
    )
    found = strategy(body).apply(events([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    assert found["and"].mask.tolist() == [False, False, True, False]
    assert found["or"].mask.tolist() == [False, True, True, True]
    assert found["not"].mask.tolist() == [True, True, False, False]


SPILL = Spillover(("A", "B"), np.array([[1.0, 0.5], [0.0, 1.0]]))


def test_fcs_compensation_is_the_files_own_and_none_where_there_is_none() -> None:
    body = rectangle("r", 'gating:min="4"', "B").replace("uncompensated", "FCS")
    rows = [[2.0, 5.0], [4.0, 5.0]]
    # The second event's B holds 2 of A's light.
    assert strategy(body).apply(events(rows, SPILL))["r"].mask.tolist() == [True, False]
    assert strategy(body).apply(events(rows))["r"].mask.tolist() == [True, True]


def test_each_gate_is_on_its_own_compensation_and_scale() -> None:
    body = (
        '<transforms:transformation transforms:id="s"><transforms:flin transforms:T="10" '
        'transforms:A="0"/></transforms:transformation>'
        + rectangle("raw", 'gating:min="5"', "B")
        + rectangle("own", 'gating:min="0.5" gating:transformation-ref="s"', "B").replace(
            "uncompensated", "FCS"
        )
    )
    found = strategy(body).apply(events([[2.0, 5.5], [0.0, 5.5]], SPILL))
    assert found["raw"].mask.tolist() == [True, True]
    assert found["own"].mask.tolist() == [False, True]


def test_more_detectors_than_fluorochromes_are_unmixed_by_least_squares() -> None:
    def names(kind: str, known: str) -> str:
        inner = "".join(f'<data-type:fcs-dimension data-type:name="{n}"/>' for n in known.split())
        return f"<transforms:{kind}>{inner}</transforms:{kind}>"

    spectra = "".join(
        "<transforms:spectrum>"
        + "".join(f'<transforms:coefficient transforms:value="{x}"/>' for x in row)
        + "</transforms:spectrum>"
        for row in ((1, 0.5, 0.1), (0, 0.2, 1))
    )
    body = (
        f'<transforms:spectrumMatrix transforms:id="M">{names("fluorochromes", "red blue")}'
        f"{names('detectors', 'A B C')}{spectra}</transforms:spectrumMatrix>"
        + rectangle("r", 'gating:min="9.999" gating:max="10.001"', "red").replace(
            "uncompensated", "M"
        )
    )
    mixed = 10 * np.array([1, 0.5, 0.1]) + 7 * np.array([0, 0.2, 1])
    found = strategy(body).apply(events([mixed.tolist(), [10.0, 0.0, 0.0]]))
    assert found["r"].mask.tolist() == [True, False]


def scale(name: str, function: str, more: str = "") -> str:
    return (
        f'<transforms:transformation transforms:id="{name}" {more}>{function}'
        "</transforms:transformation>"
    )


RATIO = (
    '<transforms:fratio transforms:A="2" transforms:B="1" transforms:C="0">'
    '<data-type:fcs-dimension data-type:name="A"/><data-type:fcs-dimension data-type:name="B"/>'
    "</transforms:fratio>"
)


def on_ratio(name: str, ends: str, compensation: str = "uncompensated") -> str:
    return (
        f'<gating:RectangleGate gating:id="{name}"><gating:dimension {ends} '
        f'gating:compensation-ref="{compensation}"><data-type:new-dimension '
        'data-type:transformation-ref="q"/></gating:dimension></gating:RectangleGate>'
    )


def written_again(read: SharedStrategy) -> SharedStrategy:
    return gatingml.read(Source.from_bytes("again.xml", gatingml.to_xml(read).encode()))


def test_a_ratio_is_of_compensated_channels_and_stops_at_its_bounds() -> None:
    tube = events([[3.0, 2.0], [5.0, 2.0], [101.0, 2.0]], SPILL)
    plain = strategy(on_ratio("r", 'gating:min="3" gating:max="99"') + scale("q", RATIO))
    assert plain.apply(tube)["r"].mask.tolist() == [False, True, False]
    own = strategy(on_ratio("r", 'gating:min="3"', "FCS") + scale("q", RATIO))
    # B holds half of A's light: 2 - 1.5 leaves 0.5, 2 - 2.5 leaves less than nothing.
    assert own.apply(tube)["r"].mask.tolist() == [True, False, False]
    bounded = strategy(
        on_ratio("r", 'gating:min="3" gating:max="99"')
        + scale("q", RATIO, 'transforms:boundMin="0" transforms:boundMax="50"')
    )
    for one in (bounded, written_again(bounded)):
        assert one.apply(tube)["r"].mask.tolist() == [False, True, True]


def test_a_value_below_zero_has_no_place_on_a_logarithm_unless_bounds_give_it_one() -> None:
    log = '<transforms:flog transforms:T="1000" transforms:M="3"/>'
    gate = rectangle("r", 'gating:max="0.5" gating:transformation-ref="s"')
    tube = events([[-5.0], [0.0], [2.0], [900.0]])
    free = strategy(gate + scale("s", log))
    bounded = strategy(gate + scale("s", log, 'transforms:boundMin="0"'))
    for one, inside in (
        (free, [False, True, True, False]),
        (bounded, [True, True, True, False]),
    ):
        assert one.apply(tube)["r"].mask.tolist() == inside
        assert written_again(one).apply(tube)["r"].mask.tolist() == inside


def test_a_channel_that_a_matrix_does_not_name_is_taken_as_recorded_and_told() -> None:
    square = (
        '<transforms:spectrumMatrix transforms:id="M"><transforms:fluorochromes>'
        '<data-type:fcs-dimension data-type:name="A"/></transforms:fluorochromes>'
        '<transforms:detectors><data-type:fcs-dimension data-type:name="A"/>'
        '</transforms:detectors><transforms:spectrum><transforms:coefficient '
        'transforms:value="2"/></transforms:spectrum></transforms:spectrumMatrix>'
    )  # fmt: skip
    body = square + "".join(
        rectangle(name, 'gating:min="4"', name).replace("uncompensated", "M") for name in "AB"
    )
    read = strategy(body)
    assert "'B'" in read.notes[0] and "as recorded" in read.notes[0]
    found = read.apply(events([[4.0, 4.0], [8.0, 3.0]]))
    assert found["A"].mask.tolist() == [False, True]
    assert found["B"].mask.tolist() == [True, False]


def test_a_matrix_that_is_inverted_already_is_multiplied_with() -> None:
    names = "".join(f'<data-type:fcs-dimension data-type:name="{n}"/>' for n in "AB")
    rows = "".join(
        "<transforms:spectrum>"
        + "".join(f'<transforms:coefficient transforms:value="{x}"/>' for x in row)
        + "</transforms:spectrum>"
        for row in ((1, -0.5), (0, 1))
    )
    body = (
        '<transforms:spectrumMatrix transforms:id="M" '
        'transforms:matrix-inverted-already="true">'
        f"<transforms:fluorochromes>{names}</transforms:fluorochromes>"
        f"<transforms:detectors>{names}</transforms:detectors>{rows}</transforms:spectrumMatrix>"
    ) + rectangle("r", 'gating:min="4"', "B").replace("uncompensated", "M")
    read = strategy(body)
    for one in (read, written_again(read)):
        assert one.apply(events([[2.0, 5.0], [4.0, 5.0]]))["r"].mask.tolist() == [True, False]


def test_one_gate_may_mix_compensations_and_scales() -> None:
    body = (
        scale("s", '<transforms:fasinh transforms:T="100" transforms:M="3" transforms:A="1"/>')
        + '<gating:RectangleGate gating:id="r">'
        + dimension("B", 'gating:min="4"')
        + dimension("B", 'gating:max="0.9" gating:transformation-ref="s"').replace(
            "uncompensated", "FCS"
        )
        + "</gating:RectangleGate>"
    )
    found = strategy(body).apply(events([[0.0, 5.0], [0.0, 99.0], [190.0, 99.0]], SPILL))
    assert found["r"].mask.tolist() == [True, False, True]


def test_a_polygon_that_crosses_itself_is_told_and_read_even_odd() -> None:
    corners = "".join(
        "<gating:vertex>"
        + "".join(f'<gating:coordinate data-type:value="{x}"/>' for x in corner)
        + "</gating:vertex>"
        for corner in ((0, 0), (4, 4), (4, 0), (0, 4))
    )
    read = strategy(
        f'<gating:PolygonGate gating:id="bow">{dimension("A")}{dimension("B")}{corners}'
        "</gating:PolygonGate>"
    )
    assert len(read.notes) == 1
    assert "'bow'" in read.notes[0] and "even-odd" in read.notes[0]
    found = read.apply(events([[2.0, 1.0], [1.0, 2.0], [2.0, 2.0]]))
    assert found["bow"].mask.tolist() == [False, True, True]


def test_an_absent_channel_names_the_gate_its_line_and_the_nearest_channel() -> None:
    read = strategy(rectangle("R", 'gating:min="1"', "CD19-A"))
    tube = Events(np.zeros((1, 1)), (Channel("CD19-H", None, 1.0),), name="tube.fcs")
    with pytest.raises(GatingError, match=r"'R'.*'CD19-A'") as caught:
        read.apply(tube)
    assert caught.value.where == "gates.xml:2"
    assert "CD19-H" in caught.value.hint


def test_events_compensated_before_are_refused_rather_than_compensated_twice() -> None:
    import dataclasses

    body = rectangle("r", 'gating:min="4"', "B")
    done = dataclasses.replace(events([[1.0, 5.0]], SPILL), compensated=True)
    with pytest.raises(GatingError, match="compensated already"):
        strategy(body).apply(done)


def test_a_strategy_is_written_to_a_file_and_read_back(tmp_path: Path) -> None:
    read = strategy(rectangle("a b/c", 'gating:min="1.1" gating:max="2.2"'))
    gatingml.write(tmp_path / "out.xml", read)
    back = gatingml.read(tmp_path / "out.xml")
    tube = events([[1.1], [2.2], [1.0999]])
    assert [gate.name for gate in back.gates] == ["a_b.c"]
    np.testing.assert_array_equal(back.apply(tube)["a_b.c"].mask, read.apply(tube)["a b/c"].mask)


def test_a_strategy_without_gates_is_not_written() -> None:
    with pytest.raises(GatingError, match="no gates to write"):
        gatingml.to_xml(SharedStrategy(()))
