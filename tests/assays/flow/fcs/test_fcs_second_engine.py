"""The second engine agrees, differs or cannot read, and says which."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assays.flow import fcs
from assays.flow.events import Channel, Events
from assays.flow.fcs.second_engine import compare
from plates.source import Source

Make = Callable[..., Any]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_second_engine_reads_what_we_write(dtype: type) -> None:
    rng = np.random.default_rng(4)
    channels = tuple(Channel(f"C{n}", None, 1024.0) for n in range(3))
    stream = io.BytesIO()
    fcs.write(stream, Events(rng.normal(size=(50, 3)).astype(dtype), channels))
    source = Source.from_bytes("a.fcs", stream.getvalue())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compare(source, fcs.read(source, scaled=False)) == ()


@pytest.mark.parametrize("order", ["1,2,3,4", "4,3,2,1"])
@pytest.mark.parametrize(("kind", "bits"), [("I", "16"), ("I", (8, 16)), ("F", "32"), ("D", "64")])
def test_the_second_engine_agrees(odd: Make, order: str, kind: str, bits: Any) -> None:
    source = odd(kind=kind, bits=bits, order=order, ranges=(256, 1024)).source()
    assert compare(source, fcs.read(source, scaled=False)) == ()


def test_the_second_engine_finds_a_planted_error(odd: Make) -> None:
    source = odd().source()
    events = fcs.read(source, scaled=False)
    events.values[1, 1] += 1
    (finding,) = compare(source, events)
    assert finding.severity == "look"
    assert finding.observed == 1
    assert "C2: 1 of 3 values differ" in finding.message


def test_what_the_second_engine_cannot_read_is_a_note(odd: Make) -> None:
    for made in (
        odd(kind="I", bits="24", ranges=(1024, 1024)),
        odd(kind="I", bits="10", ranges=(1024, 1024)),
        odd(header={2: 2000}),
        odd(drop=["$NEXTDATA"]),
        odd(version="FCS3.2", bits=(16, 32), words={"$P1DATATYPE": "I"}),
    ):
        source = made.source()
        (finding,) = compare(source, fcs.read(source, scaled=False))
        assert finding.severity == "note"
        assert "could not read" in finding.message


def test_the_second_engine_leaves_no_trace(odd: Make) -> None:
    from fcsparser import api

    before = (api.fromfile, logging.getLogger("fcsparser.api").disabled)
    source = odd().source()
    compare(source, fcs.read(source, scaled=False))
    assert (api.fromfile, logging.getLogger("fcsparser.api").disabled) == before
