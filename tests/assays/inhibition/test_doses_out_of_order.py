"""Two tubes that changed places make a series that follows no curve: its window is not to blame."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assays.inhibition.dose.order import disorder
from assays.inhibition.dose.series import dose_responses
from assays.inhibition.over_tubes import inhibition_findings
from assays.inhibition.spread import spread_of
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.results.inhibition import DoseResponse
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6 = Agent("IL-6", 10.0, "ng/mL")
DOSES = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
IN_ORDER = {3.0: 2700.0, 10.0: 2300.0, 30.0: 1700.0, 100.0: 900.0, 300.0: 500.0, 1000.0: 330.0}
FLOW = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
)


def readings(
    series: dict[float, float],
    top: tuple[float, ...] = (2950.0, 3000.0, 3050.0),
    floor: tuple[float, ...] = (196.0, 200.0, 204.0),
) -> list[Reading]:
    found = []
    treated = ((TubeRole.TREATED, IL6, dose, (level,)) for dose, level in series.items())
    for role, stimulus, dose, medians in (
        (TubeRole.UNSTIMULATED, None, 0.0, floor),
        (TubeRole.STIMULATED, IL6, 0.0, top),
        *treated,
    ):
        for n, median in enumerate(medians):
            drug = (Agent("JAK2 inhibitor", dose, "nM"),) if dose else ()
            tube = Tube(f"{role}-{dose:g}-{n}.fcs", "P1", role, stimulus, drug, "DMSO")
            found.append(
                Reading(
                    tube.file, "P1", tube, "pSTAT3", "CLL", "pSTAT3", 5000, median, 5.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip
    return found


def judged(tubes: list[Reading], flow: Flow = FLOW) -> tuple[DoseResponse, list[Finding]]:
    (curve,) = dose_responses(tubes, protocol=flow)
    told = inhibition_findings((), (curve,))
    return curve, [f for f in told if f.rule in ("doses-out-of-order", "ic50-window-too-weak")]


def exchanged(low: float, high: float) -> dict[float, float]:
    return {**IN_ORDER, low: IN_ORDER[high], high: IN_ORDER[low]}


def test_a_series_in_order_has_its_number_and_nothing_is_said() -> None:
    curve, told = judged(readings(IN_ORDER))
    assert curve.status == "ok" and curve.disorder is None
    assert not told


@pytest.mark.parametrize(("low", "high"), [(3.0, 1000.0), (30.0, 1000.0)])
def test_two_swapped_tubes_are_the_cause_not_the_window(low: float, high: float) -> None:
    curve, (told,) = judged(readings(exchanged(low, high)))
    assert curve.status == "doses out of order" and math.isnan(curve.ic50)
    assert told.rule == "doses-out-of-order" and told.severity == Severity.LOOK
    assert f"{low:g} nM leaves 330, less than {high:g} nM" in told.message
    assert f"with {low:g} and {high:g} nM exchanged" in told.message
    assert f"treated-{low:g}-0.fcs, treated-{high:g}-0.fcs" in told.message


def test_a_swap_that_leaves_a_number_is_told_beside_it() -> None:
    curve, (told,) = judged(readings(exchanged(100.0, 300.0)))
    assert curve.status == "ok" and math.isfinite(curve.ic50)
    assert "not to be trusted" in told.message


def test_one_dose_in_another_unit_is_the_one_to_leave_out() -> None:
    series = {dose: level for dose, level in IN_ORDER.items() if dose != 300.0}
    _, (told,) = judged(readings({**series, 0.3: IN_ORDER[300.0]}))
    assert "a dose in another unit? They would follow it without 0.3 nM" in told.message


def test_a_series_written_backwards_is_asked_about_as_a_whole() -> None:
    turned = dict(zip(DOSES, reversed(IN_ORDER.values()), strict=True))
    curve, (told,) = judged(readings(turned))
    assert curve.status == "doses out of order"
    assert "reverse order" in told.message and "exchanged" not in told.message


def test_where_activation_makes_the_readout_fall_the_doses_are_held_the_other_way() -> None:
    flow = replace_direction(FLOW)
    rising = {dose: 3250.0 - level for dose, level in IN_ORDER.items()}
    sides = {"top": (196.0, 200.0, 204.0), "floor": (2950.0, 3000.0, 3050.0)}
    assert not judged(readings(rising, **sides), flow)[1]
    swapped = {**rising, 3.0: rising[1000.0], 1000.0: rising[3.0]}
    _, (told,) = judged(readings(swapped, **sides), flow)
    assert "3 nM leaves 2920, more than 1000 nM" in told.message


def replace_direction(flow: Flow) -> Flow:
    readout = flow.readouts[0].model_copy(update={"activation": "down"})
    return flow.model_copy(update={"readouts": (readout,)})


def test_an_agent_that_adds_to_the_response_is_no_disorder() -> None:
    adds = {dose: 3000.0 + 400.0 * at for at, dose in enumerate(DOSES, start=1)}
    curve, told = judged(readings(adds))
    assert curve.disorder is None and not told


def test_without_a_scatter_of_its_own_nothing_is_said_of_the_order() -> None:
    curve, _ = judged(readings(exchanged(3.0, 1000.0), (3000.0,), (200.0,)))
    assert curve.disorder is None


def test_tubes_without_few_events_count_by_their_own_error() -> None:
    tubes = [replace(r, median_se=0.5 * r.median) for r in readings(exchanged(3.0, 1000.0))]
    assert judged(tubes)[0].disorder is None


def test_clean_series_are_hardly_ever_called_out_of_order() -> None:
    rng = np.random.default_rng(11)
    called = 0
    for _ in range(300):
        # Flat at the plateau: there chance has most to say.
        flat = {dose: 330.0 * float(1 + rng.normal(0, 0.1)) for dose in DOSES}
        top, floor = (tuple(level * (1 + rng.normal(0, 0.1, 2))) for level in (500.0, 200.0))
        tubes = readings(flat, top, floor)
        own = {role: [r for r in tubes if r.tube.role == role] for role in TubeRole}
        found = disorder(
            own[TubeRole.TREATED],
            DOSES,
            own[TubeRole.STIMULATED],
            own[TubeRole.UNSTIMULATED],
            spread_of(tubes, FLOW),
            "linear",
        )
        called += found is not None
    assert called <= 3
