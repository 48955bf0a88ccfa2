"""Events to an FCS 3.1 file that other programs open.

List mode, little-endian, ``$DATATYPE`` F (D when the values are doubles). What
describes the bytes (offsets, widths, counts) is written anew; every other
keyword is kept. The same events give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from assays.errors import FcsError
from assays.flow.events import Events, Spillover
from assays.flow.fcs.header import LARGEST, LENGTH

# Written from the events themselves, whatever the keywords say.
_OURS = re.compile(
    r"\$(?:BEGIN|END)(?:ANALYSIS|DATA|STEXT|TEXT)|\$(?:BYTEORD|DATATYPE|MODE|NEXTDATA|PAR|TOT"
    r"|SPILLOVER|COMP|UNICODE|TIMESTEP)|\$DFC\d+TO\d+|\$P\d+(?:[BEGNRS]|DATATYPE)|SPILL|COMP"
)
_DELIMITERS = "\x0c|\\/!#~\x1e\x1f"
"""Tried in turn for one that no keyword or value contains."""


def write(place: str | Path | BinaryIO, events: Events) -> None:
    """Write events as FCS 3.1.

    Parameters
    ----------
    place : path or binary stream
        Where to; an existing file is replaced.
    events : Events
        Values as `read` returns them. Scaled values are written as linear ones
        (``$PnE 0,0``, no gain), so that reading them back changes nothing.

    Raises
    ------
    FcsError
        When the events have no channel, a channel no name, or values as stored
        on a logarithmic amplifier, which a list of floats cannot carry.
    """
    head = _front(events)
    values = np.ascontiguousarray(events.values, dtype=_dtype(events))
    if isinstance(place, str | Path):
        with Path(place).open("wb") as stream:
            _send(stream, head, values)
    else:
        _send(place, head, values)


def _send(stream: BinaryIO, head: bytes, values: np.ndarray) -> None:
    stream.write(head)
    stream.write(values.reshape(-1).view(np.uint8).data)
    # FCS 3.1, CRC: eight zeros say that no checksum was worked out.
    stream.write(b"00000000")


def _dtype(events: Events) -> np.dtype[np.floating]:
    """Single precision unless the values would change by it."""
    if events.values.dtype == np.float32 or np.issubdtype(events.values.dtype, np.float16):
        return np.dtype("<f4")
    return np.dtype("<f8")


def _front(events: Events) -> bytes:
    """HEADER and TEXT. Offsets stand in TEXT and lengthen it: gone round until both agree."""
    _check(events)
    size = events.values.size * _dtype(events).itemsize
    begin, text = 0, b""
    # The text never shrinks as its offsets grow, so this ends after a few rounds.
    while begin != LENGTH + len(text):
        begin = LENGTH + len(text)
        text = _text(_keywords(events, begin, begin + size - 1))
    end = begin + size - 1
    data = (begin, end) if size and end <= LARGEST else (0, 0)
    fields = (LENGTH, LENGTH + len(text) - 1, *data, 0, 0)
    return b"FCS3.1    " + b"".join(b"%8d" % field for field in fields) + text


def _check(events: Events) -> None:
    if events.values.ndim != 2 or events.values.shape[1] != len(events.channels):
        raise FcsError(
            f"{len(events.channels)} channels do not fit values of shape {events.values.shape}",
            events.name,
        )
    if not events.channels:
        raise FcsError("there is no channel to write", events.name)
    for number, channel in enumerate(events.channels, start=1):
        if not channel.name:
            raise FcsError(f"channel {number} has no name", f"{events.name}: $P{number}N")
        if not events.scaled and channel.kind == "I" and channel.amplification[0] > 0:
            raise FcsError(
                f"channel {channel.name!r} holds numbers as a logarithmic amplifier stored them",
                f"{events.name}: $P{number}E",
                "Read the file with scaled=True and write that.",
            )


def _keywords(events: Events, begin: int, end: int) -> dict[str, str]:
    empty = events.values.size == 0
    words = {
        "$BEGINANALYSIS": "0",
        "$BEGINDATA": "0" if empty else str(begin),
        "$BEGINSTEXT": "0",
        "$BYTEORD": "1,2,3,4",
        "$DATATYPE": "F" if _dtype(events).itemsize == 4 else "D",
        "$ENDANALYSIS": "0",
        "$ENDDATA": "0" if empty else str(end),
        "$ENDSTEXT": "0",
        "$MODE": "L",
        "$NEXTDATA": "0",
        "$PAR": str(len(events.channels)),
        "$TOT": str(events.values.shape[0]),
    }
    for number, channel in enumerate(events.channels, start=1):
        words[f"$P{number}B"] = str(_dtype(events).itemsize * 8)
        words[f"$P{number}E"] = "0,0"
        words[f"$P{number}N"] = channel.name
        words[f"$P{number}R"] = _number(channel.range) if np.isfinite(channel.range) else "262144"
        if not events.scaled and channel.gain != 1:
            words[f"$P{number}G"] = _number(channel.gain)
        if channel.marker:
            words[f"$P{number}S"] = channel.marker
    if events.time_step_s is not None:
        words["$TIMESTEP"] = _number(events.time_step_s)
    if events.spillover is not None:
        words["$SPILLOVER"] = _spillover(events.spillover)
    return words | _kept(events.keywords)


def _kept(keywords: Mapping[str, str]) -> dict[str, str]:
    """Keywords that do not describe the bytes; FCS allows no empty value, so it becomes a space."""
    return {
        key.upper(): value or " "
        for key, value in keywords.items()
        if key and not _OURS.fullmatch(key.upper())
    }


def _spillover(spillover: Spillover) -> str:
    numbers = (_number(value) for value in spillover.matrix.ravel())
    return ",".join((str(len(spillover.channels)), *spillover.channels, *numbers))


def _number(value: float) -> str:
    """Shortest text that reads back as the same number; whole numbers without a point."""
    return (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )


def _text(keywords: Mapping[str, str]) -> bytes:
    whole = "".join((*keywords, *keywords.values()))
    delimiter = next((mark for mark in _DELIMITERS if mark not in whole), _DELIMITERS[0])
    tokens = (token for pair in keywords.items() for token in pair)
    text = delimiter.join(token.replace(delimiter, delimiter * 2) for token in tokens)
    return f"{delimiter}{text}{delimiter}".encode()
