"""HEADER against TEXT against $TOT, chains of data sets, and files cut short."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assays.errors import FcsError
from assays.flow import fcs
from plates.source import Source

Make = Callable[..., Any]
WHOLE = [[1, 2], [3, 4], [5, 6]]


def told(events: Any, word: str) -> bool:
    return any(word in note for note in events.notes)


def test_header_is_right_where_only_its_length_fits(odd: Make) -> None:
    events = fcs.read(odd(words={"$BEGINDATA": "2040"}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "HEADER was taken")


def test_text_is_right_where_only_its_length_fits(odd: Make) -> None:
    events = fcs.read(odd(header={2: 2000}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "TEXT was taken")


def test_header_is_taken_when_both_fit(odd: Make) -> None:
    events = fcs.read(odd(words={"$BEGINDATA": "2040", "$ENDDATA": "2063"}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "both fit")


def test_an_end_one_byte_too_far(odd: Make) -> None:
    for after in (b"", b"\0", b"00000000"):
        made = odd(header={3: 2048 + 24}, words={"$ENDDATA": "2072"}, after=after)
        events = fcs.read(made.source())
        assert events.values.tolist() == WHOLE
        assert told(events, "one byte too far")


@pytest.mark.parametrize("blank", [0, ""])
def test_offsets_only_in_text(odd: Make, blank: object) -> None:
    events = fcs.read(odd(header={2: blank, 3: blank}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "blank") == (blank == "")


def test_offsets_only_in_header(odd: Make) -> None:
    events = fcs.read(odd(version="FCS2.0", drop=["$BEGINDATA", "$ENDDATA"]).source())
    assert events.values.tolist() == WHOLE
    assert not events.notes


def test_nines_in_place_of_an_offset_too_large_for_header(odd: Make) -> None:
    events = fcs.read(odd(header={3: 99999999}).source())
    assert events.values.tolist() == WHOLE


def test_a_wrong_end_is_mended_where_tot_and_the_end_of_the_file_agree(odd: Make) -> None:
    events = fcs.read(odd(header={3: 2060}, words={"$ENDDATA": "2060"}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "agree")


def test_a_missing_total_is_counted(odd: Make) -> None:
    for made in (odd(drop=["$TOT"]), odd(words={"$TOT": "-1"}), odd(words={"$TOT": "many"})):
        events = fcs.read(made.source())
        assert events.values.tolist() == WHOLE
        assert told(events, "$TOT")


def test_a_total_too_small_is_overruled_by_both_offsets(odd: Make) -> None:
    events = fcs.read(odd(words={"$TOT": "2"}).source())
    assert events.values.tolist() == WHOLE
    assert told(events, "agree on 3")


def test_a_total_too_large_is_a_file_cut_short(odd: Make) -> None:
    with pytest.raises(FcsError, match="promises 4 events"):
        fcs.read(odd(words={"$TOT": "4"}).source())


def test_a_total_too_small_is_overruled_by_header_and_the_end_of_the_file(odd: Make) -> None:
    made = odd(version="FCS2.0", words={"$TOT": "2"}, drop=["$BEGINDATA", "$ENDDATA"])
    events = fcs.read(made.source())
    assert events.values.tolist() == WHOLE
    assert told(events, "end of the file agree on 3")


def test_a_fitting_pair_outside_the_file_is_no_witness(odd: Make) -> None:
    for begin in (90_000, 100):
        events = fcs.read(odd(header={2: begin, 3: begin + 23}).source())
        assert events.values.tolist() == WHOLE
        assert told(events, "only TEXT leaves room")


def test_without_a_total_the_pair_of_whole_events_counts(odd: Make) -> None:
    events = fcs.read(odd(drop=["$TOT"], header={2: 2043}).source())
    assert events.values.tolist() == WHOLE


def test_bytes_left_over_are_told(odd: Make) -> None:
    made = odd(drop=["$TOT"], header={3: 2075}, words={"$ENDDATA": "2075"}, after=b"12345678")
    assert told(fcs.read(made.source()), "4 bytes left over")


def test_a_start_in_header_whose_end_has_no_room_there(odd: Make) -> None:
    events = fcs.read(odd(header={3: 0}).source())
    assert events.values.tolist() == WHOLE
    assert not events.notes


def test_contradictions_are_refused(odd: Make) -> None:
    made = odd(words={"$TOT": "2", "$ENDDATA": "2068"}, after=b"x" * 40)
    with pytest.raises(FcsError, match="would hold"):
        fcs.read(made.source())


def test_no_events_are_no_error(odd: Make) -> None:
    made = odd(data=b"", words={"$TOT": "0"}, header={2: 0, 3: 0})
    assert fcs.read(made.source()).values.shape == (0, 2)


def test_a_file_cut_short_is_refused_unless_salvaged(odd: Make) -> None:
    raw = odd().build()[:-5]
    source = Source.from_bytes("cut.fcs", raw)
    with pytest.raises(FcsError, match=r"\$TOT promises 3 events.*holds 2 whole"):
        fcs.read(source)
    events = fcs.read(source, salvage=True)
    assert events.values.tolist() == [[1, 2], [3, 4]]
    assert events.missing == 1
    assert told(events, "1 are missing")
    assert fcs.read_keywords(source)["$TOT"] == "3"


def test_salvage_changes_nothing_about_a_whole_file(odd: Make) -> None:
    events = fcs.read(odd().source(), salvage=True)
    assert events.missing == 0
    assert not events.notes


def test_data_sets_follow_one_another_and_nothing_leaks(odd: Make) -> None:
    first = odd(rows=[(1, 2)], kind="I", bits="16", words={"$P1G": "4", "ONLY": "a"}, last=False)
    second = odd(rows=[(5, 6), (7, 8)], last=False)
    third = odd(rows=[(9, 9)], kind="D", bits="64")
    source = Source.from_bytes("three.lmd", first.build() + second.build() + third.build())
    assert fcs.count_datasets(source) == 3
    assert fcs.read(source, 0, scaled=False).values.tolist() == [[1, 2]]
    assert fcs.read(source, 1).values.tolist() == [[5, 6], [7, 8]]
    assert fcs.read(source, 2).values.tolist() == [[9, 9]]
    assert fcs.read(source, 1).channels[0].gain == 1
    assert "ONLY" not in fcs.read_keywords(source, 1)
    with pytest.raises(FcsError, match="holds 3 data sets"):
        fcs.read(source, 3)
    with pytest.raises(FcsError, match="from 0"):
        fcs.read(source, -1)


def test_a_data_set_cannot_reach_into_the_next(odd: Make) -> None:
    first = odd(rows=[(1, 2)], words={"$TOT": "4"}, last=False)
    source = Source.from_bytes("two.lmd", first.build() + odd().build())
    with pytest.raises(FcsError, match="promises 4 events"):
        fcs.read(source)


def test_next_data_counted_from_the_start_of_the_file(odd: Make) -> None:
    first = odd(last=False).build()
    second = odd(words={"$NEXTDATA": str(2 * len(first))}).build()
    source = Source.from_bytes("abs.lmd", first + second + odd(rows=[(0, 7)]).build())
    assert fcs.count_datasets(source) == 3
    assert fcs.read(source, 2).values.tolist() == [[0, 7]]


def test_next_data_that_leads_out_of_the_file_ends_the_chain_and_is_told(odd: Make) -> None:
    for step in ("5000", "999999999", "2072", "2060"):
        source = odd(words={"$NEXTDATA": step}).source()
        assert fcs.count_datasets(source) == 1
        assert told(fcs.read(source), "$NEXTDATA")


@pytest.mark.parametrize("step", ["-1", "1", "58", "-2072", "x", "1e3"])
def test_next_data_that_leads_backwards_is_refused(odd: Make, step: str) -> None:
    source = odd(words={"$NEXTDATA": step}).source()
    for call in (fcs.read, fcs.count_datasets):
        with pytest.raises(FcsError, match="NEXTDATA"):
            call(source)


def test_gzip_is_undone(odd: Make) -> None:
    raw = odd().build()
    events = fcs.read(Source.from_bytes("a.fcs.gz", gzip.compress(raw)))
    assert events.values.tolist() == WHOLE
    assert events.name == "a.fcs"
    twice = gzip.compress(raw[:2050]) + gzip.compress(raw[2050:])
    assert fcs.read(Source.from_bytes("a.fcs.gz", twice)).values.tolist() == WHOLE


def test_a_damaged_gzip_is_refused(odd: Make) -> None:
    raw = gzip.compress(odd().build())
    for broken in (raw[:-9], raw[:40], raw[:60] + b"\xff\xff" + raw[62:]):
        with pytest.raises(FcsError, match="gzip"):
            fcs.read(Source.from_bytes("a.fcs.gz", broken))


def test_a_gzip_bomb_is_refused() -> None:
    bomb = gzip.compress(b"FCS3.0" + bytes(64 << 20))
    with pytest.raises(FcsError, match="swells"):
        fcs.read(Source.from_bytes("bomb.fcs.gz", bomb))


def test_a_file_above_four_gigabytes(odd: Make, tmp_path: Path) -> None:
    events = 5 * (1 << 30) // 8
    words = {"$TOT": str(events), "$ENDDATA": str(2048 + 8 * events - 1)}
    front = odd(data=b"", words=words, header={2: 0, 3: 0}).build()
    path = tmp_path / "large.fcs"
    with path.open("wb") as stream:
        stream.write(front)
        # A hole in the file: nothing but the last event takes room on disk.
        stream.seek(2048 + 8 * (events - 1))
        stream.write(struct.pack("<ff", 7, 8))
    found = fcs.read(path, events=slice(events - 2, None))
    assert found.values.tolist() == [[0, 0], [7, 8]]
