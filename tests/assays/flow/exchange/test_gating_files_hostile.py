"""Gating files that lie, break off or attack: only errors with a place come out."""

from __future__ import annotations

import random

import numpy as np
import pytest

from assays.errors import GatingError
from assays.flow.events import Channel, Events
from assays.flow.exchange import diva, flowjo, gatingml, identify, markup
from plates.errors import LabError
from plates.source import Source

HEAD = (
    '<gating:Gating-ML xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
    'xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations" '
    'xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes">'
)
TAIL = "</gating:Gating-ML>"


def read(body: str) -> object:
    return gatingml.read(Source.from_bytes("gates.xml", f"{HEAD}\n{body}\n{TAIL}".encode()))


def box(name: str = "R", ends: str = 'gating:min="1"', more: str = "", channel: str = "A") -> str:
    return (
        f'<gating:RectangleGate gating:id="{name}" {more}><gating:dimension {ends} '
        f'gating:compensation-ref="uncompensated"><data-type:fcs-dimension '
        f'data-type:name="{channel}"/></gating:dimension></gating:RectangleGate>\n'
    )


def vertices(*corners: tuple[object, object]) -> str:
    return "".join(
        f'<gating:vertex><gating:coordinate data-type:value="{x}"/>'
        f'<gating:coordinate data-type:value="{y}"/></gating:vertex>'
        for x, y in corners
    )


def polygon(*corners: tuple[object, object]) -> str:
    axes = "".join(
        f'<gating:dimension gating:compensation-ref="FCS"><data-type:fcs-dimension '
        f'data-type:name="{name}"/></gating:dimension>'
        for name in "AB"
    )
    return f'<gating:PolygonGate gating:id="P">{axes}{vertices(*corners)}</gating:PolygonGate>'


def either(name: str, other: str) -> str:
    return (
        f'<gating:BooleanGate gating:id="{name}"><gating:not><gating:gateReference '
        f'gating:ref="{other}"/></gating:not></gating:BooleanGate>\n'
    )


SINGULAR = (
    '<transforms:spectrumMatrix transforms:id="M"><transforms:fluorochromes>'
    '<data-type:fcs-dimension data-type:name="x"/><data-type:fcs-dimension data-type:name="y"/>'
    "</transforms:fluorochromes><transforms:detectors>"
    '<data-type:fcs-dimension data-type:name="A"/><data-type:fcs-dimension data-type:name="B"/>'
    "</transforms:detectors>"
    + 2
    * (
        '<transforms:spectrum><transforms:coefficient transforms:value="1"/>'
        '<transforms:coefficient transforms:value="0.5"/></transforms:spectrum>'
    )
    + "</transforms:spectrumMatrix>"
)

