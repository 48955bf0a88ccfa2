"""From the events of a population to a reading: median, Δarcsinh, percent positive.

The median is of compensated, untransformed intensity. A threshold comes from
the donor's own unstimulated tubes, never from the tube that it judges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole

Values = NDArray[np.floating]

QUANTILE = 0.99
"""Of unstimulated events: what lies strictly above it is called positive."""
Z95 = 1.959963984540054

SAMPLE_ROLES = (
    TubeRole.UNSTIMULATED,
    TubeRole.STIMULATED,
    TubeRole.TREATED,
    TubeRole.INHIBITOR_ALONE,
)
"""Tubes that are read; unstained, single-stained, FMO and isotype tubes are controls."""


@dataclass(frozen=True, slots=True, eq=False)
class ControlTube:
    """One readout in one unstimulated tube."""

    tube: Tube
    values: Values
    """shape (n,), without NaN."""


def match_controls(tube: Tube, controls: Sequence[ControlTube]) -> tuple[ControlTube, ...]:
    """Unstimulated tubes of the same donor that a tube is held against.

    Those with the tube's own vehicle when there are any; otherwise every unstimulated
    tube of the donor: with one vehicle in all there is nothing to choose, and two
    inhibitors at once need both vehicles.
    """
    own = tuple(control for control in controls if control.tube.donor == tube.donor)
    same = tuple(control for control in own if control.tube.vehicle == tube.vehicle)
    return same or own


def read_tube(
    tube: Tube,
    readout: Readout,
    values: Values,
    controls: Sequence[ControlTube],
    protocol: Flow,
) -> Reading:
    """One readout in one tube, held against its matched unstimulated tubes.

    Parameters
    ----------
    tube : Tube
    readout : Readout
        Names the cofactor of Δarcsinh.
    values : ndarray, shape (n,)
        The readout channel in the population, compensated, original units.
    controls : sequence of ControlTube
        The donor's matched unstimulated tubes; the tube itself when it is one of them.
    protocol : Flow
        ``min_events``: fewer give no number.

    Returns
    -------
    Reading
        Δarcsinh is the median of ``asinh(x / c)`` less the mean of that over the control
        tubes: the tubes are the replicates. The threshold is the 99th percentile (linear
        interpolation) of their pooled events.
    """
    known = values[~np.isnan(values)].astype(np.float64)
    count, least = len(values), max(1, protocol.min_events)
    enough = len(known) >= least
    usable = [control for control in controls if len(control.values) >= least]
    median = float(np.median(known)) if enough else math.nan
    error = median_standard_error(known) if enough else math.nan
    delta = threshold = positive = math.nan
    if usable:
        pooled = np.concatenate([control.values for control in usable])
        threshold = float(np.quantile(pooled, QUANTILE))
    if usable and enough:
        baseline = [asinh_median(control.values, readout.cofactor) for control in usable]
        delta = asinh_median(known, readout.cofactor) - float(np.mean(baseline))
        positive = 100.0 * float(np.count_nonzero(known > threshold)) / len(known)
    if count == 0:
        status = "no events"
    elif not enough:
        status = "few events"
    else:
        status = "ok" if usable else "no control"
    return Reading(
        file=tube.file,
        donor=tube.donor,
        tube=tube,
        readout=readout.name,
        population=readout.population,
        channel=readout.channel,
        count=count,
        median=median,
        median_se=error,
        cofactor=readout.cofactor,
        delta_asinh=delta,
        percent_positive=positive,
        threshold=threshold,
        control=" + ".join(control.tube.file for control in usable),
        status=status,
    )


def asinh_median(values: Values, cofactor: float) -> float:
    """Median of ``asinh(x / cofactor)``; NaN without events.

    For an odd number of events this is asinh of the median; for an even number the
    two middle events are averaged after the transformation, not before it.
    """
    n = len(values)
    if n == 0:
        return math.nan
    middle = sorted({(n - 1) // 2, n // 2})
    return float(np.mean(np.arcsinh(np.partition(values, middle)[middle] / cofactor)))


def median_standard_error(values: Values) -> float:
    """Standard error of a median from the spread of the values around it.

    Half the distance between the two order statistics that bound the median's 95 %
    interval, divided by 1.96 (McKean & Schrader 1984, Commun. Stat. Simul. Comput.
    13:751). It speaks of the events of one tube only, not of another tube.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN.

    Returns
    -------
    float
        In the unit of the values; NaN for fewer than 8 values.
    """
    n = len(values)
    rank = round((n + 1) / 2 - Z95 * math.sqrt(n / 4))
    if n < 8 or rank < 1:
        return math.nan
    ordered = np.partition(values, (rank - 1, n - rank))
    return float((float(ordered[n - rank]) - float(ordered[rank - 1])) / (2 * Z95))
