"""FCS files that were compressed with gzip."""

from __future__ import annotations

import zlib

from assays.errors import FcsError
from plates.source import Source

MAGIC = b"\x1f\x8b"
LARGEST_RATIO = 100
"""Events compress two- to fivefold; sparse integers perhaps thirtyfold."""
LARGEST_BYTES = 4 << 30
_ROOM = 1 << 20
_STEP = 1 << 20


def unpacked(source: Source) -> Source:
    """Decompress a gzip source into memory; pass any other through.

    Raises
    ------
    FcsError
        When the stream is damaged, or swells more than events can.
    """
    if source.head(2) != MAGIC:
        return source
    most = min(LARGEST_RATIO * source.size + _ROOM, LARGEST_BYTES)
    chunks: list[bytes] = []
    total = read = 0
    inflate = zlib.decompressobj(wbits=31)
    while read < source.size:
        raw = source.read(read, _STEP)
        read += len(raw)
        full = False
        while raw or full:
            try:
                chunk = inflate.decompress(raw, _STEP)
            except zlib.error as problem:
                raise FcsError(
                    f"the gzip stream is damaged: {problem}", f"{source.name}: byte {read}"
                ) from None
            chunks.append(chunk)
            total += len(chunk)
            if total > most:
                raise FcsError(
                    f"the gzip stream swells beyond {most:,} bytes",
                    source.name,
                    "Decompress it yourself if you trust it.",
                )
            raw = inflate.unconsumed_tail
            full = len(chunk) == _STEP
            if inflate.eof:
                # A gzip file may be several streams, one after the other.
                raw = inflate.unused_data.lstrip(b"\0")
                if raw:
                    inflate = zlib.decompressobj(wbits=31)
    if not inflate.eof:
        raise FcsError(
            "the gzip stream ends early", f"{source.name}: byte {read}", "Was the file cut short?"
        )
    return Source.from_bytes(source.name.removesuffix(".gz"), b"".join(chunks))


def is_fcs(source: Source) -> bool:
    """Whether a file begins with ``FCS``, once decompressed where it is gzip."""
    head = source.head(512)
    if head.startswith(MAGIC):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, 16)
        except zlib.error:
            return False
    return head.startswith(b"FCS")
