"""Tables of dilution series and spikes."""

from __future__ import annotations

from collections.abc import Iterator

from assays.reports.columns import label_columns, names_of, number
from assays.results.dilution import DilutionSeriesResult
from assays.results.elisa import ElisaRun
from assays.results.table import Column, Table

PARALLEL = "Parallel to the standard"


def dilution(run: ElisaRun) -> Table:
    """One row per step of a dilution series; what the whole series says stands in each."""
    columns = (
        Column("plate", "Plate"),
        Column("sample", "Sample"),
        Column("wells", "Wells"),
        number("dilution_factor", "Dilution factor"),
        number("corrected", "Corrected", run.unit),
        number("interval_low", "95 % interval, low", run.unit),
        number("interval_high", "95 % interval, high", run.unit),
        number("percent_of_first", "Of the first", "%", "percent"),
        number("percent_of_previous", "Of the previous", "%", "percent"),
        Column("status", "Status", kind="flag"),
        Column("unit", "Unit"),
        number("n_known", "Dilutions with a number", kind="count"),
        number("mean", "Mean of the series", run.unit),
        number("cv_percent", "CV of the series", "%", "percent"),
        Column("linear", "Linear", kind="flag"),
        number("linear_limit_percent", "Allowed from the first", "%", "percent"),
        Column("parallel", PARALLEL, kind="flag"),
        number("parallel_limit_cv_percent", "Allowed CV", "%", "percent"),
        number("slope", "Slope of log corrected by log dilution"),
        number("slope_low", "95 % interval of the slope, low"),
        number("slope_high", "95 % interval of the slope, high"),
        number("parallel_p", "p of the F-test against the standard", kind="p"),
        number("slope_ratio", "Slope ratio to the standard"),
        number("slope_ratio_low", "90 % interval of the ratio, low"),
        number("slope_ratio_high", "90 % interval of the ratio, high"),
        Column("equivalent", "Equivalent to the standard", kind="flag"),
        Column("source", "Source of the limits"),
    )
    series = [one for plate in run.plates for one in plate.dilutions]
    labels = label_columns((c.key for c in columns), (one.labels for one in series))
    rows = tuple(
        (*row, *(one.labels.get(name, "") for name in labels))
        for one in series
        for row in _steps(one)
    )
    return Table("dilution", "Dilution series", (*columns, *labels.values()), rows)


def _steps(one: DilutionSeriesResult) -> Iterator[tuple[object, ...]]:
    for step in one.steps:
        yield (
            one.plate,
            one.sample,
            names_of(step.wells),
            step.dilution_factor,
            step.corrected,
            *step.interval,
            step.percent_of_first,
            step.percent_of_previous,
            str(step.status),
            one.unit,
            one.n_known,
            one.mean,
            one.cv_percent,
            one.linear,
            one.linear_percent,
            one.parallel,
            one.parallel_cv_percent,
            one.slope,
            *one.slope_interval,
            one.f_p_value,
            *one.slope_ratio,
            one.equivalent,
            one.source,
        )


def spike_recovery(run: ElisaRun) -> Table:
    """One row per spiked sample, beside itself without a spike."""
    columns = (
        Column("plate", "Plate"),
        Column("sample", "Sample"),
        number("dilution_factor", "Dilution factor"),
        number("spike", "Spike", run.unit),
        number("neat", "Without spike", run.unit),
        number("spiked", "With spike", run.unit),
        Column("unit", "Unit"),
        number("recovery_percent", "Recovery", "%", "percent"),
        number("interval_low", "95 % interval, low", "%", "percent"),
        number("interval_high", "95 % interval, high", "%", "percent"),
        number("limit_percent", "Allowed deviation", "%", "percent"),
        Column("within_limits", "Within limits", kind="flag"),
        Column("why", "Why there is no number"),
        Column("source", "Source of the limit"),
    )
    rows = tuple(
        (
            one.plate,
            one.sample,
            one.dilution_factor,
            one.spike,
            one.neat,
            one.spiked,
            one.unit,
            one.recovery_percent,
            *one.interval,
            one.limit_percent,
            one.within,
            one.said,
            one.source,
        )
        for plate in run.plates
        for one in plate.spikes
    )
    return Table("spike_recovery", "Spike recovery", columns, rows)
