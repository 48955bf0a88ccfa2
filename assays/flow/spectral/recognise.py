"""Whether events are raw spectral ones: dozens of numbered detectors, no fluorochrome yet.

A spectral cytometer counts its detectors along each laser: V1-A, V2-A … V16-A, B1-A …
(Cytek Aurora and Northern Lights), UV1 (375)-A … (BD FACSDiscover), 405CH1-A …
(Sony ID7000). So do some conventional ones (MACSQuant: V1, V2, B1 … B4), with
few per laser. What tells a raw file is a run without gap from 1 to at least eight on
one laser, and that no more than a few other detectors carry a fluorochrome's name.
Unmixed files of the same cytometers name fluorochromes and are none of this.
The cytometer's own name is told, not relied on: unmixed files carry it too.
"""

from __future__ import annotations

import re

from assays.flow.axes import is_fluorescence
from assays.flow.events import Events

LEAST_RUN = 8
"""Detectors of one laser, numbered without gap: the red laser of an Aurora has eight, a
conventional cytometer with more numbers them otherwise (a choice; every conventional file
that was met has at most six)."""
MOST_OTHERS = 0.2
"""Share of the fluorescence channels that may be named otherwise."""

_DETECTOR = re.compile(
    r"(?:comp-)?(?P<laser>(?:duv|uv|v|b|yg|y|g|r|ir)(?=\d)|\d{3} ?ch)(?P<number>\d{1,2})"
    r"(?: ?\(\d{3}\))?(?:-[ahw])?",
    re.IGNORECASE | re.ASCII,
)
_HEIGHT_OR_WIDTH = re.compile(r".*-[hw]", re.IGNORECASE)


def raw_spectral(events: Events) -> str:
    """Why events are raw spectral ones, in words; empty when they are not.

    Parameters
    ----------
    events : Events
        Of a whole file: what matters are the names of all its channels.
    """
    names = [channel.name.strip() for channel in events.channels]
    lit = [name for name in names if is_fluorescence(name)]
    lit = [name for name in lit if not _HEIGHT_OR_WIDTH.fullmatch(name)] or lit
    by_laser: dict[str, set[int]] = {}
    numbered = []
    for name in lit:
        found = _DETECTOR.fullmatch(name)
        if found:
            numbered.append(name)
            by_laser.setdefault(found["laser"].lower(), set()).add(int(found["number"]))
    if not by_laser or len(lit) - len(numbered) > MOST_OTHERS * len(lit):
        return ""
    longest = max(_run(numbers) for numbers in by_laser.values())
    if longest < LEAST_RUN:
        return ""
    cytometer = events.keywords.get("$CYT", "").strip()
    wrote = f"; the cytometer is {cytometer}" if cytometer else ""
    return (
        f"{len(numbered)} detectors on {len(by_laser)} "
        f"laser{'s' if len(by_laser) > 1 else ''} are numbered, {numbered[0]} to {numbered[-1]}, "
        f"and no channel names a fluorochrome{wrote}"
    )


def detectors(events: Events) -> list[str]:
    """Names of the spectral detectors (areas where there are several kinds), in file order."""
    names = [channel.name for channel in events.channels]
    found = [name for name in names if _DETECTOR.fullmatch(name.strip())]
    return [name for name in found if not _HEIGHT_OR_WIDTH.fullmatch(name.strip())] or found


def _run(numbers: set[int]) -> int:
    """Length of the run from 1 without a gap."""
    n = 0
    while n + 1 in numbers:
        n += 1
    return n
