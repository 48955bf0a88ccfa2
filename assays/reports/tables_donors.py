"""The table of comparisons over donors, and the short one of the page."""

from __future__ import annotations

import math

from assays.inhibition.donors.tubes import SHARED
from assays.reports.cells import Cell, Head, PageTable, figure, stacked, table, words
from assays.reports.columns import number
from assays.reports.words import MISSING, decimals_of_scale, fixed, p_value, percent
from assays.results.flow import FlowRun
from assays.results.inhibition import DonorComparison
from assays.results.table import Column, Table

SCALES = {"arcsinh": "\u0394arcsinh"}
"""Scales whose name is not what a reader calls the difference."""


def _columns_of_donors(level: str) -> tuple[Column, ...]:
    """Columns of the table; `level` is that of its intervals, in words."""
    return (
        Column("readout", "Readout"),
        Column("kind", "Question"),
        Column("condition", "Condition"),
        Column("against", "Against"),
        Column("member", "Inhibitor or stimulus"),
        Column("dose", "Dose"),
        Column("scale", "Scale of differences"),
        number("n_donors", "Donors", kind="count"),
        number("mean_difference", "Mean difference"),
        number("interval_low", f"{level} interval of the mean, low"),
        number("interval_high", f"{level} interval of the mean, high"),
        number("sd", "SD between donors"),
        number("hodges_lehmann", "Hodges\u2013Lehmann"),
        number("hl_low", "Hodges\u2013Lehmann, low"),
        number("hl_high", "Hodges\u2013Lehmann, high"),
        number("hl_confidence_percent", "Confidence attained", "%", "percent"),
        number("t_p", "p, paired t"),
        number("wilcoxon_p", "p, Wilcoxon"),
        number("smallest_p", "Smallest p that n allows"),
        number("family", "Compared together", kind="count"),
        number("t_holm", "p, paired t, Holm"),
        number("wilcoxon_holm", "p, Wilcoxon, Holm"),
        number("smallest_holm", "Smallest p that n and Holm allow"),
        number("sd_response", "SD of responses, without that of tubes"),
        number("sd_response_low", "SD of responses, low"),
        number("sd_response_high", "SD of responses, high"),
        number("heterogeneity_p", "p, donors respond alike"),
        number("next_donor_low", "Next donor, low"),
        number("next_donor_high", "Next donor, high"),
        number("mixed_difference", "Mixed model, mean difference"),
        number("mixed_low", "Mixed model, low"),
        number("mixed_high", "Mixed model, high"),
        number("mixed_df", "Mixed model, degrees of freedom"),
        number("mixed_p", "p, mixed model"),
        Column("mixed_status", "Mixed model, status", kind="flag"),
        Column("differences", "Difference of each donor"),
        Column("status", "Status", kind="flag"),
        Column("note", "Note"),
    )


def donors(run: FlowRun) -> Table:
    """One row per readout and condition that donors share."""
    level = f"{run.level:.0%}".replace("%", " %")
    columns = _columns_of_donors(level)
    rows = tuple(
        (
            each.readout,
            each.kind,
            each.condition,
            each.against,
            each.member,
            each.dose,
            each.scale,
            each.n,
            each.mean,
            *each.mean_interval,
            each.sd,
            each.estimate,
            *each.estimate_interval,
            100.0 * each.confidence,
            each.t_p,
            each.wilcoxon_p,
            each.smallest_p,
            each.family,
            each.t_holm,
            each.wilcoxon_holm,
            each.smallest_holm,
            each.sd_response,
            *each.sd_response_interval,
            each.heterogeneity_p,
            *each.prediction,
            each.mixed,
            *each.mixed_interval,
            each.mixed_df,
            each.mixed_p,
            each.mixed_status,
            _differences(each),
            each.status,
            each.note,
        )
        for each in run.donors
    )
    return Table("donors", "Over donors", columns, rows)


def _differences(each: DonorComparison) -> str:
    pairs = zip(each.donors, each.differences, strict=True)
    return "; ".join(f"{donor} {difference:.4g}" for donor, difference in pairs)


