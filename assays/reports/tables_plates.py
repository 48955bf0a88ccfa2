"""Tables of a run's plates together: controls over plates, bridges, the range they support."""

from __future__ import annotations

from assays.reports.columns import number
from assays.results.elisa import ElisaRun
from assays.results.table import Column, Table


def precision(run: ElisaRun) -> Table:
    """One row per control that stands on two plates or more."""
    columns = (
        Column("sample", "Control"),
        number("nominal", "Target", run.unit),
        number("mean", "Mean", run.unit),
        Column("unit", "Unit"),
        number("recovery_percent", "Recovery", "%", "percent"),
        number("n_plates", "Plates", kind="count"),
        number("n_results", "Wells", kind="count"),
        number("intra_cv_percent", "Intra-assay CV", "%", "percent"),
        number("intra_cv_low", "95 % interval, low", "%", "percent"),
        number("intra_cv_high", "95 % interval, high", "%", "percent"),
        number("inter_cv_percent", "Inter-assay CV", "%", "percent"),
        number("inter_cv_low", "95 % interval, low", "%", "percent"),
        number("inter_cv_high", "95 % interval, high", "%", "percent"),
        number("between_cv_percent", "CV between plates alone", "%", "percent"),
        number("between_cv_low", "95 % interval, low", "%", "percent"),
        number("between_cv_high", "95 % interval, high", "%", "percent"),
        Column("enough_plates", "Plates enough", kind="flag"),
    )
    rows = tuple(
        (
            one.sample,
            one.nominal,
            one.mean,
            one.unit,
            one.recovery_percent,
            one.n_plates,
            one.n_results,
            one.intra_cv_percent,
            *one.intra_interval,
            one.inter_cv_percent,
            *one.inter_interval,
            one.between_cv_percent,
            *one.between_interval,
            one.enough,
        )
        for one in run.precision
    )
    return Table("precision", "Controls over plates", columns, rows)


def bridging(run: ElisaRun) -> Table:
    """One row per plate that is held against the first."""
    columns = (
        Column("first", "Plate"),
        Column("second", "Held against it"),
        number("n", "Samples on both", kind="count"),
        number("ratio", "Mean ratio"),
        number("ratio_low", "95 % interval, low"),
        number("ratio_high", "95 % interval, high"),
        number("limit_low", "Alike from"),
        number("limit_high", "Alike to"),
        Column("alike", "Alike", kind="flag"),
        number("mean_difference_percent", "Mean difference", "%", "percent"),
        number("agreement_low_percent", "Limits of agreement, low", "%", "percent"),
        number("agreement_high_percent", "Limits of agreement, high", "%", "percent"),
        number("deming_slope", "Slope (Deming)"),
        number("deming_slope_low", "95 % interval, low"),
        number("deming_slope_high", "95 % interval, high"),
        number("deming_intercept", "Intercept (Deming)", run.unit),
        number("deming_intercept_low", "95 % interval, low", run.unit),
        number("deming_intercept_high", "95 % interval, high", run.unit),
        number("concordance", "Concordance (Lin)"),
        Column("samples", "Samples"),
    )
    rows = tuple(
        (
            one.first,
            one.second,
            len(one.pairs),
            one.ratio,
            *one.interval,
            *one.limits,
            one.alike,
            one.mean_percent,
            *one.agreement_percent,
            one.slope,
            *one.slope_interval,
            one.intercept,
            *one.intercept_interval,
            one.concordance,
            ", ".join(dict.fromkeys(pair.sample for pair in one.pairs)),
        )
        for one in run.bridges
    )
    return Table("bridging", "Bridges between plates", columns, rows)


def range_over_plates(run: ElisaRun) -> Table:
    """One row per standard level over plates, and the range that they support together."""
    columns = (
        number("nominal", "Nominal", run.unit),
        Column("unit", "Unit"),
        number("n_plates", "Plates", kind="count"),
        number("n_results", "Wells", kind="count"),
        number("recovery_percent", "Recovery", "%", "percent"),
        number("cv_percent", "CV", "%", "percent"),
        number("within_plate_cv_percent", "CV within a plate", "%", "percent"),
        number("between_plates_cv_percent", "CV between plates", "%", "percent"),
        number("total_error_percent", "Total error", "%", "percent"),
        Column("inside", "Keeps the limits", kind="flag"),
        Column("inside_as_end", "Keeps those of the ends", kind="flag"),
        Column("why", "What fails"),
        number("lloq_over_plates", "LLOQ over plates", run.unit),
        number("uloq_over_plates", "ULOQ over plates", run.unit),
        Column("source", "Source of the limits"),
    )
    found = run.range
    rows = tuple(
        (
            level.nominal,
            found.unit,
            level.n_plates,
            level.n_results,
            level.recovery_percent,
            level.cv_percent,
            level.within_cv_percent,
            level.between_cv_percent,
            level.total_error_percent,
            level.inside,
            level.inside_as_end,
            level.why,
            found.lloq,
            found.uloq,
            found.source,
        )
        for level in (found.levels if found is not None else ())
        if found is not None
    )
    return Table("range", "Range over plates", columns, rows)


def shared_fit(run: ElisaRun) -> Table:
    """One row per parameter that all plates share."""
    columns = (
        Column("parameter", "Parameter"),
        number("value", "Value"),
        Column("plates", "Plates"),
        number("f_ratio", "F against curves of their own"),
        number("df_numerator", "Degrees of freedom, above"),
        number("df_denominator", "Degrees of freedom, below"),
        number("p", "p", kind="p"),
        Column("apart", "The plates do not share it", kind="flag"),
    )
    found = run.shared
    rows = () if found is None else tuple(
        (name, value, ", ".join(found.plates), found.f_ratio, *found.df, found.p_value, found.apart)
        for name, value in found.shared.items()
    )  # fmt: skip
    return Table("shared_fit", "Shared parameters", columns, rows)
