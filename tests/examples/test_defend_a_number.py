"""The how-to that works a number out again prints what the example's report prints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from assays.reports.page_controls import controls
from assays.reports.page_scatter import scatter

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "defend-a-number.md"


def test_the_worked_example_is_that_of_the_report(blockade: Any) -> None:
    told = " ".join(PAGE.read_text(encoding="utf-8").partition("## An example")[2].split())
    flow = blockade.run
    page = controls(flow)
    heads = [head.text for head in page.heads]
    (row,) = (
        dict(zip(heads, cells, strict=True))
        for cells in page.rows
        if (cells[0].text, cells[0].below) == ("D01", "pSTAT3 (Y705)")
        and cells[1].below == "0.1 µg/mL, against IL-6 10 ng/mL, IgG1 isotype"
    )
    for letter, name in (("U", "Unstimulated"), ("S", "Stimulated"), ("I", "Treated")):
        assert f"{letter} = {row[f'{name} (tubes)'].text}" in told
    assert f"= {row['Inhibition, % (interval)'].text} %" in told
    low, high = row["Inhibition, % (interval)"].below.strip("()").split("–")
    assert f"the lower end is {low} %" in told
    assert f"the upper end is {high} %" in told
    spread = next(cells for cells in scatter(flow).rows if cells[0].text == "pSTAT3 (Y705)")
    assert f"scatter {spread[1].text} %, t = {spread[3].text}, cofactor {spread[5].text}" in told


def test_the_intervals_of_own_floor_and_bliss_follow_from_the_formulas_of_the_page(
    blockade: Any,
) -> None:
    flow = blockade.run
    spreads = {cells[0].text: cells for cells in scatter(flow).rows}
    seen = {"own floor": 0, "Bliss": 0}
    for each in (row for row in flow.inhibition if math.isfinite(row.percent)):
        spread = spreads[each.readout]
        share, t = float(spread[1].text) / 100, float(spread[3].text)
        offset = float(spread[5].text)

        def squared(mean: float, tubes: int, share: float = share, offset: float = offset) -> float:
            return share**2 * (mean**2 + offset**2) / tubes

        u = squared(each.unstimulated, each.n_unstimulated)
        s = squared(each.stimulated, each.n_stimulated)
        i = squared(each.treated, each.n_treated)
        window = each.stimulated - each.unstimulated
        if math.isfinite(each.own_floor_fieller[0]):
            b = squared(each.alone, len(each.alone_files))
            for end in each.own_floor_fieller:
                q = 1 - end / 100
                off = abs((each.treated - each.alone) - q * window)
                assert off == pytest.approx(t * math.sqrt(i + b + q**2 * (s + u)), rel=0.03)
            seen["own floor"] += 1
        shared = {(m.stimulated_files, m.unstimulated_files) for m in each.members}
        if math.isfinite(each.excess_bliss_interval[0]) and len(shared) == 1:
            one, two = each.members
            moves = (1.0, -(1 - two.percent / 100), -(1 - one.percent / 100))
            found = (each.percent, one.percent, two.percent)
            by_s = sum(m * (100 - x) for m, x in zip(moves, found, strict=True)) / window
            by_u = sum(m * x for m, x in zip(moves, found, strict=True)) / window
            arms = (i, *(squared(m.treated, len(m.treated_files)) for m in each.members))
            variance = sum((100 * m / window) ** 2 * v for m, v in zip(moves, arms, strict=True))
            half = t * math.sqrt(variance + by_s**2 * s + by_u**2 * u)
            low, high = each.excess_bliss_interval
            assert (high - low) / 2 == pytest.approx(half, rel=0.03)
            seen["Bliss"] += 1
    assert min(seen.values()) > 0, seen
