"""How an antibody moves the dose response of IL-6: dose ratios, Schild slope, pKB."""

from __future__ import annotations

import csv
import dataclasses
import doctest
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assays.errors import CurveFitError
from assays.inhibition.over_tubes import dose_shifts
from assays.inhibition.shift import gaddum
from assays.inhibition.shift.gaddum import fit_shift
from assays.protocol import Flow, Gate, Readout
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

Floats = NDArray[np.float64]
IL6 = np.array([0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
ANTIBODY = np.array([0.0, 1.0, 3.0, 10.0, 30.0])
X, B = np.tile(IL6, ANTIBODY.size), np.repeat(ANTIBODY, IL6.size)


def responses(name: str, *, kb: float = 1.0, s: float = 1.0, cv: float = 0.04) -> Floats:
    rng = np.random.default_rng(np.frombuffer(name.encode(), dtype=np.uint8))
    ec50 = 2.0 * (1.0 + (B / kb) ** s)
    return (200.0 + 1800.0 * X / (X + ec50)) * np.exp(cv * rng.standard_normal(X.size))


def test_the_example_in_the_docstring_holds() -> None:
    assert doctest.testmod(gaddum).failed == 0


def test_without_error_every_number_is_found_exactly() -> None:
    fit = fit_shift(X, B, responses("exact", cv=0.0))
    assert fit.status == "ok"
    assert fit.ec50 == pytest.approx(2.0, rel=1e-5)
    assert [each.ratio for each in fit.moved] == pytest.approx([2.0, 4.0, 11.0, 31.0], rel=1e-5)
    assert fit.schild.slope == pytest.approx(1.0, rel=1e-4)
    assert fit.schild.pkb == pytest.approx(0.0, abs=1e-4)
    assert (fit.bottom, fit.top) == pytest.approx((200.0, 2000.0), rel=1e-4)


def test_a_competing_antibody_has_a_pkb_with_an_interval() -> None:
    fit = fit_shift(X, B, responses("anti-IL-6R"), cofactor=150.0)
    assert fit.schild.slope_p > 0.05
    assert fit.schild.slope_interval[0] < 1.0 < fit.schild.slope_interval[1]
    assert fit.schild.pkb_interval[0] < 0.0 < fit.schild.pkb_interval[1]
    assert fit.schild.pkb_interval[1] - fit.schild.pkb_interval[0] < 0.3
    for each, true in zip(fit.moved, (2.0, 4.0, 11.0, 31.0), strict=True):
        assert each.ratio_interval[0] < true < each.ratio_interval[1]
        assert each.ratio_interval[0] < each.ratio < each.ratio_interval[1]
    assert fit.tops_p > 0.05


def test_a_schild_slope_that_is_not_one_has_a_pa2_and_no_pkb() -> None:
    fit = fit_shift(X, B, responses("steeper", s=1.8), cofactor=150.0)
    assert fit.schild.slope_p < 0.001
    assert fit.schild.slope_interval[0] < 1.8 < fit.schild.slope_interval[1]
    assert fit.schild.pa2_interval[0] < 0.0 < fit.schild.pa2_interval[1]
    assert math.isnan(fit.schild.pkb)


def test_an_inhibitor_that_lowers_the_top_is_told_from_one_that_competes() -> None:
    lowered = np.where(B > 0, 0.5, 1.0)
    y = 200.0 + (responses("top") - 200.0) * lowered
    assert fit_shift(X, B, y, cofactor=150.0).tops_p < 0.001


def test_an_antibody_that_does_nothing_has_no_schild_slope() -> None:
    y = responses("nothing", kb=1e9)
    fit = fit_shift(X, B, y, cofactor=150.0)
    assert all(each.ratio_interval[0] < 1.0 < each.ratio_interval[1] for each in fit.moved)
    assert math.isnan(fit.schild.slope)
    assert math.isnan(fit.schild.pkb)


def test_one_dose_of_antibody_gives_gaddums_constant_and_no_slope() -> None:
    one = (B == 0.0) | (B == 10.0)
    fit = fit_shift(X[one], B[one], responses("one")[one], cofactor=150.0)
    assert math.isnan(fit.schild.slope)
    (moved,) = fit.moved
    assert fit.schild.pkb == pytest.approx(math.log10((moved.ratio - 1.0) / 10.0), abs=1e-4)


def test_a_curve_moved_beyond_the_doses_is_a_bound() -> None:
    fit = fit_shift(X, B, responses("beyond", kb=0.002), cofactor=150.0)
    last = fit.moved[-1]
    assert last.status == "> highest dose"
    assert math.isnan(last.ec50) and math.isnan(last.ratio)
    assert last.ratio_interval[0] > 100.0


def test_without_response_there_is_no_ec50() -> None:
    rng = np.random.default_rng(7)
    fit = fit_shift(X, B, 500.0 * np.exp(0.05 * rng.standard_normal(X.size)), cofactor=150.0)
    assert fit.status == "no response"
    assert math.isnan(fit.ec50)


@pytest.mark.parametrize(
    "y", [np.full(X.shape, np.nan), np.where(X > 1.0, np.nan, 5.0), np.full(X.shape, 5.0)]
)
def test_too_little_has_no_number(y: Floats) -> None:
    fit = fit_shift(X, B, y)
    assert fit.status in ("too few doses", "no response")
    assert math.isnan(fit.ec50)
    assert fit.moved == ()


def test_what_cannot_be_understood_is_said() -> None:
    with pytest.raises(CurveFitError, match="negative"):
        fit_shift([-1.0, 1.0], [0.0, 0.0], [1.0, 2.0])
    with pytest.raises(CurveFitError, match="shape"):
        fit_shift([1.0, 2.0], [0.0], [1.0, 2.0])
    with pytest.raises(CurveFitError, match="no number"):
        fit_shift(["a"], [0.0], [1.0])
    with pytest.raises(CurveFitError, match="at most"):
        fit_shift(np.ones(2000), np.zeros(2000), np.ones(2000))


PROTOCOL = Flow(
    compensation="none",
    gates=(Gate(population="CLL", method="interval", channels=("CD5",)),),
    readouts=(Readout(name="pSTAT3", channel="pSTAT3", population="CLL", cofactor=150.0),),
    molar_mass_g_per_mol={"anti-IL-6R": 148_000.0},
)


def tubes(unit: str = "ug/mL") -> list[Reading]:
    found = []
    values = responses("tubes of a run")
    for at, (x, b, y) in enumerate(zip(X.tolist(), B.tolist(), values.tolist(), strict=True)):
        drug = (Agent("anti-IL-6R", b, unit),) if b else ()
        stimulus = Agent("IL-6", x, "ng/mL") if x else None
        if stimulus is None:
            role = TubeRole.INHIBITOR_ALONE if b else TubeRole.UNSTIMULATED
        else:
            role = TubeRole.TREATED if b else TubeRole.STIMULATED
        tube = Tube(f"{at}.fcs", "P1", role, stimulus, drug, "IgG1")
        found.append(
            Reading(
                tube.file, "P1", tube, "pSTAT3", "CLL", "pSTAT3", 2000, y, 0.01 * y, 150.0,
                math.nan, math.nan, math.nan, "", "ok",
            )
        )  # fmt: skip
    return found


def test_tubes_of_a_run_become_a_shift_with_a_molar_pkb() -> None:
    (shift,) = dose_shifts(tubes(), protocol=PROTOCOL)
    assert (shift.donor, shift.stimulus, shift.unit) == ("P1", "IL-6", "ng/mL")
    assert (shift.inhibitor, shift.inhibitor_unit, shift.vehicle) == ("anti-IL-6R", "ug/mL", "IgG1")
    assert [each.dose for each in shift.moved] == [1.0, 3.0, 10.0, 30.0]
    # KB is 1 ug/mL of 148 kDa: 6.76 nmol/L.
    assert shift.schild_unit == "mol/L"
    assert shift.schild.pkb == pytest.approx(8.17, abs=0.15)
    assert shift.status == "ok" and shift.note == ""


def test_doses_in_several_units_make_the_same_shift() -> None:
    def changed(reading: Reading) -> Reading:
        tube = reading.tube
        if tube.stimulus is not None and tube.stimulus.dose == 10:
            picograms = Agent("IL-6", tube.stimulus.dose * 1000, "pg/mL")
            tube = dataclasses.replace(tube, stimulus=picograms)
        if tube.inhibitors and tube.inhibitors[0].dose == 30.0:
            tube = dataclasses.replace(tube, inhibitors=(Agent("anti-IL-6R", 30_000.0, "ng/mL"),))
        return dataclasses.replace(reading, tube=tube)

    for protocol in (PROTOCOL, PROTOCOL.model_copy(update={"molar_mass_g_per_mol": {}})):
        (plain,) = dose_shifts(tubes(), protocol=protocol)
        (mixed,) = dose_shifts([changed(each) for each in tubes()], protocol=protocol)
        assert (mixed.unit, mixed.inhibitor_unit) == ("ng/mL", "ug/mL")
        assert mixed.ec50 == pytest.approx(plain.ec50, rel=1e-9)
        assert [each.dose for each in mixed.moved] == [1.0, 3.0, 10.0, 30.0]
        assert mixed.schild.pkb == pytest.approx(plain.schild.pkb, rel=1e-9)


def test_a_stimulus_series_without_inhibitor_has_its_ec50() -> None:
    alone = [each for each in tubes() if not each.tube.inhibitors]
    (shift,) = dose_shifts(alone, protocol=PROTOCOL)
    assert shift.ec50 == pytest.approx(2.0, rel=0.4)
    assert shift.inhibitor == "" and shift.moved == ()


def test_a_run_with_one_dose_of_stimulus_has_no_shift() -> None:
    one = [each for each in tubes() if each.tube.stimulus is None or each.tube.stimulus.dose == 10]
    assert dose_shifts(one, protocol=PROTOCOL) == ()


def test_ruxolitinib_moves_the_il6_curve_of_hepatocytes(corpus: Path) -> None:
    path = corpus / "phospho" / "il6_ruxolitinib"
    with (path / "hep_2013_11_12_Stattic_Ruxolitinib_Inhibitor.csv").open() as stream:
        rows = [
            (float(r["il6_ng_ml"]), float(r["ruxolitinib_nM"]), float(r["pstat3_bead_mfi"]))
            for r in csv.DictReader(stream)
            if r["dmso"] == "1.0" and r["stattic_uM"] == "0.0"
        ]
    fit = fit_shift(*zip(*rows, strict=True))
    # Alone each curve has its own top and gives 11 and 151; with a common top the second, which
    # does not reach it within the doses, moves further.
    assert fit.ec50 == pytest.approx(11.0, rel=0.05)
    assert fit.ec50_interval[0] < 11.0 < fit.ec50_interval[1]
    assert fit.moved[0].ratio_interval[0] > 151 / 11
