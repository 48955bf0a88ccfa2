"""Edge effect and drift over rows or columns, seen where the same thing lies in several places.

What a well holds decides what it reads, so wells that hold different things say
nothing of the plate. Within each group of wells that hold the same, the reading
(percent of the group's mean) is regressed on where the well lies; the slopes are
pooled (one mean per group, one common slope). Outlying wells are pulled in to three
robust SDs first. An effect is told when it passes 20 % over the plate, the limit of
the Assay Guidance Manual for material edge effects and drift, and p < 0.001.

A 384-well plate or larger that holds mostly single samples is judged as screens
are, on all samples as one group (most of them alike): then it is a note, since
samples that were sorted before plating make the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plates.findings import Finding, Severity
from plates.layout import Role
from plates.qc.contract import Check, Plate
from plates.qc.spread import mad
from plates.well import Well

MATERIAL_PERCENT = 20.0
P_LIMIT = 0.001
FEWEST_WELLS = 16
"""Wells in groups that span the place in question; below that a plate cannot tell."""
SPAN = 1 / 3
"""A group must span this share of the rows or columns: neighbours tell nothing of drift."""
SCREEN_WELLS = 200
SCREEN_SHARE = 0.6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Effect:
    percent: float
    p: float


def inspect(plate: Plate) -> Iterator[Finding]:
    """Say which way readings of the same thing change over the plate."""
    groups = [wells for wells in plate.groups().values() if len(wells) > 1]
    severity = Severity.LOOK
    samples = plate.wells_of(Role.SAMPLE)
    if len(samples) >= SCREEN_WELLS and len(samples) >= SCREEN_SHARE * plate.read.format.size:
        groups, severity = [samples], Severity.NOTE
    rows, columns = plate.read.format.rows, plate.read.format.columns
    for name, positions, reach in (
        ("edge", lambda well: float(_on_edge(plate, well)), 1.0),
        ("column", lambda well: float(well.column), columns - 1.0),
        ("row", lambda well: float(well.row), rows - 1.0),
    ):
        found = _effect(plate, groups, positions, reach)
        if found and abs(found.percent) > MATERIAL_PERCENT and found.p < P_LIMIT:
            yield _finding(name, found, severity, plate)


def _on_edge(plate: Plate, well: Well) -> bool:
    last = plate.read.format.rows - 1, plate.read.format.columns - 1
    return well.row in (0, last[0]) or well.column in (0, last[1])


def _effect(
    plate: Plate, groups: list[list[Well]], position: Callable[[Well], float], reach: float
) -> _Effect | None:
    """Common slope within groups times the reach; None when the plate cannot tell."""
    from scipy import stats

    x_parts: list[Floats] = []
    y_parts: list[Floats] = []
    for wells in groups:
        x = np.array([position(well) for well in wells])
        signal = np.array([plate.value(well) for well in wells])
        middle = float(np.median(signal)) if len(wells) > 2 else float(signal.mean())
        if middle <= 0 or np.ptp(x) < max(SPAN * reach, 1e-9):
            continue
        y = 100 * signal / middle
        x_parts.append(x)
        y_parts.append(_pulled_in(y))
    wells_used = sum(part.size for part in x_parts)
    freedom = wells_used - len(x_parts) - 1
    if wells_used < FEWEST_WELLS or freedom < 1:
        return None
    x = np.concatenate([part - part.mean() for part in x_parts])
    y = np.concatenate([part - part.mean() for part in y_parts])
    square = float(x @ x)
    slope = float(x @ y) / square
    rest = y - slope * x
    error = math.sqrt(float(rest @ rest) / freedom / square)
    p = 2 * float(stats.t.sf(abs(slope) / error, freedom)) if error > 0 else 0.0
    return _Effect(slope * reach, p)


def _pulled_in(values: Floats) -> Floats:
    """Outlying wells of a large group count as three robust SDs."""
    if values.size < 5:
        return values
    middle, scale = float(np.median(values)), mad(values)
    return np.clip(values, middle - 3 * scale, middle + 3 * scale) if scale > 0 else values


def _finding(name: str, effect: _Effect, severity: Severity, plate: Plate) -> Finding:
    more = "more" if effect.percent > 0 else "less"
    amount = f"{abs(effect.percent):.0f} %"
    if name == "edge":
        said = f"Wells at the edge read {amount} {more} than the same inside."
        advice = "Check evaporation, plate seal and warming"
    else:
        said = f"The same reads {amount} {more} in the last {name} than in the first."
        advice = "Check pipetting order, washing and the time to the read"
    doubt = (
        ""
        if severity is Severity.LOOK
        else " Samples that were sorted before plating look the same."
    )
    return Finding(
        "edge-effect" if name == "edge" else f"{name}-drift",
        severity,
        plate.read.plate,
        f"{said} {advice}; up to {MATERIAL_PERCENT:g} % is tolerated.{doubt}",
        effect.percent,
        MATERIAL_PERCENT,
        "%",
    )


CHECK = Check(
    "gradient",
    "Does the place on the plate change what is read?",
    inspect,
    f"{FEWEST_WELLS} wells in replicates that lie apart, or a screen",
)
