"""A writer of odd FCS files, for quirks of which no real file is at hand.

It shares nothing with the project's own writer: numbers are packed one by one
with `struct` and `int.to_bytes`, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from plates.source import Source

Rows = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Odd:
    """An FCS data set with whatever is to be odd about it."""

    rows: Rows = ((1, 2), (3, 4), (5, 6))
    kind: str = "F"
    bits: str | Sequence[int | str] = "32"
    order: str = "1,2,3,4"
    version: str = "FCS3.0"
    delimiter: str = "/"
    ranges: Sequence[object] = ()
    words: dict[str, str] = field(default_factory=dict)
    """Keywords to add, or to put in place of the right ones."""
    drop: Sequence[str] = ()
    """Keywords to leave out."""
    header: dict[int, object] = field(default_factory=dict)
    """HEADER fields to put in place of the right ones, by position 0 to 5."""
    text_end: bytes | None = None
    """What TEXT ends with, instead of its delimiter."""
    raw_text: bytes = b""
    """Bytes put into TEXT after its first delimiter."""
    supplement: bytes = b""
    analysis: bytes = b""
    data: bytes | None = None
    after: bytes = b""
    """What follows DATA."""
    begin: int = 2048
    last: bool = True

    def build(self) -> bytes:
        data = self.packed() if self.data is None else self.data
        stext_begin = self.begin + len(data)
        analysis_begin = stext_begin + len(self.supplement)
        end = analysis_begin + len(self.analysis) + len(self.after)
        words = {
            "$BEGINDATA": str(self.begin),
            "$ENDDATA": str(self.begin + len(data) - 1),
            "$BEGINSTEXT": str(stext_begin) if self.supplement else "0",
            "$ENDSTEXT": str(analysis_begin - 1) if self.supplement else "0",
            "$BEGINANALYSIS": "0",
            "$ENDANALYSIS": "0",
            "$BYTEORD": self.order,
            "$DATATYPE": self.kind,
            "$MODE": "L",
            "$NEXTDATA": "0" if self.last else str(end),
            "$PAR": str(len(self.rows[0])),
            "$TOT": str(len(self.rows)),
        }
        for n, bits in enumerate(self.widths(), start=1):
            words[f"$P{n}B"] = str(bits)
            words[f"$P{n}E"] = "0,0"
            words[f"$P{n}N"] = f"C{n}"
            words[f"$P{n}R"] = str(self.ranges[n - 1]) if self.ranges else str(1 << 18)
        words = {k: v for k, v in (words | self.words).items() if k not in self.drop}
        mark = self.delimiter.encode()
        tokens = [token.encode() for pair in words.items() for token in pair]
        text = mark + self.raw_text + mark.join(tokens)
        text += mark if self.text_end is None else self.text_end
        fields: list[object] = [58, 58 + len(text) - 1, self.begin, self.begin + len(data) - 1]
        fields += [analysis_begin, end - len(self.after) - 1] if self.analysis else [0, 0]
        for position, value in self.header.items():
            fields[position] = value
        head = self.version.encode() + b"    " + b"".join(str(f).rjust(8).encode() for f in fields)
        assert len(head) + len(text) <= self.begin, "TEXT runs into DATA"
        front = (head + text).ljust(self.begin)
        return front + data + self.supplement + self.analysis + self.after

    def source(self, name: str = "odd.fcs") -> Source:
        return Source.from_bytes(name, self.build())

    def widths(self) -> list[int | str]:
        count = len(self.rows[0])
        return [self.bits] * count if isinstance(self.bits, str) else list(self.bits)

    def packed(self) -> bytes:
        kinds = [self.words.get(f"$P{n}DATATYPE", self.kind) for n in range(1, 99)]
        return b"".join(
            pack(value, kind, int(bits), self.order)
            for row in self.rows
            for value, kind, bits in zip(row, kinds, self.widths(), strict=False)
        )


def pack(value: float, kind: str, bits: int, order: str) -> bytes:
    if kind == "A":
        return str(int(value)).rjust(bits).encode()
    size = -(-bits // 8)
    rising = (
        int(value).to_bytes(size, "little")
        if kind == "I"
        else struct.pack("<f" if kind == "F" else "<d", value)
    )
    places = [int(place) for place in order.split(",")]
    if places == sorted(places):
        return rising
    if places == sorted(places, reverse=True):
        return rising[::-1]
    return bytes(rising[place - 1] for place in places if place <= size)


@pytest.fixture
def odd() -> Callable[..., Odd]:
    return Odd
