"""FlowJo workspaces at the bench: what each kind of node and scale means."""

from __future__ import annotations

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.brought_scales import agreed_scales
from assays.flow.events import Channel, Events
from assays.flow.exchange import flowjo, gatingml
from assays.flow.exchange.book import open_book
from assays.flow.scales import Biex, Linear
from plates.source import Source

SPACES = " ".join(
    f'xmlns:{prefix}="http://www.isac-net.org/std/Gating-ML/v2.0/{name}"'
    for prefix, name in (
        ("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes"),
    )
)  # fmt: skip
BIEX = (
    '<transforms:biex transforms:length="256" transforms:maxRange="262144" transforms:neg="0" '
    'transforms:width="-100" transforms:pos="4.418539922"><data-type:parameter '
    'data-type:name="{}"/></transforms:biex>'
)
LINEAR = (
    '<transforms:linear transforms:minRange="{1}" transforms:maxRange="{2}" gain="{3}">'
    '<data-type:parameter data-type:name="{0}"/></transforms:linear>'
)
MATRIX = (
    '<transforms:spilloverMatrix prefix="Comp-" name="mine" suffix="">'
    '<transforms:spillover data-type:parameter="A"><transforms:coefficient '
    'data-type:parameter="A" transforms:value="1"/><transforms:coefficient '
    'data-type:parameter="B" transforms:value="0.5"/></transforms:spillover>'
    '<transforms:spillover data-type:parameter="B"><transforms:coefficient '
    'data-type:parameter="A" transforms:value="0"/><transforms:coefficient '
    'data-type:parameter="B" transforms:value="1"/></transforms:spillover>'
    "</transforms:spilloverMatrix>"
)


def workspace(populations: str, transforms: str = "", extra: str = "", groups: str = "") -> str:
    return (
        f'<Workspace version="20.0" flowJoVersion="10.8.1" {SPACES}>\n<Groups>{groups}</Groups>'
        f'<SampleList><Sample><DataSet uri="file:/C:/my%20data/tube%201.fcs" sampleID="1"/>{extra}'
        f"<Transformations>{transforms}</Transformations>"
        f'<SampleNode name="tube 1" count="10" sampleID="1"><Subpopulations>\n{populations}'
        "</Subpopulations></SampleNode></Sample></SampleList></Workspace>"
    )


def read(text: str) -> flowjo.Workspace:
    return flowjo.read(Source.from_bytes("book.wsp", text.encode()))


def dimension(name: str, ends: str = "") -> str:
    return (
        f'<gating:dimension {ends}><data-type:fcs-dimension data-type:name="{name}"/>'
        "</gating:dimension>"
    )


def corner(*numbers: float) -> str:
    inside = "".join(f'<gating:coordinate data-type:value="{x}"/>' for x in numbers)
    return f"<gating:vertex>{inside}</gating:vertex>"


def population(name: str, shape: str, below: str = "", count: int = 1) -> str:
    inside = f"<Subpopulations>{below}</Subpopulations>" if below else ""
    return f'<Population name="{name}" count="{count}"><Gate>{shape}</Gate>{inside}</Population>\n'


def rectangle(channel: str, ends: str, more: str = 'eventsInside="1"') -> str:
    return f"<gating:RectangleGate {more}>{dimension(channel, ends)}</gating:RectangleGate>"


def combined(kind: str, name: str, *paths: str) -> str:
    inside = "".join(f'<Dependent name="{path}"/>' for path in paths)
    return f'<{kind} name="{name}" count="2"><Dependents>{inside}</Dependents></{kind}>\n'


def tube(rows: list[list[float]], gain: float = 1.0, *names: str) -> Events:
    names = names or ("A", "B", "Time")[: len(rows[0])]
    channels = tuple(
        Channel(name, None, 262144.0, gain=gain if name != "Time" else 0.01, time=name == "Time")
        for name in names
    )
    return Events(np.array(rows, dtype=np.float64), channels, name="tube 1.fcs")


def members(text: str, events: Events, path: str) -> list[bool]:
    found: list[bool] = read(text).samples["tube 1"].strategy.apply(events)[path].mask.tolist()
    return found


