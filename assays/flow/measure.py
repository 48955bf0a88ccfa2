"""From the events of a population to a reading: median, Δarcsinh, fold, percent positive.

The median is of compensated, untransformed intensity. What a tube is held against, and the
threshold of percent positive, come from control tubes of the same donor, plate and time, never
from the tube that is judged. A fold over a median at or below zero and a geometric mean of
negative events are refused, not patched: compensated dim events scatter around zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assays.flow.centre import means
from assays.flow.shift import Shift, compare
from assays.flow.signal import Signal, signal_of
from assays.flow.threshold import Threshold, falls, threshold_of
from assays.inhibition.pairing import baselines
from assays.inhibition.vehicles import vehicle_key
from assays.protocol import Flow, Readout
from assays.results.flow import Reading
from assays.samples import Tube

Values = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What one tube holds of a readout."""

    tube: Tube
    values: Values
    """shape (n,), the readout's channel."""
    total: Values | None = None
    """shape (n,), the total protein of the same events, where the readout is normalised."""
    counts: tuple[int, int] = (0, 0)
    """Of a fraction: events in its parts, and in the whole."""


def match_controls(tube: Tube, controls: Sequence[Held]) -> tuple[Held, ...]:
    """Unstimulated tubes of the same donor, plate and time that a tube is held against.

    Those with the tube's own vehicle when there are any; otherwise every one of them: with one
    vehicle in all there is nothing to choose, and two inhibitors at once need both vehicles.
    """
    own, _ = baselines(tube, [control for control in controls if control.tube.donor == tube.donor])
    wanted = vehicle_key(tube.vehicle)
    same = tuple(control for control in own if vehicle_key(control.tube.vehicle) == wanted)
    return same or own


