"""Two inhibitors at once, against what each does alone: Bliss, highest single agent, and how sure.

The plan. The excess of a pair over its expectation is a function of up to nine means: treated,
stimulated and unstimulated, for the pair and for each member, each held against the controls
with its own vehicle. Each mean has a variance, and where two inhibitions share their control
tubes, the same mean enters twice; so the excess is differentiated by each distinct set of tubes
and the variances are added (delta method), with Student's t on the degrees of freedom of the
pooled scatter. Around HSA the derivative jumps where both members do the same: there its
interval is an approximation on the narrow side.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.inhibition.arms import agent_key
from assays.inhibition.combination import bliss, hsa
from assays.inhibition.interval import Arm, quantile
from assays.inhibition.pairing import plate_key
from assays.results.inhibition import Inhibition

UNKNOWN = (math.nan, math.nan)
Gradient = dict[frozenset[str], tuple[float, float]]
"""By files of a set of tubes: derivative of a quantity by their mean, and that mean's variance."""


@dataclass(frozen=True, slots=True)
class Tubes:
    """The tubes of one arm and what they say."""

    files: frozenset[str]
    arm: Arm


@dataclass(frozen=True, slots=True)
class Measured:
    """An inhibition with the arms that it was worked out from."""

    row: Inhibition
    treated: Tubes
    stimulated: Tubes
    unstimulated: Tubes

    @property
    def share(self) -> float:
        """Share of the response that is removed: percent / 100."""
        return self.row.percent / 100.0

    def gradient(self, factor: float) -> Gradient:
        """Derivatives of `factor` times the share by the mean of each set of tubes."""
        window, e = self.row.window, self.share
        slopes = (
            (self.treated, -1.0 / window),
            (self.stimulated, (1.0 - e) / window),
            (self.unstimulated, e / window),
        )
        return {tubes.files: (factor * slope, tubes.arm.variance) for tubes, slope in slopes}


def with_expectations(
    rows: Sequence[Measured], masses: Mapping[str, float]
) -> tuple[Inhibition, ...]:
    """Add to each pair of inhibitors what its members, alone at the same doses, let expect.

    Parameters
    ----------
    rows : sequence of Measured
        Of one readout.
    masses : mapping
        Molar masses by inhibitor, so that doses in two units are known for the same.
    """
    singles: dict[tuple[object, ...], Measured] = {
        (*_block(each.row), agent_key(each.row.inhibitors[0], masses)): each
        for each in rows
        if len(each.row.inhibitors) == 1
    }
    return tuple(_expected(each, singles, masses) for each in rows)


def _block(row: Inhibition) -> tuple[object, ...]:
    """What a pair and its members share: donor, stimulus, plate and time."""
    return (row.donor, row.stimulus, plate_key(row.plate), row.time_min)


def _expected(
    pair: Measured, singles: Mapping[tuple[object, ...], Measured], masses: Mapping[str, float]
) -> Inhibition:
    row = pair.row
    if len(row.inhibitors) != 2:
        return row
    members = [singles.get((*_block(row), agent_key(agent, masses))) for agent in row.inhibitors]
    a, b = (math.nan if member is None else member.share for member in members)
    both, best = float(bliss(a, b)), float(hsa(a, b))
    row = dataclasses.replace(
        row,
        singles=(100.0 * a, 100.0 * b),
        expected_bliss=100.0 * both,
        expected_hsa=100.0 * best,
        excess_bliss=row.percent - 100.0 * both,
        excess_hsa=row.percent - 100.0 * best,
    )
    first, second = members
    if first is None or second is None or not all(math.isfinite(e) for e in (a, b, row.percent)):
        return row
    better = (first, second)[0 if a >= b else 1]
    independent = (pair.gradient(1.0), first.gradient(b - 1.0), second.gradient(a - 1.0))
    highest = (pair.gradient(1.0), better.gradient(-1.0))
    return dataclasses.replace(
        row,
        excess_bliss_interval=_interval(row.excess_bliss, independent, row),
        excess_hsa_interval=_interval(row.excess_hsa, highest, row),
    )


def _interval(excess: float, parts: Sequence[Gradient], row: Inhibition) -> tuple[float, float]:
    """Interval of an excess in percent points; NaN where a variance is unknown."""
    total: Gradient = {}
    for part in parts:
        for files, (slope, variance) in part.items():
            total[files] = (total.get(files, (0.0, variance))[0] + slope, variance)
    variance = math.fsum(slope**2 * variance for slope, variance in total.values())
    half = 100.0 * quantile(row.level, row.df) * math.sqrt(variance)
    return (excess - half, excess + half) if math.isfinite(half) else UNKNOWN
