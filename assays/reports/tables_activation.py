"""What the stimulus did: tables of positive controls, protection, courses in time, calibration."""

from __future__ import annotations

import math

from assays.reports.columns import number
from assays.results.flow import FlowRun
from assays.results.table import Column, Table

NAN = math.nan


def tables_of_activation(run: FlowRun) -> tuple[Table, ...]:
    """The four tables, empty ones too."""
    return (positive_controls(run), protection(run), kinetics(run), calibration(run))


def positive_controls(run: FlowRun) -> Table:
    """One row per donor, readout and positive control."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Positive control"),
        Column("plate", "Plate"),
        number("time_min", "Time", "min"),
        number("positive_control", "Positive control"),
        number("unstimulated", "Unstimulated"),
        number("window", "Window"),
        number("window_low", "Window, low"),
        number("window_high", "Window, high"),
        Column("interval_kind", "Interval from"),
        number("n_positive", "n positive control", kind="count"),
        number("n_unstimulated", "n unstimulated", kind="count"),
        Column("status", "Status", kind="flag"),
    )
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.stimulus,
            each.plate,
            NAN if each.time_min is None else each.time_min,
            each.value,
            each.unstimulated,
            each.window,
            *each.window_interval,
            each.interval_kind,
            each.n,
            each.n_unstimulated,
            each.status,
        )
        for each in run.positive_controls
    )
    return Table("positive_controls", "Positive controls", columns, rows)


def protection(run: FlowRun) -> Table:
    """One row per donor and stimulus: 100 (dead without - dead with) / dead without."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Stimulus"),
        Column("vehicle", "Vehicle"),
        Column("plate", "Plate"),
        number("time_min", "Time", "min"),
        number("percent_protection", "Protection", "%", "percent"),
        number("interval_low", "Protection, low", "%", "percent"),
        number("interval_high", "Protection, high", "%", "percent"),
        Column("interval_kind", "Interval from"),
        number("dead_without", "Dead without stimulus", "%"),
        number("dead_with", "Dead with stimulus", "%"),
        number("n_without", "n without", kind="count"),
        number("n_with", "n with", kind="count"),
        Column("status", "Status", kind="flag"),
        Column("note", "Note"),
    )
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.stimulus,
            each.vehicle,
            each.plate,
            NAN if each.time_min is None else each.time_min,
            each.percent,
            *each.interval,
            each.interval_kind,
            each.dead_without,
            each.dead_with,
            each.n_without,
            each.n_with,
            each.status,
            each.note,
        )
        for each in run.protections
    )
    return Table("protection", "Protection from death", columns, rows)


def kinetics(run: FlowRun) -> Table:
    """One row per time point of a course; peak and area stand with each."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("condition", "Condition"),
        Column("vehicle", "Vehicle"),
        Column("plate", "Plate"),
        number("time_min", "Time", "min"),
        number("response", "Response"),
        number("baseline", "Unstimulated it is held against"),
        number("difference", "Response less unstimulated"),
        number("difference_se", "SE of that"),
        number("n_tubes", "n", kind="count"),
        number("peak", "Peak above unstimulated"),
        number("peak_low", "Peak, low"),
        number("peak_high", "Peak, high"),
        number("peak_time_min", "Time of the peak", "min"),
        number("peak_time_first_min", "Earliest time not told from the peak", "min"),
        number("peak_time_last_min", "Latest time not told from the peak", "min"),
        number("area", "Area above unstimulated, trapezoids"),
        number("area_low", "Area, low"),
        number("area_high", "Area, high"),
        Column("area_unit", "Unit of the area"),
        Column("interval_kind", "Interval from"),
        Column("status", "Status", kind="flag"),
    )
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.condition,
            each.vehicle,
            each.plate,
            float(each.times_min[k]),
            float(each.responses[k]),
            float(each.baselines[k]),
            float(each.responses[k] - each.baselines[k]),
            float(each.errors[k]),
            each.tubes[k],
            each.peak,
            *each.peak_interval,
            each.peak_time_min,
            *each.peak_times_min,
            each.area,
            *each.area_interval,
            each.area_unit,
            each.interval_kind,
            each.status,
        )
        for each in run.kinetics
        for k in range(len(each.times_min))
    )
    return Table("kinetics", "Course over time", columns, rows)


def calibration(run: FlowRun) -> Table:
    """One row per peak of calibration beads; the line stands with each."""
    columns = (
        Column("channel", "Channel"),
        Column("unit", "Unit"),
        Column("lot", "Lot of the beads"),
        Column("files", "Tubes"),
        number("assigned", "Assigned"),
        number("median", "Median found", "a.u."),
        number("count", "Beads", kind="count"),
        number("fitted", "From the line"),
        number("recovery_percent", "Recovery", "%", "percent"),
        Column("used", "In the line", kind="flag"),
        Column("note", "Why not"),
        Column("fit", "Line"),
        number("slope", "Slope"),
        number("intercept", "Intercept"),
        number("r_squared", "R²"),
        number("range_low", "Range, low", "a.u."),
        number("range_high", "Range, high", "a.u."),
        Column("status", "Status", kind="flag"),
    )
    rows = tuple(
        (
            each.channel,
            each.unit,
            each.lot,
            " + ".join(each.files),
            peak.assigned,
            peak.median,
            peak.events,
            peak.fitted,
            peak.recovery_percent,
            peak.used,
            peak.note,
            each.fit,
            each.slope,
            each.intercept,
            each.r_squared,
            each.low,
            each.high,
            each.status,
        )
        for each in run.calibrations
        for peak in each.peaks
    )
    return Table("calibration", "Calibration with beads", columns, rows)
