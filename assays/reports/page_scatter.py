"""Where intervals come from: the scatter between replicate tubes, and the formulas behind them."""

from __future__ import annotations

import math

from assays.reports.cells import Head, PageTable, figure, table, words
from assays.reports.columns import number
from assays.reports.words import MISSING, fixed
from assays.results.flow import FlowRun
from assays.results.table import Column, Table


def scatters(run: FlowRun) -> Table:
    """One row per readout, in full precision."""
    columns = (
        Column("readout", "Readout"),
        number("scatter_percent", "Scatter of replicate tubes", "%", "percent"),
        number("df", "Degrees of freedom; none where it is declared", kind="count"),
        number("n_conditions", "Conditions with replicates", kind="count"),
        number("offset", "Offset below which tubes scatter by a constant"),
        Column("interval_kind", "Intervals from"),
    )
    rows = tuple(
        (
            each.readout,
            100.0 * each.sd,
            int(each.df) if math.isfinite(each.df) else None,
            each.groups,
            each.offset,
            each.source,
        )
        for each in (run.scatter if _asked(run) else ())
    )
    return Table("scatter", "Scatter between tubes", columns, rows)


def scatter(run: FlowRun) -> PageTable:
    """One row per readout: with it and the medians, each interval can be worked out by hand."""
    heads = (
        Head("Readout"),
        Head("Scatter of tubes, %", number=True),
        Head("Degrees of freedom", number=True),
        Head("Student's t", number=True),
        Head("Conditions with replicates", number=True),
        Head("Offset", number=True),
        Head("Intervals from"),
    )
    rows = [
        (
            words(each.readout),
            figure(fixed(100.0 * each.sd, 2)),
            figure(_freedom(each.df, each.sd)),
            figure(fixed(student(run.level, each.df), 3)),
            figure(str(each.groups)),
            figure(f"{each.offset:.4g}"),
            words(each.source),
        )
        for each in (run.scatter if _asked(run) else ())
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    note = (
        "SD of replicate tubes, pooled over all conditions of the readout that have them, in "
        "percent of \u221a(median\u00b2 + offset\u00b2). The offset is the readout's cofactor, or "
        "another where its replicates say so. The standard error of a mean of n tubes is "
        f"scatter \u00d7 {_slope(run)} \u00f7 \u221an, or that of its events (SE in the sheet "
        f"readings) where larger. Intervals are {level}, with the t that stands here: of a "
        "window S \u2212 U, t \u221a(SE\u00b2 of S + SE\u00b2 of U); of a "
        "percentage (Fieller), every 100 r for which |(S \u2212 I) \u2212 r (S \u2212 U)| \u2264 "
        "t \u221a(SE\u00b2 of I + (1 \u2212 r)\u00b2 SE\u00b2 of S + r\u00b2 SE\u00b2 of U)."
    )
    return table("scatter", "Where the intervals come from", heads, rows, note=note)


def _asked(run: FlowRun) -> bool:
    """Whether the page shows any interval that comes from it."""
    return bool(run.inhibition or run.positive_controls or run.protections or run.kinetics)


def student(level: float, df: float) -> float:
    """Two-sided Student's t of an interval; that of the normal where `df` is infinite.

    >>> round(student(0.95, 14), 3), round(student(0.95, math.inf), 3)
    (2.145, 1.96)
    """
    if math.isnan(df):
        return math.nan
    from scipy import stats

    return float(stats.t.ppf((1.0 + level) / 2.0, df))


def _freedom(df: float, sd: float) -> str:
    if math.isnan(sd):
        return MISSING
    return "declared" if math.isinf(df) else fixed(df, 0)


def _slope(run: FlowRun) -> str:
    """SD of a tube for a scatter of 1, on the scale of inhibition."""
    on_median = "mean of \u221a(median\u00b2 + offset\u00b2)"
    if run.inhibition_scale == "arcsinh":
        return on_median + " \u00f7 \u221a(median\u00b2 + cofactor\u00b2)"
    return on_median
