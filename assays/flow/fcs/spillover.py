"""The spillover matrix, in whichever dialect the file writes it, held against the channels.

``$SPILLOVER`` (FCS 3.1) and ``SPILL`` (BD): n, n channel names, n x n numbers,
row by row; some write channel numbers for names, some put the values into a
semicolon list or use decimal commas. ``$COMP`` (FCS 3.0): n and n x n numbers,
over all channels or over the fluorescence ones. ``$DFCmTOn`` (FCS 2.0): percent
of fluorochrome m seen in detector n, both counted as in FL1, FL2.

The two older ones record what the instrument was set to and are told as such:
it may have taken the spillover away before it stored the events.

A matrix that names an unknown channel, or cannot be inverted, is left out and told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.flow.events import Channel, Spillover
from assays.flow.fcs.number import number, whole

_NAMED = ("$SPILLOVER", "SPILL", "SPILLOVER", "$SPILL")
_DFC = re.compile(r"\$DFC(\d{1,3})TO(\d{1,3})", re.ASCII)
_FLUORESCENCE = re.compile(r"\bFL[ -]?(\d{1,3})\b", re.ASCII | re.IGNORECASE)
_NO_FLUORESCENCE = re.compile(r"\s*(?:FSC?|SSC?|TIME|WIDTH|EVENT)\b.*", re.IGNORECASE)
_LARGEST_CONDITION = 1e8

_OLDER = "records the compensation the instrument was set to; it may have been applied already"

Read = tuple[Spillover | None, tuple[str, ...]]


def read_spillover(keywords: Mapping[str, str], channels: Sequence[Channel]) -> Read:
    """Read the spillover matrix of a data set.

    Returns
    -------
    spillover : Spillover or None
        None when the file has none, or one that cannot be trusted.
    notes : tuple of str
        What was odd about it, a sentence each.
    """
    notes: list[str] = []
    for key in (*_NAMED, "$COMP"):
        # A lone 0 says that there is none.
        if keywords.get(key, "").strip(" ,;0\0"):
            reader = _unnamed if key == "$COMP" else _named
            found = _checked(reader(key, keywords[key], channels))
            if isinstance(found, Spillover):
                return found, (*notes, *_remarks(found))
            notes.append(found)
    percent = _percent(keywords, channels)
    if percent is None:
        return None, tuple(notes)
    found = _checked(percent)
    if isinstance(found, Spillover):
        return found, (*notes, *_remarks(found))
    return None, (*notes, found)


def _remarks(found: Spillover) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if found.origin == "$COMP" or found.origin.startswith("$DFC"):
        notes = (f"{found.origin} {_OLDER}.",)
    if not np.allclose(np.diag(found.matrix), 1):
        notes += (f"{found.origin} has a diagonal other than 1; kept as it is.",)
    return notes


def _checked(found: Spillover | str) -> Spillover | str:
    """A matrix that can be undone, or what is wrong with it."""
    if isinstance(found, str):
        return found
    if not np.linalg.cond(found.matrix) < _LARGEST_CONDITION:
        return f"{found.origin} holds a matrix that cannot be inverted; left out."
    return found


def _named(key: str, text: str, channels: Sequence[Channel]) -> Spillover | str:
    """Read n, n names, n x n numbers."""
    tokens = [token.strip(" \0\r\n") for token in text.split(";" if ";" in text else ",")]
    size = whole(tokens[0]) or 0
    if not 1 <= size <= len(channels):
        return f"{key} starts with {tokens[0][:20]!r}, no number of channels; left out."
    for width in (1, 2):
        # Two tokens a number: every decimal point is a comma.
        split = len(tokens) - width * size * size
        if split < 1 + size:
            continue
        names = _names(tokens[1:split], channels)
        matrix = _matrix(tokens[split:], width, size)
        if names is not None and len(names) == size and matrix is not None:
            if len(set(names)) < size:
                return f"{key} names a channel twice; left out."
            return Spillover(tuple(names), matrix, key)
    if len(tokens) < 1 + size + size * size:
        return (
            f"{key} should hold {size} names and {size * size} numbers, but holds "
            f"{len(tokens) - 1} entries; left out."
        )
    known = _known(channels)
    strange = [token for token in tokens[1 : 1 + size] if token not in known]
    what = f"names {strange[0][:40]!r}, no channel of the file" if strange else "cannot be read"
    return f"{key} {what}; left out."


def _known(channels: Sequence[Channel]) -> dict[str, str]:
    """$PnN by what may stand for it: marker, number, name; the last wins."""
    markers = [channel.marker for channel in channels]
    known = {
        channel.marker.strip(): channel.name
        for channel in channels
        if channel.marker and markers.count(channel.marker) == 1
    }
    known |= {str(n): channel.name for n, channel in enumerate(channels, start=1)}
    return known | {channel.name.strip(): channel.name for channel in channels}


def _names(tokens: Sequence[str], channels: Sequence[Channel]) -> list[str] | None:
    """Channels by name; a name may itself hold commas, against the standard."""
    known = _known(channels)
    longest = max((name.count(",") for name in known), default=0) + 1
    found: list[str] = []
    at = 0
    while at < len(tokens):
        for count in range(1, min(longest, len(tokens) - at) + 1):
            name = ",".join(tokens[at : at + count])
            if name in known:
                found.append(known[name])
                at += count
                break
        else:
            return None
    return found


def _matrix(tokens: Sequence[str], width: int, size: int) -> NDArray[np.float64] | None:
    if width == 2:
        tokens = [f"{a}.{b}" for a, b in zip(tokens[::2], tokens[1::2], strict=True)]
    numbers = [number(token) for token in tokens]
    if any(not math.isfinite(value) for value in numbers):
        return None
    return np.array(numbers, dtype=np.float64).reshape(size, size)


def _unnamed(key: str, text: str, channels: Sequence[Channel]) -> Spillover | str:
    """Read n and n x n numbers, over all channels or the fluorescence ones."""
    tokens = [token.strip(" \0\r\n") for token in text.split(",")]
    size = whole(tokens[0]) or 0
    lit = [channel.name for channel in channels if not _NO_FLUORESCENCE.fullmatch(channel.name)]
    every = [channel.name for channel in channels]
    names = next((names for names in (every, lit) if len(names) == size), None)
    if names is None or len(tokens) != 1 + size * size:
        return f"{key} does not say which channels its numbers belong to; left out."
    matrix = _matrix(tokens[1:], 1, size)
    if matrix is None:
        return f"{key} holds something that is no number; left out."
    return Spillover(tuple(names), matrix, key)


def _percent(keywords: Mapping[str, str], channels: Sequence[Channel]) -> Spillover | str | None:
    """Read $DFCmTOn; None when there is none, or all are 0."""
    shares: dict[tuple[int, int], float] = {}
    for key, value in keywords.items():
        match = _DFC.fullmatch(key)
        if match is None:
            continue
        dye, detector = int(match[1]), int(match[2])
        if dye != detector and number(value) != 0:
            shares[dye, detector] = number(value) / 100
    if not shares:
        return None
    if any(math.isnan(share) for share in shares.values()):
        return "$DFCmTOn holds something that is no number; left out."
    numbered: dict[int, list[str]] = {}
    for channel in channels:
        match = _FLUORESCENCE.search(channel.name)
        if match is not None:
            numbered.setdefault(int(match[1]), []).append(channel.name)
    used = sorted({n for pair in shares for n in pair})
    unclear = [n for n in used if len(numbered.get(n, ())) != 1]
    if unclear:
        return f"$DFCmTOn: not exactly one channel is named FL{unclear[0]}; left out."
    matrix = np.eye(len(used))
    for (dye, detector), share in shares.items():
        matrix[used.index(dye), used.index(detector)] = share
    return Spillover(tuple(numbered[n][0] for n in used), matrix, "$DFCmTOn")
