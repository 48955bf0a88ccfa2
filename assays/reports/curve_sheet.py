"""A sheet per plate on which the spreadsheet itself recomputes each concentration.

Every step is a formula: the signal of a well from raw, reference and blank; the
mean of a sample's wells; the concentration from the named parameters; the
limits. Beside it stand our own number and the relative difference. Change a
signal and the sheet follows. The values stored beside the formulas are the ones
it will find, so that programs that do not calculate read them too.
"""

from __future__ import annotations

import math

from assays.reports.book import MUTED, Book
from assays.reports.closed_forms import form_of
from assays.reports.curve_cells import (
    DRAWN,
    SAMPLES,
    STANDARDS,
    TOP,
    Sheet,
)
from assays.reports.curve_chart import Series, curve_chart
from assays.reports.curve_samples import write_samples
from assays.reports.curve_wells import write_drawn, write_standards, write_wells
from assays.reports.words import plate_in_words
from assays.results.run import Run


def add_curve_sheets(book: Book, run: Run) -> dict[str, str]:
    """Write a curve sheet for each plate with a curve; returns sheet names by plate."""
    if run.elisa is None:
        return {}
    protocol = run.provenance.protocol.elisa
    averaged = protocol is not None and protocol.curve.inverse == "mean of inverses"
    names: dict[str, str] = {}
    for plate in run.elisa.plates:
        if plate.curve is None or not plate.curve.params:
            continue
        only = len(run.elisa.plates) == 1
        page = book.sheet("curve" if only else f"curve {plate.plate}")
        name = str(page.get_name())
        form = form_of(plate.curve.model, plate.curve.params)
        _fill(Sheet(book, page, plate, plate.curve, form, run.elisa.unit, averaged), name)
        names[plate.plate] = name
    return names


def _fill(sheet: Sheet, name: str) -> None:
    page = sheet.page
    page.hide_gridlines(2)
    page.freeze_panes(TOP + 1, 1)
    page.set_column(0, 0, 22)
    page.set_column(1, 40, 12)
    page.set_row(TOP, 48)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    plate = sheet.plate.plate
    whose = f" of {plate_in_words(plate)}" if plate else ""
    sheet.text(0, 0, f"Standard curve{whose}, recomputed here", bold=True, font_size=14)
    sheet.text(1, 0, sheet.curve.formula)
    _parameters(sheet, name)
    lines = write_wells(sheet)
    write_standards(sheet)
    write_samples(sheet, lines)
    first, last = write_drawn(sheet)
    _chart(sheet, name, (first, last))


def _parameters(sheet: Sheet, name: str) -> None:
    sheet.head(3, 0, ("parameter", "value", "standard error"))
    line = 4
    local = f"'{name.replace(chr(39), chr(39) * 2)}'"
    limits = sheet.plate.limits
    known = {
        **{f"p_{key}": value for key, value in sheet.curve.params.items()},
        "p_LOD": limits.lod,
        "p_LLOQ": limits.lloq,
        "p_ULOQ": limits.uloq,
    }
    for key, value in known.items():
        sheet.text(line, 0, key)
        sheet.number(line, 1, value)
        error = sheet.curve.standard_errors.get(key.removeprefix("p_"), math.nan)
        sheet.number(line, 2, error)
        sheet.book.file.define_name(f"{local}!{key}", f"={local}!$B${line + 1}")
        line += 1
    how = (
        "mean of the wells' concentrations" if sheet.mean_of_inverses else "mean signal, read back"
    )
    told = [
        f"unit: {sheet.unit}",
        f"weighting {sheet.curve.weighting}, fitted on {sheet.curve.on}; sample = {how}",
        "limits and concentrations in the well count before dilution",
    ]
    if sheet.form is None:
        told.append(f"A spreadsheet cannot solve the model {sheet.curve.model}: our numbers only.")
    if not sheet.curve.accepted:
        told.append(f"The curve was refused: {sheet.curve.refused_why}")
    for sentence in told:
        sheet.text(line, 0, sentence, font_color=MUTED)
        line += 1


def _chart(sheet: Sheet, name: str, drawn: tuple[int, int]) -> None:
    """The chart beside the parameters; it follows the cells."""
    nominal = [level.nominal for level in sheet.plate.standards]
    positive = [line for line, x in enumerate(nominal, start=TOP + 1) if x > 0]
    series = [Series("fitted curve", drawn, DRAWN, DRAWN + 1, "line", "#1a1a1a")]
    if positive:
        # Standards go from zero upwards or downwards: those above zero lie together.
        span = (min(positive), max(positive))
        series.append(Series("standards (means)", span, STANDARDS + 1, STANDARDS + 2, "circle",
                             "#1a1a1a"))  # fmt: skip
    if sheet.plate.samples:
        span = (TOP + 1, TOP + len(sheet.plate.samples))
        series.append(Series("samples (in the well)", span, SAMPLES + 5, SAMPLES + 4, "diamond",
                             "#0072B2"))  # fmt: skip
    known = [x for x in nominal if x > 0] or [x for x in sheet.curve.x.tolist() if x > 0]
    chart = curve_chart(sheet.book.file, name, series, known, sheet.unit)
    alt = "Standards, fitted curve and samples on a log axis"
    sheet.page.insert_chart(2, 5, chart, {"description": alt})
