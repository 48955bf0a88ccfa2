"""Inhibition against real plates, other programs' fits and published EC50s.

Every comparison is that of `benchmarks/inhibition`, which counts all of them in one run.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.inhibition import classic_curves, cohorts, drug_screens, published_doses
from benchmarks.inhibition.check import differing


def test_ic50s_of_a_drug_screen_of_cll(corpus: Path) -> None:
    # Of the 1353 curves of the screen; all of them take a minute.
    checks = list(drug_screens.pace(corpus, every=12))
    assert len(checks) > 150
    assert not differing(checks)


def test_percent_inhibition_of_every_patient_in_the_screen(corpus: Path) -> None:
    checks = list(drug_screens.pace_percent(corpus))
    assert len(checks) == 2 * 1353 + 55 + 4 + 2 * 7
    # drc gave up at a lower slope where the curve drops between two doses.
    assert {check.case for check in differing(checks)} == {"BAY 11-7085", "SNS-032"}
    assert {check.what for check in differing(checks)} == {"IC50, median patient"}


def test_ic50s_of_384_well_plates(corpus: Path) -> None:
    checks = list(drug_screens.raw384(corpus, every=4))
    assert len(checks) > 60
    assert not differing(checks)


def test_ic50s_over_replicate_plates(corpus: Path) -> None:
    checks = list(drug_screens.gdsc(corpus))
    assert len(checks) == 44 + 2 + 2
    assert not differing(checks)


def test_percent_of_control_on_384_well_plates(corpus: Path) -> None:
    checks = list(drug_screens.raw384_percent(corpus))
    assert len(checks) == 4 + 4 * 384
    assert not differing(checks)


def test_viability_between_two_controls(corpus: Path) -> None:
    checks = list(drug_screens.gdsc_percent(corpus))
    assert len(checks) == 1316 + 3 * 42
    assert not differing(checks)


def test_classic_curves_reach_the_optimum_or_are_refused(corpus: Path) -> None:
    checks = list(classic_curves.classic(corpus))
    assert sum(check.what == "refused: no plateau" for check in checks) == 5
    assert sum(check.what == "at the optimum" for check in checks) == 9
    wrong = [check for check in differing(checks) if check.what != "standard error, drc"]
    # drc stopped early in the one, and the other was not fitted by least squares.
    assert [check.case for check in wrong] == ["dr4pl_sample03_ll4", "nplr_mdan_ll4 10 %"]


def test_block_of_a_cytokines_gain(corpus: Path) -> None:
    checks = list(cohorts.block(corpus))
    assert len(checks) == 8 * 10
    # Exact beside R's approximation; with that, R's p come out.
    assert {check.what for check in differing(checks)} == {"signed_rank_p"}
    assert {check.cause for check in differing(checks)} == {cohorts.NORMAL}


def test_ec50_of_il6_moves_right_under_ruxolitinib(corpus: Path) -> None:
    assert not differing(published_doses.il6_under_inhibitors(corpus))


def test_ruxolitinib_blocks_pstat3_below_the_lowest_dose(corpus: Path) -> None:
    checks = list(published_doses.ruxolitinib(corpus))
    assert len(checks) == 2 * 14 + 1
    assert not differing(checks)


def test_ruxolitinib_at_50_nm_takes_most_of_pstat3_once_it_is_divided_by_stat3(
    corpus: Path,
) -> None:
    """Sobotta 2017: pSTAT3 / STAT3 falls by 87 to 96 % at every dose; raw pSTAT3 jumps about."""
    found, _ = published_doses.blocked(corpus)
    ratios = {row.dose_nmol_l: row for row in found if row.readout == "ratio"}
    assert len(ratios) == 7
    assert all(80 < row.percent < 101 for row in ratios.values())
    assert 84 < ratios[50.0].percent < 92 and ratios[50.0].status == "ok"
    # Raw pSTAT3 would call 400 nM half as good as 50 nM: the lane held more protein.
    raw = {row.dose_nmol_l: row.percent for row in found if row.readout == "pSTAT3"}
    assert raw[400.0] < 50 < raw[50.0]


def test_ec50s_and_plateaus_of_pstat6_are_those_published(corpus: Path) -> None:
    """Yang 2023 took a slope of 1. Plateaus agree to every digit, two EC50s differ in the last."""
    checks = list(published_doses.pstat6(corpus))
    assert len(checks) == 5 * 12 + 2
    wrong = [check.what for check in differing(checks)]
    assert sorted(wrong) == [
        "EC50, slope 1, last digit",
        "EC50, slope 1, last digit",
        "published EC50 in the interval",
    ]
