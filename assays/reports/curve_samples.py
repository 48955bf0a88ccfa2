"""Samples on a curve sheet: mean, concentration, limit, and our own number beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assays.reports.book import MUTED
from assays.reports.closed_forms import read_back
from assays.reports.curve_cells import (
    SAMPLES,
    TOP,
    WELLS,
    Sheet,
    cell,
    write_in_well,
)
from assays.reports.tables_elisa import in_order
from assays.reports.words import limited
from assays.results.elisa import (
    SampleConcentration,
    WellReading,
)
from plates.digits import half_up
from plates.well import Well


def write_samples(sheet: Sheet, lines: Mapping[Well, int]) -> None:
    """One line per sample and dilution: each step by formula, then ours and the difference."""
    names = ["sample", "wells", "n", "dilution", "mean signal", f"in the well, {sheet.unit}"]
    names += ["limit that applies", f"by Excel, {sheet.unit}", f"ours, {sheet.unit}"]
    names += ["relative difference", "status"]
    sheet.head(TOP, SAMPLES, tuple(names))
    readings = {reading.well: reading for reading in sheet.plate.wells}
    for line, sample in enumerate(in_order(sheet.plate.samples), start=TOP + 1):
        sheet.text(line, 0, sample.sample)
        sheet.text(line, 1, " ".join(map(str, sample.wells)))
        sheet.number(line, 2, float(len(sample.wells)), num_format="0")
        sheet.number(line, 3, sample.dilution_factor, num_format="General")
        excel = _by_excel(sheet, line, sample, lines, readings)
        if math.isfinite(sample.concentration):
            sheet.number(line, 8, sample.concentration)
            gap = excel / sample.concentration - 1 if isinstance(excel, float) else ""
            text = f'=IF(ISNUMBER(H{line + 1}),H{line + 1}/I{line + 1}-1,"")'
            sheet.formula(line, 9, text, gap, num_format="0.0E+00")
        else:
            told = limited(sample.qualifier, sample.limit)
            sheet.text(line, 8, told, align="right", font_color=MUTED)
        sheet.text(line, 10, str(sample.status))


def _by_excel(
    sheet: Sheet,
    line: int,
    sample: SampleConcentration,
    lines: Mapping[Well, int],
    readings: Mapping[Well, WellReading],
) -> float | str:
    """Write signal, concentration in the well, limit and result; returns the result."""
    wells = [well for well in sample.wells if well in lines]
    missing = any(math.isnan(readings[w].signal) or readings[w].flag for w in wells)
    if not wells or (missing and sample.qualifier) or not sheet.curve.accepted:
        # Nothing to average, a well beyond the reader's range, or a curve that was
        # refused: no arithmetic leads to the result.
        why = "curve refused" if not sheet.curve.accepted else "no reading"
        told = limited(sample.qualifier, sample.limit) if sample.qualifier else why
        sheet.text(line, 7, told, align="right", font_color=MUTED)
        return told
    in_well = _mean(sheet, line, sample, wells, lines, readings)
    limit = _limit(sheet, line, sample.dilution_factor, in_well)
    x, dilution, applies = f"F{line + 1}", f"D{line + 1}", f"G{line + 1}"
    below = f'OR({x}="below",{x}<p_LLOQ)'
    text = (
        f'=IF(ISNUMBER({applies}),IF({below},"< ","> ")&{_rounded(applies)},'
        f'IF(ISNUMBER({x}),{x}*{dilution},{x}&""))'
    )
    value: float | str
    if math.isfinite(limit):
        low = in_well == "below" or (
            isinstance(in_well, float) and in_well < sheet.plate.limits.lloq
        )
        digits = 2 - math.floor(math.log10(limit))
        value = f"{'<' if low else '>'} {half_up(limit, digits):.15g}"
    else:
        value = in_well * sample.dilution_factor if isinstance(in_well, float) else in_well
    sheet.formula(line, 7, text, value, bold=True)
    return value


def _mean(
    sheet: Sheet,
    line: int,
    sample: SampleConcentration,
    wells: Sequence[Well],
    lines: Mapping[Well, int],
    readings: Mapping[Well, WellReading],
) -> float | str:
    """Write a sample's mean signal and its concentration in the well; returns the latter."""
    first, last = min(lines[w] for w in wells), max(lines[w] for w in wells)
    values = [readings[w].signal for w in wells if math.isfinite(readings[w].signal)]
    mean = sum(values) / len(values) if values else math.nan
    span = f"{cell(first, WELLS + 5)}:{cell(last, WELLS + 5)}"
    sheet.formula(line, 4, f'=IF(COUNT({span})=0,"",AVERAGE({span}))', mean)
    if not sheet.mean_of_inverses or sheet.form is None:
        ours = sample.concentration / sample.dilution_factor
        return write_in_well(sheet, line, 5, mean, f"E{line + 1}", ours)
    found = [read_back(sheet.form, readings[w].signal, sheet.curve.params) for w in wells]
    numbers = [each for each in found if isinstance(each, float)]
    span = f"{cell(first, WELLS + 6)}:{cell(last, WELLS + 6)}"
    value: float | str = sum(numbers) / len(numbers) if numbers else found[0]
    text = f"=IF(COUNT({span})=0,{cell(first, WELLS + 6)},AVERAGE({span}))"
    sheet.formula(line, 5, text, value)
    return value


def _limit(sheet: Sheet, line: int, dilution: float, in_well: float | str) -> float:
    """Write the limit that a result outside the range is told by, undiluted; NaN inside."""
    limits = sheet.plate.limits
    # A limit of detection that nobody declared is shown but decides nothing.
    detects = limits.lod_source == "declared" and limits.lod < limits.lloq
    x, factor = f"F{line + 1}", f"D{line + 1}"
    lowest = f'IF(OR({x}="below",{x}<p_LOD),p_LOD,p_LLOQ)' if detects else "p_LLOQ"
    text = (
        f'=IF(AND(ISNUMBER(p_LLOQ),OR({x}="below",{x}<p_LLOQ)),{factor}*{lowest},'
        f'IF(AND(ISNUMBER(p_ULOQ),OR({x}="above",AND(ISNUMBER({x}),{x}>p_ULOQ))),'
        f'{factor}*p_ULOQ,""))'
    )
    number = in_well if isinstance(in_well, float) else math.nan
    value = math.nan
    if in_well == "below" or number < limits.lloq:
        undetected = detects and (in_well == "below" or number < limits.lod)
        value = (limits.lod if undetected else limits.lloq) * dilution
    elif in_well == "above" or number > limits.uloq:
        value = limits.uloq * dilution
    sheet.formula(line, 6, text, value, font_color=MUTED)
    return value


def _rounded(number: str) -> str:
    """Three significant digits, without a number format: those differ from language to language."""
    return f"ROUND({number},2-INT(LOG10({number})))"
