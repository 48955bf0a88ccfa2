"""Tables too wide for paper, as several sheets of the workbook, each for one purpose.

The csv keeps every column in one file. In the workbook a wide table stands on several sheets with
the same rows in the same order; each begins with the columns that say which row it is. A column
that no purpose names stands on the last sheet, so none is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assays.results.table import Column, Table


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one sheet of a wide table is for."""

    ending: str
    """Of the sheet's name; empty: the sheet is named as the table."""
    holds: str
    """For the list of sheets."""
    keys: tuple[str, ...]
    """Columns beside those that name the row; a name that ends in * stands for all that begin so.
    Columns that the table does not have are passed over."""


@dataclass(frozen=True, slots=True)
class Split:
    """How a wide table is split."""

    who: tuple[str, ...]
    """Columns that say which row it is, on every sheet."""
    apart: tuple[str, ...]
    """The same where they tell rows apart: where they differ within the table."""
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet's share of a table."""

    table: Table
    holds: str
    """Empty where the table is whole."""
    named: int
    """Leading columns that say which row it is."""


SPLITS = {
    "inhibition": Split(
        ("donor", "readout", "inhibitor", "dose"),
        ("stimulus", "vehicle", "plate", "time_min"),
        (
            Purpose("", "percentages with their intervals", (
                "percent_inhibition", "interval_low", "interval_high", "status",
            )),
            Purpose("own_floor", "percentages from the inhibitor's own floor", (
                "percent_own_floor", "own_floor_low", "own_floor_high", "own_floor_status",
                "inhibitor_alone",
            )),
            Purpose("controls", "the means that each percentage is worked out from", (
                "percent_inhibition", "unstimulated", "stimulated", "treated", "inhibitor_alone",
                "n_*",
            )),
            Purpose("intervals", "both ways to an interval: Fieller's and the bootstrap", (
                "percent_inhibition", "fieller_*", "bootstrap_*",
            )),
            Purpose("own_floor_intervals", "both ways to an interval from the own floor", (
                "percent_own_floor", "own_floor_fieller_*", "own_floor_bootstrap_*",
                "own_floor_status",
            )),
            Purpose("window", "how far stimulated lies from unstimulated, and its interval", (
                "window*", "interval_kind", "note",
            )),
            Purpose("tubes", "the tubes behind each mean", (
                "stimulus", "vehicle", "treated_tubes", "stimulated_tubes", "unstimulated_tubes",
                "alone_tubes",
            )),
            Purpose("doses", "doses as numbers", ("dose_*", "role")),
        ),
    ),
    "readings": Split(
        ("file", "donor", "readout"),
        (),
        (
            Purpose("", "the median of every tube", (
                "stimulus", "inhibitor", "dose", "vehicle", "count", "median", "unit", "median_se",
                "cofactor", "delta_asinh", "status",
            )),
            Purpose("positive", "percent positive and its threshold", (
                "percent_positive", "positive_side", "threshold", "threshold_from",
                "integrated_mfi", "threshold_control",
            )),
            Purpose("distribution", "how the events lie against those of the controls", (
                "geometric_mean", "arcsinh_mean", "delta_median", "fold", "ks_d", "auroc",
                "overton_percent", "control", "remark",
            )),
            Purpose("molecules", "totals and molecules from beads", (
                "channel", "residue", "total*", "calibrated*",
            )),
            Purpose("tubes", "what was in each tube", (
                "role", "dose_*", "replicate", "plate", "time_min", "population",
            )),
        ),
    ),
    "dose_response": Split(
        ("donor", "readout", "inhibitor"),
        (),
        (
            Purpose("", "IC50s with their intervals", (
                "ic50", "interval_*", "unit", "status", "n_tubes", "n_doses", "lowest_dose",
                "highest_dose", "scatter_from",
            )),
            Purpose("curve", "the curves: controls, parameters, relative IC50", ()),
        ),
    ),
    "donors": Split(
        ("readout", "condition", "against"),
        ("kind", "dose"),
        (
            Purpose("", "estimates with their intervals", (
                "scale", "n_donors", "mean_difference", "interval_*", "hodges_lehmann", "hl_*",
                "sd", "status",
            )),
            Purpose("tests", "p values, and the smallest that n allows", (
                "t_*", "wilcoxon_*", "smallest_*", "family", "note",
            )),
            Purpose("spread", "how differently donors respond", (
                "sd_response*", "heterogeneity_p", "next_donor_*",
            )),
            Purpose("model", "the mixed model of all tubes", ("mixed_*",)),
            Purpose("each", "the difference of each donor", ("member", "differences")),
        ),
    ),
    "combinations": Split(
        ("donor", "readout", "inhibitor", "dose"),
        ("stimulus",),
        (
            Purpose("", "both together, and each alone", (
                "percent_inhibition", "interval_*", "first_alone*", "second_alone*", "status",
                "note",
            )),
            Purpose("expected", "what Bliss, HSA and Loewe expect, and what lies above", (
                "expected_bliss", "excess_bliss", "excess_bliss_low", "excess_bliss_high",
                "expected_hsa", "excess_hsa*", "expected_loewe", "excess_loewe*",
            )),
            Purpose("own_vehicle", "Bliss with each arm against its own vehicle", (
                "expected_bliss_own", "excess_bliss_own*",
            )),
            Purpose("controls", "the vehicles that both were held against", ()),
        ),
    ),
    "combination_arms": Split(
        ("donor", "readout", "pair", "arm"),
        ("stimulus",),
        (
            Purpose("", "means and percentage of each arm", (
                "vehicle", "treated", "stimulated", "unstimulated", "percent_inhibition",
            )),
            Purpose("own_vehicle", "each arm against controls with its own vehicle", (
                "control_vehicle", "own_*", "note",
            )),
            Purpose("tubes", "the tubes behind each mean", ()),
        ),
    ),
}  # fmt: skip
"""Tables of which a sheet as wide as the csv could not be read on paper."""


def parts_of(table: Table) -> tuple[Part, ...]:
    """The sheets of a table, in the order that a reader wants them; one where it is narrow.

    Every column stands on at least one of them.
    """
    split = SPLITS.get(table.name)
    if split is None:
        return (Part(table, "", 1),)
    keys = [column.key for column in table.columns]
    who = [key for key in split.who if key in keys]
    who += [key for key in split.apart if key in keys and len(set(table.column(key))) > 1]
    wanted = [_matching(purpose.keys, keys, who) for purpose in split.purposes]
    placed = {*who, *(key for chosen in wanted for key in chosen)}
    wanted[-1] += [key for key in keys if key not in placed]
    parts = []
    for purpose, chosen in zip(split.purposes, wanted, strict=True):
        if not chosen:
            continue
        name = "_".join(filter(None, (table.name, purpose.ending)))
        places = [keys.index(key) for key in (*who, *chosen)]
        parts.append(Part(_columns(table, name, places), purpose.holds, len(who)))
    return tuple(parts)


def _matching(wanted: Sequence[str], keys: Sequence[str], who: Sequence[str]) -> list[str]:
    """Keys that a purpose names, in its order; of a pattern, in the table's."""
    found: dict[str, None] = {}
    for each in wanted:
        if each.endswith("*"):
            found |= dict.fromkeys(key for key in keys if key.startswith(each[:-1]))
        elif each in keys:
            found[each] = None
    return [key for key in found if key not in who]


def _columns(table: Table, name: str, places: Sequence[int]) -> Table:
    columns: tuple[Column, ...] = tuple(table.columns[place] for place in places)
    rows = tuple(tuple(row[place] for place in places) for row in table.rows)
    return Table(name, table.title, columns, rows)
