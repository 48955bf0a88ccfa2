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

from assays.flow.events import Channel

BLOCK = 1 << 16


def is_logarithmic(channel: Channel) -> bool:
    """Whether a channel's stored numbers are to be linearised."""
    return channel.kind in "IA" and channel.amplification[0] > 0 and channel.range > 0


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
            # Worked out in double precision, rounded once.
            cells[:] = _linear(cells.astype(np.float64), channel)


def _linear(x: NDArray[np.float64], channel: Channel) -> NDArray[np.float64]:
    if not is_logarithmic(channel):
        return x / channel.gain
    decades, offset = channel.amplification
    # An offset of 0 would make every value 0; the standard reads it as 1.
    return np.asarray(10 ** (decades * x / channel.range) * (offset or 1.0), dtype=np.float64)
