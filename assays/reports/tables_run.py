"""Tables over a whole run: findings, and the cohort rows where both journeys meet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from assays.reports.columns import number
from assays.reports.reportable import place_of, rows_to_use
from assays.reports.tables_elisa import in_order, limits_in_words
from assays.results.elisa import ElisaRun
from assays.results.flow import FlowRun
from assays.results.run import Run
from assays.results.table import Column, Table
from assays.samples import STAINING
from plates.findings import Finding, by_severity
from plates.layout import Role

NAN = math.nan
OPEN = (NAN, NAN)
OK = "ok"
READ = (OK, "no control")
"""Statuses of a reading whose numbers may be used; those that need a control are NaN without."""


def findings(run: Run) -> Table:
    """One row per finding, the gravest first."""
    columns = (
        Column("severity", "Severity", kind="flag"),
        Column("assay", "Assay"),
        Column("rule", "Rule"),
        Column("where", "Where"),
        Column("message", "What was seen, and what to do"),
        number("observed", "Observed"),
        number("limit", "Limit"),
        Column("unit", "Unit"),
    )
    assays: dict[int, str] = {}
    for name, part in (("ELISA", run.elisa), ("flow", run.flow)):
        if part is not None:
            assays |= {id(finding): name for finding in part.findings}
    rows = tuple(
        (*_marks(finding, assays.get(id(finding), "")), *_numbers(finding))
        for finding in by_severity(run.findings)
    )
    return Table("findings", "Findings", columns, rows)


def _marks(finding: Finding, assay: str) -> tuple[str, ...]:
    return (str(finding.severity), assay, finding.rule, finding.where, finding.message)


def _numbers(finding: Finding) -> tuple[object, ...]:
    return (finding.observed, finding.limit, finding.unit)


COHORT = (
    Column("donor", "Donor"),
    Column("sample", "Sample"),
    Column("assay", "Assay"),
    Column("readout", "Readout"),
    Column("measure", "Measure"),
    Column("stimulus", "Stimulus"),
    Column("inhibitor", "Inhibitor"),
    Column("dose", "Dose"),
    Column("condition", "Condition"),
    number("dilution_factor", "Dilution factor"),
    number("value", "Value"),
    number("interval_low", "Interval, low"),
    number("interval_high", "Interval, high"),
    Column("qualifier", "Qualifier"),
    number("limit", "Limit"),
    Column("unit", "Unit"),
    Column("status", "Status", kind="flag"),
    Column("use", "The row to use", kind="flag"),
    Column("limits", "Limits of quantitation"),
    Column("origin", "Plate, tube or tubes"),
    number("factor", "Factor per cells"),
    Column("factor_origin", "Origin of the factor"),
    Column("run_id", "Run"),
)


def cohort(run: Run) -> Table:
    """One row per value of a donor: what a cohort is made from.

    A sample read at several dilutions has a row for each; `use` marks the one
    to take, or none when no row is a result. `limits` are those of an ELISA:
    declared for the method, or provisional. Standards, controls, media and spiked
    samples are no result of a donor and stay out.
    """
    rows: list[tuple[object, ...]] = []
    if run.elisa is not None:
        rows += _elisa_rows(run.elisa)
    if run.flow is not None:
        rows += _reading_rows(run.flow)
        rows += _inhibition_rows(run.flow)
        rows += _ic50_rows(run.flow)
    run_id = run.provenance.run_id
    return Table("cohort", "Cohort rows", COHORT, tuple((*row, run_id) for row in rows))


def label(labels: Mapping[str, str], *names: str) -> str:
    """The first label that is there, whatever its case."""
    lower = {name.lower().replace(" ", "_"): value for name, value in labels.items()}
    return next((lower[name] for name in names if lower.get(name)), "")


def _elisa_rows(run: ElisaRun) -> Iterator[tuple[object, ...]]:
    used = rows_to_use(run)
    for plate in run.plates:
        for sample in in_order(plate.samples):
            if sample.role != Role.SAMPLE or sample.spike:
                continue
            labels = sample.labels or {}
            who = (label(labels, "donor", "patient", "subject"), sample.sample, "ELISA")
            what = (
                label(labels, "stimulus"),
                label(labels, "inhibitor"),
                label(labels, "dose", "inhibitor_dose"),
                label(labels, "treatment", "condition"),
                sample.dilution_factor,
            )
            said = (str(sample.status), place_of(sample) in used, limits_in_words(plate))
            yield (
                *(*who, run.analyte, "concentration", *what),
                *(sample.concentration, *sample.interval, sample.qualifier, sample.limit),
                *(sample.unit, *said, plate.plate, NAN, ""),
            )
            if sample.per_cells_unit:
                yield (
                    *(*who, run.analyte, "amount per cells", *what),
                    *(sample.per_cells, *sample.per_cells_interval),
                    *(sample.qualifier, sample.per_cells_limit),
                    *(sample.per_cells_unit, *said, plate.plate),
                    *(sample.per_cells_factor, sample.per_cells_origin),
                )


def _reading_rows(run: FlowRun) -> Iterator[tuple[object, ...]]:
    for each in run.readings:
        tube = each.tube
        stimulus = str(tube.stimulus) if tube.stimulus else ""
        who = (each.donor, each.file, "flow", each.readout)
        if tube.role in STAINING:
            continue
        what = (stimulus, tube.inhibitor, tube.dose, tube.condition, NAN)
        middle = "percent of cells" if each.kind == "fraction" else "median"
        for measure, value, unit in (
            (middle, each.median, each.unit),
            ("delta arcsinh", each.delta_asinh, ""),
            ("percent positive", each.percent_positive, "%"),
        ):
            use = math.isfinite(value) and each.status in READ
            found = (value, *OPEN, "", NAN, unit, each.status, use, "", each.file, NAN, "")
            yield (*who, measure, *what, *found)


def _inhibition_rows(run: FlowRun) -> Iterator[tuple[object, ...]]:
    for each in run.inhibition:
        yield (
            *(each.donor, "", "flow", each.readout, "percent inhibition"),
            *(each.stimulus, each.inhibitor, each.dose, each.vehicle, NAN),
            *(each.percent, *each.interval, "", NAN, "%", each.status),
            *(math.isfinite(each.percent) and each.status == OK, "", "", NAN, ""),
        )


def _ic50_rows(run: FlowRun) -> Iterator[tuple[object, ...]]:
    for each in run.dose_responses:
        below, above = each.status.startswith("<"), each.status.startswith(">")
        limit = NAN
        if len(each.doses) and (below or above):
            limit = float(each.doses[each.doses > 0].min() if below else each.doses.max())
        yield (
            *(each.donor, "", "flow", each.readout, "IC50", "", each.inhibitor, "", "", NAN),
            *(each.ic50, *each.ic50_interval, each.status[:1] if below or above else "", limit),
            *(each.unit, each.status, each.status == OK or math.isfinite(limit), "", "", NAN, ""),
        )
