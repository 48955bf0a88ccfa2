"""Names of wells in a Magellan layout: ``SM1_1``, ``STD1000``, ``BLANK``, ``Empty``."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

from plates.layout import Role, WellContent
from plates.roles import role_of
from plates.well import Well

_STANDARD = re.compile(r"ST(?:D|ANDARD)?\s*_?(\d+(?:[.,]\d+)?)", re.I)
_REPLICATE = re.compile(r"((?:SM|ST|NC|PC|BL|CL|QC)\d+)_(\d+)", re.I)


def contents_of(names: Mapping[Well, str], notes: list[str]) -> dict[Well, WellContent]:
    """Turn names into contents; a note is added where a name was taken as a concentration.

    ``STD1`` … ``STD8`` are numbers. When the standards do not count from 1 up,
    as in ``STD1000``, ``STD500`` …, their numbers are concentrations.
    """
    numbers = {
        well: float(found[1].replace(",", "."))
        for well, text in names.items()
        if (found := _STANDARD.fullmatch(text))
    }
    different = sorted(set(numbers.values()))
    counted = different == [float(i + 1) for i in range(len(different))]
    if numbers and not counted:
        notes.append(
            "The numbers in the names of the standards (such as "
            f"{next(iter(names[well] for well in numbers))!r}) were taken as concentrations; "
            "the file does not give their unit."
        )
    seen: Counter[str] = Counter()
    contents: dict[Well, WellContent] = {}
    for well in sorted(names):
        text = names[well]
        replicate = _REPLICATE.fullmatch(text)
        sample = replicate[1] if replicate else text
        seen[sample] += 1
        role = role_of(text) or Role.SAMPLE
        if role is Role.EMPTY:
            continue
        contents[well] = WellContent(
            role,
            sample,
            nominal=math.nan if counted else numbers.get(well, math.nan),
            replicate=int(replicate[2]) if replicate else seen[sample],
        )
    return contents
