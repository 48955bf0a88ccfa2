"""Loewe's expectation from the dose series of a run, and how sure the excess over it is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.inhibition.dose.response import fit_dose_response
from assays.inhibition.dose.tubes import influence
from assays.inhibition.over_tubes import dose_responses, inhibitions, with_loewe
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DoseResponse, Inhibition
from assays.samples import Agent, Tube, TubeRole

IL6 = Agent("IL-6", 10.0, "ng/mL")
DOSES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
HALF = {"ruxolitinib": 20.0, "tocilizumab": 40.0}
BOTH = "DMSO + IgG1"
FLOW = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
)


def run(
    rng: np.random.Generator,
    *,
    series: tuple[tuple[str, str], ...] = (("ruxolitinib", "DMSO"), ("tocilizumab", "DMSO")),
    pair: str = "DMSO",
    cv: float = 0.06,
    minutes: float = 15.0,
) -> list[Reading]:
    """Duplicate tubes, controls of each vehicle; alone, each inhibitor removes all, slope 1."""
    found: list[Reading] = []

    def add(role: TubeRole, left: float, drugs: tuple[Agent, ...], vehicle: str, time: float):
        for n in (1, 2):
            level = (200.0 + 1800.0 * left) * float(np.exp(cv * rng.standard_normal()))
            stimulus = None if role is TubeRole.UNSTIMULATED else IL6
            name = f"{len(found)}.fcs"
            tube = Tube(name, "P1", role, stimulus, drugs, vehicle, n, time_min=time)
            found.append(
                Reading(
                    name, "P1", tube, "pSTAT3", "CLL", "pSTAT3", 5000, level, 5.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip

    for vehicle in dict.fromkeys([*(vehicle for _, vehicle in series), pair]):
        for time in dict.fromkeys((15.0, minutes)):
            add(TubeRole.UNSTIMULATED, 0.0, (), vehicle, time)
            add(TubeRole.STIMULATED, 1.0, (), vehicle, time)
    for name, vehicle in series:
        for dose in DOSES:
            left = 1.0 / (1.0 + dose / HALF[name])
            add(TubeRole.TREATED, left, (Agent(name, dose, "nM"),), vehicle, 15.0)
    both = (Agent("ruxolitinib", 10.0, "nM"), Agent("tocilizumab", 30.0, "nM"))
    # With a slope of 1 their doses, each in its own IC50, add up.
    add(TubeRole.TREATED, 1.0 / (1.0 + 10.0 / 20.0 + 30.0 / 40.0), both, pair, minutes)
    return found


def worked_out(readings: list[Reading]) -> tuple[Inhibition, tuple[DoseResponse, ...]]:
    curves = dose_responses(readings, protocol=FLOW)
    rows = with_loewe(inhibitions(readings, protocol=FLOW), curves, protocol=FLOW)
    (pair,) = (row for row in rows if len(row.inhibitors) == 2)
    return pair, curves


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))


@pytest.mark.parametrize(
    ("fix", "cofactor"), [({}, 150.0), ({"D": "unstimulated"}, None), ({"B": 1.0}, 150.0)]
)
def test_a_curve_moves_with_its_tubes_as_it_is_said_to(
    fix: dict[str, float | str], cofactor: float | None
) -> None:
    doses = [0.0, 0.0, *DOSES]
    exact = [200.0 + 1800.0 / (1.0 + dose / 25.0) for dose in doses]
    # Next to no scatter: so far the least squares are straight.
    wobble = 1.0 + 1e-4 * np.cos(np.arange(9.0))
    floor = np.array([200.02, 199.98])

    def fitted(shift: np.ndarray) -> np.ndarray:
        found = fit_dose_response(
            doses, exact * wobble + shift[:9], unstimulated=floor + shift[9:], fix=fix,
            cofactor=cofactor,
        )  # fmt: skip
        return np.array([found.params[name] for name in "ABCDU"])

    fit = fit_dose_response(doses, exact * wobble, unstimulated=floor, fix=fix, cofactor=cofactor)
    names = [f"{k}" for k in range(9)]
    told = influence(fit, doses, names, ["u1", "u2"], cofactor)
    assert told.files == (*names, "u1", "u2")
    for k in range(11):
        step = 0.05 * np.eye(11)[k]
        moved = (fitted(step) - fitted(-step)) / 0.1
        most = np.abs(told.slopes).max(axis=0)
        np.testing.assert_array_less(np.abs(told.slopes[k] - moved), 2e-3 * most + 1e-9)


def test_the_errors_of_the_curve_are_those_that_its_tubes_make() -> None:
    _, curves = worked_out(run(generator("errors of a curve")))
    for curve in curves:
        assert curve.covariance is not None
        # Alike but for the last of the weights that followed the curve.
        made = curve.influence.T @ (curve.tube_variance[:, None] * curve.influence)
        assert made[:4, :4] == pytest.approx(curve.covariance, rel=1e-3)
        assert made[4, 4] == pytest.approx(curve.level_variance)


def pair_with(stimulus: Agent, readings: list[Reading]) -> list[Reading]:
    """The same tubes, with another stimulus in the pair's rows."""
    return [
        replace(row, tube=replace(row.tube, stimulus=stimulus))
        if len(row.tube.inhibitors) == 2
        else row
        for row in readings
    ]


