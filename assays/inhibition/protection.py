"""What a stimulus saves: specific protection from death, 100 (D0 - D) / D0, and how sure it is.

D0 is the percentage of dead cells without the stimulus, D with it. The interval is Fieller's for
the ratio r = D / D0 of two independent means (Fieller 1954, J. R. Stat. Soc. B 16:175):

    (D - r D0)² <= t² (v_D + r² v_D0)

It is finite where D0 itself can be told from zero. The loss of protection under blockade is the
inhibition of the same readout, by the same rules, with the readout declared to fall on activation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assays.inhibition.arms import find_controls, replicates
from assays.inhibition.interval import Arm, computable_arms, quantile, ratio_limits
from assays.inhibition.percent import percent_inhibition
from assays.inhibition.spread import arm, spread_of
from assays.inhibition.window import CONTROL_MISSING, FEW_EVENTS, NOT_TESTABLE, OK, readings_of
from assays.protocol import Flow
from assays.results.activation import Protection
from assays.results.flow import Reading
from assays.samples import TubeRole

NO_DEATH = "no death: protection undefined"


def percent_protection(dead_with: float, dead_without: float) -> float:
    """Share of the spontaneous death that is prevented, percent; NaN without any death.

    Examples
    --------
    >>> percent_protection(20.0, 50.0)
    60.0
    """
    return float(percent_inhibition(dead_with, dead_without, 0.0)) if dead_without > 0 else math.nan


def protection_interval(
    dead_with: Arm, dead_without: Arm, *, level: float = 0.95, df: float = math.inf
) -> tuple[float, float]:
    """Fieller interval of 100 (1 - D / D0), percent.

    Parameters
    ----------
    dead_with, dead_without : Arm
        Means of independent tubes with the variances of those means.
    level : float
        Two-sided coverage.
    df : float
        Degrees of freedom of the variances; infinite when they are known.

    Returns
    -------
    tuple of float
        Lower and upper, not clipped; NaN when D0 cannot be told from zero or a variance is
        unknown.
    """
    if not computable_arms(dead_with, dead_without):
        return (math.nan, math.nan)
    low, high = ratio_limits(
        dead_with.mean,
        dead_without.mean,
        (dead_with.variance, dead_without.variance),
        0.0,
        quantile(level, df),
    )
    return (100.0 * (1.0 - high), 100.0 * (1.0 - low))


def protections(readings: Sequence[Reading], *, protocol: Flow) -> tuple[Protection, ...]:
    """Protection by every stimulus in every donor, for readouts that ask for it.

    Parameters
    ----------
    readings : sequence of Reading
    protocol : Flow
        Readouts with ``protection = true``, level, a declared tube CV.
    """
    found = []
    masses = protocol.molar_mass_g_per_mol
    for readout in protocol.readouts:
        if not readout.protection:
            continue
        own = readings_of(readings, readout)
        spread = spread_of(own, protocol)
        for group in replicates(own, masses).values():
            tube = group[0].tube
            if tube.role != TubeRole.STIMULATED:
                continue
            controls = find_controls(group[0], own, masses)
            # Percentages of death are compared as they are, whatever the scale of inhibition.
            saved, lost = (arm(t, spread, "linear") for t in (group, controls.unstimulated))
            level = protocol.inhibition.level
            interval = protection_interval(saved, lost, level=level, df=spread.df)
            known = math.isfinite(interval[0])
            status = OK if known else NO_DEATH
            if not controls.unstimulated:
                status = CONTROL_MISSING
            elif not (saved.n and lost.n):
                status = FEW_EVENTS
            elif known and not spread.known:
                status = NOT_TESTABLE
            percent = percent_protection(saved.mean, lost.mean) if known else math.nan
            notes = (controls.note, controls.pairing_note)
            found.append(
                Protection(
                    donor=group[0].donor,
                    readout=readout.name,
                    stimulus=str(tube.stimulus),
                    vehicle=tube.vehicle,
                    percent=percent,
                    interval=interval,
                    dead_without=lost.mean,
                    dead_with=saved.mean,
                    n_without=lost.n,
                    n_with=saved.n,
                    status=status,
                    plate=tube.plate,
                    time_min=tube.time_min,
                    level=level,
                    interval_kind=spread.source,
                    note="; ".join(note for note in notes if note),
                )
            )
    return tuple(found)
