"""Signal where there should be none: blanks that are too high, empty wells that are not empty."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate, list_wells
from plates.well import Well

SHARE = 0.1
"""A blank or empty well may stand this share of the plate's range above the background."""
RISE = 3
"""The brightest wells read at least so many times the background on a plate with signal."""
SHIFTED = 4
"""So many wells with signal outside the layout look like a layout that is shifted."""


def inspect(plate: Plate) -> Iterator[Finding]:
    """Name blanks and empty wells that read well above the plate's background."""
    limit = _limit(plate)
    if not np.isfinite(limit):
        return
    blanks = [well for well in plate.wells_of(Role.BLANK) if plate.value(well) > limit]
    for well in blanks:
        yield Finding(
            "blank-with-signal",
            Severity.LOOK,
            str(well),
            f"The blank in well {well} reads {plate.value(well):.4g}, above {limit:.4g}. "
            "Splashed, or not a blank? Exclude it with a reason if it is subtracted.",
            plate.value(well),
            limit,
        )
    empty = [well for well in plate.read.format.wells() if _is_empty(plate, well)]
    bright = [well for well in empty if plate.value(well) > limit]
    if len(bright) >= SHIFTED:
        yield Finding(
            "empty-with-signal",
            Severity.LOOK,
            list_wells(bright),
            f"{len(bright)} wells that the layout leaves empty read more than {limit:.4g} "
            f"({list_wells(bright)}). Is the layout shifted, or for another plate?",
            float(len(bright)),
            SHIFTED,
            "wells",
        )
    elif bright:
        read = ", ".join(f"{well} {plate.value(well):.4g}" for well in bright)
        yield Finding(
            "empty-with-signal",
            Severity.LOOK,
            list_wells(bright),
            f"The layout leaves wells empty that have signal: {read}; limit {limit:.4g}. "
            "Check the layout.",
            max(plate.value(well) for well in bright),
            limit,
        )


def _is_empty(plate: Plate, well: Well) -> bool:
    content = plate.contents.get(well)
    return (content is None or content.role is Role.EMPTY) and plate.usable(well)


def _limit(plate: Plate) -> float:
    """Background plus a share of the range of wells that hold something; NaN when unknown.

    The background is the median of the blanks, or of the zero standards; a plate
    without either cannot tell, and neither can one whose signal falls with concentration.
    """
    zeros = [w for w in plate.wells_of(Role.STANDARD) if plate.contents[w].nominal == 0]
    ground = plate.wells_of(Role.BLANK) or zeros
    held = [
        well
        for well, content in plate.contents.items()
        if content.role not in (Role.EMPTY, Role.BLANK) and plate.usable(well)
    ]
    if not ground or not held:
        return float("nan")
    low = float(np.median([plate.value(well) for well in ground]))
    # With two blanks a splashed one lifts the median; the lower one is the honest ground.
    low = min(low, plate.value(min(ground, key=plate.value))) if len(ground) < 3 else low
    values = np.array([plate.value(well) for well in held])
    # Under a shifted layout the "blanks" may be the brightest wells of the plate.
    low = min(low, float(np.percentile(values, 5)))
    top = float(np.percentile(values, 95))
    # Without signal, or with one that falls, 10 % of the range would be noise.
    if np.median(values) <= low or top < RISE * low:
        return float("nan")
    return low + SHARE * (top - low)


CHECK = Check(
    "background",
    "Do blanks and empty wells read like the background?",
    inspect,
    "blanks or a zero standard",
)
