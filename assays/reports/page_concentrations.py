"""The page's table of concentrations: value, interval, status, and the row to use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assays.reports.cells import Cell, Head, PageTable, figure, table, value_and_interval, words
from assays.reports.page_findings import SIGNS
from assays.reports.reportable import RISE, place_of, rows_to_use
from assays.reports.tables_elisa import in_order
from assays.reports.words import MISSING, count, limited, percent, significant, units_in_words
from assays.results.elisa import ElisaRun, PlateResult, RangeStatus, SampleConcentration
from plates.findings import Severity
from plates.layout import Role

STATUS_LOOK = {
    RangeStatus.ABOVE_ULOQ: (Severity.LOOK, "> ULOQ: dilute"),
    RangeStatus.HIGH_CV: (Severity.LOOK, "CV above limit: repeat"),
    RangeStatus.NO_SIGNAL: (Severity.LOOK, "no reading: repeat"),
    RangeStatus.REJECTED: (Severity.STOP, "curve rejected"),
    RangeStatus.ADDED: (Severity.LOOK, "analyte added"),
}
"""Statuses that ask for something; the others are told in grey."""
MOST_LABELS = 3
"""Free labels of the layout shown on the page; csv and workbook have them all."""
ELSEWHERE = ("cell_density", "cell_density_unit", "spike")
"""Labels told elsewhere in the row: as the origin of a factor, under the name."""


def anchor(name: str, run: ElisaRun, plate: PlateResult) -> str:
    """Anchor of a plate's table: ``concentrations-1``; labels may hold what an anchor may not."""
    return f"{name}-{run.plates.index(plate) + 1}"


def concentrations(run: ElisaRun, plate: PlateResult) -> PageTable:
    """Value, interval, n, CV and status of each sample."""
    samples = [sample for sample in in_order(plate.samples) if sample.role != Role.QC]
    labels = [
        name
        for name in dict.fromkeys(n for s in samples for n in s.labels or {})
        if any((s.labels or {}).get(name) for s in samples) and name not in ELSEWHERE
    ][:MOST_LABELS]
    diluted = any(sample.dilution_factor != 1 for sample in samples)
    units = {s.per_cells_unit for s in samples if s.per_cells_unit}
    used = rows_to_use(run)
    hours = _common_end([s.per_cells_origin for s in samples if s.per_cells_origin])
    # Where a sample has one row, its status says all.
    rows_of = Counter((s.sample, s.role) for s in samples if not s.spike)
    several = {name for name, n in rows_of.items() if n > 1}
    heads = [
        Head("Sample"),
        *(Head(name.replace("_", " ").capitalize()) for name in labels),
    ]
    heads += [Head("Dilution", number=True)] if diluted else []
    heads += [Head("n", number=True), Head(f"{run.analyte}, {run.unit} (95 % interval)", True, 2)]
    heads += [Head("CV, %", number=True)]
    if units:
        heads += [Head(f"{' or '.join(sorted(units))} (95 % interval)", True, 2)]
    heads += [Head("Status")]
    heads += [Head("Factor, from", number=True)] if units else []
    rows = []
    for sample in samples:
        row = [replace(words(sample.sample), below=_role(sample, units_in_words(run.unit)))]
        row += [*(words((sample.labels or {}).get(n, "")) for n in labels)]
        row += [figure(f"1:{sample.dilution_factor:g}")] if diluted else []
        row += [figure(str(len(sample.wells))), *result_cells(sample)]
        row += [figure(percent(sample.cv_concentration_percent))]
        if units:
            row += per_cells_cells(sample)
        choice = (sample.sample, sample.role) in several and not sample.spike
        use = place_of(sample) in used if choice else None
        row.append(_use(_status(sample, plate), use))
        if units:
            factor = figure(significant(sample.per_cells_factor), "muted")
            row.append(replace(factor, below=_origin(sample, hours)))
        rows.append(tuple(row))
    note = _tally(samples) + _provisional(run, plate)
    if units:
        note += " An amount per cells is the concentration times its factor, by the cell density "
        note += f"in the layout{hours}."
        if any(math.isnan(s.per_cells_factor) for s in samples if s.role == Role.SAMPLE):
            note += f" Factor {MISSING}: the layout gives no cell density there."
    if any(sample.spike for sample in samples):
        note += " Spiked samples are no results: see spike recovery."
    if several:
        note += " \u2714 marks the row to use where a sample has several: its lowest dilution "
        note += (
            "within the limits that no stronger one exceeds by more than "
            f"{100 * RISE:g} %, or the strongest after a high-dose hook. Whether they agree at all "
            "is told by linearity."
        )
    return table(anchor("concentrations", run, plate), "Concentrations", heads, rows, note=note)


