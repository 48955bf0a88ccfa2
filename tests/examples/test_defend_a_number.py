"""The how-to that works a number out again prints what the example's report prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
