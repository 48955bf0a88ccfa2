"""Every type, width and byte order of DATA, from files written number by number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assays.errors import FcsError
from assays.flow import fcs

Make = Callable[..., Any]


@pytest.mark.parametrize("order", ["1,2,3,4", "4,3,2,1", "1,2", "2,1"])
@pytest.mark.parametrize(
    ("kind", "bits", "top"),
    [
        ("I", "8", 256),
        ("I", "16", 65536),
        ("I", "24", 1 << 24),
        ("I", "32", 1 << 32),
        ("I", "40", 1 << 40),
        ("I", "48", 1 << 48),
        ("I", "56", 1 << 53),
        ("I", "64", 1 << 53),
        ("F", "32", 262144),
        ("D", "64", 262144),
    ],
)
def test_a_number_reads_back_in_every_width_and_order(
    odd: Make, order: str, kind: str, bits: str, top: int
) -> None:
    rows = [(0, 1), (top - 1, top // 3), (77, top // 2)]
    made = odd(rows=rows, kind=kind, bits=bits, order=order, ranges=(top, top))
    events = fcs.read(made.source(), scaled=False)
    assert events.values.astype(float).tolist() == [[float(v) for v in row] for row in rows]
    wide = kind == "D" or (kind == "I" and top > 1 << 24)
    assert events.values.dtype == (np.float64 if wide else np.float32)
    assert events.values.flags.c_contiguous
    assert not events.notes


@pytest.mark.parametrize(
    ("kind", "bits", "order"),
    [("I", "32", "3,4,1,2"), ("I", "16", "3,4,1,2"), ("F", "32", "3,4,1,2"), ("I", "24", "3,2,1")],
)
def test_orders_that_neither_rise_nor_fall(odd: Make, kind: str, bits: str, order: str) -> None:
    rows = [(258, 70), (515, 9)]
    made = odd(rows=rows, kind=kind, bits=bits, order=order, ranges=(1 << 16, 1 << 16))
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[258, 70], [515, 9]]


def test_single_bytes_need_no_order(odd: Make) -> None:
    made = odd(rows=[(1, 255)], kind="I", bits="8", order="1", ranges=(256, 256))
    assert fcs.read(made.source()).values.tolist() == [[1, 255]]


@pytest.mark.parametrize("order", ["1,1,1,1", "1,2,3,5", "", "4;3;2;1", "1"])
def test_an_order_that_orders_nothing_is_refused(odd: Make, order: str) -> None:
    made = odd(kind="I", bits="32", words={"$BYTEORD": order})
    with pytest.raises(FcsError, match="BYTEORD"):
        fcs.read(made.source())


def test_mixed_widths_stand_side_by_side(odd: Make) -> None:
    made = odd(
        rows=[(200, 60000, 4_000_000_000, 16_000_000), (1, 2, 3, 4)],
        kind="I",
        bits=(8, 16, 32, 24),
        order="4,3,2,1",
        ranges=(256, 65536, 1 << 32, 1 << 24),
    )
    assert fcs.read(made.source(), scaled=False).values.tolist() == [
        [200, 60000, 4_000_000_000, 16_000_000],
        [1, 2, 3, 4],
    ]


@pytest.mark.parametrize(
    ("top", "kept"), [(1024, 0x3FF), (1000, 0x3FF), (1023, 0x3FF), (1025, 0x7FF), (65536, 0xFFFF)]
)
def test_bits_above_the_range_are_masked(odd: Make, top: int, kept: int) -> None:
    made = odd(rows=[(0xFFFF, 0xABCD)], kind="I", bits="16", ranges=(top, top))
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[kept, 0xABCD & kept]]


def test_a_mask_leaves_the_neighbours_alone(odd: Make) -> None:
    made = odd(rows=[(0xFFFF, 0xFFFF, 0xFFFFFFFF)], kind="I", bits=(16, 16, 32))
    made = odd(
        rows=made.rows, kind="I", bits=(16, 16, 32), ranges=(1024, 65536, 1 << 20), order="4,3,2,1"
    )
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[1023, 65535, (1 << 20) - 1]]


@pytest.mark.parametrize("top", ["0", "", "abc", "1" + "0" * 400])
def test_a_range_that_says_nothing_masks_nothing_and_is_told(odd: Make, top: str) -> None:
    made = odd(rows=[(65535, 3)], kind="I", bits="16", ranges=(top or " ", 65536))
    events = fcs.read(made.source(), scaled=False)
    assert events.values.tolist() == [[65535, 3]]
    assert any("$P1R" in note for note in events.notes)


def test_sixty_four_bits_keep_what_doubles_can(odd: Make) -> None:
    made = odd(rows=[((1 << 63) + (1 << 40), 1)], kind="I", bits="64", ranges=(1 << 64, 1 << 64))
    assert fcs.read(made.source(), scaled=False).values[0, 0] == float((1 << 63) + (1 << 40))


def test_ten_bits_are_stored_as_sixteen_where_the_length_proves_it(odd: Make) -> None:
    rows = [(1023, 5), (7, 512)]
    made = odd(rows=rows, kind="I", bits="10", ranges=(1024, 1024))
    events = fcs.read(made.source(), scaled=False)
    assert events.values.tolist() == [[1023, 5], [7, 512]]
    assert any("10 bits are stored as 16" in note for note in events.notes)


def test_ten_bits_without_proof_are_refused(odd: Make) -> None:
    made = odd(rows=[(1, 2)], kind="I", bits="10", data=b"\1\2\3", ranges=(1024, 1024))
    with pytest.raises(FcsError, match=r"\$P1B is 10"):
        fcs.read(made.source())


def test_doubles_declared_as_singles_are_refused(odd: Make) -> None:
    with pytest.raises(FcsError, match=r"\$P1B is 16"):
        fcs.read(odd(kind="F", bits="16", data=b"12" * 6).source())


def test_text_of_fixed_width(odd: Make) -> None:
    made = odd(rows=[(12, 345), (6, 7)], kind="A", bits=(4, 6), ranges=(1024, 65536))
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[12, 345], [6, 7]]


def test_text_between_separators(odd: Make) -> None:
    made = odd(
        rows=[(0, 0), (0, 0)], kind="A", bits="*", data=b"12,345\r\n 6\t7 ", ranges=(1024, 65536)
    )
    assert fcs.read(made.source(), scaled=False).values.tolist() == [[12, 345], [6, 7]]


@pytest.mark.parametrize("data", [b"12 x5 6 7", b"12 345 6", b"12 345 6 7 8"])
def test_text_that_is_no_table_is_refused(odd: Make, data: bytes) -> None:
    made = odd(rows=[(0, 0), (0, 0)], kind="A", bits="*", data=data)
    with pytest.raises(FcsError, match="DATA"):
        fcs.read(made.source())


def test_types_by_channel_as_in_fcs_3_2(odd: Make) -> None:
    made = odd(
        version="FCS3.2",
        rows=[(7, 0.5, 0.1), (65535, -1.5, 1e100)],
        bits=(16, 32, 64),
        words={"$P1DATATYPE": "I", "$P3DATATYPE": "D"},
        ranges=(65536, 262144, 1),
        order="4,3,2,1",
    )
    events = fcs.read(made.source())
    assert events.values.tolist() == [[7, 0.5, 0.1], [65535, -1.5, 1e100]]
    assert [channel.kind for channel in events.channels] == ["I", "F", "D"]


def test_infinite_and_missing_numbers_pass_through(odd: Make) -> None:
    values = fcs.read(odd(rows=[(math.nan, math.inf), (-math.inf, -0.0)]).source()).values
    assert math.isnan(values[0, 0])
    assert values[0, 1] == math.inf
    assert values[1, 0] == -math.inf


@pytest.mark.parametrize("mode", ["C", "U", "H"])
def test_histograms_are_refused(odd: Make, mode: str) -> None:
    with pytest.raises(FcsError, match="list"):
        fcs.read(odd(words={"$MODE": mode}).source())


def test_some_channels_and_some_events_equal_the_same_part_of_the_whole(odd: Make) -> None:
    rows = [(n, 10 * n, 100 * n) for n in range(50)]
    for bits in ("16", (8, 16, 24)):
        source = odd(rows=rows, kind="I", bits=bits, ranges=(256, 1024, 8192)).source()
        whole = fcs.read(source)
        part = fcs.read(source, channels=["C3", "C1"], events=slice(10, 20))
        assert np.array_equal(part.values, whole.values[10:20][:, [2, 0]])
        assert [channel.name for channel in part.channels] == ["C3", "C1"]
    assert len(fcs.read(source, events=slice(60, 70))) == 0
