"""Every table of a run, made once: csv, workbook, page and record are written from them."""

from __future__ import annotations

from assays.reports.miflowcyt import miflowcyt
from assays.reports.tables_correlation import correlation
from assays.reports.tables_elisa import tables_of_elisa
from assays.reports.tables_flow import tables_of_flow
from assays.reports.tables_run import cohort, findings
from assays.results.run import Run
from assays.results.table import Table

ORDER = (
    "findings",
    "concentrations",
    "dilution",
    "spike_recovery",
    "qc",
    "rules",
    "precision",
    "bridging",
    "range",
    "shared_fit",
    "standards",
    "curves",
    "inhibition",
    "positive_controls",
    "protection",
    "dose_response",
    "shifts",
    "combinations",
    "combination_arms",
    "donors",
    "scatter",
    "correlation",
    "kinetics",
    "readings",
    "calibration",
    "populations",
    "single_stains",
    "spillover",
    "spillover_pairs",
    "spectra",
    "wells",
    "cohort",
    "miflowcyt",
)


def tables_of(run: Run) -> dict[str, Table]:
    """Every table of a run, by name, in the order a reader wants them.

    A table is there only when the run has such results. `findings` is there
    always: empty, it says that there was nothing to find.
    """
    tables = [findings(run)]
    if run.elisa is not None:
        tables += tables_of_elisa(run.elisa)
    if run.flow is not None:
        tables += tables_of_flow(run.flow)
    if run.flow is not None:
        tables.append(miflowcyt(run))
    if run.correlations:
        tables.append(correlation(run))
    rows = cohort(run)
    if rows.rows:
        tables.append(rows)
    order = {name: place for place, name in enumerate(ORDER)}
    tables.sort(key=lambda table: order.get(table.name, len(order)))
    return {table.name: table for table in tables}
