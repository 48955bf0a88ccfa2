"""Loewe's expectation for pairs whose members have a fitted dose series in the same donor."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from assays.inhibition.arms import vehicle_key
from assays.inhibition.combination import SingleCurve, loewe
from assays.inhibition.doses import dose_nmol_l
from assays.protocol import Flow
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Agent


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
    share = loewe(doses[0], doses[1], single_curve(first), single_curve(second))
    return dataclasses.replace(row, expected_loewe=100.0 * share)


def single_curve(curve: DoseResponse) -> SingleCurve:
    """A fitted dose response as share of the window between its controls."""
    p = curve.params
    window = p["A"] - p["U"] if "U" in p else p["A"] - curve.unstimulated
    most = (p["A"] - p["D"]) / window if window else math.nan
    return SingleCurve(most, p["C"], p["B"])


def _dose(agent: Agent, unit: str, masses: Mapping[str, float]) -> float:
    return agent.dose if agent.unit.strip() == unit else dose_nmol_l(agent, masses)
