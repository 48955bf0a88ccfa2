"""Tables of standard curves: the standards read back, the parameters, the limits."""

from __future__ import annotations

from assays.reports.columns import names_of, number
from assays.reports.words import slug
from assays.results.elisa import ElisaRun
from assays.results.table import Column, Table


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
        number("mdc", "MDC, single well", run.unit),
        number("rdl", "RDL, single well", run.unit),
        number("working_low", "Working range from", run.unit),
        number("working_high", "Working range to", run.unit),
        number("working_cv_percent", "CV of the working range", "%", "percent"),
        number("working_wells", "Wells averaged in it", kind="count"),
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
                limits.mdc,
                limits.rdl,
                *limits.working,
                limits.working_cv_percent,
                curve.profile_wells if curve is not None else None,
                limits.lloq,
                limits.lloq_source,
                limits.uloq,
                limits.uloq_source,
                run.unit,
                str(plate.verdict),
            )
        )
    return Table("curves", "Curves and limits", columns, tuple(rows))
