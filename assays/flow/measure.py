"""From the events of a population to a reading: median, Δarcsinh, fold, percent positive.

The median is of compensated, untransformed intensity. A threshold comes from
the donor's own unstimulated tubes, never from the tube that it judges. A fold over
a median at or below zero and a geometric mean of negative events are refused,
not patched: compensated dim events scatter around zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.flow.shift import Shift, compare
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube

Values = NDArray[np.floating]

QUANTILE = 0.99
"""Of unstimulated events: what lies strictly above it is called positive."""
Z95 = 1.959963984540054


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
    cofactor = cofactor_of(readout)
    known = values[~np.isnan(values)].astype(np.float64)
    count, least = len(values), max(1, protocol.min_events)
    enough = len(known) >= least
    usable = [control for control in controls if len(control.values) >= least]
    median = float(np.median(known)) if enough else math.nan
    error = median_standard_error(known) if enough else math.nan
    geometric, arcsinh = means(known, cofactor) if enough else (math.nan, math.nan)
    delta = threshold = positive = baseline = integrated = math.nan
    shift = Shift()
    if usable:
        pooled = np.concatenate([control.values for control in usable])
        threshold = float(np.quantile(pooled, QUANTILE))
        baseline = float(np.mean([np.median(control.values) for control in usable]))
    if usable and enough:
        levels = [asinh_median(control.values, cofactor) for control in usable]
        delta = asinh_median(known, cofactor) - float(np.mean(levels))
        positive = 100.0 * float(np.count_nonzero(known > threshold)) / len(known)
        integrated = integrated_mfi(known, threshold)
        shift = compare(known, pooled)
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
        cofactor=cofactor,
        delta_asinh=delta,
        percent_positive=positive,
        threshold=threshold,
        control=" + ".join(control.tube.file for control in usable),
        status=status,
        geometric_mean=geometric,
        arcsinh_mean=arcsinh,
        delta_median=median - baseline,
        fold=median / baseline if baseline > 0 else math.nan,
        integrated_mfi=integrated,
        ks_d=shift.ks_d,
        auroc=shift.auroc,
        overton_percent=shift.overton_percent,
        remark=_remark(known, baseline, geometric, integrated) if enough else "",
    )


def cofactor_of(readout: Readout) -> float:
    """The number that was declared for a readout; 150 until one is settled."""
    return readout.cofactor if isinstance(readout.cofactor, float) else 150.0


def means(values: Values, cofactor: float) -> tuple[float, float]:
    """Geometric mean, and the mean on the arcsinh scale carried back.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN.
    cofactor : float

    Returns
    -------
    tuple of float
        In the unit of the values. The geometric mean is NaN where a value is not above
        zero; leaving such values out would raise it. The second is defined for every
        value and near the first for bright ones.
    """
    if not len(values):
        return math.nan, math.nan
    with np.errstate(over="ignore", invalid="ignore"):
        back = cofactor * math.sinh(float(np.mean(np.arcsinh(values / cofactor))))
    if not values.min() > 0:
        return math.nan, back
    return math.exp(float(np.mean(np.log(values)))), back


def integrated_mfi(values: Values, threshold: float) -> float:
    """Percent above a threshold times the median of what lies above it (Darrah 2007).

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN; at least one.
    threshold : float

    Returns
    -------
    float
        Percent times the unit of the values; 0 when nothing lies above, NaN when the
        median of what does is not above zero.
    """
    positive = values[values > threshold]
    if not len(positive):
        return 0.0
    median = float(np.median(positive))
    return 100.0 * len(positive) / len(values) * median if median > 0 else math.nan


def _remark(known: Values, baseline: float, geometric: float, integrated: float) -> str:
    """Which numbers of a reading are undefined, and why."""
    told = []
    if math.isnan(geometric):
        low = int(np.count_nonzero(~(known > 0)))
        told.append(
            f"geometric mean undefined: {low:,} of {len(known):,} events are not above zero; "
            "the arcsinh mean stands in"
        )
    if baseline <= 0:
        told.append(f"no fold: the unstimulated median is {baseline:.3g}, not above zero")
        if math.isnan(integrated):
            told.append("no integrated MFI: the positive events' median is not above zero")
    return "; ".join(told)


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