def compared_on_page(run: FlowRun) -> list[DonorComparison]:
    """Comparisons that the page shows; the workbook has all of them."""
    shown = [each for each in run.donors if each.family or each.status != "ok"]
    adjusted = {(each.readout, each.member) for each in shown if each.family}
    return [each for each in shown if each.family or (each.readout, each.member) not in adjusted]


def donors_on_page(run: FlowRun) -> PageTable:
    """Conditions that p was adjusted for, and those of too few donors to adjust."""
    shown = compared_on_page(run)
    scales = list(dict.fromkeys(SCALES.get(each.scale, each.scale) for each in shown))
    heads = (
        Head("Readout"),
        Head("Compared"),
        Head("Donors", number=True),
        Head(f"{' or '.join(scales)}, Hodges\u2013Lehmann", number=True),
        Head("Interval holds with", number=True),
        Head("SD between donors", number=True),
        Head("SD of responses", number=True),
        Head("p, Wilcoxon", number=True),
        Head("Smallest it can be", number=True),
        Head("p, paired t", number=True),
    )
    rows = [
        (
            words(each.readout),
            Cell(_name(each), look="wide", below=_beside(each)),
            figure(str(each.n)),
            stacked(each.estimate, each.estimate_interval, decimals_of_scale(each.scale)),
            figure(
                MISSING if math.isnan(each.confidence) else f"{percent(100 * each.confidence)} %"
            ),
            figure(fixed(each.sd, decimals_of_scale(each.scale))),
            stacked(each.sd_response, each.sd_response_interval, decimals_of_scale(each.scale)),
            _p(each.wilcoxon_holm, each.wilcoxon_p, each.family),
            _p(each.smallest_holm, each.smallest_p, each.family),
            _p(each.t_holm, each.t_p, each.family),
        )
        for each in shown
    ]
    note = (
        "One difference per donor, between the means of its own tubes; donors are the replicates. "
        "Hodges\u2013Lehmann: the median of the means of all pairs of differences; its interval, "
        "below, holds with the confidence that is printed, no other. p is adjusted over the "
        "inhibitors (Holm), each with the dose that most donors have; the unadjusted one stands "
        "below. SD of responses: that between donors without what the scatter of their tubes "
        "explains. Each donor's difference stands below, every dose in the sheets donors of the "
        "workbook."
    )
    if any(math.isnan(each.confidence) for each in shown):
        note += " Fewer than 3 donors have no interval."
    if any(math.isnan(each.sd_response) for each in shown):
        note += " SD of responses \u2014: no replicate tubes to tell it from the scatter of tubes."
    return table("donors", "Over donors", heads, rows, note=note, named=2)


def _name(each: DonorComparison) -> str:
    """What was given beyond the control: the stimulus, or the inhibitors with their doses."""
    return each.condition.removeprefix(f"{each.against} + ")


def _beside(each: DonorComparison) -> str:
    """Control, and what else there is to know, in a small line."""
    parts = (f"against {each.against}", _status(each), each.note, _mixed(each))
    return "; ".join(part for part in parts if part)


def _status(each: DonorComparison) -> str:
    return "" if each.status == "ok" else each.status


def _mixed(each: DonorComparison) -> str:
    """The mixed model beside the paired t test, or which donors keep it away."""
    if each.mixed_status.startswith(SHARED):
        return f"mixed model {each.mixed_status}"
    if math.isnan(each.mixed):
        return ""
    low, high = each.mixed_interval
    return (
        f"mixed model of all tubes {fixed(each.mixed, 2)} ({fixed(low, 2)} to {fixed(high, 2)}), "
        f"p {p_value(each.mixed_p)} on {fixed(each.mixed_df, 1)} degrees of freedom"
    )


def _p(adjusted: float, raw: float, family: int) -> Cell:
    """Adjusted p, with the unadjusted one below it where that differs."""
    if family <= 1:
        return figure(p_value(raw))
    return Cell(p_value(adjusted), number=True, below=f"({p_value(raw)})")