def _common_end(origins: Sequence[str]) -> str:
    """What the origins of all factors end in: the hours of culture; empty without."""
    ends = {origin.partition(", ")[2] for origin in origins}
    end = ends.pop() if len(ends) == 1 else ""
    return f", {end}" if end else ""


def _origin(sample: SampleConcentration, common: str) -> str:
    return sample.per_cells_origin.removesuffix(common).removesuffix(" in the layout")


def _role(sample: SampleConcentration, unit: str) -> str:
    """Under its name: a spike, or what is no sample, unless the name says so."""
    if sample.spike:
        return f"with {significant(sample.spike)} {unit} added"
    role = str(sample.role)
    return "" if sample.role == Role.SAMPLE or role in sample.sample.lower() else role


def _use(status: Cell, used: bool | None) -> Cell:
    """The status with the mark of the row to use; None where there is no choice."""
    if used:
        return replace(status, text=f"\u2714 {status.text}: use this row")
    return words("ok, not this row", "muted") if used is False and status.text == "ok" else status


def _provisional(run: ElisaRun, plate: PlateResult) -> str:
    """That nobody declared the limits, and what they are here."""
    limits = plate.limits
    if not limits.provisional or not plate.samples:
        return ""
    span = f"{significant(limits.lloq)}\u2013{significant(limits.uloq)} {run.unit}"
    return (
        f" Limits are provisional ({span}, from the standards of this plate): "
        "declare those of the method in assay.toml, [elisa.limits]."
    )


def result_cells(sample: SampleConcentration) -> tuple[Cell, Cell]:
    """Value and interval; the limit in grey when it is out of range; struck when excluded."""
    if sample.qualifier:
        return figure(limited(sample.qualifier, sample.limit), "muted"), words("")
    if sample.status == RangeStatus.EXCLUDED:
        whole = sample.concentration_with_excluded
        return figure(significant(whole), "struck" if math.isfinite(whole) else ""), words("")
    return value_and_interval(sample.concentration, sample.interval)


def per_cells_cells(sample: SampleConcentration) -> tuple[Cell, Cell]:
    """Amount per cells and interval; the limit in grey when it is out of range."""
    if sample.qualifier and math.isfinite(sample.per_cells_limit):
        return figure(limited(sample.qualifier, sample.per_cells_limit), "muted"), words("")
    return value_and_interval(sample.per_cells, sample.per_cells_interval)


def _status(sample: SampleConcentration, plate: PlateResult) -> Cell:
    if sample.spike and sample.status == RangeStatus.OK:
        return words("spiked: no result", "muted")
    if sample.status == RangeStatus.OK:
        return words("ok")
    severity, text = STATUS_LOOK.get(sample.status, (None, str(sample.status)))
    cell = words(f"{SIGNS[severity]} {text}", severity) if severity else words(text, "muted")
    provisional = bool(sample.qualifier) and plate.limits.provisional
    return replace(cell, below="provisional limit") if provisional else cell


def _tally(samples: Sequence[SampleConcentration]) -> str:
    seen = Counter(str(s.status) for s in samples)
    parts = [f"{n} {'within the limits' if name == 'ok' else name}" for name, n in seen.items()]
    rows = count(len(samples), "result")
    return f"{rows}: {', '.join(parts)}. Intervals are within this plate." if samples else ""