BAD = {
    "a NaN edge": (box(ends='gating:min="NaN"'), "'R'.*expected a number"),
    "text for a number": (box(ends='gating:min="about 3"'), "'R'.*about 3"),
    "min above max": (box(ends='gating:min="3" gating:max="1"'), "'R'.*above"),
    "two vertices": (polygon((0, 0), (1, 1), (0, 0)), "'P'.*3 different vertices"),
    "an endless vertex": (polygon((0, 0), (1, "inf"), (2, 0)), "'P'.*finite"),
    "an unknown parent": (box(more='gating:parent_id="S"') + box("S1"), "'R' names parent 'S'"),
    "its own parent": (box(more='gating:parent_id="R"'), "depends on itself"),
    "a circle": (either("a", "b") + either("b", "c") + either("c", "a"), "a → b → c → a"),
    "an unknown reference": (either("a", "nowhere"), "'a' names gate 'nowhere'"),
    "an unknown scale": (box(ends='gating:transformation-ref="s"'), "transformation 's'"),
    "an unknown matrix": (
        box().replace("uncompensated", "MySpil") + SINGULAR.replace('"0.5"', '"0.2"', 1),
        "compensation 'MySpil'",
    ),
    "a singular matrix": (SINGULAR + box(), "'M' cannot be undone: singular"),
    "a name twice": (box() + box(), "'R' is defined twice"),
    "a name of a page": (box(name="R" * 5000), "5,000 letters under 'id'"),
    "a parent of a page": (
        box(more=f'gating:parent_id="{"R" * 5000}"'),
        "letters under 'parent_id'",
    ),
    "no name": (box(name=""), "needs 'id'"),
    "no axis": ('<gating:RectangleGate gating:id="R"/>', "'R': expected 1 to"),
    "no gates": ("", "found none"),
    "an unknown function": (
        '<transforms:transformation transforms:id="t"><transforms:flogicle/>'
        "</transforms:transformation>" + box(),
        "'t': unknown function 'flogicle'",
    ),
    "an impossible scale": (
        '<transforms:transformation transforms:id="t"><transforms:logicle transforms:T="0" '
        'transforms:W="1" transforms:M="4" transforms:A="0"/></transforms:transformation>' + box(),
        "'t'.*logicle",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_understood_is_an_error_with_gate_and_line(name: str) -> None:
    body, message = BAD[name]
    with pytest.raises(GatingError, match=message) as caught:
        read(body)
    assert caught.value.where.startswith("gates.xml:")
    assert int(caught.value.where.partition(":")[2]) >= 1


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<Workspace>&b;</Workspace>"
)
FETCH = (
    '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">'
    "<bdfacs><experiment/></bdfacs>"
)


@pytest.mark.parametrize("text", [BOMB, FETCH])
@pytest.mark.parametrize("reader", [gatingml.read, flowjo.read, diva.read])
def test_a_dtd_is_refused_and_never_resolved(text: str, reader: object) -> None:
    with pytest.raises(GatingError, match="DTD or entities"):
        reader(Source.from_bytes("x.xml", text.encode()))  # type: ignore[operator]
    assert identify(Source.from_bytes("x.xml", text.encode())) is None


def test_a_million_gates_are_refused_while_they_are_counted() -> None:
    body = box("R").join([""] * 20_000)
    with pytest.raises(GatingError, match="more than 5,000 gates"):
        read(body)


def test_endless_depth_is_refused() -> None:
    deep = "<x>" * 100_000
    with pytest.raises(GatingError, match="400 deep"):
        gatingml.read(Source.from_bytes("deep.xml", deep.encode()))
    with pytest.raises(GatingError, match="400 deep"):
        flowjo.read(Source.from_bytes("deep.wsp", ("<Graph>" * 1000).encode()))


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_ELEMENTS", 100)
    with pytest.raises(GatingError, match="more than 100 elements"):
        read("<x/>" * 200)


def test_too_large_a_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_BYTES", 10)
    with pytest.raises(GatingError, match="too many for a gating file"):
        read(box())


@pytest.mark.parametrize(
    "data", [b"not xml", b"\x00\x01\x02", b"<a", "<ä/>".encode("utf-16"), b"<a></b>",
             b'<?xml version="1.0" encoding="klingon"?><a/>'],
)  # fmt: skip
def test_what_is_no_xml_is_said_so(data: bytes) -> None:
    for reader in (gatingml.read, flowjo.read, diva.read):
        with pytest.raises(GatingError):
            reader(Source.from_bytes("x.xml", data))
    assert identify(Source.from_bytes("x.xml", data)) is None


def test_the_reader_of_another_program_says_whose_file_it_is() -> None:
    with pytest.raises(GatingError, match="found <Workspace>"):
        gatingml.read(Source.from_bytes("x.xml", b"<Workspace/>"))
    with pytest.raises(GatingError, match="found <Gating-ML>"):
        flowjo.read(Source.from_bytes("x.xml", (HEAD + TAIL).encode()))
    with pytest.raises(GatingError, match="older than FlowJo 10"):
        flowjo.read(Source.from_bytes("x.wsp", b'<Workspace version="1.61"/>'))
    with pytest.raises(GatingError, match=r"1\.5 or 2\.0"):
        gatingml.read(Source.from_bytes("x.xml", b'<Gating-ML xmlns="http://isac/v3.0/gating"/>'))


WHOLE = f"{HEAD}\n{SINGULAR.replace('0.5', '0.2', 1)}{polygon((0, 0), (4, 0), (4, 4))}" + (
    either("n", "P") + box(more='gating:parent_id="n"') + TAIL
)


def test_files_damaged_anywhere_give_only_errors_of_our_own() -> None:
    tube = Events(
        np.ones((3, 2)), (Channel("A", None, 1.0), Channel("B", None, 1.0)), name="tube.fcs"
    )
    dice = random.Random("damaged gating files")
    data = WHOLE.encode()
    refused = 0
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(broken))
            match dice.randrange(3):
                case 0:
                    del broken[at : at + dice.randrange(1, 60)]
                case 1:
                    broken[at] = dice.randrange(256)
                case _:
                    broken[at:at] = dice.choice([b"1e999", b"-1", b"<x/>", b"NaN", b"&lt;", b'"'])
        try:
            gatingml.read(Source.from_bytes("x.xml", bytes(broken))).apply(tube)
        except LabError:
            refused += 1
    assert refused > 200
