"""LLOQ and ULOQ over several plates."""

from __future__ import annotations

import numpy as np
import pytest

from assays import curves
from assays.errors import CurveFitError

GOOD = [[0.98, 1.03], [1.04, 1.01], [0.95, 0.99]]


def plates(factor: float, nominal: float) -> list[list[float]]:
    return [[factor * nominal * share for share in row] for row in GOOD]


def test_the_range_runs_from_the_lowest_to_the_highest_level_that_holds() -> None:
    levels = {x: plates(1.0, x) for x in (3.0, 10.0, 30.0, 100.0)}
    levels[1.0] = plates(1.4, 1.0)
    levels[300.0] = plates(0.7, 300.0)
    found = curves.assess_range(levels)
    assert (found.lloq, found.uloq) == (3.0, 100.0)
    assert [level.nominal for level in found.levels] == [1.0, 3.0, 10.0, 30.0, 100.0, 300.0]
    assert found.levels[0].why.startswith("recovery 140 %")
    assert found.plates == 3 and not found.enough
    assert "ICH M10" in found.source


def test_ends_may_be_off_by_a_quarter_and_inner_levels_by_a_fifth() -> None:
    levels = {1.0: plates(1.23, 1.0), 10.0: plates(1.0, 10.0), 100.0: plates(0.78, 100.0)}
    found = curves.assess_range(levels)
    assert (found.lloq, found.uloq) == (1.0, 100.0)
    levels[300.0] = plates(1.0, 300.0)
    # 100 is now an inner level, and off by more than a fifth: the range cannot cross it.
    crossed = curves.assess_range(levels)
    assert (crossed.lloq, crossed.uloq) == (1.0, 100.0)


def test_spread_and_total_error_over_plates_count() -> None:
    wild = [[7.0], [13.5], [10.0]]
    found = curves.assess_range({10.0: wild, 30.0: plates(1, 30.0), 100.0: plates(1, 100.0)})
    assert found.lloq == 30.0
    assert "CV" in found.levels[0].why
    biased = [[12.0, 12.3], [13.6, 13.2], [11.2, 11.0]]
    level = curves.assess_range({10.0: biased}).levels[0]
    assert level.recovery_percent == pytest.approx(122.2, abs=0.1)
    assert level.total_error_percent == pytest.approx(
        abs(level.recovery_percent - 100) + level.cv_percent
    )
    assert level.inside_as_end and not level.inside


def test_a_reading_without_a_concentration_fails_its_level() -> None:
    levels = {x: plates(1.0, x) for x in (3.0, 10.0, 30.0)}
    levels[3.0][1][0] = np.nan
    found = curves.assess_range(levels)
    assert found.lloq == 10.0 and found.levels[0].unread == 1


def test_two_plates_assess_nothing_and_six_are_enough() -> None:
    two = {x: plates(1.0, x)[:2] for x in (3.0, 10.0)}
    assert np.isnan(curves.assess_range(two).lloq)
    six = {x: plates(1.0, x) * 2 for x in (3.0, 10.0)}
    assert curves.assess_range(six).enough
    with pytest.raises(CurveFitError, match="results of 2 to 3 plates"):
        curves.assess_range({1.0: plates(1, 1.0), 3.0: plates(1, 3.0)[:2]})
    with pytest.raises(CurveFitError, match="above 0"):
        curves.assess_range({0.0: plates(1, 1.0)})


def test_ones_own_limits_are_used() -> None:
    strict = curves.RangeRules(recovery_within=5, recovery_within_ends=5, source="ours")
    found = curves.assess_range({3.0: plates(1.1, 3.0), 9.0: plates(1, 9.0)}, strict)
    assert np.isnan(found.uloq) and found.source == "ours"


def test_one_plate_narrows_and_never_widens() -> None:
    assert curves.narrow_range((5.0, 300.0), (2.5, 600.0)) == (5.0, 300.0)
    assert curves.narrow_range((5.0, 300.0), (10.0, 150.0)) == (10.0, 150.0)
    assert curves.narrow_range((np.nan, np.nan), (10.0, 150.0)) == (10.0, 150.0)
    assert np.isnan(curves.narrow_range((5.0, 300.0), (np.nan, np.nan))).all()
    assert np.isnan(curves.narrow_range((5.0, 30.0), (40.0, 150.0))).all()
