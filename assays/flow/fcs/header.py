"""The first 58 bytes of a data set: version, and where TEXT, DATA and ANALYSIS lie.

Six numbers of eight characters, right-justified, count bytes from the start of
the data set; both ends belong to the segment. A segment whose offsets do not
fit into eight characters stands here as 0 and only in TEXT.
"""

from __future__ import annotations

from dataclasses import dataclass

from assays.errors import FcsError
from plates.source import Source

LENGTH = 58
LARGEST = 99_999_999
"""Largest offset that eight characters hold."""
VERSIONS = ("FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2")

_FIELDS = ("TEXT start", "TEXT end", "DATA start", "DATA end", "ANALYSIS start", "ANALYSIS end")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes, counted from the start of its data set; both ends belong to it."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.end - self.begin + 1

    def __str__(self) -> str:
        return f"{self.begin}-{self.end}"


@dataclass(frozen=True, slots=True)
class Header:
    """What the HEADER segment says, nothing mended."""

    version: str
    base: int
    """Byte of the file at which the data set starts."""
    text: Span
    data: Span | None
    """None when blank or 0: only TEXT says where DATA lies."""
    analysis: Span | None
    blank: bool = False
    """Whether the DATA offsets are spaces, which the standard does not allow."""


def read_header(source: Source, base: int = 0) -> Header:
    """Read the HEADER of the data set that starts at byte `base`.

    Raises
    ------
    FcsError
        When the bytes are no FCS file, of an unknown version, or an offset is
        no number or leads nowhere.
    """
    raw = source.read(base, LENGTH)
    place = f"{source.name}: HEADER, byte {base}"
    if not raw.startswith(b"FCS"):
        raise FcsError(
            f"expected the letters FCS, found {raw[:6].decode('latin-1')!r}",
            place,
            "This is not an FCS file.",
        )
    if len(raw) < LENGTH:
        raise FcsError(
            f"expected {LENGTH} bytes of HEADER, found {len(raw)}", place, "Was the file cut short?"
        )
    version = raw[:6].decode("latin-1")
    if version not in VERSIONS:
        raise FcsError(
            f"version {version!r} is not known", place, f"Known are {', '.join(VERSIONS)}."
        )
    numbers = [_offset(source.name, base, raw, index) for index in range(len(_FIELDS))]
    text_begin, text_end = numbers[0] or 0, numbers[1] or 0
    if text_begin < LENGTH or text_end < text_begin:
        raise FcsError(
            f"TEXT cannot lie at bytes {text_begin}-{text_end}",
            f"{source.name}: HEADER, byte {base + 10}",
        )
    return Header(
        version,
        base,
        Span(text_begin, text_end),
        _span(numbers[2], numbers[3]),
        _span(numbers[4], numbers[5]),
        blank=numbers[2] is None or numbers[3] is None,
    )


def _offset(name: str, base: int, raw: bytes, index: int) -> int | None:
    """Read one offset; None when blank."""
    at = 10 + 8 * index
    # Some exporters pad with NUL, or left-justify: the digits alone matter.
    digits = raw[at : at + 8].strip(b" \0")
    if not digits:
        return None
    if not digits.isdigit():
        if index >= 4:
            # Nothing that is read depends on ANALYSIS.
            return None
        raise FcsError(
            f"{_FIELDS[index]}: expected digits, found {raw[at : at + 8].decode('latin-1')!r}",
            f"{name}: HEADER, byte {base + at}",
        )
    return int(digits)


def _span(begin: int | None, end: int | None) -> Span | None:
    # A start without an end: the end has no room here and stands in TEXT.
    if not begin or not end:
        return None
    return Span(begin, end)
