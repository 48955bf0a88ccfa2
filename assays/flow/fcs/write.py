"""Events to an FCS 3.1 or 3.2 file that other programs open.

List mode, little-endian, ``$DATATYPE`` F (D when the values are doubles). What
describes the bytes (offsets, widths, counts) is written anew; every other
keyword is kept, and those of a channel follow it when channels were chosen or
put in another order. Where the events came from is told in keywords of their own
(`provenance.py`). The same events give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from assays.errors import FcsError
from assays.flow.events import Channel, Events, Spillover
from assays.flow.fcs.header import LARGEST, LENGTH
from assays.flow.fcs.provenance import provenance
from assays.flow.fcs.scaling import is_logarithmic

# Written from the events themselves, whatever the keywords say.
_OURS = re.compile(
    r"\$(?:BEGIN|END)(?:ANALYSIS|DATA|STEXT|TEXT)|\$(?:BYTEORD|DATATYPE|MODE|NEXTDATA|PAR|TOT"
    r"|SPILLOVER|SPILL|COMP|UNICODE|TIMESTEP)|\$DFC\d+TO\d+|\$P\d+(?:[BEGNRS]|DATATYPE)"
    r"|SPILL|SPILLOVER|COMP|\$ORIGINALITY|\$LAST_MODIFI(?:ED|ER)"
    r"|ASSAYS (?:SOURCE|EVENTS|POPULATION|VALUES)"
)
# $P3V, P3DISPLAY: about channel 3.
_OF_CHANNEL = re.compile(r"(\$?P)(\d{1,6})([A-Z]+)")
_DELIMITERS = "\x0c|\\/!#~\x1e\x1f"
"""Tried in turn for one that no keyword or value contains."""


def write(
    place: str | Path | BinaryIO,
    events: Events,
    *,
    version: Literal["3.1", "3.2"] = "3.1",
    where: NDArray[np.bool_] | None = None,
    population: str = "",
    modified_at: datetime | None = None,
) -> None:
    """Write events as FCS 3.1 or 3.2.

    Parameters
    ----------
    place : path or binary stream
        Where to; an existing file is replaced.
    events : Events
        Values as `read` returns them. Scaled values are written as linear ones
        (``$PnE 0,0``, no gain), so that reading them back changes nothing. The
        spillover of values that were compensated is not written, lest somebody
        undo it twice.
    version : str
        Of the standard; 3.1 is what most programs read.
    where : ndarray of bool, shape (n_events,), optional
        Write only these events, such as `Population.mask`.
    population : str
        Name of the population that `where` selects, for the record.
    modified_at : datetime, optional
        Written as ``$LAST_MODIFIED``; left out when not given.

    Raises
    ------
    FcsError
        When the events have no channel, a channel no name, or values as stored
        on a logarithmic amplifier, which a list of floats cannot carry.
    """
    _check(events)
    chosen = (
        events if where is None else replace(events, values=events.values[_mask(where, events)])
    )
    record = provenance(events, len(chosen), population, modified_at)
    events = chosen
    head = _front(events, version, record)
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


def _mask(where: NDArray[np.bool_], events: Events) -> NDArray[np.bool_]:
    mask = np.asarray(where)
    if mask.dtype != np.bool_ or mask.shape != (len(events),):
        raise ValueError(f"where is {mask.dtype} of shape {mask.shape}, not bool ({len(events)},)")
    return mask


def _front(events: Events, version: str, record: Mapping[str, str]) -> bytes:
    """HEADER and TEXT. Offsets stand in TEXT and lengthen it: gone round until both agree."""
    size = events.values.size * _dtype(events).itemsize
    begin, text = 0, b""
    # The text never shrinks as its offsets grow, so this ends after a few rounds.
    while begin != LENGTH + len(text):
        begin = LENGTH + len(text)
        text = _text({**_keywords(events, version, begin, begin + size - 1), **record})
    end = begin + size - 1
    data = (begin, end) if size and end <= LARGEST else (0, 0)
    fields = (LENGTH, LENGTH + len(text) - 1, *data, 0, 0)
    return f"FCS{version}    ".encode() + b"".join(b"%8d" % field for field in fields) + text


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
        if not events.scaled and is_logarithmic(channel):
            raise FcsError(
                f"channel {channel.name!r} holds numbers as a logarithmic amplifier stored them",
                f"{events.name}: $P{number}E",
                "Read the file with scaled=True and write that.",
            )


def _keywords(events: Events, version: str, begin: int, end: int) -> dict[str, str]:
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
        words[f"$P{number}R"] = _number(_range(channel, events.values[:, number - 1]))
        if not events.scaled and channel.gain != 1:
            words[f"$P{number}G"] = _number(channel.gain)
        if channel.marker:
            words[f"$P{number}S"] = channel.marker
    if events.time_step_s is not None:
        words["$TIMESTEP"] = _number(events.time_step_s)
    if events.spillover is not None and not events.compensated:
        words["$SPILLOVER"] = _spillover(events.spillover)
    if version == "3.2":
        # FCS 3.2 asks for the cytometer. $MODE is no longer needed, but older readers want it.
        words["$CYT"] = "unknown"
    return words | _kept(events)


def _range(channel: Channel, values: NDArray[np.floating]) -> float:
    """$PnR, which the standard asks for: where unknown, what the values need."""
    if np.isfinite(channel.range):
        return channel.range
    finite = values[np.isfinite(values)]
    return max(1.0, float(np.ceil(finite.max()))) if len(finite) else 1.0


def _kept(events: Events) -> dict[str, str]:
    """Keywords that do not describe the bytes; FCS allows no empty value, so it becomes a space."""
    words = {key.upper(): value or " " for key, value in events.keywords.items() if key}
    numbers = _numbers(words, events.channels)
    kept = {}
    for key, value in words.items():
        if _OURS.fullmatch(key):
            continue
        match = _OF_CHANNEL.fullmatch(key)
        if match is None:
            kept[key] = value
            continue
        for number in numbers.get(int(match[2]), ()):
            kept[f"{match[1]}{number}{match[3]}"] = value
    return kept


def _numbers(words: Mapping[str, str], channels: Sequence[Channel]) -> dict[int, list[int]]:
    """By a channel's number in the file it came from, its number here."""
    named = [words.get(f"$P{n}N") for n in range(1, len(words) + 1)]
    numbers: dict[int, list[int]] = {}
    for number, channel in enumerate(channels, start=1):
        # Events made here, not read, number their keywords as they are.
        same = number <= len(named) and named[number - 1] in (channel.name, None)
        if same or channel.name in named:
            before = number if same else named.index(channel.name) + 1
            numbers.setdefault(before, []).append(number)
    return numbers


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
