"""Headers made to hang, to exhaust memory or to be believed: refused at once, by name."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from assays.errors import FcsError
from assays.flow import fcs
from plates.source import Source

Make = Callable[..., Any]

HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a billion channels": ({"words": {"$PAR": "1000000000"}}, "$PAR"),
    "no channels": ({"words": {"$PAR": "0"}}, "$PAR"),
    "minus one channels": ({"words": {"$PAR": "-1"}}, "$PAR"),
    "one channel too many": ({"words": {"$PAR": "3"}}, "$PAR"),
    "numbers of 2^31 bits": ({"words": {"$P1B": "2147483648"}}, "$P1B"),
    "integers of 10^9 bits": ({"kind": "I", "words": {"$P1B": "1000000000"}}, "$P1B"),
    "numbers of no bits": ({"words": {"$P1B": "0"}}, "$P1B"),
    "numbers of minus 8 bits": ({"kind": "I", "words": {"$P1B": "-8"}}, "$P1B"),
    "numbers of 72 bits": ({"kind": "I", "words": {"$P2B": "72"}}, "$P2B"),
    "numbers of star bits": ({"words": {"$P1B": "*"}}, "$P1B"),
    "1e12 events": ({"words": {"$TOT": "1000000000000"}}, "$TOT"),
    "10^400 events": ({"words": {"$TOT": "1" + "0" * 400}, "header": {2: 0, 3: 0}}, "$TOT"),
    "a letter in the DATA offset": ({"header": {2: "20a8"}}, "HEADER"),
    "a sign in the DATA offset": ({"header": {2: "-2048"}}, "HEADER"),
    "a sign in the TEXT offset": ({"header": {0: "-58"}}, "HEADER"),
    "a letter in the TEXT offset": ({"header": {1: "12x"}}, "HEADER"),
    "TEXT inside HEADER": ({"header": {0: 10}}, "HEADER"),
    "TEXT backwards": ({"header": {0: 900, 1: 60}}, "HEADER"),
    "TEXT beyond the file": ({"header": {1: 99999999}}, "TEXT"),
    "TEXT starts beyond the file": ({"header": {0: 9000, 1: 9100}}, "TEXT"),
    "DATA nowhere": (
        {"header": {2: 0, 3: 0}, "words": {"$BEGINDATA": "0", "$ENDDATA": "0"}},
        "$TOT",
    ),
    "DATA beyond the file": (
        {"header": {2: 90000, 3: 90023}, "words": {"$BEGINDATA": "90000", "$ENDDATA": "90023"}},
        "DATA",
    ),
    "DATA ends at 10^14 and $TOT is gone": (
        {
            "header": {2: 0, 3: 0},
            "words": {"$ENDDATA": "100000000000000"},
            "drop": ["$TOT"],
        },
        "DATA",
    ),
    "a range below zero": ({"kind": "I", "words": {"$P1R": "-5"}}, "$P1R"),
    "an amplifier of 400 decades": (
        {"kind": "I", "bits": "16", "ranges": (1024, 1024), "words": {"$P1E": "400,1"}},
        "$P1E",
    ),
    "an amplifier of minus 4 decades": (
        {"kind": "I", "bits": "16", "ranges": (1024, 1024), "words": {"$P1E": "-4,1"}},
        "$P1E",
    ),
    "a logarithm without a range": (
        {"kind": "I", "bits": "16", "words": {"$P1E": "4,1"}, "drop": ["$P1R"]},
        "$P1E",
    ),
    "an offset of 1e300": (
        {"kind": "I", "bits": "16", "ranges": (1024, 1024), "words": {"$P1E": "4,1e300"}},
        "$P1E",
    ),
    "a gain of 1e-300": ({"words": {"$P2G": "1e-300"}}, "$P2G"),
    "an unknown type": ({"words": {"$DATATYPE": "Q"}}, "$DATATYPE"),
    "bytes in no order": ({"words": {"$BYTEORD": "1,1,1,1"}}, "$BYTEORD"),
    "a long order": ({"words": {"$BYTEORD": ",".join(["1"] * 200)}}, "$BYTEORD"),
    "the next data set is this one": ({"words": {"$NEXTDATA": "1"}}, "$NEXTDATA"),
    "an unknown version": ({"version": "FCS9.0"}, "HEADER"),
    "no version": ({"version": "ABCDEF"}, "HEADER"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_and_the_place_is_named(odd: Make, what: str) -> None:
    options, word = HOSTILE[what]
    source = odd(**options).source("tube.fcs")
    tracemalloc.start()
    try:
        with pytest.raises(FcsError) as caught:
            fcs.read(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
    assert caught.value.where.startswith("tube.fcs")
    assert word in str(caught.value)


@pytest.mark.parametrize("what", HOSTILE)
def test_salvage_believes_no_more(odd: Make, what: str) -> None:
    options, _ = HOSTILE[what]
    try:
        events = fcs.read(odd(**options).source(), salvage=True)
    except FcsError:
        return
    assert len(events) <= 3
    assert events.missing


def test_a_million_keywords_are_refused_before_they_are_made(odd: Make) -> None:
    noise = b"K/V/" * 1_500_000
    made = odd(begin=len(noise) + 4096, raw_text=noise)
    tracemalloc.start()
    try:
        source = made.source()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        with pytest.raises(FcsError, match="keywords"):
            fcs.read(source)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(noise)


def test_nul_bytes_in_values_do_no_harm(odd: Make) -> None:
    assert len(fcs.read(odd(words={"$TOT": "3\0", "NOTE": "a\0b"}).source())) == 3


def test_a_chain_of_data_sets_that_runs_in_a_circle_ends(odd: Make) -> None:
    # The second data set names the first one by an offset from the start of the file.
    first = odd(last=False).build()
    second = odd(words={"$NEXTDATA": "400"}).build()
    assert fcs.count_datasets(Source.from_bytes("circle.lmd", first + second)) == 2
