"""Each donor's difference behind what is compared over donors, so that it can be worked out again.

The Hodges-Lehmann estimate is the median of the means of all pairs of these differences, the
signed-rank test ranks them, and the paired t test takes their mean and SD.
"""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, stacked, table, words
from assays.reports.tables_donors import SCALES, compared_on_page
from assays.reports.words import MISSING, decimals_of_scale, fixed, p_value
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
        "Control: the mean over a donor's vehicles of the mean of each one's replicate tubes, so "
        "that a vehicle with more tubes counts no more than another (the constitutive level under "
        "\u201cSecretion and activation\u201d is the mean over all unstimulated tubes). "
        "Hodges\u2013Lehmann is the median of "
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


def next_donor_on_page(run: FlowRun) -> PageTable:
    """One row per comparison: do donors respond alike, and where is the next one expected?"""
    shown = [each for each in compared_on_page(run) if math.isfinite(each.prediction[0])]
    scales = list(dict.fromkeys(SCALES.get(each.scale, each.scale) for each in shown))
    unit = " or ".join(scales)
    heads = (
        Head("Readout"),
        Head("Compared"),
        Head("Donors", number=True),
        Head(f"Mean difference, {unit}", number=True),
        Head("p, donors respond alike", number=True),
        Head(f"Next donor, {unit}", number=True),
    )
    rows = [
        (
            words(each.readout),
            Cell(each.condition, look="wide", below=f"against {each.against}"),
            figure(str(each.n)),
            stacked(each.mean, each.mean_interval, decimals_of_scale(each.scale)),
            figure(p_value(each.heterogeneity_p)),
            figure(_span(each.prediction, decimals_of_scale(each.scale))),
        )
        for each in shown
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    note = (
        f"Mean difference with its {level} interval below. p is that the donors differ by no more "
        "than their replicate tubes scatter: a small one says that they do not respond alike. Next "
        f"donor: where the difference of one more donor is expected with {level}, mean \u00b1 t SD "
        "\u221a(1 + 1/n)."
    )
    if any(math.isnan(each.heterogeneity_p) for each in shown):
        note += f" {MISSING}: no replicate tubes to hold the donors against."
    return table(
        "next-donor",
        "Heterogeneity, and the next donor",
        heads,
        rows,
        note=note,
        folded=True,
        named=2,
    )


def _span(ends: tuple[float, float], decimals: int) -> str:
    return " to ".join(fixed(end, decimals) for end in ends)
