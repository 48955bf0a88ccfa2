"""Tables of an ELISA run: curves, standards, concentrations, controls, rules, wells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assays.reports.words import slug
from assays.results.elisa import ElisaRun, SampleConcentration
from assays.results.table import Column, Kind, Table
from plates.well import Well


def tables_of_elisa(run: ElisaRun) -> tuple[Table, ...]:
    """Every table of an ELISA run that has rows."""
    tables = (curves(run), standards(run), concentrations(run), qc(run), rules(run), wells(run))
    return tuple(table for table in tables if table.rows)


def names_of(wells: Iterable[Well]) -> str:
    """Wells in a row: ``A1 A2``."""
    return " ".join(str(well) for well in wells)


def number(key: str, title: str, unit: str = "", kind: Kind = "number") -> Column:
    """A column of numbers."""
    return Column(key, title, unit, kind)


def label_columns(taken: Iterable[str], labels: Iterable[Mapping[str, str]]) -> dict[str, Column]:
    """One text column for each free label, in order of appearance, by the label's own name."""
    keys = set(taken)
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for each in labels for name in each):
        key = slug(name) if slug(name) not in keys else f"label_{slug(name)}"
        stem, n = key, 2
        while key in keys:
            key, n = f"{stem}_{n}", n + 1
        keys.add(key)
        columns[name] = Column(key, name.replace("_", " "))
    return columns


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
        number("per_cells", "Per cells"),
        number("per_cells_low", "Per cells, low"),
        number("per_cells_high", "Per cells, high"),
        Column("per_cells_unit", "Unit per cells"),
        Column("per_cells_origin", "Origin of the factor"),
        number("concentration_with_excluded", "With excluded wells", run.unit),
    )
    samples = [sample for plate in run.plates for sample in plate.samples]
    labels = label_columns((c.key for c in columns), (s.labels or {} for s in samples))
    rows = tuple(
        (*_concentration(sample), *((sample.labels or {}).get(name, "") for name in labels))
        for sample in samples
    )
    return Table("concentrations", "Concentrations", (*columns, *labels.values()), rows)


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
        sample.per_cells,
        *sample.per_cells_interval,
        sample.per_cells_unit,
        sample.per_cells_origin,
        sample.concentration_with_excluded,
    )


def standards(run: ElisaRun) -> Table:
    """One row per nominal level, read back through its curve."""
    columns = (
        Column("plate", "Plate"),
        Column("sample", "Standard"),
        number("nominal", "Nominal", run.unit),
        Column("unit", "Unit"),
        Column("wells", "Wells"),
        Column("excluded_wells", "Excluded wells"),
        number("n_wells", "n", kind="count"),
        number("signal", "Signal"),
        number("cv_signal_percent", "CV of signal", "%", "percent"),
        number("back_calculated", "Back-calculated", run.unit),
        number("recovery_percent", "Recovery", "%", "percent"),
        Column("within_limits", "Within limits", kind="flag"),
        Column("in_fit", "In the fit", kind="flag"),
    )
    rows = tuple(
        (
            level.plate,
            level.sample,
            level.nominal,
            level.unit,
            names_of(level.wells),
            names_of(level.excluded),
            len(level.wells),
            level.signal,
            level.cv_signal_percent,
            level.back_calculated,
            level.recovery_percent,
            level.within,
            level.in_fit,
        )
        for plate in run.plates
        for level in plate.standards
    )
    return Table("standards", "Standards", columns, rows)


def curves(run: ElisaRun) -> Table:
    """One row per plate: the fitted parameters and the limits of quantitation."""
    fitted = [plate.curve for plate in run.plates if plate.curve is not None]
    names = tuple(dict.fromkeys(name for curve in fitted for name in curve.params))
    columns = (
        Column("plate", "Plate"),
        Column("model", "Model"),
        Column("formula", "Formula"),
        Column("weighting", "Weighting"),
        Column("fitted_on", "Fitted on"),
        *(number(f"param_{slug(name)}", name) for name in names),
        *(number(f"standard_error_{slug(name)}", f"SE of {name}") for name in names),
        number("n", "n", kind="count"),
        number("df", "Degrees of freedom", kind="count"),
        number("rss", "Weighted RSS"),
        number("residual_sd", "Residual SD"),
        number("r_squared", "R\u00b2, weighted"),
        Column("converged", "Converged", kind="flag"),
        Column("accepted", "Accepted", kind="flag"),
        Column("refused_why", "Refused because"),
        number("lod", "LOD", run.unit),
        Column("lod_source", "LOD from"),
        number("lloq", "LLOQ", run.unit),
        Column("lloq_source", "LLOQ from"),
        number("uloq", "ULOQ", run.unit),
        Column("uloq_source", "ULOQ from"),
        Column("unit", "Unit"),
        Column("verdict", "Verdict", kind="flag"),
    )
    nan = float("nan")
    rows = []
    for plate in run.plates:
        curve, limits = plate.curve, plate.limits
        fit: tuple[object, ...] = ("", "", "", "", *(nan for _ in names), *(nan for _ in names))
        fit += (None, None, nan, nan, nan, None, None, "no curve could be fitted")
        if curve is not None:
            fit = (curve.model, curve.formula, curve.weighting, curve.on)
            fit += tuple(curve.params.get(name, nan) for name in names)
            fit += tuple(curve.standard_errors.get(name, nan) for name in names)
            fit += (curve.n, curve.df, curve.rss, curve.residual_sd, curve.r_squared)
            fit += (curve.converged, curve.accepted, curve.refused_why)
        rows.append(
            (
                plate.plate,
                *fit,
                limits.lod,
                limits.lod_source,
                limits.lloq,
                limits.lloq_source,
                limits.uloq,
                limits.uloq_source,
                run.unit,
                str(plate.verdict),
            )
        )
    return Table("curves", "Curves and limits", columns, tuple(rows))


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
