"""Wells beyond what the instrument can read, and readings cut off at one ceiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate, list_wells
from plates.qc.tokens import is_beyond
from plates.well import Well

CEILING_WELLS = 3
"""So many wells with exactly the highest number of the plate look cut off."""


def inspect(plate: Plate) -> Iterator[Finding]:
    """Name wells that were too bright or too dark for the reader."""
    beyond = [
        well
        for well, token in sorted(plate.read.flags.items())
        if is_beyond(token) and well not in plate.excluded
    ]
    standards = [well for well in beyond if _role(plate, well) is Role.STANDARD]
    others = [well for well in beyond if well not in standards]
    if others:
        yield _finding(plate, others, "Dilute what they hold and measure it again.")
    if standards:
        yield _finding(
            plate, standards, "These standards cannot serve the curve; start it lower next time."
        )
    yield from _ceiling(plate)


def _role(plate: Plate, well: Well) -> Role | None:
    content = plate.contents.get(well)
    return content.role if content else None


def _finding(plate: Plate, wells: list[Well], advice: str) -> Finding:
    tokens = ", ".join(dict.fromkeys(plate.read.flags[well] for well in wells))
    some = "Well" if len(wells) == 1 else "Wells"
    verb = "is" if len(wells) == 1 else "are"
    message = (
        f"{some} {list_wells(wells)} {verb} above the range of the reader ({tokens}). {advice}"
    )
    return Finding("saturated", Severity.LOOK, list_wells(wells), message)


def _ceiling(plate: Plate) -> Iterator[Finding]:
    """The same highest number again and again is the detector's ceiling, not a coincidence."""
    values = {well: plate.value(well) for well in plate.contents if plate.usable(well)}
    counts = Counter(values.values())
    if len(counts) < CEILING_WELLS:
        return
    top = max(counts)
    wells = sorted(well for well, value in values.items() if value == top)
    if len(wells) >= CEILING_WELLS and top != 0:
        yield Finding(
            "saturated",
            Severity.LOOK,
            list_wells(wells),
            f"Wells {list_wells(wells)} all read {top:.6g}, the highest number of the plate. "
            "The reader may cut off there; dilute and measure again.",
            top,
        )


CHECK = Check("saturated", "Did a well pass the range of the reader?", inspect)
