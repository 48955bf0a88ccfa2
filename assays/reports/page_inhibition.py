"""Percent inhibition on the page: inhibitors and doses down, donors across.

Many donors with few conditions stand the other way round, so that neither leaves the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assays.reports.cells import Cell, Head, PageTable, table, words
from assays.reports.dose_order import by_dose
from assays.reports.page_findings import SIGNS
from assays.reports.tables_elisa import natural
from assays.reports.words import with_interval
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition
from plates.findings import Severity

OK = "ok"
MOST_DONORS = 9
"""Donors side by side, beside inhibitor and dose: more would leave a page of 1,280 pixels. Every
further column that names a row takes the room of one."""
FEW_CONDITIONS = 6
"""At most so many conditions stand side by side, with the donors below one another."""
PAGE_PIXELS, NAME_PIXELS, GAP_PIXELS, LETTER_PIXELS = 1163, 110, 24, 6.6
"""What a page of 1,280 pixels has for a table; columns that name a row; between columns; and a
letter of an interval."""
LONGEST_NAME = 12
"""Letters of a donor that fit above a percentage; a longer name takes more room."""

Condition = tuple[str, str, str, str, str]
"""Inhibitor, dose, stimulus, vehicle, plate and time."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Inhibitions of one readout by condition and donor."""

    found: tuple[Inhibition, ...]
    cells: Mapping[Condition, Mapping[str, Inhibition]]
    donors: tuple[str, ...]

    @property
    def stimuli(self) -> tuple[str, ...]:
        """Stimuli, in the order of the conditions."""
        return tuple(dict.fromkeys(key[2] for key in self.cells))

    @property
    def carried(self) -> dict[str, str]:
        """The vehicle of each inhibitor, where it has but one; empty where one has two."""
        vehicles = {key[0]: key[3] for key in self.cells}
        return {} if any(vehicles[key[0]] != key[3] for key in self.cells) else vehicles

    @property
    def naming(self) -> tuple[tuple[int, str], ...]:
        """Which parts of a condition name it in columns of their own, and their heads."""
        naming = [(0, "Inhibitor"), (1, "Dose")]
        naming += [(2, "Stimulus")] if len(self.stimuli) > 1 else []
        # One vehicle for each inhibitor is told in the note; a column would repeat it.
        naming += [] if self.carried else [(3, "Vehicle")]
        naming += [(4, "Plate, time")] if len({key[4] for key in self.cells}) > 1 else []
        return tuple(naming)

    def of(self, donors: Sequence[str]) -> Matrix:
        """The same for some of the donors."""
        return matrix_of([each for each in self.found if each.donor in donors])


def matrix_of(rows: Sequence[Inhibition]) -> Matrix:
    """Inhibitions of one readout, the same dose of all donors together."""
    found = by_dose(rows, across_donors=True)
    cells: dict[Condition, dict[str, Inhibition]] = {}
    for each in found:
        key = (each.inhibitor, each.dose, each.stimulus, each.vehicle, _block(each))
        cells.setdefault(key, {}).setdefault(each.donor, each)
    return Matrix(found, cells, tuple(sorted({each.donor for each in rows}, key=natural)))


