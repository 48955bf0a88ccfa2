"""Pairs of inhibitors beside what their members let expect: the table, and that of the page."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, stacked, table, words
from assays.reports.columns import number
from assays.reports.words import percent
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition, PairMember
from assays.results.table import Column, Table


def pairs_of(run: FlowRun) -> list[Inhibition]:
    """Rows with two inhibitors."""
    return [each for each in run.inhibition if len(each.inhibitors) == 2]


def has_own(member: PairMember) -> bool:
    """Whether controls with the arm's own vehicle say something else."""
    return math.isfinite(member.own_percent) and member.own_off != 0.0


def combinations(run: FlowRun) -> Table:
    """One row per pair of inhibitors in a donor."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Stimulus"),
        Column("inhibitor", "Inhibitors"),
        Column("dose", "Doses"),
        number("percent_inhibition", "Inhibition", "%", "percent"),
        number("interval_low", "Interval, low", "%", "percent"),
        number("interval_high", "Interval, high", "%", "percent"),
        number("first_alone", "First alone", "%", "percent"),
        number("second_alone", "Second alone", "%", "percent"),
        number("expected_bliss", "Expected, Bliss", "%", "percent"),
        number("excess_bliss", "Above Bliss", "percent points", "percent"),
        number("excess_bliss_low", "Above Bliss, low", "percent points", "percent"),
        number("excess_bliss_high", "Above Bliss, high", "percent points", "percent"),
        number("expected_bliss_own", "Expected, Bliss, arms against own vehicle", "%", "percent"),
        number("excess_bliss_own", "Above that", "percent points", "percent"),
        number("excess_bliss_own_low", "Above that, low", "percent points", "percent"),
        number("excess_bliss_own_high", "Above that, high", "percent points", "percent"),
        number("expected_hsa", "Better one alone (HSA)", "%", "percent"),
        number("excess_hsa", "Above HSA", "percent points", "percent"),
        number("excess_hsa_low", "Above HSA, low", "percent points", "percent"),
        number("excess_hsa_high", "Above HSA, high", "percent points", "percent"),
        number("expected_loewe", "Expected, Loewe", "%", "percent"),
        number("excess_loewe", "Above Loewe", "percent points", "percent"),
        number("excess_loewe_low", "Above Loewe, low", "percent points", "percent"),
        number("excess_loewe_high", "Above Loewe, high", "percent points", "percent"),
        Column("control_vehicle", "Vehicle of the controls"),
        Column("loewe_vehicles", "Vehicles of the dose series (Loewe)"),
        Column("status", "Status", kind="flag"),
        Column("note", "Note"),
    )
    rows = tuple(
        (
            each.donor,
            each.readout,
            each.stimulus,
            each.inhibitor,
            each.dose,
            each.percent,
            *each.interval,
            *(each.singles or (math.nan, math.nan)),
            each.expected_bliss,
            each.excess_bliss,
            *each.excess_bliss_interval,
            each.expected_bliss_own,
            each.excess_bliss_own,
            *each.excess_bliss_own_interval,
            each.expected_hsa,
            each.excess_hsa,
            *each.excess_hsa_interval,
            each.expected_loewe,
            each.excess_loewe,
            *each.excess_loewe_interval,
            each.control_vehicle,
            "; ".join(each.loewe_vehicles),
            each.status,
            each.note,
        )
        for each in pairs_of(run)
    )
    return Table("combinations", "Combinations", columns, rows)


def combinations_on_page(run: FlowRun) -> PageTable:
    """Each pair, its members, and how far it lies above independent action."""
    doubts = any(each.status != "ok" for each in pairs_of(run))
    apart = any(has_own(member) for each in pairs_of(run) for member in each.members)
    heads = (
        Head("Donor, readout"),
        Head("Inhibitors"),
        Head("Together, %", number=True),
        Head("Alone, %"),
        Head("Bliss expects, %", number=True),
        Head("Above Bliss, points", number=True),
        *([Head("Above Bliss, arms against own vehicle", number=True)] if apart else []),
        Head("Above the better one, points", number=True),
        Head("Loewe expects, %", number=True),
        Head("Above Loewe, points", number=True),
        *([Head("Status")] if doubts else []),
    )
    rows = [
        (
            Cell(each.donor, below=each.readout),
            Cell(each.inhibitor, below=each.dose),
            stacked(each.percent, each.interval, 1),
            words(" and ".join(percent(single) for single in each.singles)),
            figure(percent(each.expected_bliss)),
            stacked(each.excess_bliss, each.excess_bliss_interval, 1),
            *([stacked(each.excess_bliss_own, each.excess_bliss_own_interval, 1)] if apart else []),
            stacked(each.excess_hsa, each.excess_hsa_interval, 1),
            figure(percent(each.expected_loewe)),
            stacked(each.excess_loewe, each.excess_loewe_interval, 1),
            *([words(each.status)] if doubts else []),
        )
        for each in pairs_of(run)
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    note = (
        f"Percent inhibition with the {level} interval below. Bliss: both act independently, "
        "A + B \u2212 A \u00d7 B / 100 of the two alone. The better one alone is HSA. Loewe: one "
        "is a dilution of the other, read from the dose curves of both in the same donor. "
        "Intervals come from the scatter of tubes, shared controls counted once, for Loewe from "
        "that of both curves, too. "
        "Only where the whole interval lies above 0 does the pair do more than expected."
    )
    if apart:
        note += (
            " Arms that carry one vehicle only are held against the controls with both, and in "
            "the column beside it against their own: trust what both columns say."
        )
    if any(math.isnan(each.expected_loewe) for each in pairs_of(run)):
        note += " Loewe \u2014: the donor has no fitted dose curve of both."
    return table("combinations", "Combinations", heads, rows, note=note, named=2)
