"""300 µM among 3 to 1000 nM can be computed with, and is a slip all the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assays.inhibition.dose.gaps import far_doses
from assays.inhibition.sheet.slips import sheet_findings
from assays.protocol import Flow, Gate, Readout
from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity

IL6 = Agent("IL-6", 10.0, "ng/mL")


def sheet(doses: Sequence[tuple[float, str]]) -> list[Tube]:
    return [
        Tube(f"{n}.fcs", "P1", TubeRole.TREATED, IL6, (Agent("BAY", dose, unit),), "DMSO")
        for n, (dose, unit) in enumerate(doses)
    ]


def told(*doses: tuple[float, str]) -> list[Finding]:
    return list(far_doses(sheet(doses), {}))


SERIES = tuple((dose, "nM") for dose in (3.0, 10.0, 30.0, 100.0, 1000.0))


def test_a_dose_in_a_second_unit_far_beyond_the_others_is_asked_about() -> None:
    (finding,) = told(*SERIES, (300.0, "µM"))
    assert finding.severity == Severity.LOOK and finding.where == "5.fcs"
    assert "300 µM in 5.fcs: 300-fold above the next dose, 1000 nM" in finding.message
    assert "at most 10-fold apart. Is it meant in nM" in finding.message


def test_a_zero_too_many_or_too_few_is_told_in_one_unit_as_well() -> None:
    (high,) = told(*SERIES, (100_000.0, "nM"))
    assert "100-fold above" in high.message and high.message.endswith("Is its unit right?")
    (low,) = told(*SERIES, (10.0, "pM"))
    assert "10 pM in 5.fcs: 300-fold below the next dose, 3 nM" in low.message


@pytest.mark.parametrize(
    "doses",
    [
        SERIES,
        (*SERIES, (1.0, "µM"), (0.3, "µM")),
        # Wide steps by design.
        ((1.0, "nM"), (100.0, "nM"), (10_000.0, "nM")),
        ((1.0, "nM"), (50.0, "nM"), (2000.0, "nM"), (300_000.0, "nM")),
        # Too few doses to tell what a step is.
        ((1.0, "nM"), (3.0, "nM"), (3000.0, "nM")),
        # As many on either side: neither is the odd one.
        *[tuple((dose, unit) for unit in ("nM", "µM") for dose in (1.0, 3.0, 5.0))],
    ],
)
def test_even_series_and_wide_designs_are_left_alone(doses: Sequence[tuple[float, str]]) -> None:
    assert not told(*doses)


def test_the_check_of_a_sheet_tells_it() -> None:
    flow = Flow(
        compensation="none",
        gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
        readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL"),),
    )
    rules = {finding.rule for finding in sheet_findings(sheet((*SERIES, (300.0, "µM"))), flow)}
    assert "dose-far-off" in rules
