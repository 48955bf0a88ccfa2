"""Donors whose tubes carry two vehicles: each treated tube against its own vehicle's controls."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.inhibition.donors.mixed_model import FEW, OK
from assays.inhibition.donors.remarks import mixed_model_findings
from assays.inhibition.over_tubes import donor_comparisons
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DonorComparison
from assays.samples import Agent, Tube, TubeRole

IL6, DRUG, C = Agent("IL-6", 10.0, "ng/mL"), Agent("ruxolitinib", 100.0, "nM"), 150.0
FLOW = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=C),),
)
VEHICLES = {"DMSO": 1.0, "DMSO + IgG1": 1.3}
"""And how much brighter tubes with it are."""


def readings(
    without_control: tuple[str, ...] = (), tubes: int = 2, scatter: float = 0.06
) -> list[Reading]:
    """Seven donors with both vehicles; the second's controls are lost in some."""
    rng = np.random.default_rng(np.frombuffer(b"two vehicles", dtype=np.uint8))
    found = []
    for at in range(7):
        donor, left, bright = f"D{at}", float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.5, 2.0))
        for vehicle, factor in VEHICLES.items():
            for role, level in (
                (TubeRole.UNSTIMULATED, 200.0),
                (TubeRole.STIMULATED, 1500.0),
                (TubeRole.TREATED, 1500.0 * left),
            ):
                if vehicle != "DMSO" and role != TubeRole.TREATED and donor in without_control:
                    continue
                for n in range(tubes):
                    median = (
                        level * bright * factor * float(np.exp(scatter * rng.standard_normal()))
                    )
                    stimulus = None if role is TubeRole.UNSTIMULATED else IL6
                    drugs = (DRUG,) if role is TubeRole.TREATED else ()
                    name = f"{donor} {role} {vehicle} {n}.fcs"
                    tube = Tube(name, donor, role, stimulus, drugs, vehicle, n)
                    found.append(
                        Reading(
                            name, donor, tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 4.0, C,
                            math.nan, math.nan, math.nan, "", "ok",
                        )
                    )  # fmt: skip
    return found


def inhibited(rows: list[Reading]) -> DonorComparison:
    return next(
        row for row in donor_comparisons(rows, (), protocol=FLOW) if row.kind == "inhibition"
    )


def test_both_vehicles_of_a_donor_enter_the_model_against_their_own_controls() -> None:
    row = inhibited(readings())
    assert row.mixed_status == OK
    # As many tubes everywhere: the mean of the donors' means and the paired t test of these.
    assert row.mixed == pytest.approx(row.mean, rel=1e-6)
    assert row.mixed_p == pytest.approx(row.t_p, rel=1e-3)
    assert mixed_model_findings([row]) == ()


def test_the_vehicles_own_effect_is_not_taken_for_scatter_of_tubes() -> None:
    whole = inhibited(readings(scatter=0.01))
    one = inhibited([r for r in readings(scatter=0.01) if r.tube.vehicle == "DMSO"])
    assert whole.mixed_interval == pytest.approx(one.mixed_interval, abs=0.03)


def test_a_donor_without_controls_of_one_vehicle_is_named() -> None:
    row = inhibited(readings(without_control=("D3", "D5")))
    assert math.isnan(row.mixed) and math.isfinite(row.mean)
    assert row.mixed_status.endswith("share the controls of one in D3, D5")
    (finding,) = mixed_model_findings([row])
    assert "D3, D5" in finding.message and finding.rule == "no-mixed-model"


def test_single_tubes_under_two_vehicles_are_no_replicates() -> None:
    row = inhibited(readings(tubes=1))
    assert row.mixed_status == FEW
    assert mixed_model_findings([row]) == ()
