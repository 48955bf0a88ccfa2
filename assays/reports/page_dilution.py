"""Dilution series and spikes on the page."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, value_and_interval, words
from assays.reports.page_concentrations import anchor
from assays.reports.page_findings import SIGNS
from assays.reports.words import fixed, p_value, percent, significant, with_interval
from assays.results.dilution import DilutionSeriesResult
from assays.results.elisa import ElisaRun, PlateResult
from plates.findings import Severity


def kept(value: bool | None) -> Cell:
    """Whether a limit is kept: a look where it is not, grey where nobody can tell."""
    if value is None:
        return words("not assessable", "muted")
    return words("yes") if value else words(f"{SIGNS[Severity.LOOK]} no", "look")


def dilution_steps(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Each dilution, corrected, beside the first and the one before."""
    heads = (
        Head("Sample"),
        Head("Dilution", number=True),
        Head(f"Corrected, {run.unit} (95 % interval)", True, 2),
        Head("Of the first, %", number=True),
        Head("Of the previous, %", number=True),
        Head("Status"),
    )
    rows = [
        (
            words(one.sample if n == 0 else ""),
            figure(f"1:{step.dilution_factor:g}"),
            *value_and_interval(step.corrected, step.interval),
            figure(percent(step.percent_of_first)),
            figure(percent(step.percent_of_previous)),
            words(step.status, "" if math.isfinite(step.corrected) else "muted"),
        )
        for one in plate.dilutions
        for n, step in enumerate(one.steps)
    ]
    return table(anchor("dilution-steps", run, plate), "Dilution series", heads, rows)


def dilution_series(run: ElisaRun, plate: PlateResult) -> PageTable:
    """What each series says: linear, and in parallel with the standard?"""
    tested = any(math.isfinite(one.f_p_value) for one in plate.dilutions)
    heads = [
        Head("Sample"),
        Head("Dilutions used", number=True),
        Head(f"Mean, {run.unit}", number=True),
        Head("CV, %", number=True),
        Head("Slope over dilutions (95 % interval)", True, 2),
        Head("Linear"),
        Head("Parallel"),
    ]
    heads += [Head("p, own curve", number=True), Head("Slope ratio (90 % interval)", True, 2),
              Head("Equivalent")] if tested else []  # fmt: skip
    rows = [_series(one, tested) for one in plate.dilutions]
    note = ""
    if plate.dilutions:
        one = plate.dilutions[0]
        note = (
            f"Linear: each dilution within {one.linear_percent:g} % of the first. Parallel to the "
            f"standard: CV of the corrected concentrations at most {one.parallel_cv_percent:g} %; "
            "a slope above 0 is a hook or a matrix that thins out. "
            f"{one.source}."
        )
        if tested:
            note += (
                " Where a series carries a curve of its own: p of the F-test that it is the "
                "standard\u2019s, moved; equivalent if slope and range agree within 0.80\u20131.25."
            )
    return table(
        anchor("dilution", run, plate), "Linearity and parallelism", heads, rows, note=note
    )


def _series(one: DilutionSeriesResult, tested: bool) -> tuple[Cell, ...]:
    low, high = one.slope_interval
    slope = figure(fixed(one.slope, 2))
    ends = "" if math.isnan(low) else f"({fixed(low, 2)} to {fixed(high, 2)})"
    row = (
        words(one.sample),
        figure(str(one.n_known)),
        figure(significant(one.mean)),
        figure(percent(one.cv_percent)),
        slope,
        Cell(ends, look="interval"),
        kept(one.linear),
        kept(one.parallel),
    )
    if not tested:
        return row
    ratio, *around = one.slope_ratio
    shown, between = with_interval(ratio, (around[0], around[1]), decimals=2)
    return (
        *row,
        figure(p_value(one.f_p_value)),
        figure(shown),
        Cell(f"({between})" if between else "", look="interval"),
        kept(one.equivalent),
    )


def spikes(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Spiked samples beside themselves without."""
    heads = (
        Head("Sample"),
        Head("Dilution", number=True),
        Head(f"Spike, {run.unit}", number=True),
        Head(f"Without, {run.unit}", number=True),
        Head(f"With, {run.unit}", number=True),
        Head("Recovery, % (95 % interval)", True, 2),
        Head("Allowed, %"),
        Head("Within"),
        Head("Remark"),
    )
    rows = []
    for one in plate.spikes:
        value, ends = value_and_interval(one.recovery_percent, one.interval, decimals=1)
        if math.isnan(one.recovery_percent) and math.isfinite(one.interval[0]):
            span = f"{percent(one.interval[0])}\u2013{percent(one.interval[1])}"
            ends = Cell(f"({span})", look="interval")
        rows.append(
            (
                words(one.sample),
                figure(f"1:{one.dilution_factor:g}"),
                figure(significant(one.spike)),
                figure(significant(one.neat)),
                figure(significant(one.spiked)),
                value,
                ends,
                words(f"{100 - one.limit_percent:g}\u2013{100 + one.limit_percent:g}", "right"),
                kept(one.within),
                words(one.said, "muted wide"),
            )
        )
    note = f"Recovery = 100 × (with − without) / spike. {plate.spikes[0].source}." if rows else ""
    return table(anchor("spikes", run, plate), "Spike recovery", heads, rows, note=note)
