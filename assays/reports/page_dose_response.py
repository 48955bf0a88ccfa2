"""What the page says of series of doses: IC50s, and the curves they are read from."""

from __future__ import annotations

import math
from dataclasses import replace

from assays.inhibition.dose.order import OUT_OF_ORDER
from assays.inhibition.spread import RESIDUALS
from assays.reports.cells import (
    Cell,
    Head,
    PageTable,
    figure,
    stacked,
    table,
    value_and_interval,
    words,
)
from assays.reports.page_controls import responses_in_words
from assays.reports.tables_inhibition import relative_of
from assays.reports.two_doses import without_a_row
from assays.reports.words import MISSING, significant
from assays.results.flow import FlowRun
from assays.results.inhibition import DoseResponse

OK = "ok"


def dose_response(run: FlowRun) -> PageTable:
    """IC50 of each series of doses."""
    units = list(dict.fromkeys(each.unit for each in run.dose_responses))
    one = len(units) == 1
    heads = [
        Head("Donor"),
        Head("Readout"),
        Head("Inhibitor"),
        Head(f"IC50{f', {units[0]}' if one else ''} ({run.level:.0%} interval)".replace("%", " %"),
             True, 2),
        Head("Relative IC50 (interval)", number=True),
        *([] if one else [Head("Unit")]),
        Head("Tubes", number=True),
        Head("Doses"),
        Head("Status"),
    ]  # fmt: skip
    rows = [
        (
            words(each.donor),
            words(each.readout),
            words(each.inhibitor),
            *_ic50(each),
            _relative(each),
            *([] if one else [words(each.unit)]),
            figure(str(len(each.doses))),
            words(_span(each)),
            _status(each),
        )
        for each in run.dose_responses
    ]
    note = (
        "IC50: the dose that removes half of the window between the donor's stimulated and "
        "unstimulated tubes (absolute). A bound comes from the tubes; its interval is the "
        "profile of the curve that is drawn, and cannot be worked out by hand. "
        "Relative IC50: half-way between the curve's own plateaus."
    )
    if not all(math.isfinite(relative_of(each)) for each in run.dose_responses):
        note += (
            " \u2014: the tubes do not hold both plateaus, or no curve was fitted, so there is no "
            "half-way between them."
        )
    if any(each.status == "not bracketed" for each in run.dose_responses):
        note += (
            " Not bracketed: the curve crosses half-way among the doses, but its interval reaches "
            "threefold beyond them, so no number is given."
        )
    if any(each.status == "window too weak" for each in run.dose_responses):
        note += (
            " Window too weak: between so close controls the tubes refuse no dose as the IC50, so "
            "neither a number nor a bound is given."
        )
    if any(each.status == OUT_OF_ORDER for each in run.dose_responses):
        note += (
            " Doses out of order: a dose leaves less than a higher one, beyond what tubes scatter, "
            "so neither a number nor a bound is given; the findings name the tubes."
        )
    if any(each.scatter_from == RESIDUALS for each in run.dose_responses):
        note += (
            " Scatter of residuals: there are neither replicate tubes nor a declared tube CV, so "
            "the window was tested with the scatter from the residuals of this series around its "
            "curve. A single percentage of it has no such scatter and stays not testable."
        )
    note = " ".join(each for each in (note, without_a_row(run.inhibition)) if each)
    return table("dose-response", "Dose response", heads, rows, note=note, named=3)


def dose_curves(run: FlowRun) -> PageTable:
    """Parameters of the curves, so that each IC50 can be worked out by hand."""
    fitted = [each for each in run.dose_responses if math.isfinite(each.ic50) and each.params]
    heads = (
        Head("Donor"),
        Head("Readout"),
        Head("Inhibitor"),
        Head("A: without inhibitor", number=True),
        Head("D: full effect", number=True),
        Head("U: unstimulated", number=True),
        Head("C: half-way dose", number=True),
        Head("B: slope", number=True),
        Head("IC50", number=True),
        Head("Unit of doses"),
    )
    rows = [
        (
            words(each.donor),
            words(each.readout),
            words(each.inhibitor),
            *(figure(significant(each.params.get(name, math.nan), 4)) for name in "ADUCB"),
            figure(significant(each.ic50, 4)),
            words(each.unit),
        )
        for each in fitted
    ]
    note = (
        "Response at dose x: D + (A \u2212 D) / (1 + (x / C)^B). Half of the window is M = "
        "(A + U) / 2, and IC50 = C ((A \u2212 M) / (M \u2212 D))^(1/B). A, D and U are "
        f"{responses_in_words(run)}. A curve without an IC50 is not told: it runs through tubes "
        "that do not hold half of the window."
    )
    given = [f"{each.donor}, {each.inhibitor}: {each.fixed}" for each in fitted if each.fixed]
    if given:
        note += f" Given, not fitted: {'; '.join(given)}."
    return table(
        "dose-curves", "Curves of the dose responses", heads, rows, note=note, folded=True, named=3
    )


def _status(each: DoseResponse) -> Cell:
    """The status; beneath, that the window stands on the residuals of the series alone."""
    shown = words(each.status, "" if each.status == OK else "muted")
    return replace(shown, below="scatter of residuals") if each.scatter_from == RESIDUALS else shown


def _relative(each: DoseResponse) -> Cell:
    """Half-way between the plateaus, its interval beneath; what is possible where that is open."""
    value = relative_of(each)
    low, high = each.relative_ic50_interval
    if math.isnan(value) and math.isfinite(each.relative_ic50):
        return replace(figure(MISSING), below=f"({_possible(low, high)})")
    return stacked(value, (low, high))


def _ic50(each: DoseResponse) -> tuple[Cell, Cell]:
    positive = each.doses[each.doses > 0]
    low, high = each.ic50_interval
    if each.status.startswith("<") and len(positive):
        told = Cell(f"(\u2264 {significant(high)})" if math.isfinite(high) else "", look="interval")
        return figure(f"< {significant(float(positive.min()))}", "muted"), told
    if each.status.startswith(">") and len(positive):
        told = Cell(f"(\u2265 {significant(low)})" if low > 0 else "", look="interval")
        return figure(f"> {significant(float(positive.max()))}", "muted"), told
    if each.status in ("not bracketed", "window too weak", OUT_OF_ORDER):
        # No number, but what the curve leaves possible.
        return figure(MISSING), Cell(f"({_possible(low, high)})", look="interval")
    return value_and_interval(each.ic50, each.ic50_interval)


def _possible(low: float, high: float) -> str:
    """``0.2–3000``, ``≤ 3000``, ``≥ 0.2``, or ``any dose``."""
    below, above = not low > 0, not math.isfinite(high)
    if below and above:
        return "any dose"
    if below:
        return f"\u2264 {significant(high, 2)}"
    if above:
        return f"\u2265 {significant(low, 2)}"
    return f"{significant(low, 2)}\u2013{significant(high, 2)}"


def _span(each: DoseResponse) -> str:
    if not len(each.doses):
        return ""
    low, high = float(each.doses.min()), float(each.doses.max())
    return f"{low:g}\u2013{high:g}"
