"""A sheet to paste into a Prism XY table: standards with X, unknowns beneath with X blank.

Replicates stand side by side. Prism interpolates the rows without X from the
fitted curve and leaves out of the fit each value that ends in an asterisk: the
wells that a person excluded keep their place so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from assays.reports.book import Book, cell_text
from assays.reports.tables_elisa import natural
from assays.results.elisa import ElisaRun, PlateResult, WellReading
from plates.layout import Role

UNKNOWNS = (Role.SAMPLE, Role.CONTROL, Role.MEDIUM, Role.QC)
Row = tuple[str, float, tuple[WellReading, ...]]


def add_prism_sheets(book: Book, run: ElisaRun) -> dict[str, str]:
    """Write a paste sheet for each plate; returns sheet names by plate."""
    names: dict[str, str] = {}
    for plate in run.plates:
        rows = [*standards(plate), *unknowns(plate)]
        if not rows:
            continue
        page = book.sheet("prism" if len(run.plates) == 1 else f"prism {plate.plate}")
        names[plate.plate] = str(page.get_name())
        head = book.format(bold=True, bottom=1)
        most = max(len(wells) for _, _, wells in rows)
        heads = ["", f"{run.analyte} ({run.unit})", *(f"Y{n}" for n in range(1, most + 1))]
        for place, text in enumerate(heads):
            page.write_string(0, place, text, head)
        page.set_column(0, 0, 24)
        page.set_column(1, most + 1, 14)
        page.freeze_panes(1, 1)
        for line, (title, x, wells) in enumerate(rows, start=1):
            page.write_string(line, 0, cell_text(title), book.format())
            if math.isfinite(x):
                page.write_number(line, 1, x, book.format())
            for place, well in enumerate(wells, start=2):
                if not math.isfinite(well.signal):
                    continue
                if well.excluded_why:
                    page.write_string(
                        line, place, f"{well.signal:.12g}*", book.format(align="right")
                    )
                else:
                    page.write_number(line, place, well.signal, book.format())
    return names


def standards(plate: PlateResult) -> Iterator[Row]:
    """One row per nominal level."""
    by_level: dict[tuple[str, float], list[WellReading]] = {}
    for well in plate.wells:
        if well.role == Role.STANDARD:
            by_level.setdefault((well.sample, well.nominal), []).append(well)
    for (name, nominal), wells in by_level.items():
        yield name, nominal, tuple(wells)


def unknowns(plate: PlateResult) -> Iterator[Row]:
    """One row per sample and dilution."""
    by_name: dict[tuple[str, float], list[WellReading]] = {}
    for well in plate.wells:
        if well.role in UNKNOWNS:
            by_name.setdefault((well.sample, well.dilution_factor), []).append(well)
    ranked = sorted(
        by_name.items(),
        key=lambda item: (UNKNOWNS.index(item[1][0].role), natural(item[0][0]), item[0][1]),
    )
    for (name, dilution), wells in ranked:
        yield f"{name} (1:{dilution:g})" if dilution != 1 else name, math.nan, tuple(wells)
