"""Tables of a phospho-flow run; here those of its tubes: populations and readings."""

from __future__ import annotations

from assays.inhibition.residues import residue_in
from assays.reports.columns import number
from assays.reports.page_scatter import scatters
from assays.reports.tables_activation import tables_of_activation
from assays.reports.tables_arms import combination_arms
from assays.reports.tables_combination import combinations
from assays.reports.tables_compensation import tables_of_compensation
from assays.reports.tables_donors import donors
from assays.reports.tables_inhibition import dose_response, inhibition
from assays.reports.tables_shift import shifts
from assays.reports.tube_columns import TUBE, tube_values
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