def test_a_stimulus_in_another_unit_or_case_is_the_same_stimulus() -> None:
    readings = run(generator("two units of one dose"))
    as_written, _ = worked_out(readings)
    assert math.isfinite(as_written.expected_loewe)
    pair, _ = worked_out(pair_with(Agent("il-6", 10_000.0, "pg/mL"), readings))
    assert pair.stimulus == "il-6 10000 pg/mL"
    assert pair.expected_loewe == as_written.expected_loewe
    assert pair.excess_loewe_interval == as_written.excess_loewe_interval


def test_another_dose_of_the_stimulus_is_another_experiment() -> None:
    readings = run(generator("two doses"))
    pair, _ = worked_out(pair_with(Agent("IL-6", 10.0, "pg/mL"), readings))
    assert math.isnan(pair.expected_loewe)


def test_controls_that_pair_and_curves_share_count_once() -> None:
    """Told apart, the same tubes would make the excess less sure than it is."""
    readings = run(generator("shared controls"))
    pair, curves = worked_out(readings)
    apart = [
        replace(curve, files=tuple(f"{at}-{file}" for file in curve.files))
        for at, curve in enumerate(curves)
    ]
    (other,) = with_loewe([pair], apart, protocol=FLOW)
    low, high = pair.excess_loewe_interval
    assert high - low < 0.97 * (other.excess_loewe_interval[1] - other.excess_loewe_interval[0])
    assert pair.excess_loewe == other.excess_loewe


def test_a_series_with_both_vehicles_is_taken_before_one_with_its_own() -> None:
    series = (
        ("ruxolitinib", "DMSO"), ("tocilizumab", "IgG1"),
        ("ruxolitinib", BOTH), ("tocilizumab", "IgG1 + DMSO"),
    )  # fmt: skip
    pair, _ = worked_out(run(generator("both series"), series=series, pair=BOTH))
    assert set(pair.loewe_vehicles) <= {BOTH, "IgG1 + DMSO"}
    own, _ = worked_out(run(generator("own series"), series=series[:2], pair=BOTH))
    assert own.loewe_vehicles == ("DMSO", "IgG1")
    assert own.excess_loewe_interval[0] < 0 < own.excess_loewe_interval[1]


def test_a_series_of_another_time_says_nothing_of_the_pair() -> None:
    pair, curves = worked_out(run(generator("another time"), minutes=60.0))
    assert len(curves) == 2
    assert math.isnan(pair.expected_loewe)
    assert pair.loewe_vehicles == ()
