"""What the page says of a flow run: inhibition first, each control's value behind it."""

from __future__ import annotations

from collections.abc import Iterable

from assays.reports.cells import (
    Cell,
    Head,
    PageTable,
    figure,
    table,
    words,
)
from assays.reports.page_activation import activation_on_page
from assays.reports.page_compensation import compensation_on_page
from assays.reports.page_controls import controls
from assays.reports.page_differences import differences_on_page, next_donor_on_page
from assays.reports.page_dose_response import dose_curves, dose_response
from assays.reports.page_findings import SIGNS
from assays.reports.page_inhibition import inhibition_matrices
from assays.reports.page_readings import readings
from assays.reports.page_scatter import scatter
from assays.reports.tables_arms import arms_on_page
from assays.reports.tables_combination import combinations_on_page
from assays.reports.tables_donors import donors_on_page
from assays.reports.tables_shift import shifts_on_page
from assays.reports.words import (
    MINUS,
    MISSING,
    percent,
    whole,
)
from assays.results.flow import FlowRun, PopulationCount
from plates.findings import Severity


def flow_tables(run: FlowRun) -> tuple[PageTable, ...]:
    """Inhibition by readout, dose response, controls, readings, populations."""
    found = [
        *inhibition_matrices(run),
        dose_response(run),
        dose_curves(run),
        shifts_on_page(run),
        *activation_on_page(run),
        combinations_on_page(run),
        arms_on_page(run),
        donors_on_page(run),
        differences_on_page(run),
        next_donor_on_page(run),
        controls(run),
        scatter(run),
        *(readings(run, name) for name in dict.fromkeys(r.readout for r in run.readings)),
        populations(run),
        *compensation_on_page(run),
    ]
    return tuple(each for each in found if each.rows)


def populations(run: FlowRun) -> PageTable:
    """Tubes down, populations across: percent of parent, count, percent of all events."""
    names = list(dict.fromkeys((p.population, p.parent) for p in run.populations))
    tubes: dict[tuple[str, str, str], dict[tuple[str, str], PopulationCount]] = {}
    for each in run.populations:
        row = tubes.setdefault((each.file, each.donor, each.condition), {})
        row[each.population, each.parent] = each
    heads = [Head("Tube"), Head("Donor"), Head("Condition")]
    short = short_names({name for pair in names for name in pair})
    heads += [
        Head(f"{short[population]}, % of {short[parent]}", number=True)
        for population, parent in names
    ]
    rows = [
        (words(file), words(donor), words(condition), *(_share(row.get(name)) for name in names))
        for (file, donor, condition), row in tubes.items()
    ]
    moved = any(not each.automatic and each.note for each in run.populations)
    note = "Under each percentage: events, and their share of all events of the tube."
    if any(each.stored >= 0 for each in run.populations):
        note += " In brackets: how many more or fewer than the program that the gates came from."
    note += f" {SIGNS[Severity.LOOK]} moved by hand: see what was done." if moved else ""
    return table("populations", "Populations in every tube", heads, rows, note=note, folded=True)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Populations called by a path, by the end of it that tells them apart."""
    known = list(dict.fromkeys(names))
    short = {}
    for name in known:
        parts = name.split("/")
        ends = ["/".join(parts[-n:]) for n in range(1, len(parts) + 1)]
        others = [other for other in known if other != name]
        short[name] = next(
            (end for end in ends if not any(o == end or o.endswith(f"/{end}") for o in others)),
            name,
        )
    return short


def _share(each: PopulationCount | None) -> Cell:
    if each is None:
        return figure(MISSING)
    sign = f"{SIGNS[Severity.LOOK]} " if each.note else ""
    below = whole(each.count)
    if each.stored >= 0:
        below += f" ({f'{each.count - each.stored:+d}'.replace('-', MINUS)})"
    below += f" \u00b7 {percent(each.percent_of_total)} %"
    return Cell(sign + percent(each.percent_of_parent), number=True, below=below)
