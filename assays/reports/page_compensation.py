"""What the page says of a compensation from controls: the doubtful first, then all."""

from __future__ import annotations

import math

from assays.reports.cells import Cell, Head, PageTable, figure, table, words
from assays.reports.page_findings import SIGNS
from assays.reports.words import percent, significant, whole
from assays.results.compensation import ControlRecord, PairRow, StainRow
from assays.results.flow import FlowRun
from plates.findings import Severity

MOST_PAIRS = 200
"""Rows on the page; the csv has them all."""
LOOK = f"{SIGNS[Severity.LOOK]} "


def compensation_on_page(run: FlowRun) -> tuple[PageTable, ...]:
    """The controls, and what each coefficient leaves; nothing for a matrix from elsewhere."""
    record = run.controls
    if record is None:
        return ()
    found = [controls(record), pairs(record), components(record)]
    return tuple(each for each in found if each.rows)


def controls(record: ControlRecord) -> PageTable:
    """One row per single stain."""
    heads = (
        Head("Stain"),
        Head("Control"),
        Head("Held against"),
        Head("Stained", number=True),
        Head("Unstained", number=True),
        Head("Median stained, a.u.", number=True),
        Head("Median unstained, a.u.", number=True),
        Head("Separation, SD", number=True),
        Head("Off scale, %", number=True),
        Head("Top, a.u.", number=True),
        Head("Brightest tube, a.u.", number=True),
    )
    note = (
        f"Worked out by {record.method}. Separation: distance of the two medians in robust "
        "standard deviations of the unstained events. Top: 99th percentile of the stained "
        "events, less their background; it should be at least that of the brightest tube after "
        "compensation."
    )
    rows = [_control(row) for row in record.stains]
    return table("single-stains", "Compensation: single stains", heads, rows, note=note)


def _control(row: StainRow) -> tuple[Cell, ...]:
    name = row.channel if row.stain in ("", row.channel) else f"{row.stain} ({row.channel})"
    kind = f"{row.file}, {row.material}" if row.material else row.file
    dim = not math.isnan(row.needed) and row.needed > row.top
    return (
        words(name),
        words(kind if row.used else f"{kind}: not used", "" if row.used else "muted"),
        words(row.negative),
        figure(whole(row.positive)),
        figure(whole(row.negatives)),
        figure(significant(row.brightness)),
        figure(significant(row.background)),
        figure("> 1000" if row.separation > 1000 else significant(row.separation)),
        figure(percent(row.off_scale_percent)),
        figure(significant(row.top)),
        Cell((LOOK if dim else "") + significant(row.needed), number=True),
    )


def pairs(record: ControlRecord) -> PageTable:
    """Coefficients with what they leave, the worst first."""
    heads = (
        Head("From"),
        Head("Into"),
        Head("Spillover, %", number=True),
        Head("SE, %", number=True),
        Head("Left after compensation, % (95 % interval)", number=True),
        Head("Status"),
    )
    doubtful = sum(pair.status != "ok" for pair in record.pairs)
    told = f"{doubtful} of {len(record.pairs)} pairs need a look" if doubtful else "all are well"
    note = (
        f"Condition number {record.condition:.2f}; {told}. What is left is the slope of one "
        "detector on the other in the compensated control, by the method that did not make the "
        "matrix, in percent of the stain's own signal; more than 1 % beyond its uncertainty is "
        "told."
    )
    if len(record.pairs) > MOST_PAIRS:
        note += f" The {MOST_PAIRS} worst of {len(record.pairs)}; all are in tables/."
    rows = [_pair(pair) for pair in record.pairs[:MOST_PAIRS]]
    title = "Compensation: what each pair leaves"
    return table("spillover-pairs", title, heads, rows, note=note, folded=True)


def _pair(pair: PairRow) -> tuple[Cell, ...]:
    ends = f"({_hundredths(pair.residual_low)} to {_hundredths(pair.residual_high)})"
    sign = "" if pair.status == "ok" else LOOK
    return (
        words(pair.source),
        words(pair.target),
        figure(_hundredths(pair.coefficient)),
        figure(_hundredths(pair.standard_error)),
        Cell(sign + _hundredths(pair.residual), number=True, below=ends),
        words(pair.status, "muted" if pair.status == "ok" else ""),
    )


def _hundredths(share: float) -> str:
    if math.isnan(share):
        return "–"
    # What rounds to nothing has no sign.
    return f"{round(100 * share, 2) + 0.0:.2f}".replace("-", "\u2212")


def components(record: ControlRecord) -> PageTable:
    """Components of an unmixing: peak, the one most alike, what is left unexplained."""
    found = record.spectra
    if found is None:
        return table("components", "Unmixing", (), ())
    left = {row.stain.strip(): row.file for row in record.stains}
    percents = dict(found.residual_percent)
    rows = []
    for index, name in enumerate(found.components):
        cosines = [-1.0 if n == index else c for n, c in enumerate(found.similarity[index])]
        nearest = int(max(range(len(cosines)), key=cosines.__getitem__))
        alike = found.components[nearest] if len(cosines) > 1 else "–"
        cosine = f"{cosines[nearest]:.3f}" if len(cosines) > 1 else "–"
        rows.append(
            (
                words(name),
                words(found.detectors[int(found.signatures[index].argmax())]),
                words(alike),
                figure(cosine),
                figure(percent(percents.get(left.get(name, ""), math.nan))),
            )
        )
    heads = (
        Head("Component"),
        Head("Peak"),
        Head("Most like"),
        Head("Cosine", number=True),
        Head("Unexplained in its control, %", number=True),
    )
    note = (
        f"Complexity index {found.complexity:.2f}: the condition number of the cosines between "
        "the spectra, 1 when none overlap. Unexplained: root of the squares that the spectra "
        "leave, over that of the signal, in the stained events."
    )
    return table("components", "Unmixing: components", heads, rows, note=note)
