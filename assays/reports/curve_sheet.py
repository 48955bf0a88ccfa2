"""A sheet per plate on which the spreadsheet itself recomputes each concentration.

Every step is a formula: the signal of a well from raw, reference and blank; the
mean of a sample's wells; the concentration from the named parameters; the
limits. Beside it stand our own number and the relative difference. Change a
signal and the sheet follows. The values stored beside the formulas are the ones
it will find, so that programs that do not calculate read them too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assays.reports.book import Book, cell_text
from assays.reports.closed_forms import ClosedForm, form_of, read_back, read_back_formula
from assays.reports.curve_chart import Series, curve_chart
from assays.reports.words import decimals_of, limited
from assays.results.elisa import (
    CurveRecord,
    PlateResult,
    SampleConcentration,
    StandardLevel,
    WellReading,
)
from assays.results.run import Run
from plates.layout import Role
from plates.well import Well

TOP = 24
"""First row of the tables, under parameters and chart; from 0."""
SAMPLES, STANDARDS, WELLS, DRAWN = 0, 11, 18, 29
"""First column of each block."""
WHO = "excluded: who, when, why"
WORDS = ("parameter", "sample", "wells", "well", "standard", "role", "status", WHO)
"""Heads of columns of text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One curve sheet being written."""

    book: Book
    page: Any
    plate: PlateResult
    curve: CurveRecord
    form: ClosedForm | None
    unit: str
    mean_of_inverses: bool

    def head(self, line: int, column: int, names: tuple[str, ...]) -> None:
        """Heads of a block."""
        for place, name in enumerate(names):
            side = "left" if name in WORDS else "right"
            look = self.book.format(
                bold=True, bottom=1, text_wrap=True, valign="bottom", align=side,
            )  # fmt: skip
            self.page.write_string(line, column + place, name, look)

    def text(self, line: int, column: int, value: str, **look: object) -> None:
        """Text as text."""
        style = self.book.format(**({} if "align" in look or not column else {"indent": 1}), **look)
        self.page.write_string(line, column, cell_text(value), style)

    def number(self, line: int, column: int, value: float, **look: object) -> None:
        """A number, or nothing when it cannot be known."""
        if math.isfinite(value):
            decimals = min(max(decimals_of(value, 4), 0), 6)
            shape = f"0.{'0' * decimals}" if decimals else "0"
            if value and not 1e-4 <= abs(value) < 1e9:
                shape = "0.000E+00"
            look = {"num_format": shape, **look}
            self.page.write_number(line, column, value, self.book.format(**look))

    def formula(
        self, line: int, column: int, text: str, value: float | str, **look: object
    ) -> None:
        """A live formula with the value it gives."""
        if isinstance(value, float):
            decimals = min(max(decimals_of(value, 4), 0), 6)
            look = {"num_format": f"0.{'0' * decimals}" if decimals else "0", **look}
            value = value if math.isfinite(value) else ""
        style = self.book.format(align="right", **look)
        self.page.write_formula(line, column, text, style, value)


def cell(line: int, column: int) -> str:
    """``A1`` of a row and column from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line + 1}"


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
    sheet.text(0, 0, f"Standard curve{f' of plate {plate}' if plate else ''}, recomputed here",
               bold=True, font_size=14)  # fmt: skip
    sheet.text(1, 0, sheet.curve.formula)
    _parameters(sheet, name)
    lines = _wells(sheet)
    _standards(sheet)
    _samples(sheet, lines)
    first, last = _drawn(sheet)
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
        sheet.text(line, 0, sentence, font_color="#57606a")
        line += 1


def _wells(sheet: Sheet) -> dict[Well, int]:
    """Write every well that matters, sample by sample; returns its line by well."""
    sheet.head(TOP, WELLS, ("well", "sample", "raw", "reference", "blank", "signal",
                            f"in the well, {sheet.unit}", "dilution", "role",
                            WHO))  # fmt: skip
    lines: dict[Well, int] = {}
    line = TOP + 1
    for reading in _in_order(sheet.plate):
        struck: dict[str, object] = {"font_strikeout": True} if reading.excluded_why else {}
        sheet.text(line, WELLS, str(reading.well), **struck)
        sheet.text(line, WELLS + 1, reading.sample, **struck)
        for place, value in enumerate((reading.raw, reading.reference, reading.blank), start=2):
            sheet.number(line, WELLS + place, value, **struck)
        _signal(sheet, line, reading, struck)
        _in_well(sheet, line, WELLS + 6, reading.signal, cell(line, WELLS + 5),
                 reading.concentration)  # fmt: skip
        sheet.number(line, WELLS + 7, reading.dilution_factor, num_format="General")
        sheet.text(line, WELLS + 8, str(reading.role))
        sheet.text(line, WELLS + 9, reading.excluded_why)
        lines[reading.well] = line
        line += 1
    return lines