def test_a_sample_has_its_file_gates_by_path_and_stored_counts() -> None:
    inner = population("live", rectangle("B", 'gating:min="1"'), count=3)
    groups = (
        '<GroupNode name="All Samples"><Group><SampleRefs><SampleRef sampleID="1"/></SampleRefs>'
        f"</Group><Subpopulations>{inner}</Subpopulations></GroupNode>"
    )
    cells = population("cells", rectangle("A", 'gating:min="1"'), inner, 7)
    book = read(workspace(cells, groups=groups))
    sample = book.samples["tube 1"]
    assert book.version == "10.8.1"
    assert sample.file == "tube 1.fcs"
    assert sample.groups == ("All Samples",)
    assert sample.compensation is None
    assert sample.stored_counts == {"root": 10, "root/cells": 7, "root/cells/live": 3}
    found = sample.strategy.apply(tube([[2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]))
    assert [found[p].count for p in ("root", "root/cells", "root/cells/live")] == [3, 2, 1]
    assert found["root/cells/live"].parent == "root/cells"
    assert book.groups["All Samples"].populations == ("root/live",)
    shared = book.group_strategy("All Samples", "tube 1").apply(tube([[0.0, 2.0]]))
    assert shared["root/live"].count == 1
    with pytest.raises(GatingError, match="no 'All Sample'") as caught:
        book.group_strategy("All Sample", "tube 1")
    assert "All Samples" in caught.value.hint


def test_a_gate_may_take_the_events_outside() -> None:
    outside = rectangle("A", 'gating:min="1" gating:max="2"', 'eventsInside="0"')
    text = workspace(population("out", outside))
    events = tube([[0.0], [1.0], [2.0]])
    assert members(text, events, "root/out") == [True, False, True]
    strategy = read(text).samples["tube 1"].strategy
    back = gatingml.read(Source.from_bytes("b.xml", gatingml.to_xml(strategy).encode()))
    assert back.apply(events)["root.out"].mask.tolist() == [True, False, True]


def test_populations_are_combined_by_path_wherever_they_stand() -> None:
    a = population("a", rectangle("A", 'gating:min="1"'))
    b = population("b", rectangle("B", 'gating:min="1"'))
    top = rectangle("A", 'gating:min="-9"')
    text = workspace(
        population(
            "cells",
            top,
            combined("AndNode", "both", "cells/a", "cells/b")
            + combined("OrNode", "any", "a", "b")
            + combined("NotNode", "none", "root/cells/a")
            + a
            + b,
        )
    )
    events = tube([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [-10.0, 0.0]])
    assert members(text, events, "root/cells/both") == [False, False, False, True, False]
    assert members(text, events, "root/cells/any") == [False, True, True, True, False]
    assert members(text, events, "root/cells/none") == [True, True, False, False, False]


def test_a_prefixed_channel_is_compensated_with_the_samples_matrix() -> None:
    text = workspace(population("b", rectangle("Comp-B", 'gating:min="4"')), extra=MATRIX)
    sample = read(text).samples["tube 1"]
    assert sample.compensation is not None
    assert sample.compensation.channels == ("A", "B")
    np.testing.assert_allclose(sample.compensation.matrix, [[1, 0.5], [0, 1]])
    assert members(text, tube([[2.0, 5.0], [4.0, 5.0]]), "root/b") == [True, False]


def test_edges_of_a_polygon_are_straight_on_the_scale() -> None:
    """Half-way up the scale between 0 and 100,000 lie 4,000, not 50,000."""
    shape = (
        f"<gating:PolygonGate>{dimension('A')}{dimension('B')}"
        f"{corner(0, 0)}{corner(100000, 0)}{corner(100000, 100000)}</gating:PolygonGate>"
    )
    text = workspace(population("p", shape), BIEX.format("A") + LINEAR.format("B", 0, 262144, 1))
    scale = Biex()
    half = float(scale.inverse((scale.forward(0.0) + scale.forward(100000.0)) / 2))
    assert 3000 < half < 5000
    events = tube([[half, 49000.0], [half, 51000.0]])
    assert members(text, events, "root/p") == [True, False]


def test_an_ellipse_stands_in_display_channels() -> None:
    """Foci at channels 108 and 148 on both axes' middle, long half-axis 40: 10,240 per channel."""
    points = ((88, 128), (168, 128), (128, 128 + 34.64), (128, 128 - 34.64))
    shape = (
        f"<gating:EllipsoidGate>{dimension('A')}{dimension('B')}"
        f"<gating:foci>{corner(108, 128)}{corner(148, 128)}</gating:foci>"
        f"<gating:edge>{''.join(corner(*p) for p in points)}</gating:edge></gating:EllipsoidGate>"
    )
    axes = LINEAR.format("A", 0, 262144, 1) + LINEAR.format("B", 0, 262144, 1)
    text = workspace(population("e", shape), axes)
    channel = 262144 / 256
    events = tube(
        [[128 * channel, 128 * channel], [167 * channel, 128 * channel],
         [169 * channel, 128 * channel], [128 * channel, 163.5 * channel]]
    )  # fmt: skip
    assert members(text, events, "root/e") == [True, True, False, False]


def test_time_is_gated_in_seconds_and_other_gains_are_undone() -> None:
    keywords = (
        '<Keywords><Keyword name="$P1N" value="A"/><Keyword name="$P1G" value="4.0"/>'
        '<Keyword name="$P3N" value="Time"/><Keyword name="$P3G" value="0.01"/></Keywords>'
    )
    time = population("t", rectangle("Time", 'gating:min="5" gating:max="10"'))
    scatter = population("a", rectangle("A", 'gating:min="400"'))
    text = workspace(
        time + scatter,
        LINEAR.format("Time", 0, 73, 0.01) + LINEAR.format("A", 0, 1024, 1),
        keywords,
    )
    # Our A is stored value / 4: FlowJo's 400 is our 100.
    events = tube([[99.0, 0.0, 499.0], [100.0, 0.0, 501.0], [400.0, 0.0, 1001.0]], 4.0)
    assert members(text, events, "root/t") == [False, True, False]
    assert members(text, events, "root/a") == [False, True, True]


def test_a_slash_that_flowjo_made_an_underscore_is_found() -> None:
    text = workspace(population("a", rectangle("CD4_CD8", 'gating:min="1"')))
    assert members(text, tube([[2.0], [0.0]], 1.0, "CD4/CD8"), "root/a") == [True, False]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (population("q", "<gating:CurlyQuad/>"), "CurlyQuad is not known"),
        (population("q", ""), "expected one shape"),
        (combined("NotNode", "n", "nowhere"), "names gate 'root/nowhere'"),
        (combined("AndNode", "n", "n"), "depends on itself"),
        (population("q", rectangle("A", 'gating:min="NaN"')), "expected a number"),
        (
            population(
                "p",
                f"<gating:PolygonGate>{dimension('A')}{dimension('B')}{corner(1, 1)}"
                "</gating:PolygonGate>",
            ),
            "3 different vertices",
        ),
    ],
)
def test_what_cannot_be_understood_names_path_and_line(body: str, message: str) -> None:
    with pytest.raises(GatingError, match=message) as caught:
        read(workspace(body))
    assert caught.value.where.startswith("book.wsp:")


