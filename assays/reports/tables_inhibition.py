"""Percent inhibition and dose response as tables: every number, and why one is missing."""

from __future__ import annotations

import math

from assays.reports.columns import number
from assays.reports.dose_order import by_dose
from assays.reports.tube_columns import DOSES, dose_numbers
from assays.reports.words import slug
from assays.results.flow import FlowRun
from assays.results.inhibition import DoseResponse, Inhibition
from assays.results.table import Column, Table

OK = "ok"


def _columns_of_inhibition(level: str) -> tuple[Column, ...]:
    """Columns of the table; `level` is that of its intervals, in words."""
    return (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Stimulus"),
        Column("inhibitor", "Inhibitor"),
        Column("dose", "Dose"),
        *DOSES,
        number("dose_nmol_l", "Dose", "nmol/L"),
        Column("vehicle", "Vehicle"),
        number("percent_inhibition", "Inhibition", "%", "percent"),
        number("interval_low", f"{level} interval, low", "%", "percent"),
        number("interval_high", f"{level} interval, high", "%", "percent"),
        Column("interval_kind", "Interval from"),
        number("fieller_low", "Fieller, low", "%", "percent"),
        number("fieller_high", "Fieller, high", "%", "percent"),
        number("bootstrap_low", "Bootstrap, low", "%", "percent"),
        number("bootstrap_high", "Bootstrap, high", "%", "percent"),
        Column("bootstrap_status", "Bootstrap, status", kind="flag"),
        number("percent_own_floor", "Inhibition, own floor", "%", "percent"),
        number("own_floor_low", "Own floor, low", "%", "percent"),
        number("own_floor_high", "Own floor, high", "%", "percent"),
        Column("own_floor_status", "Own floor, status", kind="flag"),
        number("own_floor_fieller_low", "Own floor, Fieller, low", "%", "percent"),
        number("own_floor_fieller_high", "Own floor, Fieller, high", "%", "percent"),
        number("own_floor_bootstrap_low", "Own floor, bootstrap, low", "%", "percent"),
        number("own_floor_bootstrap_high", "Own floor, bootstrap, high", "%", "percent"),
        number("treated", "Treated"),
        number("stimulated", "Stimulated"),
        number("unstimulated", "Unstimulated"),
        number("window", "Window"),
        number("window_low", "Window, low"),
        number("window_high", "Window, high"),
        number("n_treated", "n treated", kind="count"),
        number("n_stimulated", "n stimulated", kind="count"),
        number("n_unstimulated", "n unstimulated", kind="count"),
        Column("role", "Role"),
        Column("status", "Status", kind="flag"),
        number("inhibitor_alone", "Inhibitor alone"),
        Column("plate", "Plate"),
        number("time_min", "Time", "min"),
        Column("treated_tubes", "Tubes treated"),
        Column("stimulated_tubes", "Tubes stimulated"),
        Column("unstimulated_tubes", "Tubes unstimulated"),
        Column("alone_tubes", "Tubes with inhibitor alone"),
        Column("note", "Assumed of the controls"),
    )


def inhibition(run: FlowRun) -> Table:
    """One row per donor, readout, inhibitor and dose."""
    level = f"{run.level:.0%}".replace("%", " %")
    columns = _columns_of_inhibition(level)
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.stimulus,
            each.inhibitor,
            each.dose,
            *dose_numbers(each.inhibitors),
            each.dose_nmol_l,
            each.vehicle,
            each.percent,
            *each.interval,
            each.interval_kind,
            *each.fieller_interval,
            *each.bootstrap_interval,
            each.bootstrap_status,
            each.percent_own_floor,
            *each.own_floor_interval,
            own_floor_status(each),
            *each.own_floor_fieller,
            *each.own_floor_bootstrap,
            each.treated,
            each.stimulated,
            each.unstimulated,
            each.window,
            *each.window_interval,
            each.n_treated,
            each.n_stimulated,
            each.n_unstimulated,
            each.role,
            each.status,
            each.alone,
            each.plate,
            math.nan if each.time_min is None else each.time_min,
            " + ".join(each.treated_files),
            " + ".join(each.stimulated_files),
            " + ".join(each.unstimulated_files),
            " + ".join(each.alone_files),
            "; ".join(note for note in (each.note, each.pairing_note) if note),
        )
        for each in by_dose(run.inhibition)
    )
    return Table("inhibition", "Inhibition", columns, rows)


