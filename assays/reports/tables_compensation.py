"""Tables of the compensation: the matrix, its controls, and what each coefficient leaves."""

from __future__ import annotations

from assays.reports.columns import number
from assays.results.compensation import ControlRecord
from assays.results.flow import FlowRun
from assays.results.table import Column, Table


def tables_of_compensation(run: FlowRun) -> tuple[Table, ...]:
    """The matrix of a run, and where single stains gave it, what speaks for it."""
    found = [spillover(run)]
    if run.controls is not None:
        found += [single_stains(run.controls), pairs(run.controls), spectra(run.controls)]
    return tuple(found)


def spillover(run: FlowRun) -> Table:
    """The matrix that was undone, as a csv that another run may name as its compensation."""
    columns = (
        Column("from", "Fluorochrome of"),
        *(number(name, f"Seen in {name}") for name in run.spillover_channels),
    )
    rows: tuple[tuple[object, ...], ...] = ()
    if run.spillover is not None:
        rows = tuple(
            (name, *line)
            for name, line in zip(run.spillover_channels, run.spillover.tolist(), strict=True)
        )
    return Table("spillover", "Spillover", columns, rows)


def single_stains(record: ControlRecord) -> Table:
    """One row per single-stained control."""
    left = dict(record.spectra.residual_percent) if record.spectra else {}
    columns = (
        Column("file", "Control"),
        Column("stain", "Stain"),
        Column("channel", "Detector"),
        Column("material", "Beads or cells"),
        Column("negative", "Held against"),
        number("events", "Events", kind="count"),
        number("stained", "Stained events used", kind="count"),
        number("unstained", "Unstained events used", kind="count"),
        number("median_stained", "Median of stained events", "a.u."),
        number("median_unstained", "Median of unstained events", "a.u."),
        number("separation", "Distance of the medians", "robust SD of the unstained"),
        number("off_scale_percent", "Stained events off scale", "%", "percent"),
        number("top", "99th percentile of stained events, less background", "a.u."),
        number("needed", "99th percentile of the brightest tube", "a.u."),
        number("unexplained_percent", "Signal that the spectra leave unexplained", "%", "percent"),
        Column("used", "Used", kind="flag"),
    )
    rows = tuple(
        (
            row.file,
            row.stain,
            row.channel,
            row.material,
            row.negative,
            row.events,
            row.positive,
            row.negatives,
            row.brightness,
            row.background,
            row.separation,
            row.off_scale_percent,
            row.top,
            row.needed,
            left.get(row.file, float("nan")),
            row.used,
        )
        for row in record.stains
    )
    return Table("single_stains", "Single stains", columns, rows)


def pairs(record: ControlRecord) -> Table:
    """One row per coefficient, the worst first."""
    columns = (
        Column("from", "From"),
        Column("into", "Into"),
        number("coefficient", "Spillover"),
        number("standard_error", "SE"),
        number("residual", "Slope left after compensation"),
        number("residual_low", "95 % interval, low"),
        number("residual_high", "95 % interval, high"),
        Column("status", "Status", kind="flag"),
    )
    rows = tuple(
        (
            pair.source,
            pair.target,
            pair.coefficient,
            pair.standard_error,
            pair.residual,
            pair.residual_low,
            pair.residual_high,
            pair.status,
        )
        for pair in record.pairs
    )
    return Table("spillover_pairs", "Spillover, pair by pair", columns, rows)


def spectra(record: ControlRecord) -> Table:
    """One row per component: its signature, each with its peak at 1."""
    found = record.spectra
    if found is None:
        return Table("spectra", "Spectra", (Column("component", "Component"),), ())
    columns = (
        Column("component", "Component"),
        *(number(name, name) for name in found.detectors),
    )
    rows = tuple(
        (name, *line)
        for name, line in zip(found.components, found.signatures.tolist(), strict=True)
    )
    return Table("spectra", "Spectra", columns, rows)
