"""An IC50 that chance may have put among the doses is no number."""

from __future__ import annotations

import math

import numpy as np

from assays.inhibition import fit_dose_response
from assays.inhibition.dose.series import dose_responses
from assays.inhibition.over_tubes import inhibition_findings
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

DOSES = np.array([1.0, 3.0, 10.0, 30.0, 100.0, 300.0])
TOP, FLOOR = [1160.0, 990.0], [560.0, 490.0]
NOISY = [860.0, 1020.0, 1030.0, 1020.0, 1130.0, 740.0]


def test_an_ic50_that_may_lie_far_from_the_doses_is_no_number() -> None:
    fit = fit_dose_response([0.0, 0.0, *DOSES], [*TOP, *NOISY], unstimulated=FLOOR, cofactor=150.0)
    assert fit.status == "not bracketed"
    assert math.isnan(fit.ic50)
    assert DOSES[0] < fit.interval[0] < DOSES[-1] < 3 * DOSES[-1] < fit.interval[1]
    assert fit.params


def test_with_sure_controls_the_same_curve_is_a_number() -> None:
    level = 500 + 500 / (1 + DOSES / 8)
    fit = fit_dose_response(
        [0.0, 0.0, *DOSES], [1010.0, 990.0, *level], unstimulated=[495.0, 505.0], cofactor=150.0
    )
    assert fit.status == "ok"
    assert DOSES[0] / 3 < fit.interval[0] < fit.ic50 < fit.interval[1]


def test_a_given_top_and_bottom_leave_the_bound_to_the_doses() -> None:
    shares = [0.55, 0.95, 0.3, 0.6, 0.35, 0.3]
    fit = fit_dose_response(DOSES, shares, top=1, bottom=0)
    assert fit.status in ("ok", "< lowest dose")


def test_the_report_says_why_there_is_no_number() -> None:
    readings = []
    il6 = Agent("IL-6", 10.0, "ng/mL")
    for role, stimulus, dose, medians in (
        (TubeRole.UNSTIMULATED, None, 0.0, FLOOR),
        (TubeRole.STIMULATED, il6, 0.0, TOP),
        *((TubeRole.TREATED, il6, dose, [level]) for dose, level in zip(DOSES, NOISY, strict=True)),
    ):
        for n, median in enumerate(medians):
            drug = (Agent("JAK2 inhibitor", dose, "nM"),) if dose else ()
            tube = Tube(f"{role}{dose}{n}.fcs", "P1", role, stimulus, drug, "DMSO")
            readings.append(
                Reading(
                    tube.file, "P1", tube, "pSTAT3", "CLL", "pSTAT3", 5000, median, 5.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
    )
    (curve,) = dose_responses(readings, protocol=flow)
    assert curve.status == "not bracketed"
    (told,) = (f for f in inhibition_findings((), (curve,)) if f.rule == "ic50-not-bracketed")
    assert "lie above" in told.message and "no number" in told.message


def test_a_crossing_in_a_window_that_refuses_no_dose_gives_no_number() -> None:
    by_chance = [640.0, 1010.0, 480.0, 700.0, 520.0, 530.0]
    fit = fit_dose_response(
        [0.0, 0.0, *DOSES], [1180.0, 860.0, *by_chance], unstimulated=[470.0, 610.0], cofactor=150.0
    )
    assert fit.interval == (0.0, math.inf)
    assert fit.status == "window too weak"
    assert math.isnan(fit.ic50)


def test_tubes_on_one_side_of_half_way_are_a_bound_and_the_interval_says_how_sure() -> None:
    all_high = [880.0, 820.0, 1180.0, 1000.0, 1110.0, 820.0]
    for floor, sure in (([590.0, 640.0], False), ([190.0, 210.0], True)):
        fit = fit_dose_response(
            [0.0, 0.0, *DOSES], [1070.0, 950.0, *all_high], unstimulated=floor, cofactor=150.0
        )
        assert fit.status == "> highest dose"
        assert (fit.interval[0] > 0) is sure
