"""Tables of an ELISA run: curves, standards, concentrations, controls, rules, wells."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assays.reports.columns import label_columns, names_of, number
from assays.reports.reportable import place_of, rows_to_use
from assays.reports.tables_curve import curves, standards
from assays.reports.tables_dilution import dilution, spike_recovery
from assays.reports.tables_plates import bridging, precision, range_over_plates, shared_fit
from assays.results.elisa import ElisaRun, PlateResult, SampleConcentration
from assays.results.table import Column, Table
from plates.layout import Role


def tables_of_elisa(run: ElisaRun) -> tuple[Table, ...]:
    """Every table of an ELISA run that has rows."""
    tables = tuple(write(run) for write in WRITERS)
    return tuple(table for table in tables if table.rows)


def in_order(samples: Iterable[SampleConcentration]) -> list[SampleConcentration]:
    """Samples as a reader looks for them: samples first, by name (S2 before S10), by dilution."""
    ranks = {Role.SAMPLE: 0, Role.CONTROL: 1, Role.MEDIUM: 2, Role.QC: 3}
    return sorted(
        samples,
        key=lambda s: (ranks.get(s.role, 9), natural(s.sample), s.dilution_factor, s.wells),
    )


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts ``S2`` before ``S10``."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", name)
    return tuple((0, int(p), "") if p[0] in "0123456789" else (1, 0, p.casefold()) for p in parts)


def concentrations(run: ElisaRun) -> Table:
    """One row per sample and dilution."""
    columns = (
        Column("plate", "Plate"),
        Column("sample", "Sample"),
        Column("role", "Role"),
        Column("wells", "Wells"),
        Column("excluded_wells", "Excluded wells"),
        number("n_wells", "n", kind="count"),
        number("dilution_factor", "Dilution factor"),
        number("signal", "Signal"),
        number("cv_signal_percent", "CV of signal", "%", "percent"),
        number("concentration", run.analyte, run.unit),
        number("interval_low", "95 % interval, low", run.unit),
        number("interval_high", "95 % interval, high", run.unit),
        Column("unit", "Unit"),
        number("cv_concentration_percent", "CV of concentration", "%", "percent"),
        Column("status", "Status", kind="flag"),
        Column("qualifier", "Qualifier"),
        number("limit", "Limit", run.unit),
        number("estimate", "Estimate outside the limits", run.unit),
        number("per_cells_factor", "Factor per cells"),
        number("per_cells", "Per cells"),
        number("per_cells_low", "Per cells, low"),
        number("per_cells_high", "Per cells, high"),
        number("per_cells_limit", "Per cells, limit"),
        Column("per_cells_unit", "Unit per cells"),
        Column("per_cells_origin", "Origin of the factor"),
        number("concentration_with_excluded", "With excluded wells", run.unit),
        Column("use", "The row to use", kind="flag"),
        Column("limits", "Limits of quantitation"),
    )
    found = [(sample, plate) for plate in run.plates for sample in in_order(plate.samples)]
    used = rows_to_use(run)
    labels = label_columns((c.key for c in columns), (s.labels or {} for s, _ in found))
    rows = tuple(
        (
            *_concentration(sample),
            place_of(sample) in used,
            limits_in_words(plate),
            *((sample.labels or {}).get(name, "") for name in labels),
        )
        for sample, plate in found
    )
    return Table("concentrations", "Concentrations", (*columns, *labels.values()), rows)


def limits_in_words(plate: PlateResult) -> str:
    """``declared``, or ``provisional`` where nobody declared both limits of the method."""
    return "provisional" if plate.limits.provisional else "declared"


def _concentration(sample: SampleConcentration) -> tuple[object, ...]:
    return (
        sample.plate,
        sample.sample,
        str(sample.role),
        names_of(sample.wells),
        names_of(sample.excluded),
        len(sample.wells),
        sample.dilution_factor,
        sample.signal,
        sample.cv_signal_percent,
        sample.concentration,
        *sample.interval,
        sample.unit,
        sample.cv_concentration_percent,
        str(sample.status),
        sample.qualifier,
        sample.limit,
        sample.estimate,
        sample.per_cells_factor,
        sample.per_cells,
        *sample.per_cells_interval,
        sample.per_cells_limit,
        sample.per_cells_unit,
        sample.per_cells_origin,
        sample.concentration_with_excluded,
    )


def qc(run: ElisaRun) -> Table:
    """One row per control sample, held against its target."""
    columns = (
        Column("plate", "Plate"),
        Column("sample", "Control"),
        number("nominal", "Target", run.unit),
        number("concentration", "Found", run.unit),
        number("interval_low", "95 % interval, low", run.unit),
        number("interval_high", "95 % interval, high", run.unit),
        Column("unit", "Unit"),
        number("recovery_percent", "Recovery", "%", "percent"),
        number("limit_percent", "Allowed deviation", "%", "percent"),
        number("cv_concentration_percent", "CV of concentration", "%", "percent"),
        number("n_wells", "n", kind="count"),
        Column("within_limits", "Within limits", kind="flag"),
    )
    rows = tuple(
        (
            control.plate,
            control.sample,
            control.nominal,
            control.concentration,
            *control.interval,
            control.unit,
            control.recovery_percent,
            control.limit_percent,
            control.cv_concentration_percent,
            control.n_wells,
            control.within,
        )
        for plate in run.plates
        for control in plate.qcs
    )
    return Table("qc", "Control samples", columns, rows)


def rules(run: ElisaRun) -> Table:
    """One row per acceptance rule and plate."""
    columns = (
        Column("plate", "Plate"),
        Column("rule", "Rule"),
        Column("observed", "Observed"),
        Column("limit", "Limit"),
        Column("passed", "Passed", kind="flag"),
        Column("source", "Source"),
    )
    rows = tuple(
        (rule.plate, rule.rule, rule.observed, rule.limit, rule.passed, rule.source)
        for plate in run.plates
        for rule in plate.rules
    )
    return Table("rules", "Acceptance rules", columns, rows)


def wells(run: ElisaRun) -> Table:
    """One row per well, from raw signal to concentration."""
    columns = (
        Column("plate", "Plate"),
        Column("well", "Well"),
        Column("role", "Role"),
        Column("sample", "Sample"),
        number("raw", "Raw signal"),
        number("reference", "Reference subtracted"),
        number("blank", "Blank subtracted"),
        number("signal", "Signal"),
        number("nominal", "Nominal", run.unit),
        number("dilution_factor", "Dilution factor"),
        number("concentration", "Concentration in the well", run.unit),
        Column("unit", "Unit"),
        Column("flag", "Reader's flag"),
        Column("excluded_why", "Excluded: who, when, why"),
    )
    rows = tuple(
        (
            reading.plate,
            str(reading.well),
            str(reading.role),
            reading.sample,
            reading.raw,
            reading.reference,
            reading.blank,
            reading.signal,
            reading.nominal,
            reading.dilution_factor,
            reading.concentration,
            run.unit,
            reading.flag,
            reading.excluded_why,
        )
        for plate in run.plates
        for reading in plate.wells
    )
    return Table("wells", "Wells", columns, rows)


WRITERS = (
    curves, standards, concentrations, dilution, spike_recovery, qc, rules, precision, bridging,
    range_over_plates, shared_fit, wells,
)  # fmt: skip
"""Every table of an ELISA run."""
