"""Wells that the layout describes and the export has no number for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate, list_wells
from plates.qc.tokens import is_beyond
from plates.well import Well

TOO_MANY = 0.5
"""Share of wells without a number from which the layout is likely for another plate."""


def inspect(plate: Plate) -> Iterator[Finding]:
    """Name wells with content but without a reading, and masked wells."""
    expected = [
        well
        for well, content in sorted(plate.contents.items())
        if content.role is not Role.EMPTY and well not in plate.excluded
    ]
    missing = [
        well
        for well in expected
        if not np.isfinite(plate.value(well)) and not is_beyond(plate.read.flags.get(well, ""))
    ]
    if missing and len(missing) > TOO_MANY * len(expected):
        yield Finding(
            "missing-wells",
            Severity.STOP,
            list_wells(missing),
            f"{len(missing)} of {len(expected)} wells of the layout have no reading. "
            "Is the layout for this plate, and was the whole plate exported?",
            len(missing),
            TOO_MANY * len(expected),
            "wells",
        )
    elif missing:
        tokens = ", ".join(dict.fromkeys(plate.read.flags.get(w, "") for w in missing)).strip(", ")
        said = f" (the export says {tokens})" if tokens else ""
        yield _finding(missing, f"{_has(missing)} no reading{said}. Measure again if it matters.")
    masked = [
        well
        for well in expected
        if well in plate.read.flags
        and np.isfinite(plate.value(well))
        and not is_beyond(plate.read.flags[well])
    ]
    if masked:
        wells = list_wells(masked)
        yield Finding(
            "masked-wells",
            Severity.NOTE,
            wells,
            f"{_has(masked)} a mark in the export "
            f"({', '.join(dict.fromkeys(plate.read.flags[w] for w in masked))}). "
            "The number is kept; exclude the well in assay.toml if it must not count.",
        )


def _has(wells: list[Well]) -> str:
    return f"Well {wells[0]} has" if len(wells) == 1 else f"Wells {list_wells(wells)} have"


def _finding(wells: list[Well], message: str) -> Finding:
    return Finding("missing-wells", Severity.LOOK, list_wells(wells), message)


CHECK = Check("missing-wells", "Does every well that the layout describes have a reading?", inspect)