TRIANGLE = f"{dimension('A')}{dimension('B')}{corner(0, 0)}{corner(9, 0)}{corner(9, 9)}"


def test_a_scale_that_is_not_known_is_refused_only_where_edges_are_drawn_on_it() -> None:
    """FlowJo keeps rectangles in data units: any rising scale means the same cut."""
    scales = LINEAR.format("A", 0, 1, 1).replace("linear", "miltenyi")
    cut = population("cut", rectangle("A", 'gating:min="5"'))
    assert members(workspace(cut, scales), tube([[4.0], [5.0]]), "root/cut") == [False, True]
    (sample,) = read(workspace(cut, scales)).samples.values()
    assert ["'miltenyi' of 'A'" in note for note in sample.strategy.notes] == [True]
    drawn = population("drawn", f"<gating:PolygonGate>{TRIANGLE}</gating:PolygonGate>")
    with pytest.raises(GatingError, match=r"'root/drawn'.*'miltenyi'") as caught:
        read(workspace(cut + drawn, scales))
    assert caught.value.where == "book.wsp:4"
    assert "Gating-ML" in caught.value.hint


def test_a_singular_matrix_is_refused() -> None:
    singular = MATRIX.replace(
        'parameter="A" transforms:value="0"', 'parameter="A" transforms:value="2"'
    )
    with pytest.raises(GatingError, match="'mine' cannot be undone: singular"):
        read(workspace("", "", singular))


