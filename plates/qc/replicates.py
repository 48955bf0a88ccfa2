"""Replicates that disagree.

100 s / mean with n - 1 within each group of wells that hold the same; for a pair
s = |difference| / sqrt(2). A spread below a hundredth of the plate's range is
never told: near the blank a CV says nothing. Nothing is ever dropped: with two or
three wells no rule can tell which one is wrong (notes of the NIST handbook on
Grubbs' test ask for more).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate, list_wells
from plates.qc.spread import cv_percent, pooled_cv_percent
from plates.well import Well

SMALLEST_SHARE = 0.01
"""A spread below this share of the plate's range is not told."""
SHOWN = 5
"""More groups than this of one role are told in one sentence."""


def inspect(plate: Plate) -> Iterator[Finding]:
    """Name groups whose CV passes the limit; many of one role are told once."""
    floor = SMALLEST_SHARE * plate.span()
    by_role: dict[Role, list[list[Well]]] = {}
    for key, wells in plate.groups().items():
        if len(wells) > 1:
            by_role.setdefault(key[0], []).append(wells)
    for role, groups in by_role.items():
        wide = [wells for wells in groups if _is_wide(plate, wells, floor)]
        if len(wide) > SHOWN:
            yield _summary(plate, role, wide, groups)
        else:
            yield from (_finding(plate, wells) for wells in wide)


def _signals(plate: Plate, wells: list[Well]) -> list[float]:
    return [plate.value(well) for well in wells]


def _is_wide(plate: Plate, wells: list[Well], floor: float) -> bool:
    values = _signals(plate, wells)
    cv = cv_percent(values)
    return cv > plate.cv_limit_percent and float(np.std(values, ddof=1)) > floor


def _finding(plate: Plate, wells: list[Well]) -> Finding:
    values = _signals(plate, wells)
    cv = cv_percent(values)
    content = plate.contents[wells[0]]
    read = ", ".join(f"{well} {value:.4g}" for well, value in zip(wells, values, strict=True))
    name = content.sample or str(content.role)
    # Two wells cannot say which of them is wrong; from three on a person may see it.
    advice = "Repeat it" if content.role is Role.SAMPLE else "Look at the wells"
    return Finding(
        "replicate-cv",
        Severity.LOOK,
        list_wells(wells),
        f"The replicates of {name} differ: {read}; CV {cv:.1f} %, limit "
        f"{plate.cv_limit_percent:g} %. {advice}, or exclude a well with a reason.",
        cv,
        plate.cv_limit_percent,
        "%",
    )


def _summary(plate: Plate, role: Role, wide: list[list[Well]], groups: list[list[Well]]) -> Finding:
    worst = max(wide, key=lambda wells: cv_percent(_signals(plate, wells)))
    cv = cv_percent(_signals(plate, worst))
    pooled = pooled_cv_percent(_signals(plate, wells) for wells in groups)
    firsts = list_wells([wells[0] for wells in wide])
    return Finding(
        "replicate-cv",
        Severity.LOOK,
        list_wells([well for wells in wide for well in wells]),
        f"{len(wide)} of {len(groups)} {role} replicates differ by more than "
        f"{plate.cv_limit_percent:g} % CV (those that start in {firsts}); the worst is "
        f"{list_wells(worst)} with {cv:.1f} %, and together they differ by {pooled:.1f} %. "
        "So many point to pipetting or washing; look at them before using the plate.",
        cv,
        plate.cv_limit_percent,
        "%",
    )


CHECK = Check(
    "replicate-cv", "Do replicates agree?", inspect, "at least two wells that hold the same"
)
