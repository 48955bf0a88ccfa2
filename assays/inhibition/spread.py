"""How far replicate tubes lie apart, pooled over the run.

The plan. One or two tubes per condition say next to nothing about their own scatter: with
n = 2 Student's t is 12.7. But tubes of one run were stained, fixed and read together, so their
scatter is shared: it is pooled over every condition that has replicates, for each readout,
with the degrees of freedom that this gives. Medians scatter in proportion to their size and,
near zero, by a constant, so the pooling happens on an arcsinh scale on which the scatter is even
(`offset`); for linear responses it is carried back to each condition's level by the slope of
that scale, sqrt(median² + offset²).

A laboratory that knows how far its tubes lie apart may declare it (`tube_cv_percent`). The
declared scatter is then used as known, and the run's own replicates are held against it.

An arm is never called more precise than its events allow: where the standard error of few
events is larger than the pooled scatter, it wins. With neither replicates nor a declared CV
only the events speak: events are not replicates, so the interval is labelled technical and the
window cannot be tested.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assays.inhibition.arms import replicates
from assays.inhibition.interval import Arm
from assays.inhibition.offset import chosen_offset
from assays.inhibition.window import readings_of
from assays.protocol import Flow
from assays.results.flow import Reading
from assays.results.inhibition import TubeScatter

REPLICATES = "replicate tubes (Fieller)"
DECLARED = "declared tube CV (Fieller)"
TECHNICAL = "events only (technical)"
RESIDUALS = "residuals of this series"
"""Tubes of a dose series scatter around its curve: that scatter holds what lies between tubes."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Scatter of replicate tubes of one readout in one run."""

    sd: float
    """On the arcsinh scale of the offset: about the relative SD of a bright median. NaN when
    unknown."""
    df: float
    """Infinite where the scatter is declared, and where only the events' own errors are used."""
    groups: int
    """Conditions that had replicates."""
    source: str = TECHNICAL
    """What an interval from it is called."""
    offset: float = math.nan
    """In the unit of the medians: tubes scatter in proportion to sqrt(median² + offset²). NaN where
    no replicates tell it: then it is the cofactor of the readout."""

    def of_tube(self, reading: Reading) -> float:
        """SD of the median of one tube, in its unit."""
        offset = reading.cofactor if math.isnan(self.offset) else self.offset
        return self.sd * math.hypot(reading.median, offset)

    @property
    def known(self) -> bool:
        """Whether it speaks of tubes: without that no window can be tested."""
        return math.isfinite(self.sd)


def spread_of(readings: Sequence[Reading], protocol: Flow) -> Spread:
    """Scatter between tubes of one readout: as declared, else as its replicates show.

    Parameters
    ----------
    readings : sequence of Reading
        Of one readout.
    protocol : Flow
        `inhibition.tube_cv_percent`, molar masses.
    """
    pooled = pool_spread(readings, protocol.molar_mass_g_per_mol)
    declared = protocol.inhibition.tube_cv_percent
    if declared is None:
        return pooled
    return Spread(declared / 100.0, math.inf, pooled.groups, DECLARED)


def pool_spread(readings: Sequence[Reading], molar_mass: Mapping[str, float]) -> Spread:
    """Pool the scatter within conditions over the readings of one readout."""
    groups = replicate_tubes(readings, molar_mass)
    df = sum(len(group) - 1 for group in groups)
    if not df:
        return Spread(math.nan, math.inf, 0)
    offset = offset_of(groups)
    total = math.fsum(squares(group, offset) for group in groups)
    return Spread(math.sqrt(total / df), float(df), len(groups), REPLICATES, offset)


def replicate_tubes(
    readings: Sequence[Reading], molar_mass: Mapping[str, float]
) -> list[list[Reading]]:
    """Tubes with a median of each condition of one readout that has two or more of them."""
    found = []
    for group in replicates(readings, molar_mass).values():
        rows = [reading for reading in group if math.isfinite(reading.median)]
        if len(rows) > 1:
            found.append(rows)
    return found


def offset_of(groups: Sequence[Sequence[Reading]]) -> float:
    """The offset that the replicates choose, see `offset`."""
    medians = [[reading.median for reading in group] for group in groups]
    return chosen_offset(medians, groups[0][0].cofactor)


def squares(group: Sequence[Reading], offset: float) -> float:
    """Sum of squares of replicate medians about their mean, on the arcsinh scale of the offset."""
    values = [math.asinh(reading.median / offset) for reading in group]
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def scatters(readings: Sequence[Reading], protocol: Flow) -> tuple[TubeScatter, ...]:
    """The scatter between tubes of each readout that has any number, for the record."""
    found = []
    for readout in protocol.readouts:
        own = [r for r in readings_of(readings, readout) if math.isfinite(r.median)]
        if own:
            spread = spread_of(own, protocol)
            found.append(
                TubeScatter(
                    readout.name, spread.sd, spread.df, spread.groups, spread.source,
                    own[0].cofactor if math.isnan(spread.offset) else spread.offset,
                )
            )  # fmt: skip
    return tuple(found)


def response(reading: Reading, scale: str) -> float:
    """What inhibition is worked out on: the median, or asinh(median / cofactor)."""
    return math.asinh(reading.median / reading.cofactor) if scale == "arcsinh" else reading.median


def arm(readings: Sequence[Reading], spread: Spread, scale: str) -> Arm:
    """Mean response of replicate tubes with its variance; tubes without a number are left out."""
    used = [reading for reading in readings if math.isfinite(reading.median)]
    n = len(used)
    if not n:
        return Arm(math.nan, math.nan, 0)
    mean = math.fsum(response(reading, scale) for reading in used) / n
    technical = math.fsum(_technical(reading, scale) ** 2 for reading in used) / n**2
    if not spread.known:
        return Arm(mean, technical, n)
    scatter = math.fsum(spread.of_tube(reading) / _unit(reading, scale) for reading in used)
    between = (scatter / n) ** 2 / n
    return Arm(mean, between if math.isnan(technical) else max(between, technical), n)


def _technical(reading: Reading, scale: str) -> float:
    """Standard error of one tube's response from its events."""
    return reading.median_se / _unit(reading, scale)


def _unit(reading: Reading, scale: str) -> float:
    """Change of the median per change of the response."""
    return math.hypot(reading.median, reading.cofactor) if scale == "arcsinh" else 1.0
