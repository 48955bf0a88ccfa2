"""Each donor's difference behind what is compared over donors, so that it can be worked out again.

The Hodges-Lehmann estimate is the median of the means of all pairs of these differences, the
signed-rank test ranks them, and the paired t test takes their mean and SD.
"""

from __future__ import annotations

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.tables_donors import SCALES, compared_on_page
from assays.reports.words import decimals_of_scale, fixed
from assays.results.flow import FlowRun


def differences_on_page(run: FlowRun) -> PageTable:
    """One row per comparison and donor: the control's level, and the difference from it."""
    shown = compared_on_page(run)
    scales = list(dict.fromkeys(SCALES.get(each.scale, each.scale) for each in shown))
    heads = (
        Head("Readout"),
        Head("Compared"),
        Head("Donor"),
        Head("Control", number=True),
        Head(f"Difference, {' or '.join(scales)}", number=True),
    )
    rows = [
        (
            words(each.readout),
            Cell(each.condition, below=f"against {each.against}"),
            words(donor),
            figure(fixed(control, decimals_of_scale(each.scale) + 1)),
            figure(fixed(difference, decimals_of_scale(each.scale) + 1)),
        )
        for each in shown
        for donor, control, difference in zip(
            each.donors, each.controls or (float("nan"),) * each.n, each.differences, strict=True
        )
    ]
    note = (
        "Means over a donor's replicate tubes and vehicles. Hodges\u2013Lehmann is the median of "
        "the means of all pairs of these differences, each paired with itself too; Wilcoxon ranks "
        "their sizes; t is their mean over SD / \u221an. On the arcsinh scale a level is "
        "arcsinh(median / cofactor)."
    )
    return table(
        "donor-differences",
        "Each donor's difference",
        heads,
        rows,
        note=note,
        folded=True,
        named=3,
    )
