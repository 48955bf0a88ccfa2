"""Wells, standards and the drawn curve on a curve sheet: from raw signal to concentration."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assays.reports.curve_cells import (
    DRAWN,
    STANDARDS,
    TOP,
    WELLS,
    WHO,
    Sheet,
    cell,
    write_in_well,
)
from assays.results.elisa import (
    PlateResult,
    SampleConcentration,
    StandardLevel,
    WellReading,
)
from plates.layout import Role
from plates.well import Well


def write_wells(sheet: Sheet) -> dict[Well, int]:
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
        write_in_well(sheet, line, WELLS + 6, reading.signal, cell(line, WELLS + 5),
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


def write_standards(sheet: Sheet) -> None:
    """One line per level, read back from its mean signal."""
    names = ["standard", f"nominal, {sheet.unit}", "mean signal"]
    names += [f"back-calculated, {sheet.unit}", "recovery, %", "ours, %"]
    sheet.head(TOP, STANDARDS, tuple(names))
    for line, level in enumerate(sheet.plate.standards, start=TOP + 1):
        sheet.text(line, STANDARDS, level.sample)
        sheet.number(line, STANDARDS + 1, level.nominal)
        sheet.number(line, STANDARDS + 2, level.signal)
        value = write_in_well(sheet, line, STANDARDS + 3, level.signal, cell(line, STANDARDS + 2),
                         level.back_calculated)  # fmt: skip
        nominal, found = cell(line, STANDARDS + 1), cell(line, STANDARDS + 3)
        if level.nominal > 0:
            shown = 100 * value / level.nominal if isinstance(value, float) else ""
            sheet.formula(line, STANDARDS + 4, f'=IF(ISNUMBER({found}),100*{found}/{nominal},"")',
                          shown, num_format="0.0")  # fmt: skip
        sheet.number(line, STANDARDS + 5, level.recovery_percent, num_format="0.0")


def write_drawn(sheet: Sheet) -> tuple[int, int]:
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
            text = f"={sheet.form.forward.replace('{x}', cell(line, DRAWN))}"
            sheet.formula(line, DRAWN + 1, text, value)
    return TOP + 1, TOP + len(points)
