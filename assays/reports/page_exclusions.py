"""What people took out, and what the results would be without that."""

from __future__ import annotations

import math
from collections.abc import Iterator

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.page_concentrations import anchor, result_cells
from assays.reports.tables_elisa import in_order
from assays.reports.words import fixed, plate_in_words, significant
from assays.results.elisa import ElisaRun, PlateResult
from assays.results.run import Run

BLANK = words("left blank", "muted")


def exclusions(run: Run) -> PageTable:
    """Wells that a person took out."""
    section = run.provenance.protocol.elisa
    rows: list[tuple[Cell, ...]] = [
        (words(each.wells, "struck"), words(each.plate or "every plate"), words(each.who),
         words(each.when), words(each.why, "wide"))
        for each in (section.exclude if section else ())
    ]  # fmt: skip
    rows += _masked(run)
    heads = [Head(name) for name in ("Wells", "Plate", "Who", "When", "Why")]
    note = "Wells are taken out by people only; the program drops none."
    return table("exclusions", "Excluded wells", heads, rows, note=note, small=True)


def _masked(run: Run) -> list[tuple[Cell, ...]]:
    """Wells that were taken out elsewhere, such as those masked in the reader's software."""
    section = run.provenance.protocol.elisa
    known = [each.why for each in section.exclude] if section else []
    found: dict[tuple[str, str], list[str]] = {}
    for plate in run.elisa.plates if run.elisa else ():
        for well in plate.wells:
            if well.excluded_why and not any(why in well.excluded_why for why in known):
                found.setdefault((plate.plate, well.excluded_why), []).append(str(well.well))
    return [
        (words(", ".join(wells), "struck"), words(plate or "1"), BLANK, BLANK, words(why, "wide"))
        for (plate, why), wells in found.items()
    ]


def with_and_without(run: ElisaRun) -> Iterator[PageTable]:
    """Results with every well beside those without the excluded ones."""
    for plate in run.plates:
        heads = (
            Head("Result"),
            Head("As reported", True, 2),
            Head("Had nothing been excluded", number=True),
            Head("Change, %", number=True),
        )
        rows = [*_curve_rows(plate), *_sample_rows(plate)]
        name = f" on {plate_in_words(plate.plate)}" if plate.plate else ""
        yield table(anchor("with-and-without", run, plate), f"With and without exclusions{name}",
                    heads, rows, small=True)  # fmt: skip


def _curve_rows(plate: PlateResult) -> Iterator[tuple[Cell, ...]]:
    if plate.curve is None or plate.curve_with_excluded is None:
        return
    whole = plate.curve_with_excluded.params
    for name, value in plate.curve.params.items():
        other = whole.get(name, math.nan)
        yield (words(f"curve, {name}"), figure(significant(value, 4)), words(""),
               figure(significant(other, 4), "struck"), figure(_change(value, other)))  # fmt: skip


def _sample_rows(plate: PlateResult) -> Iterator[tuple[Cell, ...]]:
    for sample in in_order(plate.samples):
        other = sample.concentration_with_excluded
        if math.isnan(other):
            continue
        dilution = f" (1:{sample.dilution_factor:g})" if sample.dilution_factor != 1 else ""
        yield (
            words(f"{sample.sample}{dilution}, {sample.unit}"),
            *result_cells(sample),
            figure(significant(other), "struck"),
            figure(_change(sample.concentration, other)),
        )


def _change(value: float, other: float) -> str:
    return fixed(100 * (value / other - 1) if other else math.nan, 1)
