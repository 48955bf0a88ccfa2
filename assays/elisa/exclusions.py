"""Wells that a person took out. They stay visible, with who, when and why.

Nothing is ever taken out by a rule. A well masked in the reader's software was masked by a
person too, who is not named there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from assays.errors import ProtocolError
from assays.protocol import Exclusion
from plates.errors import LayoutError
from plates.findings import Finding, Severity
from plates.plateread import PlateRead
from plates.qc.tokens import is_beyond
from plates.well import Well

MASKED = "masked in the export"


def excluded_wells(
    exclusions: Iterable[Exclusion], reads: Iterable[PlateRead], labels: tuple[str, ...]
) -> dict[Well, str]:
    """Wells taken out of one plate, each with who, when and why.

    Parameters
    ----------
    exclusions : iterable of Exclusion
        From the protocol.
    reads : iterable of PlateRead
        Signal and reference of the plate.
    labels : tuple of str
        Names the plate goes by.

    Raises
    ------
    ProtocolError
        When an exclusion names a well that the plate does not have.
    """
    reads = tuple(reads)
    found: dict[Well, str] = {}
    for read in reads:
        for well, token in read.flags.items():
            numbered = well in read.format and math.isfinite(read.values[well.row, well.column])
            if numbered and not is_beyond(token):
                found[well] = f"{MASKED} ({token})" if token.lower() != "masked" else MASKED
    for exclusion in exclusions:
        if exclusion.plate and exclusion.plate not in labels:
            continue
        place = f"assay.toml: [elisa] exclude {exclusion.wells!r}"
        try:
            wells = reads[0].format.range(exclusion.wells, place)
        except LayoutError as error:
            raise ProtocolError(error.message, place, error.hint) from error
        for well in wells:
            found[well] = f"{exclusion.who}, {exclusion.when}: {exclusion.why}"
    return dict(sorted(found.items()))


def unknown_plates(exclusions: Iterable[Exclusion], known: set[str]) -> None:
    """Raise when an exclusion names a plate that the run does not have.

    Raises
    ------
    ProtocolError
        Names the plates there are.
    """
    for exclusion in exclusions:
        if exclusion.plate and exclusion.plate not in known:
            names = ", ".join(repr(name) for name in sorted(known))
            raise ProtocolError(
                f"exclude names plate {exclusion.plate!r}, the run has {names}",
                f"assay.toml: [elisa] exclude {exclusion.wells!r}",
            )


def tell_exclusions(wells: dict[Well, str], where: str) -> list[Finding]:
    """One finding per reason."""
    reasons: dict[str, list[Well]] = {}
    for well, why in wells.items():
        reasons.setdefault(why, []).append(well)
    return [
        Finding(
            "excluded-wells",
            Severity.NOTE,
            where,
            f"{', '.join(str(w) for w in taken)} left out: {why.rstrip('.')}. "
            "Results with these wells stand beside those without.",
            float(len(taken)),
        )
        for why, taken in reasons.items()
    ]
