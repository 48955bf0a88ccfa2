"""Whether a positive and a negative control can be told apart on this plate.

Z' below 0.4 is refused by the Assay Guidance Manual (Iversen et al. 2012, "HTS
Assay Validation"), 0.5 and above is excellent (Zhang, Chung & Oldenburg 1999).
With one well of a kind Z' is not defined, and nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate, list_wells
from plates.qc.window import ssmd, z_prime
from plates.well import Well

LOWEST = 0.4
FEWEST = 2
_POSITIVE = re.compile(r"\b(pos(itive)?|pc|max(imum)?|high)\b|^pos", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(neg(ative)?|nc|min(imum)?|low|vehicle|dmso)\b|^neg", re.IGNORECASE)


def inspect(plate: Plate) -> Iterator[Finding]:
    """Say so when the window between the controls is too narrow."""
    positive, negative = _wells(plate, _POSITIVE), _wells(plate, _NEGATIVE)
    if min(len(positive), len(negative)) < FEWEST:
        return
    high, low = ([plate.value(well) for well in wells] for wells in (positive, negative))
    z, difference = z_prime(high, low), ssmd(high, low)
    if z < LOWEST:
        few = " Only a few wells say so." if min(len(high), len(low)) < 3 else ""
        yield Finding(
            "control-window",
            Severity.LOOK,
            list_wells([*positive, *negative]),
            f"Positive ({list_wells(positive)}) and negative controls ({list_wells(negative)}) "
            f"are hard to tell apart: Z' {z:.2f}, at least {LOWEST:g} is expected; "
            f"SSMD {difference:.1f}.{few} Look at their spread before using the plate.",
            z,
            LOWEST,
        )


def _wells(plate: Plate, names: re.Pattern[str]) -> list[Well]:
    """Control wells whose name says which kind they are, and only that kind."""
    other = _NEGATIVE if names is _POSITIVE else _POSITIVE
    return [
        well
        for well in plate.wells_of(Role.CONTROL)
        if names.search(_words(plate, well)) and not other.search(_words(plate, well))
    ]


def _words(plate: Plate, well: Well) -> str:
    return plate.contents[well].sample.replace("_", " ").replace("-", " ")


CHECK = Check(
    "control-window",
    "Can the controls be told apart?",
    inspect,
    "two wells each of controls named positive and negative",
)
