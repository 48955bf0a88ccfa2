"""Fieller's interval and the bootstrap's, side by side; the protocol says which leads."""

from __future__ import annotations

import math

import pytest

from assays.inhibition.over_tubes import inhibitions
from assays.protocol import Flow, Gate, Inhibition, Readout
from assays.results import inhibition as results
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

IL6, DRUG = Agent("IL-6", 10.0, "ng/mL"), Agent("ruxolitinib", 100.0, "nM")


def row(
    *, tubes: int = 2, interval: str = "fieller", cv: float | None = None
) -> results.Inhibition:
    medians = {
        TubeRole.UNSTIMULATED: (205.0, 195.0),
        TubeRole.STIMULATED: (1040.0, 960.0),
        TubeRole.TREATED: (410.0, 390.0),
    }
    readings = []
    for role, values in medians.items():
        for n, median in enumerate(values[:tubes]):
            stimulus = None if role is TubeRole.UNSTIMULATED else IL6
            drugs = (DRUG,) if role is TubeRole.TREATED else ()
            tube = Tube(f"{role} {n}.fcs", "D1", role, stimulus, drugs, "DMSO", n)
            readings.append(
                Reading(
                    tube.file, "D1", tube, "pSTAT3", "CLL", "pSTAT3", 2000, median, 5.0, 150.0,
                    math.nan, math.nan, math.nan, "", "ok",
                )
            )  # fmt: skip
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
        inhibition=Inhibition(interval=interval, tube_cv_percent=cv),  # type: ignore[arg-type]
    )
    return inhibitions(readings, protocol=flow)[0]


def test_both_stand_in_the_result_and_agree_where_the_window_is_wide() -> None:
    found = row()
    low, high = found.fieller_interval
    assert found.bootstrap_status == "ok"
    assert found.bootstrap_interval == pytest.approx((low, high), abs=0.1 * (high - low))
    assert found.bootstrap_interval != found.fieller_interval


@pytest.mark.parametrize("leads", ["fieller", "bootstrap"])
def test_the_protocol_says_which_leads(leads: str) -> None:
    found = row(interval=leads)
    assert found.interval == getattr(found, f"{leads}_interval")
    assert found.interval_kind.casefold() == f"replicate tubes ({leads})"
    # The draws are seeded by the comparison's name: the same whichever leads.
    assert found.bootstrap_interval == row().bootstrap_interval


def test_a_declared_scatter_can_be_drawn_from_with_single_tubes() -> None:
    found = row(tubes=1, cv=6.0, interval="bootstrap")
    assert found.interval == found.bootstrap_interval
    assert found.interval_kind == "declared tube CV (bootstrap)"


@pytest.mark.parametrize("leads", ["fieller", "bootstrap"])
def test_single_tubes_without_a_declared_scatter_have_no_bootstrap(leads: str) -> None:
    found = row(tubes=1, interval=leads)
    assert found.bootstrap_status == "fewer than 2 tubes per condition and no tube CV"
    assert all(math.isnan(end) for end in found.bootstrap_interval)
    # Fieller's stands alone, and is called technical.
    assert found.interval == found.fieller_interval
    assert found.interval_kind == "events only (technical)"
    assert found.status == "not testable"
