"""What we write, we and others read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import flowio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.errors import FcsError
from assays.flow import fcs
from assays.flow.events import Channel, Events, Spillover
from assays.flow.fcs.second_engine import compare
from plates.source import Source

Make = Callable[..., Any]


def written(events: Events) -> bytes:
    stream = io.BytesIO()
    fcs.write(stream, events)
    return stream.getvalue()


def again(events: Events) -> Events:
    return fcs.read(Source.from_bytes("again.fcs", written(events)))


def tube(values: np.ndarray, **keywords: str) -> Events:
    count = values.shape[1]
    channels = tuple(Channel(f"C{n}", f"m{n}" if n % 2 else None, 1024.0 * n) for n in range(count))
    return Events(values, channels, keywords=keywords)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (1000, 7)])
def test_events_read_back_the_same(shape: tuple[int, int], dtype: type) -> None:
    rng = np.random.default_rng(7)
    events = tube(rng.normal(0, 1e4, shape).astype(dtype))
    found = again(events)
    assert np.array_equal(found.values, events.values)
    assert found.values.dtype == dtype
    assert [c.name for c in found.channels] == [c.name for c in events.channels]
    assert [c.marker for c in found.channels] == [c.marker for c in events.channels]
    assert [c.range for c in found.channels] == [c.range for c in events.channels]
    assert not found.notes


def test_the_same_events_give_the_same_bytes() -> None:
    events = tube(np.ones((5, 2), dtype=np.float32), **{"$CYT": "Aria"})
    assert written(events) == written(events)


def test_keywords_are_kept_and_those_about_bytes_written_anew() -> None:
    kept = {"$CYT": "Aria III", "GUID": "a|b\x0c/c\\d", "$FIL": "µ.fcs", "$P1V": "450"}
    stale = {"$TOT": "9", "$PAR": "9", "$BEGINDATA": "1", "$P1B": "8", "$P7N": "x", "SPILL": "0"}
    found = again(tube(np.ones((5, 2), dtype=np.float32), **kept, **stale))
    assert kept.items() <= found.keywords.items()
    assert found.keywords["$TOT"] == "5"
    assert "$P7N" not in found.keywords


def test_spillover_and_time_are_kept() -> None:
    spillover = Spillover(("C0", "C1"), np.array([[1, 0.1], [1 / 3, 1]]))
    events = tube(np.ones((5, 2), dtype=np.float32))
    found = again(Events(events.values, events.channels, spillover, 1e-05))
    assert found.spillover is not None
    assert np.array_equal(found.spillover.matrix, spillover.matrix)
    assert found.spillover.channels == spillover.channels
    assert found.time_step_s == 1e-05


def test_a_gated_subset_of_a_read_file_can_be_written(odd: Make) -> None:
    words = {"$P1G": "4", "$P2E": "4,1"}
    made = odd(rows=[(8, 512), (4, 0)], kind="I", bits="16", ranges=(1024, 1024), words=words)
    events = fcs.read(made.source())
    stream = io.BytesIO()
    fcs.write(stream, events, where=np.array([False, True]), population="cells/live")
    found = fcs.read(Source.from_bytes("live.fcs", stream.getvalue()))
    assert np.array_equal(found.values, events.values[1:])
    assert found.keywords["ASSAYS POPULATION"] == "cells/live"
    assert found.keywords["ASSAYS EVENTS"] == "1 of 2"
    assert found.keywords["ASSAYS SOURCE"] == "odd.fcs"
    assert found.keywords["$ORIGINALITY"] == "DataModified"
    assert found.keywords["$LAST_MODIFIER"].startswith("assays ")
    assert compare(Source.from_bytes("live.fcs", stream.getvalue()), raw(stream)) == ()
    with pytest.raises(ValueError, match="shape"):
        fcs.write(stream, events, where=np.array([True]))


def test_an_empty_population_can_be_written(odd: Make) -> None:
    events = fcs.read(odd().source())
    stream = io.BytesIO()
    fcs.write(stream, events, where=np.zeros(3, dtype=bool), population="none")
    found = fcs.read(Source.from_bytes("none.fcs", stream.getvalue()))
    assert (len(found), found.keywords["ASSAYS EVENTS"]) == (0, "0 of 3")


def test_what_was_done_to_the_values_is_told(odd: Make) -> None:
    spill = {"SPILL": "2,C1,C2,1,0.1,0,1", "TIMETICKS": "50", "$LAST_MODIFIER": "somebody"}
    events = replace(fcs.read(odd(words=spill).source()), compensated=True, time_step_s=0.05)
    stream = io.BytesIO()
    fcs.write(stream, events, modified_at=datetime(2024, 5, 3, 14, 7, 9))
    words = fcs.read_keywords(Source.from_bytes("again.fcs", stream.getvalue()))
    assert words["$LAST_MODIFIED"] == "03-MAY-2024 14:07:09"
    assert words["ASSAYS COMPENSATED"] == "SPILL"
    assert words["ASSAYS TIMESTEP"] == "TIMETICKS"
    assert words["ASSAYS VALUES"] == "linear"
    assert words["$LAST_MODIFIER"] != "somebody"
    assert "ASSAYS MISSING" not in words


def test_a_salvaged_file_stays_marked_when_it_is_written(odd: Make) -> None:
    cut = Source.from_bytes("cut.fcs", odd().build()[:-1])
    found = again(fcs.read(cut, salvage=True))
    assert found.keywords["ASSAYS MISSING"] == "1"
    assert "cut short: 1 of its events" in found.notes[0]
    assert again(found).keywords["ASSAYS MISSING"] == "1"


def raw(stream: io.BytesIO) -> Events:
    return fcs.read(Source.from_bytes("live.fcs", stream.getvalue()), scaled=False)


def test_keywords_of_a_channel_follow_it(odd: Make) -> None:
    words = {"$P1V": "400", "$P2V": "500", "$P3V": "600", "P3DISPLAY": "LOG", "$PKN": "x"}
    source = odd(rows=[(1, 2, 3)], words=words).source()
    found = again(fcs.read(source, channels=["C3", "C1"]))
    assert [channel.name for channel in found.channels] == ["C3", "C1"]
    assert (found.keywords["$P1V"], found.keywords["$P2V"]) == ("600", "400")
    assert found.keywords["P1DISPLAY"] == "LOG"
    assert found.keywords["$PKN"] == "x"
    assert "$P3V" not in found.keywords


def test_the_spillover_of_compensated_values_is_not_written() -> None:
    spillover = Spillover(("C0", "C1"), np.array([[1, 0.1], [0.2, 1]]))
    events = tube(np.ones((5, 2), dtype=np.float32), SPILL="2,C0,C1,1,0.1,0.2,1")
    events = replace(events, spillover=spillover, compensated=True)
    assert again(events).spillover is None


def test_an_unknown_range_is_what_the_values_need() -> None:
    channels = (Channel("A", None, float("nan")), Channel("B", None, float("nan")))
    events = Events(np.array([[7.5, -3], [2, np.inf]], dtype=np.float32), channels)
    assert [channel.range for channel in again(events).channels] == [8, 1]


def test_version_3_2(tmp_path: Path) -> None:
    events = tube(np.arange(6, dtype=np.float32).reshape(3, 2), **{"$DATE": "01-JAN-2024"})
    fcs.write(tmp_path / "a.fcs", events, version="3.2")
    found = fcs.read(tmp_path / "a.fcs")
    assert np.array_equal(found.values, events.values)
    assert found.keywords["$CYT"] == "unknown"
    assert (tmp_path / "a.fcs").read_bytes().startswith(b"FCS3.2")
    data = flowio.FlowData(io.BytesIO((tmp_path / "a.fcs").read_bytes()))
    assert list(data.events) == list(range(6))
    assert compare(Source.of(tmp_path / "a.fcs"), fcs.read(tmp_path / "a.fcs", scaled=False)) == ()


def test_raw_values_keep_their_gain_but_logarithms_cannot_be_written_raw(odd: Make) -> None:
    raw = fcs.read(odd(words={"$P1G": "4"}).source(), scaled=False)
    assert again(raw).values.tolist() == [[0.25, 2], [0.75, 4], [1.25, 6]]
    made = odd(kind="I", bits="16", ranges=(1024, 1024), words={"$P2E": "4,1"})
    with pytest.raises(FcsError, match="logarithmic"):
        written(fcs.read(made.source(), scaled=False))


def test_what_cannot_be_written_is_refused() -> None:
    one = np.ones((2, 1), dtype=np.float32)
    with pytest.raises(FcsError, match="no name"):
        written(Events(one, (Channel("", None, 1.0),)))
    with pytest.raises(FcsError, match="do not fit"):
        written(Events(one, ()))
    with pytest.raises(FcsError, match="no channel"):
        written(Events(np.ones((2, 0), dtype=np.float32), ()))


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=8).map(
            lambda name: "X" + name
        ),
        st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), min_size=1, max_size=12),
        max_size=6,
    )
)
def test_any_keyword_survives(words: dict[str, str]) -> None:
    wanted = {key.upper(): value for key, value in words.items()}
    found = again(tube(np.ones((1, 1), dtype=np.float32), **words)).keywords
    assert {key.strip(): value for key, value in wanted.items()}.items() <= found.items()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flowio_reads_it(tmp_path: Path, dtype: type) -> None:
    rng = np.random.default_rng(3)
    spillover = Spillover(("C0", "C1"), np.array([[1, 0.1], [0.2, 1]]))
    events = tube(rng.normal(0, 1e4, (200, 4)).astype(dtype), **{"$CYT": "Aria", "$SRC": ""})
    fcs.write(tmp_path / "a.fcs", replace(events, spillover=spillover))
    data = flowio.FlowData(str(tmp_path / "a.fcs"))
    assert data.pnn_labels == ["C0", "C1", "C2", "C3"]
    assert np.array_equal(np.reshape(data.events, (-1, 4)), events.values)
    assert data.text["cyt"] == "Aria"
    assert data.text["spillover"].startswith("2,C0,C1,1,0.1")