def _in_order(plate: PlateResult) -> list[WellReading]:
    """Wells sample by sample, those in use before those taken out, so that ranges are whole."""
    blocks: list[StandardLevel | SampleConcentration] = [*plate.standards, *plate.samples]
    place: dict[Well, tuple[int, int]] = {}
    for number, block in enumerate(blocks):
        place |= dict.fromkeys(block.excluded, (number, 1))
        place |= dict.fromkeys(block.wells, (number, 0))
    last = (len(place) + 1, 0)
    kept = [reading for reading in plate.wells if reading.role != Role.EMPTY]
    return sorted(kept, key=lambda reading: (place.get(reading.well, last), reading.well))


def _signal(sheet: Sheet, line: int, reading: WellReading, look: Mapping[str, object]) -> None:
    """Signal = raw − reference − blank as a formula, where that is how it came about."""
    parts = [reading.raw, reading.reference, reading.blank]
    known = [part for part in parts if math.isfinite(part)]
    worked_out = math.isfinite(reading.raw) and math.isclose(
        known[0] - sum(known[1:]), reading.signal, rel_tol=1e-12, abs_tol=1e-15
    )
    if worked_out and len(known) > 1:
        raw, reference, blank = (cell(line, WELLS + place) for place in (2, 3, 4))
        text = f"={raw}-N({reference})-N({blank})"
        sheet.formula(line, WELLS + 5, text, reading.signal, **look)
    else:
        sheet.number(line, WELLS + 5, reading.signal, **look)


def _in_well(
    sheet: Sheet, line: int, column: int, signal: float, source: str, ours: float
) -> float | str:
    """Concentration in the well by formula; our own number where the model has no closed form."""
    if sheet.form is None:
        sheet.number(line, column, ours)
        return ours if math.isfinite(ours) else "not known"
    value = read_back(sheet.form, signal, sheet.curve.params)
    sheet.formula(line, column, read_back_formula(sheet.form, source), value)
    return value


def _standards(sheet: Sheet) -> None:
    names = ["standard", f"nominal, {sheet.unit}", "mean signal"]
    names += [f"back-calculated, {sheet.unit}", "recovery, %", "ours, %"]
    sheet.head(TOP, STANDARDS, tuple(names))
    for line, level in enumerate(sheet.plate.standards, start=TOP + 1):
        sheet.text(line, STANDARDS, level.sample)
        sheet.number(line, STANDARDS + 1, level.nominal)
        sheet.number(line, STANDARDS + 2, level.signal)
        value = _in_well(sheet, line, STANDARDS + 3, level.signal, cell(line, STANDARDS + 2),
                         level.back_calculated)  # fmt: skip
        nominal, found = cell(line, STANDARDS + 1), cell(line, STANDARDS + 3)
        if level.nominal > 0:
            shown = 100 * value / level.nominal if isinstance(value, float) else ""
            sheet.formula(line, STANDARDS + 4, f'=IF(ISNUMBER({found}),100*{found}/{nominal},"")',
                          shown, num_format="0.0")  # fmt: skip
        sheet.number(line, STANDARDS + 5, level.recovery_percent, num_format="0.0")


def _samples(sheet: Sheet, lines: Mapping[Well, int]) -> None:
    sheet.head(TOP, SAMPLES, ("sample", "wells", "n", "dilution", "mean signal",
                              f"in the well, {sheet.unit}", f"by Excel, {sheet.unit}",
                              f"ours, {sheet.unit}", "relative difference", "status"))  # fmt: skip
    signals = {reading.well: reading for reading in sheet.plate.wells}
    for line, sample in enumerate(sheet.plate.samples, start=TOP + 1):
        sheet.text(line, 0, sample.sample)
        sheet.text(line, 1, " ".join(map(str, sample.wells)))
        sheet.number(line, 2, float(len(sample.wells)), num_format="0")
        sheet.number(line, 3, sample.dilution_factor, num_format="General")
        in_well = _mean(sheet, line, sample, lines, signals)
        excel = _reported(sheet, line, sample, in_well)
        if math.isfinite(sample.concentration):
            sheet.number(line, 7, sample.concentration)
            gap = excel / sample.concentration - 1 if isinstance(excel, float) else ""
            sheet.formula(line, 8, f'=IF(ISNUMBER(G{line + 1}),G{line + 1}/H{line + 1}-1,"")',
                          gap, num_format="0.0E+00")  # fmt: skip
        else:
            sheet.text(line, 7, limited(sample.qualifier, sample.limit), align="right",
                       font_color="#57606a")  # fmt: skip
        sheet.text(line, 9, str(sample.status))


