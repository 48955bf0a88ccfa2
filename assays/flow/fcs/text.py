"""TEXT: keywords and values between delimiters.

The first byte is the delimiter. A delimiter inside a value is doubled, and an
empty value is not allowed, so the standard leaves no doubt; but several
cytometers write empty values, and then ``/$P3S//$P3R/1024/`` must not become
one keyword named ``$P3S/$P3R``. The rule here: a doubled delimiter within a
value is an escape. After a name it means an empty value, unless the file shows
that it escapes delimiters in values and no ``$`` keyword would be swallowed:
then the name itself holds the delimiter.

Names are stripped of padding and put in upper case, which the standard makes
equal. Values keep their bytes: UTF-8, else Latin-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assays.errors import FcsError
from assays.flow.fcs.header import Span
from plates.source import Source

MOST_KEYWORDS = 100_000
"""More than any cytometer writes; a hundred channels need about a thousand."""

_STANDARD = re.compile(r"\s*\$[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Text:
    """The keywords of a segment and what was odd about writing them."""

    keywords: dict[str, str]
    delimiter: str = ""
    empty_values: int = 0
    """Values written as nothing between two delimiters."""
    padded: int = 0
    """Names written with spaces around them."""
    repeated: dict[str, str] = field(default_factory=dict)
    """Names given twice with different values, and the value that was passed over."""
    unpaired: str = ""
    """A last name without a value; empty when there is none."""
    final_delimiter: bool = True
    latin: bool = False
    """Whether the bytes are no UTF-8."""


def read_text(source: Source, base: int, span: Span, segment: str = "TEXT") -> Text:
    """Read a segment of keywords from the data set that starts at byte `base`.

    Raises
    ------
    FcsError
        When the segment leaves the file, or does not start with a delimiter.
    """
    place = f"{source.name}: {segment}, byte {base + span.begin}"
    if base + span.end >= source.size:
        raise FcsError(
            f"{segment} should end at byte {base + span.end}, the file at {source.size - 1}",
            place,
            "Was the file cut short?",
        )
    return parse(source.read(base + span.begin, span.length), place)


def parse(raw: bytes, place: str) -> Text:
    """Read keywords from the bytes of a segment; `place` goes into messages."""
    mark = raw[:1]
    if not mark or mark.isalnum() or mark in (b"$", b" ", b"\0") or mark >= b"\x80":
        raise FcsError(f"expected a delimiter, found {mark!r}", place)
    if raw.count(mark) > 2 * MOST_KEYWORDS:
        raise FcsError(f"more than {MOST_KEYWORDS:,} keywords are not believable", place)
    text, latin = decode(raw)
    delimiter = text[0]
    # Some writers round the segment up with spaces or NULs after the last delimiter.
    bare = text.rstrip(" \0\r\n".replace(delimiter, ""))
    closed = bare.endswith(delimiter) and len(bare) > 1
    text = bare if closed else text
    tokens = text[1 : -1 if closed else None].split(delimiter)
    empty = 0
    if "" in tokens:
        tokens, empty = _join(tokens, delimiter)
    return _pairs(tokens, delimiter, empty, closed=closed, latin=latin)


def decode(raw: bytes) -> tuple[str, bool]:
    """Decode as UTF-8, else Latin-1; whether it was Latin-1."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("latin-1"), True


def _join(tokens: list[str], delimiter: str) -> tuple[list[str], int]:
    """Undo escapes: empty tokens come from doubled delimiters. Also count empty values."""
    empties = _walk(tokens, delimiter, empties=True)
    joined = _walk(tokens, delimiter, empties=False)
    names = [part for name in joined[::2] if delimiter in name for part in name.split(delimiter)]
    swallowed = any(_STANDARD.match(name) for name in names)
    escapes = any(delimiter in value for value in empties[1::2])
    if swallowed or (names and not escapes):
        joined = empties
    return joined, joined[1::2].count("")


def _walk(tokens: list[str], delimiter: str, *, empties: bool) -> list[str]:
    """Join tokens around doubled delimiters; with `empties`, none of them stands in a name."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        parts = [tokens[at]]
        at += 1
        naming = len(found) % 2 == 0
        if not naming and parts[0] == "" and empties and at < len(tokens) and tokens[at] != "":
            # name, delimiter, delimiter, something: an empty value.
            found.append("")
            continue
        # An empty token inside a run means: delimiter doubled, the value goes on.
        while at + 1 < len(tokens) and tokens[at] == "" and not (naming and empties):
            parts.append(tokens[at + 1])
            at += 2
        found.append(delimiter.join(parts))
    return found


def _pairs(tokens: list[str], delimiter: str, empty: int, *, closed: bool, latin: bool) -> Text:
    unpaired = tokens.pop() if len(tokens) % 2 else ""
    keywords: dict[str, str] = {}
    repeated: dict[str, str] = {}
    padded = 0
    for name, value in zip(tokens[::2], tokens[1::2], strict=True):
        key = name.strip()
        padded += key != name
        key = key.upper()
        if keywords.get(key, value) != value:
            repeated[key] = keywords[key]
        keywords[key] = value
    keywords.pop("", None)
    return Text(keywords, delimiter, empty, padded, repeated, unpaired.strip(), closed, latin)
