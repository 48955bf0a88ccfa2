"""Whether a mass cytometer wrote a file: its channels are metals, and there is no scatter."""

from __future__ import annotations

import re
from collections.abc import Sequence

SCATTER = re.compile(r"(?i)(fsc?\d*|ssc?\d*)\b")
_METAL = re.compile(r"(\(([A-Z][a-z]?)?[\d:]{2,7}\)?\w*\)?D[di]?|[A-Z][A-Za-z]{0,3}\d{2,3}D[di])$")
_EVENT_LENGTH = re.compile(r"(?i)(event|cell)[-_ ]?length")


def is_mass(names: Sequence[str]) -> bool:
    """Whether $PnN are those of a mass cytometer.

    Parameters
    ----------
    names : sequence of str
        $PnN of every channel.

    Examples
    --------
    >>> is_mass(["Time", "Event_length", "Nd142Di", "Er166Di"])
    True
    >>> is_mass(["FSC-A", "SSC-A", "PE-A"])
    False
    """
    if any(SCATTER.match(name) for name in names):
        return False
    metals = sum(_METAL.search(name) is not None for name in names)
    return metals > 1 or any(_EVENT_LENGTH.match(name) for name in names)
