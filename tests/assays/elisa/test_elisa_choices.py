"""Choices of assay.toml that a curve follows."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from assays.elisa.run import process_elisa
from assays.protocol import Curve, Elisa
from plates.layout import Role, WellContent
from plates.well import Well


def curve_of(bench, **choice: object):
    made = bench("choices").standards()
    run = process_elisa([("p.txt", made.export())], made.layout, Elisa(curve=Curve(**choice)))
    return run, run.plates[0].curve


def test_a_given_power_of_the_mean_is_the_one_that_weighs(bench) -> None:
    _, estimated = curve_of(bench, weighting="power")
    _, squared = curve_of(bench, weighting="power", power=1.0)
    _, plain = curve_of(bench, weighting="1/yhat^2")
    assert squared.params == pytest.approx(plain.params, rel=1e-5)
    assert estimated.params["D"] != pytest.approx(plain.params["D"], rel=1e-5)


def test_a_power_without_its_weighting_is_refused() -> None:
    with pytest.raises(ValidationError, match="weighting is"):
        Curve(weighting="none", power=0.75)


def test_the_richer_model_is_asked_and_the_reasons_are_told(bench) -> None:
    run, curve = curve_of(bench, richer="5pl")
    assert curve.model == "4pl"
    (found,) = [finding for finding in run.findings if finding.rule == "model-choice"]
    assert "4pl was chosen between 4pl and 5pl" in found.message
    assert found.where == "Plate 1"


def test_hours_of_culture_make_the_amount_one_per_hour(bench) -> None:
    made = bench("hours").standards()
    made.add("CLL-1", 40.0, labels={"cell_density": "2e6 cells/mL"})
    made.add("high", 900.0, labels={"cell_density": "2e6 cells/mL"})
    made.add("medium", 20.0, role=Role.MEDIUM)
    choice = {"limits": {"lloq": 3.125, "uloq": 200.0}, "cells": {"hours": 24.0}}
    run = process_elisa([("p.txt", made.export())], made.layout, Elisa.model_validate(choice))
    found = {sample.sample: sample for sample in run.plates[0].samples}
    once = found["CLL-1"]
    assert once.per_cells == pytest.approx(once.concentration / 2 / 24)
    assert once.per_cells_unit == "pg/10⁶ cells/h"
    assert "over 24 h of culture" in once.per_cells_origin
    assert found["high"].qualifier == ">"
    assert found["high"].per_cells_limit == pytest.approx(200 / 2 / 24)
    assert found["medium"].per_cells_unit == ""


def findings(run, rule: str) -> list[str]:
    return [finding.message for finding in run.findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("unit", "kit", "doubtful"),
    [
        ("pg/mL", None, False),
        ("pg/mL", (3.13, 300.0), False),
        ("pg/mL", (0.003, 0.3), True),
        ("ng/mL", None, True),
        ("g/mL", None, True),
    ],
)
def test_standards_far_from_the_kits_make_the_unit_doubtful(bench, unit, kit, doubtful) -> None:
    made = bench("unit").standards(unit=unit)
    run = process_elisa([("p.txt", made.export())], made.layout, Elisa(unit=unit, kit_range=kit))
    assert bool(findings(run, "unit-doubtful")) == doubtful


def test_a_standard_at_the_readers_ceiling_is_told_with_what_to_do(bench) -> None:
    made = bench("ceiling").standards()
    made.values[0, :2] = made.values[1, :2] = 4.0
    run = process_elisa([("p.txt", made.export())], made.layout, Elisa())
    (said,) = findings(run, "saturated-standards")
    assert said.startswith("Standards 100, 200 pg/mL read the highest number")
    assert run.plates[0].limits.uloq <= 50


def test_ten_zeros_give_the_limit_of_detection_and_fewer_leave_it_to_the_curve(bench) -> None:
    made = bench("zeros").standards()
    few = process_elisa([("p.txt", made.export())], made.layout, Elisa()).plates[0]
    assert few.limits.lod_source.startswith("from the curve: 2 zero wells")
    assert few.limits.lod == pytest.approx(few.limits.mdc)
    assert 0 < few.limits.mdc < few.limits.rdl
    low, high = few.limits.working
    assert low < 20 < high <= 200
    for column in range(2, 12):
        well = Well(7, column)
        made.contents["", well] = WellContent(Role.STANDARD, "", 0.0, "pg/mL")
        made.values[7, column] = made.signal(0.0)
    many = process_elisa([("p.txt", made.export())], made.layout, Elisa()).plates[0]
    assert many.limits.lod_source == "mean + 2 SD of 12 zeros"


def test_the_precision_profile_follows_the_wells_that_samples_have(bench) -> None:
    made = bench("profile").standards()
    made.add("CLL-1", 40.0)
    plate = process_elisa([("p.txt", made.export())], made.layout, Elisa()).plates[0]
    assert plate.curve.profile_wells == 2
    middle = plate.curve.cv_percent[len(plate.curve.profile_x) // 2]
    assert 0 < middle < plate.curve.cv_percent[0]


def test_two_top_wells_that_happen_to_agree_are_no_ceiling(bench) -> None:
    made = bench("chance").standards()
    made.values[0, :2] = made.values[0, :2].mean().round(3)
    plain = process_elisa([("p.txt", made.export())], made.layout, Elisa())
    assert not findings(plain, "saturated-standards")
    assert plain.plates[0].limits.uloq == 200
    made.values[0, :2] = 3.5
    ended = process_elisa([("p.txt", made.export())], made.layout, Elisa())
    assert findings(ended, "saturated-standards")


def test_the_interval_of_a_concentration_is_the_one_asked_for(bench) -> None:
    made = bench("intervals").standards()
    made.add("CLL-1", 40.0)
    found = {}
    for interval in ("inversion", "wald", "wald-log", "bootstrap"):
        run = process_elisa(
            [("p.txt", made.export())], made.layout, Elisa(curve=Curve(interval=interval))
        )
        found[interval] = next(s for s in run.plates[0].samples if s.sample == "CLL-1")
    value = found["inversion"].concentration
    assert {one.concentration for one in found.values()} == {value}
    low, high = found["wald"].interval
    assert (low + high) / 2 == pytest.approx(value)
    low, high = found["wald-log"].interval
    assert low * high == pytest.approx(value**2)
    assert len({one.interval for one in found.values()}) == 4
    assert all(one.interval[0] < value < one.interval[1] for one in found.values())


def test_a_bootstrap_cannot_tell_more_than_its_draws() -> None:
    with pytest.raises(ValidationError, match="tells at most"):
        Curve(interval="bootstrap", level=0.9995)


def test_blanks_that_nobody_decided_on_are_told(bench) -> None:
    made = bench("blanks").standards()
    made.add("RPMI alone", 0.0, role=Role.BLANK)

    def told(**choice: object) -> list[str]:
        run = process_elisa([("p.txt", made.export())], made.layout, Elisa(**choice))
        return [each.message for each in run.findings if each.rule == "blank-not-subtracted"]

    (message,) = told()
    assert "are blanks, whose mean was not subtracted" in message
    assert told(blank="none") == told(blank="subtract") == []