def _mean(
    sheet: Sheet,
    line: int,
    sample: SampleConcentration,
    lines: Mapping[Well, int],
    readings: Mapping[Well, WellReading],
) -> float | str:
    """Write a sample's mean signal and its concentration in the well; returns the latter."""
    wells = [well for well in sample.wells if well in lines]
    if not wells:
        return "no reading"
    first, last = min(lines[w] for w in wells), max(lines[w] for w in wells)
    values = [readings[w].signal for w in wells if math.isfinite(readings[w].signal)]
    mean = sum(values) / len(values) if values else math.nan
    span = f"{cell(first, WELLS + 5)}:{cell(last, WELLS + 5)}"
    sheet.formula(line, 4, f'=IF(COUNT({span})=0,"",AVERAGE({span}))', mean)
    if not sheet.mean_of_inverses or sheet.form is None:
        ours = sample.concentration / sample.dilution_factor
        return _in_well(sheet, line, 5, mean, f"E{line + 1}", ours)
    found = [read_back(sheet.form, readings[w].signal, sheet.curve.params) for w in wells]
    numbers = [each for each in found if isinstance(each, float)]
    span = f"{cell(first, WELLS + 6)}:{cell(last, WELLS + 6)}"
    value: float | str = sum(numbers) / len(numbers) if numbers else found[0]
    text = f"=IF(COUNT({span})=0,{cell(first, WELLS + 6)},AVERAGE({span}))"
    sheet.formula(line, 5, text, value)
    return value


def _reported(
    sheet: Sheet, line: int, sample: SampleConcentration, in_well: float | str
) -> float | str:
    """Write the concentration in the undiluted sample, or the limit as text; returns it."""
    x, dilution = f"F{line + 1}", f"D{line + 1}"
    below = f'IF(ISNUMBER(p_LLOQ),"< "&{_rounded(f"p_LLOQ*{dilution}")},"below the curve")'
    above = f'IF(ISNUMBER(p_ULOQ),"> "&{_rounded(f"p_ULOQ*{dilution}")},"above the curve")'
    text = (
        f'=IF({x}="below",{below},IF({x}="above",{above},IF(NOT(ISNUMBER({x})),"no reading",'
        f"IF(AND(ISNUMBER(p_LLOQ),{x}<p_LLOQ),{below},"
        f"IF(AND(ISNUMBER(p_ULOQ),{x}>p_ULOQ),{above},{x}*{dilution})))))"
    )
    value = _reported_value(sheet, sample.dilution_factor, in_well)
    sheet.formula(line, 6, text, value, bold=True)
    return value


def _rounded(number: str) -> str:
    """Three significant digits, without a number format: those differ from language to language."""
    return f"ROUND({number},2-INT(LOG10({number})))"


def _reported_value(sheet: Sheet, dilution: float, in_well: float | str) -> float | str:
    lloq, uloq = sheet.plate.limits.lloq, sheet.plate.limits.uloq
    low = in_well == "below" or (isinstance(in_well, float) and in_well < lloq)
    high = in_well == "above" or (isinstance(in_well, float) and in_well > uloq)
    if low or high:
        limit = (lloq if low else uloq) * dilution
        if math.isnan(limit):
            return "below the curve" if low else "above the curve"
        return f"{'<' if low else '>'} {float(f'{limit:.3g}'):.15g}"
    return in_well * dilution if isinstance(in_well, float) else "no reading"


def _drawn(sheet: Sheet) -> tuple[int, int]:
    """Write the curve's points for the chart, as formulas; returns first and last line."""
    sheet.head(TOP, DRAWN, (f"curve: {sheet.unit}", "curve: signal"))
    step = max(len(sheet.curve.x) // 60, 1)
    points = list(zip(sheet.curve.x.tolist(), sheet.curve.y.tolist(), strict=True))[::step]
    for line, (x, y) in enumerate(points, start=TOP + 1):
        sheet.number(line, DRAWN, x)
        if sheet.form is None:
            sheet.number(line, DRAWN + 1, y)
        else:
            value = sheet.form.forward_value(x, sheet.curve.params)
            text = f"={sheet.form.forward.format(x=cell(line, DRAWN))}"
            sheet.formula(line, DRAWN + 1, text, value)
    return TOP + 1, TOP + len(points)


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
