"""Published phospho and viability data: our numbers equal theirs, counted.

Every comparison is that of `benchmarks/inhibition`, which counts all of them in one run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assays.inhibition.donors.signed_rank import hodges_lehmann, paired_t, signed_rank_p
from assays.samples import Agent
from benchmarks.inhibition import cohorts, courses
from benchmarks.inhibition.check import differing


def test_means_errors_and_courses_of_b_cells_are_those_published(corpus: Path) -> None:
    checks = list(courses.b_cells(corpus))
    assert len(checks) == 2 * 12 + 3 * 24
    assert not differing(checks)


def test_every_mouse_has_an_interval_around_its_area_and_its_peak(corpus: Path) -> None:
    found = courses.course_rows(courses.mice(corpus), Agent("IL-6", 10.0, "ng/mL"), 0.05)
    assert len(found) == 24
    for mouse in found:
        assert mouse.area_interval[0] < mouse.area < mouse.area_interval[1]
        first, last = mouse.peak_times_min
        assert first <= mouse.peak_time_min <= last


def test_pstat5_under_il2_peaks_within_the_hour_and_fades(corpus: Path) -> None:
    """Farhat 2021: median pSTAT5 at four times, held against the lowest dose."""
    checks = list(courses.pstat5(corpus))
    assert len(checks) == 3 * 22
    assert not differing(checks)
    il2 = [row for row in courses.pstat5_courses(corpus)[0] if row.donor.endswith("IL-2")]
    assert {row.status for row in il2} == {"ok"}
    assert sum(row.peak_time_min <= 60 for row in il2) / len(il2) > 0.8


def test_dose_series_of_pstat5_reach_the_best_curve_that_scipy_finds(corpus: Path) -> None:
    checks = list(courses.pstat5_doses(corpus, every=20))
    assert len(checks) > 15
    assert not differing(checks)


def test_il6_hardly_moves_pstat3_of_b_cells_where_il10_does(corpus: Path) -> None:
    checks = list(cohorts.donors(corpus))
    assert len(checks) == 3 * 2 + 1 + 1 + 4 * 4
    assert not differing(checks)


def test_b_cells_answer_il6_less_than_t_cells_in_the_same_patients(corpus: Path) -> None:
    b, t = (cohorts.responses(corpus, "IL6-50ng", cell) for cell in ("CD20 B", "CD4+"))
    differences = np.array([t[patient] - b[patient] for patient in b])
    assert hodges_lehmann(differences).interval[0] > 0
    assert signed_rank_p(differences) < 1e-3


def test_effects_on_the_viability_of_128_patients_are_those_of_the_corpus(corpus: Path) -> None:
    """Bruch 2022: IL-6 alone -0.034 (Wilcoxon 9e-16), blockade by pyridone-6 +0.068 (1e-19).

    These p are of the normal approximation; the exact distribution has lighter tails, so that
    ours lie below. The approximation on the same numbers gives theirs.
    """
    wrong = differing(cohorts.effects(corpus))
    assert {(check.what, check.cause) for check in wrong} == {("p as told", cohorts.NORMAL)}
    for values in cohorts.log_viability(corpus):
        assert len(values) == 128
        low, high = hodges_lehmann(values).interval
        assert low < paired_t(values)[0].estimate < high


def test_bliss_of_two_inhibitors_is_a_sum_on_log_viability(corpus: Path) -> None:
    checks = list(cohorts.pairs(corpus))
    assert len(checks) == 16
    assert not differing(checks)
