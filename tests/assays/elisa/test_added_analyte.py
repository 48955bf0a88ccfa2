"""IL-6 that was put into the culture makes its own IL-6 wells worthless: told, not reported."""

from __future__ import annotations

import math

import pytest

from assays.elisa.added_analyte import was_given
from assays.elisa.run import process_elisa
from assays.protocol import Elisa
from assays.results.elisa import RangeStatus
from plates.findings import Severity

PROTOCOL = Elisa()


@pytest.mark.parametrize(
    ("labels", "given"),
    [
        ({"stimulus": "IL-6"}, True),
        ({"stimulus": "il6 10 ng/mL"}, True),
        ({"Stimulus": "IL 6, 10 ng/mL"}, True),
        ({"treatment": "CpG + IL-6"}, True),
        ({"condition": "IL-6/ruxolitinib"}, True),
        ({"stimulus": "rhIL-6 10 ng/mL"}, True),
        ({"stimulus": "recombinant human IL-6"}, True),
        ({"stimulus": "interleukin-6"}, True),
        ({"treatment": "anti-human IL-6"}, False),
        ({"treatment": "anti-hIL-6"}, False),
        ({"stimulus": "IL-10"}, False),
        ({"stimulus": "IL-60"}, False),
        ({"stimulus": "BCR"}, False),
        ({"treatment": "anti-IL-6"}, False),
        ({"treatment": "CpG + anti-IL-6R"}, False),
        ({"treatment": "IL-6R antibody"}, False),
        ({"treatment": "no IL-6"}, False),
        ({"condition": "without IL-6"}, False),
        ({"stimulus": "IL-6 0 ng/mL"}, False),
        ({"stimulus": "IL-6 0.5 ng/mL"}, True),
        ({"stimulus": "IL-6", "stimulus dose": "0"}, False),
        ({"stimulus": "IL-6", "stimulus dose": "10"}, True),
        ({"donor": "IL-6"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_what_a_culture_was_given_is_read_from_its_labels(
    labels: dict[str, str] | None, given: bool
) -> None:
    assert was_given(labels, "IL-6") is given


def test_a_concentration_of_added_analyte_is_withdrawn_and_told(bench) -> None:  # type: ignore[no-untyped-def]
    made = bench("added").standards()
    made.add("D1", 20.0, labels={"stimulus": "none"})
    made.add("D1", 80.0, labels={"stimulus": "IL-6 10 ng/mL"})
    made.add("D2", 40.0, labels={"stimulus": "CpG"})
    run = process_elisa([("p.txt", made.export())], made.layout, PROTOCOL)
    plain, added, other = run.plates[0].samples
    assert plain.status == RangeStatus.OK and other.status == RangeStatus.OK
    assert added.status == RangeStatus.ADDED
    assert math.isnan(added.concentration) and math.isnan(added.interval[0])
    assert added.estimate == pytest.approx(80, rel=0.15)
    (told,) = [f for f in run.findings if f.rule == "analyte-added"]
    assert told.severity is Severity.LOOK
    assert "D1 was given IL-6" in told.message
    tnf = process_elisa([("p.txt", made.export())], made.layout, Elisa(analyte="TNF"))
    assert not any(f.rule == "analyte-added" for f in tnf.findings)


@pytest.mark.parametrize("analyte", ["IL-6", "human IL-6", "Interleukin-6"])
def test_an_analyte_is_the_same_however_it_is_spelt(analyte: str) -> None:
    assert was_given({"stimulus": "rhIL-6"}, analyte)
    assert was_given({"stimulus": "IL6 10 ng/mL"}, analyte)
    assert not was_given({"stimulus": "IL-16"}, analyte)