PARAMETERS = {
    "A": ("param_a_no_inhibitor", "A: response without inhibitor"),
    "B": ("param_b_slope", "B: slope"),
    "C": ("param_c_relative_ic50", "C: relative IC50, half-way between A and D"),
    "D": ("param_d_full_effect", "D: response at full effect"),
    "U": ("param_u_unstimulated", "U: unstimulated"),
}
"""Columns of the parameters of a dose-response curve, by name."""


def dose_response(run: FlowRun) -> Table:
    """One row per donor, readout and inhibitor with a series of doses.

    Parameters stand only where an IC50 was found: elsewhere they are a curve
    through tubes that do not hold it.
    """
    names = tuple(dict.fromkeys(name for each in run.dose_responses for name in each.params))
    level = f"{run.level:.0%}".replace("%", " %")
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("inhibitor", "Inhibitor"),
        number("ic50", "IC50, absolute: half of the window between the controls"),
        number("interval_low", f"{level} interval, low"),
        number("interval_high", f"{level} interval, high"),
        Column("unit", "Unit"),
        Column("status", "Status", kind="flag"),
        number("n_tubes", "n", kind="count"),
        number("n_doses", "Doses", kind="count"),
        number("lowest_dose", "Lowest dose"),
        number("highest_dose", "Highest dose"),
        number("stimulated", "Stimulated"),
        number("stimulated_low", "Stimulated, low"),
        number("stimulated_high", "Stimulated, high"),
        number("unstimulated", "Unstimulated"),
        number("unstimulated_low", "Unstimulated, low"),
        number("unstimulated_high", "Unstimulated, high"),
        *(number(*PARAMETERS.get(name, (f"param_{slug(name)}", name))) for name in names),
        number("relative_ic50", "IC50, relative: half-way between the curve's own plateaus"),
        number("relative_low", "Relative IC50, low"),
        number("relative_high", "Relative IC50, high"),
        Column("relative_status", "Relative IC50, status", kind="flag"),
        Column("fixed", "Given, not fitted"),
        Column("scatter_from", "Window tested by the scatter of"),
        Column("note", "Note"),
    )
    nan = float("nan")
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.inhibitor,
            each.ic50,
            *each.ic50_interval,
            each.unit,
            each.status,
            len(each.doses),
            len(set(each.doses.tolist())),
            float(each.doses.min()) if len(each.doses) else nan,
            float(each.doses.max()) if len(each.doses) else nan,
            each.stimulated,
            *each.stimulated_band,
            each.unstimulated,
            *each.unstimulated_band,
            *(each.params.get(name, nan) if math.isfinite(each.ic50) else nan for name in names),
            relative_of(each),
            *each.relative_ic50_interval,
            relative_status(each),
            each.fixed,
            each.scatter_from,
            each.note,
        )
        for each in run.dose_responses
    )
    return Table("dose_response", "Dose response", columns, rows)


def own_floor_status(each: Inhibition) -> str:
    """``ok``, or why there is no percentage from the inhibitor's own floor."""
    if math.isfinite(each.percent_own_floor):
        return OK
    if math.isnan(each.alone):
        return "few events" if each.alone_files else "inhibitor not given alone"
    return each.status


def relative_of(each: DoseResponse) -> float:
    """The relative IC50; NaN where its interval is open: then no tube holds one of the plateaus."""
    low, high = each.relative_ic50_interval
    closed = (low > 0 or math.isnan(low)) and not math.isinf(high)
    return each.relative_ic50 if closed else math.nan


def relative_status(each: DoseResponse) -> str:
    """``ok``, or why there is no dose half-way between the curve's own plateaus."""
    if math.isfinite(relative_of(each)):
        return OK
    return "plateaus not seen" if len(each.x) else f"no curve: {each.status}"
