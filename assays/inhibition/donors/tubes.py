"""The tubes behind the donors' differences: on one scale, and what their scatter tells.

Each donor's difference between two conditions comes from a few tubes. Where there are replicates,
their scatter says how much of the spread between donors is that of tubes (`heterogeneity`), and
with six donors or more a mixed model of all tubes may stand beside the paired t test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assays.inhibition.donors.heterogeneity import Heterogeneity, heterogeneity
from assays.inhibition.donors.mixed_model import FEW, Effect, Matched, mixed_effect
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube

POINTS = "percent points"
SHARED = "not fitted, tubes of two vehicles or plates share the controls of one in"
"""Before the donors' names."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One donor's tubes of a condition, and its control tubes."""

    donor: str
    tube: Tube
    mine: tuple[Reading, ...]
    against: tuple[Reading, ...]
    note: str = ""


def scale_of(readout: Readout, protocol: Flow) -> str:
    """What is compared over donors: as declared; a fraction of cells in percent points."""
    return POINTS if readout.kind == "fraction" else protocol.inhibition.across_donors


def values(readings: Iterable[Reading], scale: str) -> tuple[float, ...]:
    """Every tube that has a median, on the scale.

    On a logarithm one median at or below zero leaves no value at all: to leave that tube alone
    out would raise its donor.
    """
    known = [reading for reading in readings if math.isfinite(reading.median)]
    if scale == "arcsinh":
        return tuple(math.asinh(reading.median / reading.cofactor) for reading in known)
    if scale == POINTS:
        return tuple(reading.median for reading in known)
    if any(reading.median <= 0 for reading in known):
        return ()
    return tuple(math.log2(reading.median) for reading in known)


def level_of(readings: Iterable[Reading], scale: str) -> float:
    """Mean over the tubes on the scale; NaN without one."""
    found = values(readings, scale)
    return math.fsum(found) / len(found) if found else math.nan


def spread_over_donors(
    pairs: Sequence[Pair], differences: dict[str, float], scale: str, level: float
) -> Heterogeneity:
    """How much the response differs between donors, beyond the scatter of their tubes.

    Parameters
    ----------
    pairs : sequence of Pair
    differences : dict
        By donor, as they are compared: means over the donor's pairs.
    scale : str
    level : float
    """
    cells: dict[tuple[str, ...], tuple[float, ...]] = {}
    shares: dict[str, list[float]] = {}
    for pair in pairs:
        sides = [values(side, scale) for side in (pair.mine, pair.against)]
        if pair.donor not in differences or not all(sides):
            continue
        for side, found in zip((pair.mine, pair.against), sides, strict=True):
            cells[tuple(reading.file for reading in side)] = found
        shares.setdefault(pair.donor, []).append(math.fsum(1.0 / len(found) for found in sides))
    total, df = 0.0, 0
    for found in cells.values():
        mean = math.fsum(found) / len(found)
        total += math.fsum((value - mean) ** 2 for value in found)
        df += len(found) - 1
    tube = total / df if df else math.nan
    # The mean of k pairs has the k-th part of their mean variance.
    variances = [tube * math.fsum(own) / len(own) ** 2 for own in shares.values()]
    return heterogeneity(list(differences.values()), variances, float(df), level)


def model_of_tubes(pairs: Sequence[Pair], scale: str, level: float) -> Effect:
    """The mixed model of all tubes, or the reason why there is none.

    Donors with several pairs (two vehicles, two plates) have each against its own controls. Where
    two pairs share a control tube, its level belongs to neither, and no model is fitted: the
    status then names the donors.
    """
    shared = donors_with_shared_controls(pairs)
    matched = [Matched(p.donor, values(p.against, scale), values(p.mine, scale)) for p in pairs]
    found = mixed_effect(matched, level)
    if shared and found.status != FEW:
        return Effect(f"{SHARED} {', '.join(shared)}")
    return found


def donors_with_shared_controls(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Donors of which one control tube serves tubes of two vehicles or plates."""
    found: dict[str, None] = {}
    used: set[tuple[str, str]] = set()
    for pair in pairs:
        own = {(pair.donor, reading.file) for reading in pair.against}
        if own & used:
            found[pair.donor] = None
        used |= own
    return tuple(found)
