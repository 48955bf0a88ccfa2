"""Percent inhibition on the page: inhibitors and doses down, donors across."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from assays.reports.cells import Cell, Head, PageTable, table, words
from assays.reports.dose_order import by_dose
from assays.reports.page_findings import SIGNS
from assays.reports.words import with_interval
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition
from plates.findings import Severity

OK = "ok"
MOST_DONORS = 12
"""Donors side by side: more would leave the paper."""


def inhibition_matrices(run: FlowRun) -> Iterator[PageTable]:
    """One table for each readout and every dozen donors."""
    for place, readout in enumerate(dict.fromkeys(i.readout for i in run.inhibition), start=1):
        own = [each for each in run.inhibition if each.readout == readout]
        donors = list(dict.fromkeys(each.donor for each in own))
        parts = [donors[at : at + MOST_DONORS] for at in range(0, len(donors), MOST_DONORS)]
        for number, part in enumerate(parts, start=1):
            anchor = f"inhibition-{place}" + (f"-{number}" if number > 1 else "")
            these = f", donors {part[0]} to {part[-1]}" if len(parts) > 1 else ""
            yield _matrix(run, readout, part, anchor, these)


def _matrix(
    run: FlowRun, readout: str, donors: Sequence[str], anchor: str, these: str
) -> PageTable:
    """The interval stands under each value."""
    own = [each for each in run.inhibition if each.readout == readout and each.donor in donors]
    found = by_dose(own, across_donors=True)
    by_row: dict[tuple[str, str, str, str, str], dict[str, list[Inhibition]]] = {}
    for each in found:
        key = (each.inhibitor, each.dose, each.stimulus, each.vehicle, _block(each))
        by_row.setdefault(key, {}).setdefault(each.donor, []).append(each)
    blocks = len({key[4] for key in by_row}) > 1
    carried = {key[0]: key[3] for key in by_row}
    # One vehicle for each inhibitor is told in the note; a column would repeat it.
    vehicles = any(carried[key[0]] != key[3] for key in by_row)
    stimuli = list(dict.fromkeys(key[2] for key in by_row))
    heads = [Head("Inhibitor"), Head("Dose")]
    heads += [Head("Stimulus")] if len(stimuli) > 1 else []
    heads += [Head("Vehicle")] if vehicles else []
    heads += [Head("Plate, time")] if blocks else []
    heads += [Head(donor, number=True) for donor in donors]
    rows = []
    for (inhibitor, dose, stimulus, vehicle, block), of_donor in by_row.items():
        row = [words(inhibitor), words(dose)]
        row += [words(stimulus)] if len(stimuli) > 1 else []
        row += [words(vehicle)] if vehicles else []
        row += [words(block)] if blocks else []
        rows.append((*row, *(_inhibition(of_donor.get(donor, [])) for donor in donors)))
    known = any(not math.isnan(each.percent) for each in found)
    title = f"Inhibition of {readout}, %"
    if any(each.readout == readout for each in run.protections):
        title = f"Inhibition of the protection ({readout}), %"
    title += these + ("" if known else ": undefined throughout")
    note = _note(run, found, stimuli, {} if vehicles else carried)
    if any(donor not in of_donor for of_donor in by_row.values() for donor in donors):
        note += " Blank: not given to this donor."
    if any(each.status != OK and math.isfinite(each.percent) for each in found):
        told = dict.fromkeys(e.status for e in found if e.status != OK and math.isfinite(e.percent))
        note += f" {SIGNS[Severity.LOOK]} {', '.join(told)}: read the findings before using it."
    if any(each.status.startswith("no activation") for each in found):
        note += (
            " Undefined: the stimulus did not move the donor's cells beyond what tubes scatter, so "
            "there is no response to take a share of."
        )
    named = len(heads) - len(donors)
    return table(anchor, title, heads, rows, note=note, folded=not known, named=named)


def _note(
    run: FlowRun, found: Sequence[Inhibition], stimuli: Sequence[str], carried: dict[str, str]
) -> str:
    """What 0 and 100 % are; the vehicle of each inhibitor where it has one."""
    level = f"{run.level:.0%}".replace("%", " %")
    given = stimuli[0] if len(stimuli) == 1 else "the stimulus of the row"
    note = (
        f"Percent of the response to {given} that is removed, with its {level} "
        "interval. 0 % is stimulated, 100 % unstimulated, in the same donor with the same "
        "vehicle; values are not clipped."
    )
    if any(carried.values()):
        told = "; ".join(f"{name}: {vehicle or 'none'}" for name, vehicle in carried.items())
        note += f" Vehicles: {told}."
    if any(not math.isnan(each.percent_own_floor) for each in found):
        note += (
            " Where the inhibitor was also given alone, the percentage from that floor stands "
            "in the column own floor of \u201cEvery control's value\u201d."
        )
    return note


def _block(each: Inhibition) -> str:
    """Plate and time that its tubes share; empty where the sheet gives neither."""
    time = "" if each.time_min is None else f"{each.time_min:g} min"
    return ", ".join(filter(None, (each.plate, time)))


def _inhibition(found: Sequence[Inhibition]) -> Cell:
    if not found:
        return Cell("", number=True)
    each = found[0]
    if math.isnan(each.percent):
        text = "undefined" if each.status.startswith("no activation") else each.status
        return Cell(text, look="muted right")
    shown, ends = with_interval(each.percent, each.interval, decimals=1)
    sign = "" if each.status == OK else f"{SIGNS[Severity.LOOK]} "
    return Cell(sign + shown, number=True, below=f"({ends})" if ends else "no interval")
