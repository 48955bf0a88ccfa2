"""EC50s of a stimulus with and without an inhibitor: the table, and that of the page."""

from __future__ import annotations

import math
from dataclasses import replace

from assays.reports.cells import Cell, Head, PageTable, stacked, table, words
from assays.reports.columns import number
from assays.results.flow import FlowRun
from assays.results.shift import DoseShift, Moved
from assays.results.table import Column, Table

NAN = math.nan
UNKNOWN = (NAN, NAN)


def shifts(run: FlowRun) -> Table:
    """One row per dose response of a stimulus: alone, then at each dose of an inhibitor."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Stimulus"),
        Column("inhibitor", "Inhibitor"),
        number("inhibitor_dose", "Dose of the inhibitor"),
        Column("inhibitor_unit", "Unit of that dose"),
        number("ec50", "EC50 of the stimulus"),
        number("ec50_low", "EC50, low"),
        number("ec50_high", "EC50, high"),
        Column("unit", "Unit of the EC50"),
        number("dose_ratio", "Dose ratio"),
        number("dose_ratio_low", "Dose ratio, low"),
        number("dose_ratio_high", "Dose ratio, high"),
        Column("status", "Status", kind="flag"),
        number("slope", "Slope, shared"),
        number("bottom", "Unstimulated, shared"),
        number("top", "Highest response, shared"),
        number("tops_p", "p, same highest response"),
        number("schild_slope", "Schild slope"),
        number("schild_low", "Schild slope, low"),
        number("schild_high", "Schild slope, high"),
        number("schild_p", "p, Schild slope is 1"),
        number("pa2", "pA2"),
        number("pa2_low", "pA2, low"),
        number("pa2_high", "pA2, high"),
        number("pkb", "pKB"),
        number("pkb_low", "pKB, low"),
        number("pkb_high", "pKB, high"),
        Column("schild_unit", "pA2 and pKB: -log10 of"),
        number("n_tubes", "n", kind="count"),
        Column("note", "Note"),
    )
    rows = tuple(_row(each, at) for each in run.shifts for at in (_alone(each), *each.moved))
    return Table("shifts", "Shift of the dose response", columns, rows)


def _alone(each: DoseShift) -> Moved:
    return Moved(0.0, each.ec50, each.ec50_interval, NAN, UNKNOWN, each.status)


def _row(each: DoseShift, at: Moved) -> tuple[object, ...]:
    s = each.schild
    # What holds for all doses of the inhibitor stands on its first row, that without any.
    schild = (s.slope, *s.slope_interval, s.slope_p, s.pa2, *s.pa2_interval, s.pkb, *s.pkb_interval)
    first = at.dose == 0.0
    shared = (each.slope, each.bottom, each.top, each.tops_p, *schild)
    return (
        *(each.donor, each.readout, each.stimulus, each.inhibitor),
        *(at.dose, each.inhibitor_unit, at.ec50, *at.ec50_interval, each.unit),
        *(at.ratio, *at.ratio_interval, at.status),
        *(shared if first else (NAN,) * len(shared)),
        *(each.schild_unit if first else "", each.n, each.note if first else ""),
    )


def shifts_on_page(run: FlowRun) -> PageTable:
    """Each dose of an inhibitor with its dose ratio; the constant behind it on the first row."""
    units = list(dict.fromkeys(each.unit for each in run.shifts))
    one = len(units) == 1
    heads = (
        Head("Donor"),
        Head("Readout"),
        Head("Given"),
        Head(f"EC50{f', {units[0]}' if one else ''}", number=True),
        Head("Dose ratio", number=True),
        Head("Schild slope", number=True),
        Head("pA2", number=True),
        Head("pKB", number=True),
        Head("Note"),
    )
    rows = [
        (
            words(each.donor),
            words(each.readout),
            _given(each, at),
            _ec50(each, at, named=not one),
            stacked(at.ratio, at.ratio_interval) if at.dose else words(""),
            *_constants(each, at),
            words(each.note if at.dose == 0.0 else "", "wide"),
        )
        for each in run.shifts
        for at in (_alone(each), *each.moved)
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    on = " or ".join(dict.fromkeys(each.schild_unit for each in run.shifts if each.schild_unit))
    note = (
        "Dose responses of the stimulus with and without inhibitor, fitted together with one "
        f"slope and one highest response (Gaddum, Schild); {level} intervals below. The dose "
        "ratio is the EC50 over that without inhibitor. pA2 is \u2212log10 of the dose that "
        "doubles the EC50. pKB is the same with a Schild slope of 1, the dissociation constant of "
        "a competing inhibitor: given where the slope cannot be told from 1, and with one dose of "
        "inhibitor a slope of 1 is taken for granted."
    )
    note += f" Both in {on}." if on else ""
    note += (
        " Slope, pA2 and pKB hold for all doses of the inhibitor and stand on the first row; a "
        "dose ratio needs a dose. \u2014: not known; the note or the word in the column EC50 says "
        "why."
    )
    return table("shifts", "Shift of the dose response", heads, rows, note=note, named=3)


def _given(each: DoseShift, at: Moved) -> Cell:
    below = f"with {each.inhibitor} {at.dose:g} {each.inhibitor_unit}" if at.dose else "alone"
    return Cell(each.stimulus, below=below)


def _ec50(each: DoseShift, at: Moved, *, named: bool) -> Cell:
    """The EC50, or the words for why there is none."""
    if math.isnan(at.ec50):
        return words(at.status, "muted right")
    cell = stacked(at.ec50, at.ec50_interval)
    return replace(cell, text=f"{cell.text} {each.unit}") if named else cell


def _constants(each: DoseShift, at: Moved) -> tuple[Cell, ...]:
    """Schild slope, pA2 and pKB; blank on the rows of the single doses."""
    if at.dose:
        return (words(""),) * 3
    found = each.schild
    return (
        stacked(found.slope, found.slope_interval, 2),
        stacked(found.pa2, found.pa2_interval, 2),
        stacked(found.pkb, found.pkb_interval, 2),
    )