def read_tube(
    tube: Tube,
    readout: Readout,
    values: Values,
    controls: Sequence[Held],
    protocol: Flow,
    *,
    total: Values | None = None,
    staining: Sequence[Held] | None = None,
) -> Reading:
    """One readout in one tube, held against its matched control tubes.

    Parameters
    ----------
    tube : Tube
    readout : Readout
        Names the cofactor of Δarcsinh, and how a signal is normalised.
    values : ndarray, shape (n,)
        The readout channel in the population, compensated, original units.
    controls : sequence of Held
        What the tube is held against: the donor's matched unstimulated tubes, for an expression
        its isotype tubes; the tube itself when it is one of them.
    protocol : Flow
        ``min_events``: fewer give no number.
    total : ndarray, shape (n,), optional
        The total protein of the same events.
    staining : sequence of Held, optional
        FMO or isotype tubes that give the threshold; absent, `controls` give it.

    Returns
    -------
    Reading
        Δarcsinh is the median of ``asinh(x / c)`` less the mean of that over the control tubes:
        the tubes are the replicates. The threshold is that of `assays.flow.threshold`.
    """
    cofactor = cofactor_of(readout)
    least = max(1, protocol.min_events)
    mine = signal_of(readout, values, total)
    enough = len(mine) >= least and not mine.refused
    usable, theirs = _usable(readout, controls, least)
    gates, gated = (usable, theirs) if staining is None else _usable(readout, staining, least)
    baseline = float(np.mean([one.median for one in theirs])) if theirs else math.nan
    cutoff = threshold_of(readout, [] if mine.of_medians else [one.values for one in gated])
    spread = _spread(readout, mine, theirs, cutoff) if enough else Spread(cutoff)
    told = _remark(mine, baseline, spread, readout, bool(gated)) if enough else [mine.remark]
    return Reading(
        file=tube.file,
        donor=tube.donor,
        tube=tube,
        readout=readout.name,
        population=readout.population,
        channel=readout.channel,
        count=mine.count,
        median=mine.median if enough else math.nan,
        median_se=mine.error if enough else math.nan,
        cofactor=cofactor,
        delta_asinh=_delta(mine, theirs, cofactor) if enough else math.nan,
        percent_positive=spread.positive,
        threshold=cutoff.value,
        control=_files(usable),
        status=_status(mine, enough, bool(theirs)),
        geometric_mean=spread.geometric,
        arcsinh_mean=spread.arcsinh,
        delta_median=mine.median - baseline if enough else math.nan,
        fold=mine.median / baseline if baseline > 0 and enough else math.nan,
        integrated_mfi=spread.integrated,
        ks_d=spread.shift.ks_d,
        auroc=spread.shift.auroc,
        overton_percent=spread.shift.overton_percent,
        remark="; ".join(filter(None, told)),
        kind=readout.kind,
        unit="ratio" if readout.total else "a.u.",
        total=readout.total,
        total_median=mine.total_median,
        threshold_from=readout.threshold_from if cutoff.side else "",
        threshold_control=_files(gates),
        positive_side=cutoff.side,
        falls=falls(readout),
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """What the events of one tube say beside their median; NaN where that is not known."""

    cutoff: Threshold = field(default_factory=Threshold)
    geometric: float = math.nan
    arcsinh: float = math.nan
    positive: float = math.nan
    integrated: float = math.nan
    shift: Shift = field(default_factory=Shift)


def _spread(readout: Readout, mine: Signal, theirs: Sequence[Signal], cutoff: Threshold) -> Spread:
    """Means, positive events, and the distance from the pooled events of the controls.

    A ratio of two medians has no distribution, and none of these.
    """
    if mine.of_medians:
        return Spread()
    geometric, arcsinh = means(mine.values, cofactor_of(readout))
    shift = Shift()
    if theirs:
        pooled = np.concatenate([one.values for one in theirs])
        shift = compare(mine.values, pooled, falls=falls(readout))
    positive, integrated = cutoff.percent(mine.values), cutoff.integrated(mine.values)
    return Spread(cutoff, geometric, arcsinh, positive, integrated, shift)


def _delta(mine: Signal, theirs: Sequence[Signal], cofactor: float) -> float:
    """Δarcsinh against the mean over control tubes; NaN without one."""
    if not theirs:
        return math.nan
    return mine.level(cofactor) - float(np.mean([one.level(cofactor) for one in theirs]))


def _files(controls: Sequence[Held]) -> str:
    return " + ".join(control.tube.file for control in controls)


def cofactor_of(readout: Readout) -> float:
    """The cofactor that was declared or settled for a readout; see `assays.flow.cofactor`."""
    if not isinstance(readout.cofactor, float | int):
        raise TypeError(f"the cofactor of {readout.name} is not settled yet")
    return float(readout.cofactor)


def _usable(
    readout: Readout, controls: Sequence[Held], least: int
) -> tuple[list[Held], list[Signal]]:
    """Controls that have enough events for a number, and what they hold."""
    pairs = [(one, signal_of(readout, one.values, one.total)) for one in controls]
    kept = [(one, own) for one, own in pairs if len(own) >= least and not own.refused]
    return [one for one, _ in kept], [own for _, own in kept]


def _status(mine: Signal, enough: bool, controlled: bool) -> str:
    if mine.count == 0:
        return "no events"
    if mine.refused:
        return mine.refused
    if not enough:
        return "few events"
    return "ok" if controlled else "no control"


def _remark(
    mine: Signal, baseline: float, spread: Spread, readout: Readout, gated: bool
) -> list[str]:
    """Which numbers of a reading are undefined, and why."""
    told = [mine.remark]
    if mine.of_medians:
        told.append(
            "a ratio of two medians has no distribution: no percent positive, no geometric mean"
        )
    elif math.isnan(spread.geometric):
        low = int(np.count_nonzero(~(mine.values > 0)))
        told.append(
            f"geometric mean undefined: {low:,} of {len(mine):,} events are not above zero; "
            "the arcsinh mean stands in"
        )
    if baseline <= 0:
        against = "isotype" if readout.kind == "expression" else "unstimulated"
        told.append(f"no fold: the {against} median is {baseline:.3g}, not above zero")
    if spread.cutoff.below and math.isfinite(spread.positive):
        told.append("no integrated MFI: positive events lie below the threshold")
    elif math.isfinite(spread.positive) and math.isnan(spread.integrated):
        told.append("no integrated MFI: the positive events' median is not above zero")
    if not gated and readout.threshold_from != "unstimulated":
        told.append(f"no percent positive: no {readout.threshold_from} tube of this donor")
    return told
