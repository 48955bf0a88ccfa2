"""Loewe's expectation for pairs whose members have a fitted dose series in the same donor.

The excess over it is differentiated by every tube: through the pair's own percentage, and through
A, B, C, D and U of both curves (`dose.tubes`). A control tube that the pair and a curve share, or
both curves, enters once, with the sum of what it does to each.

A curve is a share of the window between the controls of its own vehicle: a series that begins
elsewhere than at no effect is no dilution of anything. A series that carries the vehicles of both
inhibitors, as the pair does, is taken before one that carries its own.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assays.inhibition.arms import agent_key
from assays.inhibition.doses import in_unit
from assays.inhibition.pairing import plate_key
from assays.inhibition.pairs.combination import SingleCurve, loewe
from assays.inhibition.pairs.members import carried
from assays.inhibition.pairs.tube_errors import Pull, interval, joined
from assays.protocol import Flow
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Agent

Floats = NDArray[np.float64]
Member = tuple[float, DoseResponse]
"""Dose in the pair, in the unit of the curve."""

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
    known: dict[tuple[object, ...], list[DoseResponse]] = {}
    masses = protocol.molar_mass_g_per_mol
    for curve in curves:
        if curve.status == "ok":
            known.setdefault((*_block(curve, masses), _name(curve.inhibitor)), []).append(curve)
    return tuple(_expected(row, known, masses) for row in inhibitions)


def _block(row: Inhibition | DoseResponse, masses: Mapping[str, float]) -> tuple[object, ...]:
    """What a pair and the curves of its members share."""
    stimulus = agent_key(row.driver, masses)
    return (row.donor, row.readout, stimulus, plate_key(row.plate), row.time_min)


def _name(inhibitor: str) -> str:
    return inhibitor.strip().casefold()


def _expected(
    row: Inhibition,
    known: Mapping[tuple[object, ...], Sequence[DoseResponse]],
    masses: Mapping[str, float],
) -> Inhibition:
    if len(row.inhibitors) != 2:
        return row
    members = []
    block = _block(row, masses)
    for agent in row.inhibitors:
        own = known.get((*block, _name(agent.name)), ())
        if not own:
            return row
        curve = min(own, key=lambda one: (carried(one.vehicle, row.vehicle), one.vehicle))
        members.append((_dose(agent, curve.unit, masses), curve))
    share = _share([(dose, _numbers(curve)) for dose, curve in members])
    excess = row.percent - 100.0 * share
    return dataclasses.replace(
        row,
        expected_loewe=100.0 * share,
        excess_loewe=excess,
        excess_loewe_interval=_interval(row, excess, members),
        loewe_vehicles=tuple(curve.control_vehicle for _, curve in members),
    )


def _numbers(curve: DoseResponse) -> Floats:
    """A, B, C, D and U of a curve."""
    p = curve.params
    return np.array([p["A"], p["B"], p["C"], p["D"], p.get("U", curve.unstimulated)])


def _share(members: Sequence[tuple[float, Floats]]) -> float:
    curves = [(dose, _single(numbers)) for dose, numbers in members]
    return loewe(curves[0][0], curves[1][0], curves[0][1], curves[1][1])


def _interval(row: Inhibition, excess: float, members: Sequence[Member]) -> tuple[float, float]:
    """At the row's level; NaN where an error is unknown."""
    if not math.isfinite(excess):
        return UNKNOWN
    parts = [_pulls_of_pair(row)]
    for at, (_, curve) in enumerate(members):
        slopes = -100.0 * curve.influence @ _by_parameter(members, at)
        if not (slopes.size and np.isfinite(slopes).all()):
            return UNKNOWN
        parts.append(
            {
                file: Pull(float(slope), float(variance), float(curve.df), f"curve {at}")
                for file, slope, variance in zip(
                    curve.files, slopes, curve.tube_variance, strict=True
                )
            }
        )
    return interval(excess, parts, row.level)


def _pulls_of_pair(row: Inhibition) -> dict[str, Pull]:
    """What each tube does to the pair's own percentage."""
    share = row.percent / 100.0
    arms = zip(
        (row.treated_files, row.stimulated_files, row.unstimulated_files),
        (-1.0, 1.0 - share, share),
        row.standard_errors,
        strict=True,
    )
    # A tube without a number counts among its replicates here: their mean is as sure either way.
    return joined(
        {
            file: Pull(100.0 * slope / row.window / len(files), len(files) * error * error, row.df)
            for file in files
        }
        for files, slope, error in arms
    )


def _by_parameter(members: Sequence[Member], at: int) -> Floats:
    """Derivatives of the expected share by A, B, C, D and U of one curve."""
    curve = members[at][1]
    errors = np.sqrt((curve.influence**2 * curve.tube_variance[:, None]).sum(axis=0))
    numbers = [(dose, _numbers(each)) for dose, each in members]
    slopes = np.zeros(5)
    for k in range(5):
        step = STEP * float(errors[k])
        if not step > 0:
            continue
        moved = []
        for side in (step, -step):
            changed = [(dose, own.copy()) for dose, own in numbers]
            changed[at][1][k] += side
            moved.append(_share(changed))
        slopes[k] = (moved[0] - moved[1]) / (2.0 * step)
    return slopes


def single_curve(curve: DoseResponse) -> SingleCurve:
    """A fitted dose response as share of the window between its controls."""
    return _single(_numbers(curve))


def _single(numbers: Floats) -> SingleCurve:
    a, b, c, d, u = (float(number) for number in numbers)
    return SingleCurve((a - d) / (a - u) if a != u else math.nan, c, b)


def _dose(agent: Agent, unit: str, masses: Mapping[str, float]) -> float:
    return in_unit(agent, unit, masses)
