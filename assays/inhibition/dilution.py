"""Loewe's expectation for pairs whose members have a fitted dose series in the same donor.

The excess over it has an interval by linearisation: the errors of the fitted parameters of both
curves are carried to the expected share, and that of the pair's own percentage is added. Where the
pair and a curve share control tubes, their common error is counted twice, as if it did not
cancel: the interval is then on the wide side.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.arms import vehicle_key
from assays.inhibition.combination import SingleCurve, loewe
from assays.inhibition.doses import in_unit
from assays.inhibition.interval import quantile
from assays.protocol import Flow
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Agent

Floats = NDArray[np.float64]

UNKNOWN = (math.nan, math.nan)
STEP = 0.01
"""Of the derivatives, in standard errors of each parameter."""


def with_loewe(
    inhibitions: Sequence[Inhibition], curves: Sequence[DoseResponse], *, protocol: Flow
) -> tuple[Inhibition, ...]:
    """Add to each pair of inhibitors the percentage that Loewe additivity lets expect.

    Parameters
    ----------
    inhibitions : sequence of Inhibition
    curves : sequence of DoseResponse
        Only those with an IC50 are used: where half of the effect lies beyond the doses,
        the dose for an effect is a guess of the model.
    protocol : Flow
        Molar masses, where a pair's doses and a curve's are in different units.
    """
    known: dict[tuple[str, str, str, str], DoseResponse] = {}
    for curve in curves:
        if curve.status == "ok":
            name = vehicle_key(curve.inhibitor)
            known.setdefault((curve.donor, curve.readout, curve.stimulus, name), curve)
    masses = protocol.molar_mass_g_per_mol
    return tuple(_expected(row, known, masses) for row in inhibitions)


def _expected(
    row: Inhibition,
    known: Mapping[tuple[str, str, str, str], DoseResponse],
    masses: Mapping[str, float],
) -> Inhibition:
    if len(row.inhibitors) != 2:
        return row
    members = [
        known.get((row.donor, row.readout, row.stimulus, vehicle_key(agent.name)))
        for agent in row.inhibitors
    ]
    first, second = members
    if first is None or second is None:
        return row
    doses = [
        _dose(agent, curve.unit, masses)
        for agent, curve in zip(row.inhibitors, (first, second), strict=True)
    ]
    pairs = list(zip(doses, (first, second), strict=True))
    share = _share([(dose, _numbers(curve)) for dose, curve in pairs])
    excess = row.percent - 100.0 * share
    return dataclasses.replace(
        row,
        expected_loewe=100.0 * share,
        excess_loewe=excess,
        excess_loewe_interval=_interval(row, excess, pairs),
    )


def _numbers(curve: DoseResponse) -> Floats:
    """A, B, C, D and U of a curve."""
    p = curve.params
    return np.array([p["A"], p["B"], p["C"], p["D"], p.get("U", curve.unstimulated)])


def _share(members: Sequence[tuple[float, Floats]]) -> float:
    curves = [(dose, _single(numbers)) for dose, numbers in members]
    return loewe(curves[0][0], curves[1][0], curves[0][1], curves[1][1])


def _interval(
    row: Inhibition, excess: float, pairs: Sequence[tuple[float, DoseResponse]]
) -> tuple[float, float]:
    """At the row's level; NaN where an error is unknown."""
    own = 0.5 * (row.interval[1] - row.interval[0]) / quantile(row.level, row.df)
    variance, df = own**2, float(row.df)
    members = [(dose, _numbers(curve)) for dose, curve in pairs]
    for at, (_, curve) in enumerate(pairs):
        errors = np.zeros((5, 5))
        errors[:4, :4] = np.nan if curve.covariance is None else curve.covariance
        errors[4, 4] = curve.level_variance
        # Where unstimulated tubes hold D, U is D and moves with it.
        tied = curve.level_variance == 0.0 and curve.params.get("U") == curve.params["D"]
        slopes = np.zeros(5)
        for k in range(5):
            step = STEP * math.sqrt(errors[k, k]) if errors[k, k] > 0 else 0.0
            if not step:
                continue
            moved = []
            for side in (step, -step):
                changed = list(members)
                numbers = members[at][1].copy()
                numbers[k] += side
                if tied and k == 3:
                    numbers[4] += side
                changed[at] = (members[at][0], numbers)
                moved.append(100.0 * _share(changed))
            slopes[k] = (moved[0] - moved[1]) / (2.0 * step)
        variance += float(slopes @ errors @ slopes)
        df = min(df, float(curve.df))
    half = quantile(row.level, df) * math.sqrt(variance) if variance >= 0 else math.nan
    return (excess - half, excess + half) if math.isfinite(half) else UNKNOWN


def single_curve(curve: DoseResponse) -> SingleCurve:
    """A fitted dose response as share of the window between its controls."""
    return _single(_numbers(curve))


def _single(numbers: Floats) -> SingleCurve:
    a, b, c, d, u = (float(number) for number in numbers)
    return SingleCurve((a - d) / (a - u) if a != u else math.nan, c, b)


def _dose(agent: Agent, unit: str, masses: Mapping[str, float]) -> float:
    return in_unit(agent, unit, masses)
