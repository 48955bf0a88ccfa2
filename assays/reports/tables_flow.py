"""Tables of a phospho-flow run: populations, readings, inhibition, dose response."""

from __future__ import annotations

import math

from assays.inhibition.residues import residue_in
from assays.reports.columns import number
from assays.reports.dose_order import by_dose
from assays.reports.page_scatter import scatters
from assays.reports.tables_activation import tables_of_activation
from assays.reports.tables_arms import combination_arms
from assays.reports.tables_combination import combinations
from assays.reports.tables_compensation import tables_of_compensation
from assays.reports.tables_donors import donors
from assays.reports.tables_shift import shifts
from assays.reports.tube_columns import DOSES, TUBE, dose_numbers, tube_values
from assays.reports.words import slug
from assays.results.flow import FlowRun
from assays.results.table import Column, Table


def tables_of_flow(run: FlowRun) -> tuple[Table, ...]:
    """Every table of a flow run that has rows."""
    tables = (
        populations(run),
        readings(run),
        inhibition(run),
        dose_response(run),
        shifts(run),
        combinations(run),
        combination_arms(run),
        donors(run),
        scatters(run),
        *tables_of_activation(run),
        *tables_of_compensation(run),
    )
    return tuple(table for table in tables if table.rows)


STORED = (
    number("stored", "Events that the gates' program stored", kind="count"),
    number("difference", "Difference from those", kind="count"),
)


def populations(run: FlowRun) -> Table:
    """One row per population and tube."""
    columns = (
        Column("file", "Tube"),
        Column("donor", "Donor"),
        Column("condition", "Condition"),
        Column("population", "Population"),
        Column("parent", "Parent"),
        number("count", "Events", kind="count"),
        number("percent_of_parent", "Of parent", "%", "percent"),
        number("percent_of_total", "Of total", "%", "percent"),
        Column("automatic", "As the strategy set it", kind="flag"),
        Column("note", "Moved by hand: who, when, why"),
        Column("definition", "Boundary"),
        number("score", "Score of a found gate"),
        Column("reasons", "Why it lies there"),
        *STORED[: 2 if any(each.stored >= 0 for each in run.populations) else 0],
    )
    rows = tuple(
        (
            each.file,
            each.donor,
            each.condition,
            each.population,
            each.parent,
            each.count,
            each.percent_of_parent,
            each.percent_of_total,
            each.automatic,
            each.note,
            each.definition,
            each.score,
            each.reasons,
            *((each.stored, each.count - each.stored) if each.stored >= 0 else (None, None)),
        )[: len(columns)]
        for each in run.populations
    )
    return Table("populations", "Populations", columns, rows)


def readings(run: FlowRun) -> Table:
    """One row per readout and tube."""
    columns = (
        Column("file", "Tube"),
        Column("donor", "Donor"),
        *TUBE,
        Column("readout", "Readout"),
        Column("population", "Population"),
        Column("channel", "Channel"),
        number("count", "Events", kind="count"),
        number("median", "Median"),
        number("median_se", "SE of median (events only)"),
        number("cofactor", "Cofactor"),
        number("delta_asinh", "\u0394arcsinh"),
        number("percent_positive", "Positive", "%", "percent"),
        number("threshold", "Threshold", "a.u."),
        Column("control", "Held against"),
        Column("status", "Status", kind="flag"),
        number("geometric_mean", "Geometric mean", "a.u."),
        number("arcsinh_mean", "Mean on the arcsinh scale, carried back", "a.u."),
        number("delta_median", "\u0394median"),
        number("fold", "Fold of unstimulated"),
        number("integrated_mfi", "Integrated MFI", "% a.u."),
        number("ks_d", "KS D"),
        number("auroc", "AUROC (Mann\u2013Whitney)"),
        number("overton_percent", "Overton (maximum difference)", "%", "percent"),
        Column("remark", "Undefined, and why"),
        Column("unit", "Unit of the median"),
        Column("residue", "Residue"),
        Column("total", "Divided by"),
        number("total_median", "Median of the total", "a.u."),
        Column("threshold_from", "Threshold from"),
        Column("threshold_control", "Tubes of the threshold"),
        Column("positive_side", "Positive events lie"),
        number("calibrated", "Median in molecules"),
        Column("calibrated_unit", "Molecules as"),
        Column("calibrated_status", "Within the beads", kind="flag"),
    )
    rows = tuple(
        (
            each.file,
            each.donor,
            *tube_values(each.tube),
            each.readout,
            each.population,
            each.channel,
            each.count,
            each.median,
            each.median_se,
            each.cofactor,
            each.delta_asinh,
            each.percent_positive,
            each.threshold,
            each.control,
            each.status,
            each.geometric_mean,
            each.arcsinh_mean,
            each.delta_median,
            each.fold,
            each.integrated_mfi,
            each.ks_d,
            each.auroc,
            each.overton_percent,
            each.remark,
            each.unit,
            residue_in(each.readout),
            each.total,
            each.total_median,
            each.threshold_from,
            each.threshold_control,
            each.positive_side,
            each.calibrated,
            each.calibrated_unit,
            each.calibrated_status,
        )
        for each in run.readings
    )
    return Table("readings", "Readings", columns, rows)


def inhibition(run: FlowRun) -> Table:
    """One row per donor, readout, inhibitor and dose."""
    level = f"{run.level:.0%}".replace("%", " %")
    columns = (
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
        Column("fixed", "Given, not fitted"),
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
            each.relative_ic50,
            *each.relative_ic50_interval,
            each.fixed,
        )
        for each in run.dose_responses
    )
    return Table("dose_response", "Dose response", columns, rows)
