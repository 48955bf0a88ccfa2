"""Records with unknown numbers are the same when everything known is the same."""

from __future__ import annotations

import math
import pickle

from assays.samples import Agent, Tube, TubeRole
from plates.findings import Finding, Severity
from plates.layout import Role, WellContent


def unknown() -> float:
    """A NaN that is not the one of another call."""
    return float("nan")


def test_two_unknown_doses_are_one_agent() -> None:
    first, second = Agent("IL-6", unknown()), Agent("IL-6", unknown())
    assert first == second
    assert len({first, second}) == 1
    assert first != Agent("IL-6", 10.0, "ng/mL")
    assert pickle.loads(pickle.dumps(first)) == first


def test_a_well_without_a_nominal_concentration_equals_its_like() -> None:
    assert WellContent(Role.SAMPLE, "P1", unknown()) == WellContent(Role.SAMPLE, "P1", unknown())
    assert WellContent(Role.SAMPLE, "P1", 0.0) != WellContent(Role.SAMPLE, "P1", unknown())


def test_findings_without_numbers_can_be_told_once() -> None:
    found = [Finding("r", Severity.NOTE, "A1", "said", unknown(), unknown()) for _ in range(2)]
    assert len(dict.fromkeys(found)) == 1


def test_what_is_left_out_of_comparison_stays_out() -> None:
    tube = Tube("a.fcs", "D1", TubeRole.UNSTIMULATED, where="row 2")
    assert tube == Tube("a.fcs", "D1", TubeRole.UNSTIMULATED, where="row 3")
    assert tube != ("a.fcs", "D1")
    assert math.isfinite(hash(tube))
