"""Annexin V and PI: what IL-6 saves, and what blockade takes of that."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from assays.sample_sheet import check_files, read_samples


def test_sheet_and_truth_are_what_the_generator_describes(viability: Any) -> None:
    described = viability.script("describe")
    assert described.samples() == (viability.folder / "samples.csv").read_bytes()
    assert json.loads(described.truth()) == viability.truth


def test_the_folder_is_complete_and_small(viability: Any) -> None:
    files = sorted((viability.place / "fcs").iterdir())
    tubes = read_samples(viability.folder / "samples.csv")
    assert not check_files(tubes, [path.name for path in files])
    assert sum(path.stat().st_size for path in files) < 4e6


@pytest.mark.parametrize(
    ("population", "state"),
    [
        ("viable", "viable"),
        ("early apoptotic", "early"),
        ("late apoptotic", "late"),
        ("necrotic", "necrotic"),
    ],
)
def test_each_quadrant_holds_the_cells_that_were_put_in(
    viability: Any, population: str, state: str
) -> None:
    for row in viability.run.populations:
        if row.population == population:
            put_in = viability.truth["tubes"][row.file]["single_cll"][state]
            assert row.count == pytest.approx(put_in, rel=0.04, abs=14), row.file


def test_shrunken_cells_are_kept(viability: Any) -> None:
    for row in viability.run.populations:
        if row.population == "CLL":
            put_in = sum(viability.truth["tubes"][row.file]["single_cll"].values())
            assert put_in >= 500
            assert row.count == pytest.approx(put_in, rel=0.03), row.file


def test_il6_saves_cells_in_all_donors_but_one(viability: Any) -> None:
    for row in viability.run.protections:
        assert row.status == "ok"
        saved = row.donor not in viability.truth["no_protection"]
        assert (row.interval[0] > 20) == saved
    silent = {row.donor for row in viability.run.inhibition if row.status != "ok"}
    assert silent == set(viability.truth["no_protection"]) == {"D06"}


def test_what_the_drug_kills_by_itself_is_told_apart(viability: Any) -> None:
    """The JAK2 inhibitor takes 92 % of the protection, and kills a few cells besides."""
    rows = [
        row
        for row in viability.run.inhibition
        if row.inhibitor == "JAK2 inhibitor" and row.status == "ok"
    ]
    assert len(rows) == 2
    assert all(row.percent_own_floor < row.percent for row in rows)
    assert all(math.isfinite(row.own_floor_interval[0]) for row in rows)


def test_the_gate_of_single_cells_says_how_clear_it_was(viability: Any) -> None:
    (row,) = [row for row in viability.run.strategy if row.population == "singlets"]
    assert row.group_by == "file"
    assert row.score > 0.9 and row.reasons.startswith("36 tubes")
