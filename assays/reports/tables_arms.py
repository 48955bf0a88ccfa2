"""What each combination is worked out from: its arms and their controls, to be done by hand."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.columns import number
from assays.reports.tables_combination import has_own, pairs_of
from assays.reports.words import percent, significant
from assays.results.flow import FlowRun
from assays.results.inhibition import Inhibition, PairMember
from assays.results.table import Column, Table

DIGITS = 4
"""Of a response on the page: its percentage can then be worked out to a tenth."""


def combination_arms(run: FlowRun) -> Table:
    """Three rows per pair: each inhibitor alone, and both."""
    columns = (
        Column("donor", "Donor"),
        Column("readout", "Readout"),
        Column("stimulus", "Stimulus"),
        Column("pair", "Pair"),
        Column("arm", "Given"),
        Column("vehicle", "Vehicle"),
        number("treated", "Treated"),
        number("stimulated", "Stimulated"),
        number("unstimulated", "Unstimulated"),
        Column("control_vehicle", "Vehicle of the controls"),
        number("percent_inhibition", "Inhibition", "%", "percent"),
        number("own_stimulated", "Stimulated, own vehicle"),
        number("own_unstimulated", "Unstimulated, own vehicle"),
        number("own_percent", "Inhibition against own vehicle", "%", "percent"),
        Column("treated_files", "Treated tubes"),
        Column("stimulated_files", "Stimulated tubes"),
        Column("unstimulated_files", "Unstimulated tubes"),
        Column("note", "Note"),
    )
    rows = tuple(row for pair in pairs_of(run) for row in _rows(pair))
    return Table("combination_arms", "Arms of the combinations", columns, rows)


def _rows(pair: Inhibition) -> list[tuple[object, ...]]:
    shared = (pair.donor, pair.readout, pair.stimulus, f"{pair.inhibitor} {pair.dose}")
    found = [
        (
            *shared,
            str(member.agent),
            *_numbers(member),
            member.own_stimulated,
            member.own_unstimulated,
            member.own_percent,
            *_files(member),
            member.note,
        )
        for member in pair.members
    ]
    own = (math.nan,) * 3
    return [*found, (*shared, "both", *_numbers(pair), *own, *_files(pair), pair.note)]


def _numbers(arm: PairMember | Inhibition) -> tuple[object, ...]:
    return (
        arm.vehicle,
        arm.treated,
        arm.stimulated,
        arm.unstimulated,
        arm.control_vehicle,
        arm.percent,
    )


def _files(arm: PairMember | Inhibition) -> tuple[str, ...]:
    of_arm = (arm.treated_files, arm.stimulated_files, arm.unstimulated_files)
    return tuple(", ".join(files) for files in of_arm)


def arms_on_page(run: FlowRun) -> PageTable:
    """Treated, stimulated and unstimulated of every arm, and the share that these leave."""
    pairs = [pair for pair in pairs_of(run) if pair.members]
    apart = any(has_own(member) for pair in pairs for member in pair.members)
    heads = (
        Head("Donor, readout"),
        Head("Given"),
        Head("Treated", number=True),
        Head("Stimulated", number=True),
        Head("Unstimulated", number=True),
        Head("Removed, %", number=True),
        *([Head("Against own vehicle, %", number=True)] if apart else []),
    )
    rows = []
    for pair in pairs:
        for member in pair.members:
            own = percent(member.own_percent) if has_own(member) else ""
            rows.append((*_cells(pair, str(member.agent), member), *[figure(own)] * apart))
        rows.append((*_cells(pair, "both", pair), *[words("")] * apart))
    note = (
        "Removed: 100 (stimulated \u2212 treated) / (stimulated \u2212 unstimulated), all three as "
        "they were used; their vehicles stand below. Every arm is held against controls with the "
        "vehicles of both inhibitors where there are such controls."
    )
    if apart:
        note += (
            " An arm that carries one vehicle only has two percentages: what the other vehicle "
            "does by itself counts as its own in the first, and is left out of the second."
        )
    return table("combination-arms", "Arms of the combinations", heads, rows, note=note, named=2)


def _cells(pair: Inhibition, name: str, arm: PairMember | Inhibition) -> tuple[Cell, ...]:
    return (
        Cell(pair.donor, below=pair.readout),
        Cell(name, below=f"with {arm.vehicle}" if arm.vehicle else arm.note),
        figure(significant(arm.treated, DIGITS)),
        Cell(significant(arm.stimulated, DIGITS), number=True, below=arm.control_vehicle),
        figure(significant(arm.unstimulated, DIGITS)),
        figure(percent(arm.percent)),
    )