def test_an_event_beyond_the_axis_is_gated_at_its_end() -> None:
    """FlowJo draws it there: a polygon that reaches the end of the axis takes it in."""
    ends = ((0, 0), (131072, 0), (131072, 262144), (0, 262144))
    inner = ((1024, 1024), (131072, 1024), (131072, 260000), (1024, 260000))
    for axis in (LINEAR.format("A", 0, 262144, 1), BIEX.format("A").replace('"0"', '"1"')):
        axes = axis + LINEAR.format("B", 0, 262144, 1)
        bottom = float(Biex(262144, 4.418539922, 1, -100).inverse(0.0))
        reach = [(bottom if "biex" in axis and x == 0 else x, y) for x, y in ends]
        for corners, found in ((reach, True), (inner, False)):
            shape = "".join(corner(*one) for one in corners)
            whole = f"{dimension('A')}{dimension('B')}{shape}"
            text = workspace(
                population("p", f"<gating:PolygonGate>{whole}</gating:PolygonGate>"), axes
            )
            events = tube([[-9e5, 5e4], [5e4, 9e5], [5e4, 5e4], [9e5, 5e4]])
            assert members(text, events, "root/p") == [found, found, True, False]


def test_a_compensated_channel_without_a_scale_of_its_own_takes_its_detectors() -> None:
    corners = "".join(corner(*one) for one in ((0, 0), (100000, 0), (100000, 100000)))
    shape = f"{dimension('Comp-A')}{dimension('Comp-B')}{corners}"
    text = workspace(
        population("p", f"<gating:PolygonGate>{shape}</gating:PolygonGate>"),
        BIEX.format("A") + LINEAR.format("B", 0, 262144, 1),
        MATRIX,
    )
    # B holds half of A's light; on a straight line from 0 to 100,000 both would be inside.
    assert members(text, tube([[4000.0, 47000.0], [4000.0, 57000.0]]), "root/p") == [True, False]


def test_a_dependent_is_named_from_the_root() -> None:
    """Where a name could also be a population below the parent."""
    far = population("a", rectangle("A", 'gating:min="1"'))
    near = population("a", rectangle("A", 'gating:min="5"'))
    text = workspace(
        far + population("cells", rectangle("B", 'gating:min="0"'),
                         near + combined("NotNode", "not a", "a"))
    )  # fmt: skip
    assert members(text, tube([[0.0, 1.0], [3.0, 1.0]]), "root/cells/not a") == [True, False]


def test_only_the_points_on_the_long_axis_settle_an_ellipse() -> None:
    points = ((88, 128), (168, 128), (128, 165), (128, 91))
    shape = (
        f"{dimension('A')}{dimension('B')}<gating:foci>{corner(108, 128)}{corner(148, 128)}"
        f"</gating:foci><gating:edge>{''.join(corner(*p) for p in points)}</gating:edge>"
    )
    axes = LINEAR.format("A", 0, 262144, 1) + LINEAR.format("B", 0, 262144, 1)
    text = workspace(population("e", f"<gating:EllipsoidGate>{shape}</gating:EllipsoidGate>"), axes)
    step = 262144 / 256
    events = tube([[128 * step, 162.6 * step], [128 * step, 162.7 * step]])
    assert members(text, events, "root/e") == [True, False]


