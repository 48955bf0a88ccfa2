"""The plates of a run together, on the page."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.page_dilution import kept
from assays.reports.words import count, fixed, p_value, percent, significant
from assays.results.elisa import ElisaRun
from assays.results.plates_together import Interval

FEW = "Fewer plates than a validation asks for: preliminary. "


def plates_together(run: ElisaRun) -> tuple[PageTable, ...]:
    """Every table over plates that has rows."""
    found = (precision(run), bridging(run), range_over_plates(run), shared(run))
    return tuple(each for each in found if each.rows)


def around(interval: Interval, decimals: int) -> Cell:
    """``(1.9–7.6)``; blank where it is not known."""
    low, high = interval
    if math.isnan(low) or math.isnan(high):
        return Cell("", look="interval")
    dash = " to " if low < 0 else "\u2013"
    return Cell(f"({fixed(low, decimals)}{dash}{fixed(high, decimals)})", look="interval")


def precision(run: ElisaRun) -> PageTable:
    """Controls over plates: CV within a plate, and of one result on any plate."""
    heads = (
        Head("Control"),
        Head("Plates", number=True),
        Head("Wells", number=True),
        Head(f"Target, {run.unit}", number=True),
        Head(f"Mean, {run.unit}", number=True),
        Head("Recovery, %", number=True),
        Head("Intra-assay CV, % (95 % interval)", True, 2),
        Head("Inter-assay CV, % (95 % interval)", True, 2),
        Head("Of it between plates, %", number=True),
    )
    rows = [
        (
            words(one.sample),
            figure(str(one.n_plates)),
            figure(str(one.n_results)),
            figure(significant(one.nominal)),
            figure(significant(one.mean)),
            figure(percent(one.recovery_percent)),
            figure(percent(one.intra_cv_percent)),
            around(one.intra_interval, 1),
            figure(percent(one.inter_cv_percent)),
            around(one.inter_interval, 1),
            figure(percent(one.between_cv_percent)),
        )
        for one in run.precision
    ]
    note = (
        "Intra-assay: wells of one plate. Inter-assay: one well on any plate, within and between "
    )
    note += "together (CLSI EP05-A3 and EP15-A3, as generally quoted; documents not seen)."
    if any(not one.enough for one in run.precision):
        note += " With fewer than five plates the spread between them is hardly known."
    return table("precision", "Controls over plates", heads, rows, note=note)


def bridging(run: ElisaRun) -> PageTable:
    """Each plate against the first, by what both measured."""
    heads = (
        Head("Plate"),
        Head("Against"),
        Head("Samples on both", number=True),
        Head("Mean ratio (95 % interval)", True, 2),
        Head("Alike"),
        Head("Mean difference, % (limits of agreement)", True, 2),
        Head("Slope, Deming (95 % interval)", True, 2),
        Head("Concordance", number=True),
    )
    rows = [
        (
            words(one.second),
            words(one.first),
            figure(str(len(one.pairs))),
            figure(fixed(one.ratio, 2)),
            around(one.interval, 2),
            kept(one.alike),
            figure(percent(one.mean_percent)),
            around(one.agreement_percent, 1),
            figure(fixed(one.slope, 2)),
            around(one.slope_interval, 2),
            figure(fixed(one.concordance, 3)),
        )
        for one in run.bridges
    ]
    note = ""
    if run.bridges:
        low, high = run.bridges[0].limits
        note = (
            f"Plates are alike when the interval of the mean ratio lies within {fixed(low, 2)}"
            f"\u2013{fixed(high, 2)} (limits in common use). Of a sample at several "
            "dilutions the least diluted one within the limits counts."
        )
    return table("bridging", "Bridges between plates", heads, rows, note=note, named=2)


def range_over_plates(run: ElisaRun) -> PageTable:
    """The standards of all plates, and the range that they support together."""
    heads = (
        Head(f"Standard, {run.unit}"),
        Head("Plates", number=True),
        Head("Wells", number=True),
        Head("Recovery, %", number=True),
        Head("CV, %", number=True),
        Head("Within a plate, %", number=True),
        Head("Between plates, %", number=True),
        Head("Total error, %", number=True),
        Head("Holds"),
        Head("What fails"),
    )
    found = run.range
    if found is None:
        return table("range", "Range over plates", heads, ())
    rows = [
        (
            words(significant(level.nominal)),
            figure(str(level.n_plates)),
            figure(str(level.n_results)),
            figure(percent(level.recovery_percent)),
            figure(percent(level.cv_percent)),
            figure(percent(level.within_cv_percent)),
            figure(percent(level.between_cv_percent)),
            figure(percent(level.total_error_percent)),
            words("as an end only") if level.inside_as_end and not level.inside
            else kept(level.inside),
            words(level.why, "muted wide"),
        )
        for level in found.levels
    ]  # fmt: skip
    held = "no range"
    if math.isfinite(found.lloq):
        held = f"{significant(found.lloq)}\u2013{significant(found.uloq)} {found.unit}"
    note = f"Over {count(found.n_plates, 'plate')} the standards support {held}. "
    note += "" if found.enough else FEW
    note += f"Limits of recovery, CV and total error: {found.source}. "
    note += "A plate narrows the range for itself and never widens it."
    return table("range", "Range over plates", heads, rows, note=note)


def shared(run: ElisaRun) -> PageTable:
    """Parameters that all plates have in common."""
    heads = (
        Head("Shared parameter"),
        Head("Value", number=True),
        Head("F-test, p", number=True),
        Head("Shared by the plates"),
    )
    found = run.shared
    rows = [
        (
            words(name),
            figure(significant(value, 4)),
            figure(p_value(found.p_value)),
            kept(not found.apart),
        )
        for name, value in (found.shared.items() if found is not None else ())
        if found is not None
    ]
    note = "The F-test holds curves with common parameters against curves of their own."
    return table("shared", "Shared parameters", heads, rows, note=note)