def inhibition_matrices(run: FlowRun) -> Iterator[PageTable]:
    """One table for each readout; several where its donors do not fit side by side."""
    for place, readout in enumerate(dict.fromkeys(i.readout for i in run.inhibition), start=1):
        whole = matrix_of([each for each in run.inhibition if each.readout == readout])
        anchor, donors = f"inhibition-{place}", whole.donors
        longest = max(len(donor) for donor in donors)
        most = max(2, MOST_DONORS - (len(whole.naming) - 2))
        most = max(2, int(most * min(1.0, LONGEST_NAME / longest)))
        most = max(2, min(most, int(_room(whole) / _donor_width(whole))))
        if len(donors) > most and len(whole.cells) <= FEW_CONDITIONS:
            yield _upright(run, readout, whole, anchor)
            continue
        tables = -(-len(donors) // most)
        size = -(-len(donors) // tables)
        for number in range(tables):
            part = donors[number * size : (number + 1) * size]
            these = f", donors {part[0]} to {part[-1]}" if tables > 1 else ""
            name = f"{anchor}-{number + 1}" if number else anchor
            yield _across(run, readout, whole.of(part), name, these)


def _across(run: FlowRun, readout: str, matrix: Matrix, anchor: str, these: str) -> PageTable:
    """Conditions down, donors across; the interval stands under each value."""
    heads = [Head(head) for _, head in matrix.naming]
    heads += [Head(donor, number=True) for donor in matrix.donors]
    rows = [
        (
            *(words(key[place], "slim" if place else "") for place, _ in matrix.naming),
            *(_inhibition(of_donor.get(donor)) for donor in matrix.donors),
        )
        for key, of_donor in matrix.cells.items()
    ]
    note = _notes(run, matrix)
    title = _title(run, readout, matrix, these)
    named = len(matrix.naming)
    return table(anchor, title, heads, rows, note=note, folded=not _known(matrix), named=named)


def _upright(run: FlowRun, readout: str, matrix: Matrix, anchor: str) -> PageTable:
    """Donors down, conditions across."""
    heads = [Head("Donor")]
    heads += [
        Head(" ".join(filter(None, (key[place] for place, _ in matrix.naming))), number=True)
        for key in matrix.cells
    ]
    rows = [
        (words(donor), *(_inhibition(of_donor.get(donor)) for of_donor in matrix.cells.values()))
        for donor in matrix.donors
    ]
    note, title = _notes(run, matrix), _title(run, readout, matrix, "")
    return table(anchor, title, heads, rows, note=note, folded=not _known(matrix))


def _room(matrix: Matrix) -> float:
    """Pixels that inhibitor, dose and whatever else names a row leave to the donors."""
    return PAGE_PIXELS - NAME_PIXELS * (len(matrix.naming) + 0.5)


def _donor_width(matrix: Matrix) -> float:
    """Pixels of a donor's column, by its longest interval; as much as most donors take."""
    longest: dict[str, int] = {}
    for each in matrix.found:
        cell = _inhibition(each)
        letters = max(len(cell.below), len(cell.text))
        longest[each.donor] = max(longest.get(each.donor, 0), letters)
    return GAP_PIXELS + LETTER_PIXELS * sum(longest.values()) / len(longest)


def _known(matrix: Matrix) -> bool:
    return any(not math.isnan(each.percent) for each in matrix.found)


def _title(run: FlowRun, readout: str, matrix: Matrix, these: str) -> str:
    title = f"Inhibition of {readout}, %"
    if any(each.readout == readout for each in run.protections):
        title = f"Inhibition of the protection ({readout}), %"
    return title + these + ("" if _known(matrix) else ": undefined throughout")


def _notes(run: FlowRun, matrix: Matrix) -> str:
    """What the numbers are, and what a blank, a sign and a word in their place mean."""
    note = _note(run, matrix.found, matrix.stimuli, matrix.carried)
    if any(donor not in own for own in matrix.cells.values() for donor in matrix.donors):
        note += " Blank: not given to this donor."
    doubtful = [e.status for e in matrix.found if e.status != OK and math.isfinite(e.percent)]
    if doubtful:
        told = ", ".join(dict.fromkeys(doubtful))
        note += f" {SIGNS[Severity.LOOK]} {told}: read the findings before using it."
    if any(each.status.startswith("no activation") for each in matrix.found):
        note += (
            " Undefined: the stimulus did not move the donor's cells beyond what tubes scatter, so "
            "there is no response to take a share of."
        )
    return note


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


def _inhibition(each: Inhibition | None) -> Cell:
    if each is None:
        return Cell("", number=True)
    if math.isnan(each.percent):
        text = "undefined" if each.status.startswith("no activation") else each.status
        return Cell(text, look="muted right")
    shown, ends = with_interval(each.percent, each.interval, decimals=1)
    sign = "" if each.status == OK else f"{SIGNS[Severity.LOOK]} "
    return Cell(sign + shown, number=True, below=f"({ends})" if ends else "no interval")
