"""Keywords as cytometers write them, and as the standard wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assays.errors import FcsError
from assays.flow import fcs

Make = Callable[..., Any]


@pytest.mark.parametrize("mark", list("/|\\!#~^.+*?()[]{}%&-_=:;,<>@\"'`\t\x0c\x1e\n"))
def test_any_delimiter_will_do(odd: Make, mark: str) -> None:
    order = "1,2,3,4"
    words = {}
    if mark == ",":
        # Values hold the delimiter: doubled, as the standard says.
        order, words = "1,,2,,3,,4", {"$P1E": "0,,0", "$P2E": "0,,0"}
    if mark in "_-":
        words["LASER DELAY"] = "1"
    source = odd(delimiter=mark, words={"$BYTEORD": order, "NOTE": "abc", **words}).source()
    assert fcs.read_keywords(source)["NOTE"] == "abc"
    assert fcs.read(source).values.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_doubled_delimiter_in_a_value_is_one(odd: Make) -> None:
    source = odd(words={"$FIL": "a//b////c", "$P2N": "Cy5//Cy7"}).source()
    keywords = fcs.read_keywords(source)
    assert keywords["$FIL"] == "a/b//c"
    assert fcs.read(source).channels[1].name == "Cy5/Cy7"
    assert not fcs.read(source).notes


def test_a_value_may_begin_with_an_escaped_delimiter(odd: Make) -> None:
    assert fcs.read_keywords(odd(words={"$FIL": "//home//x"}).source())["$FIL"] == "/home/x"


def test_a_value_may_end_with_an_escaped_delimiter(odd: Make) -> None:
    keywords = fcs.read_keywords(odd(words={"$FIL": "home//", "$CYT": "X"}).source())
    assert (keywords["$FIL"], keywords["$CYT"]) == ("home/", "X")


def test_an_empty_value_does_not_swallow_the_next_keyword(odd: Make) -> None:
    source = odd(raw_text=b"$SRC//$CYT/Aria//2/NOTE//").source()
    keywords = fcs.read_keywords(source)
    assert keywords["$SRC"] == ""
    assert keywords["$CYT"] == "Aria/2"
    assert any("empty value" in note for note in fcs.read(source).notes)


def test_empty_values_of_private_keywords(odd: Make) -> None:
    keywords = fcs.read_keywords(odd(raw_text=b"&5 Prefix//&6 Prefix//&7 Doc./x/").source())
    assert (keywords["&5 PREFIX"], keywords["&6 PREFIX"], keywords["&7 DOC."]) == ("", "", "x")


def test_a_name_may_hold_an_escaped_delimiter_where_the_file_escapes(odd: Make) -> None:
    keywords = fcs.read_keywords(odd(raw_text=b"RATIO A//B/1//2/").source())
    assert keywords["RATIO A/B"] == "1/2"


def test_a_missing_final_delimiter_loses_nothing(odd: Make) -> None:
    source = odd(text_end=b"", words={"LAST": "value"}).source()
    assert fcs.read_keywords(source)["LAST"] == "value"
    assert any("delimiter" in note for note in fcs.read(source).notes)


@pytest.mark.parametrize("tail", [b"/   ", b"/\0\0\0", b"/\r\n"])
def test_padding_after_the_last_delimiter_is_no_keyword(odd: Make, tail: bytes) -> None:
    events = fcs.read(odd(text_end=tail, words={"LAST": "value"}).source())
    assert events.keywords["LAST"] == "value"
    assert not events.notes


def test_a_last_name_without_a_value_is_told(odd: Make) -> None:
    source = odd(text_end=b"/ORPHAN/").source()
    assert "ORPHAN" not in fcs.read_keywords(source)
    assert any("ORPHAN" in note for note in fcs.read(source).notes)


def test_names_are_stripped_and_upper_case_values_are_left_alone(odd: Make) -> None:
    keywords = fcs.read_keywords(odd(raw_text=b" $cyt / Aria /$Sys/ x/").source())
    assert keywords["$CYT"] == " Aria "
    assert keywords["$SYS"] == " x"


def test_lower_case_keywords_describe_the_data_all_the_same(odd: Make) -> None:
    raw = odd().build()
    for key in (b"$PAR", b"$TOT", b"$DATATYPE", b"$BYTEORD", b"$P1B", b"$P2N"):
        raw = raw.replace(key, key.lower())
    from plates.source import Source

    assert fcs.read(Source.from_bytes("low.fcs", raw)).values.shape == (3, 2)


def test_the_last_of_two_values_counts_and_is_told(odd: Make) -> None:
    source = odd(raw_text=b"$CYT/One/$CYT/Two/").source()
    assert fcs.read_keywords(source)["$CYT"] == "Two"
    assert any("$CYT" in note for note in fcs.read(source).notes)
    same = odd(raw_text=b"$CYT/One/$CYT/One/").source()
    assert not fcs.read(same).notes


def test_text_is_utf8_else_latin1(odd: Make) -> None:
    assert fcs.read_keywords(odd(words={"$OP": "Jörg µ"}).source())["$OP"] == "Jörg µ"
    source = odd(raw_text="$OP/J\u00f6rg/".encode("latin-1")).source()
    assert fcs.read_keywords(source)["$OP"] == "Jörg"
    assert any("Latin-1" in note for note in fcs.read(source).notes)


def test_supplemental_text_adds_but_never_overrules(odd: Make) -> None:
    source = odd(supplement=b"/EXTRA/1/$TOT/99/").source()
    keywords = fcs.read_keywords(source)
    assert keywords["EXTRA"] == "1"
    assert keywords["$TOT"] == "3"
    assert len(fcs.read(source)) == 3


def test_supplemental_text_that_points_nowhere_is_told(odd: Make) -> None:
    source = odd(words={"$BEGINSTEXT": "1900", "$ENDSTEXT": "1950"}).source()
    assert any("supplemental" in note for note in fcs.read(source).notes)


def test_supplemental_text_that_is_the_text_again_is_nothing(odd: Make) -> None:
    source = odd(words={"$BEGINSTEXT": "58", "$ENDSTEXT": "400"}).source()
    assert not fcs.read(source).notes


def test_analysis_is_read_on_request(odd: Make) -> None:
    source = odd(analysis=b"/GATE1/lymphocytes/").source()
    assert fcs.read_analysis(source) == {"GATE1": "lymphocytes"}
    assert "GATE1" not in fcs.read(source).keywords
    assert fcs.read_analysis(odd().source()) == {}


def test_channels_numbered_from_zero(odd: Make) -> None:
    raw = odd().build()
    for letter in b"BENR":
        for n in (1, 2):
            mark = bytes([letter])
            raw = raw.replace(b"/$P%d%s/" % (n, mark), b"/$P%d%s/" % (n - 1, mark))
    from plates.source import Source

    events = fcs.read(Source.from_bytes("zero.fcs", raw))
    assert [channel.name for channel in events.channels] == ["C1", "C2"]
    assert any("0 to 1" in note for note in events.notes)


@pytest.mark.parametrize("first", [b"A", b"7", b" ", b"\0", b"$", b"\xe9"])
def test_text_must_begin_with_a_delimiter(odd: Make, first: bytes) -> None:
    raw = odd().build()
    from plates.source import Source

    broken = Source.from_bytes("b.fcs", raw[:58] + first + raw[59:])
    with pytest.raises(FcsError, match="delimiter"):
        fcs.read_keywords(broken)


@pytest.mark.parametrize("key", ["$PAR", "$DATATYPE", "$BYTEORD", "$P1B", "$P2B"])
def test_a_missing_keyword_is_named(odd: Make, key: str) -> None:
    with pytest.raises(FcsError) as caught:
        fcs.read(odd(drop=[key]).source("tube.fcs"))
    assert key in str(caught.value)
    assert "tube.fcs" in caught.value.where


def test_names_may_be_absent(odd: Make) -> None:
    events = fcs.read(odd(drop=["$P1N", "$P2N", "$P1R", "$P1E"]).source())
    assert [channel.name for channel in events.channels] == ["P1", "P2"]
    assert events.channels[0].range != events.channels[0].range
