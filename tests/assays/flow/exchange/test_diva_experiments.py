"""BD FACSDiva experiments at the bench: bins, quadrants, the rest of a population."""

from __future__ import annotations

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.exchange import diva, gatingml
from plates.source import Source

PARAMETER = '<parameter name="{0}"><is_log>{1}</is_log><max>{2}</max>{3}</parameter>'
LINEAR = PARAMETER.format("FSC-A", "false", "262143.0", "") + PARAMETER.format(
    "SSC-A", "false", "262143.0", ""
)
ALL = (
    '<gate fullname="All Events" type="EventSource_Classifier"><name>All Events</name>'
    "<num_events>10</num_events></gate>\n"
)


def points(*corners: tuple[float, float]) -> str:
    return "".join(f'<point x="{x}" y="{y}"/>' for x, y in corners)


def gate(
    name: str,
    kind: str,
    corners: str,
    above: str = "All Events",
    more: str = "",
    classifier: str = "Region_Classifier",
) -> str:
    region = (
        f'<region xparm="FSC-A" yparm="SSC-A" type="{kind}"><points>{corners}</points></region>'
        if kind
        else ""
    )
    return (
        f'<gate fullname="{above}\\{name}" type="{classifier}"><name>{name}</name>'
        f"<num_events>3</num_events><parent>{above}</parent>{region}"
        f"{more or f'<input>{above}</input>'}</gate>\n"
    )


def read(gates: str, parameters: str = LINEAR, settings: str = "") -> diva.Tube:
    text = (
        '<bdfacs version="Version 8.0"><experiment name="E"><specimen name="S">'
        '<tube name="T"><data_filename>1.fcs</data_filename><instrument_settings>'
        f"{settings}{parameters}</instrument_settings><gates>{ALL}{gates}</gates></tube>"
        "</specimen></experiment></bdfacs>"
    )
    return diva.read(Source.from_bytes("E.xml", text.encode())).samples["1.fcs"]


def members(tube: diva.Tube, path: str, *rows: tuple[float, float]) -> list[bool]:
    channels = (Channel("FSC-A", None, 262144.0), Channel("SSC-A", None, 262144.0))
    events = Events(np.array(rows, dtype=np.float64), channels, name="1.fcs")
    found: list[bool] = tube.strategy.apply(events)[path].mask.tolist()
    return found


BOX = points((1500, 1500), (4500, 1500), (4500, 4500), (1500, 4500))


def test_a_rectangle_takes_the_bins_of_both_its_ends() -> None:
    """Bins are 1024 wide: 1500 lies in the one from 1024, 4500 in the one up to 5120."""
    tube = read(gate("P1", "RECTANGLE_REGION", BOX))
    assert tube.stored_counts == {"root": 10, "root/P1": 3}
    assert (tube.name, tube.specimen, tube.file) == ("T", "S", "1.fcs")
    found = members(tube, "root/P1", (1023, 2000), (1024, 2000), (5119, 2000), (5120, 2000))
    assert found == [False, True, True, False]


def test_nested_gates_and_the_rest_of_a_population() -> None:
    inner = gate("P2", "POLYGON_REGION", BOX, "All Events\\P1")
    rest = gate(
        "Rest", "", "", more="<input>All Events\\P1</input>", classifier="RestOf_Classifier"
    )
    tube = read(gate("P1", "RECTANGLE_REGION", BOX) + inner + rest)
    rows = ((2000.0, 2000.0), (9000.0, 2000.0))
    assert members(tube, "root/P1/P2", *rows) == [True, False]
    assert members(tube, "root/Rest", *rows) == [False, True]


def test_quadrants_share_no_event_and_miss_none() -> None:
    center = gate("$1", "BINNER_REGION", points((5000, 6000)), classifier="Composite_Classifier")
    corners = {
        "Q1": ((5000, 6000), (0, 262143)),
        "Q2": ((5000, 6000), (262143, 262143)),
        "Q3": ((5000, 6000), (0, 0)),
        "Q4": ((5000, 6000), (262143, 0)),
    }
    quadrants = "".join(
        gate(name, "POLYGON_REGION", points(*ends), more="<input>All Events\\$1</input>")
        for name, ends in corners.items()
    )
    tube = read(center + quadrants)
    rows = [(4999.0, 6000.0), (5000.0, 6000.0), (-9.0, -9.0), (3e5, 5999.0), (5000.0, 5999.0)]
    table = np.array([members(tube, f"root/{name}", *rows) for name in corners])
    assert table.sum(axis=0).tolist() == [1] * 5
    assert table.argmax(axis=0).tolist() == [0, 1, 2, 3, 3]


