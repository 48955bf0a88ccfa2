"""Replicate tubes choose below which median the scatter between tubes is constant."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assays.inhibition.offset import chosen_offset
from assays.inhibition.spread import arm, pool_spread
from assays.results.flow import Reading
from assays.samples import Agent, Tube, TubeRole

LEVELS = np.geomspace(30, 6000, 24)
COFACTOR = 150.0


def medians(share: float, constant: float) -> list[list[float]]:
    rng = np.random.default_rng(11)
    sd = np.hypot(share * LEVELS, constant)
    return (LEVELS[:, None] + sd[:, None] * rng.normal(size=(LEVELS.size, 3))).tolist()


def read(groups: list[list[float]]) -> list[Reading]:
    drug = [(Agent("JAK2 inhibitor", 1.0 + at, "nM"),) for at in range(len(groups))]
    return [
        Reading(
            f"{at}-{n}", "D1",
            Tube(f"{at}-{n}", "D1", TubeRole.TREATED, Agent("IL-6", 10.0, "ng/mL"), drug[at], ""),
            "pSTAT3", "CLL", "pSTAT3", 5000, value, 0.1, COFACTOR,
            math.nan, math.nan, math.nan, "", "ok",
        )
        for at, group in enumerate(groups) for n, value in enumerate(group)
    ]  # fmt: skip


def test_a_scatter_that_is_a_share_of_every_median_has_a_small_offset() -> None:
    assert chosen_offset(medians(0.06, 0.0), COFACTOR) < 40


def test_a_scatter_that_is_the_same_in_every_tube_has_a_large_offset() -> None:
    assert chosen_offset(medians(0.0, 40.0), COFACTOR) == 4 * COFACTOR


def test_where_replicates_do_not_say_better_the_cofactor_stays() -> None:
    assert chosen_offset(medians(0.06, 0.06 * COFACTOR), COFACTOR) == COFACTOR
    assert chosen_offset([[100.0, 120.0]], COFACTOR) == COFACTOR
    assert chosen_offset([[100.0, 120.0], [1000.0, 1100.0]], COFACTOR) == COFACTOR
    assert chosen_offset([[100.0, 100.0], [1000.0, 1000.0]], COFACTOR) == COFACTOR


def test_the_unit_of_the_medians_does_not_matter() -> None:
    groups = medians(0.06, 0.0)
    once = chosen_offset(groups, COFACTOR)
    tenth = chosen_offset([[v / 10 for v in group] for group in groups], COFACTOR / 10)
    assert tenth == pytest.approx(once / 10, rel=1e-12)


def test_dim_tubes_do_not_thin_the_scatter_of_bright_ones() -> None:
    readings = read(medians(0.06, 0.0))
    spread = pool_spread(readings, {})
    assert spread.sd == pytest.approx(0.06, rel=0.2)
    dim = arm(readings[:3], spread, "linear")
    bright = arm(readings[-3:], spread, "linear")
    assert math.sqrt(dim.variance) / dim.mean < 0.06
    assert math.sqrt(bright.variance) / bright.mean == pytest.approx(spread.sd / math.sqrt(3), 0.01)


def test_the_arcsinh_scale_has_the_same_scatter_of_medians() -> None:
    readings = read(medians(0.06, 0.0))
    spread = pool_spread(readings, {})
    on_median = math.sqrt(arm(readings[:1], spread, "linear").variance)
    on_arcsinh = math.sqrt(arm(readings[:1], spread, "arcsinh").variance)
    assert on_arcsinh == pytest.approx(on_median / math.hypot(readings[0].median, COFACTOR))