def test_a_spectral_matrix_unmixes_more_detectors_than_dyes() -> None:
    rows = {"A": (1, 0.5, 0.1), "B": (0, 0.2, 1)}
    spectra = "".join(
        f'<transforms:spillover data-type:parameter="{dye}">'
        + "".join(
            f'<transforms:coefficient data-type:parameter="{d}" transforms:value="{x}"/>'
            for d, x in zip(("A", "B", "Time2"), row, strict=True)
        )
        + "</transforms:spillover>"
        for dye, row in rows.items()
    )
    matrix = (
        '<transforms:spilloverMatrix spectral="1" weightOptAlgorithmType="OLS" prefix="Comp-" '
        f'name="spectra" suffix="">{spectra}</transforms:spilloverMatrix>'
    )
    cut = rectangle("Comp-A", 'gating:min="9.999" gating:max="10.001"')
    text = workspace(population("p", cut), extra=matrix)
    mixed = (10 * np.array(rows["A"]) + 7 * np.array(rows["B"])).tolist()
    events = tube([mixed, [10.0, 0.0, 0.0]], 1.0, "A", "B", "Time2")
    assert members(text, events, "root/p") == [True, False]
    assert read(text).samples["tube 1"].compensation is None


def test_names_with_slashes_brackets_and_greek_letters_keep_their_paths() -> None:
    odd = "CD4+/CD8- &lt;α&gt; &amp; β"
    inner = population("x", rectangle("B", 'gating:min="1"'))
    text = workspace(
        population(odd, rectangle("A", 'gating:min="1"'), inner)
        + combined("NotNode", "rest", f"{odd}/x")
    )
    found = read(text).samples["tube 1"].strategy.apply(tube([[2.0, 2.0], [2.0, 0.0]]))
    assert found["root/CD4+/CD8- <α> & β/x"].mask.tolist() == [True, False]
    assert found["root/rest"].mask.tolist() == [False, True]


def test_a_gate_on_a_derived_parameter_says_so() -> None:
    derived = '<DerivedParameters><DerivedParameter name="A per B"/></DerivedParameters>'
    text = workspace(population("p", rectangle("A per B", 'gating:min="1"')), extra=derived)
    strategy = read(text).samples["tube 1"].strategy
    assert "'A per B'" in strategy.notes[0] and "derived" in strategy.notes[0]


@pytest.mark.parametrize("version", ["2.0", "3.0", "1.6", "1.61"])
def test_older_workspaces_are_refused_with_a_way_out(version: str) -> None:
    with pytest.raises(GatingError, match="older than FlowJo 10") as caught:
        read(f'<Workspace version="{version}"><SampleList/></Workspace>')
    assert "save it as .wsp" in caught.value.hint


def test_two_populations_and_two_samples_of_one_name_are_both_kept() -> None:
    twice = population("a", rectangle("A", 'gating:min="1"')) * 2
    text = workspace(twice)
    start, end = text.index("<Sample>"), text.index("</SampleList>")
    book = read(text[:end] + text[start:end] + text[end:])
    assert list(book.samples) == ["tube 1", "tube 1 (2)"]
    assert set(book.samples["tube 1"].stored_counts) == {"root", "root/a", "root/a (2)"}


def test_a_sample_with_endless_gates_is_refused() -> None:
    with pytest.raises(GatingError, match="more than 5,000 gates in one sample"):
        read(workspace(combined("NotNode", "n", "x") * 6000))


def test_gates_are_drawn_on_the_scales_that_the_workspace_lists() -> None:
    """Whatever becomes of events beyond the ends of an axis."""
    corners = "".join(corner(*one) for one in ((0, 0), (1e5, 0), (1e5, 1e5)))
    shape = f"<gating:PolygonGate>{dimension('A')}{dimension('B')}{corners}</gating:PolygonGate>"
    scales = BIEX.format("A") + LINEAR.format("B", 0, 262144, 1)
    text = workspace(population("p", shape), scales)
    entry = open_book(Source.from_bytes("book.wsp", text.encode())).entries["tube 1"]
    agreed = agreed_scales([(entry, lambda name: name)], compensated=False)
    assert agreed == {"A": Biex(262144, 4.418539922, 0, -100), "B": Linear()}