def test_an_interval_on_a_plain_logarithm_is_in_decades() -> None:
    flags = "<is_x_parameter_log>true</is_x_parameter_log><input>All Events</input>"
    parameters = PARAMETER.format("FSC-A", "true", "5.4185", "")
    tube = read(gate("P", "INTERVAL_REGION", points((2, 0), (3, 0)), more=flags), parameters)
    assert members(tube, "root/P", (99, 0), (100, 0), (999, 0), (1000, 0)) == [
        False, True, True, False,
    ]  # fmt: skip


def test_coefficients_compensate_when_compensation_is_enabled() -> None:
    def block(*numbers: float) -> str:
        inner = "".join(
            f"<compensation_coefficient>{n}</compensation_coefficient>" for n in numbers
        )
        return f"<compensation>{inner}</compensation>"

    parameters = PARAMETER.format("FSC-A", "false", "262143", block(1, 0)) + PARAMETER.format(
        "SSC-A", "false", "262143", block(-0.5, 1)
    )
    one = gate("P", "RECTANGLE_REGION", points((-1024, 10240), (262143, 262143)))
    for enabled, expected in (("true", [False, True]), ("false", [True, True])):
        tube = read(one, parameters, f"<compensation_enabled>{enabled}</compensation_enabled>")
        assert members(tube, "root/P", (10240, 11264), (0, 11264)) == expected
        assert (tube.compensation is None) == (enabled == "false")


def test_a_snap_to_gate_is_taken_where_it_stood_and_told() -> None:
    tube = read(gate("P1", "POLYGON_REGION", BOX, classifier="SnapTo_Classifier"))
    assert "snap-to" in tube.strategy.notes[0]


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        (gate("P1", "RECTANGLE_REGION", BOX, classifier="Magic_Classifier"), "Magic_Classifier"),
        (gate("P1", "SPIRAL_REGION", BOX), "SPIRAL_REGION"),
        (gate("P1", "POLYGON_REGION", points((1, 1), (2, 2))), "3 different"),
        (gate("P1", "RECTANGLE_REGION", '<point x="NaN" y="1"/>'), "expected a number"),
        (gate("P2", "RECTANGLE_REGION", BOX, "All Events\\P1"), "names parent 'root/P1'"),
    ],
)
def test_what_cannot_be_understood_names_gate_and_line(gates: str, message: str) -> None:
    with pytest.raises(GatingError, match=message) as caught:
        read(gates)
    assert caught.value.where.startswith("E.xml:")


def test_bins_are_written_as_gating_ml_rectangles_with_the_same_events() -> None:
    """A polygon in bins is the rows of bins that it fills."""
    kite = points((9000, 2000), (40000, 30000), (20000, 60000), (3000, 21000))
    line = points((5000, 0), (30000, 0))
    tube = read(
        gate("P1", "RECTANGLE_REGION", points((1500, 1500), (60000, 60000)))
        + gate("P2", "POLYGON_REGION", kite, "All Events\\P1")
        + gate("P3", "INTERVAL_REGION", line, "All Events\\P1\\P2")
    )
    text = gatingml.to_xml(tube.strategy)
    written = gatingml.read(Source.from_bytes("gates.xml", text.encode()))
    places = np.random.default_rng(4).uniform(-3000, 66000, (20000, 2))
    # Many lie exactly where a bin begins.
    places[::2] = np.round(places[::2] / 1024) * 1024
    channels = (Channel("FSC-A", None, 262144.0), Channel("SSC-A", None, 262144.0))
    events = Events(places, channels, name="1.fcs")
    before, after = tube.strategy.apply(events), written.apply(events)
    for path in ("root/P1", "root/P1/P2", "root/P1/P2/P3"):
        assert before[path].count > 1000
        np.testing.assert_array_equal(after[path.replace("/", ".")].mask, before[path].mask)
