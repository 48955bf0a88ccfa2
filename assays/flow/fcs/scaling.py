"""Stored numbers to intensities: $PnE linearised, $PnG divided out.

    logarithmic amplifier:  10 ** (f1 * x / range) * f2
    linear amplifier:       x / gain

with $PnE = f1,f2 (decades, intensity at channel 0), $PnR = range and $PnG =
gain. Logarithms stand on integers only: on floats the standard wants $PnE 0,0,
and what stands there is left over from an older file. Time is in ticks of
$TIMESTEP, whatever its gain.

References
----------
Spidlen et al. (2010), Data File Standard for Flow Cytometry, version FCS 3.1,
Cytometry A 77(1): keywords $PnE and $PnG.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assays.errors import FcsError
from assays.flow.events import Channel

BLOCK = 1 << 16
MOST_DECADES = 20.0
"""Amplifiers have 3 to 6, and single precision ends at 38."""
LARGEST_FACTOR = 1e9
"""Largest gain or offset, and the inverse of the smallest, that is believable."""


def is_logarithmic(channel: Channel) -> bool:
    """Whether a channel's stored numbers are to be linearised."""
    return channel.kind in "IA" and channel.amplification[0] != 0


def check(channels: Sequence[Channel], name: str) -> None:
    """Refuse amplifiers that no instrument has, before a number is changed by them.

    Parameters
    ----------
    channels : sequence of Channel
        All channels of the file, in its order.
    name : str
        File name, for the message.

    Raises
    ------
    FcsError
        Naming the keyword.
    """
    for n, channel in enumerate(channels, start=1):
        decades, offset = channel.amplification
        if is_logarithmic(channel):
            believable = 0 < decades <= MOST_DECADES and 0 <= offset <= LARGEST_FACTOR
            if not believable or not 1 <= channel.range <= 2.0**64:
                raise FcsError(
                    f"$P{n}E is {decades:g},{offset:g} with $P{n}R {channel.range:g}: "
                    "no amplifier is like that",
                    f"{name}: TEXT, $P{n}E",
                    "Read the stored values with scaled=False.",
                )
        elif not channel.time and not 1 / LARGEST_FACTOR <= channel.gain <= LARGEST_FACTOR:
            raise FcsError(
                f"$P{n}G is {channel.gain:g}: no amplifier is like that",
                f"{name}: TEXT, $P{n}G",
                "Read the stored values with scaled=False.",
            )


def scale(values: NDArray[np.floating], channels: Sequence[Channel]) -> None:
    """Turn stored numbers into intensities, in place.

    Parameters
    ----------
    values : ndarray, shape (n_events, n_channels)
        As stored, after the bit mask.
    channels : sequence of Channel
        One per column.
    """
    for index, channel in enumerate(channels):
        if not is_logarithmic(channel) and (channel.time or channel.gain == 1):
            continue
        for start in range(0, len(values), BLOCK):
            cells = values[start : start + BLOCK, index]
            # Worked out in double precision, rounded once. What a file stores near
            # the end of single precision may leave it, and then is infinite.
            with np.errstate(over="ignore", invalid="ignore"):
                cells[:] = _linear(cells.astype(np.float64), channel)


def _linear(x: NDArray[np.float64], channel: Channel) -> NDArray[np.float64]:
    if not is_logarithmic(channel):
        return x / channel.gain
    decades, offset = channel.amplification
    # An offset of 0 would make every value 0; the standard reads it as 1.
    return np.asarray(10 ** (decades * x / channel.range) * (offset or 1.0), dtype=np.float64)
