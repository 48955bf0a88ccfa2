"""The course of a response over time: its peak, when it was reached, and the area under it.

The plan. Each time point is the mean of its tubes less that of the unstimulated tubes it is held
against: those of the same time where there are any, else those of the start. Where the start has
no tube of its own, the response begins at the baseline, that is at zero. Peak and area are sums of
tube means with fixed weights (trapezoids for the area), and a baseline shared by several times
enters once with its whole weight; so their variances follow from those of the means. The area has
the unit of the response times minutes.

What is not known: between two time points the course may run higher than a straight line, so the
peak is that of the measured times, and its time is told with the span of times whose response
cannot be told from it. The largest of several noisy means is too large on average; the response
counts as activated only where the peak's interval, widened for the number of times (Bonferroni),
lies on the side of activation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.arms import agent_key, agents_key, vehicle_key
from assays.inhibition.interval import Arm, quantile
from assays.inhibition.pairing import baselines, plate_key
from assays.inhibition.spread import Spread, arm, spread_of
from assays.inhibition.stray_times import off_course
from assays.inhibition.window import NOT_TESTABLE, OK, is_active, readings_of
from assays.protocol import Flow, Readout
from assays.results.activation import Kinetics
from assays.results.flow import Reading
from assays.samples import Tube, TubeRole

Floats = NDArray[np.float64]

FEWEST_TIMES = 2
"""Times after the start: fewer are no course."""
NO_ACTIVATION = "no activation"
Files = frozenset[str]


@dataclass(frozen=True, slots=True)
class Point:
    """One time: the tubes' mean and that of the baseline it is held against."""

    time_min: float
    response: Arm
    baseline: Arm
    response_files: Files
    baseline_files: Files


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of means with its variance."""

    value: float
    variance: float

    def interval(self, level: float, df: float) -> tuple[float, float]:
        """At `level`; NaN where the variance is unknown."""
        half = quantile(level, df) * math.sqrt(self.variance)
        return (self.value - half, self.value + half)


def trapezoid_weights(times: Sequence[float]) -> Floats:
    """Weight of each point in the area by trapezoids, in the unit of the times.

    Examples
    --------
    >>> trapezoid_weights([0.0, 15.0, 60.0])
    array([ 7.5, 30. , 22.5])
    """
    steps = np.diff(np.asarray(times, dtype=np.float64))
    weights = np.zeros(len(times))
    weights[:-1] += steps / 2
    weights[1:] += steps / 2
    return weights


def weighted(points: Sequence[Point], weights: Sequence[float] | Floats) -> Sum:
    """Sum of weight times (response - baseline), each set of tubes entering once."""
    total: dict[Files, tuple[float, Arm]] = {}
    for point, weight in zip(points, weights, strict=True):
        for files, one, sign in (
            (point.response_files, point.response, 1.0),
            (point.baseline_files, point.baseline, -1.0),
        ):
            known = total.get(files, (0.0, one))[0]
            total[files] = (known + sign * float(weight), one)
    value = math.fsum(weight * one.mean for weight, one in total.values() if weight)
    variance = math.fsum(weight**2 * one.variance for weight, one in total.values() if weight)
    return Sum(value, variance)


def kinetics(readings: Sequence[Reading], *, protocol: Flow) -> tuple[Kinetics, ...]:
    """Course of every stimulated condition that a donor has at two or more times.

    Parameters
    ----------
    readings : sequence of Reading
        Of every tube and readout; times stand in the sample sheet.
    protocol : Flow
        Readouts, level; the scatter between tubes is pooled as for inhibition.

    Returns
    -------
    tuple of Kinetics
        In the order of the readouts, then of the sample sheet. Responses are linear whatever the
        scale of inhibition, so that an area keeps its unit.
    """
    found = []
    for readout in protocol.readouts:
        own = readings_of(readings, readout)
        spread = spread_of(own, protocol)
        for group in _conditions(own, protocol.molar_mass_g_per_mol).values():
            points = _points(group, own, spread)
            if len([point for point in points if point.time_min > 0]) >= FEWEST_TIMES:
                found.append(_course(group[0], points, spread, readout, protocol))
    return tuple(found)


def _conditions(
    readings: Sequence[Reading], masses: Mapping[str, float]
) -> dict[object, list[Reading]]:
    """Stimulated and treated tubes with a time and a number, by what they hold."""
    groups: dict[object, list[Reading]] = {}
    strays = off_course([reading.tube for reading in readings], masses)
    for reading in readings:
        tube = reading.tube
        if tube.role not in (TubeRole.STIMULATED, TubeRole.TREATED) or tube.time_min is None:
            continue
        if not math.isfinite(reading.median) or tube.file in strays:
            continue
        key = (
            reading.donor,
            agent_key(tube.stimulus, masses),
            agents_key(tube.inhibitors, masses),
            vehicle_key(tube.vehicle),
            plate_key(tube.plate),
        )
        groups.setdefault(key, []).append(reading)
    return groups


def _points(group: Sequence[Reading], readings: Sequence[Reading], spread: Spread) -> list[Point]:
    """One point per time, with the start at the baseline where nothing was measured there."""
    calm = [
        r
        for r in readings
        if r.donor == group[0].donor
        and r.tube.role == TubeRole.UNSTIMULATED
        and math.isfinite(r.median)
    ]
    found = []
    for time in sorted({r.tube.time_min for r in group if r.tube.time_min is not None}):
        mine = [r for r in group if r.tube.time_min == time]
        against = _of_vehicle(mine[0].tube, baselines(mine[0].tube, calm)[0])
        if not against:
            return []
        files = (frozenset(r.file for r in mine), frozenset(r.file for r in against))
        means = (arm(mine, spread, "linear"), arm(against, spread, "linear"))
        found.append(Point(time, *means, *files))
    if found and found[0].time_min > 0:
        first = found[0]
        start = Point(
            0.0, first.baseline, first.baseline, first.baseline_files, first.baseline_files
        )
        found.insert(0, start)
    return found


def _of_vehicle(tube: Tube, candidates: Sequence[Reading]) -> list[Reading]:
    same = [r for r in candidates if vehicle_key(r.tube.vehicle) == vehicle_key(tube.vehicle)]
    return same or list(candidates)


def _course(
    first: Reading, points: Sequence[Point], spread: Spread, readout: Readout, protocol: Flow
) -> Kinetics:
    level, df = protocol.inhibition.level, spread.df
    sign = 1.0 if readout.activation == "up" else -1.0
    one = np.eye(len(points))
    gains = [weighted(points, row) for row in one]
    best = max(range(len(points)), key=lambda k: sign * gains[k].value)
    area = weighted(points, trapezoid_weights([point.time_min for point in points]))
    alike = [
        point.time_min
        for k, point in enumerate(points)
        if k == best or _cannot_be_told(weighted(points, one[best] - one[k]), level, df)
    ]
    measured = sum(point.time_min > 0 for point in points)
    strict = gains[best].interval(1.0 - (1.0 - level) / measured, df)
    status = OK if is_active(strict, readout.activation) else NO_ACTIVATION
    tube = first.tube
    parts = [str(agent) for agent in (tube.stimulus, *tube.inhibitors) if agent]
    return Kinetics(
        donor=first.donor,
        readout=readout.name,
        condition=" + ".join(parts),
        vehicle=tube.vehicle,
        plate=tube.plate,
        unit=first.unit,
        times_min=np.array([point.time_min for point in points]),
        responses=np.array([point.response.mean for point in points]),
        baselines=np.array([point.baseline.mean for point in points]),
        tubes=tuple(point.response.n for point in points),
        errors=np.array([math.sqrt(gain.variance) for gain in gains]),
        peak=gains[best].value,
        peak_interval=gains[best].interval(level, df),
        peak_time_min=points[best].time_min,
        peak_times_min=(min(alike), max(alike)),
        area=area.value,
        area_interval=area.interval(level, df),
        status=status if spread.known else NOT_TESTABLE,
        level=level,
        interval_kind=spread.source,
    )


def _cannot_be_told(difference: Sum, level: float, df: float) -> bool:
    """Whether the interval of a difference holds zero, or is not known."""
    low, high = difference.interval(level, df)
    return not (low > 0 or high < 0)
