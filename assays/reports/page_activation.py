"""What the stimulus did, on the page: positive controls, protection, courses, calibration."""

from __future__ import annotations

from assays.reports.cells import (
    Cell,
    Head,
    PageTable,
    figure,
    stacked,
    table,
    value_and_interval,
    words,
)
from assays.reports.words import count, fixed, percent, significant
from assays.results.activation import Calibration, Kinetics
from assays.results.flow import FlowRun

OK = "ok"


MOLECULES = {
    "ABC": "antibodies bound per cell",
    "MESF": "molecules of equivalent soluble fluorochrome",
    "ERF": "equivalent reference fluorophores",
}
"""What the units of calibration beads stand for."""


def activation_on_page(run: FlowRun) -> tuple[PageTable, ...]:
    """The four tables, empty ones too."""
    return (positive_controls(run), protection(run), kinetics(run), calibration(run))


def positive_controls(run: FlowRun) -> PageTable:
    """One row per donor and readout, the unit under its name."""
    units = {each.readout: each.unit for each in run.readings}
    if run.inhibition_scale != "linear":
        shares = {each.readout for each in run.readings if each.kind == "fraction"}
        units = {
            name: unit if name in shares else run.inhibition_scale for name, unit in units.items()
        }
    told = list(dict.fromkeys(units.get(each.readout, "") for each in run.positive_controls))
    unit = f", {told[0]}" if len(told) == 1 and told[0] else ""
    below = {} if unit else units
    heads = (
        Head("Donor"),
        Head("Readout"),
        Head("Positive control"),
        Head(f"Response{unit}", number=True),
        Head(f"Unstimulated{unit}", number=True),
        Head(f"Difference{unit} (interval)", number=True, span=2),
        Head("Status"),
    )
    rows = [
        (
            words(each.donor),
            Cell(each.readout, below=below.get(each.readout, "")),
            words(each.stimulus),
            figure(significant(each.value)),
            figure(significant(each.unstimulated)),
            *value_and_interval(each.window, each.window_interval),
            words(each.status, "" if each.status == "responds" else "look"),
        )
        for each in run.positive_controls
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    note = (
        "Cells that do not answer these, or whose staining failed, say nothing about inhibition. "
        f"Means of the tubes' medians{'' if unit else '; the unit stands under the readout'}. They "
        f"respond where the {level} interval of the difference lies on the side of activation."
    )
    return table("positive-controls", "Positive controls", heads, rows, note=note, named=3)


def protection(run: FlowRun) -> PageTable:
    """One row per donor and stimulus."""
    heads = (
        Head("Donor"),
        Head("Stimulus"),
        Head("Protection, % (interval)", number=True, span=2),
        Head("Without, %", number=True),
        Head("With, %", number=True),
        Head("n without, with"),
        Head("Status"),
    )
    rows = [
        (
            words(each.donor),
            Cell(each.stimulus, below=each.vehicle),
            *value_and_interval(each.percent, each.interval, decimals=1),
            figure(percent(each.dead_without)),
            figure(percent(each.dead_with)),
            words(f"{each.n_without}, {each.n_with}"),
            words(each.status, "" if each.status == OK else "muted"),
        )
        for each in run.protections
    ]
    names = " and ".join(dict.fromkeys(each.readout for each in run.protections))
    note = (
        "Share of the death without the stimulus that it prevents: 100 (without \u2212 with) / "
        f"without, of {names}. What an inhibitor takes of it is its inhibition of the same readout."
    )
    return table("protection", "Protection from death", heads, rows, note=note, named=2)


def kinetics(run: FlowRun) -> PageTable:
    """One row per course: peak, its time, area."""
    heads = (
        Head("Donor"),
        Head("Readout"),
        Head("Condition"),
        Head("Times, min"),
        Head("Peak, less unstimulated", number=True),
        Head("at, min"),
        Head("Area", number=True),
        Head("Status"),
    )
    rows = [
        (
            words(each.donor),
            Cell(each.readout, below=each.area_unit.partition(" \u00b7 ")[0]),
            Cell(each.condition, below=" ".join(filter(None, (each.vehicle, each.plate)))),
            Cell(
                f"{each.times_min[0]:g} to {each.times_min[-1]:g}",
                below=count(len(each.times_min), "time"),
            ),
            stacked(each.peak, each.peak_interval),
            _when(each),
            stacked(each.area, each.area_interval),
            words(each.status, "" if each.status == OK else "muted"),
        )
        for each in run.kinetics
    ]
    level = f"{run.level:.0%}".replace("%", " %")
    units = " or ".join(dict.fromkeys(each.area_unit for each in run.kinetics))
    note = (
        f"Response less unstimulated over time, with {level} intervals below; the unit stands "
        "under the readout. The peak is the largest change of the measured times; under its time "
        "stand those that cannot be told from it. A readout that falls has a negative one. The "
        f"area between response and unstimulated is that of trapezoids, in {units}."
    )
    return table("kinetics", "Course over time", heads, rows, note=note, named=3)


def _when(each: Kinetics) -> Cell:
    first, last = each.peak_times_min
    return Cell(f"{each.peak_time_min:g}", below="" if first == last else f"{first:g} to {last:g}")


def calibration(run: FlowRun) -> PageTable:
    """One row per peak of the beads."""
    heads = (
        Head("Channel"),
        Head("Assigned", number=True),
        Head("Median, a.u.", number=True),
        Head("Beads", number=True),
        Head("From the line", number=True),
        Head("Recovery, %", number=True),
        Head("Note"),
    )
    rows = [
        (
            words(line.channel),
            figure(significant(peak.assigned)),
            figure(significant(peak.median)),
            figure(f"{peak.events}"),
            figure(significant(peak.fitted)),
            figure(percent(peak.recovery_percent)),
            words(peak.note),
        )
        for line in run.calibrations
        for peak in line.peaks
    ]
    units = dict.fromkeys(line.unit for line in run.calibrations)
    glosses = [f"{unit}: {MOLECULES[unit]}." for unit in units if unit in MOLECULES]
    note = " ".join([*(_line(line) for line in run.calibrations), *glosses])
    return table("calibration", "Calibration with beads", heads, rows, note=note)


def _line(line: Calibration) -> str:
    lot = f", lot {line.lot}" if line.lot else ""
    who = f"{line.unit} on {line.channel} ({count(len(line.files), 'tube')}{lot}):"
    if line.status != OK:
        return f"{who} no line, {line.status}."
    reach = f"from {significant(line.low)} to {significant(line.high)} a.u."
    return (
        f"{who} {line.fit} line with slope {fixed(line.slope, 3)} and R² "
        f"{fixed(line.r_squared, 4)}, {reach}; beyond, extrapolated."
    )
