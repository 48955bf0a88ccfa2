"""How far replicate tubes lie apart, pooled over the run.

The plan. One or two tubes per condition say next to nothing about their own scatter: with
n = 2 Student's t is 12.7. But tubes of one run were stained, fixed and read together, so their
scatter is shared: it is pooled over every condition that has replicates, for each readout,
with the degrees of freedom that this gives. Medians scatter in proportion to their size and,
near zero, by a constant, so the pooling happens on the arcsinh scale with the readout's
cofactor, where the scatter is even; for linear responses it is carried back to each
condition's level by the slope of that scale, sqrt(median² + cofactor²).

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
    """On the arcsinh scale: about the relative SD of a bright median. NaN when unknown."""
    df: float
    """Infinite where the scatter is declared, and where only the events' own errors are used."""
    groups: int
    """Conditions that had replicates."""
    source: str = TECHNICAL
    """What an interval from it is called."""

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
    groups = scatter_by_condition(readings, molar_mass)
    df = sum(len(group) - 1 for group, _ in groups)
    if not df:
        return Spread(math.nan, math.inf, 0)
    total = math.fsum(squares for _, squares in groups)
    return Spread(math.sqrt(total / df), float(df), len(groups), REPLICATES)


def scatter_by_condition(
    readings: Sequence[Reading], molar_mass: Mapping[str, float]
) -> list[tuple[list[Reading], float]]:
    """Conditions of one readout with replicate medians, and their sums of squares about the mean.

    On the arcsinh scale with the readout's cofactor, where the scatter is even.
    """
    found = []
    for group in replicates(readings, molar_mass).values():
        rows = [reading for reading in group if math.isfinite(reading.median)]
        if len(rows) > 1:
            values = [math.asinh(reading.median / reading.cofactor) for reading in rows]
            mean = math.fsum(values) / len(values)
            found.append((rows, math.fsum((value - mean) ** 2 for value in values)))
    return found


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
                    own[0].cofactor,
                )
            )  # fmt: skip
    return tuple(found)


def response(reading: Reading, scale: str) -> float:
    """What inhibition is worked out on: the median, or asinh(median / cofactor)."""
    return math.asinh(reading.median / reading.cofactor) if scale == "arcsinh" else reading.median


def slope(median: float, cofactor: float, scale: str) -> float:
    """Change of the response per change of asinh(median / cofactor)."""
    return 1.0 if scale == "arcsinh" else math.hypot(median, cofactor)


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
    per_asinh = [slope(reading.median, reading.cofactor, scale) for reading in used]
    between = (spread.sd * math.fsum(per_asinh) / n) ** 2 / n
    return Arm(mean, between if math.isnan(technical) else max(between, technical), n)


def _technical(reading: Reading, scale: str) -> float:
    """Standard error of one tube's response from its events."""
    error = reading.median_se
    return error / math.hypot(reading.median, reading.cofactor) if scale == "arcsinh" else error
