"""What the keywords of a file say of the cytometer and its settings."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from assays.flow.events import Events
from assays.flow.fcs.number import number
from assays.flow.fcs.scaling import is_logarithmic
from assays.results.cytometer import Detector, Laser, Settings

_MOST_LASERS = 20
_LEADING = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*m?W?\s*", re.IGNORECASE)


def settings_of(events: Events) -> Settings:
    """Collect the cytometer's settings from the keywords of a data set.

    Parameters
    ----------
    events : Events
        As read from an FCS file; of some channels, when only they were read.
    """
    words = events.keywords
    return Settings(
        cytometer=_first(words, "$CYT", "CYTOMETER"),
        serial=_first(words, "$CYTSN", "CYTNUM", "CYTOMETER SERIAL NUMBER"),
        software=_first(words, "CREATOR", "SOFTWARE", "APPLICATION"),
        date=_first(words, "$DATE"),
        begin=_first(words, "$BTIM"),
        end=_first(words, "$ETIM"),
        operator=_first(words, "$OP"),
        institution=_first(words, "$INST"),
        specimen=_first(words, "$SRC", "$CELLS", "$SMNO"),
        tube=_first(words, "TUBE NAME", "$FIL"),
        plate=_first(words, "$PLATENAME", "$PLATEID", "PLATE NAME"),
        well=_first(words, "$WELLID", "WELL ID"),
        lasers=_lasers(words),
        detectors=_detectors(events),
    )


def _first(words: Mapping[str, str], *keys: str) -> str:
    """The first keyword that is there and says something."""
    found = (words.get(key, "").strip(" \0") for key in keys)
    return next((value for value in found if value), "")


def _lasers(words: Mapping[str, str]) -> tuple[Laser, ...]:
    """BD and Cytek: LASER1NAME; Attune: #LASER1COLOR."""
    found = []
    for n in range(1, _MOST_LASERS + 1):
        name = _first(words, f"LASER{n}NAME", f"#LASER{n}COLOR")
        if name:
            found.append(Laser(name, _first(words, f"LASER{n}DELAY", f"#LASER{n}DELAY")))
    return tuple(found)


def _detectors(events: Events) -> tuple[Detector, ...]:
    words = events.keywords
    numbers: dict[str, int] = {}
    for n in range(1, len(words) + 1):
        name = words.get(f"$P{n}N")
        if name is not None:
            numbers.setdefault(name, n)
    found = []
    for position, channel in enumerate(events.channels, start=1):
        n = numbers.get(channel.name, position)
        stored = f"log {channel.amplification[0]:g} decades"
        found.append(
            Detector(
                channel.name,
                (channel.marker or "").strip(),
                _positive(words.get(f"$P{n}V", "")),
                channel.gain,
                _excitation(words.get(f"$P{n}L", "")),
                _positive(words.get(f"$P{n}O", "")),
                _first(words, f"$P{n}F"),
                stored if is_logarithmic(channel) else "linear",
            )
        )
    return tuple(found)


def _positive(text: str) -> float:
    """Read a number above 0, a unit of milliwatts aside; NaN for anything else."""
    match = _LEADING.fullmatch(text)
    value = number(match[1]) if match else math.nan
    return value if value > 0 else math.nan


def _excitation(text: str) -> str:
    """Wavelengths above 0: some write -1 for none."""
    values = (number(part) for part in text.split(","))
    return ", ".join(f"{value:g}" for value in values if value > 0)
