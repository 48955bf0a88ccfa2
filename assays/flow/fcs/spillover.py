"""The spillover matrix, in whichever dialect the file writes it, held against the channels.

``$SPILLOVER`` (FCS 3.1) and ``SPILL`` (BD): n, n channel names, n x n numbers,
row by row. Some write channel numbers for names. ``$COMP`` (FCS 3.0): n and
n x n numbers over the first n channels. ``$DFCmTOn`` (FCS 2.0): percent of
channel m's fluorescence seen in channel n.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from assays.flow.events import Channel, Spillover
from assays.flow.fcs.number import number, whole

_NAMED = ("$SPILLOVER", "SPILL", "SPILLOVER", "$SPILL")
_DFC = re.compile(r"\$DFC(\d{1,4})TO(\d{1,4})", re.ASCII)

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
    for key in _NAMED:
        if keywords.get(key, "").strip(" ,0"):
            found, told = _named(key, keywords[key], channels)
            notes += told
            if found is not None:
                return found, tuple(notes)
    return None, tuple(notes)


def _named(key: str, text: str, channels: Sequence[Channel]) -> tuple[Spillover | None, list[str]]:
    tokens = [token.strip() for token in text.split(",")]
    size = whole(tokens[0]) or 0
    if not 1 <= size <= len(channels) or len(tokens) != 1 + size + size * size:
        return None, [f"{key} does not hold n, n names and n x n numbers; left out."]
    names = tokens[1 : 1 + size]
    numbers = [number(token) for token in tokens[1 + size :]]
    known = {channel.name.strip(): channel.name for channel in channels}
    if any(math.isnan(value) for value in numbers) or any(name not in known for name in names):
        return None, [f"{key} names unknown channels or holds something that is no number."]
    matrix = np.array(numbers, dtype=np.float64).reshape(size, size)
    return Spillover(tuple(known[name] for name in names), matrix, key), []
