"""Secretion against activation across donors: the table, and that of the page."""

from __future__ import annotations

from assays.reports.cells import Cell, Head, PageTable, figure, stacked, table, words
from assays.reports.columns import number
from assays.reports.tables_elisa import natural
from assays.reports.words import decimals_of_scale, fixed, limited, p_value, significant
from assays.results.correlation import Association, Correlated
from assays.results.run import Run
from assays.results.table import Column, Table

CLEAR = "ok"


def correlation(run: Run) -> Table:
    """One row per readout, question and coefficient."""
    columns = (
        Column("analyte", "Secreted"),
        Column("unit", "Unit"),
        Column("readout", "Readout"),
        Column("question", "Question"),
        Column("stimulus", "Stimulus"),
        Column("scale", "Scale of the activation"),
        Column("method", "Coefficient"),
        number("coefficient", "Correlation"),
        number("interval_low", "Interval, low"),
        number("interval_high", "Interval, high"),
        number("p", "p"),
        number("smallest_p", "Smallest p that the donors allow"),
        number("n_donors", "Donors", kind="count"),
        number("n_below", "Below the limit", kind="count"),
        Column("status", "Status", kind="flag"),
        Column("values", "Each donor: secreted, activation"),
        Column("note", "Note"),
    )
    rows = tuple(
        (
            *(each.analyte, each.unit, each.readout, each.question, each.stimulus, each.scale),
            *(found.method, found.coefficient, *found.interval, found.p),
            *(found.smallest_p, found.n, found.below),
            *(found.status, _values(each), each.note),
        )
        for each in run.correlations
        for found in (each.spearman, each.pearson)
    )
    return Table("correlation", "Secretion and activation", columns, rows)


def _values(each: Correlated) -> str:
    parts = zip(each.donors, each.qualifiers, each.concentrations, each.activation, strict=True)
    return "; ".join(f"{donor} {mark}{x:.4g}, {y:.4g}" for donor, mark, x, y in parts)


def correlation_on_page(run: Run) -> PageTable:
    """Both coefficients beside one another."""
    heads = (
        Head("Readout"),
        Head("Activation"),
        Head("Donors", number=True),
        Head("Below a limit", number=True),
        Head("Spearman", number=True),
        Head("p", number=True),
        Head("Smallest it can be", number=True),
        Head("Pearson of logarithms", number=True),
        Head("p", number=True),
        Head("Note"),
    )
    rows = [
        (
            words(each.readout),
            Cell(each.question, below=each.stimulus or "unstimulated"),
            figure(str(each.spearman.n)),
            figure(str(each.spearman.below)),
            *_shown(each.spearman),
            figure(p_value(each.spearman.smallest_p)),
            *_shown(each.pearson),
            words("; ".join(_doubts(each)), "wide"),
        )
        for each in run.correlations
    ]
    analyte, level = "The analyte", "95 %"
    if run.correlations:
        analyte = run.correlations[0].analyte
        level = f"{run.correlations[0].spearman.level:.0%}".replace("%", " %")
    note = (
        f"{analyte} that each donor's cells released without stimulus, against how active they "
        "are: constitutive is the level of the unstimulated cells, the mean over all of a "
        "donor's unstimulated tubes; induced is what the stimulus adds, vehicle by vehicle as in "
        f"\u201cEach donor's difference\u201d. {level} intervals below the coefficients; p is that "
        "of no association, not adjusted for how many are asked. Values below a limit are no "
        "numbers: Spearman ties them lowest under the highest limit of all, Pearson counts each as "
        "lying anywhere below its own."
    )
    return table("correlation", "Secretion and activation", heads, rows, note=note, named=2)


def donors_correlated_on_page(run: Run) -> PageTable:
    """Each donor's two values behind every coefficient."""
    analyte = " or ".join(dict.fromkeys(f"{e.analyte}, {e.unit}" for e in run.correlations))
    scales = " or ".join(dict.fromkeys(each.scale for each in run.correlations))
    heads = (
        Head("Readout"),
        Head("Activation"),
        Head("Donor"),
        Head(analyte, number=True),
        Head(f"Level, {scales}", number=True),
    )
    rows = [
        (
            words(each.readout),
            Cell(each.question, below=each.stimulus or "unstimulated"),
            words(donor),
            figure(limited(mark, x), "muted") if mark else figure(significant(x, 4)),
            figure(fixed(y, decimals_of_scale(each.scale) + 1)),
        )
        for each in run.correlations
        for donor, mark, x, y in sorted(
            zip(each.donors, each.qualifiers, each.concentrations, each.activation, strict=True),
            key=lambda row: natural(row[0]),
        )
    ]
    note = (
        "Spearman ranks both columns over the donors of a readout and correlates the ranks. With "
        "up to eight donors its p is the share of all orders that correlate as strongly; the "
        "smallest it can be is that of the best order, with the same ties."
    )
    return table(
        "correlation-donors",
        "Each donor's secretion and activation",
        heads,
        rows,
        note=note,
        folded=True,
        named=3,
    )


def _shown(found: Association) -> tuple[Cell, Cell]:
    return stacked(found.coefficient, found.interval, 2), figure(p_value(found.p))


def _doubts(each: Correlated) -> list[str]:
    """Why a coefficient is missing, and who."""
    told = [f"{one.method}: {one.status}" for one in (each.spearman, each.pearson)
            if one.status != CLEAR]  # fmt: skip
    if len({one.status for one in (each.spearman, each.pearson)}) == 1 and told:
        told = [each.spearman.status]
    return [*told, *([each.note] if each.note else [])]
